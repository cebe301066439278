//! The reviewers' desk: a queue with filters and batch approval of like claims.
use std::collections::HashMap;

use askama::Template;
use axum::extract::{Query, State as Given};
use base::{Hours, Result, Year, day, person::Code};
use serde::Deserialize;
use site::{Access, Form, Frame, Reply, Routes, Site, Visitor, Years, dates, html, see_other};

use super::words::state_kind;
use crate::{
    activity,
    circumstance::NAMERS,
    review::{self, CASE_REVIEWERS, REVIEWERS},
    state::{State, Verdict},
    store::{
        claims::{self, Queued, Wanted},
        exemptions, watching,
    },
};

pub(super) fn routes() -> Routes {
    Routes::new().get("/reviews", Access::Roles(REVIEWERS), queue).post(
        "/reviews",
        Access::Roles(REVIEWERS),
        batch,
    )
}

#[derive(Clone, Default, Deserialize)]
pub(super) struct Filter {
    state: Option<String>,
    level: Option<String>,
    item: Option<String>,
    year: Option<String>,
    name: Option<String>,
    after: Option<String>,
    done: Option<usize>,
    left: Option<usize>,
    /// How the claim before was decided.
    decided: Option<String>,
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

    /// The claims that are looked for, from a place on.
    fn wanted<'a>(&'a self, site: &Site, (after, limit): (&'a str, i64)) -> Wanted<'a> {
        Wanted {
            state: self.state(),
            level: self.level.as_deref(),
            item: self.item.as_deref(),
            year: self.year(),
            name: self.name.as_deref().map(str::trim),
            late_before: Some(review::late_before(site.now())),
            after,
            limit,
        }
    }

    /// The filter as a query, so that the next page and the next claim are those of the same queue.
    pub(super) fn query(&self) -> String {
        let parts =
            [("name", self.name()), ("state", self.state()), ("level", self.level()), ("item", self.item())];
        let year = self.year_text();
        let parts = parts.into_iter().chain([("year", year.as_str())]).filter(|(_, v)| !v.is_empty());
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parts).finish()
    }

    /// What was done with the claim before, in a sentence.
    pub(super) fn told(&self, frame: Frame, (site, is_more): (&Site, bool)) -> Frame {
        let decided = self.decided.as_deref().and_then(|d| Verdict::read(d).ok());
        let Some(verdict) = decided else { return frame };
        let verdict = site.texts.get(&format!("review-verdict-{}", verdict.code()));
        let key = if is_more { "review-decided-next" } else { "review-decided-last" };
        frame.with_flash("done", site.texts.with(key, &[("verdict", &verdict)]))
    }
}

/// The claim that follows in the visitor's queue.
pub(super) async fn following(
    site: &Site,
    visitor: &Visitor,
    filter: &Filter,
    id: &str,
) -> Result<Option<String>> {
    let scope = visitor.actor.scope(REVIEWERS);
    let found =
        claims::queue(&site.db, (&scope, visitor.actor.person), &filter.wanted(site, (id, 1))).await?;
    Ok(found.into_iter().next().map(|q| q.claim.id))
}

const PAGE: i64 = 50;
const STATES: &[&str] = &["submitted", "approved", "returned", "rejected", "reversed"];

#[derive(Template)]
#[template(path = "claims/reviews.html")]
struct QueuePage {
    frame: Frame,
    filter: Filter,
    states: &'static [&'static str],
    years: Years,
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
    let wanted = filter.wanted(&site, (filter.after.as_deref().unwrap_or(""), PAGE + 1));
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
    let mut frame = filter.told(Frame::of(&site, &visitor, "/reviews", "page-reviews"), (&site, false));
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
