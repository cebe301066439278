//! Deciding on a claim: department, HR and finance in turn, by different people, never on the own claim.
use base::{Actor, Error, Kind, Result, person::Code};
use serde_json::json;
use site::Site;

use crate::{
    claim::Claim,
    state::{Decision, State},
    store,
};

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
    if accounts::is_party(&tx, actor, &[claim.person]).await? {
        return Err(Error::refused(Kind::Denied, "own_decision"));
    }
    if !is_near {
        return Err(Error::not_found());
    }
    let Some(stage) = claim.state.stage() else { return Err(Error::conflict("reimbursement_decided")) };
    let Some(own) = claim.stage_of(actor) else { return Err(Error::refused(Kind::Denied, "other_stage")) };
    let before = store::decisions(&tx, &claim.id).await?;
    let deciders: Vec<_> = before.iter().filter(|d| d.round == claim.round).map(|d| d.by).collect();
    if accounts::is_party(&tx, actor, &deciders).await? {
        return Err(Error::refused(Kind::Denied, "decided_before"));
    }
    if decision == Decision::Approve {
        refuse_changed(site, &claim).await?;
    }
    claim.state = State::after(own, decision);
    store::decide(&tx, &claim, (stage, decision, comment), (actor.person, site.now())).await?;
    if claim.state == State::Rejected {
        store::release(&tx, &claim.id, site.now()).await?;
    }
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

/// A certificate that was revoked since carries no claim: it has to be returned or rejected.
async fn refuse_changed(site: &Site, claim: &Claim) -> Result<()> {
    let living = certificates::of_year(site, claim.person, claim.year).await?;
    if living.is_some_and(|c| c.no.to_string() == claim.certificate_no) {
        return Ok(());
    }
    Err(Error::conflict("certificate_revoked"))
}
