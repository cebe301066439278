//! Statements on the rules of suspension: one row, or none while the delivered ones hold.
use base::{Instant, PersonId, Result};
use db::{Conn, Tx, params};

use crate::rules::Rules;

pub(crate) async fn rules(conn: &impl Conn) -> Result<Option<Rules>> {
    let sql = "SELECT reject_days, reject_least, reject_percent, unreached_days, dispute_days, dispute_least \
               FROM provider_rules WHERE id = 1";
    db::maybe(conn, sql, vec![]).await
}

pub(crate) async fn save(tx: &Tx, r: &Rules, (by, now): (PersonId, Instant)) -> Result<()> {
    let sql = "INSERT INTO provider_rules (id, reject_days, reject_least, reject_percent, unreached_days, dispute_days, \
               dispute_least, changed_by, changed_at) VALUES (1, $1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO UPDATE SET \
               reject_days = $1, reject_least = $2, reject_percent = $3, unreached_days = $4, dispute_days = $5, \
               dispute_least = $6, changed_by = $7, changed_at = $8";
    let values = params![
        r.reject_days,
        r.reject_least,
        r.reject_percent,
        r.unreached_days,
        r.dispute_days,
        r.dispute_least,
        by,
        now
    ];
    db::execute(tx, sql, values).await?;
    Ok(())
}
