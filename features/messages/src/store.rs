//! Statements on messages.
use base::{Id, PersonId, Result, id::of};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;
use site::{Paging, Site};

use crate::Letter;

/// So many messages stand in one statement.
const AT_ONCE: usize = 500;
const COLUMNS: [&str; 7] = ["id", "person_id", "kind", "text", "link", "at", "once"];

/// Writes messages; one that was said once already is left out. Answers whose were written.
pub(crate) async fn insert(site: &Site, tx: &Tx, letters: &[Letter]) -> Result<Vec<PersonId>> {
    #[derive(FromQueryResult)]
    struct Told {
        person_id: String,
    }
    let row = |l: &Letter| {
        let id: Id<of::Entry> = site.new_id();
        params![id, l.to, l.kind, l.text, l.link, site.now(), l.once]
    };
    let mut told = vec![];
    for part in letters.chunks(AT_ONCE) {
        let values = part.iter().flat_map(row).collect();
        let sql = format!(
            "INSERT INTO messages ({}) VALUES {} ON CONFLICT (once) DO NOTHING RETURNING person_id",
            COLUMNS.join(", "),
            db::value_rows(part.len(), COLUMNS.len())
        );
        told.extend(db::all::<Told>(tx, &sql, values).await?);
    }
    told.into_iter().map(|t| t.person_id.parse()).collect()
}

/// A message as it lies in the inbox.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Message {
    pub id: String,
    pub kind: String,
    pub text: String,
    pub link: String,
    pub at: i64,
    pub read_at: Option<i64>,
}

/// The person's messages, newest first, up to one more than the page holds.
pub(crate) async fn own(conn: &impl Conn, person: PersonId, paging: &Paging) -> Result<Vec<Message>> {
    let sql = "SELECT id, kind, text, link, at, read_at FROM messages WHERE person_id = $1 AND ($2 = '' OR id < $2) \
               ORDER BY id DESC LIMIT $3";
    db::all(conn, sql, params![person, paging.after(), paging.limit() + 1]).await
}

/// How many are unread.
pub(crate) async fn unread(conn: &impl Conn, person: PersonId) -> Result<i64> {
    let sql = "SELECT COUNT(*) FROM messages WHERE person_id = $1 AND read_at IS NULL";
    db::count(conn, sql, params![person]).await
}

/// Marks one as read and gives its link; none when the person has no such message.
pub(crate) async fn read(tx: &Tx, person: PersonId, id: &str, now: base::Instant) -> Result<Option<String>> {
    #[derive(FromQueryResult)]
    struct Found {
        link: String,
    }
    let sql = "SELECT link FROM messages WHERE id = $1 AND person_id = $2";
    let Some(found) = db::maybe::<Found>(tx, sql, params![id, person]).await? else { return Ok(None) };
    let sql = "UPDATE messages SET read_at = $1 WHERE id = $2 AND read_at IS NULL";
    db::execute(tx, sql, params![now, id]).await?;
    Ok(Some(found.link))
}

/// Marks all as read.
pub(crate) async fn read_all(conn: &impl Conn, person: PersonId, now: base::Instant) -> Result<()> {
    let sql = "UPDATE messages SET read_at = $1 WHERE person_id = $2 AND read_at IS NULL";
    db::execute(conn, sql, params![now, person]).await?;
    Ok(())
}
