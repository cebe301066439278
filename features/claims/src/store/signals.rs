//! Statements that look for signals over claims, evidence, decisions and trainings.
use std::collections::HashMap;

use base::{Instant, PersonId, Result, Scope, day};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;

/// An approval of a claim.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Approval {
    /// The claim.
    pub claim: String,
    /// Whose.
    pub person: String,
    /// The person's unit: its code and name.
    pub unit: String,
    /// The unit's name.
    pub unit_name: String,
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

const CLAIMS: &str = "activity_claims c JOIN people p ON p.id = c.person_id JOIN units u ON u.id = p.unit_id \
    LEFT JOIN units d ON d.id = p.department_id";

/// Approvals in the scope since an instant, the newest first.
pub(crate) async fn approvals(conn: &impl Conn, scope: &Scope, since: Instant) -> Result<Vec<Approval>> {
    let mut values = params![since];
    let within = db::in_scope("COALESCE(d.path, u.path)", scope, &mut values);
    let sql = format!(
        "SELECT c.id AS claim, p.name AS person, u.code AS unit, u.name AS unit_name, c.title, r.name AS reviewer, \
         r.id AS reviewer_id, c.submitted_at, e.at \
         FROM {CLAIMS} JOIN case_events e ON e.case_id = c.id JOIN people r ON r.id = e.by_person \
         WHERE e.what IN ('approved', 'passed') AND e.at >= $1 AND c.submitted_at IS NOT NULL AND {within} \
         ORDER BY e.at DESC, c.id LIMIT 5000"
    );
    db::all(conn, &sql, values).await
}

/// A claim that something is noted about.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Noted {
    /// The claim.
    pub claim: String,
    /// Whose.
    pub person: String,
    /// The unit's code.
    pub unit: String,
    /// The unit's name.
    pub unit_name: String,
    /// What it states.
    pub title: String,
    /// How many people share its evidence, or the day that its evidence says.
    pub detail: String,
}

/// Claims whose evidence other people handed in too.
pub(crate) async fn shared(conn: &impl Conn, scope: &Scope) -> Result<Vec<Noted>> {
    let mut values = vec![];
    let within = db::in_scope("COALESCE(d.path, u.path)", scope, &mut values);
    let sql = format!(
        "SELECT c.id AS claim, p.name AS person, u.code AS unit, u.name AS unit_name, c.title, \
         CAST(MAX(k.people) AS TEXT) AS detail FROM {CLAIMS} JOIN file_links l ON l.object_id = c.id AND l.is_open = 1 \
         JOIN files f ON f.id = l.file_id JOIN (SELECT g.kept_sha256 AS sha, COUNT(DISTINCT m.person_id) AS people \
         FROM file_links m JOIN files g ON g.id = m.file_id WHERE m.is_open = 1 AND m.object_kind = 'claim' \
         GROUP BY g.kept_sha256 HAVING COUNT(DISTINCT m.person_id) > 1) k ON k.sha = f.kept_sha256 \
         WHERE c.state IN ('submitted', 'approved') AND {within} GROUP BY c.id, p.name, u.code, u.name, c.title \
         ORDER BY MAX(k.people) DESC, c.id LIMIT 500"
    );
    db::all(conn, &sql, values).await
}

/// Claims whose evidence says that it was made after the year they count in.
pub(crate) async fn late_evidence(conn: &impl Conn, scope: &Scope) -> Result<Vec<Noted>> {
    let mut values = vec![];
    let within = db::in_scope("COALESCE(d.path, u.path)", scope, &mut values);
    let sql = format!(
        "SELECT c.id AS claim, p.name AS person, u.code AS unit, u.name AS unit_name, c.title, MAX(f.dated) AS detail \
         FROM {CLAIMS} JOIN file_links l ON l.object_id = c.id AND l.is_open = 1 JOIN files f ON f.id = l.file_id \
         WHERE c.state IN ('submitted', 'approved') AND f.dated > CAST(c.year AS TEXT) || '-12-31' AND {within} \
         GROUP BY c.id, p.name, u.code, u.name, c.title ORDER BY c.id LIMIT 500"
    );
    db::all(conn, &sql, values).await
}

/// What someone's approved claims of a year come to.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Sum {
    /// One of the claims, the latest.
    pub claim: String,
    /// Whose.
    pub person: String,
    /// The unit's name.
    pub unit_name: String,
    /// 岗位类别
    pub category: String,
    /// The year.
    pub year: i64,
    /// Hundredths of hours.
    pub hours: i64,
}

