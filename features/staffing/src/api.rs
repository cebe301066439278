//! Transfers and merged records over the JSON API.
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::IntoResponse,
};
use base::{Error, day};
use serde::{Deserialize, Serialize};
use site::{Access, Json, Page, Paging, Reply, Routes, Site, Visitor};
use utoipa::{OpenApi, ToSchema};

use crate::{
    AUTHORITIES, MANAGERS, duplicate,
    matters::Matter,
    store, store_identity,
    transfer::{self, Decision, Transfer, Wish},
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/transfers", Access::Roles(MANAGERS), list)
        .post("/api/v1/transfers", Access::Roles(MANAGERS), ask)
        .get("/api/v1/transfers/{id}", Access::Roles(MANAGERS), one)
        .post("/api/v1/transfers/{id}/decision", Access::Roles(MANAGERS), decide)
        .post("/api/v1/transfers/{id}/withdrawal", Access::Roles(MANAGERS), withdraw)
        .get("/api/v1/duplicates", Access::Roles(AUTHORITIES), duplicates)
        .get("/api/v1/merges", Access::Roles(AUTHORITIES), merges)
        .post("/api/v1/merges", Access::Roles(AUTHORITIES), merge)
}

#[derive(OpenApi)]
#[openapi(
    paths(list, ask, one, decide, withdraw, duplicates, merges, merge),
    components(schemas(
        TransferInfo,
        TransferWhole,
        Consequences,
        NewTransfer,
        DecisionBody,
        Matter,
        PairInfo,
        RecordInfo,
        MergeInfo,
        NewMerge,
        MergeDone
    ))
)]
struct Docs;

/// The slice's part of the OpenAPI document.
pub fn docs() -> utoipa::openapi::OpenApi {
    let mut docs = Docs::openapi();
    docs.merge(crate::api_identity::Docs::openapi());
    docs.merge(crate::api_posts::Docs::openapi());
    docs.merge(crate::api_retirement::Docs::openapi());
    docs
}

#[derive(Serialize, ToSchema)]
struct TransferInfo {
    id: String,
    person: String,
    name: String,
    id_number_masked: Option<String>,
    from_unit: String,
    from_unit_name: String,
    to_unit: String,
    to_unit_name: String,
    department: Option<String>,
    /// The day from which the person is at the new unit.
    from: String,
    /// `asked`, `released`, `refused` or `withdrawn`.
    state: String,
    forced: bool,
    reason: String,
    asked_by: String,
    asked_at: String,
    decided_by: Option<String>,
    decided_at: Option<String>,
    comment: Option<String>,
}

fn time(millis: i64) -> String {
    day::rfc3339(day::from_millis(millis))
}

impl From<Transfer> for TransferInfo {
    fn from(t: Transfer) -> Self {
        Self {
            id: t.id,
            person: t.person.to_string(),
            name: t.person_name,
            id_number_masked: t.id_number_masked,
            from_unit: t.from.code,
            from_unit_name: t.from.name,
            to_unit: t.to.code,
            to_unit_name: t.to.name,
            department: t.department,
            from: t.from_day,
            state: t.state,
            forced: t.is_forced,
            reason: t.reason,
            asked_by: t.asked_by_name,
            asked_at: time(t.asked_at),
            decided_by: t.decided_by_name,
            decided_at: t.decided_at.map(time),
            comment: t.comment,
        }
    }
}

/// What follows from a transfer, by unit name.
#[derive(Serialize, ToSchema)]
struct Consequences {
    /// Who reimburses what is asked for from now on.
    reimburses: String,
    /// Who decides on what was handed in before.
    open_matters_stay_at: String,
    /// The unit that this year's certificate prints; earlier years print the unit of their 12-31.
    certificate_prints: String,
}

#[derive(Serialize, ToSchema)]
struct TransferWhole {
    #[serde(flatten)]
    transfer: TransferInfo,
    /// What is open of the person; only the old unit sees it.
    open_matters: Vec<Matter>,
    consequences: Consequences,
}

fn whole(transfer: Transfer, open_matters: Vec<Matter>) -> TransferWhole {
    let consequences = Consequences {
        reimburses: transfer.to.name.clone(),
        open_matters_stay_at: transfer.from.name.clone(),
        certificate_prints: transfer.to.name.clone(),
    };
    TransferWhole { transfer: TransferInfo::from(transfer), open_matters, consequences }
}

