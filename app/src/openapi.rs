//! `/api/openapi.json`: generated from the handlers of every feature and from the table of routes.
mod access;
mod merge;

use std::sync::{Arc, LazyLock};

use axum::{body::Bytes, http::header, response::IntoResponse};
use serde_json::Value;
use site::{Access, Routes, Rule};
use utoipa::openapi::OpenApi;

/// A feature's part, under the name that its types have in the document.
type Part = (&'static str, fn() -> OpenApi);

const HUB: &[Part] = &[
    ("accounts", accounts::docs),
    ("audit", audit::docs),
    ("org", org::docs),
    ("hours", hours::docs),
    ("files", files::docs),
    ("claims", claims::docs),
    ("certificates", certificates::docs),
    ("personnel", personnel::docs),
    ("reimbursement", reimbursement::docs),
    ("settlement", settlement::docs),
    ("providers", providers::docs),
    ("support", support::docs),
    ("operations", operations::docs),
    ("statistics", statistics::docs),
    ("messages", messages::docs),
    ("notices", notices::docs),
    ("calendar", calendar::docs),
    ("attendance", attendance::docs),
    ("activation", activation::docs),
    ("exports", exports::docs),
    ("staffing", staffing::docs),
    ("past", past::docs),
    ("induction", induction::docs),
    ("incidents", incidents::docs),
    ("inspection", inspection::docs),
    ("intake", intake::docs),
    ("spotcheck", spotcheck::docs),
    ("yearbook", yearbook::docs),
    ("openid", openid::docs),
    ("supervision", supervision::docs),
    ("privacy", privacy::docs),
    ("home", home::docs),
];

const PLATFORM: &[Part] = &[
    ("catalogue", catalogue::docs),
    ("studio", studio::docs),
    ("orders", orders::docs),
    ("learning", learning::docs),
    ("link", link::docs),
];

/// The document of the management platform; who may call what is said by the table of its routes.
pub fn hub_document(table: &[Rule]) -> Value {
    access::told(merge::merged("Xueshi", HUB), table)
}

/// The document of a course platform.
pub fn platform_document(table: &[Rule]) -> Value {
    access::told(merge::merged("Xueshi course platform", PLATFORM), table)
}

/// The routes with that of their document, which is made when it is first asked for.
pub fn described(routes: Routes, document: fn(&[Rule]) -> Value) -> Routes {
    let table = routes.table();
    let made: Arc<LazyLock<Bytes, _>> =
        Arc::new(LazyLock::new(move || Bytes::from(document(&table).to_string())));
    let answer = move || {
        let made = Arc::clone(&made);
        async move {
            let kind = [(header::CONTENT_TYPE, "application/json")];
            (kind, Bytes::clone(&made)).into_response()
        }
    };
    routes.get("/api/openapi.json", Access::Public, answer)
}
