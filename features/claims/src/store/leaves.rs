//! Statements on leaves and make-ups.
use std::collections::HashSet;

use base::{Day, Error, Instant, Period, PersonId, Result, Year, person::Code};
use db::{Conn, Tx, params};
use rules::record::LeaveKind;
use sea_orm::FromQueryResult;
use site::Site;

use crate::leave::Leave;

#[derive(FromQueryResult)]
struct Row {
    id: String,
    person_id: String,
    kind: String,
    from_day: String,
    to_day: String,
    entered_by: String,
}

impl TryFrom<Row> for Leave {
    type Error = Error;
    fn try_from(r: Row) -> Result<Self> {
        let days = rules::record::parse_day(&r.from_day).zip(rules::record::parse_day(&r.to_day));
        let period = days.and_then(|(from, to)| Period::new(from, to));
        Ok(Self {
            person: r.person_id.parse()?,
            kind: LeaveKind::from_code(&r.kind).ok_or_else(|| Error::internal("unknown kind of leave"))?,
            period: period.ok_or_else(|| Error::internal("a leave without a period"))?,
            entered_by: r.entered_by.parse()?,
            id: r.id,
        })
    }
}

const COLUMNS: &str = "id, person_id, kind, from_day, to_day, entered_by";

pub(crate) async fn insert(tx: &Tx, l: &Leave, now: Instant) -> Result<()> {
    let sql = "INSERT INTO leaves (id, person_id, kind, from_day, to_day, entered_by, created_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let values = params![l.id, l.person, l.kind.code(), l.period.from, l.period.to, l.entered_by, now];
    db::execute(tx, sql, values).await?;
    Ok(())
}

pub(crate) async fn insert_many(tx: &Tx, rows: &[Leave], now: Instant) -> Result<()> {
    let row =
        |l: &Leave| params![l.id, l.person, l.kind.code(), l.period.from, l.period.to, l.entered_by, now];
    let columns = ["id", "person_id", "kind", "from_day", "to_day", "entered_by", "created_at"];
    db::insert_rows(tx, "leaves", &columns, rows.iter().map(row).collect(), "").await?;
    Ok(())
}

/// The leaves of these people that stand.
pub(crate) async fn of_people(conn: &impl Conn, people: &[PersonId]) -> Result<Vec<Leave>> {
    let mut found = vec![];
    for chunk in people.chunks(5000) {
        let sql = format!(
            "SELECT {COLUMNS} FROM leaves WHERE ended_at IS NULL AND person_id IN ({}) ORDER BY person_id, id",
            db::in_list(1, chunk.len())
        );
        let rows: Vec<Row> = db::all(conn, &sql, chunk.iter().map(db::Param::param).collect()).await?;
        for row in rows {
            found.push(row.try_into()?);
        }
    }
    Ok(found)
}

/// Notes that these leaves, which their people entered, were entered by someone else as well.
pub(crate) async fn confirm(tx: &Tx, leaves: &[&Leave], by: PersonId) -> Result<()> {
    for chunk in leaves.chunks(5000) {
        let sql = format!("UPDATE leaves SET entered_by = $1 WHERE id IN ({})", db::in_list(2, chunk.len()));
        let mut values = params![by];
        values.extend(chunk.iter().map(|l| db::Param::param(&l.id)));
        db::execute(tx, &sql, values).await?;
    }
    Ok(())
}

/// A leave that stands, held until the transaction ends.
pub(crate) async fn hold(tx: &Tx, id: &str) -> Result<Leave> {
    let lock = db::dialect::for_update(tx);
    let sql = format!("SELECT {COLUMNS} FROM leaves WHERE id = $1 AND ended_at IS NULL{lock}");
    db::one::<Row>(tx, &sql, params![id]).await?.try_into()
}

/// A person's leaves that touch a year, held until the transaction ends.
pub(crate) async fn hold_of_year(tx: &Tx, person: PersonId, year: Year) -> Result<Vec<Leave>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM leaves WHERE person_id = $1 AND ended_at IS NULL AND from_day <= $2 AND to_day >= $3 \
         ORDER BY id LIMIT 200{}",
        db::dialect::for_update(tx)
    );
    let values = params![person, year.last_day(), year.first_day()];
    db::all::<Row>(tx, &sql, values).await?.into_iter().map(Leave::try_from).collect()
}

/// A person's leaves, the newest first.
pub(crate) async fn of_person(conn: &impl Conn, person: PersonId) -> Result<Vec<Leave>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM leaves WHERE person_id = $1 AND ended_at IS NULL ORDER BY from_day DESC, id LIMIT 200"
    );
    db::all::<Row>(conn, &sql, params![person]).await?.into_iter().map(Leave::try_from).collect()
}

pub(crate) async fn end(tx: &Tx, id: &str, now: Instant) -> Result<()> {
    db::execute(tx, "UPDATE leaves SET ended_at = $1 WHERE id = $2", params![now, id]).await?;
    Ok(())
}

/// An approved make-up.
pub(crate) struct MakeUp<'a> {
    pub person: PersonId,
    pub year: Year,
    pub until: Day,
    pub reason: &'a str,
    pub by: PersonId,
}

/// Who may make a year up until that day or longer already.
pub(crate) async fn beyond(conn: &impl Conn, year: Year, until: Day) -> Result<HashSet<PersonId>> {
    #[derive(FromQueryResult)]
    struct One {
        person_id: String,
    }
    let sql = "SELECT person_id FROM make_ups WHERE year = $1 AND until >= $2 AND ended_at IS NULL ORDER BY person_id LIMIT 2000000";
    let rows: Vec<One> = db::all(conn, sql, params![year, until]).await?;
    rows.into_iter().map(|r| r.person_id.parse()).collect()
}

/// Writes make-ups; one of a person's year, the last approval holds. Every grant is kept beside, so that the state of a
/// past day can be told.
pub(crate) async fn save_make_ups(
    site: &Site,
    tx: &Tx,
    all: &[MakeUp<'_>],
    incident: Option<&str>,
) -> Result<()> {
    let row = |m: &MakeUp<'_>| {
        let id: base::Id<base::id::of::Entry> = site.new_id();
        params![id, m.person, m.year, m.until, m.reason, m.by, site.now()]
    };
    let rows: Vec<Vec<db::Value>> = all.iter().map(row).collect();
    let columns = ["id", "person_id", "year", "until", "reason", "approved_by", "created_at", "incident_id"];
    let grants = rows.iter().cloned().map(|mut r| {
        r.push(db::Param::param(&incident));
        r
    });
    db::insert_rows(tx, "make_up_grants", &columns, grants.collect(), "").await?;
    let suffix = "ON CONFLICT (person_id, year) DO UPDATE SET until = excluded.until, reason = excluded.reason, \
                  approved_by = excluded.approved_by, created_at = excluded.created_at, ended_at = NULL";
    let columns = ["id", "person_id", "year", "until", "reason", "approved_by", "created_at"];
    db::insert_rows(tx, "make_ups", &columns, rows, suffix).await?;
    Ok(())
}
