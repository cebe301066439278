//! Policies as pages: versions, a draft with its changes, what it would change for whom, activation by a second person.
use std::fmt::Display;

use askama::Template;
use axum::extract::{Path, Query, State};
use base::{Error, day, person::Code};
use site::{Access, Form, Frame, Reply, Routes, Site, Upload, Visitor, dates, html, see_other};

use crate::{
    api_policies::PeopleQuery,
    draft::{self, Change, Draft, KEEPERS},
    store_policies::{self as store, Change as Figures, Count, Someone, Trial, Version},
    what_if::{self, Counts, Effect},
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/policies", Access::Roles(KEEPERS), overview)
        .post("/policies", Access::Roles(KEEPERS), upload)
        .get("/policies/drafts/{id}", Access::Roles(KEEPERS), one)
        .post("/policies/drafts/{id}/trial", Access::Roles(KEEPERS), ask)
        .post("/policies/drafts/{id}/activate", Access::Roles(KEEPERS), activate)
        .get("/policies/trials/{id}", Access::Roles(KEEPERS), trial)
        .get("/policies/trials/{id}/people", Access::Roles(KEEPERS), people)
}

/// What is wrong with an uploaded text.
struct Wrong {
    line: String,
    key: String,
    message: String,
}

#[derive(Template)]
#[template(path = "hours/policies.html")]
struct PoliciesPage {
    frame: Frame,
    versions: Vec<Version>,
    drafts: Vec<Draft>,
    is_keeper: bool,
    wrong: Vec<Wrong>,
    typed: String,
    note: String,
}

impl PoliciesPage {
    fn time(&self, at: &i64) -> String {
        dates::minute(day::from_millis(*at))
    }

    fn uploaded(&self, draft: &Draft) -> String {
        dates::minute(draft.uploaded_at)
    }

    fn by(&self, version: &Version) -> String {
        version.activated_name.clone().unwrap_or_else(|| self.frame.text("policy-delivered"))
    }
}

async fn policies(site: &Site, visitor: &Visitor) -> base::Result<PoliciesPage> {
    let is_keeper = draft::admit(&visitor.actor).is_ok();
    Ok(PoliciesPage {
        frame: Frame::of(site, visitor, "/policies", "page-policies"),
        versions: store::versions(&site.db).await?,
        drafts: if is_keeper { store::drafts(&site.db).await? } else { vec![] },
        is_keeper,
        wrong: vec![],
        typed: String::new(),
        note: String::new(),
    })
}

async fn overview(State(site): State<Site>, visitor: Visitor) -> Reply {
    html(&policies(&site, &visitor).await?)
}

