//! The reviewers' desk: a queue with filters, evidence beside the form, and batch approval of like claims.
use std::collections::HashMap;

use askama::Template;
use axum::extract::{Path, Query, State as Given};
use base::{Error, Hours, Result, Year, day, person::Code};
use serde::Deserialize;
use site::{Access, Form, Frame, Reply, Routes, Site, Visitor, dates, html, see_other};

use super::words::{Step, state_kind, trail};
use crate::{
    activity::{self, Claim, Decision},
    circumstance::NAMERS,
    review::{self, CASE_REVIEWERS, REVIEWERS},
    state::{State, Verdict},
    store::{
        claims::{self, Queued, Wanted},
        exemptions, watching,
    },
};

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/reviews", Access::Roles(REVIEWERS), queue)
        .post("/reviews", Access::Roles(REVIEWERS), batch)
        .get("/reviews/{id}", Access::Roles(REVIEWERS), one)
        .post("/reviews/{id}", Access::Roles(REVIEWERS), decide)
        .post("/reviews/{id}/reversal", Access::Roles(CASE_REVIEWERS), reverse)
}

#[derive(Clone, Default, Deserialize)]
struct Filter {
    state: Option<String>,
    level: Option<String>,
    item: Option<String>,
    year: Option<String>,
    name: Option<String>,
    after: Option<String>,
    done: Option<usize>,
    left: Option<usize>,
}

impl Filter {
    fn state(&self) -> &str {
        self.state.as_deref().filter(|s| !s.is_empty()).unwrap_or("submitted")
    }
    fn item(&self) -> &str {
        self.item.as_deref().unwrap_or("")
    }
    fn level(&self) -> &str {
        self.level.as_deref().unwrap_or("")
    }
    fn name(&self) -> &str {
        self.name.as_deref().unwrap_or("")
    }
    fn year(&self) -> Option<Year> {
        self.year.as_deref().and_then(|y| y.parse().ok())
    }
    /// The year as the form holds it; empty for all.
    fn year_text(&self) -> String {
        self.year().map_or_else(String::new, |y| y.to_string())
    }
}

const PAGE: i64 = 50;
const STATES: &[&str] = &["submitted", "approved", "returned", "rejected", "reversed"];

#[derive(Template)]
#[template(path = "claims/reviews.html")]
struct QueuePage {
    frame: Frame,
    filter: Filter,
    states: &'static [&'static str],
    years: Vec<Year>,
    items: Vec<(String, String)>,
    lines: Vec<Line>,
    next: Option<String>,
    exemptions: Vec<ExemptionLine>,
    /// The code of the unit whose deputy the visitor names; empty for who names none.
    deputy_of: String,
    deadline: Option<String>,
}

impl QueuePage {
    /// Only like claims are approved together: one item of one year, all waiting.
    fn may_batch(&self) -> bool {
        self.filter.state() == "submitted" && !self.filter.item().is_empty() && self.filter.year().is_some()
    }
}

struct Line {
    id: String,
    name: String,
    place: String,
    title: String,
    item: String,
    hours: Hours,
    waits: String,
    is_late: bool,
    is_doubled: bool,
    /// In December: until when the one who waits has time.
    deadline: Option<String>,
    kind: &'static str,
    state: String,
}

struct ExemptionLine {
    id: String,
    name: String,
    place: String,
    kind: String,
    year: i64,
    waits: i64,
    is_late: bool,
}

async fn queue(Given(site): Given<Site>, visitor: Visitor, Query(filter): Query<Filter>) -> Reply {
    let scope = visitor.actor.scope(REVIEWERS);
    let wanted = Wanted {
        state: filter.state(),
        level: filter.level.as_deref(),
        item: filter.item.as_deref(),
        year: filter.year(),
        name: filter.name.as_deref().map(str::trim),
        late_before: Some(review::late_before(site.now())),
        after: filter.after.as_deref().unwrap_or(""),
        limit: PAGE + 1,
    };
    let found = claims::queue(&site.db, (&scope, visitor.actor.person), &wanted).await?;
    let found = site::Page::of(found, PAGE, |q| q.claim.id.clone());
    let ids: Vec<&str> = found.items.iter().map(|q| q.claim.id.as_str()).collect();
    let doubled = files::elsewhere(&site.db, &ids).await?;
    let policy = hours::in_force(&site.db, filter.year().unwrap_or_else(|| site.this_year())).await?.policy;
    let names: Vec<(String, String)> =
        policy.items().iter().map(|i| (i.code.clone(), i.name.clone())).collect();
    let deadlines = deadlines(&site, &found.items).await?;
    let line = |q: Queued| Line {
        deadline: deadlines.get(&q.claim.id).cloned(),
        ..line(&site, &names, q, &doubled)
    };
    let mut frame = Frame::of(&site, &visitor, "/reviews", "page-reviews");
    if let Some(done) = filter.done {
        let (n, left) = (done.to_string(), filter.left.unwrap_or(0).to_string());
        frame = frame.with_flash("done", site.texts.with("review-batch-done", &[("n", &n), ("left", &left)]));
    }
    let own = visitor.actor.grants.iter().find(|g| NAMERS.contains(&g.role));
    html(&QueuePage {
        frame,
        lines: found.items.into_iter().map(line).collect(),
        next: found.next,
        years: hours::years(&site).await?,
        items: names,
        states: STATES,
        exemptions: waiting_exemptions(&site, &visitor).await?,
        deputy_of: own.map(|g| g.unit_code.clone()).unwrap_or_default(),
        deadline: december(&site),
        filter,
    })
}

/// In December the reviewer sees the deadline of those who wait.
fn december(site: &Site) -> Option<String> {
    let today = day::day_of(site.now());
    (today.month() == 12).then(|| dates::long(&site.texts, site.this_year().last_day()))
}

