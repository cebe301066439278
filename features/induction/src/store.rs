//! Statements on who owes an induction and what is on record.
use base::{Hours, Instant, Period, PersonId, Result, Scope};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;

use crate::check::{Kind, Owed, due};

#[derive(FromQueryResult)]
struct Since {
    id: String,
    name: String,
    unit: String,
    since: String,
}

fn owed(rows: Vec<Since>, kind: Kind) -> Result<Vec<Owed>> {
    let one = |r: Since| {
        let since = r.since.parse().map_err(base::Error::internal)?;
        let hours = Hours::ZERO;
        Ok(Owed { person: r.id.parse()?, name: r.name, unit: r.unit, kind, since, due: due(since), hours })
    };
    rows.into_iter().map(one).collect()
}

/// Whom a statement looks at.
pub(crate) enum Whose<'a> {
    In(&'a Scope),
    Of(PersonId),
}

impl Whose<'_> {
    fn condition(&self, values: &mut Vec<db::Value>) -> String {
        match self {
            Self::In(scope) => db::in_scope("COALESCE(d.path, u.path)", scope, values),
            Self::Of(person) => {
                values.push(db::Param::param(person));
                format!("p.id = ${}", values.len())
            }
        }
    }
}

/// Who entered service in a period.
pub(crate) async fn entered(conn: &impl Conn, whose: &Whose<'_>, period: Period) -> Result<Vec<Owed>> {
    let mut values = params![period.from, period.to];
    let within = whose.condition(&mut values);
    let sql = format!(
        "SELECT p.id, p.name, u.name AS unit, p.joined_on AS since FROM people p JOIN units u ON u.id = p.unit_id \
         LEFT JOIN units d ON d.id = p.department_id WHERE p.joined_on >= $1 AND p.joined_on <= $2 \
         AND p.status = 'on_post' AND p.id_number_lookup IS NOT NULL AND {within} ORDER BY u.name, p.name, p.id LIMIT 5000"
    );
    owed(db::all(conn, &sql, values).await?, Kind::Entry)
}

/// Who changed the category of post in a period; of several changes of one person the last one counts.
pub(crate) async fn transferred(conn: &impl Conn, whose: &Whose<'_>, period: Period) -> Result<Vec<Owed>> {
    let mut values = params![period.from, period.to];
    let within = whose.condition(&mut values);
    let sql = format!(
        "SELECT p.id, p.name, u.name AS unit, MAX(h.from_day) AS since FROM placements h JOIN people p ON p.id = h.person_id \
         JOIN placements b ON b.person_id = h.person_id AND b.seq = h.seq - 1 \
         JOIN units u ON u.id = p.unit_id LEFT JOIN units d ON d.id = p.department_id \
         WHERE h.from_day >= $1 AND h.from_day <= $2 AND h.category IS NOT NULL AND b.category IS NOT NULL \
         AND h.category <> b.category AND p.status = 'on_post' AND {within} \
         GROUP BY p.id, p.name, u.name ORDER BY u.name, p.name, p.id LIMIT 5000"
    );
    owed(db::all(conn, &sql, values).await?, Kind::Transfer)
}

/// A training on record.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Recorded {
    pub person_id: String,
    pub kind: String,
    pub to_day: String,
    pub hours: i64,
}

/// What is on record of these people.
pub(crate) async fn recorded(conn: &impl Conn, people: &[String]) -> Result<Vec<Recorded>> {
    let mut found = vec![];
    for chunk in people.chunks(5000) {
        let sql = format!(
            "SELECT person_id, kind, to_day, hours FROM induction_trainings WHERE ended_at IS NULL AND person_id IN ({})",
            db::in_list(1, chunk.len())
        );
        found.extend(db::all::<Recorded>(conn, &sql, chunk.iter().map(db::Param::param).collect()).await?);
    }
    Ok(found)
}

/// A training to be recorded.
pub(crate) struct New<'a> {
    pub id: &'a str,
    pub person: PersonId,
    pub kind: &'a str,
    pub title: &'a str,
    pub period: Period,
    pub hours: Hours,
    pub document: &'a str,
}

pub(crate) async fn insert(tx: &Tx, n: &New<'_>, (by, now): (PersonId, Instant)) -> Result<()> {
    let sql = "INSERT INTO induction_trainings (id, person_id, kind, title, from_day, to_day, hours, document, recorded_by, \
               recorded_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let values =
        params![n.id, n.person, n.kind, n.title, n.period.from, n.period.to, n.hours, n.document, by, now];
    db::execute(tx, sql, values).await?;
    Ok(())
}
