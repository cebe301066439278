//! The table of jobs and every statement on it.
use std::time::Duration;

use base::{Clock, Error, Instant, JobId, Random, Result, day};
use db::{Conn, Db, FromQueryResult, Param, params};
use serde::Serialize;

/// A job taken from the queue.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Job {
    /// Its id.
    pub id: String,
    /// What is to be done.
    pub kind: String,
    /// With what, as JSON.
    pub payload: String,
    /// How often it was tried, this time included.
    pub attempts: i64,
}

/// Puts a job into the queue, in the caller's transaction.
pub async fn enqueue(
    conn: &impl Conn,
    (clock, random): (&dyn Clock, &dyn Random),
    kind: &str,
    payload: &impl Serialize,
) -> Result<()> {
    insert(conn, (clock, random), (kind, None), payload, clock.now()).await
}

/// As [`enqueue`]; while a job of the same key waits, the second is not added.
pub async fn enqueue_once(
    conn: &impl Conn,
    (clock, random): (&dyn Clock, &dyn Random),
    kind: &str,
    payload: &impl Serialize,
    key: &str,
) -> Result<()> {
    insert(conn, (clock, random), (kind, Some(format!("{kind}:{key}"))), payload, clock.now()).await
}

/// As [`enqueue_once`], due at `at` and not before. Work of a time keeps its key until it is done: a node that starts while the
/// night's work runs adds no second one.
pub async fn enqueue_at(
    conn: &impl Conn,
    (clock, random): (&dyn Clock, &dyn Random),
    (kind, key): (&str, &str),
    payload: &impl Serialize,
    at: Instant,
) -> Result<()> {
    insert(conn, (clock, random), (kind, Some(format!("{OF_A_TIME}{kind}:{key}"))), payload, at).await
}

/// How keys begin that stay while the job runs.
const OF_A_TIME: &str = "at:";
/// What of a key is left once the job runs; a key of other work is freed, so that a change during the run is not lost.
const KEY_THEN: &str = "CASE WHEN dedup_key LIKE 'at:%' THEN dedup_key END";

async fn insert(
    conn: &impl Conn,
    (clock, random): (&dyn Clock, &dyn Random),
    (kind, key): (&str, Option<String>),
    payload: &impl Serialize,
    at: Instant,
) -> Result<()> {
    let body = serde_json::to_string(payload).map_err(Error::internal)?;
    let sql = "INSERT INTO jobs (id, kind, payload, dedup_key, run_at, attempts, leased_until) \
               VALUES ($1, $2, $3, $4, $5, 0, 0) ON CONFLICT (dedup_key) DO NOTHING";
    db::execute(conn, sql, params![JobId::new(clock, random), kind, body, key, at]).await?;
    Ok(())
}

/// Whether a job of that kind and payload has failed and waits for its next try, which then is now where `is_now`. Its key was
/// freed when it ran, so without asking every new cause would add another beside it.
pub async fn try_soon(
    conn: &impl Conn,
    (kind, payload): (&str, &impl Serialize),
    now: Instant,
    is_now: bool,
) -> Result<bool> {
    let body = serde_json::to_string(payload).map_err(Error::internal)?;
    // Few jobs lie in the future, so the index on `run_at` leads to it however long the queue is.
    let waits = "kind = $1 AND payload = $2 AND run_at > $3 AND attempts > 0 AND dead_at IS NULL";
    if is_now {
        let sql = format!("UPDATE jobs SET run_at = $3 WHERE {waits}");
        return Ok(db::execute(conn, &sql, params![kind, body, now]).await? > 0);
    }
    let sql = format!("SELECT COUNT(*) FROM jobs WHERE {waits}");
    Ok(db::count(conn, &sql, params![kind, body, now]).await? > 0)
}

/// Puts one job of a kind for each payload into the queue, due at `at`, in few statements.
pub async fn enqueue_many<P: Serialize>(
    conn: &impl Conn,
    (clock, random): (&dyn Clock, &dyn Random),
    kind: &str,
    payloads: &[P],
    at: Instant,
) -> Result<()> {
    let row = |payload: &P| -> Result<Vec<db::Value>> {
        let body = serde_json::to_string(payload).map_err(Error::internal)?;
        Ok(params![JobId::new(clock, random), kind, body, at, 0_i64, 0_i64])
    };
    let rows = payloads.iter().map(row).collect::<Result<_>>()?;
    let columns = ["id", "kind", "payload", "run_at", "attempts", "leased_until"];
    db::insert_rows(conn, "jobs", &columns, rows, "").await?;
    Ok(())
}

