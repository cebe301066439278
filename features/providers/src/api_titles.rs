//! How a unit's invoices are titled: set once by its administrator or finance, copied by its people in one tap when they
//! order courses.
use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::IntoResponse,
};
use base::{Actor, Error, Instant, Result, Role};
use db::Conn;
use org::Unit;
use sea_orm::FromQueryResult;
use serde::{Deserialize, Serialize};
use serde_json::json;
use site::{Access, Form, Frame, Json, Reply, Routes, Site, Visitor, html};
use utoipa::{OpenApi, ToSchema};

use crate::store_titles as store;

const KEEPERS: &[Role] = &[Role::UnitAdmin, Role::Finance, Role::Authority];

pub(crate) fn routes() -> Routes {
    let keepers = Access::Roles(KEEPERS);
    Routes::new()
        .get("/api/v1/units/{code}/invoice-title", keepers, read)
        .put("/api/v1/units/{code}/invoice-title", keepers, write)
        .get("/invoice-title", keepers, page)
        .post("/invoice-title", keepers, save)
}

#[derive(OpenApi)]
#[openapi(paths(read, write), components(schemas(Title)))]
struct Docs;

pub(crate) fn docs() -> utoipa::openapi::OpenApi {
    Docs::openapi()
}

/// Title and tax number of a unit.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema, FromQueryResult)]
#[serde(deny_unknown_fields)]
pub struct Title {
    /// Who stands as the buyer.
    pub title: String,
    /// The unit's tax number.
    pub tax_number: String,
}

impl Title {
    /// As invoices want them: a title, and a tax number of 15, 18 or 20 letters and digits.
    fn checked(self) -> Result<Self> {
        let title = self.title.trim().to_owned();
        let tax_number = self.tax_number.trim().to_uppercase();
        if title.is_empty() || title.chars().count() > 100 {
            return Err(Error::invalid("title", "required"));
        }
        let is_number =
            matches!(tax_number.len(), 15 | 18 | 20) && tax_number.bytes().all(|b| b.is_ascii_alphanumeric());
        if is_number {
            Ok(Self { title, tax_number })
        } else {
            Err(Error::invalid("tax_number", "tax_number_wrong"))
        }
    }
}

/// The unit, if the actor keeps its title.
async fn kept(site: &Site, actor: &Actor, code: &str) -> Result<Unit> {
    let unit = org::by_code(&site.db, code).await?;
    if actor.scope(KEEPERS).holds(&unit.path) { Ok(unit) } else { Err(Error::not_found()) }
}

/// The title that a unit's people see: its own, else that of the nearest unit above it.
pub async fn of_path(conn: &impl Conn, path: &str) -> Result<Option<Title>> {
    let steps = path.trim_end_matches('/').match_indices('/').map(|(at, _)| at).skip(1).collect::<Vec<_>>();
    let mut paths: Vec<String> = steps.iter().filter_map(|at| path.get(..=*at)).map(str::to_owned).collect();
    paths.push(path.to_owned());
    store::nearest(conn, &paths).await
}

/// A unit's invoice title.
#[utoipa::path(get, path = "/api/v1/units/{code}/invoice-title", params(("code" = String, Path)), responses((status = 200, body = Title), (status = 404)))]
async fn read(State(site): State<Site>, visitor: Visitor, Path(code): Path<String>) -> Reply {
    let unit = kept(&site, &visitor.actor, &code).await?;
    let title = store::of_unit(&site.db, unit.id).await?.ok_or_else(Error::not_found)?;
    Ok(axum::Json(title).into_response())
}

/// Set a unit's invoice title.
#[utoipa::path(put, path = "/api/v1/units/{code}/invoice-title", params(("code" = String, Path)), request_body = Title, responses(
    (status = 204), (status = 404), (status = 422, description = "tax_number_wrong")))]
async fn write(
    State(site): State<Site>,
    visitor: Visitor,
    Path(code): Path<String>,
    Json(title): Json<Title>,
) -> Reply {
    let unit = kept(&site, &visitor.actor, &code).await?;
    set(&site, &visitor, &unit, title, site.now()).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn set(site: &Site, visitor: &Visitor, unit: &Unit, title: Title, now: Instant) -> Result<()> {
    let title = title.checked()?;
    let tx = site.db.begin().await?;
    store::put(&tx, unit.id, &title, now).await?;
    let deed = audit::Deed {
        actor: Some(visitor.actor.person),
        action: "providers.invoice_title",
        object: &unit.code,
        unit_path: &unit.path,
        details: json!({"title": title.title, "tax_number": title.tax_number}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await
}

#[derive(Template)]
#[template(path = "providers/invoice_title.html")]
struct TitlePage {
    frame: Frame,
    unit: Unit,
    title: Title,
    error: String,
}

/// The unit whose title the visitor keeps first: there is one for nearly everyone.
async fn own(site: &Site, actor: &Actor) -> Result<Unit> {
    let grant = actor.grants.iter().find(|g| KEEPERS.contains(&g.role)).ok_or_else(Error::denied)?;
    org::by_code(&site.db, &grant.unit_code).await
}

async fn page(State(site): State<Site>, visitor: Visitor) -> Reply {
    let unit = own(&site, &visitor.actor).await?;
    let title = store::of_unit(&site.db, unit.id).await?;
    let title = title.unwrap_or_else(|| Title { title: unit.name.clone(), ..Title::default() });
    let frame = Frame::of(&site, &visitor, "/invoice-title", "page-invoice-title");
    html(&TitlePage { frame, unit, title, error: String::new() })
}

async fn save(State(site): State<Site>, visitor: Visitor, Form(title): Form<Title>) -> Reply {
    let unit = own(&site, &visitor.actor).await?;
    let mut frame = Frame::of(&site, &visitor, "/invoice-title", "page-invoice-title");
    let error = match set(&site, &visitor, &unit, title.clone(), site.now()).await {
        Ok(()) => {
            frame = frame.with_flash("done", site.texts.get("invoice-title-saved"));
            String::new()
        }
        Err(Error::Refused(p)) if !p.fields.is_empty() => {
            site.texts.get(&format!("field-{}", p.fields.first().map_or("required", |f| f.code)))
        }
        Err(error) => return Err(error.into()),
    };
    html(&TitlePage { frame, unit, title, error })
}
