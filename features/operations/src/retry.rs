//! A failed job run again by its operator.
use base::{Error, Result};
use serde_json::json;
use site::{Site, Visitor};

/// Lets a failed job run at once. A job that has succeeded meanwhile, or runs just now, is not found.
pub(crate) async fn retry(site: &Site, visitor: &Visitor, id: &str) -> Result<()> {
    let tx = site.db.begin().await?;
    let kind = jobs::run_again(&tx, id, site.now()).await?.ok_or_else(Error::not_found)?;
    let deed = audit::Deed {
        actor: Some(visitor.actor.person),
        action: "job_retry",
        object: id,
        unit_path: "",
        details: json!({"kind": kind}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await
}
