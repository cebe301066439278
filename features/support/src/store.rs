//! Statements on tickets, and the search of the desk.
use base::{Error, Instant, PersonId, Result, Scope, day, person::Code};
use db::{Db, Param, Tx, params};
use sea_orm::FromQueryResult;
use site::{Paging, Site};

use crate::{
    desk::Found,
    ticket::{Category, Message, State, Ticket},
};

#[derive(FromQueryResult)]
struct Row {
    id: String,
    person_id: String,
    person_name: String,
    unit_path: String,
    category: String,
    title: String,
    state: String,
    created_at: i64,
    due_at: i64,
}

impl TryFrom<Row> for Ticket {
    type Error = Error;
    fn try_from(r: Row) -> Result<Self> {
        Ok(Self {
            id: r.id,
            person: r.person_id.parse()?,
            person_name: r.person_name,
            unit_path: r.unit_path,
            category: Category::from_code(&r.category).unwrap_or(Category::Other),
            title: r.title,
            state: State::from_code(&r.state).unwrap_or(State::Open),
            created_at: day::from_millis(r.created_at),
            due_at: day::from_millis(r.due_at),
        })
    }
}

const SELECT: &str = "SELECT t.id, t.person_id, p.name AS person_name, t.unit_path, t.category, t.title, t.state, \
                      t.created_at, t.due_at FROM tickets t JOIN people p ON p.id = t.person_id";

pub(crate) async fn insert(tx: &Tx, t: &Ticket) -> Result<()> {
    let sql = "INSERT INTO tickets (id, person_id, unit_path, category, title, state, created_at, due_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let (category, state) = (t.category.code(), t.state.code());
    let values = params![t.id, t.person, t.unit_path, category, t.title, state, t.created_at, t.due_at];
    db::execute(tx, sql, values).await?;
    Ok(())
}

pub(crate) async fn insert_message(
    site: &Site,
    tx: &Tx,
    ticket: &str,
    (by, is_service, text): (PersonId, bool, &str),
) -> Result<String> {
    let id: base::Id<base::id::of::Entry> = site.new_id();
    let sql = "INSERT INTO ticket_messages (id, ticket_id, by_person, is_service, text, at) \
               VALUES ($1, $2, $3, $4, $5, $6)";
    db::execute(tx, sql, params![id, ticket, by, is_service, text, site.now()]).await?;
    Ok(id.to_string())
}

pub(crate) async fn set_state(tx: &Tx, t: &Ticket, now: Instant) -> Result<()> {
    let sql = "UPDATE tickets SET state = $1, answered_at = CASE WHEN $1 = 'answered' THEN $2 ELSE answered_at END, \
               closed_at = CASE WHEN $1 = 'closed' THEN $2 ELSE NULL END WHERE id = $3";
    db::execute(tx, sql, params![t.state.code(), now, t.id]).await?;
    Ok(())
}

pub(crate) async fn by_id(db: &Db, id: &str) -> Result<Ticket> {
    db::one::<Row>(db, &format!("{SELECT} WHERE t.id = $1"), params![id]).await?.try_into()
}

pub(crate) async fn messages(db: &Db, ticket: &str) -> Result<Vec<Message>> {
    #[derive(FromQueryResult)]
    struct Said {
        id: String,
        by_name: String,
        is_service: bool,
        text: String,
        at: i64,
    }
    let sql = "SELECT m.id, p.name AS by_name, m.is_service, m.text, m.at FROM ticket_messages m \
               JOIN people p ON p.id = m.by_person WHERE m.ticket_id = $1 ORDER BY m.at, m.id LIMIT 200";
    let rows: Vec<Said> = db::all(db, sql, params![ticket]).await?;
    let ids: Vec<&str> = rows.iter().map(|r| r.id.as_str()).collect();
    let cited = files::cited(db, &ids).await?;
    let read = |r: Said| {
        let files =
            cited.iter().filter(|f| f.object == r.id).map(|f| (f.id.clone(), f.name.clone())).collect();
        let at = day::from_millis(r.at);
        Message { by_name: r.by_name, is_service: r.is_service, text: r.text, at, files }
    };
    Ok(rows.into_iter().map(read).collect())
}

