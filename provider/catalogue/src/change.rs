//! What is offered has changed: whoever lists these courses is told. Who tells them is `link`.
use base::Result;
use db::Conn;
use serde::{Deserialize, Serialize};
use site::Site;

/// The job that tells what is offered now.
pub const CHANGED: &str = "catalogue.changed";

/// Says nothing more: what is offered is read when it is told.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Changed {}

/// Lets it be told, in the transaction of the change. Each change asks for itself: one that is told already may have read
/// the list before.
pub async fn changed(site: &Site, conn: &impl Conn) -> Result<()> {
    site.enqueue(conn, CHANGED, &Changed {}).await
}
