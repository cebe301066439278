//! The client's secrets for whoever looks after a provider: listed, made, ended; as a page and as calls.
use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::IntoResponse,
};
use base::{Error, Kind, Result, Role, day};
use serde::Serialize;
use site::{Access, Frame, Page, Reply, Routes, Site, Visitor, dates, html, see_other};
use utoipa::{OpenApi, ToSchema};

use crate::{
    addresses,
    client::{Addresses, Registered},
    client_secret, pages_addresses,
    store_secrets::Secret,
};

const OPERATORS: &[Role] = &[Role::Provider];

pub(crate) fn routes() -> Routes {
    let operators = Access::Roles(OPERATORS);
    Routes::new()
        .get("/provider/client", operators, page)
        .post("/provider/client", operators, make)
        .post("/provider/client/{id}/end", operators, end)
        .get("/api/v1/provider/client-secrets", operators, list)
        .post("/api/v1/provider/client-secrets", operators, made)
        .delete("/api/v1/provider/client-secrets/{id}", operators, ended)
}

#[derive(OpenApi)]
#[openapi(paths(list, made, ended), components(schemas(SecretShown, Made)))]
struct Docs;

/// The slice's part of the OpenAPI document.
pub fn docs() -> utoipa::openapi::OpenApi {
    let mut docs = Docs::openapi();
    docs.merge(pages_addresses::Docs::openapi());
    docs
}

struct Line {
    id: String,
    made: String,
    ended: String,
}

#[derive(Template)]
#[template(path = "openid/client.html")]
struct ClientPage {
    frame: Frame,
    made: Option<Registered>,
    lines: Vec<Line>,
    /// How many are valid.
    living: usize,
    problem: String,
    /// The client's id and where it may be reached; none before its first secret.
    client: Option<(String, Addresses)>,
    issuer: String,
    /// The site at which the addresses lie.
    home: String,
}

async fn shown(
    site: &Site,
    visitor: &Visitor,
    (made, problem): (Option<Registered>, String),
) -> Result<ClientPage> {
    let (own, secrets) = client_secret::list(site, &visitor.actor).await?;
    let client = addresses::of_actor(site, &visitor.actor).await?.map(|c| (c.id.clone(), c.addresses()));
    let minute = |ms: i64| dates::minute(day::from_millis(ms));
    let living = secrets.iter().filter(|s| s.ended_at.is_none()).count();
    let line = |s: Secret| Line {
        id: s.id,
        made: minute(s.made_at),
        ended: s.ended_at.map(minute).unwrap_or_default(),
    };
    let frame = Frame::of(site, visitor, "/provider", "page-openid-client");
    let lines = secrets.into_iter().map(line).collect();
    let issuer = site.settings.public_url.clone();
    Ok(ClientPage { frame, made, lines, living, problem, client, issuer, home: own.site })
}

/// The page after a change of addresses: what was refused stands above what was typed.
pub(crate) async fn after_change(
    site: &Site,
    visitor: &Visitor,
    changed: Result<()>,
    typed: Addresses,
) -> Reply {
    match changed {
        Ok(()) => Ok(see_other("/provider/client")),
        Err(Error::Refused(problem)) if problem.kind == Kind::Invalid => {
            let mut page = shown(site, visitor, (None, String::new())).await?;
            page.client = page.client.map(|(id, _)| (id, typed));
            page.frame = page.frame.with_refusal(&problem);
            html(&page)
        }
        Err(e) => Err(e.into()),
    }
}

async fn page(State(site): State<Site>, visitor: Visitor) -> Reply {
    html(&shown(&site, &visitor, (None, String::new())).await?)
}

/// The page with what was refused.
async fn refused(site: &Site, visitor: &Visitor, e: Error) -> Reply {
    match e {
        Error::Refused(p) if p.kind == Kind::Conflict => {
            let problem = site.texts.get(&format!("error-{}", p.code));
            html(&shown(site, visitor, (None, problem)).await?)
        }
        e => Err(e.into()),
    }
}

async fn make(State(site): State<Site>, visitor: Visitor) -> Reply {
    match client_secret::make(&site, &visitor.actor).await {
        Ok(made) => html(&shown(&site, &visitor, (Some(made), String::new())).await?),
        Err(e) => refused(&site, &visitor, e).await,
    }
}

async fn end(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    match client_secret::end(&site, &visitor.actor, &id).await {
        Ok(()) => Ok(see_other("/provider/client")),
        Err(e) => refused(&site, &visitor, e).await,
    }
}

/// A secret without itself.
#[derive(Serialize, ToSchema)]
struct SecretShown {
    id: String,
    made_at: String,
    /// None while it is valid.
    ended_at: Option<String>,
}

/// The secrets of the own provider's OpenID Connect client, the newest first; never themselves.
#[utoipa::path(get, path = "/api/v1/provider/client-secrets", responses((status = 200, body = Page<SecretShown>)))]
async fn list(State(site): State<Site>, visitor: Visitor) -> Reply {
    let (_, secrets) = client_secret::list(&site, &visitor.actor).await?;
    let text = |ms: i64| day::rfc3339(day::from_millis(ms));
    let one = |s: Secret| SecretShown { id: s.id, made_at: text(s.made_at), ended_at: s.ended_at.map(text) };
    Ok(axum::Json(Page::whole(secrets.into_iter().map(one).collect::<Vec<_>>())).into_response())
}

/// A secret, shown once.
#[derive(Serialize, ToSchema)]
struct Made {
    issuer: String,
    client_id: String,
    client_secret: String,
}

/// Make another secret; the one before stays valid until it is ended. At most two are valid.
#[utoipa::path(post, path = "/api/v1/provider/client-secrets", responses((status = 201, body = Made),
    (status = 409, description = "client_two_secrets or provider_standing")))]
async fn made(State(site): State<Site>, visitor: Visitor) -> Reply {
    let made = client_secret::make(&site, &visitor.actor).await?;
    let body = Made { issuer: made.issuer, client_id: made.client_id, client_secret: made.client_secret };
    Ok((StatusCode::CREATED, axum::Json(body)).into_response())
}

/// End a secret; the last stays.
#[utoipa::path(delete, path = "/api/v1/provider/client-secrets/{id}", params(("id" = String, Path)),
    responses((status = 204), (status = 409, description = "client_last_secret")))]
async fn ended(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    client_secret::end(&site, &visitor.actor, &id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
