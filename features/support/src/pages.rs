//! Pages of customer service: the desk, the own tickets, one ticket.
use askama::Template;
use axum::extract::{Path, Query, State};
use base::{Error, person::Code};
use serde::Deserialize;
use site::{Access, Frame, Paging, Reply, Routes, Site, Upload, Visitor, dates, html, see_other};

use crate::{
    AGENTS, desk,
    store::{self, Load},
    ticket::{self, Category, Message, Question, State as TicketState, Ticket},
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/support", Access::Roles(AGENTS), desk_page)
        .get("/tickets", Access::SignedIn, own_page)
        .post("/tickets", Access::SignedIn, open)
        .get("/tickets/{id}", Access::SignedIn, one_page)
        .post("/tickets/{id}", Access::SignedIn, reply)
}

/// A ticket in a line.
struct Line {
    id: String,
    title: String,
    about: String,
    state: TicketState,
    is_late: bool,
    is_open: bool,
    is_answered: bool,
}

fn line(site: &Site, t: Ticket) -> Line {
    let category = site.texts.get(&format!("ticket-{}", t.category.code()));
    let about = [category, t.person_name.clone(), dates::minute(t.created_at)].join(" · ");
    let (is_late, is_open) = (t.is_late(site.now()), t.state == TicketState::Open);
    let is_answered = t.state == TicketState::Answered;
    Line { id: t.id, title: t.title, about, state: t.state, is_late, is_open, is_answered }
}

#[derive(Deserialize)]
struct Clue {
    #[serde(default)]
    q: String,
}

#[derive(Template)]
#[template(path = "support/desk.html")]
struct DeskPage {
    frame: Frame,
    q: String,
    found: Vec<desk::Found>,
    error: String,
    queue: Vec<Line>,
    load: Vec<Load>,
}

async fn desk_page(State(site): State<Site>, visitor: Visitor, Query(c): Query<Clue>) -> Reply {
    let (mut found, mut error) = (vec![], String::new());
    if !c.q.trim().is_empty() {
        match desk::search(&site, &visitor, &c.q).await {
            Ok(people) if people.is_empty() => error = site.texts.get("support-nobody"),
            Ok(people) => found = people,
            Err(Error::Refused(_)) => error = site.texts.get("field-clue_too_short"),
            Err(e) => return Err(e.into()),
        }
    }
    let waiting = store::queue(&site.db, &visitor.actor.scope(AGENTS)).await?;
    let queue = waiting.into_iter().map(|t| line(&site, t)).collect();
    let frame = Frame::of(&site, &visitor, "/support", "page-support");
    let load = desk::load(&site, &visitor).await?;
    html(&DeskPage { frame, q: c.q, found, error, queue, load })
}

#[derive(Template)]
#[template(path = "support/tickets.html")]
struct TicketsPage {
    frame: Frame,
    lines: Vec<Line>,
    categories: Vec<String>,
    title: String,
    text: String,
    error: String,
}

async fn own(site: &Site, visitor: &Visitor) -> base::Result<TicketsPage> {
    let found = store::own(&site.db, visitor.actor.person, &Paging::default()).await?;
    Ok(TicketsPage {
        frame: Frame::of(site, visitor, "/tickets", "page-tickets"),
        lines: found.into_iter().map(|t| line(site, t)).collect(),
        categories: Category::ALL.iter().map(Code::code).collect(),
        title: String::new(),
        text: String::new(),
        error: String::new(),
    })
}

async fn own_page(State(site): State<Site>, visitor: Visitor) -> Reply {
    html(&own(&site, &visitor).await?)
}

/// A text field of an upload.
fn given(upload: &Upload, name: &str) -> String {
    upload.field(name).unwrap_or_default().to_owned()
}

/// The ids of what was attached.
async fn attached(site: &Site, visitor: &Visitor, upload: Upload) -> base::Result<Vec<String>> {
    let mut ids = vec![];
    for file in upload.file.into_iter().chain(upload.more) {
        ids.push(files::accept(site, visitor.actor.person, file).await?.id);
    }
    Ok(ids)
}

async fn open(State(site): State<Site>, visitor: Visitor, upload: Upload) -> Reply {
    let (category, title, text) =
        (given(&upload, "category"), given(&upload, "title"), given(&upload, "text"));
    let asked = async {
        let files = attached(&site, &visitor, upload).await?;
        let question = Question { category: &category, title: &title, text: &text, files: &files };
        ticket::open(&site, &visitor, &question).await
    };
    match asked.await {
        Ok(ticket) => Ok(see_other(&format!("/tickets/{}", ticket.id))),
        Err(Error::Refused(p)) => {
            let mut page = own(&site, &visitor).await?;
            page.error =
                site.texts.get(&format!("field-{}", p.fields.first().map_or("required", |f| f.code)));
            (page.title, page.text) = (title, text);
            html(&page)
        }
        Err(e) => Err(e.into()),
    }
}

#[derive(Template)]
#[template(path = "support/ticket.html")]
struct TicketPage {
    frame: Frame,
    line: Line,
    due: String,
    messages: Vec<Message>,
    is_service: bool,
    person: String,
}

impl TicketPage {
    fn time(&self, message: &Message) -> String {
        dates::minute(message.at)
    }
}

async fn one_page(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let ticket = ticket::find(&site, &visitor, &id).await?;
    let is_service = ticket.person != visitor.actor.person;
    let place = if is_service { "/support" } else { "/tickets" };
    html(&TicketPage {
        frame: Frame::of(&site, &visitor, place, "page-ticket"),
        due: dates::minute(ticket.due_at),
        person: ticket.person.to_string(),
        messages: store::messages(&site.db, &id).await?,
        line: line(&site, ticket),
        is_service,
    })
}

async fn reply(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>, upload: Upload) -> Reply {
    let (text, closes) = (given(&upload, "text"), upload.field("close").is_some());
    let files = attached(&site, &visitor, upload).await?;
    let said = ticket::Reply { text: &text, closes, files: &files };
    ticket::reply(&site, &visitor, &id, &said).await?;
    Ok(see_other(&format!("/tickets/{id}")))
}
