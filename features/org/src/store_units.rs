//! Statements on the tree's changes, on contact cards, and on units that lack an administrator.
use std::collections::HashMap;

use base::{Day, Error, Instant, PersonId, Result, Scope, UnitId, day};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;
use site::Paging;

use crate::{
    Unit,
    contact::{Card, CardOf},
    store::{UNIT, UnitRow},
};

/// Columns of other slices that repeat a unit's path for what can still be acted on. They go along when a unit moves; a
/// story compares this list with the schema. The audit trail is not among them: it says where something was done.
pub const PATH_COPIES: &[(&str, &str)] = &[
    ("tickets", "unit_path"),
    ("reimbursements", "unit_path"),
    ("invoice_blocks", "unit_path"),
    ("unit_payments", "unit_path"),
    ("special_claims", "unit_path"),
    ("personnel_batches", "unit_path"),
    ("notices", "target_path"),
    ("spot_checks", "unit_path"),
    ("incidents", "unit_path"),
    ("reminder_batches", "unit_path"),
    ("stat_reports", "unit_path"),
];

/// A change of the tree as it is recorded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Recorded<'a> {
    pub from: Day,
    pub reason: &'static str,
    pub note: &'a str,
    pub by: PersonId,
    pub at: Instant,
}

/// How a unit was from a day on.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Was {
    pub unit_id: String,
    pub from_day: String,
    pub name: String,
    pub path: String,
    pub is_ended: bool,
    pub reason: String,
    pub note: String,
    pub recorded_by: Option<String>,
}

fn within(path: &str, values: &mut Vec<db::Value>) -> String {
    db::in_scope("path", &Scope { paths: vec![path.to_owned()] }, values)
}

/// Writes how the units of a subtree were from the beginning, where nothing of them was recorded yet.
pub(crate) async fn begin_history(tx: &Tx, path: &str) -> Result<()> {
    let mut values = params![false];
    let within = within(path, &mut values);
    let sql = format!(
        "INSERT INTO unit_history (unit_id, seq, from_day, name, path, is_ended, reason, note, recorded_at) \
         SELECT id, 1, '', name, path, $1, 'entered', '', created_at FROM units WHERE {within} \
         AND NOT EXISTS (SELECT 1 FROM unit_history h WHERE h.unit_id = units.id)"
    );
    db::execute(tx, &sql, values).await?;
    Ok(())
}

const RECORD: &str = "INSERT INTO unit_history (unit_id, seq, from_day, name, path, is_ended, reason, note, recorded_by, \
    recorded_at) SELECT id, (SELECT MAX(h.seq) FROM unit_history h WHERE h.unit_id = units.id) + 1, $1, name, path, \
    CASE WHEN ended_on IS NULL THEN $2 ELSE $3 END, $4, $5, $6, $7 FROM units WHERE ";

fn record_values(r: &Recorded<'_>) -> Vec<db::Value> {
    params![r.from, false, true, r.reason, r.note, r.by, r.at]
}

/// Records how a unit is now.
pub(crate) async fn record(tx: &Tx, unit: UnitId, r: &Recorded<'_>) -> Result<()> {
    let mut values = record_values(r);
    values.push(db::Param::param(&unit));
    db::execute(tx, &format!("{RECORD} id = $8"), values).await?;
    Ok(())
}

/// Records how a unit and all below it are now.
pub(crate) async fn record_below(tx: &Tx, path: &str, r: &Recorded<'_>) -> Result<()> {
    let mut values = record_values(r);
    let within = within(path, &mut values);
    db::execute(tx, &format!("{RECORD} {within}"), values).await?;
    Ok(())
}

/// The day of a unit's last recorded change.
pub(crate) async fn last_change(conn: &impl Conn, unit: UnitId) -> Result<Option<Day>> {
    let last = history(conn, unit).await?.pop();
    last.filter(|h| !h.from_day.is_empty()).map(|h| h.from_day.parse().map_err(Error::internal)).transpose()
}

const WAS: &str = "SELECT h.unit_id, h.from_day, h.name, h.path, h.is_ended, h.reason, h.note, p.name AS recorded_by \
    FROM unit_history h LEFT JOIN people p ON p.id = h.recorded_by WHERE";

