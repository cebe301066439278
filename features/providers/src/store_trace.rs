//! Statements on courses on their way: what a provider said, what was received, what people asked about.
use base::{Instant, PersonId, Result};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;

use crate::provider::ProviderId;

/// A course as its provider tells of it.
#[derive(Clone, Debug)]
pub(crate) struct Learned {
    pub id: String,
    pub course: String,
    pub title: String,
    pub percent: i64,
    pub completed_at: Option<i64>,
    pub sent_at: Option<i64>,
    pub status: String,
    pub reason: String,
}

/// Writes what a provider told of a person in place of what it told before.
pub(crate) async fn replace(
    tx: &Tx,
    (provider, person): (ProviderId, PersonId),
    items: &[Learned],
    now: Instant,
) -> Result<()> {
    let sql = "DELETE FROM provider_learned WHERE provider_id = $1 AND person_id = $2";
    db::execute(tx, sql, params![provider, person]).await?;
    let columns = [
        "provider_id",
        "person_id",
        "completion_id",
        "course",
        "title",
        "percent",
        "completed_at",
        "sent_at",
        "status",
        "reason",
        "asked_at",
    ];
    let row = |l: &Learned| {
        params![
            provider,
            person,
            l.id,
            l.course,
            l.title,
            l.percent,
            l.completed_at,
            l.sent_at,
            l.status,
            l.reason,
            now
        ]
    };
    let rows = items.iter().map(row).collect();
    db::insert_rows(tx, "provider_learned", &columns, rows, "ON CONFLICT DO NOTHING").await?;
    Ok(())
}

/// What a provider told and what was received, put together.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Joined {
    /// The provider's id of it.
    pub completion: String,
    pub provider: String,
    pub provider_title: String,
    pub course: String,
    pub title: String,
    pub percent: i64,
    pub completed_at: Option<i64>,
    pub sent_at: Option<i64>,
    pub told_status: String,
    pub told_reason: String,
    pub asked_at: Option<i64>,
    pub received_at: Option<i64>,
    pub status: String,
    pub reason: Option<String>,
}

/// Every course of a person that a provider told of or reported, also where it was kept back, the latest first. What it told under the id of another
/// person's record is not taken for that record.
pub(crate) async fn of_person(conn: &impl Conn, person: PersonId) -> Result<Vec<Joined>> {
    let title = "COALESCE((SELECT c.title FROM provider_courses c WHERE c.provider_id = p.id AND c.course = x.course), x.title)";
    let told = "SELECT l.provider_id, l.completion_id, l.course, l.title, l.percent, \
        COALESCE(l.completed_at, d.completed_at) AS completed_at, l.sent_at, l.status AS told_status, l.reason AS told_reason, \
        l.asked_at, COALESCE(d.received_at, k.received_at) AS received_at, \
        COALESCE(d.status, CASE WHEN k.reason IS NULL THEN '' ELSE 'kept' END) AS status, \
        CASE WHEN d.status IS NULL THEN k.reason ELSE d.reason END AS reason FROM provider_learned l \
        LEFT JOIN completions d ON d.provider_id = l.provider_id AND d.completion_id = l.completion_id \
        AND (d.person_id IS NULL OR d.person_id = l.person_id) \
        LEFT JOIN provider_kept k ON k.provider_id = l.provider_id AND k.completion_id = l.completion_id \
        AND (k.person_id = l.person_id OR k.person_id IN (SELECT m.id FROM people m WHERE m.merged_into = l.person_id)) \
        WHERE l.person_id = $1";
    let received = "SELECT d.provider_id, d.completion_id, d.course, d.course AS title, CAST(100 AS BIGINT) AS percent, \
        d.completed_at, CAST(NULL AS BIGINT) AS sent_at, '' AS told_status, '' AS told_reason, CAST(NULL AS BIGINT) AS asked_at, \
        d.received_at, d.status, d.reason FROM completions d WHERE d.person_id = $1 AND NOT EXISTS (SELECT 1 \
        FROM provider_learned l WHERE l.person_id = $1 AND l.provider_id = d.provider_id AND l.completion_id = d.completion_id)";
    // A note may stand under a record of the same human that went into this one.
    let kept = "SELECT k.provider_id, k.completion_id, k.course, k.course AS title, CAST(100 AS BIGINT) AS percent, \
        k.completed_at, CAST(NULL AS BIGINT) AS sent_at, '' AS told_status, '' AS told_reason, CAST(NULL AS BIGINT) AS asked_at, \
        k.received_at, 'kept' AS status, k.reason FROM provider_kept k WHERE (k.person_id = $1 OR k.person_id IN \
        (SELECT m.id FROM people m WHERE m.merged_into = $1)) AND NOT EXISTS (SELECT 1 FROM provider_learned l \
        WHERE l.person_id = $1 AND l.provider_id = k.provider_id AND l.completion_id = k.completion_id)";
    let sql = format!(
        "SELECT x.completion_id AS completion, p.name AS provider, p.title AS provider_title, x.course, {title} AS title, x.percent, x.completed_at, \
         x.sent_at, x.told_status, x.told_reason, x.asked_at, x.received_at, x.status, x.reason \
         FROM ({told} UNION ALL {received} UNION ALL {kept}) x JOIN providers p ON p.id = x.provider_id \
         ORDER BY COALESCE(x.completed_at, x.asked_at, 0) DESC, x.completion_id LIMIT 200"
    );
    db::all(conn, &sql, params![person]).await
}

