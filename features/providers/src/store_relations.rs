//! Statements on what a provider and the management platform are to each other: standing, operators, keys, quotas, line.
use base::{Instant, PersonId, Result, person::Code};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;

use crate::{
    provider::{Provider, ProviderId},
    quota::Quota,
    rules::Rules,
    standing::Standing,
    store::{PROVIDER, Row},
};

/// The provider of that name, held until the transaction ends.
pub(crate) async fn locked(tx: &Tx, name: &str) -> Result<Provider> {
    let sql = format!("{PROVIDER} WHERE p.name = $1{}", db::dialect::for_update(tx));
    db::one::<Row>(tx, &sql, params![name]).await?.try_into()
}

pub(crate) async fn of_operator(conn: &impl Conn, person: PersonId) -> Result<Option<Provider>> {
    let sql = format!(
        "{PROVIDER} JOIN provider_operators o ON o.provider_id = p.id WHERE o.person_id = $1 ORDER BY o.since LIMIT 1"
    );
    db::maybe::<Row>(conn, &sql, params![person]).await?.map(Provider::try_from).transpose()
}

pub(crate) async fn operators(conn: &impl Conn, provider: ProviderId) -> Result<Vec<PersonId>> {
    #[derive(FromQueryResult)]
    struct Found {
        person_id: String,
    }
    let sql = "SELECT person_id FROM provider_operators WHERE provider_id = $1 ORDER BY since LIMIT 50";
    let found: Vec<Found> = db::all(conn, sql, params![provider]).await?;
    found.into_iter().map(|f| f.person_id.parse()).collect()
}

/// The person of an account with the role `provider`.
pub(crate) async fn holder_of_role(conn: &impl Conn, account: &str) -> Result<Option<PersonId>> {
    #[derive(FromQueryResult)]
    struct Found {
        person_id: String,
    }
    let sql = "SELECT a.person_id FROM accounts a WHERE a.name = $1 AND EXISTS (SELECT 1 FROM role_grants g \
               WHERE g.person_id = a.person_id AND g.role = 'provider' AND g.ended_at IS NULL)";
    let found: Option<Found> = db::maybe(conn, sql, params![account]).await?;
    found.map(|f| f.person_id.parse()).transpose()
}

/// Whose account has that name.
pub(crate) async fn person_of_account(conn: &impl Conn, account: &str) -> Result<Option<PersonId>> {
    #[derive(FromQueryResult)]
    struct Found {
        person_id: String,
    }
    let sql = "SELECT person_id FROM accounts WHERE name = $1";
    let found: Option<Found> = db::maybe(conn, sql, params![account]).await?;
    found.map(|f| f.person_id.parse()).transpose()
}

/// The names and accounts of those who look after a provider.
pub(crate) async fn operator_names(conn: &impl Conn, provider: ProviderId) -> Result<Vec<(String, String)>> {
    #[derive(FromQueryResult)]
    struct Found {
        name: String,
        account: String,
    }
    let sql = "SELECT p.name, a.name AS account FROM provider_operators o JOIN people p ON p.id = o.person_id \
               JOIN accounts a ON a.person_id = o.person_id WHERE o.provider_id = $1 ORDER BY o.since LIMIT 50";
    let found: Vec<Found> = db::all(conn, sql, params![provider]).await?;
    Ok(found.into_iter().map(|f| (f.name, f.account)).collect())
}

pub(crate) async fn insert_operator(
    conn: &impl Conn,
    provider: ProviderId,
    person: PersonId,
    now: Instant,
) -> Result<()> {
    let sql = "INSERT INTO provider_operators (provider_id, person_id, since) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    db::execute(conn, sql, params![provider, person, now]).await?;
    Ok(())
}

/// Who the organisation is: credit code and contact.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Facts {
    pub credit_code: String,
    pub contact: String,
    pub redirect_uris: String,
    pub standing_at: i64,
}

pub(crate) async fn facts(conn: &impl Conn, provider: ProviderId) -> Result<Facts> {
    let sql = "SELECT credit_code, contact, redirect_uris, standing_at FROM providers WHERE id = $1";
    db::one(conn, sql, params![provider]).await
}

