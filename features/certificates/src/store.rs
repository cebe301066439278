//! Statements on certificates, their revisions and the files handed out.
use std::collections::HashSet;

use base::{Error, Instant, PersonId, Result, Year, person::Code};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;

use crate::{Kind, Number, State, content::Content, issue::Certificate};

#[derive(FromQueryResult)]
struct Row {
    no: String,
    person_id: String,
    kind: String,
    state: String,
    revision: i64,
    unit_id: Option<String>,
    content: String,
    signature: String,
    key_id: String,
    issued_at: i64,
    revoked_at: Option<i64>,
    revoked_reason: Option<String>,
    status_slot: Option<i64>,
}

impl TryFrom<Row> for Certificate {
    type Error = Error;
    fn try_from(r: Row) -> Result<Self> {
        let damaged = |what: &str| Error::internal(format!("a stored certificate has no {what}"));
        Ok(Self {
            no: Number::parse(&r.no).ok_or_else(|| damaged("number"))?,
            person: r.person_id.parse()?,
            kind: Kind::from_code(&r.kind).ok_or_else(|| damaged("kind"))?,
            state: State::from_code(&r.state).ok_or_else(|| damaged("state"))?,
            revision: r.revision,
            unit: r.unit_id.map(|id| id.parse()).transpose()?,
            content: serde_json::from_str::<Content>(&r.content).map_err(Error::internal)?,
            signed: r.content,
            signature: r.signature,
            key_id: r.key_id,
            issued_at: base::day::from_millis(r.issued_at),
            revoked: r
                .revoked_at
                .map(|at| (base::day::from_millis(at), r.revoked_reason.unwrap_or_default())),
            slot: r.status_slot,
        })
    }
}

const COLUMNS: &str = "no, person_id, kind, state, revision, unit_id, content, signature, key_id, issued_at, revoked_at, \
    revoked_reason, status_slot";

async fn many(conn: &impl Conn, rest: &str, values: Vec<db::Value>) -> Result<Vec<Certificate>> {
    let sql = format!("SELECT {COLUMNS} FROM certificates {rest}");
    db::all::<Row>(conn, &sql, values).await?.into_iter().map(Certificate::try_from).collect()
}

fn kinds(kind: Kind) -> String {
    let codes: Vec<String> = kind.family().iter().map(|k| format!("'{}'", k.code())).collect();
    codes.join(", ")
}

pub(crate) async fn by_number(conn: &impl Conn, no: &Number) -> Result<Option<Certificate>> {
    Ok(many(conn, "WHERE no = $1", params![no.compact()]).await?.pop())
}

/// The certificates of these numbers, in no order.
pub(crate) async fn by_numbers(conn: &impl Conn, numbers: &[String]) -> Result<Vec<Certificate>> {
    let mut found = vec![];
    for chunk in numbers.chunks(1000) {
        let rest = format!("WHERE no IN ({})", db::in_list(1, chunk.len()));
        found.extend(many(conn, &rest, chunk.iter().map(db::Param::param).collect()).await?);
    }
    Ok(found)
}

/// Which of these numbers, written with dashes, are of living certificates.
pub async fn living_numbers(conn: &impl Conn, numbers: &[String]) -> Result<HashSet<String>> {
    #[derive(FromQueryResult)]
    struct One {
        no: String,
    }
    let mut found = HashSet::new();
    let compact: Vec<String> = numbers.iter().map(|n| n.replace('-', "")).collect();
    for chunk in compact.chunks(1000) {
        let sql = format!(
            "SELECT no FROM certificates WHERE state = 'valid' AND no IN ({})",
            db::in_list(1, chunk.len())
        );
        let rows: Vec<One> = db::all(conn, &sql, chunk.iter().map(db::Param::param).collect()).await?;
        found.extend(rows.iter().filter_map(|r| Number::parse(&r.no)).map(|n| n.to_string()));
    }
    Ok(found)
}

