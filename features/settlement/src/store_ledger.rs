//! What the ledger holds of a platform and no statement does yet.
use base::{Fen, Result, Subject, day, person::Code};
use db::{Conn, params};
use sea_orm::FromQueryResult;

use crate::statement::{Line, Terms, amount};

#[derive(FromQueryResult)]
struct Row {
    id: String,
    kind: String,
    at: i64,
    person_id: String,
    title: String,
    subject: String,
    hours: i64,
    /// Of a reversal: the rate at which its credit was settled.
    settled_rate: Option<i64>,
}

/// Up to 1,000 entries of a span after one of them, in the order of their writing: credits of the platform, and reversals of
/// its credits.
pub(crate) async fn unsettled(
    conn: &impl Conn,
    provider: &str,
    ((from, to), (after_at, after_id)): ((i64, i64), &(i64, String)),
    terms: Terms,
) -> Result<Vec<Line>> {
    let sql = "SELECT e.id, e.kind, e.at, e.person_id, e.title, e.subject, e.hours, l.rate AS settled_rate FROM hour_entries e \
               LEFT JOIN hour_entries o ON o.id = e.reverses LEFT JOIN settlement_lines l ON l.entry_id = o.id \
               WHERE (e.source = $1 OR o.source = $1) AND e.at >= $2 AND e.at < $3 AND (e.at > $4 OR (e.at = $4 AND e.id > $5)) \
               AND NOT EXISTS (SELECT 1 FROM settlement_lines s WHERE s.entry_id = e.id) ORDER BY e.at, e.id LIMIT 1000";
    let rows: Vec<Row> = db::all(conn, sql, params![provider, from, to, *after_at, after_id]).await?;
    let line = |r: Row| {
        let subject = Subject::from_code(&r.subject).unwrap_or(Subject::Professional);
        let hours = if r.kind == "reversal" { -r.hours.abs() } else { r.hours };
        let rate = r.settled_rate.map_or_else(|| terms.rate(subject), Fen::new);
        Line {
            entry: r.id,
            kind: r.kind,
            at: day::from_millis(r.at),
            person: r.person_id,
            title: r.title,
            subject,
            hours,
            rate,
            amount: amount(hours, rate),
        }
    };
    Ok(rows.into_iter().map(line).collect())
}
