//! Corrections of unit trainings: a person's row or the whole is taken back by reversals, never edited; and the booker's
//! own row is confirmed by another administrator (domain §6).
use base::{Actor, EntryId, Error, Kind, PersonId, Result};
use db::Tx;
use hours::Reversal;
use serde_json::json;
use site::Site;

use crate::{
    BOOKERS,
    activity::said,
    attended::{Attendee, Training},
    review,
    store::trainings::{self, Kept, Row},
    training::{Plan, RowState, Whom},
};

/// A training with its rows, for who administers its unit.
pub async fn training(site: &Site, actor: &Actor, id: &str) -> Result<(Kept, Vec<Row>)> {
    let kept = trainings::by_id(&site.db, id).await?;
    refuse_foreign(actor, &kept)?;
    let rows = trainings::rows(&site.db, id).await?;
    Ok((kept, rows))
}

fn refuse_foreign(actor: &Actor, kept: &Kept) -> Result<()> {
    if actor.scope(BOOKERS).holds(&kept.path) { Ok(()) } else { Err(Error::not_found()) }
}

/// Takes rows back, or the whole training where no people are named; answers how many. A training that was taken back as
/// a whole makes room for the right one.
pub async fn take_back(
    site: &Site,
    actor: &Actor,
    id: &str,
    (people, reason): (Option<&[PersonId]>, &str),
) -> Result<usize> {
    let reason = said(reason, "reason")?;
    let tx = site.db.begin().await?;
    let kept = trainings::hold(&tx, id).await?;
    refuse_foreign(actor, &kept)?;
    let rows = trainings::rows(&tx, id).await?;
    let is_meant = |r: &&Row| people.is_none_or(|p| p.contains(&r.person)) && r.state != RowState::Reversed;
    let meant: Vec<&Row> = rows.iter().filter(is_meant).collect();
    if people.is_some_and(|p| p.is_empty() || p.len() != meant.len()) {
        return Err(Error::invalid("people", "training_rows"));
    }
    refuse_near(&tx, actor, &meant).await?;
    let entries: Vec<EntryId> = meant.iter().filter_map(|r| r.entry).collect();
    hours::reverse_many(site, &tx, &entries, Reversal { reason: &reason, by: actor.person }).await?;
    trainings::mark_reversed(
        &tx,
        id,
        &meant.iter().map(|r| r.person).collect::<Vec<_>>(),
        (actor.person, site.now()),
    )
    .await?;
    // Where nothing of it stands any more it makes room for the right one, however that came.
    if people.is_none()
        || rows.iter().all(|r| r.state == RowState::Reversed || meant.iter().any(|m| m.person == r.person))
    {
        trainings::retire(&tx, &kept).await?;
    }
    let details =
        json!({"title": kept.title, "rows": meant.len(), "whole": people.is_none(), "reason": reason});
    note(site, &tx, actor, ("training.reverse", &kept, details)).await?;
    tx.commit().await?;
    Ok(meant.len())
}

/// Nobody takes the own hours back, nor those of the spouse: another administrator does, the whole training too.
async fn refuse_near(tx: &Tx, actor: &Actor, meant: &[&Row]) -> Result<()> {
    let near = review::near(tx, actor).await?;
    let of_near = meant.iter().filter(|r| r.state == RowState::Credited && near.contains(&r.person));
    let of_near: Vec<PersonId> = of_near.map(|r| r.person).collect();
    if of_near.is_empty() {
        return Ok(());
    }
    let is_own = accounts::is_party(tx, actor, &of_near).await?;
    Err(Error::refused(Kind::Denied, if is_own { "own_decision" } else { "spouse_decision" }))
}

/// Credits a row that waits for another administrator than its person.
pub async fn confirm(site: &Site, actor: &Actor, id: &str, person: PersonId) -> Result<()> {
    let tx = site.db.begin().await?;
    let kept = trainings::hold(&tx, id).await?;
    refuse_foreign(actor, &kept)?;
    review::refuse_own(&tx, actor, person).await?;
    let rows = trainings::rows(&tx, id).await?;
    let row = rows.iter().find(|r| r.person == person).ok_or_else(Error::not_found)?;
    match row.state {
        RowState::Waiting => {}
        RowState::Credited => return Ok(()),
        RowState::Overlap | RowState::Reversed => return Err(Error::conflict("claim_decided")),
    }
    let plan = plan(&kept)?;
    let training = Training::of(&tx, id, &plan).await?;
    let attendee = Attendee { person, stay: row.stay };
    let rows = training.credit(site, &tx, (&[attendee], actor.person)).await?;
    if rows.iter().any(|r| r.state == RowState::Overlap) {
        return Err(Error::conflict("training_overlap"));
    }
    trainings::write_rows(&tx, id, &rows, (actor.person, site.now())).await?;
    let details = json!({"title": kept.title, "person": person});
    note(site, &tx, actor, ("training.confirm", &kept, details)).await?;
    tx.commit().await
}

fn plan(kept: &Kept) -> Result<Plan> {
    let typed = crate::training::Typed {
        title: &kept.title,
        from: &kept.from_day,
        to: &kept.to_day,
        days: &base::Hours::from_hundredths(kept.days).to_string(),
        subject: &kept.subject,
    };
    Plan::read(&typed, Whom::Unit)
}

async fn note(
    site: &Site,
    tx: &Tx,
    actor: &Actor,
    (action, kept, details): (&'static str, &Kept, serde_json::Value),
) -> Result<()> {
    let deed =
        audit::Deed { actor: Some(actor.person), action, object: &kept.id, unit_path: &kept.path, details };
    audit::record(site, tx, deed).await
}
