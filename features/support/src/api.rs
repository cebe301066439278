//! Tickets and the desk's search over the JSON API.
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::IntoResponse,
};
use base::{day, person::Code};
use serde::{Deserialize, Serialize};
use site::{Access, Json, Page, Paging, Reply, Routes, Site, Visitor};
use utoipa::{OpenApi, ToSchema};

use crate::{
    AGENTS, desk, store,
    ticket::{self, Question, Ticket},
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/api/v1/tickets", Access::SignedIn, own)
        .post("/api/v1/tickets", Access::SignedIn, open)
        .get("/api/v1/tickets/{id}", Access::SignedIn, one)
        .post("/api/v1/tickets/{id}/replies", Access::SignedIn, reply)
        .get("/api/v1/support/queue", Access::Roles(AGENTS), queue)
        .get("/api/v1/support/load", Access::Roles(AGENTS), load)
        .get("/api/v1/support/people", Access::Roles(AGENTS), search)
        .get("/api/v1/support/people/{id}", Access::Roles(AGENTS), state)
}

#[derive(OpenApi)]
#[openapi(
    paths(own, open, one, reply, queue, load, search, state),
    components(schemas(
        NewTicket,
        TicketInfo,
        TicketWhole,
        MessageInfo,
        Attachment,
        NewReply,
        PersonFound,
        AccountState,
        Tried,
        Told,
        LoadInfo
    ))
)]
struct Docs;

/// The slice's part of the OpenAPI document.
pub fn docs() -> utoipa::openapi::OpenApi {
    Docs::openapi()
}

#[derive(Serialize, ToSchema)]
struct TicketInfo {
    id: String,
    person: String,
    category: String,
    title: String,
    state: String,
    created_at: String,
    /// By when it is answered.
    due_at: String,
}

impl From<Ticket> for TicketInfo {
    fn from(t: Ticket) -> Self {
        Self {
            id: t.id,
            person: t.person.to_string(),
            category: t.category.code(),
            title: t.title,
            state: t.state.code(),
            created_at: day::rfc3339(t.created_at),
            due_at: day::rfc3339(t.due_at),
        }
    }
}

/// The own tickets, newest first.
#[utoipa::path(get, path = "/api/v1/tickets", params(Paging),
    responses((status = 200, body = Page<TicketInfo>)))]
