//! Policies over the JSON API: versions, drafts, what a draft would change, activation.
use std::collections::BTreeMap;

use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::IntoResponse,
};
use base::{Error, Fen, Hours, Result, day, person::Code};
use serde::{Deserialize, Serialize};
use site::{Access, Json, Page, Paging, Reply, Routes, Site, Visitor};
use utoipa::{OpenApi, ToSchema};

use crate::{
    draft::{self, Draft, KEEPERS},
    store_policies::{self as store, Someone, Trial},
    what_if::{self, Effect},
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/policies", Access::Roles(KEEPERS), versions)
        .get("/api/v1/policies/drafts", Access::Roles(KEEPERS), drafts)
        .post("/api/v1/policies/drafts", Access::Roles(KEEPERS), upload)
        .post("/api/v1/policies/drafts/{id}/trials", Access::Roles(KEEPERS), ask)
        .get("/api/v1/policies/trials/{id}", Access::Roles(KEEPERS), trial)
        .get("/api/v1/policies/trials/{id}/people", Access::Roles(KEEPERS), people)
        .post("/api/v1/policies/drafts/{id}/activation", Access::Roles(KEEPERS), activate)
}

#[derive(OpenApi)]
#[openapi(
    paths(versions, drafts, upload, ask, trial, people, activate),
    components(schemas(NewDraft, DraftShown))
)]
struct Docs;

/// The policies' part of the OpenAPI document.
pub(crate) fn docs() -> utoipa::openapi::OpenApi {
    Docs::openapi()
}

/// A published version of a year's policy.
#[derive(Serialize, ToSchema)]
struct VersionShown {
    year: i64,
    version: i64,
    sha256: String,
    /// The person's id; null for a version that was delivered.
    activated_by: Option<String>,
    activated_at: String,
}

/// Every published version with who activated it and when.
#[utoipa::path(get, path = "/api/v1/policies", params(Paging), responses((status = 200, body = Page<VersionShown>)))]
async fn versions(State(site): State<Site>, Query(paging): Query<Paging>) -> Reply {
    let shown = |v: store::Version| VersionShown {
        year: v.year,
        version: v.version,
        sha256: v.sha256,
        activated_by: v.activated_by,
        activated_at: day::rfc3339(day::from_millis(v.activated_at)),
    };
    let items: Vec<_> = store::versions(&site.db).await?.into_iter().map(shown).collect();
    Ok(axum::Json(Page::part(items, &paging, |v| format!("{}.{}", v.year, v.version))).into_response())
}

/// A draft of a policy.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewDraft {
    /// The policy file.
    text: String,
    #[serde(default)]
    note: String,
}

#[derive(Serialize, ToSchema)]
struct DraftShown {
    id: String,
    year: i16,
    note: String,
    uploaded_by: String,
    uploaded_at: String,
    /// The version it became; none while it is a draft.
    version: Option<i64>,
}

impl From<Draft> for DraftShown {
    fn from(d: Draft) -> Self {
        Self {
            id: d.id,
            year: d.year.number(),
            note: d.note,
            uploaded_by: d.uploaded_by.to_string(),
            uploaded_at: day::rfc3339(d.uploaded_at),
            version: d.version,
        }
    }
}

/// The newest drafts.
#[utoipa::path(get, path = "/api/v1/policies/drafts", responses((status = 200, body = Page<DraftShown>)))]
async fn drafts(State(site): State<Site>, visitor: Visitor) -> Reply {
    draft::admit(&visitor.actor)?;
    let items: Vec<DraftShown> = store::drafts(&site.db).await?.into_iter().map(DraftShown::from).collect();
    Ok(axum::Json(Page::whole(items)).into_response())
}

/// Upload a draft; one that does not read is refused with `problems` (line, key, code, message).
#[utoipa::path(post, path = "/api/v1/policies/drafts", request_body = NewDraft, responses((status = 201, body = DraftShown),
    (status = 422, description = "policy_wrong with the problems")))]
async fn upload(State(site): State<Site>, visitor: Visitor, Json(b): Json<NewDraft>) -> Reply {
    let draft = draft::upload(&site, &visitor.actor, &b.text, &b.note).await?;
    Ok((StatusCode::CREATED, axum::Json(DraftShown::from(draft))).into_response())
}

/// A trial that was begun.
#[derive(Serialize, ToSchema)]
struct TrialBegun {
    id: String,
    progress: String,
}

/// Ask what a draft would change for everyone; it is worked out in the background. `progress` names the work for
/// `GET /api/v1/progress/{id}`.
#[utoipa::path(post, path = "/api/v1/policies/drafts/{id}/trials", params(("id" = String, Path)),
    responses((status = 202, body = TrialBegun)))]
async fn ask(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let id = what_if::ask(&site, &visitor.actor, &id).await?;
    let progress = what_if::progress_of(&id);
    Ok((StatusCode::ACCEPTED, axum::Json(TrialBegun { id, progress })).into_response())
}

