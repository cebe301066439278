//! The queue of those who decide, and a claim with all of it.
use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::{HeaderValue, header},
    response::IntoResponse,
};
use base::{Error, Result, person::Code};
use documents::Typesetter;
use serde::Deserialize;
use site::{Access, Form, Frame, Reply, Routes, Site, Visitor, dates, html, see_other};

use super::{Line, line, special};
use crate::{
    DECIDERS, claim, decide,
    fees::{self, Fees},
    health,
    invoice::Invoice,
    print,
    special::{SIGNERS, Special, above},
    state::{Decision, State as Stage},
    store_books, store_special, store_unit_paid,
};

pub(super) fn routes(typesetter: &Typesetter) -> Routes {
    let typesetter = typesetter.clone();
    Routes::new()
        .get("/reimbursements/queue", Access::Roles(DECIDERS), queue)
        .post("/reimbursements/approve", Access::Roles(DECIDERS), approve_many)
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
    rows: Vec<Row>,
    /// How many can be approved together.
    green: usize,
    specials: Vec<Special>,
    refused: Vec<String>,
}

/// A claim of the queue, and the one reason why it has to be looked at.
struct Row {
    line: Line,
    look: Option<String>,
}

async fn queue(State(site): State<Site>, visitor: Visitor, Query(q): Query<Approved>) -> Reply {
    let mut page = queue_page(&site, &visitor).await?;
    if let Some(n) = q.approved {
        let n = n.to_string();
        page.frame =
            page.frame.with_flash("done", site.texts.with("reimbursement-approved-many", &[("n", &n)]));
    }
    html(&page)
}

#[derive(Deserialize)]
struct Approved {
    approved: Option<u32>,
}

async fn queue_page(site: &Site, visitor: &Visitor) -> Result<QueuePage> {
    let claims = store_books::queue(&site.db, &visitor.actor).await?;
    let reasons = health::of_claims(site, &claims).await?;
    let look = |r: &health::Reason| {
        site.texts.with(&format!("reimbursement-look-{}", r.code), &[("about", &r.about)])
    };
    let row = |c: &claim::Claim| Row { line: line(site, c), look: reasons.get(&c.id).map(look) };
    let rows: Vec<Row> = claims.iter().map(row).collect();
    let specials =
        store_special::waiting(&site.db, &visitor.actor.scope(SIGNERS), visitor.actor.person).await?;
    Ok(QueuePage {
        frame: Frame::of(site, visitor, "/reimbursements/queue", "page-reimbursement-queue"),
        green: rows.iter().filter(|r| r.look.is_none()).count(),
        rows,
        specials,
        refused: vec![],
    })
}

/// The ticked rows of the queue: each is a field `id_<claim>`.
#[derive(Deserialize)]
struct ManyForm {
    #[serde(flatten)]
    ticked: std::collections::HashMap<String, String>,
}

async fn approve_many(State(site): State<Site>, visitor: Visitor, Form(f): Form<ManyForm>) -> Reply {
    let ids: Vec<String> = f.ticked.keys().filter_map(|k| k.strip_prefix("id_").map(str::to_owned)).collect();
    if ids.is_empty() {
        return Ok(see_other("/reimbursements/queue"));
    }
    let taken = decide::approve_many(&site, &visitor.actor, &ids).await?;
    let refused = |t: &decide::Taken| {
        let why = site.texts.get(&format!("error-{}", t.code?));
        Some(format!("{}: {why}", t.name))
    };
    let refused: Vec<String> = taken.iter().filter_map(refused).collect();
    if refused.is_empty() {
        return Ok(see_other(&format!("/reimbursements/queue?approved={}", taken.len())));
    }
    html(&QueuePage { refused, ..queue_page(&site, &visitor).await? })
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
    /// What it cost, course by course, for those who keep or check the books.
    fees: Vec<fees::Line>,
    refunded: base::Fen,
    unit_paid: base::Fen,
    is_late: bool,
    special: Option<special::Shown>,
    /// What the claimant may ask for above the limit.
    above: Option<base::Fen>,
    today: String,
}

async fn one(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let (found, invoices, decided) = claim::read(&site.db, &visitor.actor, &id).await?;
    let is_turn = |d: &claim::Decided| found.state.stage().is_some_and(|s| s.code() == d.stage);
    let counts = |d: &claim::Decided| d.round == found.round || !is_turn(d);
    let has_decided = decided.iter().any(|d| counts(d) && d.by == Some(visitor.actor.person));
    let is_own = found.is_of(visitor.actor.person);
    let turn = found.stage_of(&visitor.actor).filter(|_| !is_own && !has_decided);
    let word = |kind: &str, code: &str| site.texts.get(&format!("reimbursement-{kind}-{code}"));
    let step = |d: claim::Decided| Step {
        stage: word("stage", &d.stage),
        decision: word("decision", &d.decision),
        at: dates::minute(d.at),
        by: d.by_words(&site),
        comment: d.comment,
    };
    let path = if is_own { "/reimbursements" } else { "/reimbursements/queue" };
    let fees = fee_lines(&site, &found).await?;
    let special = special::beside(&site, &visitor, &found.id).await?;
    let may_ask = is_own
        && !matches!(found.state, Stage::Returned | Stage::Rejected)
        && special.as_ref().is_none_or(|s| s.kind == "danger");
    let page = ClaimPage {
        fees,
        refunded: found.refunded,
        unit_paid: found.unit_paid,
        is_late: found.is_late,
        above: Some(above(&found)).filter(|a| may_ask && *a > base::Fen::ZERO),
        special,
        today: base::day::day_of(site.now()).to_string(),
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

/// What the courses of the claim's year cost; nothing for someone whom the rules do not know enough of any more.
async fn fee_lines(site: &Site, claim: &claim::Claim) -> Result<Vec<fees::Line>> {
    let unit_paid = store_unit_paid::courses(&site.db, &claim.unit_path, claim.year).await?;
    match hours::standing(&site.db, claim.whose, claim.year).await {
        Ok(standing) => Ok(Fees::of(&standing, &unit_paid).0),
        Err(e) if e.code() == "profile_incomplete" => Ok(vec![]),
        Err(e) => Err(e),
    }
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
