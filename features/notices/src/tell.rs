//! A published notice goes into the inboxes of those it is for, in portions that any node may go on with.
use base::{PersonId, Result};
use db::Tx;
use jobs::Progress;
use messages::{Letter, Mail};
use rules::reminders;
use serde::{Deserialize, Serialize};
use site::Site;

use crate::{
    notice::{Notice, State},
    store, store_readers,
};

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

/// Under what the telling of a version is known to its publisher.
pub(crate) fn progress_of(notice: &str, version: i64) -> String {
    format!("notice-{notice}-{version}")
}

/// Puts the first portion into the queue.
pub(crate) async fn begin(
    site: &Site,
    tx: &Tx,
    publisher: PersonId,
    (notice, version, targets): (&str, i64, i64),
) -> Result<()> {
    let progress = Progress {
        id: progress_of(notice, version),
        kind: "notice".to_owned(),
        done: 0,
        total: targets,
        state: if targets > 0 { "running" } else { "done" }.to_owned(),
        link: format!("/notices/{notice}"),
    };
    jobs::tell(tx, publisher, &progress, site.now()).await?;
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
    let Some(last) = people.last() else {
        return jobs::end(&site.db, &progress_of(&p.notice, p.version), true, site.now()).await;
    };
    let tx = site.db.begin().await?;
    let letter = |person: &PersonId| Letter {
        to: *person,
        kind: "notice",
        text: notice.content.title.clone(),
        link: format!("/notices/{}", notice.id),
        once: Some(format!("notice:{}:{}:{person}", notice.id, p.version)),
    };
    let told = messages::post(&site, &tx, &people.iter().map(letter).collect::<Vec<_>>()).await?;
    send(&site, &tx, &notice, &told).await?;
    let count = i64::try_from(told.len()).unwrap_or(i64::MAX);
    jobs::advance(&tx, &progress_of(&p.notice, p.version), count, site.now()).await?;
    let next = Portion { after: last.to_string(), ..p.clone() };
    site.enqueue_once(&tx, PORTION, &next, &format!("{}:{}:{last}", p.notice, p.version)).await?;
    tx.commit().await
}

/// Sends to who was told just now what goes out by SMS and mail: who was told before is not sent to again. SMS wait for
/// the hours of reminders.
async fn send(site: &Site, tx: &Tx, notice: &Notice, told: &[PersonId]) -> Result<()> {
    let (ways, title) = (notice.content.ways, &notice.content.title);
    if ways.by_sms && site.settings.notices_by_sms {
        let words = vec![("unit".to_owned(), notice.unit_name.clone()), ("title".to_owned(), title.clone())];
        let to = told.iter().map(|person| (*person, words.clone())).collect();
        let at = reminders::sms_at(site.now(), |_| true).unwrap_or_else(|| site.now());
        accounts::text(site, tx, accounts::Texting { purpose: "notice", at, to }).await?;
    }
    if ways.by_mail && site.settings.notices_by_mail {
        let link = format!("{}/notices/{}", site.settings.public_url, notice.id);
        let words = [("unit", notice.unit_name.as_str()), ("title", title), ("link", &link)];
        let text = site.texts.with("notice-mail", &words);
        let letter = |person: &PersonId| Mail {
            to: *person,
            purpose: "notice",
            subject: title.clone(),
            text: text.clone(),
        };
        messages::mail(site, tx, told.iter().map(letter).collect()).await?;
    }
    Ok(())
}