/// The living certificate of a person's year.
pub(crate) async fn living(
    conn: &impl Conn,
    person: PersonId,
    year: Year,
    kind: Kind,
) -> Result<Option<Certificate>> {
    let rest = format!(
        "WHERE person_id = $1 AND year = $2 AND state = 'valid' AND kind IN ({}) ORDER BY issue DESC LIMIT 1",
        kinds(kind)
    );
    Ok(many(conn, &rest, params![person, year]).await?.pop())
}

/// As [`living`], held until the transaction ends.
pub(crate) async fn hold_living(
    tx: &Tx,
    person: PersonId,
    year: Year,
    kind: Kind,
) -> Result<Option<Certificate>> {
    let rest = format!(
        "WHERE person_id = $1 AND year = $2 AND state = 'valid' AND kind IN ({}) ORDER BY issue DESC LIMIT 1{}",
        kinds(kind),
        db::dialect::for_update(tx)
    );
    Ok(many(tx, &rest, params![person, year]).await?.pop())
}

/// All living certificates of a person but statements, held until the transaction ends.
pub(crate) async fn hold_all_living(tx: &Tx, person: PersonId) -> Result<Vec<Certificate>> {
    let rest = format!(
        "WHERE person_id = $1 AND state = 'valid' AND kind <> 'statement' ORDER BY no LIMIT 200{}",
        db::dialect::for_update(tx)
    );
    many(tx, &rest, params![person]).await
}

/// The latest statements that end with that year.
pub(crate) async fn statements(conn: &impl Conn, person: PersonId, year: Year) -> Result<Vec<Certificate>> {
    let rest = "WHERE person_id = $1 AND year = $2 AND kind = 'statement' AND state = 'valid' ORDER BY issue DESC LIMIT 20";
    many(conn, rest, params![person, year]).await
}

pub(crate) async fn of_person(conn: &impl Conn, person: PersonId) -> Result<Vec<Certificate>> {
    many(conn, "WHERE person_id = $1 ORDER BY year DESC, issue DESC LIMIT 100", params![person]).await
}

/// Writes a new certificate; false when another writer was first.
pub(crate) async fn insert(conn: &impl Conn, c: &Certificate) -> Result<bool> {
    let sql = "INSERT INTO certificates (no, person_id, year, issue, kind, state, revision, unit_id, content, signature, \
               key_id, issued_at, status_slot) VALUES ($1, $2, $3, (SELECT COALESCE(MAX(x.issue), 0) + 1 FROM \
               certificates x WHERE x.person_id = $2 AND x.year = $3), $4, $5, $6, $7, $8, $9, $10, $11, $12) \
               ON CONFLICT DO NOTHING";
    let values = params![
        c.no.compact(),
        c.person,
        c.content.year,
        c.kind.code(),
        c.state.code(),
        c.revision,
        c.unit,
        c.signed,
        c.signature,
        c.key_id,
        c.issued_at,
        c.slot,
    ];
    Ok(db::execute(conn, sql, values).await? == 1)
}

pub(crate) async fn revoke(tx: &Tx, no: &Number, reason: &str, now: Instant) -> Result<()> {
    let sql = "UPDATE certificates SET state = 'revoked', revoked_at = $1, revoked_reason = $2 WHERE no = $3 AND state = 'valid'";
    db::execute(tx, sql, params![now, reason, no.compact()]).await?;
    Ok(())
}

/// Puts the next revision in the place of the old one, which stays readable.
pub(crate) async fn supersede(tx: &Tx, old: &Certificate, next: &Certificate, now: Instant) -> Result<()> {
    let sql = "INSERT INTO certificate_revisions (no, revision, content, signature, key_id, issued_at, superseded_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let values =
        params![old.no.compact(), old.revision, old.signed, old.signature, old.key_id, old.issued_at, now];
    db::execute(tx, sql, values).await?;
    let sql =
        "UPDATE certificates SET content = $1, signature = $2, key_id = $3, revision = $4 WHERE no = $5";
    let values = params![next.signed, next.signature, next.key_id, next.revision, next.no.compact()];
    db::execute(tx, sql, values).await?;
    Ok(())
}

