//! Invoices that no longer hold: taken back by a red-letter one, or void. A block holds below the place that noted it: it
//! keeps the invoice out of new claims, reopens a claim that is not paid, and marks a paid one for recovery.
use base::{Actor, Error, Result, person::Code};
use db::Tx;
use serde::{Deserialize, Serialize};
use serde_json::json;
use site::Site;

use crate::{
    FINANCE,
    claim::Claim,
    invoice,
    state::{Decision, Stage, State},
    store, store_blocks,
};

/// Why an invoice no longer holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Block {
    /// 红字发票
    Red,
    /// 作废
    Void,
}

impl Code for Block {}

/// What became of the claim that holds the invoice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Effect {
    /// No claim here holds it.
    None,
    /// The claim was given back.
    Reopened,
    /// It was paid: the money has to come back.
    Recover,
}

/// Notes a block and follows it.
pub(crate) async fn note(
    site: &Site,
    actor: &Actor,
    (number, kind): (&str, Block),
    reason: &str,
) -> Result<Effect> {
    let scope = actor.scope(FINANCE);
    let unit_path = scope.paths.first().cloned().ok_or_else(Error::denied)?;
    let number = invoice::number(number).ok_or_else(|| Error::invalid("number", "invoice_number"))?;
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > 200 {
        return Err(Error::invalid("reason", "block_reason"));
    }
    let tx = site.db.begin().await?;
    store_blocks::enter(&tx, std::slice::from_ref(&number)).await?;
    if store_blocks::is_noted(&tx, &number, &unit_path).await? {
        return Err(Error::conflict("block_exists"));
    }
    let id: base::EntryId = site.new_id();
    let id = id.to_string();
    let block = store_blocks::NewBlock { id: &id, number: &number, kind, reason, unit_path: &unit_path };
    store_blocks::insert(&tx, &block, (actor.person, site.now())).await?;
    let effect = match store_blocks::holder(&tx, &number).await? {
        Some(id) => follow(site, &tx, actor, (&id, &number, kind)).await?,
        None => Effect::None,
    };
    let deed = audit::Deed {
        actor: Some(actor.person),
        action: "reimbursement.block_invoice",
        object: &number,
        unit_path: &unit_path,
        details: json!({"kind": kind, "reason": reason, "effect": effect}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await?;
    Ok(effect)
}

/// Reopens the claim that holds the invoice, or marks it for recovery; a claim of another place is left to its own people.
async fn follow(
    site: &Site,
    tx: &Tx,
    actor: &Actor,
    (id, number, kind): (&str, &str, Block),
) -> Result<Effect> {
    let mut claim = store::hold(tx, id).await?;
    if !actor.scope(FINANCE).holds(&claim.unit_path) {
        return Ok(Effect::None);
    }
    let key = format!("invoice-blocked-{}", kind.code());
    let words = [("number", number)];
    let effect = match claim.state {
        State::Paid => {
            store_blocks::mark_recovery(tx, &claim.id, &site.texts.with(&key, &words)).await?;
            Effect::Recover
        }
        State::Submitted | State::DepartmentApproved | State::HrApproved | State::Approved => {
            let comment = site.texts.with(&key, &words);
            claim.state = State::Returned;
            // Finance noted it, whosever turn it was: it is no decision at another stage.
            let by = (Some(actor.person), site.now());
            store::decide(tx, &claim, (Stage::Finance, Decision::Return, &comment), by).await?;
            Effect::Reopened
        }
        State::Returned | State::Rejected => Effect::None,
    };
    tell(site, tx, &claim, (effect, number)).await?;
    Ok(effect)
}

async fn tell(site: &Site, tx: &Tx, claim: &Claim, (effect, number): (Effect, &str)) -> Result<()> {
    let key = match effect {
        Effect::None => return Ok(()),
        Effect::Reopened => "reimbursement-told-reopened",
        Effect::Recover => "reimbursement-told-recover",
    };
    let year = claim.year.to_string();
    let letter = messages::Letter {
        to: claim.whose,
        kind: "reimbursement",
        text: site.texts.with(key, &[("number", number), ("year", &year)]),
        link: format!("/reimbursements/{}", claim.id),
        once: None,
    };
    messages::post(site, tx, &[letter]).await?;
    Ok(())
}
