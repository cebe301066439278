//! Statements on merged records, possible duplicates and corrections.
use base::{Error, Instant, PersonId, Result, Scope, day};
use db::{Conn, Tx, params};
use org::Identity;
use sea_orm::FromQueryResult;
use site::{Paging, Site};

use crate::correction::Correction;

/// Two records that may be one human's.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Pair {
    pub first_id: String,
    pub first_name: String,
    pub first_unit: String,
    pub first_number: Option<String>,
    pub first_hours: i64,
    pub second_id: String,
    pub second_name: String,
    pub second_unit: String,
    pub second_number: Option<String>,
    pub second_hours: i64,
    pub birth_date: Option<String>,
    /// 1 where both have bound the same phone.
    pub shares_phone: i64,
}

/// Pairs of records in a scope with one name and one birth date, or with one phone.
pub(crate) async fn pairs(conn: &impl Conn, scope: &Scope, paging: &Paging) -> Result<Vec<Pair>> {
    let mut values = params![paging.after(), paging.limit() + 1];
    let here = db::in_scope("u.path", scope, &mut values);
    let there = db::in_scope("v.path", scope, &mut values);
    let entries = |id: &str| format!("(SELECT COUNT(*) FROM hour_entries e WHERE e.person_id = {id})");
    let sql = format!(
        "SELECT a.id AS first_id, a.name AS first_name, u.name AS first_unit, a.id_number_masked AS first_number, \
         {} AS first_hours, b.id AS second_id, b.name AS second_name, v.name AS second_unit, \
         b.id_number_masked AS second_number, {} AS second_hours, a.birth_date, x.shares_phone FROM ( \
         SELECT first_id, second_id, CAST(MAX(shares_phone) AS BIGINT) AS shares_phone FROM ( \
         SELECT a.id AS first_id, b.id AS second_id, 0 AS shares_phone FROM people a JOIN people b ON b.name = a.name \
         AND b.birth_date = a.birth_date AND b.id > a.id WHERE a.merged_into IS NULL AND b.merged_into IS NULL \
         UNION ALL SELECT ia.person_id, ja.person_id, 1 FROM identifiers i JOIN accounts ia ON ia.id = i.account_id \
         JOIN identifiers j ON j.lookup = i.lookup AND j.kind = 'phone' JOIN accounts ja ON ja.id = j.account_id \
         WHERE i.kind = 'phone' AND ja.person_id > ia.person_id) y GROUP BY first_id, second_id) x \
         JOIN people a ON a.id = x.first_id JOIN people b ON b.id = x.second_id JOIN units u ON u.id = a.unit_id \
         JOIN units v ON v.id = b.unit_id WHERE x.first_id > $1 AND a.merged_into IS NULL AND b.merged_into IS NULL \
         AND {here} AND {there} ORDER BY x.first_id, x.second_id LIMIT $2",
        entries("a.id"),
        entries("b.id"),
    );
    db::all(conn, &sql, values).await
}

/// Whether one of these went into another record already.
pub(crate) async fn is_merged(conn: &impl Conn, people: &[PersonId]) -> Result<bool> {
    let list = db::in_list(1, people.len());
    let sql = format!("SELECT COUNT(*) FROM people WHERE merged_into IS NOT NULL AND id IN ({list})");
    Ok(db::count(conn, &sql, people.iter().map(db::Param::param).collect()).await? > 0)
}

pub(crate) async fn has_open_transfer(conn: &impl Conn, person: PersonId) -> Result<bool> {
    let sql = "SELECT COUNT(*) FROM transfers WHERE person_id = $1 AND state = 'asked'";
    Ok(db::count(conn, sql, params![person]).await? > 0)
}

/// A merge to be written.
pub(crate) struct Merge<'a> {
    pub kept: PersonId,
    pub gone: PersonId,
    pub reason: &'a str,
    pub credits: usize,
    pub by: PersonId,
}

pub(crate) async fn insert_merge(site: &Site, tx: &Tx, m: &Merge<'_>) -> Result<()> {
    let id: base::Id<base::id::of::Entry> = site.new_id();
    let credits = i64::try_from(m.credits).unwrap_or(i64::MAX);
    let sql = "INSERT INTO person_merges (id, kept_id, gone_id, reason, credits, merged_by, merged_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7)";
    db::execute(tx, sql, params![id, m.kept, m.gone, m.reason, credits, m.by, site.now()]).await?;
    Ok(())
}

/// A merge as its list shows it.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Done {
    pub id: String,
    pub kept_id: String,
    pub kept_name: String,
    pub gone_id: String,
    pub gone_number: Option<String>,
    pub gone_unit: String,
    pub reason: String,
    pub credits: i64,
    pub merged_by: String,
    pub merged_at: i64,
}