/// A unit's changes in order; none where it is as it was from the beginning.
pub(crate) async fn history(conn: &impl Conn, unit: UnitId) -> Result<Vec<Was>> {
    let sql = format!("{WAS} h.unit_id = $1 ORDER BY h.from_day, h.seq LIMIT 500");
    db::all(conn, &sql, params![unit]).await
}

/// What these units were called on a day, where that is recorded.
pub(crate) async fn names_on(conn: &impl Conn, units: &[UnitId], on: Day) -> Result<HashMap<UnitId, String>> {
    let mut names = HashMap::new();
    for chunk in units.chunks(5000) {
        let mut values = params![on];
        values.extend(chunk.iter().map(db::Param::param));
        let list = db::in_list(2, chunk.len());
        let sql =
            format!("{WAS} h.from_day <= $1 AND h.unit_id IN ({list}) ORDER BY h.unit_id, h.from_day, h.seq");
        for was in db::all::<Was>(conn, &sql, values).await? {
            names.insert(was.unit_id.parse()?, was.name);
        }
    }
    Ok(names)
}

pub(crate) async fn set_name(tx: &Tx, unit: UnitId, name: &str) -> Result<()> {
    db::execute(tx, "UPDATE units SET name = $1 WHERE id = $2", params![name, unit]).await?;
    Ok(())
}

pub(crate) async fn set_parent(tx: &Tx, unit: UnitId, parent: UnitId) -> Result<()> {
    db::execute(tx, "UPDATE units SET parent_id = $1 WHERE id = $2", params![parent, unit]).await?;
    Ok(())
}

pub(crate) async fn end(tx: &Tx, unit: UnitId, into: UnitId, on: Day) -> Result<()> {
    let sql = "UPDATE units SET ended_on = $1, merged_into = $2 WHERE id = $3";
    db::execute(tx, sql, params![on, into, unit]).await?;
    Ok(())
}

pub(crate) async fn is_ended(conn: &impl Conn, unit: UnitId) -> Result<bool> {
    let sql = "SELECT COUNT(*) FROM units WHERE id = $1 AND ended_on IS NOT NULL";
    Ok(db::count(conn, sql, params![unit]).await? > 0)
}

/// Puts the units of a subtree, and the copies of their paths, under another path.
pub(crate) async fn rewrite_paths(tx: &Tx, from: &str, to: &str) -> Result<()> {
    rewrite(tx, ("units", "path"), (from, to)).await?;
    rewrite_copies(tx, from, to).await
}

/// Puts the copies of a subtree's paths under another path.
pub(crate) async fn rewrite_copies(tx: &Tx, from: &str, to: &str) -> Result<()> {
    for copy in PATH_COPIES {
        rewrite(tx, *copy, (from, to)).await?;
    }
    Ok(())
}

async fn rewrite(tx: &Tx, (table, column): (&str, &str), (from, to): (&str, &str)) -> Result<()> {
    let tail = i64::try_from(from.len() + 1).unwrap_or(i64::MAX);
    let mut values = params![to, tail];
    let within = db::in_scope(column, &Scope { paths: vec![from.to_owned()] }, &mut values);
    let sql = format!(
        "UPDATE {table} SET {column} = CAST($1 AS TEXT) || SUBSTR({column}, CAST($2 AS INTEGER)) WHERE {within}"
    );
    db::execute(tx, &sql, values).await?;
    Ok(())
}

/// What stands directly below a unit and has not ended.
pub(crate) async fn directly_below(conn: &impl Conn, unit: UnitId) -> Result<Vec<Unit>> {
    let sql = format!("{UNIT} WHERE parent_id = $1 AND ended_on IS NULL ORDER BY code LIMIT 20000");
    db::all::<UnitRow>(conn, &sql, params![unit]).await?.into_iter().map(Unit::try_from).collect()
}

/// A unit with what its page shows.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Told {
    pub code: String,
    pub name: String,
    pub kind: String,
    /// On post, departments included.
    pub people: i64,
    /// Active administrators.
    pub administrators: i64,
    pub has_card: i64,
    pub parent_code: Option<String>,
    pub ended_on: Option<String>,
}

