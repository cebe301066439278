//! Statements on the questions of courses.
use base::{Error, Result};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;

/// A question of a course's own bank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Its stable id.
    pub id: String,
    /// What is asked.
    pub prompt: String,
    /// The one right option.
    pub correct: String,
    /// The others.
    pub wrong: Vec<String>,
}

#[derive(FromQueryResult)]
struct QuestionRow {
    id: String,
    prompt: String,
    correct: String,
    wrong: String,
}

/// The questions of a course, in the order of its bank.
pub async fn questions(conn: &impl Conn, course: &str) -> Result<Vec<Question>> {
    let sql = "SELECT id, prompt, correct, wrong FROM questions WHERE course_id = $1 ORDER BY place, id";
    let rows = db::all::<QuestionRow>(conn, sql, params![course]).await?;
    let read = |r: QuestionRow| {
        let wrong = serde_json::from_str(&r.wrong).map_err(Error::internal)?;
        Ok(Question { id: r.id, prompt: r.prompt, correct: r.correct, wrong })
    };
    rows.into_iter().map(read).collect()
}

/// Publishes the questions of courses; the id tells the course and the place, what is there is brought up to date.
pub async fn insert_questions(tx: &Tx, course: &str, bank: &[Question]) -> Result<()> {
    let row = |(q, place): (&Question, i64)| {
        let wrong = serde_json::to_string(&q.wrong).map_err(Error::internal)?;
        Ok(params![q.id, course, place, q.prompt, q.correct, wrong])
    };
    let rows = bank.iter().zip(1_i64..).map(row).collect::<Result<_>>()?;
    let columns = ["id", "course_id", "place", "prompt", "correct", "wrong"];
    let mend = "ON CONFLICT (id) DO UPDATE SET prompt = excluded.prompt, correct = excluded.correct, wrong = excluded.wrong";
    db::insert_rows(tx, "questions", &columns, rows, mend).await?;
    Ok(())
}