async fn upload(State(site): State<Site>, visitor: Visitor, form: Upload) -> Reply {
    let typed = match &form.file {
        Some(file) => String::from_utf8_lossy(&file.bytes).into_owned(),
        None => form.field("text").unwrap_or("").to_owned(),
    };
    let note = form.field("note").unwrap_or("").to_owned();
    let error = match draft::upload(&site, &visitor.actor, &typed, &note).await {
        Ok(draft) => return Ok(see_other(&format!("/policies/drafts/{}", draft.id))),
        Err(Error::Refused(p)) if p.code == "policy_wrong" => p,
        Err(e) => return Err(e.into()),
    };
    let text = |p: &serde_json::Value, key: &str| match p.get(key) {
        Some(serde_json::Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    };
    let problems = error.extra.get("problems").and_then(serde_json::Value::as_array);
    let wrong = problems.into_iter().flatten();
    let wrong =
        wrong.map(|p| Wrong { line: text(p, "line"), key: text(p, "key"), message: text(p, "message") });
    let mut page = policies(&site, &visitor).await?;
    (page.wrong, page.typed, page.note) = (wrong.collect(), typed, note);
    html(&page)
}

#[derive(Template)]
#[template(path = "hours/policy_draft.html")]
struct DraftPage {
    frame: Frame,
    draft: Draft,
    changes: Vec<Change>,
    trials: Vec<Trial>,
    is_own: bool,
}

impl DraftPage {
    fn time(&self, at: &i64) -> String {
        dates::minute(day::from_millis(*at))
    }
}

async fn one(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    draft::admit(&visitor.actor)?;
    let draft = store::draft(&site.db, &id).await?;
    html(&DraftPage {
        frame: Frame::of(&site, &visitor, "/policies", "page-policy-draft"),
        changes: draft::changes(&site.db, &draft).await?,
        trials: store::trials(&site.db, &id).await?,
        is_own: draft.uploaded_by == visitor.actor.person,
        draft,
    })
}

#[derive(serde::Deserialize)]
struct Nothing {}

async fn ask(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(Nothing {}): Form<Nothing>,
) -> Reply {
    let trial = what_if::ask(&site, &visitor.actor, &id).await?;
    Ok(see_other(&format!("/policies/trials/{trial}")))
}

async fn activate(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(Nothing {}): Form<Nothing>,
) -> Reply {
    draft::activate(&site, &visitor.actor, &id).await?;
    Ok(see_other(&format!("/policies/drafts/{id}")))
}

#[derive(Template)]
#[template(path = "hours/policy_trial.html")]
struct TrialPage {
    frame: Frame,
    trial: Trial,
    counts: Counts,
    /// Where the one who asked follows it while it runs; empty for others.
    progress: String,
}

impl TrialPage {
    fn total(&self, effect: &str) -> i64 {
        self.counts.total.get(effect).copied().unwrap_or(0)
    }

    fn list(&self, effect: &str, category: &str, place: &str) -> String {
        format!("/policies/trials/{}/people?effect={effect}&category={category}&place={place}", self.trial.id)
    }

    fn of<'a>(&self, effect: &str, counts: &'a [Count]) -> Vec<&'a Count> {
        counts.iter().filter(|c| c.effect == effect).take(200).collect()
    }
}

async fn trial(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    draft::admit(&visitor.actor)?;
    html(&TrialPage {
        frame: Frame::of(&site, &visitor, "/policies", "page-policy-trial"),
        trial: store::trial(&site.db, &id).await?,
        counts: what_if::counts(&site, &id).await?,
        progress: followed(&site, &visitor, &id).await?,
    })
}

async fn followed(site: &Site, visitor: &Visitor, trial: &str) -> base::Result<String> {
    let id = what_if::progress_of(trial);
    Ok(jobs::followed(&site.db, visitor.actor.person, &id).await?.unwrap_or_default())
}

#[derive(Template)]
#[template(path = "hours/policy_people.html")]
struct PeoplePage {
    frame: Frame,
    trial: String,
    effect: Effect,
    /// Whether the list is of other fees, not of hours.
    is_fees: bool,
    people: Vec<Line>,
    /// Where the next page begins.
    next: Option<String>,
    /// The list of the API that is exported.
    list: String,
    back: String,
}

/// Someone in the list, each figure as it is by the version in force and by the draft.
struct Line {
    name: String,
    unit: String,
    public: String,
    professional: String,
    total: String,
    charged: String,
    reimbursable: String,
}

impl From<Someone> for Line {
    fn from(s: Someone) -> Self {
        Self {
            public: both(s.public()),
            professional: both(s.professional()),
            total: both(Some(s.shortfall())),
            charged: both(s.charged()),
            reimbursable: both(Some(s.reimbursable())),
            name: s.name,
            unit: s.unit,
        }
    }
}

/// A dash where a trial kept no such figure.
fn both<T: Display>(figures: Option<Figures<T>>) -> String {
    figures.map_or_else(|| "—".to_owned(), |(before, after)| format!("{before} → {after}"))
}

async fn people(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(q): Query<PeopleQuery>,
) -> Reply {
    draft::admit(&visitor.actor)?;
    let (effect, people) = q.page(&site, &id).await?;
    let (category, place) = (&q.category, &q.place);
    let back =
        format!("/policies/trials/{id}/people?effect={}&category={category}&place={place}", effect.code());
    html(&PeoplePage {
        frame: Frame::of(&site, &visitor, "/policies", "page-policy-people"),
        trial: id,
        effect,
        is_fees: effect == Effect::Fees,
        people: people.items.into_iter().map(Line::from).collect(),
        next: people.next.map(|after| format!("{back}&after={after}")),
        list: format!("/api/v1{back}"),
        back,
    })
}