/// The person's own tickets, newest first.
pub(crate) async fn own(db: &Db, person: PersonId, paging: &Paging) -> Result<Vec<Ticket>> {
    let limit = paging.limit() + 1;
    let sql = format!(
        "{SELECT} WHERE t.person_id = $1 AND ($2 = '' OR t.id < $2) ORDER BY t.id DESC LIMIT {limit}"
    );
    let rows: Vec<Row> = db::all(db, &sql, params![person, paging.after()]).await?;
    rows.into_iter().map(Ticket::try_from).collect()
}

/// The agent's queue: what waits for an answer, the most urgent first.
pub(crate) async fn queue(db: &Db, scope: &Scope) -> Result<Vec<Ticket>> {
    let mut values = vec![];
    let within = db::in_scope("t.unit_path", scope, &mut values);
    let sql = format!("{SELECT} WHERE t.state = 'open' AND {within} ORDER BY t.due_at, t.id LIMIT 100");
    let rows: Vec<Row> = db::all(db, &sql, values).await?;
    rows.into_iter().map(Ticket::try_from).collect()
}

/// At most ten people of the scope: by blind index, else by account name, 工号, certificate number or the name's beginning.
pub(crate) async fn search(db: &Db, scope: &Scope, clue: &str, lookups: &[String]) -> Result<Vec<Found>> {
    let mut values = vec![];
    let within = db::in_scope("u.path", scope, &mut values);
    let n = values.len() + 1;
    let fits = if lookups.is_empty() {
        values.push(clue.param());
        values.push(format!("{clue}\u{10FFFF}").param());
        values.push(clue.replace('-', "").param());
        format!(
            "(a.name = ${n} OR p.staff_no = ${n} OR (p.name >= ${n} AND p.name < ${}) \
             OR EXISTS (SELECT 1 FROM certificates c WHERE c.person_id = p.id AND c.no = ${}))",
            n + 1,
            n + 2
        )
    } else {
        values.extend(lookups.iter().map(Param::param));
        let list = db::in_list(n, lookups.len());
        // A number that was corrected still leads to the person.
        format!(
            "(EXISTS (SELECT 1 FROM identifiers i WHERE i.account_id = a.id AND i.lookup IN ({list})) \
             OR EXISTS (SELECT 1 FROM former_papers f WHERE f.person_id = p.id AND f.lookup IN ({list})))"
        )
    };
    let sql = format!(
        "SELECT p.id, p.name, a.name AS account, u.name AS unit_name, p.id_number_masked FROM people p \
         JOIN accounts a ON a.person_id = p.id JOIN units u ON u.id = p.unit_id \
         WHERE {within} AND {fits} ORDER BY p.name, p.id LIMIT 10"
    );
    db::all(db, &sql, values).await
}

/// How many tickets of a category there are.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Load {
    pub category: String,
    /// Asked since the instant.
    pub asked: i64,
    /// Of these, still waiting for an answer.
    pub open: i64,
    /// Of these, waiting beyond their time.
    pub late: i64,
}

/// The load by reason since an instant, the most asked first.
pub(crate) async fn load(db: &Db, scope: &Scope, (since, now): (Instant, Instant)) -> Result<Vec<Load>> {
    let mut values = params![since, now];
    let within = db::in_scope("t.unit_path", scope, &mut values);
    let sql = format!(
        "SELECT t.category, CAST(COUNT(*) AS BIGINT) AS asked, \
         CAST(SUM(CASE WHEN t.state = 'open' THEN 1 ELSE 0 END) AS BIGINT) AS open, \
         CAST(SUM(CASE WHEN t.state = 'open' AND t.due_at < $2 THEN 1 ELSE 0 END) AS BIGINT) AS late \
         FROM tickets t WHERE t.created_at >= $1 AND {within} GROUP BY t.category ORDER BY COUNT(*) DESC, t.category"
    );
    db::all(db, &sql, values).await
}
