//! `/api/openapi.json`: generated from the handlers of every feature.
use axum::response::IntoResponse;
use site::{Access, Routes};
use utoipa::openapi::{Info, OpenApi, OpenApiBuilder};

/// The whole document.
pub fn document() -> OpenApi {
    let info = Info::new("Xueshi", env!("CARGO_PKG_VERSION"));
    let mut all = OpenApiBuilder::new().info(info).build();
    let parts: &[fn() -> OpenApi] = &[
        accounts::docs,
        audit::docs,
        org::docs,
        hours::docs,
        files::docs,
        claims::docs,
        certificates::docs,
        personnel::docs,
        reimbursement::docs,
        settlement::docs,
        providers::docs,
        support::docs,
        operations::docs,
        statistics::docs,
        messages::docs,
        notices::docs,
        calendar::docs,
        attendance::docs,
        activation::docs,
        exports::docs,
        staffing::docs,
        past::docs,
        induction::docs,
        incidents::docs,
        inspection::docs,
        intake::docs,
        spotcheck::docs,
        yearbook::docs,
        openid::docs,
        supervision::docs,
        privacy::docs,
        home::docs,
    ];
    for docs in parts {
        all.merge(docs());
    }
    all
}

/// The document of a course platform.
pub fn provider_document() -> OpenApi {
    let info = Info::new("Xueshi course platform", env!("CARGO_PKG_VERSION"));
    let mut all = OpenApiBuilder::new().info(info).build();
    let parts: [fn() -> OpenApi; 4] = [catalogue::docs, studio::docs, orders::docs, learning::docs];
    for docs in parts {
        all.merge(docs());
    }
    all
}

/// The route of a course platform's document.
pub fn provider_routes() -> Routes {
    let document = || async { axum::Json(provider_document()).into_response() };
    Routes::new().get("/api/openapi.json", Access::Public, document)
}

/// The route of the document.
pub fn routes() -> Routes {
    Routes::new()
        .get("/api/openapi.json", Access::Public, || async { axum::Json(document()).into_response() })
}
