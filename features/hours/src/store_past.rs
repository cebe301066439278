//! Statements on what a checkpoint saw: how far each chain reached, and which circumstances were known.
use std::collections::HashMap;

use base::{Day, Instant, PersonId, Result, Scope, Year};
use db::{Conn, params};
use org::Viewpoint;
use sea_orm::FromQueryResult;

use crate::{
    moment::Moment,
    store_circumstances::{Circumstances, gathered},
};

/// What a checkpoint states, without its buckets, which are long.
#[derive(FromQueryResult)]
pub(crate) struct Stated {
    pub no: i64,
    pub day: String,
    pub at: i64,
    pub content: String,
}

const STATED: &str = "SELECT no, day, at, content FROM hour_checkpoints";

/// The first checkpoint that was made after a day: what it holds is the day's closing state.
pub(crate) async fn closing(conn: &impl Conn, day: Day) -> Result<Option<Stated>> {
    db::maybe(conn, &format!("{STATED} WHERE day > $1 ORDER BY no LIMIT 1"), params![day]).await
}

/// The newest checkpoint that there was at an instant.
pub(crate) async fn until(conn: &impl Conn, at: Instant) -> Result<Option<Stated>> {
    db::maybe(conn, &format!("{STATED} WHERE at <= $1 ORDER BY no DESC LIMIT 1"), params![at]).await
}

/// Whose chains are meant.
pub(crate) enum Chains<'a> {
    Of(PersonId),
    /// Those of whoever belonged to the scope, as seen from there.
    In(&'a Scope, Viewpoint),
}

/// What is written while a checkpoint is made may bear a time before it: so many milliseconds at most.
const UNDER_WAY_MS: i64 = 3_600_000;

/// Entries of a year that a checkpoint does not hold; all of them where there is none yet.
pub(crate) async fn entries_since(
    conn: &impl Conn,
    chains: &Chains<'_>,
    year: Year,
    then: Option<&Moment>,
) -> Result<i64> {
    let no = then.map_or(0, |m| m.checkpoint);
    let (scope, view) = match chains {
        Chains::Of(person) => {
            let sql = "SELECT COUNT(*) FROM hour_entries WHERE person_id = $1 AND year = $2 AND seq > \
                       (SELECT COALESCE(MAX(l.seq), 0) FROM hour_leaves l WHERE l.person_id = $1 AND l.checkpoint <= $3)";
            return db::count(conn, sql, params![person, year, no]).await;
        }
        Chains::In(scope, view) => (scope, view),
    };
    let after = then.map_or(0, |m| m.millis() - UNDER_WAY_MS);
    let mut values = params![year, after, no];
    let within = view.within(scope, &mut values);
    let sql = format!(
        "SELECT COUNT(*) FROM hour_entries e, {} WHERE p.id = e.person_id AND e.year = $1 AND e.at >= $2 AND {within} \
         AND NOT EXISTS (SELECT 1 FROM hour_leaves l WHERE l.person_id = e.person_id AND l.seq >= e.seq \
         AND l.checkpoint <= $3)",
        view.people()
    );
    db::count(conn, &sql, values).await
}

/// The place that each of these people's chains had reached at a checkpoint; who had none is left out.
pub(crate) async fn reached(
    conn: &impl Conn,
    people: &[PersonId],
    checkpoint: i64,
) -> Result<HashMap<PersonId, i64>> {
    #[derive(FromQueryResult)]
    struct Reached {
        person_id: String,
        seq: i64,
    }
    if people.is_empty() {
        return Ok(HashMap::new());
    }
    let mut values = params![checkpoint];
    values.extend(people.iter().map(db::Param::param));
    let sql = format!(
        "SELECT person_id, MAX(seq) AS seq FROM hour_leaves WHERE checkpoint <= $1 AND person_id IN ({}) GROUP BY person_id",
        db::in_list(2, people.len())
    );
    let rows: Vec<Reached> = db::all(conn, &sql, values).await?;
    rows.into_iter().map(|r| Ok((r.person_id.parse()?, r.seq))).collect()
}

/// The circumstances of these people that were known before a moment. An exemption stood if its last event by then was its
/// approval; of make-ups the last one granted by then counts.
pub(crate) async fn circumstances_of(
    conn: &impl Conn,
    people: &[PersonId],
    year: Year,
    then: &Moment,
) -> Result<HashMap<PersonId, Circumstances>> {
    if people.is_empty() {
        return Ok(HashMap::new());
    }
    let mut values = params![year.first_day(), year.last_day(), year, then.at];
    values.extend(people.iter().map(db::Param::param));
    let who = db::in_list(5, people.len());
    let sql = format!(
        "SELECT person_id, 'leave' AS what, kind, from_day, to_day FROM leaves WHERE person_id IN ({who}) \
           AND created_at < $4 AND (ended_at IS NULL OR ended_at >= $4) AND from_day <= $2 AND to_day >= $1 \
         UNION ALL SELECT x.person_id, 'exemption', x.kind, '', '' FROM exemptions x JOIN case_events e ON e.case_id = x.id \
           WHERE x.person_id IN ({who}) AND x.year = $3 AND e.what = 'approved' AND e.at < $4 AND NOT EXISTS \
           (SELECT 1 FROM case_events n WHERE n.case_id = x.id AND n.seq > e.seq AND n.at < $4) \
         UNION ALL SELECT m.person_id, 'make_up', '', '', m.until FROM make_up_grants m WHERE m.person_id IN ({who}) \
           AND m.year = $3 AND m.created_at < $4 AND NOT EXISTS (SELECT 1 FROM make_up_grants n \
           WHERE n.person_id = m.person_id AND n.year = $3 AND n.created_at < $4 \
           AND (n.created_at > m.created_at OR (n.created_at = m.created_at AND n.id > m.id))) \
         UNION ALL SELECT person_id, 'relief', document, '', '' FROM obligation_reliefs WHERE person_id IN ({who}) \
           AND year = $3 AND created_at < $4 AND (ended_at IS NULL OR ended_at >= $4) \
         UNION ALL SELECT person_id, 'retires_on', '', '', day FROM retirement_days WHERE person_id IN ({who}) \
           AND created_at < $4 AND (ended_at IS NULL OR ended_at >= $4) \
         ORDER BY from_day, to_day"
    );
    gathered(db::all(conn, &sql, values).await?)
}
