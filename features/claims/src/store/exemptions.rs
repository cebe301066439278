//! Statements on exemptions.
use base::{Error, Instant, PersonId, Result, Scope, Year, day, person::Code};
use db::{Conn, Tx, params};
use rules::policy::ExemptionKind;
use sea_orm::FromQueryResult;

use crate::{
    exempt::Exemption,
    leave::Leave,
    state::{Level, State},
};

const COLUMNS: &str = "e.id, e.person_id, e.filed_by, e.year, e.kind, e.reason_sealed, e.policy, e.state, e.stage, e.level, \
    e.above, e.submitted_at";

#[derive(FromQueryResult)]
struct Row {
    id: String,
    person_id: String,
    filed_by: String,
    year: i64,
    kind: String,
    reason_sealed: String,
    policy: String,
    state: String,
    stage: i64,
    level: String,
    above: Option<String>,
    submitted_at: Option<i64>,
}

impl TryFrom<Row> for Exemption {
    type Error = Error;
    fn try_from(r: Row) -> Result<Self> {
        let damaged = |what: &str| Error::internal(format!("exemption {} has no {what}", r.id));
        Ok(Self {
            person: r.person_id.parse()?,
            filed_by: r.filed_by.parse()?,
            year: Year::new(r.year).ok_or_else(|| damaged("year"))?,
            kind: ExemptionKind::from_code(&r.kind).ok_or_else(|| damaged("kind"))?,
            state: State::from_code(&r.state).ok_or_else(|| damaged("state"))?,
            stage: r.stage,
            level: Level::from_code(&r.level).ok_or_else(|| damaged("level"))?,
            reason_sealed: r.reason_sealed,
            policy: r.policy,
            above: r.above,
            submitted_at: r.submitted_at.map(day::from_millis),
            id: r.id,
        })
    }
}

/// Writes a request; false where the person's year has one under way or approved.
pub(crate) async fn insert(tx: &Tx, e: &Exemption, now: Instant) -> Result<bool> {
    let sql = "INSERT INTO exemptions (id, person_id, filed_by, year, kind, reason_sealed, policy, state, stage, level, \
               open_key, submitted_at, created_at, updated_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13) ON CONFLICT (open_key) DO NOTHING";
    let values = params![
        e.id,
        e.person,
        e.filed_by,
        e.year,
        e.kind.code(),
        e.reason_sealed,
        e.policy,
        e.state.code(),
        e.stage,
        e.level.code(),
        e.open_key(),
        e.submitted_at,
        now,
    ];
    Ok(db::execute(tx, sql, values).await? == 1)
}

/// Whether another request of the person's year is under way or approved.
pub(crate) async fn is_taken(tx: &Tx, e: &Exemption) -> Result<bool> {
    let sql = "SELECT COUNT(*) FROM exemptions WHERE open_key = $1 AND id <> $2";
    Ok(db::count(tx, sql, params![e.open_key(), e.id]).await? > 0)
}

/// Writes what may change of a request that the caller holds.
pub(crate) async fn save(tx: &Tx, e: &Exemption, now: Instant) -> Result<()> {
    let sql = "UPDATE exemptions SET reason_sealed = $1, policy = $2, state = $3, stage = $4, level = $5, above = $6, \
               open_key = $7, submitted_at = $8, updated_at = $9 WHERE id = $10";
    let values = params![
        e.reason_sealed,
        e.policy,
        e.state.code(),
        e.stage,
        e.level.code(),
        e.above,
        e.open_key(),
        e.submitted_at,
        now,
        e.id,
    ];
    db::execute(tx, sql, values).await?;
    Ok(())
}

pub(crate) async fn by_id(conn: &impl Conn, id: &str) -> Result<Exemption> {
    let sql = format!("SELECT {COLUMNS} FROM exemptions e WHERE e.id = $1");
    db::one::<Row>(conn, &sql, params![id]).await?.try_into()
}

/// A request, held until the transaction ends.
pub(crate) async fn hold(tx: &Tx, id: &str) -> Result<Exemption> {
    let sql = format!("SELECT {COLUMNS} FROM exemptions e WHERE e.id = $1{}", db::dialect::for_update(tx));
    db::one::<Row>(tx, &sql, params![id]).await?.try_into()
}

/// A person's requests of a year, the newest first.
pub(crate) async fn of_person(conn: &impl Conn, person: PersonId, year: Year) -> Result<Vec<Exemption>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM exemptions e WHERE e.person_id = $1 AND e.year = $2 \
         ORDER BY e.created_at DESC, e.id DESC LIMIT 50"
    );
    db::all::<Row>(conn, &sql, params![person, year]).await?.into_iter().map(Exemption::try_from).collect()
}

/// A person's requests on the ground of leave that are in a state, of the years that a leave touches.
pub(crate) async fn resting_on(conn: &impl Conn, leave: &Leave, state: State) -> Result<Vec<Exemption>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM exemptions e WHERE e.person_id = $1 AND e.kind = 'leave' AND e.state = $2 \
         AND e.year >= $3 AND e.year <= $4 ORDER BY e.id LIMIT 50"
    );
    let (first, last) = (i64::from(leave.period.from.year()), i64::from(leave.period.to.year()));
    let values = params![leave.person, state.code(), first, last];
    db::all::<Row>(conn, &sql, values).await?.into_iter().map(Exemption::try_from).collect()
}

/// A request in a reviewer's queue.
#[derive(FromQueryResult)]
pub(crate) struct Queued {
    pub id: String,
    pub name: String,
    pub unit: String,
    pub department: Option<String>,
    pub year: i64,
    pub kind: String,
    pub state: String,
    pub level: String,
    pub submitted_at: Option<i64>,
}

/// Requests in the scope in a state, the longest waiting first; never the reviewer's own.
pub(crate) async fn queue(
    conn: &impl Conn,
    (scope, me): (&Scope, PersonId),
    (state, after, limit): (&str, &str, i64),
) -> Result<Vec<Queued>> {
    let mut values = params![state, me, after, limit];
    let within = db::in_scope("COALESCE(d.path, u.path)", scope, &mut values);
    let sql = format!(
        "SELECT e.id, p.name, u.name AS unit, d.name AS department, e.year, e.kind, e.state, e.level, e.submitted_at \
         FROM exemptions e JOIN people p ON p.id = e.person_id JOIN units u ON u.id = p.unit_id \
         LEFT JOIN units d ON d.id = p.department_id \
         WHERE e.state = $1 AND e.person_id <> $2 AND e.id > $3 AND {within} ORDER BY e.id LIMIT $4"
    );
    db::all(conn, &sql, values).await
}