/// Which kinds of jobs a lane takes.
pub(crate) enum Kinds {
    Only(Vec<&'static str>),
    AllBut(Vec<&'static str>),
}

impl Kinds {
    /// Whether no job can be of these kinds.
    pub(crate) fn is_nothing(&self) -> bool {
        matches!(self, Self::Only(kinds) if kinds.is_empty())
    }

    /// The condition on the column, its values numbered from `$2`.
    fn condition(&self) -> (String, &[&'static str]) {
        match self {
            Self::AllBut(kinds) if kinds.is_empty() => (String::new(), kinds),
            Self::AllBut(kinds) => (format!("AND kind NOT IN ({})", db::in_list(2, kinds.len())), kinds),
            Self::Only(kinds) => (format!("AND kind IN ({})", db::in_list(2, kinds.len())), kinds),
        }
    }
}

/// Takes the next due job under a lease.
pub(crate) async fn take(db: &Db, (now, lease): (Instant, Duration), kinds: &Kinds) -> Result<Option<Job>> {
    let (condition, named) = kinds.condition();
    let mut values = params![now];
    values.extend(named.iter().map(|kind| (*kind).param()));
    let tx = db.begin().await?;
    let due = format!(
        "SELECT id, kind, payload, attempts + 1 AS attempts FROM jobs WHERE dead_at IS NULL AND run_at <= $1 \
         AND leased_until <= $1 {condition} ORDER BY run_at, id LIMIT 1{}",
        db::dialect::skip_locked(&tx)
    );
    let Some(job) = db::maybe::<Job>(&tx, &due, values).await? else { return Ok(None) };
    let sql = format!(
        "UPDATE jobs SET leased_until = $1, attempts = attempts + 1, dedup_key = {KEY_THEN} WHERE id = $2"
    );
    db::execute(&tx, &sql, params![until(now, lease), job.id]).await?;
    tx.commit().await?;
    Ok(Some(job))
}

/// The due jobs of some kinds in their order, up to `most`, each as it would be taken.
pub(crate) async fn due(db: &Db, now: Instant, kinds: &Kinds, most: i64) -> Result<Vec<Job>> {
    let (condition, named) = kinds.condition();
    let mut values = params![now];
    values.extend(named.iter().map(|kind| (*kind).param()));
    let sql = format!(
        "SELECT id, kind, payload, attempts + 1 AS attempts FROM jobs WHERE dead_at IS NULL AND run_at <= $1 \
         AND leased_until <= $1 {condition} ORDER BY run_at, id LIMIT {most}"
    );
    db::all(db, &sql, values).await
}

/// Takes that job under a lease; false where another runner was first.
pub(crate) async fn take_this(db: &Db, job: &Job, (now, lease): (Instant, Duration)) -> Result<bool> {
    let sql = format!(
        "UPDATE jobs SET leased_until = $1, attempts = attempts + 1, dedup_key = {KEY_THEN} \
         WHERE id = $2 AND attempts = $3 - 1 AND leased_until <= $4"
    );
    Ok(db::execute(db, &sql, params![until(now, lease), job.id, job.attempts, now]).await? == 1)
}

/// Lets jobs that nobody has taken wait for a while; no try is counted.
pub(crate) async fn postpone(db: &Db, jobs: &[Job], (now, delay): (Instant, Duration)) -> Result<()> {
    let sql = format!(
        "UPDATE jobs SET run_at = $1 WHERE leased_until <= $2 AND id IN ({})",
        db::in_list(3, jobs.len())
    );
    let mut values = params![until(now, delay), now];
    values.extend(jobs.iter().map(|job| job.id.as_str().param()));
    db::execute(db, &sql, values).await?;
    Ok(())
}

fn until(now: Instant, lease: Duration) -> i64 {
    day::millis(now).saturating_add(i64::try_from(lease.as_millis()).unwrap_or(i64::MAX))
}

/// Prolongs the lease of a job under way; false where another runner has taken it since. Each taking counts a try, so the
/// number of tries says whose it is.
pub(crate) async fn renew(db: &Db, job: &Job, (now, lease): (Instant, Duration)) -> Result<bool> {
    let sql = "UPDATE jobs SET leased_until = $1 WHERE id = $2 AND attempts = $3";
    Ok(db::execute(db, sql, params![until(now, lease), job.id, job.attempts]).await? == 1)
}

pub(crate) async fn done(db: &Db, job: &Job) -> Result<()> {
    db::execute(db, "DELETE FROM jobs WHERE id = $1 AND attempts = $2", params![job.id, job.attempts])
        .await?;
    Ok(())
}

/// Puts a failed job back with a delay that doubles, or buries it after the last try; not one that another has taken since.
pub(crate) async fn failed(db: &Db, job: &Job, now: Instant, cause: &str) -> Result<()> {
    const LAST_TRY: i64 = 500;
    let delay = 1000 * (1_i64 << job.attempts.clamp(0, 12));
    let dead = (job.attempts >= LAST_TRY).then_some(now);
    let sql = "UPDATE jobs SET leased_until = 0, run_at = $1, last_error = $2, dead_at = $3 \
               WHERE id = $4 AND attempts = $5";
    let cause: String = cause.chars().take(500).collect();
    db::execute(db, sql, params![day::millis(now) + delay, cause, dead, job.id, job.attempts]).await?;
    Ok(())
}

/// How many jobs wait (not dead), for metrics and tests.
pub async fn depth(conn: &impl Conn) -> Result<i64> {
    db::count(conn, "SELECT COUNT(*) FROM jobs WHERE dead_at IS NULL", vec![]).await
}

/// How many jobs of a kind there are.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Count {
    /// The kind.
    pub kind: String,
    /// Not tried yet.
    pub waiting: i64,
    /// Tried without success; they are tried again by themselves.
    pub failing: i64,
    /// Given up.
    pub dead: i64,
    /// When the oldest one that is due was due, in milliseconds; none when all wait for their time.
    pub oldest_due: Option<i64>,
}

/// The queue by kind.
pub async fn counts(conn: &impl Conn, now: Instant) -> Result<Vec<Count>> {
    let sql = "SELECT kind, CAST(SUM(CASE WHEN dead_at IS NULL AND last_error IS NULL THEN 1 ELSE 0 END) AS BIGINT) AS waiting, \
               CAST(SUM(CASE WHEN dead_at IS NULL AND last_error IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS failing, \
               CAST(SUM(CASE WHEN dead_at IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS dead, \
               MIN(CASE WHEN dead_at IS NULL AND run_at <= $1 THEN run_at END) AS oldest_due \
               FROM jobs GROUP BY kind ORDER BY kind LIMIT 500";
    db::all(conn, sql, params![now]).await
}

/// A job that failed at least once. Its payload stays out of sight: it may name people.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Failure {
    /// The job's id.
    pub id: String,
    /// Its kind.
    pub kind: String,
    /// How often it was tried.
    pub attempts: i64,
    /// When it is tried next, in milliseconds.
    pub run_at: i64,
    /// What went wrong last.
    pub last_error: String,
    /// When it was given up, in milliseconds.
    pub dead_at: Option<i64>,
}

/// Failed jobs of some kinds with what they are about, the newest failure first; for those who may see the payload.
pub async fn failures_of(conn: &impl Conn, kinds: &[&str], limit: i64) -> Result<Vec<(Failure, String)>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: String,
        kind: String,
        attempts: i64,
        run_at: i64,
        last_error: String,
        dead_at: Option<i64>,
        payload: String,
    }
    if kinds.is_empty() {
        return Ok(vec![]);
    }
    let sql = format!(
        "SELECT id, kind, attempts, run_at, last_error, dead_at, payload FROM jobs \
         WHERE last_error IS NOT NULL AND kind IN ({}) ORDER BY run_at DESC, id LIMIT $1",
        db::in_list(2, kinds.len())
    );
    let mut values = params![limit];
    values.extend(kinds.iter().map(|kind| (*kind).param()));
    let split = |r: Row| {
        let (id, kind, attempts, run_at) = (r.id, r.kind, r.attempts, r.run_at);
        (Failure { id, kind, attempts, run_at, last_error: r.last_error, dead_at: r.dead_at }, r.payload)
    };
    Ok(db::all::<Row>(conn, &sql, values).await?.into_iter().map(split).collect())
}

/// Up to `limit` jobs that failed, after an id, in order of their making.
pub async fn failures(conn: &impl Conn, after: &str, limit: i64) -> Result<Vec<Failure>> {
    let sql = "SELECT id, kind, attempts, run_at, last_error, dead_at FROM jobs \
               WHERE last_error IS NOT NULL AND id > $1 ORDER BY id LIMIT $2";
    db::all(conn, sql, params![after, limit]).await
}

/// Lets a failed job run at once, with all its tries before it again; its kind, or none where no failed job has the id.
/// One that runs just now is left alone.
pub async fn run_again(conn: &impl Conn, id: &str, now: Instant) -> Result<Option<String>> {
    #[derive(FromQueryResult)]
    struct Kind {
        kind: String,
    }
    let sql = "UPDATE jobs SET run_at = $1, attempts = 0, dead_at = NULL \
               WHERE id = $2 AND last_error IS NOT NULL AND leased_until <= $1";
    if db::execute(conn, sql, params![now, id]).await? == 0 {
        return Ok(None);
    }
    let found: Option<Kind> = db::maybe(conn, "SELECT kind FROM jobs WHERE id = $1", params![id]).await?;
    Ok(found.map(|k| k.kind))
}
