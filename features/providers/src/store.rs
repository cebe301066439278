//! Statements on providers, their keys, tickets, courses and completions.
pub(crate) mod cut;
pub(crate) mod kept;
pub(crate) mod lists;
pub(crate) mod topics;
pub(crate) mod waiting;

use base::{Instant, PersonId, Result, SessionId, person::Code};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;

use crate::{
    provider::{Provider, ProviderId},
    quota::Quota,
    standing::Standing,
};

/// A provider as it lies in its table.
#[derive(FromQueryResult)]
pub(crate) struct Row {
    id: String,
    name: String,
    title: String,
    former_title: String,
    site_url: String,
    notice_url: String,
    telephone: String,
    standing: String,
    standing_reason: String,
    requests_a_minute: Option<i64>,
    completions_a_day: Option<i64>,
    record_requests_a_minute: Option<i64>,
}

impl TryFrom<Row> for Provider {
    type Error = base::Error;
    fn try_from(r: Row) -> Result<Self> {
        Ok(Self {
            id: r.id.parse()?,
            name: r.name,
            title: r.title,
            former_title: r.former_title,
            site_url: r.site_url,
            notice_url: r.notice_url,
            telephone: r.telephone,
            standing: Standing::from_code(&r.standing)
                .ok_or_else(|| base::Error::internal("unknown standing of a provider"))?,
            standing_reason: r.standing_reason,
            quota: Quota {
                requests_a_minute: r.requests_a_minute,
                completions_a_day: r.completions_a_day,
                record_requests_a_minute: r.record_requests_a_minute,
            },
        })
    }
}

/// The start of every query for providers.
pub(crate) const PROVIDER: &str = "SELECT p.id, p.name, p.title, p.former_title, p.site_url, p.notice_url, p.telephone, \
    p.standing, p.standing_reason, p.requests_a_minute, p.completions_a_day, (SELECT t.requests_a_minute \
    FROM record_tenants t WHERE t.provider_id = p.id) AS record_requests_a_minute FROM providers p";

pub(crate) async fn all(conn: &impl Conn) -> Result<Vec<Provider>> {
    let rows: Vec<Row> =
        db::all(conn, &format!("{PROVIDER} ORDER BY p.created_at, p.name LIMIT 200"), vec![]).await?;
    rows.into_iter().map(Provider::try_from).collect()
}

pub(crate) async fn by_name(conn: &impl Conn, name: &str) -> Result<Provider> {
    db::one::<Row>(conn, &format!("{PROVIDER} WHERE p.name = $1"), params![name]).await?.try_into()
}

pub(crate) async fn by_id(conn: &impl Conn, id: ProviderId) -> Result<Provider> {
    db::one::<Row>(conn, &format!("{PROVIDER} WHERE p.id = $1"), params![id]).await?.try_into()
}

pub(crate) async fn is_live(conn: &impl Conn, id: ProviderId) -> Result<bool> {
    let sql = "SELECT COUNT(*) FROM providers WHERE id = $1 AND standing = 'live'";
    Ok(db::count(conn, sql, params![id]).await? == 1)
}

pub(crate) async fn insert(tx: &Tx, p: &Provider, redirect_uris: &str, now: Instant) -> Result<()> {
    let sql = "INSERT INTO providers (id, name, title, former_title, site_url, redirect_uris, notice_url, telephone, \
               created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (name) DO NOTHING";
    let values = params![
        p.id,
        p.name,
        p.title,
        p.former_title,
        p.site_url,
        redirect_uris,
        p.notice_url,
        p.telephone,
        now,
    ];
    if db::execute(tx, sql, values).await? == 0 {
        return Err(base::Error::conflict("provider_exists"));
    }
    Ok(())
}

pub(crate) async fn move_site(conn: &impl Conn, name: &str, site_url: &str) -> Result<()> {
    db::execute(conn, "UPDATE providers SET site_url = $1 WHERE name = $2", params![site_url, name]).await?;
    Ok(())
}

pub(crate) async fn insert_key(
    tx: &Tx,
    key_id: &str,
    provider: ProviderId,
    sealed: &str,
    now: Instant,
) -> Result<()> {
    let sql =
        "INSERT INTO provider_keys (key_id, provider_id, secret_sealed, created_at) VALUES ($1, $2, $3, $4)";
    db::execute(tx, sql, params![key_id, provider, sealed, now]).await?;
    Ok(())
}