/// The sums of approved claims by person and year, since a year.
pub(crate) async fn sums(conn: &impl Conn, scope: &Scope, since: i64) -> Result<Vec<Sum>> {
    let mut values = params![since];
    let within = db::in_scope("COALESCE(d.path, u.path)", scope, &mut values);
    let sql = format!(
        "SELECT MAX(c.id) AS claim, p.name AS person, u.name AS unit_name, \
         COALESCE(p.category, '') AS category, c.year, \
         CAST(SUM(COALESCE(c.approved_hours, c.hours)) AS BIGINT) AS hours FROM {CLAIMS} \
         WHERE c.state = 'approved' AND c.year >= $1 AND {within} \
         GROUP BY c.person_id, c.year, p.name, u.code, u.name, p.category ORDER BY c.year, c.person_id LIMIT 20000"
    );
    db::all(conn, &sql, values).await
}

/// A training day of someone.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Attended {
    /// The training.
    pub training: String,
    /// Its title.
    pub title: String,
    /// The unit's code.
    pub unit: String,
    /// The unit's name.
    pub unit_name: String,
    /// The first day.
    pub from_day: String,
    /// The last day.
    pub to_day: String,
    /// Who was there.
    pub person_id: String,
}

/// Who was credited with trainings that began on a day or later.
pub(crate) async fn attended(conn: &impl Conn, scope: &Scope, since: base::Day) -> Result<Vec<Attended>> {
    let mut values = params![since];
    let within = db::in_scope("u.path", scope, &mut values);
    let sql = format!(
        "SELECT t.id AS training, t.title, u.code AS unit, u.name AS unit_name, t.from_day, t.to_day, r.person_id \
         FROM unit_trainings t JOIN units u ON u.id = t.unit_id JOIN training_rows r ON r.training_id = t.id \
         WHERE r.state = 'credited' AND t.from_day >= $1 AND {within} ORDER BY t.from_day DESC, t.id, r.person_id LIMIT 20000"
    );
    db::all(conn, &sql, values).await
}

/// When these people learned online since an instant: person, from, to in milliseconds.
pub(crate) async fn stretches(
    conn: &impl Conn,
    people: &[String],
    since: Instant,
) -> Result<HashMap<String, Vec<(i64, i64)>>> {
    #[derive(FromQueryResult)]
    struct Row {
        person_id: String,
        from_ms: i64,
        to_ms: i64,
    }
    let mut found: HashMap<String, Vec<(i64, i64)>> = HashMap::new();
    for chunk in people.chunks(5000) {
        let mut values = params![since];
        values.extend(chunk.iter().map(db::Param::param));
        let sql = format!(
            "SELECT person_id, from_ms, to_ms FROM learned_stretches WHERE from_ms >= $1 AND person_id IN ({}) \
             AND source <> 'unit_training' ORDER BY person_id, from_ms LIMIT 200000",
            db::in_list(2, chunk.len())
        );
        let rows: Vec<Row> = db::all(conn, &sql, values).await?;
        for r in rows {
            found.entry(r.person_id).or_default().push((r.from_ms, r.to_ms));
        }
    }
    Ok(found)
}

/// What was decided on something that signals pointed at.
#[derive(Clone, Debug)]
pub struct Decided {
    /// `cleared`, `watch` or `corrected`.
    pub decision: String,
    /// What was said.
    pub comment: String,
    /// Who decided, by name.
    pub by: String,
    /// When.
    pub at: Instant,
}

/// The last decision on each object, by kind and id.
pub(crate) async fn decided(
    conn: &impl Conn,
    objects: &[String],
) -> Result<HashMap<(String, String), Decided>> {
    #[derive(FromQueryResult)]
    struct Row {
        kind: String,
        object_id: String,
        decision: String,
        comment: String,
        name: String,
        decided_at: i64,
    }
    let mut found = HashMap::new();
    for chunk in objects.chunks(5000) {
        let sql = format!(
            "SELECT s.kind, s.object_id, s.decision, s.comment, p.name, s.decided_at FROM signal_decisions s \
             JOIN people p ON p.id = s.decided_by WHERE s.object_id IN ({}) ORDER BY s.decided_at, s.id",
            db::in_list(1, chunk.len())
        );
        let rows: Vec<Row> = db::all(conn, &sql, chunk.iter().map(db::Param::param).collect()).await?;
        for r in rows {
            let at = day::from_millis(r.decided_at);
            let decided = Decided { decision: r.decision, comment: r.comment, by: r.name, at };
            found.insert((r.kind, r.object_id), decided);
        }
    }
    Ok(found)
}

/// A decision to be written.
pub(crate) struct NewDecision<'a> {
    pub id: &'a str,
    pub kind: &'a str,
    pub object: &'a str,
    pub signals: &'a str,
    pub decision: &'a str,
    pub comment: &'a str,
}

pub(crate) async fn insert_decision(
    tx: &Tx,
    d: &NewDecision<'_>,
    (by, now): (PersonId, Instant),
) -> Result<()> {
    let sql = "INSERT INTO signal_decisions (id, kind, object_id, signals, decision, comment, decided_by, decided_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    db::execute(tx, sql, params![d.id, d.kind, d.object, d.signals, d.decision, d.comment, by, now]).await?;
    Ok(())
}