#[derive(Deserialize)]
struct ListQuery {
    #[serde(default)]
    state: String,
    after: Option<String>,
    limit: Option<u32>,
}

/// Transfers from and to the own units, the newest first.
#[utoipa::path(get, path = "/api/v1/transfers", params(("state" = Option<String>, Query), Paging), responses((status = 200, body = Page<TransferInfo>)))]
async fn list(State(site): State<Site>, visitor: Visitor, Query(q): Query<ListQuery>) -> Reply {
    let paging = Paging { after: q.after, limit: q.limit };
    let found = store::list(&site.db, &visitor.actor.scope(MANAGERS), (&q.state, &paging)).await?;
    let page = Page::of(found, paging.limit(), |t| t.id.clone());
    let items: Vec<TransferInfo> = page.items.into_iter().map(TransferInfo::from).collect();
    Ok(axum::Json(Page { items, next: page.next }).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewTransfer {
    /// The whole number of the person's paper.
    id_number: String,
    /// The person's name; a wrong one finds nobody.
    name: String,
    /// The code of the unit that asks.
    unit: String,
    department: Option<String>,
    /// The day from which the person is at the new unit; today if left out.
    from: Option<String>,
    reason: String,
    /// By the authority over both units: at once, without a release.
    #[serde(default)]
    force: bool,
}

/// Ask for a person of another unit. Hours and certificates go along.
#[utoipa::path(post, path = "/api/v1/transfers", request_body = NewTransfer, responses((status = 201, body = TransferWhole),
    (status = 404, description = "transfer_person_unknown"), (status = 409, description = "transfer_open, transfer_same_unit, last_administrator")))]
async fn ask(State(site): State<Site>, visitor: Visitor, Json(b): Json<NewTransfer>) -> Reply {
    let wish = Wish {
        id_number: &b.id_number,
        name: &b.name,
        unit: &b.unit,
        department: b.department.as_deref(),
        from: b.from.as_deref(),
        reason: &b.reason,
        force: b.force,
    };
    let made = transfer::ask(&site, &visitor, &wish).await?;
    Ok((StatusCode::CREATED, axum::Json(whole(made, vec![]))).into_response())
}

/// A transfer; the old unit sees what is open of the person.
#[utoipa::path(get, path = "/api/v1/transfers/{id}", params(("id" = String, Path)), responses((status = 200, body = TransferWhole)))]
async fn one(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let (transfer, open) = transfer::shown(&site, &visitor, &id).await?;
    Ok(axum::Json(whole(transfer, open)).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DecisionBody {
    /// `release` or `refuse`.
    decision: String,
    #[serde(default)]
    comment: String,
    /// Another day than was asked for.
    from: Option<String>,
    /// Whether the open matters were seen; needed where there are any.
    #[serde(default)]
    open_matters_seen: bool,
}

/// Release or refuse, by the old unit.
#[utoipa::path(post, path = "/api/v1/transfers/{id}/decision", params(("id" = String, Path)), request_body = DecisionBody,
    responses((status = 200, body = TransferWhole), (status = 403, description = "transfer_second_person, own_record"),
    (status = 409, description = "transfer_open_matters with `open_matters`, transfer_decided, last_administrator")))]
async fn decide(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Json(b): Json<DecisionBody>,
) -> Reply {
    let releases = match b.decision.as_str() {
        "release" => true,
        "refuse" => false,
        _ => return Err(Error::invalid("decision", "wrong_value").into()),
    };
    let decision =
        Decision { releases, comment: &b.comment, from: b.from.as_deref(), open_seen: b.open_matters_seen };
    let done = transfer::decide(&site, &visitor, &id, &decision).await?;
    Ok(axum::Json(whole(done, vec![])).into_response())
}

/// Take a request back, by the unit that asked.
#[utoipa::path(post, path = "/api/v1/transfers/{id}/withdrawal", params(("id" = String, Path)), responses((status = 200, body = TransferWhole)))]
async fn withdraw(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let done = transfer::withdraw(&site, &visitor, &id).await?;
    Ok(axum::Json(whole(done, vec![])).into_response())
}

