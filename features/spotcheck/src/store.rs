//! Statements on spot checks and their cases.
use base::{Error, Hours, Instant, PersonId, Result, Scope, UnitId, Year, day};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;
use site::Site;

use crate::{blind::Case, check::Check};

/// The approved claims of a year in a scope that no check has drawn, in byte order of their ids.
pub(crate) async fn population(conn: &impl Conn, scope: &Scope, year: Year) -> Result<Vec<String>> {
    #[derive(FromQueryResult)]
    struct One {
        id: String,
    }
    let mut values = params![year];
    let within = db::in_scope("COALESCE(d.path, u.path)", scope, &mut values);
    let sql = format!(
        "SELECT c.id FROM activity_claims c JOIN people p ON p.id = c.person_id JOIN units u ON u.id = p.unit_id \
         LEFT JOIN units d ON d.id = p.department_id WHERE c.state = 'approved' AND c.year = $1 AND {within} \
         AND NOT EXISTS (SELECT 1 FROM spot_check_cases s WHERE s.claim_id = c.id AND s.drawn = 1) \
         ORDER BY c.id LIMIT 100000"
    );
    Ok(db::all::<One>(conn, &sql, values).await?.into_iter().map(|r| r.id).collect())
}

/// A check to be announced.
pub(crate) struct NewCheck<'a> {
    pub id: String,
    pub unit: UnitId,
    pub unit_path: &'a str,
    pub year: Year,
    pub size: i64,
    pub population: i64,
    pub population_sha256: String,
    pub after_checkpoint: i64,
}

pub(crate) async fn insert(tx: &Tx, c: &NewCheck<'_>, (by, now): (PersonId, Instant)) -> Result<()> {
    let sql = "INSERT INTO spot_checks (id, unit_id, unit_path, year, size, population, population_sha256, \
               after_checkpoint, announced_by, announced_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let values = params![
        c.id,
        c.unit,
        c.unit_path,
        c.year,
        c.size,
        c.population,
        c.population_sha256,
        c.after_checkpoint,
        by,
        now
    ];
    db::execute(tx, sql, values).await?;
    Ok(())
}