/// A living key with its provider.
pub(crate) async fn by_key(conn: &impl Conn, key_id: &str) -> Result<Option<(Provider, String)>> {
    #[derive(FromQueryResult)]
    struct Key {
        provider_id: String,
        secret_sealed: String,
    }
    let sql = "SELECT provider_id, secret_sealed FROM provider_keys WHERE key_id = $1 AND ended_at IS NULL";
    let Some(key) = db::maybe::<Key>(conn, sql, params![key_id]).await? else { return Ok(None) };
    let row: Row = db::one(conn, &format!("{PROVIDER} WHERE p.id = $1"), params![key.provider_id]).await?;
    Ok(Some((row.try_into()?, key.secret_sealed)))
}

/// Keeps a nonce; false when it was used before. Nonces older than the window of signatures are forgotten.
pub(crate) async fn use_nonce(conn: &impl Conn, key_id: &str, nonce: &str, now: Instant) -> Result<bool> {
    const KEPT_MS: i64 = 20 * 60_000;
    let old = base::day::millis(now) - KEPT_MS;
    db::execute(conn, "DELETE FROM provider_nonces WHERE at < $1", params![old]).await?;
    let sql = "INSERT INTO provider_nonces (key_id, nonce, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    Ok(db::execute(conn, sql, params![key_id, nonce, now]).await? == 1)
}

pub(crate) async fn insert_ticket(
    conn: &impl Conn,
    hash: &str,
    provider: ProviderId,
    (person, session): (PersonId, SessionId),
    expires_at: i64,
) -> Result<()> {
    let sql = "INSERT INTO launch_tickets (ticket_hash, provider_id, person_id, session_id, expires_at) \
               VALUES ($1, $2, $3, $4, $5)";
    db::execute(conn, sql, params![hash, provider, person, session, expires_at]).await?;
    Ok(())
}

/// Spends a living ticket of the provider; whose it is and in which session it was given, or nothing.
pub(crate) async fn spend_ticket(
    conn: &impl Conn,
    hash: &str,
    provider: &str,
    now: Instant,
) -> Result<Option<(PersonId, SessionId)>> {
    #[derive(FromQueryResult)]
    struct Spent {
        person_id: String,
        session_id: String,
    }
    let sql = "UPDATE launch_tickets SET used_at = $1 WHERE ticket_hash = $2 AND provider_id = $3 AND used_at IS NULL \
               AND expires_at > $1 AND session_id IS NOT NULL RETURNING person_id, session_id";
    let spent: Option<Spent> = db::maybe(conn, sql, params![now, hash, provider]).await?;
    spent.map(|s| Ok((s.person_id.parse()?, s.session_id.parse()?))).transpose()
}

/// The id under which a provider knows a person; made at the first launch.
pub(crate) async fn ensure_subject(
    conn: &impl Conn,
    provider: &str,
    person: PersonId,
    fresh: &str,
) -> Result<String> {
    #[derive(FromQueryResult)]
    struct Found {
        subject_id: String,
    }
    let sql = "INSERT INTO provider_subjects (provider_id, subject_id, person_id) VALUES ($1, $2, $3) \
               ON CONFLICT (provider_id, person_id) DO NOTHING";
    db::execute(conn, sql, params![provider, fresh, person]).await?;
    let sql = "SELECT subject_id FROM provider_subjects WHERE provider_id = $1 AND person_id = $2";
    Ok(db::one::<Found>(conn, sql, params![provider, person]).await?.subject_id)
}

pub(crate) async fn person_of(
    conn: &impl Conn,
    provider: ProviderId,
    subject: &str,
) -> Result<Option<PersonId>> {
    #[derive(FromQueryResult)]
    struct Found {
        person_id: String,
    }
    // A record that went into another of the same human leads there: what was learned under it still arrives.
    let sql = "SELECT COALESCE(p.merged_into, p.id) AS person_id FROM provider_subjects s JOIN people p ON p.id = s.person_id \
               WHERE s.provider_id = $1 AND s.subject_id = $2";
    let found: Option<Found> = db::maybe(conn, sql, params![provider, subject]).await?;
    found.map(|f| f.person_id.parse()).transpose()
}

/// A course of the merged catalogue.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct CourseRow {
    pub id: String,
    pub provider: String,
    pub provider_title: String,
    pub course: String,
    pub title: String,
    pub subject: String,
    pub topic: String,
    pub teacher: String,
    /// The code of the course that it is the same as; empty is itself.
    pub canonical: String,
    pub seconds: i64,
    pub price: i64,
    pub free: bool,
}

