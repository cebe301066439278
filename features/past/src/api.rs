//! The past over the JSON API: of a person, of units, of the people of a unit.
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::IntoResponse,
};
use base::{Error, PersonId, Result, person::Code};
use hours::moment::MomentInfo;
use rules::Assessment;
use serde::Serialize;
use site::{Access, Paging, Reply, Routes, Site, Visitor};
use statistics::Row;
use utoipa::{OpenApi, ToSchema};

use crate::{
    READERS,
    asked::{self, Asked},
    figures::{self, Figures, One, Wanted},
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/me/past", Access::SignedIn, mine)
        .get("/api/v1/people/{id}/past", Access::SignedIn, of_person)
        .get("/api/v1/past", Access::Roles(READERS), of_units)
        .get("/api/v1/past/people", Access::Roles(READERS), of_people)
}

#[derive(OpenApi)]
#[openapi(
    paths(mine, of_person, of_units, of_people),
    components(schemas(PersonPast, UnitsPast, PeoplePast, PastLine, Row, MomentInfo))
)]
struct Docs;

/// The slice's part of the OpenAPI document.
pub fn docs() -> utoipa::openapi::OpenApi {
    Docs::openapi()
}

#[derive(Serialize, ToSchema)]
struct PersonPast {
    on: String,
    checkpoint: MomentInfo,
    policy: String,
    /// Whether it was last year's, because the year had none of its own then: 暂按上年政策.
    provisional: bool,
    /// As `GET /me/years/{year}`, by what the checkpoint holds.
    assessment: Assessment<'static>,
    /// What `xueshi assess` reads.
    #[schema(value_type = rules::record::Record<'static>)]
    record: serde_json::Value,
}

async fn answer(site: &Site, person: PersonId, q: &Asked) -> Result<axum::Json<PersonPast>> {
    let then = q.moment(site).await?;
    let year = q.year_of(site, person).await?;
    let standing = hours::standing_at(&site.db, person, year, &then).await?;
    Ok(axum::Json(PersonPast {
        on: q.on(site)?.to_string(),
        checkpoint: then.info(),
        provisional: standing.is_provisional(),
        policy: standing.policy_version,
        assessment: standing.assessment,
        record: standing.record,
    }))
}

/// The own year as it stood at the end of a past day, as of the first checkpoint after it.
#[utoipa::path(get, path = "/api/v1/me/past", params(("year" = Option<u16>, Query), ("on" = Option<String>, Query)),
    responses((status = 200, body = PersonPast), (status = 409, description = "day_not_sealed before the next checkpoint")))]
async fn mine(State(site): State<Site>, visitor: Visitor, Query(q): Query<Asked>) -> Reply {
    Ok(answer(&site, visitor.actor.person, &q).await?.into_response())
}

/// A person's year as it stood at the end of a past day.
#[utoipa::path(get, path = "/api/v1/people/{id}/past", params(("id" = String, Path), ("year" = Option<u16>, Query),
    ("on" = Option<String>, Query)), responses((status = 200, body = PersonPast), (status = 404)))]
async fn of_person(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(q): Query<Asked>,
) -> Reply {
    let person = asked::person(&site, &visitor.actor, id.parse()?).await?;
    Ok(answer(&site, person, &q).await?.into_response())
}

#[derive(Serialize, ToSchema)]
struct UnitsPast {
    on: String,
    year: i16,
    checkpoint: MomentInfo,
    /// Whether last year's rules held then, because the year had none of its own: 暂按上年政策.
    provisional: bool,
    rows: Vec<Row>,
}

/// Figures that are not there yet.
#[derive(Serialize, ToSchema)]
struct UnitsInTheMaking {
    checkpoint: MomentInfo,
    /// Always null.
    rows: Option<Vec<Row>>,
}

/// The figures of a year by unit as they stood at the end of a past day. A large place is answered 202 until they are made.
#[utoipa::path(get, path = "/api/v1/past", params(("unit" = Option<String>, Query), ("year" = Option<u16>, Query),
    ("on" = Option<String>, Query)), responses((status = 200, body = UnitsPast), (status = 202, body = UnitsInTheMaking, description = "in the making")))]
async fn of_units(State(site): State<Site>, visitor: Visitor, Query(q): Query<Asked>) -> Reply {
    let scope = q.scope(&site, &visitor.actor).await?;
    let (year, on, then) = (q.year(&site)?, q.on(&site)?, q.moment(&site).await?);
    let wanted = Wanted { on: on.to_string(), year, paths: scope.paths };
    match figures::of(&site, &wanted, &then).await? {
        Figures::Made(rows) => {
            let provisional = hours::in_force_at(&site.db, year, &then).await?.is_provisional;
            let (year, checkpoint) = (year.number(), then.info());
            let body = UnitsPast { on: wanted.on, year, checkpoint, provisional, rows };
            Ok(axum::Json(body).into_response())
        }
        Figures::InTheMaking => {
            let body = axum::Json(UnitsInTheMaking { checkpoint: then.info(), rows: None });
            Ok((StatusCode::ACCEPTED, body).into_response())
        }
    }
}

/// A person's line.
#[derive(Serialize, ToSchema)]
struct PastLine {
    person: String,
    name: String,
    unit: String,
    department: Option<String>,
    obliged: bool,
    state: String,
    total: String,
    public: String,
    professional: String,
    days: String,
    shortfall: String,
}

impl From<One> for PastLine {
    fn from(one: One) -> Self {
        let o = one.outcome;
        Self {
            person: one.id.to_string(),
            name: one.name,
            unit: one.unit_name,
            department: one.department,
            obliged: o.obliged,
            state: o.state.code(),
            total: o.total.to_string(),
            public: o.public.to_string(),
            professional: o.professional.to_string(),
            days: one.days.to_string(),
            shortfall: o.short.to_string(),
        }
    }
}

#[derive(Serialize, ToSchema)]
struct PeoplePast {
    checkpoint: MomentInfo,
    /// Whether last year's rules held then, because the year had none of its own: 暂按上年政策.
    provisional: bool,
    items: Vec<PastLine>,
    next: Option<String>,
}

/// The people of a unit as they stood at the end of a past day.
#[utoipa::path(get, path = "/api/v1/past/people", params(("unit" = Option<String>, Query), ("year" = Option<u16>, Query),
    ("on" = Option<String>, Query), Paging),
    responses((status = 200, body = PeoplePast)))]
async fn of_people(
    State(site): State<Site>,
    visitor: Visitor,
    Query(q): Query<Asked>,
    Query(paging): Query<Paging>,
) -> Reply {
    let scope = q.scope(&site, &visitor.actor).await?;
    let (year, then) = (q.year(&site)?, q.moment(&site).await?);
    let limit = paging.limit();
    let found = figures::people(&site, (&scope, year), (paging.after(), limit), &then).await?;
    let has_more = i64::try_from(found.seen).map_err(Error::internal)? == limit;
    let items = found.people.into_iter().map(PastLine::from).collect();
    let provisional = hours::in_force_at(&site.db, year, &then).await?.is_provisional;
    let next = found.last.filter(|_| has_more);
    let body = PeoplePast { checkpoint: then.info(), provisional, items, next };
    Ok(axum::Json(body).into_response())
}