/// Merges of a scope, the newest first.
pub(crate) async fn merges(conn: &impl Conn, scope: &Scope, paging: &Paging) -> Result<Vec<Done>> {
    let mut values = params![paging.after(), paging.limit() + 1];
    let within = db::in_scope("u.path", scope, &mut values);
    let sql = format!(
        "SELECT m.id, m.kept_id, k.name AS kept_name, m.gone_id, g.id_number_masked AS gone_number, o.name AS gone_unit, \
         m.reason, m.credits, b.name AS merged_by, m.merged_at FROM person_merges m JOIN people k ON k.id = m.kept_id \
         JOIN units u ON u.id = k.unit_id JOIN people g ON g.id = m.gone_id JOIN units o ON o.id = g.unit_id \
         JOIN people b ON b.id = m.merged_by WHERE ($1 = '' OR m.id < $1) AND {within} ORDER BY m.id DESC LIMIT $2"
    );
    db::all(conn, &sql, values).await
}

/// A correction to be written.
pub(crate) struct NewCorrection<'a> {
    pub id: &'a str,
    pub person: PersonId,
    pub wanted: &'a Identity,
    pub reason: &'a str,
    pub by: PersonId,
}

fn place(id: &str) -> String {
    format!("corrections.wanted:{id}")
}

/// Writes a request; false where one is open for the person already.
pub(crate) async fn insert_correction(site: &Site, tx: &Tx, c: &NewCorrection<'_>) -> Result<bool> {
    let plain = serde_json::to_string(c.wanted).map_err(Error::internal)?;
    let sealed = site.keys.seal(&place(c.id), &plain, &*site.random)?;
    let sql = "INSERT INTO corrections (id, person_id, state, wanted_sealed, fields, reason, asked_by, asked_at) \
               VALUES ($1, $2, 'submitted', $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";
    let fields = c.wanted.fields().join(",");
    let values = params![c.id, c.person, sealed, fields, c.reason, c.by, site.now()];
    Ok(db::execute(tx, sql, values).await? == 1)
}

#[derive(FromQueryResult)]
struct Row {
    id: String,
    person_id: String,
    person_name: String,
    unit_name: String,
    path: String,
    state: String,
    wanted_sealed: String,
    reason: String,
    asked_by: String,
    asked_by_name: String,
    asked_at: i64,
    decided_by_name: Option<String>,
    comment: Option<String>,
}

impl Row {
    fn read(self, site: &Site) -> Result<Correction> {
        let plain = site.keys.open_sealed(&place(&self.id), &self.wanted_sealed)?;
        Ok(Correction {
            wanted: serde_json::from_str(&plain).map_err(Error::internal)?,
            id: self.id,
            person: self.person_id.parse()?,
            person_name: self.person_name,
            unit_name: self.unit_name,
            path: self.path,
            state: self.state,
            reason: self.reason,
            asked_by: self.asked_by.parse()?,
            asked_by_name: self.asked_by_name,
            asked_at: self.asked_at,
            decided_by_name: self.decided_by_name,
            comment: self.comment,
        })
    }
}

const CORRECTION: &str = "SELECT c.id, c.person_id, p.name AS person_name, u.name AS unit_name, COALESCE(d.path, u.path) AS path, \
    c.state, c.wanted_sealed, c.reason, c.asked_by, a.name AS asked_by_name, c.asked_at, b.name AS decided_by_name, c.comment \
    FROM corrections c JOIN people p ON p.id = c.person_id JOIN units u ON u.id = p.unit_id \
    LEFT JOIN units d ON d.id = p.department_id JOIN people a ON a.id = c.asked_by LEFT JOIN people b ON b.id = c.decided_by";

pub(crate) async fn correction(site: &Site, conn: &impl Conn, id: &str) -> Result<Correction> {
    db::one::<Row>(conn, &format!("{CORRECTION} WHERE c.id = $1"), params![id]).await?.read(site)
}

pub(crate) async fn hold_correction(tx: &Tx, id: &str) -> Result<()> {
    let lock = format!("SELECT id FROM corrections WHERE id = $1{}", db::dialect::for_update(tx));
    db::execute(tx, &lock, params![id]).await?;
    Ok(())
}

/// Corrections of a scope, those that wait first, then the newest.
pub(crate) async fn corrections(site: &Site, scope: &Scope, paging: &Paging) -> Result<Vec<Correction>> {
    let mut values = params![paging.after(), paging.limit() + 1];
    let within = db::in_scope("COALESCE(d.path, u.path)", scope, &mut values);
    let sql = format!("{CORRECTION} WHERE ($1 = '' OR c.id < $1) AND {within} ORDER BY c.id DESC LIMIT $2");
    db::all::<Row>(&site.db, &sql, values).await?.into_iter().map(|r| r.read(site)).collect()
}

/// The person's own corrections, the newest first.
pub(crate) async fn own_corrections(site: &Site, person: PersonId) -> Result<Vec<Correction>> {
    let sql = format!("{CORRECTION} WHERE c.person_id = $1 ORDER BY c.id DESC LIMIT 50");
    db::all::<Row>(&site.db, &sql, params![person]).await?.into_iter().map(|r| r.read(site)).collect()
}

pub(crate) async fn close_correction(
    tx: &Tx,
    id: &str,
    (state, by, comment): (&str, PersonId, &str),
    now: Instant,
) -> Result<()> {
    let sql =
        "UPDATE corrections SET state = $1, decided_by = $2, comment = $3, decided_at = $4 WHERE id = $5";
    db::execute(tx, sql, params![state, by, comment, day::millis(now), id]).await?;
    Ok(())
}
