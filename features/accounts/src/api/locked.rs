//! Locked accounts over the JSON API.
use axum::{
    extract::{Query, State},
    response::IntoResponse,
};
use base::day;
use serde::Serialize;
use site::{Page, Paging, Reply, Site, Visitor};
use utoipa::ToSchema;

use crate::door::locked::{self, Locked};

#[derive(Serialize, ToSchema)]
pub(super) struct LockedInfo {
    /// The person's id.
    person: String,
    account: String,
    /// Masked for whoever only operates the program.
    name: String,
    unit: String,
    locked_until: String,
    /// Wrong passwords and codes of the last hour.
    failures: i64,
    /// Where wrong passwords of the last hour came from, the busiest first.
    networks: Vec<SourceInfo>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct SourceInfo {
    network: String,
    failures: i64,
}

impl From<Locked> for LockedInfo {
    fn from(l: Locked) -> Self {
        let source = |(network, failures)| SourceInfo { network, failures };
        Self {
            person: l.person,
            account: l.account,
            name: l.name,
            unit: l.unit,
            locked_until: day::rfc3339(l.until),
            failures: l.failures,
            networks: l.networks.into_iter().map(source).collect(),
        }
    }
}

/// The accounts that are locked now in the caller's subtrees, with the networks that wrong passwords came from.
#[utoipa::path(get, path = "/api/v1/locked-accounts",
    params(Paging),
    responses((status = 200, body = Page<LockedInfo>)))]
pub(super) async fn list(State(site): State<Site>, visitor: Visitor, Query(paging): Query<Paging>) -> Reply {
    let found = locked::list(&site, &visitor, &paging).await?;
    let page = Page::of(found, paging.limit(), |l| l.account_id.clone());
    let items: Vec<LockedInfo> = page.items.into_iter().map(LockedInfo::from).collect();
    Ok(axum::Json(Page { items, next: page.next }).into_response())
}
