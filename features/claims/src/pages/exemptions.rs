//! 免训 in the browser: what the facts say, asking, leaves on record; and the case for its reviewers.
use askama::Template;
use axum::extract::{Path, Query, State as Given};
use base::{Error, PersonId, Result, Year, person::Code};
use rules::policy::ExemptionKind;
use serde::Deserialize;
use site::{Access, Form, Frame, Reply, Routes, Site, Upload, Visitor, Years, dates, html, see_other};

use super::{
    filing::Filed,
    review::in_words,
    words::{Step, closed_words, state_kind, trail},
};
use crate::{
    activity::Decision,
    exempt::{self, Eligibility, Exemption, NewExemption},
    late,
    leave::{self, Leave},
    review::CASE_REVIEWERS,
    state::{State, Verdict},
    store::exemptions,
};

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/exemptions", Access::SignedIn, list)
        .post("/exemptions", Access::SignedIn, ask)
        .get("/exemptions/{id}", Access::SignedIn, one)
        .post("/exemptions/{id}/step", Access::SignedIn, step)
        .post("/exemptions/{id}/submit", Access::SignedIn, submit)
        .post("/exemptions/{id}/decision", Access::Roles(CASE_REVIEWERS), decide)
        .post("/leaves", Access::SignedIn, enter_leave)
        .post("/leaves/{id}/end", Access::SignedIn, end_leave)
}

#[derive(Deserialize)]
struct YearQuery {
    year: Option<String>,
    /// For whom an administrator files.
    person: Option<String>,
}

#[derive(Template)]
#[template(path = "claims/exemptions.html")]
struct ListPage {
    frame: Frame,
    filed: Option<Filed>,
    year: Year,
    years: Years,
    /// That the year takes no more requests; empty while it does.
    closed: String,
    facts: Option<Eligibility>,
    kinds: Vec<Choice>,
    cases: Vec<Line>,
    leaves: Vec<Leave>,
    may_ask: bool,
    kind: String,
    reason: String,
    error: String,
}

impl ListPage {
    /// The address of the same page up to the year.
    fn of_year(&self) -> String {
        match &self.filed {
            Some(f) => format!("/exemptions?person={}&year=", f.person),
            None => "/exemptions?year=".to_owned(),
        }
    }
}

/// A kind of exemption to choose.
struct Choice {
    code: String,
    name: String,
    about: String,
}

struct Line {
    id: String,
    name: String,
    at: String,
    kind: &'static str,
    state: String,
}

fn choice(site: &Site, kind: ExemptionKind, facts: Option<&Eligibility>) -> Choice {
    let code = kind.code();
    let (retires, days, limit) = facts.map_or_else(Default::default, |f| {
        (f.retires_on.to_string(), f.leave_days.to_string(), f.leave_limit.to_string())
    });
    let verdict = match facts {
        None => "unknown",
        Some(f) if f.kinds.contains(&kind) => "yes",
        Some(_) => "no",
    };
    let key = match kind {
        ExemptionKind::NearRetirement if facts.is_some_and(|f| f.is_retirement_set) => {
            format!("exemption-facts-{code}-{verdict}-set")
        }
        ExemptionKind::NearRetirement | ExemptionKind::Leave => format!("exemption-facts-{code}-{verdict}"),
        ExemptionKind::Disability | ExemptionKind::Other => format!("exemption-facts-{code}"),
    };
    Choice {
        name: site.texts.get(&format!("exemption-{code}")),
        about: site.texts.with(&key, &[("day", &retires), ("days", &days), ("limit", &limit)]),
        code,
    }
}

async fn list_page(site: &Site, visitor: &Visitor, (year, filed): (Year, Option<Filed>)) -> Result<ListPage> {
    let me = Filed::whose(filed.as_ref(), visitor);
    let in_force = hours::in_force(&site.db, year).await?;
    let closed = closed_words(site, &in_force);
    let facts = exempt::eligibility(&site.db, me, year).await?;
    let found = exemptions::of_person(&site.db, me, year).await?;
    let line = |e: &Exemption| Line {
        id: e.id.clone(),
        name: site.texts.get(&format!("exemption-{}", e.kind.code())),
        at: e.submitted_at.map_or_else(String::new, dates::minute),
        kind: state_kind(e.state),
        state: site.texts.get(&format!("exempt-state-{}", e.state.code())),
    };
    Ok(ListPage {
        frame: Frame::of(site, visitor, Filed::place(filed.as_ref(), "/exemptions"), "page-exemptions"),
        leaves: leave::of(site, &visitor.actor, filed.as_ref().map(|f| f.person)).await?,
        filed,
        year,
        years: hours::years(site).await?,
        kinds: in_force.policy.exemption_kinds.iter().map(|k| choice(site, *k, facts.as_ref())).collect(),
        facts,
        may_ask: closed.is_empty() && !found.iter().any(|e| e.open_key().is_some()),
        closed,
        cases: found.iter().map(line).collect(),
        kind: String::new(),
        reason: String::new(),
        error: String::new(),
    })
}