/// In December the deadline of each one who waits: 12-31, or the end of a make-up.
async fn deadlines(site: &Site, queued: &[Queued]) -> Result<HashMap<String, String>> {
    if day::day_of(site.now()).month() != 12 {
        return Ok(HashMap::new());
    }
    let people: Vec<String> = queued.iter().map(|q| q.claim.person.to_string()).collect();
    let make_ups = watching::make_ups_of(&site.db, &people).await?;
    let of = |q: &Queued| {
        let (person, year) = (q.claim.person.to_string(), q.claim.facts.year);
        let own = make_ups.iter().find(|(p, y, _)| *p == person && *y == i64::from(year.number()));
        let until = own.map(|(.., until)| until.clone()).filter(|u| *u > year.last_day().to_string());
        (q.claim.id.clone(), until.unwrap_or_else(|| year.last_day().to_string()))
    };
    Ok(queued.iter().filter(|q| q.claim.state == State::Submitted).map(of).collect())
}

fn line(site: &Site, names: &[(String, String)], q: Queued, doubled: &[files::Elsewhere]) -> Line {
    let c = q.claim;
    let item = names.iter().find(|(code, _)| *code == c.facts.item);
    let waits = c.submitted_at.map_or(0, |at| dates::days_between(day::day_of(at), day::day_of(site.now())));
    Line {
        item: item.map_or_else(|| c.facts.item.clone(), |(_, name)| name.clone()),
        place: q.department.unwrap_or(q.unit),
        hours: c.effective_hours(),
        is_late: c.state == State::Submitted
            && c.submitted_at.is_some_and(|at| at < review::late_before(site.now())),
        waits: waits.to_string(),
        is_doubled: doubled.iter().any(|d| d.asked == c.id),
        deadline: None,
        kind: state_kind(c.state),
        state: site.texts.get(&format!("claim-state-{}", c.state.code())),
        name: q.name,
        title: c.facts.title,
        id: c.id,
    }
}

async fn waiting_exemptions(site: &Site, visitor: &Visitor) -> Result<Vec<ExemptionLine>> {
    let scope = visitor.actor.scope(CASE_REVIEWERS);
    let found = exemptions::queue(&site.db, (&scope, visitor.actor.person), ("submitted", "", PAGE)).await?;
    let since = |e: &exemptions::Queued| e.submitted_at.map_or_else(|| site.now(), day::from_millis);
    let line = |e: exemptions::Queued| ExemptionLine {
        waits: dates::days_between(day::day_of(since(&e)), day::day_of(site.now())),
        is_late: since(&e) < review::late_before(site.now()),
        kind: site.texts.get(&format!("exemption-{}", e.kind)),
        place: e.department.unwrap_or(e.unit),
        id: e.id,
        name: e.name,
        year: e.year,
    };
    Ok(found.into_iter().map(line).collect())
}

#[derive(Template)]
#[template(path = "claims/review.html")]
struct ReviewPage {
    frame: Frame,
    claim: Claim,
    person: org::Person,
    item: String,
    rule: String,
    evidence: String,
    second_review: bool,
    is_filed: bool,
    files: Vec<files::Cited>,
    trail: Vec<Step>,
    others: Vec<Other>,
    kind: &'static str,
    state: String,
    error: String,
    comment: String,
    may_reverse: bool,
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

async fn review_page(site: &Site, visitor: &Visitor, id: &str) -> Result<ReviewPage> {
    let view = activity::view(site, &visitor.actor, id).await?;
    if !view.is_reviewer {
        return Err(Error::not_found());
    }
    let claim = view.claim;
    let policy = hours::in_force(&site.db, claim.facts.year).await?.policy;
    let item = policy.item(&claim.facts.item);
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
        frame: Frame::of(site, visitor, "/reviews", "page-review"),
        item: item.map_or_else(|| claim.facts.item.clone(), |i| i.name.clone()),
        rule: item.map_or_else(String::new, |i| super::claims::about(site, i)),
        evidence: item.map_or_else(String::new, |i| i.evidence.clone()),
        second_review: item.is_some_and(|i| i.second_review),
        is_filed: claim.filed_by != claim.person,
        files: view.files,
        trail: trail(site, &view.events),
        others: view.elsewhere.iter().map(other).collect(),
        kind: state_kind(claim.state),
        state: site.texts.get(&format!("claim-state-{}", claim.state.code())),
        error: String::new(),
        comment: String::new(),
        may_reverse: claim.state == State::Approved && visitor.actor.has(CASE_REVIEWERS),
        person: view.person,
        claim,
    })
}

/// The first sign of a name of another unit's person.
fn masked(name: &str) -> String {
    let stars = name.chars().skip(1).map(|_| '*');
    name.chars().take(1).chain(stars).collect()
}

async fn one(Given(site): Given<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    html(&review_page(&site, &visitor, &id).await?)
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
    let Err(error) = done.await else { return Ok(see_other("/reviews")) };
    let Some(text) = in_words(&site, &error) else { return Err(error.into()) };
    let mut page = review_page(&site, &visitor, &id).await?;
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
                let mut page = review_page(&site, &visitor, &id).await?;
                page.error = text;
                html(&page)
            }
        },
    }
}

/// The boxes that were ticked. A form repeats a name, which `Form` does not read into a list.
async fn batch(
    Given(site): Given<Site>,
    visitor: Visitor,
    Form(fields): Form<Vec<(String, String)>>,
) -> Reply {
    let ids: Vec<String> = fields.iter().filter(|(n, _)| n == "id").map(|(_, v)| v.clone()).collect();
    let (done, left) = activity::approve_many(&site, &visitor.actor, &ids).await?;
    Ok(see_other(&format!("/reviews?done={done}&left={left}")))
}
