//! What happens to a statement: lines are disputed and decided, it is confirmed, released from suspension, paid.
use base::{Actor, Day, Error, Result, day, person::Code};
use serde_json::json;
use site::Site;

use crate::{
    admit_keeper, object,
    sight::{self, Side},
    statement::{LineState, State},
    store::{self, Statement},
};

/// A statement for whoever may see it, and from which side.
pub(crate) async fn see(site: &Site, actor: &Actor, id: &str) -> Result<(Statement, Side)> {
    let statement = store::one(&site.db, id).await?;
    let side = sight::of_statement(&site.db, actor, &statement).await?;
    Ok((statement, side))
}

/// Doubts a line, with the reason: the authority's doubt or the platform's objection. While the statement is open or
/// suspended.
pub(crate) async fn dispute(
    site: &Site,
    actor: &Actor,
    (id, place): (&str, i64),
    reason: &str,
) -> Result<()> {
    if let (_, Side::Platform(_)) = see(site, actor, id).await? {
        return object::object(site, actor, (id, place), reason).await;
    }
    let reason = said(reason)?;
    admit_keeper(actor)?;
    let tx = site.db.begin().await?;
    refuse_closed(&store::hold(&tx, id).await?)?;
    match store::line_state(&tx, id, place).await? {
        LineState::Plain | LineState::Kept => {}
        LineState::Disputed | LineState::Struck => return Err(Error::conflict("line_decided")),
    }
    store::set_line(&tx, id, place, LineState::Disputed).await?;
    store::remark(site, &tx, (id, place), ("dispute", reason), actor.person).await?;
    record(site, &tx, actor, ("settlement.dispute", id), json!({"line": place})).await?;
    tx.commit().await
}

/// Decides on a disputed line: it is kept or struck. Too many struck hours suspend the statement.
pub(crate) async fn decide(
    site: &Site,
    actor: &Actor,
    (id, place): (&str, i64),
    (is_struck, comment): (bool, &str),
) -> Result<()> {
    admit_keeper(actor)?;
    let comment = said(comment)?;
    let tx = site.db.begin().await?;
    let statement = store::hold(&tx, id).await?;
    refuse_closed(&statement)?;
    if store::line_state(&tx, id, place).await? != LineState::Disputed {
        return Err(Error::conflict("line_decided"));
    }
    let (state, kind) = if is_struck { (LineState::Struck, "strike") } else { (LineState::Kept, "keep") };
    store::set_line(&tx, id, place, state).await?;
    store::remark(site, &tx, (id, place), (kind, comment), actor.person).await?;
    let terms = store::terms(&tx, &statement.provider_id).await?;
    let sums = store::sums(&tx, id).await?;
    if is_struck && terms.is_some_and(|t| sums.suspends(t)) {
        store::suspend(&tx, id, "settlement-suspended-share").await?;
    }
    let key = if is_struck { "settlement-told-struck" } else { "settlement-told-kept" };
    object::tell_platform(site, &tx, &statement, (key, place)).await?;
    record(site, &tx, actor, ("settlement.decide_line", id), json!({"line": place, "state": state.code()}))
        .await?;
    tx.commit().await
}

/// Confirms a statement without disputes.
pub(crate) async fn confirm(site: &Site, actor: &Actor, id: &str) -> Result<()> {
    admit_keeper(actor)?;
    let tx = site.db.begin().await?;
    let statement = store::hold(&tx, id).await?;
    let sums = store::sums(&tx, id).await?;
    match statement.state {
        State::Open if sums.disputed == 0 => {}
        State::Open => return Err(Error::conflict("settlement_disputed")),
        State::Suspended => return Err(Error::conflict("settlement_suspended")),
        State::Confirmed | State::Paid => return Err(Error::conflict("settlement_confirmed")),
    }
    store::confirm(&tx, id, (actor.person, site.now())).await?;
    record(site, &tx, actor, ("settlement.confirm", id), json!({"amount": sums.amount})).await?;
    tx.commit().await
}

/// Lets a suspended statement go on, with the reason.
pub(crate) async fn release(site: &Site, actor: &Actor, id: &str, reason: &str) -> Result<()> {
    admit_keeper(actor)?;
    let reason = said(reason)?;
    let tx = site.db.begin().await?;
    if store::hold(&tx, id).await?.state != State::Suspended {
        return Err(Error::conflict("settlement_not_suspended"));
    }
    store::release(&tx, id).await?;
    record(site, &tx, actor, ("settlement.release", id), json!({"reason": reason})).await?;
    tx.commit().await
}

/// Books the payment of a confirmed statement.
pub(crate) async fn pay(
    site: &Site,
    actor: &Actor,
    id: &str,
    (reference, on): (&str, Option<Day>),
) -> Result<()> {
    admit_keeper(actor)?;
    let reference = reference.trim();
    if reference.is_empty() || reference.chars().count() > 60 || reference.chars().any(char::is_control) {
        return Err(Error::invalid("reference", "payment_reference"));
    }
    let today = day::day_of(site.now());
    let on = on.unwrap_or(today);
    if on > today {
        return Err(Error::invalid("paid_on", "payment_day"));
    }
    let tx = site.db.begin().await?;
    match store::hold(&tx, id).await?.state {
        State::Confirmed => {}
        State::Paid => return Err(Error::conflict("paid_before")),
        State::Open | State::Suspended => return Err(Error::conflict("settlement_not_confirmed")),
    }
    store::pay(&tx, id, (reference, on)).await?;
    let amount = store::sums(&tx, id).await?.amount;
    record(site, &tx, actor, ("settlement.pay", id), json!({"amount": amount, "reference": reference}))
        .await?;
    tx.commit().await
}

pub(crate) fn refuse_closed(statement: &Statement) -> Result<()> {
    match statement.state {
        State::Open | State::Suspended => Ok(()),
        State::Confirmed | State::Paid => Err(Error::conflict("settlement_confirmed")),
    }
}

pub(crate) fn said(text: &str) -> Result<&str> {
    let text = text.trim();
    let is_said = !text.is_empty() && text.chars().count() <= 500 && !text.chars().any(base::name::is_hidden);
    if is_said { Ok(text) } else { Err(Error::invalid("reason", "settlement_reason")) }
}

pub(crate) async fn record(
    site: &Site,
    tx: &db::Tx,
    actor: &Actor,
    (action, object): (&'static str, &str),
    details: serde_json::Value,
) -> Result<()> {
    let deed = audit::Deed { actor: Some(actor.person), action, object, unit_path: "", details };
    audit::record(site, tx, deed).await
}