/// The contents of a number's earlier revisions, newest first.
pub(crate) async fn earlier(conn: &impl Conn, no: &Number) -> Result<Vec<Content>> {
    #[derive(FromQueryResult)]
    struct One {
        content: String,
    }
    let sql = "SELECT content FROM certificate_revisions WHERE no = $1 ORDER BY revision DESC LIMIT 50";
    let rows: Vec<One> = db::all(conn, sql, params![no.compact()]).await?;
    rows.iter().map(|r| serde_json::from_str(&r.content).map_err(Error::internal)).collect()
}

/// The contents of revoked certificates, the latest first.
pub(crate) async fn revoked(conn: &impl Conn) -> Result<Vec<Content>> {
    let rest = "WHERE state = 'revoked' ORDER BY revoked_at DESC LIMIT 50000";
    Ok(many(conn, rest, vec![]).await?.into_iter().map(|c| c.content).collect())
}

/// Remembers a file that is handed out.
pub(crate) async fn remember_print(
    conn: &impl Conn,
    sha256: &str,
    c: &Certificate,
    now: Instant,
) -> Result<()> {
    let sql = "INSERT INTO certificate_prints (sha256, no, revision, at) VALUES ($1, $2, $3, $4) ON CONFLICT (sha256) DO NOTHING";
    db::execute(conn, sql, params![sha256, c.no.compact(), c.revision, now]).await?;
    Ok(())
}

/// The number and revision of a file that was handed out.
pub(crate) async fn print(conn: &impl Conn, sha256: &str) -> Result<Option<(Number, i64)>> {
    #[derive(FromQueryResult)]
    struct One {
        no: String,
        revision: i64,
    }
    let sql = "SELECT no, revision FROM certificate_prints WHERE sha256 = $1";
    let row: Option<One> = db::maybe(conn, sql, params![sha256]).await?;
    Ok(row.and_then(|r| Some((Number::parse(&r.no)?, r.revision))))
}

/// How often a network asked since: all, and for what there is not.
pub(crate) async fn attempts(conn: &impl Conn, network: &str, since: i64) -> Result<(i64, i64)> {
    #[derive(FromQueryResult)]
    struct Seen {
        asked: i64,
        missed: i64,
    }
    let sql = "SELECT CAST(COUNT(*) AS BIGINT) AS asked, \
               CAST(COALESCE(SUM(CASE WHEN is_found THEN 0 ELSE 1 END), 0) AS BIGINT) AS missed \
               FROM verify_attempts WHERE network = $1 AND at > $2";
    let seen: Seen = db::one(conn, sql, params![network, since]).await?;
    Ok((seen.asked, seen.missed))
}

pub(crate) async fn remember_attempt(
    conn: &impl Conn,
    network: &str,
    is_found: bool,
    (now, keep_from): (i64, i64),
) -> Result<()> {
    db::execute(conn, "DELETE FROM verify_attempts WHERE at < $1", params![keep_from]).await?;
    let sql = "INSERT INTO verify_attempts (network, is_found, at) VALUES ($1, $2, $3)";
    db::execute(conn, sql, params![network, is_found, now]).await?;
    Ok(())
}

/// The places of one status list whose certificates were revoked.
pub(crate) async fn revoked_slots(conn: &impl Conn, from: i64, to: i64) -> Result<Vec<i64>> {
    #[derive(FromQueryResult)]
    struct One {
        status_slot: i64,
    }
    let sql = "SELECT status_slot FROM certificates WHERE status_slot >= $1 AND status_slot < $2 AND state = 'revoked' \
               ORDER BY status_slot LIMIT 131072";
    let rows: Vec<One> = db::all(conn, sql, params![from, to]).await?;
    Ok(rows.into_iter().map(|r| r.status_slot).collect())
}
