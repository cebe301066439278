//! A published notice goes into the inboxes of those it is for, in portions that any node may go on with.
use base::Result;
use db::Tx;
use messages::Letter;
use serde::{Deserialize, Serialize};
use site::Site;

use crate::{notice::State, store, store_readers};

/// A portion of the people whom a version is for.
pub(crate) const PORTION: &str = "notices.tell";
/// So many people are told in one transaction.
const AT_ONCE: i64 = 500;

/// People after one of them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Portion {
    notice: String,
    version: i64,
    after: String,
}

/// Puts the first portion into the queue.
pub(crate) async fn begin(site: &Site, tx: &Tx, notice: &str, version: i64) -> Result<()> {
    let first = Portion { notice: notice.to_owned(), version, after: String::new() };
    site.enqueue_once(tx, PORTION, &first, &format!("{notice}:{version}:")).await
}

/// Tells a portion; a notice that was withdrawn or changed meanwhile is told no further.
pub(crate) async fn portion(site: Site, p: Portion) -> Result<()> {
    let Some(notice) = store::by_id(&site.db, &p.notice, None).await? else { return Ok(()) };
    if notice.state != State::Published || notice.version != p.version {
        return Ok(());
    }
    let people = store_readers::people(&site.db, &notice, (&p.after, AT_ONCE)).await?;
    let Some(last) = people.last() else { return Ok(()) };
    let tx = site.db.begin().await?;
    let letter = |person: &base::PersonId| Letter {
        to: *person,
        kind: "notice",
        text: notice.content.title.clone(),
        link: format!("/notices/{}", notice.id),
        once: Some(format!("notice:{}:{}:{person}", notice.id, p.version)),
    };
    messages::post(&site, &tx, &people.iter().map(letter).collect::<Vec<_>>()).await?;
    let next = Portion { after: last.to_string(), ..p.clone() };
    site.enqueue_once(&tx, PORTION, &next, &format!("{}:{}:{last}", p.notice, p.version)).await?;
    tx.commit().await
}
