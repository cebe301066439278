//! The one gate before every check of a password or a code. An attempt is counted as wrong before it is verified and
//! taken back when it was right, so that parallel guesses on any number of nodes never pass the limits (security §5).
//! The arithmetic is `rules::lockout`; this file holds the rows.
use base::{Error, Kind, Result, person::Code};
use db::{Tx, params};
use rules::lockout::{self, Failure, Gate, Guard, Rule, Wrong};
use sea_orm::FromQueryResult;
use site::Site;

const MONTH: i64 = 30 * 24 * 3_600_000_000;

/// Until when an account is locked, in microseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Locked(pub i64);

/// A counted attempt, waiting for its verdict.
pub(crate) struct Attempt {
    pub(crate) key: String,
    number: i64,
    kind: lockout::Kind,
    before: Guard,
    /// Set when this attempt, if wrong, locks.
    pub locked_until: Option<Locked>,
    /// By which rule it locks.
    pub rule: Option<Rule>,
}

#[derive(FromQueryResult)]
struct GuardRow {
    last_number: i64,
    accepted: i64,
    cleared: i64,
    locked_until: Option<i64>,
}

/// The key of the counter of a name that is no account's. A MAC, whose key is not rotated with the indexes': no counter
/// begins anew half-way.
pub(crate) fn unknown_key(site: &Site, typed: &str) -> String {
    site.keys.mac("unknown-account", &[typed.trim().to_lowercase().as_bytes()])
}

/// Counts an attempt as wrong, or refuses it while locked: then nothing is verified, counted or extended.
pub(crate) async fn count(site: &Site, key: &str, kind: lockout::Kind) -> Result<Attempt> {
    let tx = site.db.begin().await?;
    let mut guard = hold(&tx, key).await?;
    let now = site.now().as_microsecond();
    if let Gate::Locked { until } = guard.gate(now) {
        return Err(refusal(site, Locked(until)));
    }
    let before = guard;
    let rows = living(&tx, key, now).await?;
    let (failure, wrong) = guard.fail(&rows, kind, now);
    write(&tx, key, &guard).await?;
    let sql = "INSERT INTO failures (guard_key, number, kind, at) VALUES ($1, $2, $3, $4)";
    db::execute(&tx, sql, params![key, failure.number, kind.code(), now]).await?;
    tx.commit().await?;
    let (locked_until, rule) = match wrong {
        Wrong::Locked { until, rule } => (Some(Locked(until)), Some(rule)),
        Wrong::Counted => (None, None),
    };
    Ok(Attempt { key: key.to_owned(), number: failure.number, kind, before, locked_until, rule })
}

/// Takes a right attempt back, with the lock that it alone had set, in the transaction of what it allows. A right
/// password ends the run that R5 counts; a right code changes nothing else.
pub(crate) async fn accept(tx: &Tx, attempt: &Attempt) -> Result<()> {
    take_back(tx, attempt, attempt.kind == lockout::Kind::Password).await
}

/// Takes a right password back that alone is not enough: the run of wrong ones goes on.
pub(crate) async fn set_aside(tx: &Tx, attempt: &Attempt) -> Result<()> {
    take_back(tx, attempt, false).await
}

async fn take_back(tx: &Tx, attempt: &Attempt, ends_run: bool) -> Result<()> {
    let mut guard = hold(tx, &attempt.key).await?;
    let sql = "DELETE FROM failures WHERE guard_key = $1 AND number = $2";
    db::execute(tx, sql, params![attempt.key, attempt.number]).await?;
    if attempt.locked_until.is_some() && guard.cleared == attempt.number {
        guard.cleared = attempt.before.cleared;
        guard.locked_until = attempt.before.locked_until;
    }
    if ends_run {
        guard.accepted = guard.accepted.max(attempt.number);
    }
    write(tx, &attempt.key, &guard).await
}

/// Ends the lock and clears both counts: a successful reset.
pub(crate) async fn clear(tx: &Tx, key: &str) -> Result<()> {
    let mut guard = hold(tx, key).await?;
    guard.reset();
    guard.accept_password();
    write(tx, key, &guard).await
}

/// Ends the long run of failures after the person proved to be the owner of the phone; a lock and the counts of R8 stay.
pub(crate) async fn clear_long_run(tx: &Tx, key: &str) -> Result<()> {
    let mut guard = hold(tx, key).await?;
    guard.accept_password();
    write(tx, key, &guard).await
}

/// Refuses while locked, without counting: for what is not compared at all.
pub(crate) async fn refuse_locked(site: &Site, key: &str) -> Result<()> {
    let sql = "SELECT last_number, accepted, cleared, locked_until FROM guards WHERE guard_key = $1";
    let Some(row) = db::maybe::<GuardRow>(&site.db, sql, params![key]).await? else { return Ok(()) };
    match Guard::from(row).gate(site.now().as_microsecond()) {
        Gate::Locked { until } => Err(refusal(site, Locked(until))),
        Gate::Open => Ok(()),
    }
}

