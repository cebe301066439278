//! The queue of those who decide, and a claim with all of it.
use askama::Template;
use axum::{
    extract::{Path, State},
    http::{HeaderValue, header},
    response::IntoResponse,
};
use base::{Error, person::Code};
use documents::Typesetter;
use serde::Deserialize;
use site::{Access, Form, Frame, Reply, Routes, Site, Visitor, dates, html, see_other};

use super::{Line, line};
use crate::{DECIDERS, claim, decide, invoice::Invoice, print, state::Decision, store_books};

pub(super) fn routes(typesetter: &Typesetter) -> Routes {
    let typesetter = typesetter.clone();
    Routes::new()
        .get("/reimbursements/queue", Access::Roles(DECIDERS), queue)
        .get("/reimbursements/{id}", Access::SignedIn, one)
        .post("/reimbursements/{id}/decision", Access::Roles(DECIDERS), decision)
        .get("/reimbursements/{id}/form.pdf", Access::SignedIn, move |site, visitor, path| {
            printed(typesetter.clone(), site, visitor, path)
        })
}

#[derive(Template)]
#[template(path = "reimbursement/queue.html")]
struct QueuePage {
    frame: Frame,
    claims: Vec<Line>,
}

async fn queue(State(site): State<Site>, visitor: Visitor) -> Reply {
    let claims = store_books::queue(&site.db, &visitor.actor).await?;
    let frame = Frame::of(&site, &visitor, "/reimbursements/queue", "page-reimbursement-queue");
    html(&QueuePage { frame, claims: claims.iter().map(|c| line(&site, c)).collect() })
}

struct Step {
    stage: String,
    decision: String,
    by: String,
    at: String,
    comment: String,
}

#[derive(Template)]
#[template(path = "reimbursement/claim.html")]
struct ClaimPage {
    frame: Frame,
    claim: Line,
    allowance: base::Fen,
    charged: base::Fen,
    invoices: Vec<Invoice>,
    steps: Vec<Step>,
    /// The stage at which the visitor decides now.
    turn: Option<String>,
}

async fn one(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let (found, invoices, decided) = claim::read(&site.db, &visitor.actor, &id).await?;
    let has_decided = decided.iter().any(|d| d.round == found.round && d.by == visitor.actor.person);
    let is_own = found.person == visitor.actor.person;
    let turn = found.stage_of(&visitor.actor).filter(|_| !is_own && !has_decided);
    let word = |kind: &str, code: &str| site.texts.get(&format!("reimbursement-{kind}-{code}"));
    let step = |d: claim::Decided| Step {
        stage: word("stage", &d.stage),
        decision: word("decision", &d.decision),
        at: dates::minute(d.at),
        by: d.by_name,
        comment: d.comment,
    };
    let path = if is_own { "/reimbursements" } else { "/reimbursements/queue" };
    let page = ClaimPage {
        frame: Frame::of(&site, &visitor, path, "page-reimbursement"),
        claim: line(&site, &found),
        allowance: found.amounts.allowance,
        charged: found.amounts.charged,
        invoices,
        turn: turn.map(|t| word("stage", &t.code())),
        steps: decided.into_iter().map(step).collect(),
    };
    html(&page)
}

#[derive(Deserialize)]
struct DecisionForm {
    decision: String,
    #[serde(default)]
    comment: String,
}

async fn decision(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(f): Form<DecisionForm>,
) -> Reply {
    let wanted = Decision::from_code(&f.decision).ok_or_else(|| Error::invalid("decision", "wrong_value"))?;
    decide::decide(&site, &visitor.actor, &id, (wanted, &f.comment)).await?;
    Ok(see_other("/reimbursements/queue"))
}

async fn printed(
    typesetter: Typesetter,
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Reply {
    let (found, invoices, decided) = claim::read(&site.db, &visitor.actor, &id).await?;
    let bytes = print::print(&site, typesetter, (&found, &invoices, &decided)).await?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/pdf")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("inline; filename=\"reimbursement.pdf\"")),
    ];
    Ok((headers, bytes).into_response())
}