pub(crate) async fn set_facts(
    tx: &Tx,
    provider: ProviderId,
    (credit_code, contact): (&str, &str),
) -> Result<()> {
    let sql = "UPDATE providers SET credit_code = $1, contact = $2 WHERE id = $3";
    db::execute(tx, sql, params![credit_code, contact, provider]).await?;
    Ok(())
}

/// An application handed in anew.
pub(crate) async fn apply_anew(
    tx: &Tx,
    p: &Provider,
    redirect_uri: &str,
    facts: (&str, &str),
    now: Instant,
) -> Result<()> {
    let sql =
        "UPDATE providers SET title = $1, site_url = $2, redirect_uris = $3, telephone = $4 WHERE id = $5";
    db::execute(tx, sql, params![p.title, p.site_url, redirect_uri, p.telephone, p.id]).await?;
    set_facts(tx, p.id, facts).await?;
    move_standing(tx, p.id, (Standing::Applied, ""), now).await
}

pub(crate) async fn move_standing(
    tx: &Tx,
    provider: ProviderId,
    (to, reason): (Standing, &str),
    now: Instant,
) -> Result<()> {
    let sql = "UPDATE providers SET standing = $1, standing_reason = $2, standing_at = $3 WHERE id = $4";
    db::execute(tx, sql, params![to.code(), reason, now, provider]).await?;
    Ok(())
}

/// A signing key, without its secret in clear.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct KeyRow {
    pub key_id: String,
    pub secret_sealed: String,
    pub created_at: i64,
    pub ended_at: Option<i64>,
}

/// The keys of a provider, the newest first.
pub(crate) async fn keys(conn: &impl Conn, provider: ProviderId) -> Result<Vec<KeyRow>> {
    let sql = "SELECT key_id, secret_sealed, created_at, ended_at FROM provider_keys WHERE provider_id = $1 \
               ORDER BY created_at DESC, key_id DESC LIMIT 50";
    db::all(conn, sql, params![provider]).await
}

pub(crate) async fn end_key(tx: &Tx, key_id: &str, now: Instant) -> Result<()> {
    let sql = "UPDATE provider_keys SET ended_at = $1 WHERE key_id = $2 AND ended_at IS NULL";
    db::execute(tx, sql, params![now, key_id]).await?;
    Ok(())
}

pub(crate) async fn set_quota(tx: &Tx, provider: ProviderId, q: Quota) -> Result<()> {
    let sql = "UPDATE providers SET requests_a_minute = $1, completions_a_day = $2 WHERE id = $3";
    db::execute(tx, sql, params![q.requests_a_minute, q.completions_a_day, provider]).await?;
    Ok(())
}

/// Adds to what was used in a span; answers how much it is now. Spans of two days ago are forgotten.
pub(crate) async fn use_quota(
    conn: &impl Conn,
    provider: ProviderId,
    (span, count): (&str, i64),
    now: i64,
) -> Result<i64> {
    #[derive(FromQueryResult)]
    struct Used {
        used: i64,
    }
    const KEPT_MS: i64 = 2 * 24 * 3_600_000;
    db::execute(conn, "DELETE FROM provider_usage WHERE at < $1", params![now - KEPT_MS]).await?;
    let sql = "INSERT INTO provider_usage (provider_id, span, used, at) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (provider_id, span) DO UPDATE SET used = provider_usage.used + excluded.used RETURNING used";
    Ok(db::one::<Used>(conn, sql, params![provider, span, count, now]).await?.used)
}

/// How calls to a provider went.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Line {
    pub failures: i64,
    pub rests_until: i64,
    pub last_error: String,
    pub failed_at: Option<i64>,
    /// When the first of the failures in a row was.
    pub failing_since: Option<i64>,
    pub answered_at: Option<i64>,
}

pub(crate) async fn line(conn: &impl Conn, provider: &str) -> Result<Option<Line>> {
    let sql = "SELECT failures, rests_until, last_error, failed_at, failing_since, answered_at FROM provider_lines \
               WHERE provider_id = $1";
    db::maybe(conn, sql, params![provider]).await
}

