//! Holidays and days worked instead as a page and over the API.
use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::IntoResponse,
};
use base::{Error, Result, Year};
use serde::Deserialize;
use site::{Access, Form, Frame, Json, Page, Reply, Routes, Site, Visitor, html, see_other};
use utoipa::{OpenApi, ToSchema};

use crate::{
    special::{self, KEEPERS, Special},
    store_special as store,
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/special-days", Access::SignedIn, page)
        .post("/special-days", Access::Roles(KEEPERS), save)
        .get("/api/v1/special-days", Access::SignedIn, list)
        .put("/api/v1/special-days/{day}", Access::Roles(KEEPERS), put)
        .delete("/api/v1/special-days/{day}", Access::Roles(KEEPERS), remove)
}

#[derive(OpenApi)]
#[openapi(paths(list, put, remove), components(schemas(Special, NewSpecial)))]
struct Docs;

pub(crate) fn docs() -> utoipa::openapi::OpenApi {
    Docs::openapi()
}

#[derive(Deserialize)]
struct OfYear {
    year: Option<String>,
}

fn year(site: &Site, q: &OfYear) -> Result<Year> {
    match q.year.as_deref().filter(|y| !y.is_empty()) {
        None => Ok(site.this_year()),
        Some(text) => text.parse().map_err(|()| Error::invalid("year", "wrong_value")),
    }
}

/// Holidays of a year and the days worked instead.
#[utoipa::path(get, path = "/api/v1/special-days", params(("year" = Option<u16>, Query, description = "this year unless given")),
    responses((status = 200, body = Page<Special>)))]
async fn list(State(site): State<Site>, Query(q): Query<OfYear>) -> Reply {
    let year = year(&site, &q)?;
    let items = store::between(&site.db, year.first_day(), year.last_day()).await?;
    Ok(axum::Json(Page::whole(items)).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewSpecial {
    /// `holiday` or `workday`.
    kind: String,
    /// Such as 春节.
    name: String,
}

/// Write one day; for the authority at the top and the operator.
#[utoipa::path(put, path = "/api/v1/special-days/{day}", params(("day" = String, Path)), request_body = NewSpecial,
    responses((status = 204), (status = 403), (status = 422)))]
async fn put(
    State(site): State<Site>,
    visitor: Visitor,
    Path(day): Path<String>,
    Json(new): Json<NewSpecial>,
) -> Reply {
    if new.kind.is_empty() {
        return Err(Error::invalid("kind", "required").into());
    }
    special::set(&site, &visitor, &Special { day, kind: new.kind, name: new.name }).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Take a day out: it is as its weekday says.
#[utoipa::path(delete, path = "/api/v1/special-days/{day}", params(("day" = String, Path)), responses((status = 204),
    (status = 403), (status = 422)))]
async fn remove(State(site): State<Site>, visitor: Visitor, Path(day): Path<String>) -> Reply {
    special::set(&site, &visitor, &Special { day, kind: String::new(), name: String::new() }).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

#[derive(Template)]
#[template(path = "calendar/special.html")]
struct SpecialPage {
    frame: Frame,
    year: Year,
    days: Vec<Special>,
    is_keeper: bool,
    error: String,
}

impl SpecialPage {
    fn beside(&self, by: i16) -> i16 {
        self.year.number() + by
    }
}

async fn shown(site: &Site, visitor: &Visitor, year: Year, error: String) -> Reply {
    html(&SpecialPage {
        frame: Frame::of(site, visitor, "/me/calendar", "page-special-days"),
        days: store::between(&site.db, year.first_day(), year.last_day()).await?,
        year,
        is_keeper: special::is_keeper(visitor),
        error,
    })
}

async fn page(State(site): State<Site>, visitor: Visitor, Query(q): Query<OfYear>) -> Reply {
    let year = year(&site, &q)?;
    shown(&site, &visitor, year, String::new()).await
}

async fn save(State(site): State<Site>, visitor: Visitor, Form(new): Form<Special>) -> Reply {
    let year = new.day.get(..4).and_then(|y| y.parse().ok()).unwrap_or_else(|| site.this_year());
    match special::set(&site, &visitor, &new).await {
        Ok(()) => Ok(see_other(&format!("/special-days?year={year}"))),
        Err(Error::Refused(p)) if !p.fields.is_empty() => {
            shown(&site, &visitor, year, site.texts.get("error-special_day")).await
        }
        Err(e) => Err(e.into()),
    }
}
