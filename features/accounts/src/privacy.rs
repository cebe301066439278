//! The privacy notice (告知): which version the person has read, and when. Reading is recorded, never a condition of what
//! the law makes everyone do here (PIPL, article 13).
use base::{Error, Result};
use serde_json::json;
use site::{Site, Visitor};

use crate::{
    sessions,
    store::{self, NoticeRead},
};

/// The version of the notice on `/privacy`; a new one is shown to everyone once.
pub(crate) const VERSION: &str = "2026-11";

/// What the visitor has read.
pub(crate) async fn read(site: &Site, visitor: &Visitor) -> Result<NoticeRead> {
    let own = sessions::own(site, visitor).await?;
    store::notice_read(&site.db, own.account).await
}

/// Records that the visitor read the version shown; another than today's is refused.
pub(crate) async fn confirm(site: &Site, visitor: &Visitor, version: &str) -> Result<()> {
    if version != VERSION {
        return Err(Error::conflict("notice_renewed"));
    }
    let own = sessions::own(site, visitor).await?;
    let tx = site.db.begin().await?;
    store::read_notice(&tx, own.account, VERSION, site.now()).await?;
    let deed = audit::Deed {
        actor: Some(visitor.actor.person),
        action: "privacy.read",
        object: &visitor.actor.person.to_string(),
        unit_path: "",
        details: json!({"version": VERSION}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await
}
