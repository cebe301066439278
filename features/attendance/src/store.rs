//! Statements on in-person trainings and who came.
use base::{Error, Instant, PersonId, Result, Scope, Subject, UnitId, day, person::Code};
use db::{Conn, Tx, params};
use rules::Days;
use sea_orm::FromQueryResult;

use crate::plan::{Attendance, Checked};

#[derive(FromQueryResult)]
struct Row {
    id: String,
    unit_name: String,
    unit_path: String,
    title: String,
    place: String,
    subject: String,
    from_at: i64,
    to_at: i64,
    days: i64,
}

impl TryFrom<Row> for Attendance {
    type Error = Error;
    fn try_from(r: Row) -> Result<Self> {
        Ok(Self {
            id: r.id,
            unit_name: r.unit_name,
            unit_path: r.unit_path,
            title: r.title,
            place: r.place,
            subject: Subject::from_code(&r.subject).ok_or_else(|| Error::internal("unknown subject"))?,
            from: day::from_millis(r.from_at),
            to: day::from_millis(r.to_at),
            days: Days::from_hundredths(r.days),
        })
    }
}

const SELECT: &str = "SELECT a.id, u.name AS unit_name, u.path AS unit_path, a.title, a.place, a.subject, a.from_at, a.to_at, \
                      a.days FROM attendances a JOIN units u ON u.id = a.unit_id";

pub(crate) async fn insert(
    tx: &Tx,
    id: &str,
    unit: UnitId,
    c: &Checked,
    (by, at): (PersonId, Instant),
) -> Result<()> {
    let sql = "INSERT INTO attendances (id, unit_id, title, place, subject, from_at, to_at, days, made_by, made_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let values =
        params![id, unit, c.title, c.place, c.subject.code(), c.from, c.to, c.days.hundredths(), by, at];
    db::execute(tx, sql, values).await?;
    Ok(())
}

pub(crate) async fn by_id(conn: &impl Conn, id: &str) -> Result<Option<Attendance>> {
    let sql = format!("{SELECT} WHERE a.id = $1");
    db::maybe::<Row>(conn, &sql, params![id]).await?.map(Attendance::try_from).transpose()
}

/// The trainings of a scope, the latest first.
pub(crate) async fn held_in(conn: &impl Conn, scope: &Scope) -> Result<Vec<Attendance>> {
    let mut values = vec![];
    let within = db::in_scope("u.path", scope, &mut values);
    let sql = format!("{SELECT} WHERE {within} ORDER BY a.from_at DESC, a.id LIMIT 200");
    db::all::<Row>(conn, &sql, values).await?.into_iter().map(Attendance::try_from).collect()
}

/// The trainings of a person's unit and those above it that end after a moment, the earliest first.
pub(crate) async fn open_to(conn: &impl Conn, path: &str, since: Instant) -> Result<Vec<Attendance>> {
    let above: Vec<&str> = path.match_indices('/').skip(1).filter_map(|(end, _)| path.get(..=end)).collect();
    if above.is_empty() {
        return Ok(vec![]);
    }
    let mut values = params![since];
    values.extend(above.iter().map(db::Param::param));
    let sql = format!(
        "{SELECT} WHERE a.to_at >= $1 AND u.path IN ({}) ORDER BY a.from_at, a.id LIMIT 200",
        db::in_list(2, above.len())
    );
    db::all::<Row>(conn, &sql, values).await?.into_iter().map(Attendance::try_from).collect()
}

pub(crate) async fn insert_ticket(tx: &Tx, hash: &str, id: &str, at: Instant) -> Result<()> {
    let sql = "INSERT INTO attendance_tickets (token_hash, attendance_id, at) VALUES ($1, $2, $3)";
    db::execute(tx, sql, params![hash, id, at]).await?;
    Ok(())
}

pub(crate) async fn forget_tickets(tx: &Tx, before: Instant) -> Result<()> {
    db::execute(tx, "DELETE FROM attendance_tickets WHERE at < $1", params![before]).await?;
    Ok(())
}

/// Uses an unused ticket that is not older than `since`; gives the instant that it holds.
pub(crate) async fn spend_ticket(
    tx: &Tx,
    (hash, id): (&str, &str),
    (since, now): (Instant, Instant),
) -> Result<Option<Instant>> {
    #[derive(FromQueryResult)]
    struct Held {
        at: i64,
    }
    let sql = "UPDATE attendance_tickets SET used_at = $1 WHERE token_hash = $2 AND attendance_id = $3 AND used_at IS NULL \
               AND at >= $4";
    if db::execute(tx, sql, params![now, hash, id, since]).await? == 0 {
        return Ok(None);
    }
    let held: Held =
        db::one(tx, "SELECT at FROM attendance_tickets WHERE token_hash = $1", params![hash]).await?;
    Ok(Some(day::from_millis(held.at)))
}

