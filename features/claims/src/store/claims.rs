//! Statements on activity claims.
use std::collections::HashMap;

use base::{Error, Hours, Instant, PersonId, Result, Scope, Subject, Year, day, person::Code};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;

use crate::{
    activity::{Claim, Facts},
    state::{Level, State},
};

const COLUMNS: &str = "c.id, c.person_id, c.filed_by, c.year, c.item, c.title, c.on_day, c.quantity, c.author_rank, \
    c.subject, c.hours, c.approved_hours, c.evidence, c.policy, c.state, c.stage, c.level, c.above, c.entry_id, c.submitted_at";

#[derive(FromQueryResult)]
struct Row {
    id: String,
    person_id: String,
    filed_by: String,
    year: i64,
    item: String,
    title: String,
    on_day: String,
    quantity: i64,
    author_rank: i64,
    subject: String,
    hours: i64,
    approved_hours: Option<i64>,
    evidence: Option<String>,
    policy: String,
    state: String,
    stage: i64,
    level: String,
    above: Option<String>,
    entry_id: Option<String>,
    submitted_at: Option<i64>,
}

impl TryFrom<Row> for Claim {
    type Error = Error;
    fn try_from(r: Row) -> Result<Self> {
        let damaged = |what: &str| Error::internal(format!("claim {} has no {what}", r.id));
        let facts = Facts {
            year: Year::new(r.year).ok_or_else(|| damaged("year"))?,
            item: r.item,
            title: r.title,
            on: rules::record::parse_day(&r.on_day).ok_or_else(|| damaged("day"))?,
            quantity: r.quantity,
            rank: u64::try_from(r.author_rank).map_err(|_| damaged("rank"))?,
            subject: Subject::from_code(&r.subject).ok_or_else(|| damaged("subject"))?,
            hours: Hours::from_hundredths(r.hours),
        };
        Ok(Self {
            facts,
            person: r.person_id.parse()?,
            filed_by: r.filed_by.parse()?,
            approved_hours: r.approved_hours.map(Hours::from_hundredths),
            evidence: r.evidence,
            policy: r.policy,
            state: State::from_code(&r.state).ok_or_else(|| damaged("state"))?,
            stage: r.stage,
            level: Level::from_code(&r.level).ok_or_else(|| damaged("level"))?,
            above: r.above,
            entry: r.entry_id.map(|e| e.parse()).transpose()?,
            submitted_at: r.submitted_at.map(day::from_millis),
            id: r.id,
        })
    }
}

pub(crate) async fn insert(tx: &Tx, c: &Claim, now: Instant) -> Result<()> {
    let sql = "INSERT INTO activity_claims (id, person_id, filed_by, year, item, title, on_day, quantity, author_rank, \
               subject, hours, policy, state, stage, level, created_at, updated_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $16)";
    let f = &c.facts;
    let rank = i64::try_from(f.rank).unwrap_or(i64::MAX);
    let values = params![
        c.id,
        c.person,
        c.filed_by,
        f.year,
        f.item,
        f.title,
        f.on,
        f.quantity,
        rank,
        f.subject.code(),
        f.hours,
        c.policy,
        c.state.code(),
        c.stage,
        c.level.code(),
        now,
    ];
    db::execute(tx, sql, values).await?;
    Ok(())
}

/// Writes what may change of a claim that the caller holds.
pub(crate) async fn save(tx: &Tx, c: &Claim, now: Instant) -> Result<()> {
    let sql = "UPDATE activity_claims SET item = $1, title = $2, on_day = $3, quantity = $4, author_rank = $5, \
               subject = $6, hours = $7, approved_hours = $8, evidence = $9, policy = $10, state = $11, stage = $12, \
               level = $13, above = $14, entry_id = $15, submitted_at = $16, updated_at = $17 WHERE id = $18";
    let f = &c.facts;
    let values = params![
        f.item,
        f.title,
        f.on,
        f.quantity,
        i64::try_from(f.rank).unwrap_or(i64::MAX),
        f.subject.code(),
        f.hours,
        c.approved_hours.map(Hours::hundredths),
        c.evidence,
        c.policy,
        c.state.code(),
        c.stage,
        c.level.code(),
        c.above,
        c.entry,
        c.submitted_at,
        now,
        c.id,
    ];
    db::execute(tx, sql, values).await?;
    Ok(())
}

pub(crate) async fn by_id(conn: &impl Conn, id: &str) -> Result<Claim> {
    let sql = format!("SELECT {COLUMNS} FROM activity_claims c WHERE c.id = $1");
    db::one::<Row>(conn, &sql, params![id]).await?.try_into()
}

/// A claim, held until the transaction ends.
pub(crate) async fn hold(tx: &Tx, id: &str) -> Result<Claim> {
    let sql =
        format!("SELECT {COLUMNS} FROM activity_claims c WHERE c.id = $1{}", db::dialect::for_update(tx));
    db::one::<Row>(tx, &sql, params![id]).await?.try_into()
}

/// A person's claims of a year, or those filed for others by the person; the newest first.
pub(crate) async fn of_person(conn: &impl Conn, person: PersonId, year: Year) -> Result<Vec<Claim>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM activity_claims c WHERE c.year = $2 AND (c.person_id = $1 OR c.filed_by = $1) \
         ORDER BY c.created_at DESC, c.id DESC LIMIT 500"
    );
    db::all::<Row>(conn, &sql, params![person, year]).await?.into_iter().map(Claim::try_from).collect()
}

/// A claim in a reviewer's queue.
#[derive(Clone, Debug)]
pub struct Queued {
    /// The claim.
    pub claim: Claim,
    /// Whose.
    pub name: String,
    /// The unit.
    pub unit: String,
    /// The department.
    pub department: Option<String>,
}

