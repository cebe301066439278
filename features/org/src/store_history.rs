//! Statements on placements: who was where with which status from which day. Rows are added, never rewritten.
use std::collections::{HashMap, HashSet};

use base::{Day, Error, Instant, PersonId, Result, day, person::Code};
use db::{Conn, People, Tx, params};
use sea_orm::FromQueryResult;

use crate::history::{Placed, Placement};

/// Writes the placements after the ones that are there.
pub(crate) async fn append(
    tx: &Tx,
    placements: &[Placement],
    by: Option<PersonId>,
    now: Instant,
) -> Result<()> {
    let people: Vec<PersonId> = placements.iter().map(|p| p.person).collect();
    let mut last = last_numbers(tx, &people).await?;
    let mut numbered = |p: &Placement| {
        let seq = last.entry(p.person.to_string()).or_default();
        *seq += 1;
        row(p, *seq, by, now)
    };
    let rows = placements.iter().map(&mut numbered).collect();
    db::insert_rows(tx, "placements", COLUMNS, rows, "").await?;
    Ok(())
}

/// The columns of a placement.
pub(crate) const COLUMNS: &[&str] = &[
    "person_id",
    "seq",
    "from_day",
    "unit_id",
    "department_id",
    "status",
    "category",
    "level",
    "establishment",
    "reason",
    "recorded_by",
    "recorded_at",
];

/// A placement's row under its number among the person's.
pub(crate) fn row(p: &Placement, seq: i64, by: Option<PersonId>, now: Instant) -> Vec<db::Value> {
    params![
        p.person,
        seq,
        p.from.map(|d| d.to_string()).unwrap_or_default(),
        p.unit,
        p.department,
        p.status.code(),
        p.category.map(|c| c.code()),
        p.level.map(|l| l.code()),
        p.establishment.code(),
        p.reason,
        by,
        now,
    ]
}

async fn last_numbers(conn: &impl Conn, people: &[PersonId]) -> Result<HashMap<String, i64>> {
    #[derive(FromQueryResult)]
    struct Row {
        person_id: String,
        seq: i64,
    }
    let mut last = HashMap::new();
    for chunk in people.chunks(5000) {
        let sql = format!(
            "SELECT person_id, MAX(seq) AS seq FROM placements WHERE person_id IN ({}) GROUP BY person_id",
            db::in_list(1, chunk.len())
        );
        let rows: Vec<Row> = db::all(conn, &sql, chunk.iter().map(db::Param::param).collect()).await?;
        last.extend(rows.into_iter().map(|r| (r.person_id, r.seq)));
    }
    Ok(last)
}

#[derive(FromQueryResult)]
struct Row {
    from_day: String,
    unit_name: String,
    department: Option<String>,
    status: String,
    category: Option<String>,
    level: Option<String>,
    establishment: String,
    reason: String,
    recorded_by: Option<String>,
    recorded_at: i64,
}

impl TryFrom<Row> for Placed {
    type Error = Error;
    fn try_from(r: Row) -> Result<Self> {
        fn code<T: Code>(text: &str) -> Result<T> {
            T::from_code(text).ok_or_else(|| Error::internal(format!("unknown code {text}")))
        }
        Ok(Self {
            from: Some(r.from_day).filter(|d| !d.is_empty()).map(parse_day).transpose()?,
            unit_name: r.unit_name,
            department: r.department,
            status: code(&r.status)?,
            category: r.category.as_deref().map(code).transpose()?,
            level: r.level.as_deref().map(code).transpose()?,
            establishment: code(&r.establishment)?,
            reason: r.reason,
            recorded_by: r.recorded_by,
            recorded_at: day::from_millis(r.recorded_at),
        })
    }
}

fn parse_day(text: String) -> Result<Day> {
    text.parse().map_err(Error::internal)
}

const PLACEMENT: &str = "SELECT h.from_day, u.name AS unit_name, d.name AS department, h.status, h.category, h.level, h.establishment, h.reason, r.name AS recorded_by, \
    h.recorded_at FROM placements h JOIN units u ON u.id = h.unit_id LEFT JOIN units d ON d.id = h.department_id \
    LEFT JOIN people r ON r.id = h.recorded_by";

/// A person's placements, by day and then as recorded.
pub(crate) async fn of_person(conn: &impl Conn, person: PersonId) -> Result<Vec<Placed>> {
    let sql = format!("{PLACEMENT} WHERE h.person_id = $1 ORDER BY h.from_day, h.seq LIMIT 1000");
    db::all::<Row>(conn, &sql, params![person]).await?.into_iter().map(Placed::try_from).collect()
}

/// The day from which each of these people's last placement holds; who is where he began on an unknown day is left out.
pub(crate) async fn last_days(conn: &impl Conn, people: &[PersonId]) -> Result<HashMap<PersonId, Day>> {
    #[derive(FromQueryResult)]
    struct Last {
        person_id: String,
        day: String,
    }
    let mut found = HashMap::new();
    for chunk in people.chunks(5000) {
        let sql = format!(
            "SELECT person_id, MAX(from_day) AS day FROM placements WHERE person_id IN ({}) AND from_day <> '' \
             GROUP BY person_id",
            db::in_list(1, chunk.len())
        );
        for r in db::all::<Last>(conn, &sql, chunk.iter().map(db::Param::param).collect()).await? {
            found.insert(r.person_id.parse()?, parse_day(r.day)?);
        }
    }
    Ok(found)
}

/// Those of these people who were once elsewhere, or in another post or status, than now.
pub(crate) async fn moved(conn: &impl Conn, people: People<'_>) -> Result<HashSet<PersonId>> {
    #[derive(FromQueryResult)]
    struct One {
        person_id: String,
    }
    let mut values = vec![];
    let is = db::among(people, &mut values);
    let sql = format!("SELECT DISTINCT person_id FROM placements WHERE seq > 1 AND {}", is("person_id"));
    let rows: Vec<One> = db::all(conn, &sql, values).await?;
    rows.into_iter().map(|r| r.person_id.parse()).collect()
}

/// Those of these people who are the only active administrator of some unit.
pub(crate) async fn only_administrators(conn: &impl Conn, people: &[PersonId]) -> Result<Vec<PersonId>> {
    #[derive(FromQueryResult)]
    struct One {
        person_id: String,
    }
    let mut only = vec![];
    for chunk in people.chunks(5000) {
        let sql = format!(
            "SELECT DISTINCT g.person_id FROM role_grants g WHERE g.person_id IN ({}) AND g.role = 'unit_admin' \
             AND g.ended_at IS NULL AND NOT EXISTS (SELECT 1 FROM role_grants o JOIN people p ON p.id = o.person_id \
             WHERE o.unit_id = g.unit_id AND o.role = 'unit_admin' AND o.ended_at IS NULL \
             AND o.person_id <> g.person_id AND p.status = 'on_post')",
            db::in_list(1, chunk.len())
        );
        let rows: Vec<One> = db::all(conn, &sql, chunk.iter().map(db::Param::param).collect()).await?;
        for row in rows {
            only.push(row.person_id.parse()?);
        }
    }
    Ok(only)
}
