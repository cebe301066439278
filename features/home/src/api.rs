//! A person's year over the JSON API (contract: `GET /me/years/{year}`).
use axum::{
    extract::{Path, State},
    response::IntoResponse,
};
use base::{Error, Year};
use rules::{Assessment, policy::ExemptionKind};
use serde::Serialize;
use site::{Access, Reply, Routes, Site, Visitor};
use utoipa::{OpenApi, ToSchema};

pub(crate) fn routes() -> Routes {
    Routes::new().get("/api/v1/me/years/{year}", Access::SignedIn, my_year)
}

#[derive(OpenApi)]
#[openapi(paths(my_year))]
struct Docs;

/// The part of the OpenAPI document.
pub(crate) fn docs() -> utoipa::openapi::OpenApi {
    Docs::openapi()
}

/// The assessment and what belongs to the year.
#[derive(Serialize, ToSchema)]
struct MyYear {
    #[serde(flatten)]
    assessment: Assessment<'static>,
    /// `as_of`, `checkpoint` and `entries_since`: the newest checkpoint and how many entries came after it; `provisional`:
    /// whether last year's rules hold (暂按上年政策).
    #[serde(flatten)]
    as_of: hours::AsOfInfo,
    certificate_no: Option<String>,
    exemption: Option<ExemptionShown>,
    /// Hours of claims that wait for a decision; not counted yet.
    waiting: base::Hours,
    deadline: String,
}

/// The exemption that holds or is under way.
#[derive(Serialize, ToSchema)]
struct ExemptionShown {
    id: String,
    kind: ExemptionKind,
    state: claims::State,
    approved: bool,
}

/// Where I stand in a year.
#[utoipa::path(get, path = "/api/v1/me/years/{year}", params(("year" = u16, Path)), responses((status = 200, body = MyYear),
    (status = 409, description = "profile_incomplete, for an account that is no trainee yet")))]
async fn my_year(State(site): State<Site>, visitor: Visitor, Path(year): Path<String>) -> Reply {
    let year: Year = year.parse().map_err(|()| Error::not_found())?;
    let standing = hours::standing(&site.db, visitor.actor.person, year).await?;
    let certificate = certificates::of_year(&site, visitor.actor.person, year).await?;
    let exemption = claims::exempt::of_year(&site.db, visitor.actor.person, year).await?;
    let shown = |e: claims::exempt::Exemption| ExemptionShown {
        approved: e.state == claims::State::Approved,
        id: e.id,
        kind: e.kind,
        state: e.state,
    };
    let as_of = hours::AsOf::of_person(&site, visitor.actor.person, year).await?.info();
    let body = MyYear {
        as_of,
        deadline: standing.deadline().to_string(),
        assessment: standing.assessment,
        certificate_no: certificate.map(|c| c.no.to_string()),
        exemption: exemption.map(shown),
        waiting: hours::waiting_hours(&site.db, visitor.actor.person, year).await?,
    };
    Ok(axum::Json(body).into_response())
}
