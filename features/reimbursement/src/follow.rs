//! Follows what changes a year after its claim was sent in. A claim that comes to less than it says is given back while it
//! is not paid; of one that was paid the difference has to come back, for as long as there is one. No claim is ever raised
//! here: whoever wants more sends in anew. Each run says the same of the same year, so it may be repeated.
use base::{Fen, PersonId, Result, Year};
use db::Tx;
use hours::YearChanged;
use serde_json::json;
use site::Site;

use crate::{
    claim::Claim,
    state::{Decision, Stage, State},
    store, store_follow, worth,
};

/// The job that looks at a person's claims of a year where no change of the hours said so.
pub(crate) const FOLLOW: &str = "reimbursement.follow";

/// Has these claims looked at, after the caller's transaction.
pub(crate) async fn later(site: &Site, tx: &Tx, claims: &[&Claim]) -> Result<()> {
    let whose: Vec<YearChanged> =
        claims.iter().map(|c| YearChanged { person: c.person, year: c.year }).collect();
    site.enqueue_many(tx, FOLLOW, &whose).await
}

/// Has all claims of a year at and below a place looked at, after the caller's transaction.
pub(crate) async fn later_around(site: &Site, tx: &Tx, (path, year): (&str, Year)) -> Result<()> {
    let people = store_follow::around(tx, path, year).await?;
    let whose: Vec<YearChanged> = people.into_iter().map(|person| YearChanged { person, year }).collect();
    site.enqueue_many(tx, FOLLOW, &whose).await
}

/// Looks at the claims of a person's year that wait or were paid; most often there are none.
pub(crate) async fn year(site: Site, changed: YearChanged) -> Result<()> {
    for (id, whose) in store_follow::of_year(&site.db, changed.person, changed.year).await? {
        look(&site, &id, whose).await?;
    }
    Ok(())
}

/// What became of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
enum Effect {
    /// It was given back.
    Reopened,
    /// It was paid: the difference has to come back.
    Recover,
    /// Nothing has to come back any more.
    Lifted,
}

/// Looks at one claim, held, by the year of the person whose it is today.
async fn look(site: &Site, id: &str, whose: PersonId) -> Result<()> {
    let tx = site.db.begin().await?;
    let mut claim = store::hold(&tx, id).await?;
    let Some(now) = worth::now(&tx, &claim, whose).await? else { return Ok(()) };
    let effect = match claim.state {
        State::Submitted | State::DepartmentApproved | State::HrApproved | State::Approved => {
            reopen(site, &tx, &mut claim, now).await?
        }
        State::Paid => settle(site, &tx, &claim, now).await?,
        State::Returned | State::Rejected => None,
    };
    let Some(effect) = effect else { return Ok(()) };
    tell(site, &tx, (&claim, whose), (effect, now)).await?;
    let deed = audit::Deed {
        actor: None,
        action: "reimbursement.amount_changed",
        object: &claim.id,
        unit_path: &claim.unit_path,
        details: json!({"before": claim.amounts.reimbursable, "now": now, "effect": effect}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await
}

/// Gives a claim back that comes to less than it says: who decided on it decided on another amount.
async fn reopen(site: &Site, tx: &Tx, claim: &mut Claim, now: Fen) -> Result<Option<Effect>> {
    if now >= claim.amounts.reimbursable {
        return Ok(None);
    }
    let (before, now) = (claim.amounts.reimbursable.to_string(), now.to_string());
    let comment = site.texts.with("reimbursement-amount-lower", &[("before", &before), ("now", &now)]);
    let stage = claim.state.stage().unwrap_or(Stage::Finance);
    claim.state = State::Returned;
    store::decide(tx, claim, (stage, Decision::Return, &comment), (None, site.now())).await?;
    Ok(Some(Effect::Reopened))
}

/// Marks what was paid beyond what the year bears out now, or lifts such a mark.
async fn settle(site: &Site, tx: &Tx, claim: &Claim, now: Fen) -> Result<Option<Effect>> {
    // An invoice that no longer holds asks for all of it, whatever the year says.
    if claim.recover_reason.is_some() && claim.recover_amount.is_none() {
        return Ok(None);
    }
    let beyond = beyond(claim, now);
    if beyond == claim.recover_amount.unwrap_or(Fen::ZERO) {
        return Ok(None);
    }
    if beyond == Fen::ZERO {
        store_follow::lift(tx, &claim.id).await?;
        return Ok(Some(Effect::Lifted));
    }
    let (before, now) = (claim.amounts.reimbursable.to_string(), now.to_string());
    let reason = site.texts.with("reimbursement-amount-paid", &[("before", &before), ("now", &now)]);
    store_follow::mark(tx, &claim.id, (&reason, beyond)).await?;
    Ok(Some(Effect::Recover))
}

/// What the claim says beyond what it comes to now.
fn beyond(claim: &Claim, now: Fen) -> Fen {
    Fen::new((claim.amounts.reimbursable.fen() - now.fen()).max(0))
}

async fn tell(
    site: &Site,
    tx: &Tx,
    (claim, whose): (&Claim, PersonId),
    (effect, now): (Effect, Fen),
) -> Result<()> {
    let key = match effect {
        Effect::Reopened if now == Fen::ZERO => "reimbursement-told-nothing",
        Effect::Reopened => "reimbursement-told-lower",
        Effect::Recover => "reimbursement-told-recover-beyond",
        Effect::Lifted => "reimbursement-told-lifted",
    };
    let beyond = beyond(claim, now).to_string();
    let (year, before) = (claim.year.to_string(), claim.amounts.reimbursable.to_string());
    let now = now.to_string();
    let words = [
        ("year", year.as_str()),
        ("before", before.as_str()),
        ("now", now.as_str()),
        ("beyond", beyond.as_str()),
    ];
    let letter = messages::Letter {
        to: whose,
        kind: "reimbursement",
        text: site.texts.with(key, &words),
        link: format!("/reimbursements/{}", claim.id),
        once: None,
    };
    messages::post(site, tx, &[letter]).await?;
    Ok(())
}
