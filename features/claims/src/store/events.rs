//! Statements on what happened to claims and exemptions.
use base::{Hours, Instant, PersonId, Result, day};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;

/// Something that happened to a case.
#[derive(Clone, Debug)]
pub struct Event {
    /// The case.
    pub case: String,
    /// When.
    pub at: Instant,
    /// `submitted`, `passed`, `approved`, `returned`, `rejected`, `withdrawn`, `appealed`, `reversed`, `given_back`, `raised`.
    pub what: String,
    /// At which stage.
    pub stage: i64,
    /// By whom; none for the system.
    pub by_person: Option<PersonId>,
    /// The name of who did it.
    pub by_name: Option<String>,
    /// The place of the role that decided.
    pub by_path: Option<String>,
    /// The hours that it left.
    pub hours: Option<Hours>,
    /// What was said.
    pub remark: String,
}

/// An event to be written.
pub(crate) struct New<'a> {
    pub case: &'a str,
    pub what: &'static str,
    pub stage: i64,
    pub by: Option<PersonId>,
    pub path: Option<&'a str>,
    pub hours: Option<Hours>,
    pub remark: &'a str,
    pub policy: &'a str,
}

/// Writes an event; the caller holds the case's row, so numbers do not collide.
pub(crate) async fn insert(tx: &Tx, now: Instant, e: &New<'_>) -> Result<()> {
    let sql = "INSERT INTO case_events (case_id, seq, at, what, stage, by_person, by_path, hours, remark, policy) \
               SELECT $1, COALESCE(MAX(seq), 0) + 1, $2, $3, $4, $5, $6, $7, $8, $9 FROM case_events WHERE case_id = $1";
    let hours = e.hours.map(Hours::hundredths);
    let values = params![e.case, now, e.what, e.stage, e.by, e.path, hours, e.remark, e.policy];
    db::execute(tx, sql, values).await?;
    Ok(())
}

/// What happened to these cases, in order.
pub(crate) async fn of(conn: &impl Conn, cases: &[&str]) -> Result<Vec<Event>> {
    #[derive(FromQueryResult)]
    struct Row {
        case_id: String,
        at: i64,
        what: String,
        stage: i64,
        by_person: Option<String>,
        by_name: Option<String>,
        by_path: Option<String>,
        hours: Option<i64>,
        remark: String,
    }
    if cases.is_empty() {
        return Ok(vec![]);
    }
    let sql = format!(
        "SELECT e.case_id, e.at, e.what, e.stage, e.by_person, p.name AS by_name, e.by_path, e.hours, e.remark \
         FROM case_events e LEFT JOIN people p ON p.id = e.by_person WHERE e.case_id IN ({}) \
         ORDER BY e.case_id, e.seq LIMIT 5000",
        db::in_list(1, cases.len())
    );
    let rows: Vec<Row> = db::all(conn, &sql, cases.iter().map(db::Param::param).collect()).await?;
    let event = |r: Row| {
        Ok(Event {
            case: r.case_id,
            at: day::from_millis(r.at),
            what: r.what,
            stage: r.stage,
            by_person: r.by_person.map(|p| p.parse()).transpose()?,
            by_name: r.by_name,
            by_path: r.by_path,
            hours: r.hours.map(Hours::from_hundredths),
            remark: r.remark,
        })
    };
    rows.into_iter().map(event).collect()
}