async fn list(Given(site): Given<Site>, visitor: Visitor, Query(q): Query<YearQuery>) -> Reply {
    let filed = Filed::read(&site, &visitor, q.person.as_deref()).await?;
    let whose = Filed::whose(filed.as_ref(), &visitor);
    let year = hours::opening_year(&site, whose, q.year.as_deref()).await?;
    html(&list_page(&site, &visitor, (year, filed)).await?)
}

async fn ask(
    Given(site): Given<Site>,
    visitor: Visitor,
    Query(q): Query<YearQuery>,
    upload: Upload,
) -> Reply {
    let field = |name: &str| upload.field(name).unwrap_or("").to_owned();
    let (kind, reason) = (field("kind"), field("reason"));
    let filed = Filed::read(&site, &visitor, q.person.as_deref()).await?;
    let whose = Filed::whose(filed.as_ref(), &visitor);
    let year = hours::opening_year(&site, whose, q.year.as_deref()).await?;
    let person = filed.as_ref().map(|f| f.person);
    match request(&site, &visitor, (year, &kind, &reason, person), upload).await {
        Ok(made) => Ok(see_other(&format!("/exemptions/{}", made.id))),
        Err(e) => {
            let Some(error) = in_words(&site, &e) else { return Err(e.into()) };
            let page = list_page(&site, &visitor, (year, filed)).await?;
            html(&ListPage { kind, reason, error, ..page })
        }
    }
}

async fn request(
    site: &Site,
    visitor: &Visitor,
    (year, kind, reason, person): (Year, &str, &str, Option<PersonId>),
    upload: Upload,
) -> Result<Exemption> {
    let kind = ExemptionKind::from_code(kind).ok_or_else(|| Error::invalid("kind", "required"))?;
    let mut ids = vec![];
    for file in upload.file.into_iter().chain(upload.more) {
        ids.push(files::accept(site, visitor.actor.person, file).await?.id);
    }
    let new = NewExemption { year, kind, reason, files: ids, person };
    exempt::file(site, &visitor.actor, &new).await
}

#[derive(Template)]
#[template(path = "claims/exemption.html")]
struct CasePage {
    frame: Frame,
    case: Exemption,
    /// The version of the rules it was reckoned by.
    policy: String,
    name: String,
    person: org::Person,
    reason: String,
    about: String,
    files: Vec<files::Cited>,
    trail: Vec<Step>,
    kind: &'static str,
    state: String,
    /// With whom it lies while it waits, and since when.
    held: Option<String>,
    is_own: bool,
    is_reviewer: bool,
    error: String,
    comment: String,
}

impl CasePage {
    fn waits(&self) -> bool {
        self.case.state == State::Submitted
    }
    fn may_withdraw(&self) -> bool {
        self.is_own && matches!(self.case.state, State::Submitted | State::Returned)
    }
    fn may_submit(&self) -> bool {
        self.is_own && self.case.state.is_open()
    }
    fn may_appeal(&self) -> bool {
        self.is_own && self.case.state == State::Rejected
    }
    fn may_give_back(&self) -> bool {
        self.is_own && self.case.state == State::Approved
    }
}

async fn case_page(site: &Site, visitor: &Visitor, id: &str) -> Result<CasePage> {
    let view = exempt::view(site, &visitor.actor, id).await?;
    let case = view.exemption;
    let choice = choice(site, case.kind, view.facts.as_ref());
    let place = if view.is_reviewer { "/reviews" } else { "/exemptions" };
    Ok(CasePage {
        frame: Frame::of(site, visitor, place, "page-exemption"),
        policy: hours::version_words(site, &case.policy, case.year),
        name: choice.name,
        about: choice.about,
        is_own: is_own(&case, visitor),
        is_reviewer: view.is_reviewer,
        kind: state_kind(case.state),
        state: site.texts.get(&format!("exempt-state-{}", case.state.code())),
        trail: trail(site, &view.events),
        held: late::held(site, (case.state, case.level), &view.events),
        person: view.person,
        reason: view.reason,
        files: view.files,
        error: String::new(),
        comment: String::new(),
        case,
    })
}