/// Holds someone's mark until the transaction ends; gives when they came, if they did.
pub(crate) async fn hold(tx: &Tx, id: &str, person: PersonId) -> Result<Option<i64>> {
    #[derive(FromQueryResult)]
    struct Held {
        in_at: i64,
    }
    let sql = format!(
        "SELECT in_at FROM attendance_marks WHERE attendance_id = $1 AND person_id = $2{}",
        db::dialect::for_update(tx)
    );
    Ok(db::maybe::<Held>(tx, &sql, params![id, person]).await?.map(|h| h.in_at))
}

/// Signs someone in; `false` when the device served someone else.
pub(crate) async fn insert_mark(
    tx: &Tx,
    (id, person): (&str, PersonId),
    device: &str,
    at: Instant,
) -> Result<bool> {
    let sql = "INSERT INTO attendance_marks (attendance_id, person_id, in_at, way, device_hash) \
               VALUES ($1, $2, $3, 'code', $4) ON CONFLICT DO NOTHING";
    Ok(db::execute(tx, sql, params![id, person, at, device]).await? == 1)
}

/// Signs someone out, or later again.
pub(crate) async fn set_out(tx: &Tx, (id, person): (&str, PersonId), at: Instant) -> Result<bool> {
    let sql = "UPDATE attendance_marks SET out_at = $1 WHERE attendance_id = $2 AND person_id = $3 \
               AND (out_at IS NULL OR out_at < $1)";
    db::execute(tx, sql, params![at, id, person]).await?;
    Ok(true)
}

/// How many of these people belong to a unit or below it.
pub(crate) async fn below(conn: &impl Conn, path: &str, people: &[PersonId]) -> Result<usize> {
    if people.is_empty() {
        return Ok(0);
    }
    let mut values: Vec<db::Value> = people.iter().map(db::Param::param).collect();
    let list = db::in_list(1, people.len());
    let scope = Scope { paths: vec![path.to_owned()] };
    let within = db::in_scope("COALESCE(d.path, u.path)", &scope, &mut values);
    let sql = format!(
        "SELECT COUNT(*) FROM people p JOIN units u ON u.id = p.unit_id LEFT JOIN units d ON d.id = p.department_id \
         WHERE p.id IN ({list}) AND {within}"
    );
    Ok(usize::try_from(db::count(conn, &sql, values).await?).unwrap_or(0))
}

/// Enters people on the organiser's word; gives how many were not entered before.
pub(crate) async fn insert_listed(
    tx: &Tx,
    id: &str,
    people: &[PersonId],
    (from, to): (Instant, Instant),
    (by, reason): (PersonId, &str),
) -> Result<usize> {
    let columns = ["attendance_id", "person_id", "in_at", "out_at", "way", "listed_by", "reason"];
    let row = |p: &PersonId| params![id, p, from, to, "list", by, reason];
    let rows = people.iter().map(row).collect();
    let written = db::insert_rows(tx, "attendance_marks", &columns, rows, "ON CONFLICT DO NOTHING").await?;
    Ok(usize::try_from(written).unwrap_or(usize::MAX))
}

/// Someone who came.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Mark {
    pub person_id: String,
    pub name: String,
    pub department: Option<String>,
    pub in_at: i64,
    pub out_at: Option<i64>,
    /// `code` or `list`.
    pub way: String,
    pub reason: Option<String>,
}

/// Who came, the latest first.
pub(crate) async fn marks(conn: &impl Conn, id: &str) -> Result<Vec<Mark>> {
    let sql = "SELECT m.person_id, p.name, d.name AS department, m.in_at, m.out_at, m.way, m.reason FROM attendance_marks m \
               JOIN people p ON p.id = m.person_id LEFT JOIN units d ON d.id = p.department_id \
               WHERE m.attendance_id = $1 ORDER BY m.in_at DESC, m.person_id LIMIT 5000";
    db::all(conn, sql, params![id]).await
}

/// How many came.
pub(crate) async fn came(conn: &impl Conn, id: &str) -> Result<i64> {
    db::count(conn, "SELECT COUNT(*) FROM attendance_marks WHERE attendance_id = $1", params![id]).await
}

/// Someone's own mark.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Own {
    pub in_at: i64,
    pub out_at: Option<i64>,
}

pub(crate) async fn of(conn: &impl Conn, id: &str, person: PersonId) -> Result<Option<Own>> {
    let sql = "SELECT in_at, out_at FROM attendance_marks WHERE attendance_id = $1 AND person_id = $2";
    db::maybe(conn, sql, params![id, person]).await
}