/// A trial with what it found so far.
#[derive(Serialize, ToSchema)]
struct TrialShown {
    id: String,
    draft: String,
    /// The version that the draft is compared with.
    against: String,
    finished: bool,
    /// How many people were assessed.
    assessed: i64,
    /// How many of them are short by the version in force.
    short_before: i64,
    /// How many would be by the draft.
    short_after: i64,
    /// How many people by effect: `short`, `gain`, `fees`.
    effects: BTreeMap<String, i64>,
    by_category: Vec<CountShown>,
    by_unit: Vec<CountShown>,
    by_county: Vec<CountShown>,
}

/// How many people an effect has somewhere.
#[derive(Serialize, ToSchema)]
struct CountShown {
    effect: String,
    /// A category, or the code of a unit or county.
    key: String,
    name: String,
    people: i64,
}

/// What a draft would change: how many of which category, unit and county.
#[utoipa::path(get, path = "/api/v1/policies/trials/{id}", params(("id" = String, Path)),
    responses((status = 200, body = TrialShown)))]
async fn trial(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    draft::admit(&visitor.actor)?;
    let Trial { draft_id, against, finished_at, assessed, short_before, short_after, .. } =
        store::trial(&site.db, &id).await?;
    let found = what_if::counts(&site, &id).await?;
    let row = |c: store::Count| CountShown { effect: c.effect, key: c.key, name: c.name, people: c.people };
    let rows = |counts: Vec<store::Count>| counts.into_iter().map(row).collect();
    let body = TrialShown {
        id,
        draft: draft_id,
        against,
        finished: finished_at.is_some(),
        assessed,
        short_before,
        short_after,
        effects: found.total,
        by_category: rows(found.by_category),
        by_unit: rows(found.by_unit),
        by_county: rows(found.by_county),
    };
    Ok(axum::Json(body).into_response())
}

/// Which people of an effect.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct PeopleQuery {
    pub effect: String,
    #[serde(default)]
    pub category: String,
    /// The code of a unit or a place above.
    #[serde(default)]
    pub place: String,
    pub after: Option<String>,
    pub limit: Option<u32>,
}

impl PeopleQuery {
    pub(crate) async fn page(&self, site: &Site, trial: &str) -> Result<(Effect, Page<Someone>)> {
        let effect =
            Effect::from_code(&self.effect).ok_or_else(|| Error::invalid("effect", "wrong_value"))?;
        let paging = Paging { after: self.after.clone(), limit: self.limit };
        let narrowed = (self.category.as_str(), self.place.as_str());
        let found =
            store::affected(&site.db, (trial, &what_if::view(site, trial).await?), effect, narrowed, &paging)
                .await?;
        Ok((effect, Page::of(found, paging.limit(), |p| p.id.clone())))
    }
}

/// Someone for whom a draft changes something.
#[derive(Serialize, ToSchema)]
struct SomeoneShown {
    id: String,
    name: String,
    unit: String,
    category: Option<String>,
    /// Hours that are missing in all.
    shortfall: Change<Hours>,
    /// Hours of the public subject that are missing; null in trials that kept none.
    public_shortfall: Option<Change<Hours>>,
    /// Hours of the professional subject that are missing; null in trials that kept none.
    professional_shortfall: Option<Change<Hours>>,
    /// Fees of courses that count; null in trials that kept none.
    charged: Option<Change<Fen>>,
    /// Fees that are paid back.
    reimbursable: Change<Fen>,
}

/// A figure by the version in force and by the draft.
#[derive(Serialize, ToSchema)]
struct Change<T> {
    before: T,
    after: T,
}

impl<T> From<store::Change<T>> for Change<T> {
    fn from((before, after): store::Change<T>) -> Self {
        Self { before, after }
    }
}

impl From<Someone> for SomeoneShown {
    fn from(s: Someone) -> Self {
        Self {
            shortfall: s.shortfall().into(),
            public_shortfall: s.public().map(Change::from),
            professional_shortfall: s.professional().map(Change::from),
            charged: s.charged().map(Change::from),
            reimbursable: s.reimbursable().into(),
            id: s.id,
            name: s.name,
            unit: s.unit,
            category: Some(s.category).filter(|c| !c.is_empty()),
        }
    }
}

/// The people for whom a draft would change something: `short`, `gain` or `fees`. Who is short or gains is so by the hours
/// that are missing in all or in a subject, who has other fees by what was charged or is reimbursable.
#[utoipa::path(get, path = "/api/v1/policies/trials/{id}/people", params(("id" = String, Path), ("effect" = String, Query),
    ("category" = Option<String>, Query), ("place" = Option<String>, Query), Paging),
    responses((status = 200, body = Page<SomeoneShown>)))]
async fn people(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(q): Query<PeopleQuery>,
) -> Reply {
    draft::admit(&visitor.actor)?;
    let (_, page) = q.page(&site, &id).await?;
    let items: Vec<SomeoneShown> = page.items.into_iter().map(SomeoneShown::from).collect();
    Ok(axum::Json(Page { items, next: page.next }).into_response())
}

/// Make a draft the year's policy; the one who uploaded it gets 403 `second_person_needed`.
#[utoipa::path(post, path = "/api/v1/policies/drafts/{id}/activation", params(("id" = String, Path)),
    responses((status = 200, body = DraftShown), (status = 403), (status = 409)))]
async fn activate(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let draft = draft::activate(&site, &visitor.actor, &id).await?;
    Ok(axum::Json(DraftShown::from(draft)).into_response())
}