async fn one(Given(site): Given<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    html(&case_page(&site, &visitor, &id).await?)
}

#[derive(Deserialize)]
struct StepForm {
    step: String,
    reason: Option<String>,
}

async fn step(
    Given(site): Given<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(form): Form<StepForm>,
) -> Reply {
    let (actor, reason) = (&visitor.actor, form.reason.unwrap_or_default());
    let done = match form.step.as_str() {
        "withdraw" => exempt::withdraw(&site, actor, &id).await,
        "give_back" => exempt::give_back(&site, actor, &id).await,
        "appeal" => exempt::appeal(&site, actor, &id, &reason).await,
        _ => Err(Error::not_found()),
    };
    answered(&site, &visitor, &id, (done, reason)).await
}

/// Hands a returned request in again, with what was missing.
async fn submit(Given(site): Given<Site>, visitor: Visitor, Path(id): Path<String>, upload: Upload) -> Reply {
    let reason = upload.field("reason").unwrap_or("").to_owned();
    let done = mended(&site, &visitor, &id, (&reason, upload)).await;
    answered(&site, &visitor, &id, (done, reason)).await
}

async fn mended(
    site: &Site,
    visitor: &Visitor,
    id: &str,
    (reason, upload): (&str, Upload),
) -> Result<Exemption> {
    let view = exempt::view(site, &visitor.actor, id).await?;
    if !is_own(&view.exemption, visitor) {
        return Err(Error::not_found());
    }
    let mut ids: Vec<String> = view.files.into_iter().map(|f| f.id).collect();
    for file in upload.file.into_iter().chain(upload.more) {
        let stored = files::accept(site, visitor.actor.person, file).await?;
        if !ids.contains(&stored.id) {
            ids.push(stored.id);
        }
    }
    let reason = Some(reason).filter(|r| !r.trim().is_empty());
    exempt::submit(site, &visitor.actor, id, (reason, Some(ids.as_slice()))).await
}

fn is_own(case: &Exemption, visitor: &Visitor) -> bool {
    case.person == visitor.actor.person || case.filed_by == visitor.actor.person
}

async fn answered(
    site: &Site,
    visitor: &Visitor,
    id: &str,
    (done, comment): (Result<Exemption>, String),
) -> Reply {
    let Err(e) = done else { return Ok(see_other(&format!("/exemptions/{id}"))) };
    let Some(error) = in_words(site, &e) else { return Err(e.into()) };
    let page = case_page(site, visitor, id).await?;
    html(&CasePage { error, comment, ..page })
}

#[derive(Deserialize)]
struct DecisionForm {
    decision: String,
    comment: Option<String>,
}

async fn decide(
    Given(site): Given<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(form): Form<DecisionForm>,
) -> Reply {
    let comment = form.comment.unwrap_or_default();
    let decision = Decision { verdict: Verdict::read(&form.decision)?, hours: None, comment: &comment };
    let done = exempt::decide(&site, &visitor.actor, &id, &decision).await;
    answered(&site, &visitor, &id, (done, comment)).await
}

#[derive(Deserialize)]
struct LeaveForm {
    kind: String,
    from: String,
    to: String,
    year: Option<String>,
}

async fn enter_leave(Given(site): Given<Site>, visitor: Visitor, Form(form): Form<LeaveForm>) -> Reply {
    let year = hours::opening_year(&site, visitor.actor.person, form.year.as_deref()).await?;
    let typed = leave::Typed { kind: &form.kind, from: &form.from, to: &form.to };
    match leave::enter(&site, &visitor.actor, None, (&typed, &[])).await {
        Ok(_) => Ok(see_other(&format!("/exemptions?year={year}"))),
        Err(e) => {
            let Some(error) = in_words(&site, &e) else { return Err(e.into()) };
            let page = list_page(&site, &visitor, (year, None)).await?;
            html(&ListPage { error, ..page })
        }
    }
}

async fn end_leave(Given(site): Given<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let Err(e) = leave::end(&site, &visitor.actor, &id).await else { return Ok(see_other("/exemptions")) };
    let Some(error) = in_words(&site, &e) else { return Err(e.into()) };
    let year = hours::opening_year(&site, visitor.actor.person, None).await?;
    let page = list_page(&site, &visitor, (year, None)).await?;
    html(&ListPage { error, ..page })
}
