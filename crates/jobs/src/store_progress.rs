//! How far long work has come, told to whoever started it. Work writes it beside its portions; losing a line loses nothing
//! but the sight of it.
use base::{Instant, PersonId, Result, day};
use db::{Conn, FromQueryResult, params};

/// How far some work is.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Progress {
    /// Under what the work is known.
    pub id: String,
    /// What is done, for a word in the locale (`progress-<kind>`).
    pub kind: String,
    /// So many of `total` are done.
    pub done: i64,
    /// In all; 0 while that is unknown.
    pub total: i64,
    /// `running`, `done` or `failed`.
    pub state: String,
    /// A path of the site where its outcome is.
    pub link: String,
}

/// Lines are kept for a week.
const KEPT_MS: i64 = 7 * 86_400_000;

/// Tells how far work is, or that it began. Work never goes back: a portion that is run twice changes nothing.
pub async fn tell(conn: &impl Conn, owner: PersonId, p: &Progress, now: Instant) -> Result<()> {
    let sql = "INSERT INTO progress (id, owner, kind, done, total, state, link, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
               ON CONFLICT (id) DO UPDATE SET done = excluded.done, total = excluded.total, state = excluded.state, \
               link = excluded.link, at = excluded.at WHERE progress.done <= excluded.done";
    db::execute(conn, sql, params![p.id, owner, p.kind, p.done, p.total, p.state, p.link, now]).await?;
    let old = "DELETE FROM progress WHERE at < $1";
    db::execute(conn, old, params![day::millis(now) - KEPT_MS]).await?;
    Ok(())
}

/// Adds to what is done, whatever order portions end in; at the total the work is done.
pub async fn advance(conn: &impl Conn, id: &str, by: i64, now: Instant) -> Result<()> {
    let sql = "UPDATE progress SET done = done + $1, state = CASE WHEN total > 0 AND done + $1 >= total THEN 'done' \
               ELSE state END, at = $2 WHERE id = $3";
    db::execute(conn, sql, params![by, now, id]).await?;
    Ok(())
}

/// Says that work ended: well, or not.
pub async fn end(conn: &impl Conn, id: &str, is_well: bool, now: Instant) -> Result<()> {
    let sql = "UPDATE progress SET state = $1, at = $2 WHERE id = $3";
    db::execute(conn, sql, params![if is_well { "done" } else { "failed" }, now, id]).await?;
    Ok(())
}

/// How far work of a person is; none where the person started no such work.
pub async fn of(conn: &impl Conn, owner: PersonId, id: &str) -> Result<Option<Progress>> {
    let sql = "SELECT id, kind, done, total, state, link FROM progress WHERE id = $1 AND owner = $2";
    db::maybe(conn, sql, params![id, owner]).await
}

/// Where the one who started work follows it while it goes on: an address of server-sent events. None for others, and once
/// it has ended.
pub async fn followed(conn: &impl Conn, owner: PersonId, id: &str) -> Result<Option<String>> {
    let found = of(conn, owner, id).await?.filter(|p| p.state == "running");
    Ok(found.map(|p| format!("/progress/{}/events", p.id)))
}

/// A person's newest work.
pub async fn own(conn: &impl Conn, owner: PersonId) -> Result<Vec<Progress>> {
    let sql = "SELECT id, kind, done, total, state, link FROM progress WHERE owner = $1 ORDER BY at DESC, id LIMIT 20";
    db::all(conn, sql, params![owner]).await
}