#[derive(FromQueryResult)]
struct Named {
    id: String,
    name: String,
    unit: String,
    department: Option<String>,
}

/// What a reviewer looks for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted<'a> {
    pub state: &'a str,
    pub level: Option<&'a str>,
    pub item: Option<&'a str>,
    pub year: Option<Year>,
    pub name: Option<&'a str>,
    /// Claims handed in before this instant have gone up: the level above sees them too.
    pub late_before: Option<Instant>,
    pub after: &'a str,
    pub limit: i64,
}

/// Claims in the scope that fit, by id; never a draft, never the reviewer's own.
pub(crate) async fn queue(
    conn: &impl Conn,
    (scope, me): (&Scope, PersonId),
    wanted: &Wanted<'_>,
) -> Result<Vec<Queued>> {
    let mut values = params![wanted.state, me, wanted.after, wanted.limit];
    let mut conditions = vec![db::in_scope("COALESCE(d.path, u.path)", scope, &mut values)];
    let mut equal = |column: &str, value: Option<db::Value>| {
        if let Some(value) = value {
            values.push(value);
            conditions.push(format!("{column} = ${}", values.len()));
        }
    };
    let text = |t: Option<&str>| t.filter(|t| !t.is_empty()).map(db::Param::param);
    equal("c.item", text(wanted.item));
    equal("c.year", wanted.year.map(|y| db::Param::param(&y)));
    equal("p.name", text(wanted.name));
    if let Some(level) = wanted.level.filter(|l| !l.is_empty()) {
        values.push(db::Param::param(level));
        values.push(db::Param::param(&wanted.late_before.filter(|_| level == "authority")));
        let n = values.len();
        conditions.push(format!("(c.level = ${} OR c.submitted_at < ${n})", n - 1));
    }
    let from = "FROM activity_claims c JOIN people p ON p.id = c.person_id JOIN units u ON u.id = p.unit_id \
                LEFT JOIN units d ON d.id = p.department_id";
    let rest = format!(
        "{from} WHERE c.state = $1 AND c.state <> 'draft' AND c.person_id <> $2 AND c.id > $3 AND {} ORDER BY c.id LIMIT $4",
        conditions.join(" AND ")
    );
    let rows: Vec<Row> = db::all(conn, &format!("SELECT {COLUMNS} {rest}"), values.clone()).await?;
    let names = "SELECT c.id, p.name, u.name AS unit, d.name AS department";
    let named: Vec<Named> = db::all(conn, &format!("{names} {rest}"), values).await?;
    let pair = |row: Row| {
        let found = named.iter().find(|n| n.id == row.id);
        let (name, unit, department) =
            found.map_or_else(Default::default, |n| (n.name.clone(), n.unit.clone(), n.department.clone()));
        Ok(Queued { claim: row.try_into()?, name, unit, department })
    };
    rows.into_iter().map(pair).collect()
}

/// The kinds among these claims: item and year, each once.
pub(crate) async fn kinds(conn: &impl Conn, ids: &[&str]) -> Result<Vec<(String, i64)>> {
    #[derive(FromQueryResult)]
    struct KindRow {
        item: String,
        year: i64,
    }
    let sql = format!(
        "SELECT DISTINCT item, year FROM activity_claims WHERE id IN ({}) ORDER BY item, year",
        db::in_list(1, ids.len())
    );
    let rows: Vec<KindRow> = db::all(conn, &sql, ids.iter().map(db::Param::param).collect()).await?;
    Ok(rows.into_iter().map(|r| (r.item, r.year)).collect())
}

/// The names and places of these people by id.
pub(crate) async fn names(conn: &impl Conn, people: &[String]) -> Result<HashMap<String, (String, String)>> {
    #[derive(FromQueryResult)]
    struct NameRow {
        id: String,
        name: String,
        path: String,
    }
    if people.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = format!(
        "SELECT p.id, p.name, COALESCE(d.path, u.path) AS path FROM people p JOIN units u ON u.id = p.unit_id \
         LEFT JOIN units d ON d.id = p.department_id WHERE p.id IN ({})",
        db::in_list(1, people.len())
    );
    let rows: Vec<NameRow> = db::all(conn, &sql, people.iter().map(db::Param::param).collect()).await?;
    Ok(rows.into_iter().map(|r| (r.id, (r.name, r.path))).collect())
}

/// What claims that wait have in common where their hours follow from it.
#[derive(FromQueryResult)]
pub(crate) struct Alike {
    pub item: String,
    pub quantity: i64,
    pub author_rank: i64,
}

/// What claims state that wait in a year under another version of its rules, each once.
pub(crate) async fn under_others(conn: &impl Conn, year: Year, version: &str) -> Result<Vec<Alike>> {
    let sql = "SELECT DISTINCT item, quantity, author_rank FROM activity_claims \
               WHERE state = 'submitted' AND year = $1 AND policy <> $2 ORDER BY item, quantity, author_rank LIMIT 20000";
    db::all(conn, sql, params![year, version]).await
}

/// Restates the hours of claims that wait and are alike.
pub(crate) async fn restate(
    tx: &Tx,
    (year, version): (Year, &str),
    alike: &Alike,
    (subject, hours): (Subject, Hours),
) -> Result<()> {
    let sql = "UPDATE activity_claims SET subject = $1, hours = $2, policy = $3 WHERE state = 'submitted' AND year = $4 \
               AND policy <> $3 AND item = $5 AND quantity = $6 AND author_rank = $7";
    let values = params![subject.code(), hours, version, year, alike.item, alike.quantity, alike.author_rank];
    db::execute(tx, sql, values).await?;
    Ok(())
}