const TOLD: &str = "SELECT u.code, u.name, u.kind, (SELECT COUNT(*) FROM people p WHERE p.unit_id = u.id AND \
    p.status = 'on_post' AND p.merged_into IS NULL) AS people, (SELECT COUNT(*) FROM role_grants g JOIN people a ON a.id = g.person_id \
    JOIN accounts c ON c.person_id = a.id WHERE g.unit_id = u.id AND g.role IN ('unit_admin', 'authority') AND g.ended_at IS NULL \
    AND a.status = 'on_post' AND c.disabled_at IS NULL) AS administrators, \
    (SELECT COUNT(*) FROM contact_cards k WHERE k.unit_id = u.id) AS has_card, o.code AS parent_code, u.ended_on \
    FROM units u LEFT JOIN units o ON o.id = u.parent_id";

/// Which units a list names.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Listing<'a> {
    /// A part of the name, or the code.
    pub text: &'a str,
    /// Only those without an active administrator.
    pub unled: bool,
}

/// Units of a scope by code, departments left out.
pub(crate) async fn units(
    conn: &impl Conn,
    scope: &Scope,
    listing: Listing<'_>,
    paging: &Paging,
) -> Result<Vec<Told>> {
    let mut values = params![paging.after(), paging.limit() + 1];
    let within = db::in_scope("u.path", scope, &mut values);
    let mut condition = format!("{within} AND u.code > $1 AND u.kind <> 'department'");
    let text = listing.text.trim();
    if !text.is_empty() {
        let escaped = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        values.push(db::Param::param(&format!("%{escaped}%")));
        let name = values.len();
        values.push(db::Param::param(text));
        condition = format!("{condition} AND (u.name LIKE ${name} ESCAPE '\\' OR u.code = ${})", name + 1);
    }
    if listing.unled {
        condition = format!(
            "{condition} AND u.ended_on IS NULL AND u.kind = 'unit' AND NOT EXISTS (SELECT 1 FROM role_grants g \
             JOIN people a ON a.id = g.person_id JOIN accounts c ON c.person_id = a.id WHERE g.unit_id = u.id \
             AND g.role = 'unit_admin' AND g.ended_at IS NULL AND a.status = 'on_post' AND c.disabled_at IS NULL)"
        );
    }
    let sql = format!("{TOLD} WHERE {condition} ORDER BY u.code LIMIT $2");
    db::all(conn, &sql, values).await
}

/// One unit as its page shows it.
pub(crate) async fn told(conn: &impl Conn, unit: UnitId) -> Result<Told> {
    db::one(conn, &format!("{TOLD} WHERE u.id = $1"), params![unit]).await
}

const CARD: &str = "SELECT u.code, u.name, c.office, c.names, c.telephone, c.hours FROM contact_cards c \
    JOIN units u ON u.id = c.unit_id";

/// The unit's own card, else that of the nearest unit above that has one.
pub(crate) async fn card(conn: &impl Conn, unit: &Unit) -> Result<Option<CardOf>> {
    let codes: Vec<&str> = unit.path.split('/').filter(|c| !c.is_empty()).collect();
    let list = db::in_list(1, codes.len());
    let sql = format!("{CARD} WHERE u.code IN ({list}) ORDER BY LENGTH(u.path) DESC LIMIT 1");
    db::maybe(conn, &sql, codes.iter().map(|c| db::Param::param(*c)).collect()).await
}

/// Cards of units whose name holds the text, or of that code: public, so few and without people.
pub(crate) async fn cards(conn: &impl Conn, text: &str) -> Result<Vec<CardOf>> {
    let escaped = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    let sql = format!(
        "{CARD} WHERE u.ended_on IS NULL AND (u.name LIKE $1 ESCAPE '\\' OR u.code = $2) ORDER BY u.code LIMIT 20"
    );
    db::all(conn, &sql, params![format!("%{escaped}%"), text]).await
}

pub(crate) async fn write_card(
    tx: &Tx,
    unit: UnitId,
    card: &Card,
    (by, at): (PersonId, Instant),
) -> Result<()> {
    let sql = "INSERT INTO contact_cards (unit_id, office, names, telephone, hours, updated_by, updated_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (unit_id) DO UPDATE SET office = excluded.office, \
               names = excluded.names, telephone = excluded.telephone, hours = excluded.hours, \
               updated_by = excluded.updated_by, updated_at = excluded.updated_at";
    let values = params![unit, card.office, card.names, card.telephone, card.hours, by, day::millis(at)];
    db::execute(tx, sql, values).await?;
    Ok(())
}
