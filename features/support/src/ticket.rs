//! Tickets: asked by a person, answered by customer service in the person's subtree, closed by either. Each category
//! has a time by which it is answered.
use base::{Error, Instant, PersonId, Result, day, person::Code};
use serde::{Deserialize, Serialize};
use serde_json::json;
use site::{Site, Visitor};

use crate::{AGENTS, store};

/// What a ticket is about; decides by when it is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Category {
    Account,
    Hours,
    Course,
    Certificate,
    Fees,
    Other,
}

impl Code for Category {}

impl Category {
    pub(crate) const ALL: [Self; 6] =
        [Self::Account, Self::Hours, Self::Course, Self::Certificate, Self::Fees, Self::Other];

    /// Hours until an answer is due. Who can't get in waits least.
    const fn answered_within(self) -> i64 {
        match self {
            Self::Account => 4,
            Self::Hours | Self::Course | Self::Certificate => 24,
            Self::Fees | Self::Other => 48,
        }
    }
}

/// Where a ticket stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    /// Waits for customer service.
    Open,
    /// Waits for the person.
    Answered,
    Closed,
}

impl Code for State {}

/// A ticket.
#[derive(Clone, Debug)]
pub(crate) struct Ticket {
    pub id: String,
    pub person: PersonId,
    pub person_name: String,
    pub unit_path: String,
    pub category: Category,
    pub title: String,
    pub state: State,
    pub created_at: Instant,
    pub due_at: Instant,
}

impl Ticket {
    pub(crate) fn is_late(&self, now: Instant) -> bool {
        self.state == State::Open && self.due_at < now
    }
}

/// A message of a ticket.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub by_name: String,
    pub is_service: bool,
    pub text: String,
    pub at: Instant,
    /// Attachments: id and name.
    pub files: Vec<(String, String)>,
}

/// What is asked.
pub(crate) struct Question<'a> {
    pub category: &'a str,
    pub title: &'a str,
    pub text: &'a str,
    /// The visitor's own files.
    pub files: &'a [String],
}

/// What is answered, or asked again.
pub(crate) struct Reply<'a> {
    pub text: &'a str,
    pub closes: bool,
    /// The visitor's own files.
    pub files: &'a [String],
}

/// Opens a ticket of the visitor's own.
pub(crate) async fn open(site: &Site, visitor: &Visitor, q: &Question<'_>) -> Result<Ticket> {
    let category =
        Category::from_code(q.category).ok_or_else(|| Error::invalid("category", "wrong_value"))?;
    let title = bounded("title", q.title, 80)?;
    let text = bounded("text", q.text, 4000)?;
    let person = org::person(&site.db, visitor.actor.person).await?;
    let now = site.now();
    let due_at = day::from_millis(day::millis(now) + category.answered_within() * 3_600_000);
    let id: base::Id<base::id::of::Entry> = site.new_id();
    let ticket = Ticket {
        id: id.to_string(),
        person: person.id,
        person_name: person.name,
        unit_path: person.path,
        category,
        title,
        state: State::Open,
        created_at: now,
        due_at,
    };
    let tx = site.db.begin().await?;
    store::insert(&tx, &ticket).await?;
    let message = store::insert_message(site, &tx, &ticket.id, (person.id, false, &text)).await?;
    attach(&tx, (&message, ticket.person, person.id), q.files).await?;
    record(site, &tx, visitor, ("ticket.open", &ticket)).await?;
    tx.commit().await?;
    Ok(ticket)
}

/// A ticket of the visitor's own, or one in an agent's subtree; any other is not found.
pub(crate) async fn find(site: &Site, visitor: &Visitor, id: &str) -> Result<Ticket> {
    let ticket = store::by_id(&site.db, id).await?;
    let serves = visitor.actor.scope(AGENTS).holds(&ticket.unit_path);
    if ticket.person == visitor.actor.person || serves { Ok(ticket) } else { Err(Error::not_found()) }
}

/// Adds a message; an agent's answers, the person's asks again. Closing ends it; a person may reopen by asking.
pub(crate) async fn reply(site: &Site, visitor: &Visitor, id: &str, said: &Reply<'_>) -> Result<Ticket> {
    let (text, closes) = (said.text, said.closes);
    let mut ticket = find(site, visitor, id).await?;
    let is_service = ticket.person != visitor.actor.person;
    let text = if closes && text.trim().is_empty() { None } else { Some(bounded("text", text, 4000)?) };
    ticket.state = match (closes, is_service) {
        (true, _) => State::Closed,
        (false, true) => State::Answered,
        (false, false) => State::Open,
    };
    let tx = site.db.begin().await?;
    if let Some(text) = &text {
        let by = visitor.actor.person;
        let message = store::insert_message(site, &tx, &ticket.id, (by, is_service, text)).await?;
        attach(&tx, (&message, ticket.person, by), said.files).await?;
    }
    store::set_state(&tx, &ticket, site.now()).await?;
    record(site, &tx, visitor, ("ticket.reply", &ticket)).await?;
    tx.commit().await?;
    Ok(ticket)
}

/// Lets a message cite files of the one who wrote it; the person and customer service read them.
async fn attach(
    tx: &db::Tx,
    (message, person, owner): (&str, PersonId, PersonId),
    ids: &[String],
) -> Result<()> {
    let link = files::Link { kind: "ticket", object: message, person, owner };
    files::link(tx, &link, ids).await?;
    files::open_links(tx, message, true).await
}

fn bounded(field: &str, text: &str, most: usize) -> Result<String> {
    let text = text.trim();
    let has_controls = text.chars().any(|c| c.is_control() && c != '\n' && c != '\r' && c != '\t');
    match text.chars().count() {
        0 => Err(Error::invalid(field, "required")),
        n if n > most => Err(Error::invalid(field, "too_long_text")),
        _ if has_controls => Err(Error::invalid(field, "wrong_value")),
        _ => Ok(text.to_owned()),
    }
}

async fn record(
    site: &Site,
    tx: &db::Tx,
    visitor: &Visitor,
    (action, ticket): (&'static str, &Ticket),
) -> Result<()> {
    let deed = audit::Deed {
        actor: Some(visitor.actor.person),
        action,
        object: &ticket.id,
        unit_path: &ticket.unit_path,
        details: json!({"category": ticket.category, "state": ticket.state}),
    };
    audit::record(site, tx, deed).await
}