pub(crate) async fn line_answers(conn: &impl Conn, provider: &str, now: i64) -> Result<()> {
    let sql = "INSERT INTO provider_lines (provider_id, failures, rests_until, last_error, answered_at) \
               VALUES ($1, 0, 0, '', $2) ON CONFLICT (provider_id) DO UPDATE SET failures = 0, rests_until = 0, \
               last_error = '', answered_at = excluded.answered_at";
    db::execute(conn, sql, params![provider, now]).await?;
    Ok(())
}

pub(crate) async fn line_fails(
    conn: &impl Conn,
    provider: &str,
    (error, rest_ms): (&str, i64),
    now: i64,
) -> Result<()> {
    let sql = "INSERT INTO provider_lines (provider_id, failures, rests_until, last_error, failed_at, failing_since) \
               VALUES ($1, 1, $2, $3, $4, $4) ON CONFLICT (provider_id) DO UPDATE SET failures = provider_lines.failures + 1, \
               rests_until = excluded.rests_until, last_error = excluded.last_error, failed_at = excluded.failed_at, \
               failing_since = CASE WHEN provider_lines.failures = 0 THEN excluded.failed_at \
               ELSE COALESCE(provider_lines.failing_since, excluded.failed_at) END";
    db::execute(conn, sql, params![provider, now + rest_ms, error, now]).await?;
    Ok(())
}

/// Every provider, whatever its standing, for those who oversee them.
pub(crate) async fn every(conn: &impl Conn, after: &str, limit: i64) -> Result<Vec<Provider>> {
    let sql = format!("{PROVIDER} WHERE p.name > $1 ORDER BY p.name LIMIT $2");
    let rows: Vec<Row> = db::all(conn, &sql, params![after, limit]).await?;
    rows.into_iter().map(Provider::try_from).collect()
}

/// How the line to each provider is that was ever called.
pub(crate) async fn lines(conn: &impl Conn) -> Result<Vec<(String, Line)>> {
    #[derive(FromQueryResult)]
    struct Found {
        provider_id: String,
        failures: i64,
        rests_until: i64,
        last_error: String,
        failed_at: Option<i64>,
        failing_since: Option<i64>,
        answered_at: Option<i64>,
    }
    let sql = "SELECT provider_id, failures, rests_until, last_error, failed_at, failing_since, answered_at FROM provider_lines \
               ORDER BY failures DESC, provider_id LIMIT 200";
    let split = |f: Found| {
        let Found { provider_id, failures, rests_until, last_error, failed_at, failing_since, answered_at } =
            f;
        (provider_id, Line { failures, rests_until, last_error, failed_at, failing_since, answered_at })
    };
    Ok(db::all::<Found>(conn, sql, vec![]).await?.into_iter().map(split).collect())
}

/// The line to a provider of that name need not rest any longer.
pub(crate) async fn wake_line(conn: &impl Conn, name: &str) -> Result<()> {
    let sql = "UPDATE provider_lines SET rests_until = 0 WHERE provider_id = (SELECT id FROM providers WHERE name = $1)";
    db::execute(conn, sql, params![name]).await?;
    Ok(())
}

/// The rules of suspension; none while the delivered ones hold.
pub(crate) async fn rules(conn: &impl Conn) -> Result<Option<Rules>> {
    let sql = "SELECT reject_days, reject_least, reject_percent, unreached_days, dispute_days, dispute_least \
               FROM provider_rules WHERE id = 1";
    db::maybe(conn, sql, vec![]).await
}

pub(crate) async fn save_rules(tx: &Tx, r: &Rules, (by, now): (PersonId, Instant)) -> Result<()> {
    let sql = "INSERT INTO provider_rules (id, reject_days, reject_least, reject_percent, unreached_days, dispute_days, \
               dispute_least, changed_by, changed_at) VALUES (1, $1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO UPDATE SET \
               reject_days = $1, reject_least = $2, reject_percent = $3, unreached_days = $4, dispute_days = $5, \
               dispute_least = $6, changed_by = $7, changed_at = $8";
    let values = params![
        r.reject_days,
        r.reject_least,
        r.reject_percent,
        r.unreached_days,
        r.dispute_days,
        r.dispute_least,
        by,
        now
    ];
    db::execute(tx, sql, values).await?;
    Ok(())
}
