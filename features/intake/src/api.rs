//! Lists over the JSON API: the file is the body, as for rosters.
use axum::{
    body::Bytes,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use base::PersonId;
use serde::{Deserialize, Serialize};
use site::{Access, Json, Page, Reply, Routes, Site, Visitor};
use utoipa::{OpenApi, ToSchema};

use crate::{
    KEEPERS, leaves,
    legacy::{self, Source},
    list::{self, Outcome, Wrong},
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .post("/api/v1/leaves/imports", Access::Roles(KEEPERS), import_leaves)
        .post("/api/v1/legacy/imports", Access::Roles(KEEPERS), import_legacy)
        .get("/api/v1/me/legacy", Access::SignedIn, mine)
        .get("/api/v1/people/{id}/legacy", Access::Roles(KEEPERS), of_person)
        .post("/api/v1/legacy-years/{id}/end", Access::Roles(KEEPERS), end)
}

#[derive(OpenApi)]
#[openapi(
    paths(import_leaves, import_legacy, mine, of_person, end),
    components(schemas(Imported, Wrong, LegacyShown, EndBody))
)]
struct Docs;

/// The slice's part of the OpenAPI document.
pub fn docs() -> utoipa::openapi::OpenApi {
    Docs::openapi()
}

#[derive(Deserialize)]
struct ImportQuery {
    unit: Option<String>,
    #[serde(default)]
    dry_run: bool,
    #[serde(default)]
    document: String,
    scan: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct Imported {
    rows: usize,
    created: usize,
    /// Rows that were on record already, and say the same.
    known: usize,
    errors: Vec<Wrong>,
}

fn answer(site: &Site, outcome: &Outcome, is_dry_run: bool) -> Response {
    let status = if outcome.errors.is_empty() || is_dry_run {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let body = Imported {
        rows: outcome.rows,
        created: outcome.created,
        known: outcome.known,
        errors: outcome.errors.iter().map(|e| Wrong::of(site, e)).collect(),
    };
    (status, axum::Json(body)).into_response()
}

/// Enter leaves from a list (xlsx, xls or csv body): 身份证号 or 工号 or 姓名, 类型, 开始日期, 结束日期. All or nothing.
#[utoipa::path(post, path = "/api/v1/leaves/imports", request_body(content(("text/csv"), ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), ("application/vnd.ms-excel"))), params(("unit" = Option<String>, Query), ("dry_run" = Option<bool>, Query)),
    responses((status = 200, body = Imported), (status = 422, body = Imported)))]
async fn import_leaves(
    State(site): State<Site>,
    visitor: Visitor,
    Query(q): Query<ImportQuery>,
    body: Bytes,
) -> Reply {
    let scope = list::scope(&site, &visitor.actor, q.unit.as_deref()).await?;
    let outcome = leaves::import(&site, &visitor.actor, (&scope, body.to_vec()), q.dry_run).await?;
    Ok(answer(&site, &outcome, q.dry_run))
}

/// 历史导入: bring in hours and certificates of years up to 2022 from a list, with the document it comes from and that
/// document's scan, uploaded before (`POST /files`). A dry run needs no scan. A year on record with other figures
/// (`legacy_conflict`) or from another document (`legacy_document`) is an error of its row: it is ended first.
#[utoipa::path(post, path = "/api/v1/legacy/imports", request_body(content(("text/csv"), ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), ("application/vnd.ms-excel"))), params(("unit" = Option<String>, Query), ("document" = String, Query),
    ("scan" = Option<String>, Query, description = "the id of the scan's file"), ("dry_run" = Option<bool>, Query)), responses((status = 200, body = Imported), (status = 422, body = Imported)))]
async fn import_legacy(
    State(site): State<Site>,
    visitor: Visitor,
    Query(q): Query<ImportQuery>,
    body: Bytes,
) -> Reply {
    let scope = list::scope(&site, &visitor.actor, q.unit.as_deref()).await?;
    let source = Source { list: body.to_vec(), document: &q.document, scan: q.scan.as_deref() };
    let outcome = legacy::import(&site, &visitor.actor, (&scope, source), q.dry_run).await?;
    Ok(answer(&site, &outcome, q.dry_run))
}

/// A year that was brought in.
#[derive(Serialize, ToSchema)]
struct LegacyShown {
    id: String,
    year: i16,
    public: String,
    professional: String,
    total: String,
    certificate_no: Option<String>,
    /// Always `legacy_import`.
    source: &'static str,
    document: String,
    file_sha256: String,
    /// The SHA-256 of the source document's scan; rows from before scans were kept have none.
    scan_sha256: Option<String>,
    /// The scan's file, for who keeps the records: it speaks of others too.
    scan: Option<String>,
    imported_at: String,
}

async fn shown(site: &Site, visitor: &Visitor, person: PersonId) -> Reply {
    let rows = legacy::of(site, &visitor.actor, person).await?;
    let scans = legacy::scans(site, &rows).await?;
    let is_keeper = legacy::keeps(site, &visitor.actor, person).await?;
    let scan = |id: &str| scans.iter().find(|c| c.object == id);
    let one = |l: legacy::Legacy| LegacyShown {
        scan_sha256: scan(&l.id).map(|c| c.sha256.clone()),
        scan: scan(&l.id).filter(|_| is_keeper).map(|c| c.id.clone()),
        id: l.id,
        year: l.year.number(),
        public: l.public.to_string(),
        professional: l.professional.to_string(),
        total: l.total.to_string(),
        certificate_no: l.certificate_no,
        source: "legacy_import",
        document: l.document,
        file_sha256: l.file_sha256,
        imported_at: base::day::rfc3339(l.imported_at),
    };
    let items: Vec<LegacyShown> = rows.into_iter().map(one).collect();
    Ok(axum::Json(Page::whole(items)).into_response())
}

/// The own years before the ledger.
#[utoipa::path(get, path = "/api/v1/me/legacy", responses((status = 200, body = Page<LegacyShown>)))]
async fn mine(State(site): State<Site>, visitor: Visitor) -> Reply {
    shown(&site, &visitor, visitor.actor.person).await
}

/// A person's years before the ledger.
#[utoipa::path(get, path = "/api/v1/people/{id}/legacy", params(("id" = String, Path)),
    responses((status = 200, body = Page<LegacyShown>), (status = 404)))]
async fn of_person(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    shown(&site, &visitor, id.parse()?).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct EndBody {
    reason: String,
}

/// End a wrong row of a 历史导入; it stays on record with the reason.
#[utoipa::path(post, path = "/api/v1/legacy-years/{id}/end", params(("id" = String, Path)), request_body = EndBody,
    responses((status = 204), (status = 404)))]
async fn end(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Json(b): Json<EndBody>,
) -> Reply {
    legacy::end(&site, &visitor.actor, &id, &b.reason).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
