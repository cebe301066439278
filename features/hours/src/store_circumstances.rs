//! What a year's record holds beside credits: leaves, an exemption, a make-up. Their tables are written by `claims`.
use std::collections::HashMap;

use base::{Day, Hours, PersonId, Result, Year};
use db::{Conn, People, params};
use sea_orm::FromQueryResult;
use serde_json::{Value, json};

/// A person's circumstances of a year, in the record's form.
#[derive(Clone, Debug, Default)]
pub(crate) struct Circumstances {
    pub leaves: Vec<Value>,
    pub exemption: Value,
    pub make_up: Value,
    /// The document by which the authority relieved the person of the year.
    pub relief: Value,
    /// The day of retirement that HR set.
    pub retires_on: Value,
}

/// One circumstance: a leave, an exemption, a make-up, a relief or a day of retirement.
#[derive(FromQueryResult)]
pub(crate) struct Row {
    person_id: String,
    what: String,
    kind: String,
    from_day: String,
    to_day: String,
}

pub(crate) async fn circumstances(conn: &impl Conn, person: PersonId, year: Year) -> Result<Circumstances> {
    let found = circumstances_of(conn, People::These(&[person]), year).await;
    Ok(found?.remove(&person).unwrap_or_default())
}

/// The circumstances of up to some thousand people who have any.
pub(crate) async fn circumstances_of(
    conn: &impl Conn,
    people: People<'_>,
    year: Year,
) -> Result<HashMap<PersonId, Circumstances>> {
    let mut values = params![year.first_day(), year.last_day(), year];
    let is = db::among(people, &mut values);
    // What was granted under a record that went into the person's is the person's.
    let of = format!(
        "({} OR t.person_id IN (SELECT id FROM people WHERE {}))",
        is("t.person_id"),
        is("merged_into")
    );
    let own = is("person_id");
    let whose =
        "COALESCE((SELECT p.merged_into FROM people p WHERE p.id = t.person_id), t.person_id) AS person_id";
    let sql = format!(
        "SELECT {whose}, 'leave' AS what, kind, from_day, to_day FROM leaves t WHERE {of} \
           AND ended_at IS NULL AND from_day <= $2 AND to_day >= $1 \
         UNION ALL SELECT {whose}, 'exemption', kind, '', '' FROM exemptions t WHERE {of} AND year = $3 \
           AND state = 'approved' \
         UNION ALL SELECT {whose}, 'make_up', '', '', until FROM make_ups t WHERE {of} AND year = $3 \
           AND ended_at IS NULL \
         UNION ALL SELECT person_id, 'relief', document, '', '' FROM obligation_reliefs WHERE {own} \
           AND year = $3 AND ended_at IS NULL \
         UNION ALL SELECT {whose}, 'retires_on', '', '', day FROM retirement_days t WHERE {of} AND ended_at IS NULL \
         ORDER BY from_day, to_day"
    );
    gathered(db::all(conn, &sql, values).await?)
}

/// The circumstances of each person, from their rows.
pub(crate) fn gathered(rows: Vec<Row>) -> Result<HashMap<PersonId, Circumstances>> {
    let mut found: HashMap<PersonId, Circumstances> = HashMap::new();
    for row in rows {
        let of = found.entry(row.person_id.parse()?).or_default();
        match row.what.as_str() {
            "leave" => of.leaves.push(json!({"kind": row.kind, "from": row.from_day, "to": row.to_day})),
            "exemption" => of.exemption = json!({"kind": row.kind, "approved": true}),
            "relief" => of.relief = json!({"document": row.kind}),
            "retires_on" => of.retires_on = json!(row.to_day),
            _ => of.make_up = json!({"until": row.to_day}),
        }
    }
    Ok(found)
}

/// Whether each of these people makes the year up and may still do so today.
pub(crate) async fn make_up_all(conn: &impl Conn, year: Year, people: &[String], today: Day) -> Result<bool> {
    let mut open = 0;
    for chunk in people.chunks(5000) {
        let mut values = params![year, today];
        values.extend(chunk.iter().map(db::Param::param));
        let sql = format!(
            "SELECT COUNT(*) FROM make_ups WHERE year = $1 AND until >= $2 AND ended_at IS NULL AND person_id IN ({})",
            db::in_list(3, chunk.len())
        );
        open += db::count(conn, &sql, values).await?;
    }
    Ok(usize::try_from(open).is_ok_and(|n| n == people.len()))
}

/// The latest year before a day's own that a person may still make up on the day, and until when.
pub(crate) async fn made_up(conn: &impl Conn, person: PersonId, on: Day) -> Result<Option<(Year, Day)>> {
    #[derive(FromQueryResult)]
    struct Granted {
        year: i64,
        until: String,
    }
    let sql = "SELECT year, until FROM make_ups WHERE year < $1 AND until >= $2 AND ended_at IS NULL \
               AND (person_id = $3 OR person_id IN (SELECT id FROM people WHERE merged_into = $3)) \
               ORDER BY year DESC, until DESC LIMIT 1";
    let found: Option<Granted> = db::maybe(conn, sql, params![i64::from(on.year()), on, person]).await?;
    Ok(found.and_then(|g| Year::new(g.year).zip(rules::record::parse_day(&g.until))))
}

/// Hours of a person's year that are claimed and wait for a decision; they count in nothing yet.
pub async fn waiting_hours(conn: &impl Conn, person: PersonId, year: Year) -> Result<Hours> {
    let sql = "SELECT CAST(COALESCE(SUM(COALESCE(approved_hours, hours)), 0) AS BIGINT) FROM activity_claims \
               WHERE person_id = $1 AND year = $2 AND state = 'submitted'";
    Ok(Hours::from_hundredths(db::count(conn, sql, params![person, year]).await?))
}
