//! Statements that look for signals over claims and decisions.
use base::{Instant, Result, Scope};
use db::{Conn, params};
use sea_orm::FromQueryResult;

/// An approval of a claim.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Approval {
    /// The claim.
    pub claim: String,
    /// Whose.
    pub person: String,
    /// What it states.
    pub title: String,
    /// Who approved.
    pub reviewer: String,
    /// The reviewer's id.
    pub reviewer_id: String,
    /// When it was handed in last, in milliseconds.
    pub submitted_at: i64,
    /// When it was approved, in milliseconds.
    pub at: i64,
}

/// Approvals in the scope since an instant, the newest first.
pub(crate) async fn approvals(conn: &impl Conn, scope: &Scope, since: Instant) -> Result<Vec<Approval>> {
    let mut values = params![since];
    let within = db::in_scope("COALESCE(d.path, u.path)", scope, &mut values);
    let sql = format!(
        "SELECT c.id AS claim, p.name AS person, c.title, r.name AS reviewer, r.id AS reviewer_id, c.submitted_at, e.at \
         FROM case_events e JOIN activity_claims c ON c.id = e.case_id JOIN people p ON p.id = c.person_id \
         JOIN units u ON u.id = p.unit_id LEFT JOIN units d ON d.id = p.department_id \
         JOIN people r ON r.id = e.by_person \
         WHERE e.what IN ('approved', 'passed') AND e.at >= $1 AND c.submitted_at IS NOT NULL AND {within} \
         ORDER BY e.at DESC, c.id LIMIT 5000"
    );
    db::all(conn, &sql, values).await
}

/// Evidence that several people handed in.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Shared {
    /// The hash of what is kept.
    pub sha256: String,
    /// How many people.
    pub people: i64,
    /// How many claims.
    pub claims: i64,
    /// One of the claims.
    pub claim: String,
    /// What that claim states.
    pub title: String,
}

/// Evidence on claims of more than one person in the scope, the most people first.
pub(crate) async fn shared(conn: &impl Conn, scope: &Scope) -> Result<Vec<Shared>> {
    let mut values = vec![];
    let within = db::in_scope("COALESCE(d.path, u.path)", scope, &mut values);
    let sql = format!(
        "SELECT f.kept_sha256 AS sha256, CAST(COUNT(DISTINCT l.person_id) AS BIGINT) AS people, \
         CAST(COUNT(DISTINCT c.id) AS BIGINT) AS claims, MIN(c.id) AS claim, MIN(c.title) AS title \
         FROM file_links l JOIN files f ON f.id = l.file_id JOIN activity_claims c ON c.id = l.object_id \
         JOIN people p ON p.id = l.person_id JOIN units u ON u.id = p.unit_id LEFT JOIN units d ON d.id = p.department_id \
         WHERE l.is_open = 1 AND c.state IN ('submitted', 'approved') AND {within} \
         GROUP BY f.kept_sha256 HAVING COUNT(DISTINCT l.person_id) > 1 \
         ORDER BY COUNT(DISTINCT l.person_id) DESC, f.kept_sha256 LIMIT 100"
    );
    db::all(conn, &sql, values).await
}
