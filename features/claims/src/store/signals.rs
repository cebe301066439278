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

/// What someone's approved claims of a year come to, where one of them was decided lately.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Sum {
    /// The claim.
    pub claim: String,
    /// Whose.
    pub person_id: String,
    /// The name.
    pub person: String,
    /// The unit's name.
    pub unit_name: String,
    /// 岗位类别
    pub category: String,
    /// The year.
    pub year: i64,
    /// Hundredths of hours of all approved claims of the person's year.
    pub hours: i64,
}

/// When claims were approved last, since an instant.
const APPROVED: &str =
    "(SELECT case_id, MAX(at) AS at FROM case_events WHERE what = 'approved' AND at >= $1 GROUP BY case_id)";

/// The claims that were approved since an instant, of whichever year, each with what its person's year comes to; the newest
/// approvals first.
pub(crate) async fn sums(conn: &impl Conn, scope: &Scope, since: Instant) -> Result<Vec<Sum>> {
    let mut values = params![since];
    let within = db::in_scope("COALESCE(d.path, u.path)", scope, &mut values);
    let sql = format!(
        "SELECT c.id AS claim, c.person_id, p.name AS person, u.name AS unit_name, COALESCE(p.category, '') AS category, c.year, \
         (SELECT CAST(SUM(COALESCE(x.approved_hours, x.hours)) AS BIGINT) FROM activity_claims x \
         WHERE x.person_id = c.person_id AND x.year = c.year AND x.state = 'approved') AS hours \
         FROM {CLAIMS} JOIN {APPROVED} e ON e.case_id = c.id WHERE c.state = 'approved' AND {within} \
         ORDER BY e.at DESC, c.id DESC LIMIT 5000"
    );
    db::all(conn, &sql, values).await
}

/// The people of a category with approved claims of a year.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Peers {
    /// 岗位类别
    pub category: String,
    /// The year.
    pub year: i64,
    /// How many.
    pub people: i64,
    /// The median of what their claims of the year come to, in hundredths of hours.
    pub median: i64,
}

/// The peers of each category in these years.
pub(crate) async fn peers(conn: &impl Conn, scope: &Scope, years: &[i64]) -> Result<Vec<Peers>> {
    if years.is_empty() {
        return Ok(vec![]);
    }
    let mut values: Vec<db::Value> = years.iter().map(db::Param::param).collect();
    let within = db::in_scope("COALESCE(d.path, u.path)", scope, &mut values);
    let sql = format!(
        "SELECT r.category, r.year, CAST(r.people AS BIGINT) AS people, r.hours AS median FROM (SELECT s.category, s.year, s.hours, \
         ROW_NUMBER() OVER (PARTITION BY s.year, s.category ORDER BY s.hours) AS place, \
         COUNT(*) OVER (PARTITION BY s.year, s.category) AS people FROM (SELECT c.year, COALESCE(p.category, '') AS category, \
         CAST(SUM(COALESCE(c.approved_hours, c.hours)) AS BIGINT) AS hours FROM {CLAIMS} \
         WHERE c.state = 'approved' AND c.year IN ({}) AND {within} GROUP BY c.person_id, c.year, p.category) s) r \
         WHERE r.place = r.people / 2 + 1 ORDER BY r.year DESC, r.category LIMIT 1000",
        db::in_list(1, years.len())
    );
    db::all(conn, &sql, values).await
}

/// Someone's days of a training.
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
    /// The days that were credited, in hundredths.
    pub days: i64,
    /// Their hours in the ledger, in hundredths.
    pub hours: Option<i64>,
    /// When the person was there, in milliseconds, if they signed in and out.
    pub stay_from_ms: Option<i64>,
    /// Until when.
    pub stay_to_ms: Option<i64>,
}

/// Who was credited with trainings since an instant, whenever those took place; the newest bookings first.
pub(crate) async fn attended(conn: &impl Conn, scope: &Scope, since: Instant) -> Result<Vec<Attended>> {
    let mut values = params![since];
    let within = db::in_scope("u.path", scope, &mut values);
    let sql = format!(
        "SELECT t.id AS training, t.title, u.code AS unit, u.name AS unit_name, t.from_day, t.to_day, r.person_id, r.days, \
         e.hours, r.stay_from_ms, r.stay_to_ms \
         FROM unit_trainings t JOIN units u ON u.id = t.unit_id JOIN training_rows r ON r.training_id = t.id \
         LEFT JOIN hour_entries e ON e.id = r.entry_id \
         WHERE r.state = 'credited' AND r.decided_at >= $1 AND {within} \
         ORDER BY r.decided_at DESC, t.id, r.person_id LIMIT 20000"
    );
    db::all(conn, &sql, values).await
}

/// An approved claim to an item that may be measured in days.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Claimed {
    /// The claim.
    pub claim: String,
    /// What it states.
    pub title: String,
    /// Whose.
    pub person_id: String,
    /// The name.
    pub person: String,
    /// The unit's code.
    pub unit: String,
    /// The unit's name.
    pub unit_name: String,
    /// The item's code.
    pub item: String,
    /// The version of the policy that says what the item counts.
    pub policy: String,
    /// The claim's date.
    pub on_day: String,
    /// Hundredths of what the item counts.
    pub quantity: i64,
}

/// Claims to these items that were approved since an instant, whatever their date; the newest approvals first.
pub(crate) async fn claimed(
    conn: &impl Conn,
    scope: &Scope,
    (items, since): (&[&str], Instant),
) -> Result<Vec<Claimed>> {
    if items.is_empty() {
        return Ok(vec![]);
    }
    let mut values = params![since];
    values.extend(items.iter().map(db::Param::param));
    let within = db::in_scope("COALESCE(d.path, u.path)", scope, &mut values);
    let sql = format!(
        "SELECT c.id AS claim, c.title, c.person_id, p.name AS person, u.code AS unit, u.name AS unit_name, c.item, \
         c.policy, c.on_day, c.quantity FROM {CLAIMS} JOIN {APPROVED} e ON e.case_id = c.id \
         WHERE c.state = 'approved' AND c.item IN ({}) AND {within} ORDER BY e.at DESC, c.id LIMIT 20000",
        db::in_list(2, items.len())
    );
    db::all(conn, &sql, values).await
}

/// When people learned online within windows of time (person, from, to in milliseconds), by person.
pub(crate) async fn stretches(
    conn: &impl Conn,
    windows: &[(&str, i64, i64)],
) -> Result<HashMap<String, Vec<(i64, i64)>>> {
    #[derive(FromQueryResult)]
    struct Row {
        person_id: String,
        from_ms: i64,
        to_ms: i64,
    }
    let mut found: HashMap<String, Vec<(i64, i64)>> = HashMap::new();
    let rows = windows.iter().map(|(person, from, to)| params![person, from, to]).collect();
    for db::Source { sql: source, values } in db::sources(conn, rows)? {
        let sql = format!(
            "SELECT s.person_id, s.from_ms, s.to_ms FROM {source} JOIN learned_stretches s \
             ON s.person_id = v.column1 AND s.to_ms > v.column2 AND s.from_ms < v.column3 \
             WHERE s.source <> 'unit_training' LIMIT 200000"
        );
        let rows: Vec<Row> = db::all(conn, &sql, values).await?;
        for r in rows {
            found.entry(r.person_id).or_default().push((r.from_ms, r.to_ms));
        }
    }
    // A stretch in two windows came twice.
    for stretches in found.values_mut() {
        stretches.sort_unstable();
        stretches.dedup();
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
