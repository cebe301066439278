//! Statements on who owes an induction and what is on record.
use base::{Day, Error, Hours, Instant, Period, PersonId, Result, Scope, person::Code};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;

use crate::{
    check::{Kind, Owed, due},
    training::Training,
};

#[derive(FromQueryResult)]
struct Since {
    id: String,
    name: String,
    unit: String,
    since: String,
}

fn owed(rows: Vec<Since>, kind: Kind) -> Result<Vec<Owed>> {
    let one = |r: Since| {
        let since = r.since.parse().map_err(Error::internal)?;
        Ok(Owed {
            person: r.id.parse()?,
            name: r.name,
            unit: r.unit,
            kind,
            since,
            due: due(since),
            hours: Hours::ZERO,
            trainings: vec![],
        })
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

#[derive(FromQueryResult)]
struct Row {
    id: String,
    person_id: String,
    kind: String,
    title: String,
    from_day: String,
    to_day: String,
    hours: i64,
    document: String,
}

impl TryFrom<Row> for Training {
    type Error = Error;
    fn try_from(r: Row) -> Result<Self> {
        let day = |text: &str| -> Result<Day> { text.parse().map_err(Error::internal) };
        let period = Period::new(day(&r.from_day)?, day(&r.to_day)?);
        Ok(Self {
            person: r.person_id.parse()?,
            kind: Kind::from_code(&r.kind).ok_or_else(|| Error::internal("unknown kind of induction"))?,
            title: r.title,
            period: period.ok_or_else(|| Error::internal("an induction without a period"))?,
            hours: Hours::from_hundredths(r.hours),
            document: r.document,
            id: r.id,
        })
    }
}

const COLUMNS: &str = "id, person_id, kind, title, from_day, to_day, hours, document";

/// What is on record of these people; of each in the order in which it was recorded.
pub(crate) async fn recorded(conn: &impl Conn, people: &[PersonId]) -> Result<Vec<Training>> {
    let mut found = vec![];
    for chunk in people.chunks(5000) {
        let sql = format!(
            "SELECT {COLUMNS} FROM induction_trainings WHERE ended_at IS NULL AND person_id IN ({}) ORDER BY recorded_at, id",
            db::in_list(1, chunk.len())
        );
        let rows: Vec<Row> = db::all(conn, &sql, chunk.iter().map(db::Param::param).collect()).await?;
        for row in rows {
            found.push(row.try_into()?);
        }
    }
    Ok(found)
}

/// A training that stands.
pub(crate) async fn by_id(conn: &impl Conn, id: &str) -> Result<Training> {
    let sql = format!("SELECT {COLUMNS} FROM induction_trainings WHERE id = $1 AND ended_at IS NULL");
    db::one::<Row>(conn, &sql, params![id]).await?.try_into()
}

pub(crate) async fn insert(tx: &Tx, n: &Training, (by, now): (PersonId, Instant)) -> Result<()> {
    let sql = "INSERT INTO induction_trainings (id, person_id, kind, title, from_day, to_day, hours, document, recorded_by, \
               recorded_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let (kind, period) = (n.kind.code(), n.period);
    let values = params![n.id, n.person, kind, n.title, period.from, period.to, n.hours, n.document, by, now];
    db::execute(tx, sql, values).await?;
    Ok(())
}

pub(crate) async fn end(tx: &Tx, id: &str, (by, now): (PersonId, Instant)) -> Result<()> {
    let sql =
        "UPDATE induction_trainings SET ended_by = $1, ended_at = $2 WHERE id = $3 AND ended_at IS NULL";
    db::execute(tx, sql, params![by, now, id]).await?;
    Ok(())
}
