//! Deciding on a claim: department, HR and finance in turn, by different people, never on the own claim.
use base::{Actor, Error, Fen, Kind, Result, person::Code};
use db::Tx;
use serde_json::json;
use site::Site;

use crate::{
    claim::Claim,
    follow, health,
    state::{Decision, State},
    store, store_blocks, store_books, store_unit_paid,
};

/// At most so many are approved together.
const MOST_AT_ONCE: usize = 200;

/// Takes the decision of the stage whose turn it is.
pub(crate) async fn decide(
    site: &Site,
    actor: &Actor,
    id: &str,
    (decision, comment): (Decision, &str),
) -> Result<Claim> {
    let comment = comment.trim();
    if comment.chars().count() > 500 || (decision != Decision::Approve && comment.is_empty()) {
        return Err(Error::invalid("comment", "decision_comment"));
    }
    let tx = site.db.begin().await?;
    let mut claim = store::hold(&tx, id).await?;
    let is_near = actor.scope(crate::DECIDERS).holds(&claim.unit_path);
    if accounts::is_party(&tx, actor, &[claim.person, claim.whose]).await? {
        return Err(Error::refused(Kind::Denied, "own_decision"));
    }
    if !is_near {
        return Err(Error::not_found());
    }
    let Some(stage) = claim.state.stage() else { return Err(Error::conflict("reimbursement_decided")) };
    let Some(own) = claim.stage_of(actor) else { return Err(Error::refused(Kind::Denied, "other_stage")) };
    let before = store::decisions(&tx, &claim.id).await?;
    // Whoever decided at another stage in an earlier round is no second person either; at the same stage they are the first.
    let counts = before.iter().filter(|d| d.round == claim.round || d.stage != stage.code());
    let deciders: Vec<_> = counts.filter_map(|d| d.by).collect();
    if accounts::is_party(&tx, actor, &deciders).await? {
        return Err(Error::refused(Kind::Denied, "decided_before"));
    }
    if decision == Decision::Approve {
        refuse_changed(site, &claim).await?;
        refuse_blocked(&tx, &claim).await?;
        // Whoever approves decides on the figure of now.
        follow::update(site, &tx, &mut claim).await?;
        if claim.amounts.reimbursable == Fen::ZERO {
            tx.commit().await?;
            return Err(
                Error::conflict("reimbursement_amount_changed").with("reimbursable", json!(Fen::ZERO))
            );
        }
    }
    claim.state = State::after(own, decision);
    store::decide(&tx, &claim, (stage, decision, comment), (Some(actor.person), site.now())).await?;
    if claim.state == State::Rejected {
        store::release(&tx, &claim.id, site.now()).await?;
    }
    tell(site, &tx, &claim, comment).await?;
    let deed = audit::Deed {
        actor: Some(actor.person),
        action: "reimbursement.decide",
        object: &claim.id,
        unit_path: &claim.unit_path,
        details: json!({"stage": stage, "decision": decision.code(), "state": claim.state}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await?;
    Ok(claim)
}

/// An invoice that no longer holds carries no claim either.
async fn refuse_blocked(tx: &Tx, claim: &Claim) -> Result<()> {
    let numbers = store::numbers(tx, &claim.id).await?;
    let blocks = store_blocks::of_numbers(tx, &numbers).await?;
    if numbers.iter().any(|n| health::is_blocked(&blocks, n, &claim.unit_path)) {
        return Err(Error::conflict("invoice_blocked"));
    }
    // The platform's word that a unit paid may come after the claim.
    let is_paid = !store_unit_paid::paid(tx, &numbers).await?.is_empty();
    if is_paid { Err(Error::conflict("invoice_unit_paid")) } else { Ok(()) }
}

/// A certificate that was revoked since carries no claim: it has to be returned or rejected.
async fn refuse_changed(site: &Site, claim: &Claim) -> Result<()> {
    let living = certificates::of_year(site, claim.person, claim.year).await?;
    if living.is_some_and(|c| c.no.to_string() == claim.certificate_no) {
        return Ok(());
    }
    Err(Error::conflict("certificate_revoked"))
}

/// Tells the claimant what became of the claim, unless it only goes on.
async fn tell(site: &Site, tx: &Tx, claim: &Claim, comment: &str) -> Result<()> {
    let key = match claim.state {
        State::Returned => "reimbursement-told-returned",
        State::Rejected => "reimbursement-told-rejected",
        State::Approved => "reimbursement-told-approved",
        State::Submitted | State::DepartmentApproved | State::HrApproved | State::Paid => return Ok(()),
    };
    let (year, amount) = (claim.year.to_string(), claim.amounts.reimbursable.to_string());
    let words = [("year", year.as_str()), ("amount", amount.as_str()), ("comment", comment)];
    let letter = messages::Letter {
        to: claim.person,
        kind: "reimbursement",
        text: site.texts.with(key, &words),
        link: format!("/reimbursements/{}", claim.id),
        once: None,
    };
    messages::post(site, tx, &[letter]).await?;
    Ok(())
}

/// What became of one of many.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
pub(crate) struct Taken {
    pub id: String,
    pub name: String,
    /// The state it is in now; none where it was refused.
    pub state: Option<State>,
    /// Why it was refused.
    pub code: Option<&'static str>,
}

/// Approves many at the stage of each. Only green ones; each by itself, so that one refusal stops no other.
pub(crate) async fn approve_many(site: &Site, actor: &Actor, ids: &[String]) -> Result<Vec<Taken>> {
    if ids.is_empty() || ids.len() > MOST_AT_ONCE {
        return Err(Error::invalid("ids", "claims_at_once"));
    }
    let waiting = store_books::queue(&site.db, actor).await?;
    let wanted: Vec<Claim> = waiting.into_iter().filter(|c| ids.contains(&c.id)).collect();
    let reasons = health::of_claims(site, &wanted).await?;
    let mut all = vec![];
    for claim in wanted {
        let refused =
            |code| Taken { id: claim.id.clone(), name: claim.name.clone(), state: None, code: Some(code) };
        all.push(match reasons.get(&claim.id) {
            Some(_) => refused("has_to_be_looked_at"),
            None => match decide(site, actor, &claim.id, (Decision::Approve, "")).await {
                Ok(done) => Taken { id: done.id, name: done.name, state: Some(done.state), code: None },
                Err(Error::Refused(p)) => refused(p.code),
                Err(e) => return Err(e),
            },
        });
    }
    Ok(all)
}
