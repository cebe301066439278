//! Writing notices: made, changed as a new version, published, forwarded, withdrawn.
use base::{Actor, Error, Id, PersonId, Result, day, id::of, person::Code};
use db::Tx;
use serde_json::json;
use site::Site;

use crate::{
    EDITORS, check,
    notice::{Content, NewNotice, Notice, State, Target},
    reading, store, store_readers, store_tenders, store_write, tell,
};

/// The unit of a code in which the actor publishes; another is unknown.
async fn own_unit(site: &Site, actor: &Actor, code: &str) -> Result<org::Unit> {
    let unit = org::by_code(&site.db, code).await?;
    if actor.scope(EDITORS).holds(&unit.path) { Ok(unit) } else { Err(Error::not_found()) }
}

/// What is said and to whom; the target lies in the issuing unit's subtree.
async fn checked(site: &Site, unit: &org::Unit, new: &NewNotice) -> Result<(Content, Target)> {
    let path = match new.target.as_deref().filter(|t| !t.is_empty() && *t != unit.code) {
        None => unit.path.clone(),
        Some(code) => {
            let found = org::by_code(&site.db, code).await.ok().filter(|t| t.path.starts_with(&unit.path));
            found.ok_or_else(|| Error::invalid("target", "not_below"))?.path
        }
    };
    if let Some(tender) = new.tender.as_deref().filter(|t| !t.is_empty())
        && store_tenders::by_id(&site.db, tender).await?.is_none()
    {
        return Err(Error::invalid("tender", "wrong_value"));
    }
    if new.by_sms && !site.settings.notices_by_sms {
        return Err(Error::invalid("by_sms", "way_closed"));
    }
    if new.by_mail && !site.settings.notices_by_mail {
        return Err(Error::invalid("by_mail", "way_closed"));
    }
    check::check(new, &path, day::day_of(site.now()))
}

/// Makes a notice, published at once if so asked; gives its id.
pub async fn create(site: &Site, actor: &Actor, new: &NewNotice) -> Result<String> {
    let unit = own_unit(site, actor, &new.unit).await?;
    let (content, target) = checked(site, &unit, new).await?;
    if let Some(original) = &new.forwards {
        let original = reading::visible(site, actor, original, None).await?;
        if original.state != State::Published {
            return Err(Error::invalid("forwards", "not_published"));
        }
    }
    let id: Id<of::Entry> = site.new_id();
    let id = id.to_string();
    let tx = site.db.begin().await?;
    let row = store_write::NewRow {
        id: &id,
        unit: unit.id,
        author: actor.person,
        forwards: new.forwards.as_deref(),
        target: &target,
    };
    store_write::insert(&tx, &row, site.now()).await?;
    keep(site, &tx, (actor, actor.person), (&id, 1), (&content, &new.files)).await?;
    if new.publish {
        publish(site, &tx, actor, (&id, 1)).await?;
    }
    let action = if new.publish { "notice.publish" } else { "notice.draft" };
    record(
        site,
        &tx,
        actor,
        (action, &id, &unit.path),
        json!({"title": content.title, "target": target.path}),
    )
    .await?;
    tx.commit().await?;
    Ok(id)
}

/// Keeps a version with its files, which the actor or the notice's author brought.
async fn keep(
    site: &Site,
    tx: &Tx,
    (actor, author): (&Actor, PersonId),
    (id, version): (&str, i64),
    (content, attached): (&Content, &[String]),
) -> Result<()> {
    store_write::insert_version(tx, (id, version), content, (actor.person, site.now())).await?;
    let object = attachments(id, version);
    let link = files::Link { kind: "notice", object: &object, person: author, owner: actor.person };
    files::link(tx, &link, attached).await
}

/// What the files of a version are cited by.
pub(crate) fn attachments(id: &str, version: i64) -> String {
    format!("{id}.{version}")
}

/// Publishes a version; how far its telling is, is shown to the publisher.
async fn publish(site: &Site, tx: &Tx, actor: &Actor, (id, version): (&str, i64)) -> Result<()> {
    store_write::set_published(tx, id, site.now()).await?;
    let notice = store::by_id(tx, id, None).await?.ok_or_else(Error::not_found)?;
    let (targets, _) = store_readers::counts(tx, &notice).await?;
    tell::begin(site, tx, actor.person, (id, version, targets)).await
}

/// A notice that the actor may change.
async fn own(site: &Site, actor: &Actor, id: &str) -> Result<Notice> {
    let notice = store::by_id(&site.db, id, None).await?.ok_or_else(Error::not_found)?;
    if actor.scope(EDITORS).holds(&notice.unit_path) { Ok(notice) } else { Err(Error::not_found()) }
}

/// Changes a notice: a new version, the older ones stay. A withdrawn one stays as it is.
pub(crate) async fn change(site: &Site, actor: &Actor, id: &str, new: &NewNotice) -> Result<()> {
    let notice = own(site, actor, id).await?;
    let unit = own_unit(site, actor, &notice.unit_code).await?;
    let (content, target) = checked(site, &unit, new).await?;
    let tx = site.db.begin().await?;
    let (state, version) = store_write::hold(&tx, id).await?;
    if state == State::Withdrawn.code() {
        return Err(Error::conflict("notice_withdrawn"));
    }
    let version = version + 1;
    store_write::set_version(&tx, id, version, &target).await?;
    keep(site, &tx, (actor, notice.author), (id, version), (&content, &new.files)).await?;
    if new.publish || state == State::Published.code() {
        publish(site, &tx, actor, (id, version)).await?;
    }
    record(site, &tx, actor, ("notice.change", id, &unit.path), json!({"version": version})).await?;
    tx.commit().await
}

/// Takes a published notice back, with the reason that its readers see.
pub(crate) async fn withdraw(site: &Site, actor: &Actor, id: &str, reason: &str) -> Result<()> {
    let notice = own(site, actor, id).await?;
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > 500 {
        return Err(Error::invalid("reason", "required"));
    }
    let tx = site.db.begin().await?;
    let (state, _) = store_write::hold(&tx, id).await?;
    if state != State::Published.code() {
        return Err(Error::conflict("notice_not_published"));
    }
    store_write::set_withdrawn(&tx, id, reason, site.now()).await?;
    record(site, &tx, actor, ("notice.withdraw", id, &notice.unit_path), json!({"reason": reason})).await?;
    tx.commit().await
}

async fn record(
    site: &Site,
    tx: &Tx,
    actor: &Actor,
    (action, object, unit_path): (&'static str, &str, &str),
    details: serde_json::Value,
) -> Result<()> {
    audit::record(site, tx, audit::Deed { actor: Some(actor.person), action, object, unit_path, details })
        .await
}
