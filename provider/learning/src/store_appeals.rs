//! Statements on appeals.
use base::{Instant, PersonId, Result, SessionId};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;

/// Where an appeal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Waiting,
    /// What was refused is credited.
    Granted,
    /// It stays refused, with a reason.
    Upheld,
}

impl State {
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Granted => "granted",
            Self::Upheld => "upheld",
        }
    }
}

/// An appeal with what it is about.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Appeal {
    pub id: String,
    pub refusal_id: String,
    pub learner_id: String,
    pub words: String,
    pub evidence: String,
    pub state: String,
    pub filed_at: i64,
    pub answer: Option<String>,
    pub credited_ms: i64,
    pub reason: String,
    pub time_ms: i64,
    pub lecture_title: String,
    pub course_title: String,
    pub learner_name: String,
}

const APPEAL: &str = "SELECT a.id, a.refusal_id, a.learner_id, a.words, a.evidence, a.state, a.filed_at, a.answer, \
    a.credited_ms, r.reason, r.time_ms, l.title AS lecture_title, c.title AS course_title, \
    n.name AS learner_name FROM appeals a JOIN refused_stretches r ON r.id = a.refusal_id \
    JOIN lectures l ON l.id = r.lecture_id JOIN courses c ON c.id = l.course_id JOIN learners n ON n.id = a.learner_id";

pub(crate) async fn insert(
    tx: &Tx,
    id: SessionId,
    (learner, refusal): (PersonId, &str),
    (words, evidence): (&str, &str),
    now: Instant,
) -> Result<()> {
    let sql = "INSERT INTO appeals (id, refusal_id, learner_id, words, evidence, state, filed_at, credited_ms) \
               VALUES ($1, $2, $3, $4, $5, 'waiting', $6, 0) ON CONFLICT (refusal_id) DO NOTHING";
    db::execute(tx, sql, params![id, refusal, learner, words, evidence, now]).await?;
    Ok(())
}

/// The learner's appeal of a refusal.
pub(crate) async fn of_refusal(conn: &impl Conn, learner: PersonId, refusal: &str) -> Result<Appeal> {
    let sql = format!("{APPEAL} WHERE a.learner_id = $1 AND a.refusal_id = $2");
    db::one(conn, &sql, params![learner, refusal]).await
}

/// The learner's appeals, the latest first.
pub(crate) async fn of_learner(conn: &impl Conn, learner: PersonId) -> Result<Vec<Appeal>> {
    let sql = format!("{APPEAL} WHERE a.learner_id = $1 ORDER BY a.filed_at DESC, a.id DESC LIMIT 200");
    db::all(conn, &sql, params![learner]).await
}

/// Appeals that wait, the oldest first, then those decided last.
pub(crate) async fn queue(conn: &impl Conn) -> Result<Vec<Appeal>> {
    let sql = format!(
        "{APPEAL} ORDER BY CASE WHEN a.state = 'waiting' THEN 0 ELSE 1 END, \
         CASE WHEN a.state = 'waiting' THEN a.filed_at ELSE -a.filed_at END, a.id LIMIT 200"
    );
    db::all(conn, &sql, vec![]).await
}

pub(crate) async fn one(conn: &impl Conn, id: SessionId) -> Result<Appeal> {
    db::one(conn, &format!("{APPEAL} WHERE a.id = $1"), params![id]).await
}

/// An appeal whose row is locked until the transaction ends.
pub(crate) async fn hold(tx: &Tx, id: SessionId) -> Result<Appeal> {
    #[derive(FromQueryResult)]
    struct Locked {
        #[expect(dead_code, reason = "the row is read for its lock")]
        id: String,
    }
    let sql = format!("SELECT id FROM appeals WHERE id = $1{}", db::dialect::for_update(tx));
    db::one::<Locked>(tx, &sql, params![id]).await?;
    one(tx, id).await
}

pub(crate) async fn decide(
    tx: &Tx,
    id: SessionId,
    (state, answer, credited): (State, &str, i64),
    (decider, now): (PersonId, Instant),
) -> Result<()> {
    let sql = "UPDATE appeals SET state = $1, answer = $2, credited_ms = $3, decided_by = $4, decided_at = $5 WHERE id = $6";
    db::execute(tx, sql, params![state.code(), answer, credited, decider, now, id]).await?;
    Ok(())
}