/// The providers where a person is known.
pub(crate) async fn providers_of(conn: &impl Conn, person: PersonId) -> Result<Vec<String>> {
    #[derive(FromQueryResult)]
    struct Found {
        provider_id: String,
    }
    let sql = "SELECT provider_id FROM provider_subjects WHERE person_id = $1 ORDER BY provider_id LIMIT 200";
    let found: Vec<Found> = db::all(conn, sql, params![person]).await?;
    Ok(found.into_iter().map(|f| f.provider_id).collect())
}

/// The id under which a provider knows a person.
pub(crate) async fn subject(
    conn: &impl Conn,
    provider: ProviderId,
    person: PersonId,
) -> Result<Option<String>> {
    #[derive(FromQueryResult)]
    struct Found {
        subject_id: String,
    }
    let sql = "SELECT subject_id FROM provider_subjects WHERE provider_id = $1 AND person_id = $2";
    Ok(db::maybe::<Found>(conn, sql, params![provider, person]).await?.map(|f| f.subject_id))
}

/// Notes that a person asked; while a question is open another is not.
pub(crate) async fn open_dispute(
    conn: &impl Conn,
    provider: &str,
    person: PersonId,
    now: Instant,
) -> Result<()> {
    let sql = "INSERT INTO provider_disputes (provider_id, person_id, opened_at) \
               SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS BIGINT) WHERE NOT EXISTS (SELECT 1 FROM provider_disputes \
               WHERE provider_id = $1 AND person_id = $2 AND closed_at IS NULL) ON CONFLICT DO NOTHING";
    db::execute(conn, sql, params![provider, person, now]).await?;
    Ok(())
}

/// Closes a person's questions where nothing that was learned waits for an answer any more.
pub(crate) async fn close_disputes(
    tx: &Tx,
    (provider, person): (ProviderId, PersonId),
    now: Instant,
) -> Result<()> {
    let sql = "UPDATE provider_disputes SET closed_at = $1 WHERE provider_id = $2 AND person_id = $3 AND closed_at IS NULL \
               AND NOT EXISTS (SELECT 1 FROM provider_learned l WHERE l.provider_id = $2 AND l.person_id = $3 \
               AND l.completed_at IS NOT NULL AND l.status NOT IN ('counted', 'kept', 'refused'))";
    db::execute(tx, sql, params![now, provider, person]).await?;
    Ok(())
}
