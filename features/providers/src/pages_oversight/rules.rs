//! The rules of suspension as their keepers see them: a page, and calls.
use askama::Template;
use axum::{extract::State, http::StatusCode, response::IntoResponse};
use base::{Error, Kind};
use serde::Deserialize;
use site::{Access, Form, Frame, Json, Reply, Routes, Site, Visitor, html, see_other};
use utoipa::OpenApi;

use crate::{
    rules::{self, Rules},
    standing::{self, KEEPERS, READERS},
};

pub(crate) fn routes() -> Routes {
    let (keepers, readers) = (Access::Roles(KEEPERS), Access::Roles(READERS));
    Routes::new()
        .get("/api/v1/provider-rules", readers, read)
        .put("/api/v1/provider-rules", keepers, write)
        .get("/provider-rules", readers, page)
        .post("/provider-rules", keepers, save)
}

#[derive(OpenApi)]
#[openapi(paths(read, write), components(schemas(Rules)))]
struct Docs;

pub(crate) fn docs() -> utoipa::openapi::OpenApi {
    Docs::openapi()
}

/// The rules by which a provider is suspended.
#[utoipa::path(get, path = "/api/v1/provider-rules", responses((status = 200, body = Rules)))]
async fn read(State(site): State<Site>) -> Reply {
    Ok(axum::Json(rules::in_force(&site.db).await?).into_response())
}

/// Set them; for the authority at the top.
#[utoipa::path(put, path = "/api/v1/provider-rules", request_body = Rules, responses((status = 204), (status = 422)))]
async fn write(State(site): State<Site>, visitor: Visitor, Json(rules): Json<Rules>) -> Reply {
    rules::set(&site, &visitor, &rules).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

#[derive(Template)]
#[template(path = "providers/rules.html")]
struct RulesPage {
    frame: Frame,
    rules: Rules,
    is_keeper: bool,
    problem: String,
}

fn shown(site: &Site, visitor: &Visitor, (rules, problem): (Rules, String)) -> Reply {
    let frame = Frame::of(site, visitor, "/providers", "page-provider-rules");
    html(&RulesPage { frame, rules, is_keeper: standing::is_keeper(&visitor.actor), problem })
}

async fn page(State(site): State<Site>, visitor: Visitor) -> Reply {
    let rules = rules::in_force(&site.db).await?;
    shown(&site, &visitor, (rules, String::new()))
}

/// The form's fields; it has others that every form has.
#[derive(Deserialize)]
struct RulesForm {
    reject_days: i64,
    reject_least: i64,
    reject_percent: i64,
    unreached_days: i64,
    dispute_days: i64,
    dispute_least: i64,
}

impl From<RulesForm> for Rules {
    fn from(f: RulesForm) -> Self {
        Self {
            reject_days: f.reject_days,
            reject_least: f.reject_least,
            reject_percent: f.reject_percent,
            unreached_days: f.unreached_days,
            dispute_days: f.dispute_days,
            dispute_least: f.dispute_least,
        }
    }
}

async fn save(State(site): State<Site>, visitor: Visitor, Form(form): Form<RulesForm>) -> Reply {
    let rules = Rules::from(form);
    match rules::set(&site, &visitor, &rules).await {
        Ok(()) => Ok(see_other("/provider-rules")),
        Err(Error::Refused(p)) if p.kind == Kind::Invalid => {
            shown(&site, &visitor, (rules, site.texts.get("field-provider_rule_bounds")))
        }
        Err(e) => Err(e.into()),
    }
}