#[derive(Serialize, ToSchema)]
struct RecordInfo {
    id: String,
    name: String,
    unit: String,
    id_number_masked: Option<String>,
    ledger_entries: i64,
}

#[derive(Serialize, ToSchema)]
struct PairInfo {
    first: RecordInfo,
    second: RecordInfo,
    birth_date: Option<String>,
    /// Whether both have bound the same phone.
    shares_phone: bool,
}

/// Pairs of records below that may be one human's: one name and birth date, or one phone.
#[utoipa::path(get, path = "/api/v1/duplicates", params(Paging),
    responses((status = 200, body = Page<PairInfo>)))]
async fn duplicates(State(site): State<Site>, visitor: Visitor, Query(paging): Query<Paging>) -> Reply {
    let found = store_identity::pairs(&site.db, &visitor.actor.scope(AUTHORITIES), &paging).await?;
    let page = Page::of(found, paging.limit(), |p| p.first_id.clone());
    let pair = |p: store_identity::Pair| PairInfo {
        first: RecordInfo {
            id: p.first_id,
            name: p.first_name,
            unit: p.first_unit,
            id_number_masked: p.first_number,
            ledger_entries: p.first_hours,
        },
        second: RecordInfo {
            id: p.second_id,
            name: p.second_name,
            unit: p.second_unit,
            id_number_masked: p.second_number,
            ledger_entries: p.second_hours,
        },
        birth_date: p.birth_date,
        shares_phone: p.shares_phone > 0,
    };
    let items: Vec<PairInfo> = page.items.into_iter().map(pair).collect();
    Ok(axum::Json(Page { items, next: page.next }).into_response())
}

#[derive(Serialize, ToSchema)]
struct MergeInfo {
    id: String,
    kept: String,
    name: String,
    merged: String,
    merged_id_number_masked: Option<String>,
    merged_unit: String,
    reason: String,
    credits: i64,
    by: String,
    at: String,
}

/// Records that were put together, the newest first.
#[utoipa::path(get, path = "/api/v1/merges", params(Paging),
    responses((status = 200, body = Page<MergeInfo>)))]
async fn merges(State(site): State<Site>, visitor: Visitor, Query(paging): Query<Paging>) -> Reply {
    let found = store_identity::merges(&site.db, &visitor.actor.scope(AUTHORITIES), &paging).await?;
    let page = Page::of(found, paging.limit(), |m| m.id.clone());
    let info = |m: store_identity::Done| MergeInfo {
        id: m.id,
        kept: m.kept_id,
        name: m.kept_name,
        merged: m.gone_id,
        merged_id_number_masked: m.gone_number,
        merged_unit: m.gone_unit,
        reason: m.reason,
        credits: m.credits,
        by: m.merged_by,
        at: time(m.merged_at),
    };
    let items: Vec<MergeInfo> = page.items.into_iter().map(info).collect();
    Ok(axum::Json(Page { items, next: page.next }).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewMerge {
    /// The id of the record that stays.
    keep: String,
    /// The id of the record that goes into it.
    duplicate: String,
    reason: String,
}

#[derive(Serialize, ToSchema)]
struct MergeDone {
    id: String,
    name: String,
    unit: String,
    /// Credits that went over.
    credits: usize,
    /// Of these, reduced for learning at the same time under both records.
    reduced: usize,
}

/// Let one record go into another of the same human; both histories stay, no hour counts twice.
#[utoipa::path(post, path = "/api/v1/merges", request_body = NewMerge, responses((status = 201, body = MergeDone),
    (status = 404), (status = 409, description = "merge_open_matters with `open_matters`, merged_before")))]
async fn merge(State(site): State<Site>, visitor: Visitor, Json(b): Json<NewMerge>) -> Reply {
    let pair = (b.keep.parse()?, b.duplicate.parse()?);
    let done = duplicate::merge(&site, &visitor, pair, &b.reason).await?;
    let info = MergeDone {
        id: done.kept.id.to_string(),
        name: done.kept.name,
        unit: done.kept.unit_name,
        credits: done.carried.credits,
        reduced: done.carried.reduced,
    };
    Ok((StatusCode::CREATED, axum::Json(info)).into_response())
}