/// The start of every query for courses.
pub(crate) const COURSE: &str = "SELECT c.id, p.name AS provider, p.title AS provider_title, c.course, c.title, c.subject, c.topic, \
    c.teacher, c.canonical, c.seconds, c.price, c.free FROM provider_courses c JOIN providers p ON p.id = c.provider_id";

pub(crate) async fn courses(conn: &impl Conn, after: &str, limit: i64) -> Result<Vec<CourseRow>> {
    let sql = format!("{COURSE} WHERE c.listed AND p.standing = 'live' AND c.id > $1 ORDER BY c.id LIMIT $2");
    db::all(conn, &sql, params![after, limit]).await
}

/// Listed courses in whose title, topic, teacher or provider at least so many of the words stand.
pub(crate) async fn courses_with(
    conn: &impl Conn,
    (words, at_least): (&[String], usize),
    limit: i64,
) -> Result<Vec<CourseRow>> {
    let mut values = params![limit];
    let mut conditions = vec![];
    for word in words {
        values.push(db::Param::param(&db::containing(word)));
        let n = values.len();
        let columns =
            ["c.title", "c.topic", "c.teacher", "p.title"].map(|c| format!("{c} LIKE ${n} ESCAPE '!'"));
        conditions.push(format!("({})", columns.join(" OR ")));
    }
    let holds = db::at_least(&conditions, at_least);
    let sql = format!(
        "{COURSE} WHERE c.listed AND p.standing = 'live' AND {holds} ORDER BY c.title, c.id LIMIT $1"
    );
    db::all(conn, &sql, values).await
}

pub(crate) async fn course(conn: &impl Conn, id: &str) -> Result<CourseRow> {
    db::one(conn, &format!("{COURSE} WHERE c.id = $1"), params![id]).await
}

pub(crate) async fn provider_course(
    conn: &impl Conn,
    provider: ProviderId,
    course: &str,
) -> Result<Option<CourseRow>> {
    let sql = format!("{COURSE} WHERE c.provider_id = $1 AND c.course = $2");
    db::maybe(conn, &sql, params![provider, course]).await
}

/// Writes courses of a provider.
pub(crate) async fn write_courses(tx: &Tx, rows: Vec<Vec<db::Value>>) -> Result<()> {
    let columns = [
        "id",
        "provider_id",
        "course",
        "title",
        "subject",
        "topic",
        "teacher",
        "seconds",
        "price",
        "free",
        "listed",
        "synced_at",
    ];
    let suffix = "ON CONFLICT (provider_id, course) DO UPDATE SET title = excluded.title, topic = excluded.topic, \
                  teacher = excluded.teacher, price = excluded.price, free = excluded.free, listed = excluded.listed, synced_at = excluded.synced_at";
    db::insert_rows(tx, "provider_courses", &columns, rows, suffix).await?;
    Ok(())
}

/// A completion as it was answered.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Answered {
    pub body_hash: String,
    pub status: String,
    pub reason: Option<String>,
    pub entry_id: Option<String>,
}

pub(crate) async fn answered(conn: &impl Conn, provider: ProviderId, id: &str) -> Result<Option<Answered>> {
    let sql = "SELECT body_hash, status, reason, entry_id FROM completions WHERE provider_id = $1 AND completion_id = $2";
    db::maybe(conn, sql, params![provider, id]).await
}

/// A completion to be kept.
pub(crate) struct Received<'a> {
    pub provider: ProviderId,
    pub id: &'a str,
    pub body_hash: &'a str,
    pub body: &'a str,
    pub course: &'a str,
    pub status: &'static str,
    pub reason: Option<&'static str>,
    pub person: Option<PersonId>,
    pub entry: Option<String>,
    /// Milliseconds; none where the time could not be read.
    pub completed_at: Option<i64>,
    pub minutes: i64,
    /// In fen.
    pub fee: i64,
    /// Hundredths of hours that were credited.
    pub hours: i64,
}

/// Keeps a completion; false when another request kept it first.
pub(crate) async fn keep(tx: &Tx, r: &Received<'_>, now: Instant) -> Result<bool> {
    let sql = "INSERT INTO completions (provider_id, completion_id, body_hash, status, reason, person_id, course, entry_id, \
               body, received_at, completed_at, minutes, fee, hours) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT DO NOTHING";
    let values = params![
        r.provider,
        r.id,
        r.body_hash,
        r.status,
        r.reason,
        r.person,
        r.course,
        r.entry.clone(),
        r.body,
        now,
        r.completed_at,
        r.minutes,
        r.fee,
        r.hours,
    ];
    Ok(db::execute(tx, sql, values).await? == 1)
}
