//! Statements on learning sessions and enrolments.
use base::{Error, Instant, PersonId, Result, SessionId};
use db::{Conn, Tx, params};
use rules::learning::Session;
use sea_orm::FromQueryResult;

/// A learning session under its row lock.
pub(crate) struct Held {
    pub session: Session,
    pub lecture: String,
    pub last_seq: i64,
    pub last_answer: Option<String>,
    pub last_check: i64,
}

#[derive(FromQueryResult)]
struct Row {
    lecture_id: String,
    state: String,
    last_seq: i64,
    last_answer: Option<String>,
    last_check: i64,
    ended_at: Option<i64>,
}

/// The learner's session, locked until the transaction ends.
pub(crate) async fn hold(tx: &Tx, id: SessionId, learner: PersonId) -> Result<Held> {
    let sql = format!(
        "SELECT lecture_id, state, last_seq, last_answer, last_check, ended_at FROM learning_sessions \
         WHERE id = $1 AND learner_id = $2{}",
        db::dialect::for_update(tx)
    );
    let row: Row = db::one(tx, &sql, params![id, learner]).await?;
    let mut session: Session = serde_json::from_str(&row.state).map_err(Error::internal)?;
    if row.ended_at.is_some() {
        session.supersede();
    }
    let (lecture, last_seq, last_answer, last_check) =
        (row.lecture_id, row.last_seq, row.last_answer, row.last_check);
    Ok(Held { session, lecture, last_seq, last_answer, last_check })
}

/// Writes back what a beat or an answer changed.
pub(crate) async fn keep(tx: &Tx, id: SessionId, held: &Held) -> Result<()> {
    let state = serde_json::to_string(&held.session).map_err(Error::internal)?;
    let sql = "UPDATE learning_sessions SET state = $1, last_seq = $2, last_answer = $3, last_check = $4 WHERE id = $5";
    db::execute(tx, sql, params![state, held.last_seq, held.last_answer, held.last_check, id]).await?;
    Ok(())
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
    let sql = "UPDATE learning_sessions SET ended_at = $1 WHERE learner_id = $2 AND ended_at IS NULL";
    db::execute(tx, sql, params![now, learner]).await?;
    Ok(())
}

/// The state of the learner's latest session, of whatever lecture.
pub(crate) async fn latest(tx: &Tx, learner: PersonId) -> Result<Option<Session>> {
    #[derive(FromQueryResult)]
    struct State {
        state: String,
    }
    let sql =
        "SELECT state FROM learning_sessions WHERE learner_id = $1 ORDER BY opened_at DESC, id DESC LIMIT 1";
    let found = db::maybe::<State>(tx, sql, params![learner]).await?;
    found.map(|s| serde_json::from_str(&s.state)).transpose().map_err(Error::internal)
}

pub(crate) async fn insert(
    tx: &Tx,
    id: SessionId,
    (learner, lecture): (PersonId, &str),
    session: &Session,
    now: Instant,
) -> Result<()> {
    let state = serde_json::to_string(session).map_err(Error::internal)?;
    let sql = "INSERT INTO learning_sessions (id, learner_id, lecture_id, state, last_seq, last_check, opened_at) \
               VALUES ($1, $2, $3, $4, 0, 0, $5)";
    db::execute(tx, sql, params![id, learner, lecture, state, now]).await?;
    Ok(())
}

/// Enrols; doing it again changes nothing.
pub(crate) async fn enrol(conn: &impl Conn, learner: PersonId, course: &str, now: Instant) -> Result<()> {
    let sql = "INSERT INTO enrollments (learner_id, course_id, at) VALUES ($1, $2, $3) \
               ON CONFLICT (learner_id, course_id) DO NOTHING";
    db::execute(conn, sql, params![learner, course, now]).await?;
    Ok(())
}

pub(crate) async fn is_enrolled(conn: &impl Conn, learner: PersonId, course: &str) -> Result<bool> {
    let sql = "SELECT COUNT(*) FROM enrollments WHERE learner_id = $1 AND course_id = $2";
    Ok(db::count(conn, sql, params![learner, course]).await? > 0)
}

/// The learner's courses, the latest enrolment first.
pub(crate) async fn enrolled(conn: &impl Conn, learner: PersonId) -> Result<Vec<String>> {
    #[derive(FromQueryResult)]
    struct Enrolment {
        course_id: String,
    }
    let sql = "SELECT course_id FROM enrollments WHERE learner_id = $1 ORDER BY at DESC, course_id";
    let rows = db::all::<Enrolment>(conn, sql, params![learner]).await?;
    Ok(rows.into_iter().map(|r| r.course_id).collect())
}
