//! What figures of a scope are as of.
use base::{Result, Scope, Year};
use hours::AsOf;
use site::Site;

use crate::kept;

/// The newest checkpoint, and the entries after it where few enough people are meant to count them for a page.
pub async fn of(site: &Site, scope: &Scope, year: Year) -> Result<AsOf> {
    if kept::are_wanted(site, scope, year).await? {
        return AsOf::of_many(site, year, site.now()).await;
    }
    AsOf::of_scope(site, scope, year).await
}