pub(crate) async fn insert_cases(site: &Site, tx: &Tx, check: &str, claims: &[String]) -> Result<()> {
    let row = |claim: &String| {
        let id: base::Id<base::id::of::Entry> = site.new_id();
        params![id, check, claim, 0_i64]
    };
    let rows = claims.iter().map(row).collect();
    db::insert_rows(tx, "spot_check_cases", &["id", "check_id", "claim_id", "drawn"], rows, "").await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct Row {
    id: String,
    unit_name: String,
    unit_path: String,
    year: i64,
    size: i64,
    population: i64,
    population_sha256: String,
    after_checkpoint: i64,
    announced_by: String,
    announced_at: i64,
    seed: Option<String>,
    seed_checkpoint: Option<i64>,
    reviewed: i64,
    differing: i64,
}

const CHECK: &str = "SELECT s.id, u.name AS unit_name, s.unit_path, s.year, s.size, s.population, s.population_sha256, \
    s.after_checkpoint, p.name AS announced_by, s.announced_at, s.seed, s.seed_checkpoint, \
    (SELECT COUNT(*) FROM spot_check_cases c WHERE c.check_id = s.id AND c.verdict IS NOT NULL) AS reviewed, \
    (SELECT COUNT(*) FROM spot_check_cases c WHERE c.check_id = s.id AND c.verdict IN ('lower', 'refused')) AS differing \
    FROM spot_checks s JOIN units u ON u.id = s.unit_id JOIN people p ON p.id = s.announced_by";

impl TryFrom<Row> for Check {
    type Error = Error;
    fn try_from(r: Row) -> Result<Self> {
        Ok(Self {
            year: Year::new(r.year).ok_or_else(|| Error::internal("a check without a year"))?,
            announced_at: day::from_millis(r.announced_at),
            id: r.id,
            unit_name: r.unit_name,
            unit_path: r.unit_path,
            size: r.size,
            population: r.population,
            population_sha256: r.population_sha256,
            after_checkpoint: r.after_checkpoint,
            announced_by: r.announced_by,
            seed: r.seed,
            seed_checkpoint: r.seed_checkpoint,
            reviewed: r.reviewed,
            differing: r.differing,
        })
    }
}

pub(crate) async fn check(conn: &impl Conn, id: &str) -> Result<Check> {
    db::one::<Row>(conn, &format!("{CHECK} WHERE s.id = $1"), params![id]).await?.try_into()
}

/// The checks of a scope, the newest first.
pub(crate) async fn checks(conn: &impl Conn, scope: &Scope) -> Result<Vec<Check>> {
    let mut values = vec![];
    let within = db::in_scope("s.unit_path", scope, &mut values);
    let sql = format!("{CHECK} WHERE {within} ORDER BY s.announced_at DESC, s.id LIMIT 100");
    db::all::<Row>(conn, &sql, values).await?.into_iter().map(Check::try_from).collect()
}

/// Checks of a scope that wait for their seed.
pub(crate) async fn undrawn(conn: &impl Conn, scope: &Scope) -> Result<Vec<String>> {
    #[derive(FromQueryResult)]
    struct One {
        id: String,
    }
    let mut values = vec![];
    let within = db::in_scope("unit_path", scope, &mut values);
    let sql = format!("SELECT id FROM spot_checks WHERE seed IS NULL AND {within} ORDER BY id LIMIT 20");
    Ok(db::all::<One>(conn, &sql, values).await?.into_iter().map(|r| r.id).collect())
}

/// Holds a check until the transaction ends.
pub(crate) async fn hold(tx: &Tx, id: &str) -> Result<()> {
    let sql = format!("SELECT id FROM spot_checks WHERE id = $1{}", db::dialect::for_update(tx));
    db::execute(tx, &sql, params![id]).await?;
    Ok(())
}

/// The first checkpoint after another: its number and its root.
pub(crate) async fn seed_after(conn: &impl Conn, no: i64) -> Result<Option<(i64, String)>> {
    #[derive(FromQueryResult)]
    struct One {
        no: i64,
        content: String,
    }
    let sql = "SELECT no, content FROM hour_checkpoints WHERE no > $1 ORDER BY no LIMIT 1";
    let Some(found) = db::maybe::<One>(conn, sql, params![no]).await? else { return Ok(None) };
    let content: serde_json::Value = serde_json::from_str(&found.content).map_err(Error::internal)?;
    // The root alone may stay the same over days without a change; with the hash before it, it never does.
    let part =
        |name: &str| content.get(name).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
    Ok(Some((found.no, format!("{}:{}", part("root"), part("previous")))))
}

/// The ids of all claims of a check, in byte order.
pub(crate) async fn ids(conn: &impl Conn, check: &str) -> Result<Vec<String>> {
    #[derive(FromQueryResult)]
    struct One {
        claim_id: String,
    }
    let sql = "SELECT claim_id FROM spot_check_cases WHERE check_id = $1 ORDER BY claim_id LIMIT 100000";
    Ok(db::all::<One>(conn, sql, params![check]).await?.into_iter().map(|r| r.claim_id).collect())
}

pub(crate) async fn set_drawn(
    tx: &Tx,
    id: &str,
    (checkpoint, seed, now): (i64, &str, Instant),
    drawn: &[&str],
) -> Result<()> {
    let sql = "UPDATE spot_checks SET seed = $1, seed_checkpoint = $2, drawn_at = $3 WHERE id = $4";
    db::execute(tx, sql, params![seed, checkpoint, now, id]).await?;
    for chunk in drawn.chunks(5000) {
        let mut values = params![id];
        values.extend(chunk.iter().map(db::Param::param));
        let sql = format!(
            "UPDATE spot_check_cases SET drawn = 1 WHERE check_id = $1 AND claim_id IN ({})",
            db::in_list(2, chunk.len())
        );
        db::execute(tx, &sql, values).await?;
    }
    Ok(())
}

#[derive(FromQueryResult)]
struct CaseRow {
    id: String,
    check_id: String,
    claim_id: String,
    verdict: Option<String>,
    hours: Option<i64>,
    comment: Option<String>,
    reviewer: Option<String>,
}

impl TryFrom<CaseRow> for Case {
    type Error = Error;
    fn try_from(r: CaseRow) -> Result<Self> {
        Ok(Self {
            id: r.id,
            check: r.check_id,
            claim: r.claim_id,
            verdict: r.verdict,
            hours: r.hours.map(Hours::from_hundredths),
            comment: r.comment.unwrap_or_default(),
            reviewer: r.reviewer,
        })
    }
}

const CASE: &str = "SELECT c.id, c.check_id, c.claim_id, c.verdict, c.hours, c.comment, p.name AS reviewer \
    FROM spot_check_cases c LEFT JOIN people p ON p.id = c.reviewed_by";

/// A drawn case.
pub(crate) async fn case(conn: &impl Conn, id: &str) -> Result<Case> {
    let sql = format!("{CASE} WHERE c.id = $1 AND c.drawn = 1");
    db::one::<CaseRow>(conn, &sql, params![id]).await?.try_into()
}

/// The drawn cases of a check.
pub(crate) async fn drawn(conn: &impl Conn, check: &str) -> Result<Vec<Case>> {
    let sql = format!("{CASE} WHERE c.check_id = $1 AND c.drawn = 1 ORDER BY c.id LIMIT 10000");
    db::all::<CaseRow>(conn, &sql, params![check]).await?.into_iter().map(Case::try_from).collect()
}

/// Writes a second look; false where one was written before.
pub(crate) async fn set_reviewed(
    tx: &Tx,
    id: &str,
    (verdict, hours, comment): (&str, Option<Hours>, &str),
    (by, now): (PersonId, Instant),
) -> Result<bool> {
    let sql = "UPDATE spot_check_cases SET verdict = $1, hours = $2, comment = $3, reviewed_by = $4, reviewed_at = $5 \
               WHERE id = $6 AND drawn = 1 AND verdict IS NULL";
    let values = params![verdict, hours.map(Hours::hundredths), comment, by, now, id];
    Ok(db::execute(tx, sql, values).await? == 1)
}
