//! Statements on what a checkpoint saw: how far each chain reached, and which circumstances were known.
use std::collections::HashMap;

use base::{Day, PersonId, Result, Year};
use db::{Conn, params};
use sea_orm::FromQueryResult;

use crate::{
    moment::Moment,
    store_checkpoints::{SEALED, Sealed},
    store_circumstances::{Circumstances, gathered},
};

/// The first checkpoint that was made after a day: what it holds is the day's closing state.
pub(crate) async fn closing(conn: &impl Conn, day: Day) -> Result<Option<Sealed>> {
    db::maybe(conn, &format!("{SEALED} WHERE day > $1 ORDER BY no LIMIT 1"), params![day]).await
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
         ORDER BY from_day, to_day"
    );
    gathered(db::all(conn, &sql, values).await?)
}
