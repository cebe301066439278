//! Forms of claims above the limit; they stand on the page of the claim that they belong to.
use axum::extract::{Path, State as Shared};
use base::{Error, Result};
use serde::Deserialize;
use site::{Access, Form, Reply, Routes, Site, Visitor, see_other};

use crate::{
    FINANCE, api,
    special::{self, SIGNERS, Special, Stage},
    store_special,
};

pub(super) fn routes() -> Routes {
    Routes::new()
        .post("/reimbursements/{id}/special", Access::SignedIn, ask)
        .post("/special-claims/{id}/decision", Access::Roles(SIGNERS), decide)
        .post("/special-claims/{id}/payment", Access::Roles(FINANCE), pay)
}

/// What the page of a claim shows of it.
pub(super) struct Shown {
    pub special: Special,
    pub state: String,
    pub kind: &'static str,
    pub may_sign: bool,
    pub may_pay: bool,
}

/// The claim above the limit that stands beside an ordinary one.
pub(super) async fn beside(site: &Site, visitor: &Visitor, claim: &str) -> Result<Option<Shown>> {
    let Some(special) = store_special::of_claim(&site.db, claim).await? else { return Ok(None) };
    let actor = &visitor.actor;
    let is_other = special.person != actor.person;
    let is_near = |roles| is_other && actor.scope(roles).holds(&special.unit_path);
    let is_waiting = matches!(special.state, Stage::Asked | Stage::Signed);
    Ok(Some(Shown {
        state: site.texts.get(&format!("special-state-{}", base::person::Code::code(&special.state))),
        kind: match special.state {
            Stage::Asked | Stage::Signed => "waiting",
            Stage::Approved | Stage::Paid => "done",
            Stage::Rejected => "danger",
        },
        may_sign: is_waiting && is_near(SIGNERS) && special.first_by != Some(actor.person),
        may_pay: special.state == Stage::Approved && is_near(FINANCE),
        special,
    }))
}

#[derive(Deserialize)]
struct AskForm {
    amount: String,
    reason: String,
}

async fn ask(
    Shared(site): Shared<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(f): Form<AskForm>,
) -> Reply {
    special::ask(&site, &visitor.actor, &id, (&f.amount, &f.reason)).await?;
    Ok(see_other(&format!("/reimbursements/{id}#special")))
}

#[derive(Deserialize)]
struct SignForm {
    decision: String,
    #[serde(default)]
    comment: String,
}

async fn decide(
    Shared(site): Shared<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(f): Form<SignForm>,
) -> Reply {
    let is_signed = match f.decision.as_str() {
        "approve" => true,
        "reject" => false,
        _ => return Err(Error::invalid("decision", "wrong_value").into()),
    };
    let decided = special::decide(&site, &visitor.actor, &id, (is_signed, &f.comment)).await?;
    Ok(see_other(&format!("/reimbursements/{}#special", decided.reimbursement)))
}

#[derive(Deserialize)]
struct PayForm {
    reference: String,
    paid_on: Option<String>,
}

async fn pay(
    Shared(site): Shared<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(f): Form<PayForm>,
) -> Reply {
    let on = api::paid_on(f.paid_on.as_deref())?;
    let paid = special::pay(&site, &visitor.actor, &id, (&f.reference, on)).await?;
    Ok(see_other(&format!("/reimbursements/{}#special", paid.reimbursement)))
}