async fn own(State(site): State<Site>, visitor: Visitor, Query(paging): Query<Paging>) -> Reply {
    let found = store::own(&site.db, visitor.actor.person, &paging).await?;
    let page = Page::of(found, paging.limit(), |t| t.id.clone());
    let items: Vec<TicketInfo> = page.items.into_iter().map(TicketInfo::from).collect();
    Ok(axum::Json(Page { items, next: page.next }).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewTicket {
    /// `account`, `hours`, `course`, `certificate`, `fees` or `other`.
    category: String,
    title: String,
    text: String,
    /// Ids of the own files of `POST /files`.
    #[serde(default)]
    files: Vec<String>,
}

/// Ask customer service.
#[utoipa::path(post, path = "/api/v1/tickets", request_body = NewTicket, responses((status = 201, body = TicketInfo)))]
async fn open(State(site): State<Site>, visitor: Visitor, Json(b): Json<NewTicket>) -> Reply {
    let question = Question { category: &b.category, title: &b.title, text: &b.text, files: &b.files };
    let ticket = ticket::open(&site, &visitor, &question).await?;
    Ok((StatusCode::CREATED, axum::Json(TicketInfo::from(ticket))).into_response())
}

#[derive(Serialize, ToSchema)]
struct MessageInfo {
    by: String,
    from_service: bool,
    text: String,
    at: String,
    files: Vec<Attachment>,
}

#[derive(Serialize, ToSchema)]
struct Attachment {
    id: String,
    name: String,
}

#[derive(Serialize, ToSchema)]
struct TicketWhole {
    #[serde(flatten)]
    ticket: TicketInfo,
    messages: Vec<MessageInfo>,
}

/// A ticket with its messages.
#[utoipa::path(get, path = "/api/v1/tickets/{id}", params(("id" = String, Path)), responses((status = 200, body = TicketWhole)))]
async fn one(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let ticket = ticket::find(&site, &visitor, &id).await?;
    let info = |m: ticket::Message| MessageInfo {
        by: m.by_name,
        from_service: m.is_service,
        text: m.text,
        at: day::rfc3339(m.at),
        files: m.files.into_iter().map(|(id, name)| Attachment { id, name }).collect(),
    };
    let messages = store::messages(&site.db, &id).await?.into_iter().map(info).collect();
    Ok(axum::Json(TicketWhole { ticket: TicketInfo::from(ticket), messages }).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewReply {
    #[serde(default)]
    text: String,
    /// Whether the ticket is closed with it.
    #[serde(default)]
    close: bool,
    /// Ids of the own files of `POST /files`.
    #[serde(default)]
    files: Vec<String>,
}

/// Answer, ask again, or close.
#[utoipa::path(post, path = "/api/v1/tickets/{id}/replies", request_body = NewReply, params(("id" = String, Path)),
    responses((status = 200, body = TicketInfo)))]
async fn reply(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Json(b): Json<NewReply>,
) -> Reply {
    let said = ticket::Reply { text: &b.text, closes: b.close, files: &b.files };
    let ticket = ticket::reply(&site, &visitor, &id, &said).await?;
    Ok(axum::Json(TicketInfo::from(ticket)).into_response())
}

/// What waits for an answer in the agent's subtree, the most urgent first.
#[utoipa::path(get, path = "/api/v1/support/queue", responses((status = 200, body = Page<TicketInfo>)))]
async fn queue(State(site): State<Site>, visitor: Visitor) -> Reply {
    let found = store::queue(&site.db, &visitor.actor.scope(AGENTS)).await?;
    let items: Vec<TicketInfo> = found.into_iter().map(TicketInfo::from).collect();
    Ok(axum::Json(Page::whole(items)).into_response())
}

#[derive(Deserialize)]
struct Clue {
    q: String,
}

#[derive(Serialize, ToSchema)]
struct PersonFound {
    id: String,
    name: String,
    account: String,
    unit: String,
    id_number_masked: Option<String>,
}

/// Find a person by name, account, ID number or bound phone.
#[utoipa::path(get, path = "/api/v1/support/people", params(("q" = String, Query)), responses((status = 200, body = Page<PersonFound>)))]
async fn search(State(site): State<Site>, visitor: Visitor, Query(c): Query<Clue>) -> Reply {
    let found = desk::search(&site, &visitor, &c.q).await?;
    let info = |f: desk::Found| PersonFound {
        id: f.id,
        name: f.name,
        account: f.account,
        unit: f.unit_name,
        id_number_masked: f.id_number_masked,
    };
    Ok(axum::Json(Page::whole(found.into_iter().map(info).collect())).into_response())
}

/// A wrong entry.
#[derive(Serialize, ToSchema)]
struct Tried {
    /// `password` or `code`.
    kind: String,
    at: String,
}

/// A message to the person's phone.
#[derive(Serialize, ToSchema)]
struct Told {
    /// What for.
    kind: String,
    at: String,
    /// `used`, `open` or `over` of a code; `sent` of any other message.
    result: String,
}

#[derive(Serialize, ToSchema)]
struct AccountState {
    locked_until: Option<String>,
    phone_masked: Option<String>,
    signed_in_before: bool,
    /// The last wrong entries, newest first.
    failures: Vec<Tried>,
    /// The last messages, newest first.
    messages: Vec<Told>,
}

/// How a person's account stands: locked, phone, last failures, last messages and what became of them.
#[utoipa::path(get, path = "/api/v1/support/people/{id}", params(("id" = String, Path)), responses((status = 200, body = AccountState), (status = 404)))]
async fn state(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let person = org::person(&site.db, id.parse()?).await?;
    if !visitor.actor.scope(AGENTS).holds(&person.path) {
        return Err(base::Error::not_found().into());
    }
    let state = accounts::state(&site, person.id).await?;
    let tried = |(kind, at): (String, base::Instant)| Tried { kind, at: day::rfc3339(at) };
    let told =
        |m: accounts::Message| Told { kind: m.kind, at: day::rfc3339(m.at), result: m.result.to_owned() };
    let info = AccountState {
        locked_until: state.locked_until.map(day::rfc3339),
        phone_masked: state.phone_masked,
        signed_in_before: state.has_signed_in,
        failures: state.last_failures.into_iter().map(tried).collect(),
        messages: state.messages.into_iter().map(told).collect(),
    };
    Ok(axum::Json(info).into_response())
}

#[derive(Serialize, ToSchema)]
struct LoadInfo {
    category: String,
    /// Asked in the last thirty days.
    asked: i64,
    /// Of these, still waiting for an answer.
    open: i64,
    /// Of these, waiting beyond their time.
    late: i64,
}

/// What people have asked about in the last thirty days, the most asked first.
#[utoipa::path(get, path = "/api/v1/support/load", responses((status = 200, body = Page<LoadInfo>)))]
async fn load(State(site): State<Site>, visitor: Visitor) -> Reply {
    let info = |l: store::Load| LoadInfo { category: l.category, asked: l.asked, open: l.open, late: l.late };
    let items: Vec<LoadInfo> = desk::load(&site, &visitor).await?.into_iter().map(info).collect();
    Ok(axum::Json(Page::whole(items)).into_response())
}
