//! Statements on learning sessions.
use std::collections::HashSet;

use base::{Error, Instant, PersonId, Result, SessionId};
use db::{Conn, Tx, Value, params};
use rules::learning::{Interval, Intervals, Session};
use sea_orm::FromQueryResult;

use crate::run::{self, Run};

/// A learning session as it is stored.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub learner: PersonId,
    pub lecture: String,
    pub round: i64,
    pub session: Session,
    pub last_seq: i64,
    pub last_answer: Option<String>,
    pub last_check: i64,
    /// Goes up with every change; what was judged on an older one is not written.
    pub version: i64,
    /// What was credited last, as long as it goes on.
    pub run: Option<Run>,
}

impl Held {
    /// Credits what a beat or an answer added since an instant; answers the runs that it ended, which are to be stored.
    pub(crate) fn credit(&mut self, added: &Intervals, since: i64) -> Vec<Run> {
        run::lengthen(&mut self.run, added, since)
    }

    /// The run's four columns.
    fn run_columns(&self) -> [Option<i64>; 4] {
        let of = |number: fn(Run) -> i64| self.run.map(number);
        [of(|r| r.part.from), of(|r| r.part.to), of(|r| r.wall.from), of(|r| r.wall.to)]
    }
}

#[derive(FromQueryResult)]
struct Row {
    id: String,
    learner_id: String,
    lecture_id: String,
    round: i64,
    state: String,
    last_seq: i64,
    last_answer: Option<String>,
    last_check: i64,
    ended_at: Option<i64>,
    version: i64,
    run_from: Option<i64>,
    run_to: Option<i64>,
    run_wall_from: Option<i64>,
    run_wall_to: Option<i64>,
}

impl Row {
    fn run(&self) -> Option<Run> {
        let interval = |from: Option<i64>, to: Option<i64>| Interval::new(from?, to?);
        let part = interval(self.run_from, self.run_to)?;
        Some(Run { part, wall: interval(self.run_wall_from, self.run_wall_to)? })
    }
}

const SESSION: &str = "SELECT id, learner_id, lecture_id, round, state, last_seq, last_answer, last_check, ended_at, \
                       version, run_from, run_to, run_wall_from, run_wall_to FROM learning_sessions";

fn read(row: Row) -> Result<(SessionId, Held)> {
    let mut session: Session = serde_json::from_str(&row.state).map_err(Error::internal)?;
    if row.ended_at.is_some() {
        session.supersede();
    }
    let held = Held {
        run: row.run(),
        learner: row.learner_id.parse()?,
        lecture: row.lecture_id,
        round: row.round,
        session,
        last_seq: row.last_seq,
        last_answer: row.last_answer,
        last_check: row.last_check,
        version: row.version,
    };
    Ok((row.id.parse()?, held))
}

/// Sessions by their ids; unknown ids are left out.
pub(crate) async fn sessions(conn: &impl Conn, ids: &[SessionId]) -> Result<Vec<(SessionId, Held)>> {
    let sql = format!("{SESSION} WHERE id IN ({})", db::in_list(1, ids.len()));
    let rows = db::all::<Row>(conn, &sql, ids.iter().flat_map(|id| params![id]).collect()).await?;
    rows.into_iter().map(read).collect()
}

/// The learner's session, locked until the transaction ends.
pub(crate) async fn hold(tx: &Tx, id: SessionId, learner: PersonId) -> Result<Held> {
    let sql = format!("{SESSION} WHERE id = $1 AND learner_id = $2{}", db::dialect::for_update(tx));
    Ok(read(db::one(tx, &sql, params![id, learner]).await?)?.1)
}

/// Writes back what beats and answers changed, many in one statement.
pub(crate) struct Update(Vec<Vec<Value>>);

impl Update {
    /// Of sessions as they are to be written at an instant.
    pub(crate) fn of(held: &[(SessionId, &Held)], now: Instant) -> Result<Self> {
        let row = |(id, one): &(SessionId, &Held)| {
            let state = serde_json::to_string(&one.session).map_err(Error::internal)?;
            let [from, to, wall_from, wall_to] = one.run_columns();
            Ok(params![
                id,
                state,
                one.last_seq,
                one.last_answer,
                one.last_check,
                one.session.position,
                now,
                one.version,
                from,
                to,
                wall_from,
                wall_to
            ])
        };
        Ok(Self(held.iter().map(row).collect::<Result<_>>()?))
    }

    /// Answers whether all sessions were written: one that ended or that another program changed meanwhile stays as it is.
    pub(crate) async fn run(self, tx: &Tx) -> Result<bool> {
        let (given, mut written) = (self.0.len(), 0);
        for db::Source { sql: source, values } in db::sources(tx, self.0)? {
            written += db::execute(tx, &update(&source), values).await?;
        }
        Ok(usize::try_from(written).is_ok_and(|written| written == given))
    }

    /// As [`Update::run`], answering which sessions were written: rarely wanted, and a row for each costs more than the rest.
    pub(crate) async fn run_each(self, tx: &Tx) -> Result<HashSet<SessionId>> {
        #[derive(FromQueryResult)]
        struct Kept {
            id: String,
        }
        let mut kept = HashSet::new();
        for db::Source { sql: source, values } in db::sources(tx, self.0)? {
            let sql = format!("{} RETURNING id", update(&source));
            for row in db::all::<Kept>(tx, &sql, values).await? {
                kept.insert(row.id.parse()?);
            }
        }
        Ok(kept)
    }
}

