//! Statements on quiz papers.
use base::{Error, Instant, PersonId, Result, SessionId};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;
use serde::{Deserialize, Serialize};

/// A question on a paper, with its options in the order shown.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Asked {
    pub id: String,
    pub options: Vec<String>,
}

/// A paper.
pub(crate) struct Paper {
    pub id: String,
    pub course: String,
    pub questions: Vec<Asked>,
    pub answered_at: Option<i64>,
}

#[derive(FromQueryResult)]
struct Row {
    id: String,
    course_id: String,
    questions: String,
    answered_at: Option<i64>,
}

const PAPER: &str = "SELECT id, course_id, questions, answered_at FROM quiz_papers";

impl TryFrom<Row> for Paper {
    type Error = Error;
    fn try_from(r: Row) -> Result<Self> {
        let questions = serde_json::from_str(&r.questions).map_err(Error::internal)?;
        Ok(Self { id: r.id, course: r.course_id, questions, answered_at: r.answered_at })
    }
}

pub(crate) async fn insert(
    conn: &impl Conn,
    (id, questions): (SessionId, &[Asked]),
    learner: PersonId,
    (course, round): (&str, i64),
    now: Instant,
) -> Result<()> {
    let questions = serde_json::to_string(questions).map_err(Error::internal)?;
    let sql = "INSERT INTO quiz_papers (id, learner_id, course_id, round, questions, made_at) \
               VALUES ($1, $2, $3, $4, $5, $6)";
    db::execute(conn, sql, params![id, learner, course, round, questions, now]).await?;
    Ok(())
}

/// The learner's paper.
pub(crate) async fn paper(conn: &impl Conn, id: SessionId, learner: PersonId) -> Result<Paper> {
    let sql = format!("{PAPER} WHERE id = $1 AND learner_id = $2");
    db::one::<Row>(conn, &sql, params![id, learner]).await?.try_into()
}

/// Writes the result of a paper that has none yet; false where it has.
pub(crate) async fn mark(
    tx: &Tx,
    id: &str,
    answers: &str,
    (score, passed): (i64, bool),
    now: Instant,
) -> Result<bool> {
    let sql = "UPDATE quiz_papers SET answers = $1, score = $2, passed = $3, answered_at = $4 \
               WHERE id = $5 AND answered_at IS NULL";
    Ok(db::execute(tx, sql, params![answers, score, passed, now, id]).await? == 1)
}

/// Whether the learner has passed in this round.
pub(crate) async fn has_passed(
    conn: &impl Conn,
    learner: PersonId,
    (course, round): (&str, i64),
) -> Result<bool> {
    let sql =
        "SELECT COUNT(*) FROM quiz_papers WHERE learner_id = $1 AND course_id = $2 AND round = $3 AND passed";
    Ok(db::count(conn, sql, params![learner, course, round]).await? > 0)
}
