//! Statements on lists of courses that come in parts.
use base::{Instant, Result, day};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;

use crate::provider::ProviderId;

/// When a list began: now, with its first part. Lists whose last part did not come within a day are forgotten.
pub(crate) async fn begin(tx: &Tx, (provider, list): (ProviderId, &str), now: Instant) -> Result<i64> {
    #[derive(FromQueryResult)]
    struct Began {
        began_at: i64,
    }
    const KEPT_MS: i64 = 24 * 3_600_000;
    let old = "DELETE FROM provider_course_lists WHERE provider_id = $1 AND began_at < $2";
    db::execute(tx, old, params![provider, day::millis(now) - KEPT_MS]).await?;
    let sql = "INSERT INTO provider_course_lists (provider_id, list_id, began_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    db::execute(tx, sql, params![provider, list, now]).await?;
    let sql = "SELECT began_at FROM provider_course_lists WHERE provider_id = $1 AND list_id = $2";
    Ok(db::one::<Began>(tx, sql, params![provider, list]).await?.began_at)
}

/// Forgets a list that is complete.
pub(crate) async fn end(tx: &Tx, provider: ProviderId, list: &str) -> Result<()> {
    let sql = "DELETE FROM provider_course_lists WHERE provider_id = $1 AND list_id = $2";
    db::execute(tx, sql, params![provider, list]).await?;
    Ok(())
}

/// Courses that were not written since are no longer listed.
pub(crate) async fn unlist_before(conn: &impl Conn, provider: ProviderId, since: i64) -> Result<()> {
    let sql =
        "UPDATE provider_courses SET listed = FALSE WHERE provider_id = $1 AND listed AND synced_at < $2";
    db::execute(conn, sql, params![provider, since]).await?;
    Ok(())
}
