//! One claim on the reviewers' desk: evidence beside the form, the decision, and on to the next claim of the same queue.
use askama::Template;
use axum::extract::{Path, Query, State as Given};
use base::{Error, Hours, Result, person::Code};
use serde::Deserialize;
use site::{Access, Form, Frame, Reply, Routes, Site, Visitor, html, see_other};

use super::{
    reviews::{self, Filter},
    words::{Step, state_kind, trail},
};
use crate::{
    activity::{self, Claim, Decision},
    review::{REVERSERS, REVIEWERS},
    state::{State, Verdict},
    store::claims,
};

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/reviews/{id}", Access::Roles(REVIEWERS), one)
        .post("/reviews/{id}", Access::Roles(REVIEWERS), decide)
        .post("/reviews/{id}/reversal", Access::Roles(REVERSERS), reverse)
}

#[derive(Template)]
#[template(path = "claims/review.html")]
struct ReviewPage {
    frame: Frame,
    claim: Claim,
    /// The version of the rules it was reckoned by.
    policy: String,
    person: org::Person,
    item: String,
    rule: String,
    evidence: String,
    second_review: bool,
    is_filed: bool,
    files: Vec<files::Cited>,
    trail: Vec<Step>,
    others: Vec<Other>,
    /// What would count of it if it were approved now; only while it waits.
    outlook: Option<activity::Preview>,
    kind: &'static str,
    state: String,
    error: String,
    comment: String,
    may_reverse: bool,
    /// The filter of the queue that the reviewer came from.
    query: String,
    /// The claim that follows in it.
    next: Option<String>,
}

impl ReviewPage {
    fn waits(&self) -> bool {
        self.claim.state == State::Submitted
    }
    fn quantity(&self) -> String {
        Hours::from_hundredths(self.claim.facts.quantity).to_string()
    }
}

/// Another case with the same evidence.
struct Other {
    name: String,
    is_same_person: bool,
    href: Option<String>,
}

async fn review_page(site: &Site, visitor: &Visitor, (id, filter): (&str, &Filter)) -> Result<ReviewPage> {
    let view = activity::view(site, &visitor.actor, id).await?;
    if !view.is_reviewer {
        return Err(Error::not_found());
    }
    let claim = view.claim;
    let policy = hours::in_force(&site.db, claim.facts.year).await?.policy;
    let item = policy.item(&claim.facts.item);
    let outlook = outlook(site, &claim, &view.files).await?;
    let ids: Vec<String> = view.elsewhere.iter().map(|e| e.person_id.clone()).collect();
    let names = claims::names(&site.db, &ids).await?;
    let scope = visitor.actor.scope(REVIEWERS);
    let other = |e: &files::Elsewhere| {
        let (name, path) = names.get(&e.person_id).cloned().unwrap_or_default();
        let is_below = scope.holds(&path);
        Other {
            name: if is_below { name } else { masked(&name) },
            is_same_person: e.person_id == claim.person.to_string(),
            href: is_below.then(|| format!("/reviews/{}", e.object_id)),
        }
    };
    Ok(ReviewPage {
        frame: filter.told(Frame::of(site, visitor, "/reviews", "page-review"), (site, true)),
        query: filter.query(),
        policy: hours::version_words(site, &claim.policy, claim.facts.year),
        next: reviews::following(site, visitor, filter, id).await?,
        item: item.map_or_else(|| claim.facts.item.clone(), |i| i.name.clone()),
        rule: item.map_or_else(String::new, |i| super::claims::about(site, i)),
        evidence: item.map_or_else(String::new, |i| i.evidence.clone()),
        second_review: item.is_some_and(|i| i.second_review),
        is_filed: claim.filed_by != claim.person,
        files: view.files,
        trail: trail(site, &view.events),
        others: view.elsewhere.iter().map(other).collect(),
        outlook,
        kind: state_kind(claim.state),
        state: site.texts.get(&format!("claim-state-{}", claim.state.code())),
        error: String::new(),
        comment: String::new(),
        may_reverse: claim.state == State::Approved && visitor.actor.has(REVERSERS),
        person: view.person,
        claim,
    })
}

/// What would count of a claim that waits; none where its person's year cannot be assessed.
async fn outlook(site: &Site, claim: &Claim, evidence: &[files::Cited]) -> Result<Option<activity::Preview>> {
    if claim.state != State::Submitted {
        return Ok(None);
    }
    match activity::preview_of(site, claim, evidence).await {
        Ok(outlook) => Ok(Some(outlook)),
        Err(Error::Refused(_)) => Ok(None),
        Err(e) => Err(e),
    }
}

/// The first sign of a name of another unit's person.
fn masked(name: &str) -> String {
    let stars = name.chars().skip(1).map(|_| '*');
    name.chars().take(1).chain(stars).collect()
}

async fn one(
    Given(site): Given<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(filter): Query<Filter>,
) -> Reply {
    html(&review_page(&site, &visitor, (&id, &filter)).await?)
}

#[derive(Deserialize)]
struct DecisionForm {
    decision: String,
    hours: Option<String>,
    comment: Option<String>,
}

async fn decide(
    Given(site): Given<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(filter): Query<Filter>,
    Form(form): Form<DecisionForm>,
) -> Reply {
    let comment = form.comment.unwrap_or_default();
    let done = async {
        let hours = form.hours.as_deref().map(str::trim).filter(|h| !h.is_empty());
        let hours = hours.map(|h| Hours::parse(h).ok_or_else(|| Error::invalid("hours", "wrong_value")));
        let verdict = Verdict::read(&form.decision)?;
        let decision = Decision { verdict, hours: hours.transpose()?, comment: &comment };
        activity::decide(&site, &visitor.actor, &id, &decision).await
    };
    let Err(error) = done.await else {
        let next = reviews::following(&site, &visitor, &filter, &id).await?;
        let path = next.map_or_else(|| "/reviews".to_owned(), |next| format!("/reviews/{next}"));
        return Ok(see_other(&format!("{path}?{}&decided={}", filter.query(), form.decision)));
    };
    let Some(text) = in_words(&site, &error) else { return Err(error.into()) };
    let mut page = review_page(&site, &visitor, (&id, &filter)).await?;
    (page.error, page.comment) = (text, comment);
    html(&page)
}

/// A refusal in a sentence; none for what is no refusal of the decision.
pub(super) fn in_words(site: &Site, error: &Error) -> Option<String> {
    let Error::Refused(p) = error else { return None };
    (p.code != "not_found").then(|| site.texts.refusal(p))
}

#[derive(Deserialize)]
struct ReasonForm {
    reason: String,
}

async fn reverse(
    Given(site): Given<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(form): Form<ReasonForm>,
) -> Reply {
    match activity::reverse(&site, &visitor.actor, &id, &form.reason).await {
        Ok(_) => Ok(see_other(&format!("/reviews/{id}"))),
        Err(e) => match in_words(&site, &e) {
            None => Err(e.into()),
            Some(text) => {
                let mut page = review_page(&site, &visitor, (&id, &Filter::default())).await?;
                page.error = text;
                html(&page)
            }
        },
    }
}
