//! The reviewer's side of an exemption: decide, and take an approval back.
use base::{Actor, Error, Result};
use rules::policy::ExemptionKind;
use site::Site;

use super::{Exemption, Step, eligibility, ground, happened, year_changed};
use crate::{
    activity::{Decision, refuse_closed, remark, said},
    review::{self, CASE_REVIEWERS, Case, REVERSERS},
    state::{State, Verdict},
    store::{events, exemptions},
};

/// Decides a request. Said twice by the same person it is done once.
pub async fn decide(site: &Site, actor: &Actor, id: &str, decision: &Decision<'_>) -> Result<Exemption> {
    let tx = site.db.begin().await?;
    let mut exemption = exemptions::hold(&tx, id).await?;
    let person = org::person(&tx, exemption.person).await?;
    review::refuse_own(&tx, actor, person.id).await?;
    if !actor.scope(CASE_REVIEWERS).holds(&person.path) {
        return Err(Error::not_found());
    }
    if decision.hours.is_some() {
        return Err(Error::invalid("hours", "unknown_field"));
    }
    let (state, what, action) = match decision.verdict {
        Verdict::Approve => (State::Approved, "approved", "exemption.approve"),
        Verdict::Return => (State::Returned, "returned", "exemption.return"),
        Verdict::Reject => (State::Rejected, "rejected", "exemption.reject"),
    };
    let before = events::of(&tx, &[id]).await?;
    if exemption.state != State::Submitted {
        let is_again = before.last().is_some_and(|e| e.by_person == Some(actor.person) && e.what == what);
        return if is_again { Ok(exemption) } else { Err(Error::conflict("claim_decided")) };
    }
    let case = Case {
        person: &person,
        filed_by: exemption.filed_by,
        stage: exemption.stage,
        level: exemption.level,
        above: exemption.above.as_deref(),
        roles: CASE_REVIEWERS,
        events: &before,
    };
    let place = review::admit(&tx, actor, &case).await?;
    let in_force = hours::in_force(&tx, exemption.year).await?;
    refuse_closed(site, &in_force.policy)?;
    let is_approval = state == State::Approved;
    if is_approval {
        // The leaves are held before the facts are computed of them.
        ground::gather(&tx, &exemption).await?;
    }
    let is_plain = is_approval && is_borne_out(&tx, &exemption).await?;
    let comment =
        if is_plain { remark(decision.comment, "comment")? } else { said(decision.comment, "comment")? };
    if is_approval {
        on_evidence(&tx, &exemption, is_plain).await?;
        year_changed(site, &tx, &exemption).await?;
    }
    (exemption.state, exemption.policy) = (state, in_force.version);
    let by = actor.person;
    let step = Step { what, action, by, path: Some(&place), remark: &comment, unit_path: &person.path };
    happened(site, &tx, &exemption, &step).await?;
    exemptions::save(&tx, &exemption, site.now()).await?;
    tx.commit().await?;
    Ok(exemption)
}

/// An exemption is decided on evidence (domain §4): files that it or a leave of its year cites. The birth date on record is
/// evidence for retirement where it bears it out; that somebody entered a leave is none for the leave.
async fn on_evidence(conn: &impl db::Conn, e: &Exemption, is_borne_out: bool) -> Result<()> {
    let is_on_record = is_borne_out && e.kind == ExemptionKind::NearRetirement;
    if !is_on_record && files::cited(conn, &[&e.id]).await?.is_empty() {
        return Err(Error::invalid("files", "evidence_missing"));
    }
    Ok(())
}

/// Whether the computed facts bear the ground out; disability and other reasons rest on evidence alone. An approval
/// against the facts needs its reason said.
async fn is_borne_out(conn: &impl db::Conn, e: &Exemption) -> Result<bool> {
    match e.kind {
        ExemptionKind::Disability | ExemptionKind::Other => Ok(true),
        ExemptionKind::NearRetirement | ExemptionKind::Leave => {
            Ok(eligibility(conn, e.person, e.year).await?.is_some_and(|found| found.kinds.contains(&e.kind)))
        }
    }
}

/// Takes an approval back, with reason, by a second person.
pub async fn reverse(site: &Site, actor: &Actor, id: &str, reason: &str) -> Result<Exemption> {
    let reason = said(reason, "reason")?;
    let tx = site.db.begin().await?;
    let mut exemption = exemptions::hold(&tx, id).await?;
    let person = org::person(&tx, exemption.person).await?;
    review::refuse_own(&tx, actor, person.id).await?;
    if !actor.scope(REVERSERS).holds(&person.path) {
        return Err(Error::not_found());
    }
    if exemption.state != State::Approved {
        return Err(Error::conflict("exemption_not_approved"));
    }
    let before = events::of(&tx, &[id]).await?;
    review::may_take_back(&tx, actor, (&person, &before)).await?;
    hours::refuse_closed(site, &tx, exemption.year).await?;
    exemption.state = State::Reversed;
    year_changed(site, &tx, &exemption).await?;
    let (what, action, by) = ("reversed", "exemption.reverse", actor.person);
    let step = Step { what, action, by, path: None, remark: &reason, unit_path: &person.path };
    happened(site, &tx, &exemption, &step).await?;
    exemptions::save(&tx, &exemption, site.now()).await?;
    tx.commit().await?;
    Ok(exemption)
}
