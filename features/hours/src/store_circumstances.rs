//! What a year's record holds beside credits: leaves, an exemption, a make-up. Their tables are written by `claims`.
use base::{Day, PersonId, Result, Year};
use db::{Conn, params};
use sea_orm::FromQueryResult;
use serde_json::{Value, json};

/// A person's circumstances of a year, in the record's form.
pub(crate) struct Circumstances {
    pub leaves: Vec<Value>,
    pub exemption: Value,
    pub make_up: Value,
}

#[derive(FromQueryResult)]
struct Row {
    what: String,
    kind: String,
    from_day: String,
    to_day: String,
}

pub(crate) async fn circumstances(conn: &impl Conn, person: PersonId, year: Year) -> Result<Circumstances> {
    let sql = "SELECT 'leave' AS what, kind, from_day, to_day FROM leaves WHERE person_id = $1 AND ended_at IS NULL \
                 AND from_day <= $3 AND to_day >= $2 \
               UNION ALL SELECT 'exemption', kind, '', '' FROM exemptions WHERE person_id = $1 AND year = $4 \
                 AND state = 'approved' \
               UNION ALL SELECT 'make_up', '', '', until FROM make_ups WHERE person_id = $1 AND year = $4 \
                 AND ended_at IS NULL \
               ORDER BY from_day, to_day LIMIT 500";
    let values = params![person, year.first_day(), year.last_day(), year];
    let rows: Vec<Row> = db::all(conn, sql, values).await?;
    let mut found = Circumstances { leaves: vec![], exemption: Value::Null, make_up: Value::Null };
    for row in rows {
        match row.what.as_str() {
            "leave" => {
                found.leaves.push(json!({"kind": row.kind, "from": row.from_day, "to": row.to_day}));
            }
            "exemption" => found.exemption = json!({"kind": row.kind, "approved": true}),
            _ => found.make_up = json!({"until": row.to_day}),
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
