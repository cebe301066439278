//! What course platforms call signed, and a person's own invoices that came that way.
use axum::{
    extract::{Query, State as Shared},
    response::IntoResponse,
};
use base::Year;
use providers::FromProvider;
use serde::{Deserialize, Serialize};
use site::{Access, Page, Reply, Routes, Site, Visitor};
use utoipa::{OpenApi, ToSchema};

use crate::received::{self, Outcome, Sent};

pub(crate) fn routes() -> Routes {
    Routes::new().post("/api/v1/provider/invoices", Access::Machine, take).get(
        "/api/v1/me/invoices",
        Access::SignedIn,
        mine,
    )
}

#[derive(OpenApi)]
#[openapi(paths(take, mine), components(schemas(Batch, Sent, Outcome, Outcomes, Waiting)))]
pub(crate) struct Docs;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Batch {
    /// At most 500.
    invoices: Vec<Sent>,
}

#[derive(Serialize, ToSchema)]
struct Outcomes {
    items: Vec<Outcome>,
}

/// A provider sends the invoices of paid orders (signed), and again those that it took back; the same number is taken once.
#[utoipa::path(post, path = "/api/v1/provider/invoices", request_body = Batch, responses((status = 200, body = Outcomes)))]
async fn take(Shared(site): Shared<Site>, request: FromProvider<Batch>) -> Reply {
    let items = received::take(&site, &request.sender(), &request.body.invoices).await?;
    Ok(axum::Json(Outcomes { items }).into_response())
}

#[derive(Deserialize)]
struct OfYear {
    year: Option<String>,
}

/// An invoice that waits to be claimed.
#[derive(Serialize, ToSchema)]
struct Waiting {
    number: String,
    date: String,
    amount: String,
    buyer: String,
}

/// The own invoices of a year that platforms sent and that no claim holds yet; a claim without `invoices` takes them.
#[utoipa::path(get, path = "/api/v1/me/invoices", params(("year" = Option<u16>, Query)),
    responses((status = 200, body = Page<Waiting>)))]
async fn mine(Shared(site): Shared<Site>, visitor: Visitor, Query(q): Query<OfYear>) -> Reply {
    let year: Year = q.year.and_then(|y| y.parse().ok()).unwrap_or_else(|| site.desk_year());
    let open = received::open(&site.db, visitor.actor.person, year).await?;
    let one = |t: crate::invoice::Typed| Waiting {
        number: t.number,
        date: t.date,
        amount: t.amount,
        buyer: t.buyer,
    };
    Ok(axum::Json(Page::whole(open.into_iter().map(one).collect::<Vec<_>>())).into_response())
}
