//! Statements on monthly accounts and on how a provider does.
use base::{Instant, Result};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;
use serde::Serialize;
use utoipa::ToSchema;

use crate::provider::ProviderId;

/// A completion as it stands here.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Ours {
    pub id: String,
    pub course: String,
    pub status: String,
    pub reason: Option<String>,
    pub hours: i64,
    pub fee: i64,
}

impl Ours {
    pub fn is_counted(&self) -> bool {
        self.status == "counted"
    }
}

/// Completions of a provider that were completed in a span.
pub(crate) async fn ours(
    conn: &impl Conn,
    provider: ProviderId,
    (from, to): (i64, i64),
    limit: i64,
) -> Result<Vec<Ours>> {
    let sql = "SELECT completion_id AS id, course, status, reason, COALESCE(hours, 0) AS hours, COALESCE(fee, 0) AS fee \
               FROM completions WHERE provider_id = $1 AND completed_at >= $2 AND completed_at < $3 \
               ORDER BY completion_id LIMIT $4";
    db::all(conn, sql, params![provider, from, to, limit]).await
}

/// Records, hours (hundredths) and fees (fen) of both sides.
#[derive(Clone, Debug, Default, FromQueryResult)]
pub(crate) struct Sums {
    pub their_records: i64,
    pub their_hours: i64,
    pub their_fees: i64,
    pub our_records: i64,
    pub our_hours: i64,
    pub our_fees: i64,
    pub differing: i64,
}

pub(crate) async fn our_sums(conn: &impl Conn, provider: ProviderId, (from, to): (i64, i64)) -> Result<Sums> {
    let sql = "SELECT CAST(0 AS BIGINT) AS their_records, CAST(0 AS BIGINT) AS their_hours, CAST(0 AS BIGINT) AS their_fees, \
               COUNT(*) AS our_records, CAST(COALESCE(SUM(hours), 0) AS BIGINT) AS our_hours, \
               CAST(COALESCE(SUM(fee), 0) AS BIGINT) AS our_fees, CAST(0 AS BIGINT) AS differing FROM completions \
               WHERE provider_id = $1 AND completed_at >= $2 AND completed_at < $3 AND status = 'counted'";
    db::one(conn, sql, params![provider, from, to]).await
}

/// An account as it was compared.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub sums: Sums,
    pub at: i64,
}

pub(crate) async fn account(conn: &impl Conn, provider: ProviderId, month: &str) -> Result<Option<Kept>> {
    #[derive(FromQueryResult)]
    struct At {
        at: i64,
    }
    let columns = "their_records, their_hours, their_fees, our_records, our_hours, our_fees, differing";
    let sql = format!("SELECT {columns} FROM provider_accounts WHERE provider_id = $1 AND month = $2");
    let Some(sums) = db::maybe::<Sums>(conn, &sql, params![provider, month]).await? else { return Ok(None) };
    let sql = "SELECT at FROM provider_accounts WHERE provider_id = $1 AND month = $2";
    let at = db::one::<At>(conn, sql, params![provider, month]).await?.at;
    Ok(Some(Kept { sums, at }))
}

/// What differs between the sides in one record.
#[derive(Clone, Debug, Serialize, FromQueryResult, ToSchema)]
pub(crate) struct Difference {
    /// The completion's id.
    pub id: String,
    /// `not_received`, `not_stated`, `not_counted`, `stated_twice`, `course`, `hours` or `fee`.
    pub difference: String,
    pub theirs: String,
    pub ours: String,
}

/// Differences of a month after a record and a kind of difference, in this order.
pub(crate) async fn differences(
    conn: &impl Conn,
    (provider, month): (ProviderId, &str),
    (record, kind): (&str, &str),
    limit: i64,
) -> Result<Vec<Difference>> {
    let sql = "SELECT completion_id AS id, difference, theirs, ours FROM provider_account_differences \
               WHERE provider_id = $1 AND month = $2 AND (completion_id, difference) > ($3, $4) \
               ORDER BY completion_id, difference LIMIT $5";
    db::all(conn, sql, params![provider, month, record, kind, limit]).await
}

/// Writes a month's account in place of the one before.
pub(crate) async fn replace(
    tx: &Tx,
    (provider, month): (ProviderId, &str),
    sums: &Sums,
    differences: &[Difference],
    now: Instant,
) -> Result<()> {
    for table in ["provider_account_differences", "provider_accounts"] {
        let sql = format!("DELETE FROM {table} WHERE provider_id = $1 AND month = $2");
        db::execute(tx, &sql, params![provider, month]).await?;
    }
    let sql = "INSERT INTO provider_accounts (provider_id, month, their_records, their_hours, their_fees, our_records, \
               our_hours, our_fees, differing, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let s = sums;
    let values = params![
        provider,
        month,
        s.their_records,
        s.their_hours,
        s.their_fees,
        s.our_records,
        s.our_hours,
        s.our_fees,
        s.differing,
        now,
    ];
    db::execute(tx, sql, values).await?;
    let columns = ["provider_id", "month", "completion_id", "difference", "theirs", "ours"];
    let row = |d: &Difference| params![provider, month, d.id, d.difference, d.theirs, d.ours];
    let rows = differences.iter().map(row).collect();
    db::insert_rows(tx, "provider_account_differences", &columns, rows, "ON CONFLICT DO NOTHING").await?;
    Ok(())
}

/// How many records came out how, and why.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct ByReason {
    pub status: String,
    pub reason: Option<String>,
    pub count: i64,
}

/// Records received since an instant, by what became of them.
pub(crate) async fn by_reason(conn: &impl Conn, provider: ProviderId, since: i64) -> Result<Vec<ByReason>> {
    let sql = "SELECT status, reason, COUNT(*) AS count FROM completions WHERE provider_id = $1 AND received_at >= $2 \
               GROUP BY status, reason ORDER BY COUNT(*) DESC, status LIMIT 100";
    db::all(conn, sql, params![provider, since]).await
}

/// The delay from completion to credit at a place of the sorted list, in milliseconds.
pub(crate) async fn delay_at(
    conn: &impl Conn,
    provider: ProviderId,
    since: i64,
    place: i64,
) -> Result<Option<i64>> {
    #[derive(FromQueryResult)]
    struct Delay {
        delay: i64,
    }
    let sql = "SELECT received_at - completed_at AS delay FROM completions WHERE provider_id = $1 AND received_at >= $2 \
               AND status = 'counted' AND completed_at IS NOT NULL ORDER BY received_at - completed_at LIMIT 1 OFFSET $3";
    Ok(db::maybe::<Delay>(conn, sql, params![provider, since, place]).await?.map(|d| d.delay))
}

/// Disputes since an instant: all, and those still open.
#[derive(Clone, Debug, Default, FromQueryResult)]
pub(crate) struct Disputes {
    pub opened: i64,
    pub open: i64,
}

pub(crate) async fn disputes(conn: &impl Conn, provider: ProviderId, since: i64) -> Result<Disputes> {
    let sql = "SELECT COUNT(*) AS opened, COUNT(*) - COUNT(closed_at) AS open FROM provider_disputes \
               WHERE provider_id = $1 AND opened_at >= $2";
    db::one(conn, sql, params![provider, since]).await
}

/// Disputes that were open already then and still are.
pub(crate) async fn overdue(conn: &impl Conn, provider: ProviderId, before: i64) -> Result<i64> {
    let sql = "SELECT COUNT(*) FROM provider_disputes WHERE provider_id = $1 AND closed_at IS NULL AND opened_at < $2";
    db::count(conn, sql, params![provider, before]).await
}
