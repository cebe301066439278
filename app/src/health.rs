//! Whether the process lives, and whether it can serve.
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use db::Schema;
use site::{Access, Routes, Site};

/// `/healthz` and `/readyz`.
pub fn routes(schema: Schema) -> Routes {
    Routes::new()
        .get("/healthz", Access::Public, || async { "ok" })
        .passive()
        .get("/readyz", Access::Public, move |State(site): State<Site>| ready(site, schema))
        .passive()
}

async fn ready(site: Site, schema: Schema) -> Response {
    match db::is_current(&site.db, schema).await {
        Ok(true) => "ready".into_response(),
        Ok(false) => (StatusCode::SERVICE_UNAVAILABLE, "migrations are missing").into_response(),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer").into_response(),
    }
}
