//! Follows what changes a year after its claim was sent in. While a claim is not paid, its amount is brought up to date where
//! it stands, never above what it was handed in with; once a file named it, it stays. Of what was paid the difference has to
//! come back, for as long as there is one. Each run says the same of the same year, so it may be repeated.
use base::{Fen, PersonId, Result, Scope, Year};
use db::Tx;
use hours::YearChanged;
use serde_json::{Value, json};
use site::Site;

use crate::{
    claim::Claim, money::Amounts, state::State, store, store_blocks, store_books, store_follow, worth,
};

/// The job that looks at a person's claims of a year where no change of the hours said so.
pub(crate) const FOLLOW: &str = "reimbursement.follow";

/// Has all claims of a year at and below a place looked at, after the caller's transaction.
pub(crate) async fn later_around(site: &Site, tx: &Tx, (path, year): (&str, Year)) -> Result<()> {
    let people = store_follow::around(tx, path, year).await?;
    let whose: Vec<YearChanged> = people.into_iter().map(|person| YearChanged { person, year }).collect();
    site.enqueue_many(tx, FOLLOW, &whose).await
}

/// Looks at the claims of a person's year that wait or were paid; most often there are none.
pub(crate) async fn year(site: Site, changed: YearChanged) -> Result<()> {
    let whose = store_follow::stays(&site.db, changed.person).await?;
    for id in store_follow::unpaid(&site.db, whose, changed.year).await? {
        look(&site, &id).await?;
    }
    let tx = site.db.begin().await?;
    settle(&site, &tx, (whose, changed.year)).await?;
    tx.commit().await
}

/// The approved claims of a year in a scope, brought up to date.
pub(crate) async fn payable(site: &Site, scope: &Scope, year: Year) -> Result<Vec<Claim>> {
    let claims = store_books::in_states(&site.db, scope, year, &[State::Approved]).await?;
    let changed = worth::changed(site, year, &claims).await?;
    if changed.is_empty() {
        return Ok(claims);
    }
    for claim in changed {
        look(site, &claim.id).await?;
    }
    store_books::in_states(&site.db, scope, year, &[State::Approved]).await
}

/// Brings one claim up to date.
async fn look(site: &Site, id: &str) -> Result<()> {
    let tx = site.db.begin().await?;
    let mut claim = store::hold(&tx, id).await?;
    update(site, &tx, &mut claim).await?;
    tx.commit().await
}

/// Brings a held claim up to date that is not paid and named in no file; the trail and the claimant hear of another amount.
pub(crate) async fn update(site: &Site, tx: &Tx, claim: &mut Claim) -> Result<()> {
    let is_unpaid = claim.state.stage().is_some() || claim.state == State::Approved;
    if !is_unpaid || claim.sent.is_some() {
        return Ok(());
    }
    let gone = store_follow::gone(tx, claim).await?;
    let Some(worth) = worth::now(tx, claim, gone).await? else { return Ok(()) };
    let (before, now) = (claim.amounts.reimbursable, worth.amounts.reimbursable.min(claim.submitted));
    if now == before {
        return Ok(());
    }
    claim.amounts = Amounts { reimbursable: now, ..worth.amounts };
    claim.refunded = worth.fees.refunded();
    claim.unit_paid = worth.fees.unit_paid();
    let words = [("before", before.to_string()), ("now", now.to_string())];
    let words = words.each_ref().map(|(name, text)| (*name, text.as_str()));
    store_follow::change(tx, claim, (&site.texts.with("reimbursement-amount-now", &words), site.now()))
        .await?;
    let key = if now == Fen::ZERO { "reimbursement-told-nothing" } else { "reimbursement-told-amount" };
    tell(site, tx, claim, (key, &words)).await?;
    record(site, tx, claim, json!({"before": before, "now": now, "effect": "changed"})).await
}

/// Compares what was paid for a human's year, claim by claim from the first payment on, with what the year bears out now:
/// what goes beyond it has to come back.
pub(crate) async fn settle(site: &Site, tx: &Tx, (whose, year): (PersonId, Year)) -> Result<()> {
    let mut gone = Fen::ZERO;
    for claim in store_follow::paid(tx, whose, year).await? {
        // An invoice that no longer holds asks for all of it, whatever the year says.
        if claim.is_void() {
            continue;
        }
        let Some(worth) = worth::now(tx, &claim, gone).await? else { return Ok(()) };
        let kept = worth.amounts.reimbursable.min(claim.amounts.reimbursable);
        gone = gone.plus(kept);
        mark(site, tx, &claim, kept).await?;
    }
    Ok(())
}

/// Marks what was paid beyond what may be kept of it, or lifts such a mark.
async fn mark(site: &Site, tx: &Tx, claim: &Claim, kept: Fen) -> Result<()> {
    let beyond = Fen::new(claim.amounts.reimbursable.fen() - kept.fen());
    if beyond == claim.recover_amount.unwrap_or(Fen::ZERO) {
        return Ok(());
    }
    let paid = claim.amounts.reimbursable.to_string();
    let (now, back) = (kept.to_string(), beyond.to_string());
    let words = [("before", paid.as_str()), ("now", now.as_str()), ("beyond", back.as_str())];
    let is_lifted = beyond == Fen::ZERO;
    let is_done = if is_lifted {
        store_follow::lift(tx, &claim.id).await?
    } else {
        let reason = site.texts.with("reimbursement-amount-paid", &words);
        store_follow::mark(tx, &claim.id, (&reason, beyond)).await?
    };
    if !is_done {
        return Ok(());
    }
    let key = if is_lifted { "reimbursement-told-lifted" } else { "reimbursement-told-recover-beyond" };
    tell(site, tx, claim, (key, &words)).await?;
    let effect = if is_lifted { "lifted" } else { "recover" };
    record(site, tx, claim, json!({"before": claim.amounts.reimbursable, "now": kept, "effect": effect}))
        .await
}

/// Marks all of a payment that was on its way when its claim was given back, because an invoice no longer held.
pub(crate) async fn mark_void(site: &Site, tx: &Tx, claim: &Claim) -> Result<()> {
    let reason = store::decisions(tx, &claim.id).await?.pop().map(|d| d.comment).unwrap_or_default();
    store_blocks::mark_recovery(tx, &claim.id, &reason).await?;
    let paid = claim.amounts.reimbursable.to_string();
    let words = [("before", paid.as_str()), ("reason", reason.as_str())];
    tell(site, tx, claim, ("reimbursement-told-recover-all", &words)).await
}

async fn tell(
    site: &Site,
    tx: &Tx,
    claim: &Claim,
    (key, words): (&'static str, &[(&str, &str)]),
) -> Result<()> {
    let year = claim.year.to_string();
    let mut words = words.to_vec();
    words.push(("year", year.as_str()));
    let letter = messages::Letter {
        to: claim.whose,
        kind: "reimbursement",
        text: site.texts.with(key, &words),
        link: format!("/reimbursements/{}", claim.id),
        once: None,
    };
    messages::post(site, tx, &[letter]).await?;
    Ok(())
}

async fn record(site: &Site, tx: &Tx, claim: &Claim, details: Value) -> Result<()> {
    let deed = audit::Deed {
        actor: None,
        action: "reimbursement.amount_changed",
        object: &claim.id,
        unit_path: &claim.unit_path,
        details,
    };
    audit::record(site, tx, deed).await
}