fn update(source: &str) -> String {
    format!(
        "UPDATE learning_sessions SET state = v.column2, last_seq = v.column3, last_answer = v.column4, \
         last_check = v.column5, position_ms = v.column6, touched_at = v.column7, version = v.column8 + 1, \
         run_from = v.column9, run_to = v.column10, run_wall_from = v.column11, run_wall_to = v.column12 \
         FROM {source} WHERE learning_sessions.id = v.column1 AND learning_sessions.version = v.column8 \
         AND learning_sessions.ended_at IS NULL"
    )
}

/// As [`Update`], for one that goes on and whose row the transaction holds; a conflict where it ended or was changed all the
/// same.
pub(crate) async fn keep(tx: &Tx, (id, held): (SessionId, &Held), now: Instant) -> Result<()> {
    let is_kept = Update::of(&[(id, held)], now)?.run(tx).await?;
    if is_kept { Ok(()) } else { Err(Error::conflict("superseded")) }
}

/// Lets one opening at a time through for a learner.
pub(crate) async fn hold_learner(tx: &Tx, learner: PersonId) -> Result<()> {
    #[derive(FromQueryResult)]
    struct Learner {
        #[expect(dead_code, reason = "the row is read for its lock")]
        id: String,
    }
    let sql = format!("SELECT id FROM learners WHERE id = $1{}", db::dialect::for_update(tx));
    db::one::<Learner>(tx, &sql, params![learner]).await?;
    Ok(())
}

/// Ends whatever the learner had open anywhere at this provider.
pub(crate) async fn end_open(tx: &Tx, learner: PersonId, now: Instant) -> Result<()> {
    let sql = "UPDATE learning_sessions SET ended_at = $1, version = version + 1 \
               WHERE learner_id = $2 AND ended_at IS NULL";
    db::execute(tx, sql, params![now, learner]).await?;
    Ok(())
}

/// The learner's latest session, of whatever lecture.
pub(crate) async fn latest(tx: &Tx, learner: PersonId) -> Result<Option<(SessionId, Held)>> {
    let sql = format!("{SESSION} WHERE learner_id = $1 ORDER BY opened_at DESC, id DESC LIMIT 1");
    db::maybe::<Row>(tx, &sql, params![learner]).await?.map(read).transpose()
}

/// The learner's living session of a lecture, locked until the transaction ends.
pub(crate) async fn living(
    tx: &Tx,
    learner: PersonId,
    lecture: &str,
    round: i64,
) -> Result<Option<(SessionId, Held)>> {
    let sql = format!(
        "{SESSION} WHERE learner_id = $1 AND lecture_id = $2 AND round = $3 AND ended_at IS NULL{}",
        db::dialect::for_update(tx)
    );
    db::maybe::<Row>(tx, &sql, params![learner, lecture, round]).await?.map(read).transpose()
}

/// The learner's open session, of whatever lecture, locked until the transaction ends.
pub(crate) async fn open_one(tx: &Tx, learner: PersonId) -> Result<Option<(SessionId, Held)>> {
    let sql = format!(
        "{SESSION} WHERE learner_id = $1 AND ended_at IS NULL ORDER BY opened_at DESC, id DESC LIMIT 1{}",
        db::dialect::for_update(tx)
    );
    db::maybe::<Row>(tx, &sql, params![learner]).await?.map(read).transpose()
}

/// Writes back what an ended session had not told before its end.
pub(crate) async fn keep_ended(tx: &Tx, id: SessionId, held: &Held) -> Result<()> {
    let state = serde_json::to_string(&held.session).map_err(Error::internal)?;
    let [from, to, wall_from, wall_to] = held.run_columns();
    let sql = "UPDATE learning_sessions SET state = $1, last_seq = $2, last_answer = NULL, position_ms = $3, \
               run_from = $5, run_to = $6, run_wall_from = $7, run_wall_to = $8, version = version + 1 \
               WHERE id = $4 AND ended_at IS NOT NULL";
    let position = held.session.position;
    let values = params![state, held.last_seq, position, id, from, to, wall_from, wall_to];
    db::execute(tx, sql, values).await?;
    Ok(())
}

/// Where the learner stopped in a lecture; 0 where nothing was begun in this round.
pub(crate) async fn position(conn: &impl Conn, learner: PersonId, lecture: &str, round: i64) -> Result<i64> {
    let sql = "SELECT position_ms FROM learning_sessions WHERE learner_id = $1 AND lecture_id = $2 AND round = $3 \
               ORDER BY opened_at DESC, id DESC LIMIT 1";
    db::count(conn, sql, params![learner, lecture, round]).await
}

/// Stores a session just opened.
pub(crate) async fn insert(tx: &Tx, id: SessionId, held: &Held, now: Instant) -> Result<()> {
    let state = serde_json::to_string(&held.session).map_err(Error::internal)?;
    let sql = "INSERT INTO learning_sessions (id, learner_id, lecture_id, round, state, last_seq, last_check, opened_at, \
               touched_at, position_ms, version) VALUES ($1, $2, $3, $4, $5, 0, 0, $6, $6, $7, 0)";
    let values = params![id, held.learner, held.lecture, held.round, state, now, held.session.position];
    db::execute(tx, sql, values).await?;
    Ok(())
}