/// How many wrong passwords there were since the last right one within 30 days (security 3.2.11), and how many wrong
/// entries live now.
pub(crate) async fn tally(site: &Site, key: &str) -> Result<Tally> {
    let now = site.now().as_microsecond();
    let sql = "SELECT CAST(COALESCE(SUM(CASE WHEN f.kind = 'password' AND f.number > g.accepted THEN 1 ELSE 0 END), 0) \
               AS BIGINT) AS passwords, \
               CAST(COALESCE(SUM(CASE WHEN f.number > g.cleared AND f.at > $2 THEN 1 ELSE 0 END), 0) AS BIGINT) \
               AS living FROM guards g JOIN failures f ON f.guard_key = g.guard_key \
               WHERE g.guard_key = $1 AND f.at > $3";
    db::one(&site.db, sql, params![key, now - lockout::WINDOW, now - MONTH]).await
}

/// The last ten wrong entries of a counter, newest first.
pub(crate) async fn last_failures(site: &Site, key: &str) -> Result<Vec<(String, base::Instant)>> {
    #[derive(FromQueryResult)]
    struct Row {
        kind: String,
        at: i64,
    }
    let sql = "SELECT kind, at FROM failures WHERE guard_key = $1 ORDER BY number DESC LIMIT 10";
    let rows: Vec<Row> = db::all(&site.db, sql, params![key]).await?;
    let read = |r: Row| Some((r.kind, base::Instant::from_microsecond(r.at).ok()?));
    Ok(rows.into_iter().filter_map(read).collect())
}

/// Failures of a counter.
#[derive(FromQueryResult)]
pub(crate) struct Tally {
    /// Wrong passwords since the last right one, within 30 days.
    pub passwords: i64,
    /// Entries that count towards a lock now.
    pub living: i64,
}

/// Until when a counter is locked, if it is.
pub(crate) async fn locked_until(site: &Site, key: &str) -> Result<Option<base::Instant>> {
    let sql = "SELECT last_number, accepted, cleared, locked_until FROM guards WHERE guard_key = $1";
    let Some(row) = db::maybe::<GuardRow>(&site.db, sql, params![key]).await? else { return Ok(None) };
    Ok(match Guard::from(row).gate(site.now().as_microsecond()) {
        Gate::Locked { until } => base::Instant::from_microsecond(until).ok(),
        Gate::Open => None,
    })
}

/// Refuses as locked if this wrong attempt locked.
pub(crate) fn locked(site: &Site, attempt: &Attempt) -> Result<()> {
    attempt.locked_until.map_or(Ok(()), |until| Err(refusal(site, until)))
}

fn refusal(site: &Site, Locked(until): Locked) -> Error {
    let left = u64::try_from(until - site.now().as_microsecond()).unwrap_or(0);
    Error::refused(Kind::Locked, "account_locked").retry_after(left.div_ceil(1_000_000).max(1))
}

/// The guard's row under a lock; made if it is not there.
async fn hold(tx: &Tx, key: &str) -> Result<Guard> {
    let sql = "INSERT INTO guards (guard_key, last_number, accepted, cleared) VALUES ($1, 0, 0, 0) \
               ON CONFLICT (guard_key) DO NOTHING";
    db::execute(tx, sql, params![key]).await?;
    let sql = format!(
        "SELECT last_number, accepted, cleared, locked_until FROM guards WHERE guard_key = $1{}",
        db::dialect::for_update(tx)
    );
    db::one::<GuardRow>(tx, &sql, params![key]).await.map(Guard::from)
}

async fn write(tx: &Tx, key: &str, guard: &Guard) -> Result<()> {
    let sql = "UPDATE guards SET last_number = $1, accepted = $2, cleared = $3, locked_until = $4 WHERE guard_key = $5";
    let values = params![guard.last, guard.accepted, guard.cleared, guard.locked_until, key];
    db::execute(tx, sql, values).await?;
    Ok(())
}

async fn living(tx: &Tx, key: &str, now: i64) -> Result<Vec<Failure>> {
    #[derive(FromQueryResult)]
    struct Row {
        number: i64,
        kind: String,
        at: i64,
    }
    let sql = "SELECT number, kind, at FROM failures WHERE guard_key = $1 AND at > $2 ORDER BY number DESC LIMIT 20";
    let rows: Vec<Row> = db::all(tx, sql, params![key, now - lockout::WINDOW]).await?;
    let read = |r: Row| {
        let kind = lockout::Kind::from_code(&r.kind).unwrap_or(lockout::Kind::Password);
        Failure { number: r.number, kind, at: r.at }
    };
    Ok(rows.into_iter().map(read).collect())
}

impl From<GuardRow> for Guard {
    fn from(row: GuardRow) -> Self {
        Self {
            last: row.last_number,
            accepted: row.accepted,
            cleared: row.cleared,
            locked_until: row.locked_until,
        }
    }
}
