//! Statements on courses and lectures.
use std::collections::HashMap;

use base::{Error, Fen, Hours, Instant, Result, day};
use db::{Conn, Tx, Value, params};
use sea_orm::FromQueryResult;

/// A lecture: one film.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lecture {
    /// Its stable id.
    pub id: String,
    /// The course it belongs to.
    pub course: String,
    /// Its place in the course, from 1.
    pub place: i64,
    /// Its title.
    pub title: String,
    /// How long the film is.
    pub seconds: i64,
}

/// A published course.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Course {
    /// Its stable id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// `public` or `professional`.
    pub subject: String,
    /// The topic it belongs to.
    pub topic: String,
    /// Who teaches.
    pub teacher: String,
    /// What it costs.
    pub price: Fen,
    /// Whether it costs nothing.
    pub free: bool,
    /// How many questions a quiz paper has; 0 without a quiz.
    pub paper_size: i64,
    /// When it was withdrawn; whoever began may finish for a while.
    pub withdrawn_at: Option<i64>,
    /// Its lectures in order.
    pub lectures: Vec<Lecture>,
}

/// Whoever began a course may finish it for so long after it was withdrawn.
const FINISH_WITHIN_MS: i64 = 30 * 86_400_000;

impl Course {
    /// Whether it is offered to newcomers.
    pub fn is_offered(&self) -> bool {
        self.withdrawn_at.is_none()
    }

    /// Whether those who began may still learn it.
    pub fn is_open(&self, now: Instant) -> bool {
        self.withdrawn_at.is_none_or(|at| day::millis(now) < at.saturating_add(FINISH_WITHIN_MS))
    }

    /// Whether it ends with a quiz.
    pub fn has_quiz(&self) -> bool {
        self.paper_size > 0
    }

    /// The length of all lectures.
    pub fn seconds(&self) -> i64 {
        self.lectures.iter().map(|l| l.seconds).sum()
    }

    /// Whole minutes, as completions report them.
    pub fn minutes(&self) -> u64 {
        u64::try_from(self.seconds() / 60).unwrap_or(0)
    }

    /// 40 minutes are an hour, down to 0.1 (domain §2).
    pub fn hours(&self) -> Hours {
        Hours::of_course(self.minutes(), 40, Hours::from_hundredths(10))
    }

    /// The length as pages write it.
    pub fn length(&self) -> String {
        clock(self.seconds())
    }
}

impl Lecture {
    /// The length as pages write it.
    pub fn length(&self) -> String {
        clock(self.seconds)
    }
}

fn clock(seconds: i64) -> String {
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{rest:02}") } else { format!("{minutes:02}:{rest:02}") }
}

#[derive(FromQueryResult)]
struct CourseRow {
    id: String,
    title: String,
    subject: String,
    topic: String,
    teacher: String,
    price: i64,
    free: bool,
    paper_size: i64,
    withdrawn_at: Option<i64>,
}

#[derive(FromQueryResult)]
struct LectureRow {
    id: String,
    course_id: String,
    place: i64,
    title: String,
    seconds: i64,
}

impl From<LectureRow> for Lecture {
    fn from(r: LectureRow) -> Self {
        Self { id: r.id, course: r.course_id, place: r.place, title: r.title, seconds: r.seconds }
    }
}

const COURSE: &str =
    "SELECT id, title, subject, topic, teacher, price, free, paper_size, withdrawn_at FROM courses";
const LECTURE: &str = "SELECT id, course_id, place, title, seconds FROM lectures";

/// Every course ever published, in the order of the provider's list; withdrawn ones too, for those who began.
pub async fn all(conn: &impl Conn) -> Result<Vec<Course>> {
    let rows = db::all::<CourseRow>(conn, &format!("{COURSE} ORDER BY place, id"), vec![]).await?;
    let lectures = db::all::<LectureRow>(conn, &format!("{LECTURE} ORDER BY place"), vec![]).await?;
    let mut of: HashMap<String, Vec<Lecture>> = HashMap::new();
    for row in lectures {
        of.entry(row.course_id.clone()).or_default().push(row.into());
    }
    Ok(rows.into_iter().map(|row| with_lectures(of.remove(&row.id).unwrap_or_default(), row)).collect())
}

/// One course.
pub async fn course(conn: &impl Conn, id: &str) -> Result<Course> {
    let row = db::one::<CourseRow>(conn, &format!("{COURSE} WHERE id = $1"), params![id]).await?;
    let sql = format!("{LECTURE} WHERE course_id = $1 ORDER BY place");
    let lectures = db::all::<LectureRow>(conn, &sql, params![id]).await?;
    Ok(with_lectures(lectures.into_iter().map(Lecture::from).collect(), row))
}

/// One lecture.
pub async fn lecture(conn: &impl Conn, id: &str) -> Result<Lecture> {
    Ok(db::one::<LectureRow>(conn, &format!("{LECTURE} WHERE id = $1"), params![id]).await?.into())
}

fn with_lectures(lectures: Vec<Lecture>, row: CourseRow) -> Course {
    Course {
        id: row.id,
        title: row.title,
        subject: row.subject,
        topic: row.topic,
        teacher: row.teacher,
        price: Fen::new(row.price),
        free: row.free,
        paper_size: row.paper_size,
        withdrawn_at: row.withdrawn_at,
        lectures,
    }
}

/// Publishes a course that is not there yet; what is there stays as it is.
pub(crate) async fn insert(tx: &Tx, c: &Course, place: i64, now: Instant) -> Result<()> {
    let columns = [
        "id",
        "place",
        "title",
        "subject",
        "topic",
        "teacher",
        "price",
        "free",
        "paper_size",
        "published_at",
    ];
    let row =
        params![c.id, place, c.title, c.subject, c.topic, c.teacher, c.price, c.free, c.paper_size, now];
    db::insert_rows(tx, "courses", &columns, vec![row], "ON CONFLICT (id) DO NOTHING").await?;
    let rows: Vec<Vec<Value>> =
        c.lectures.iter().map(|l| params![l.id, l.course, l.place, l.title, l.seconds]).collect();
    let columns = ["id", "course_id", "place", "title", "seconds"];
    db::insert_rows(tx, "lectures", &columns, rows, "ON CONFLICT (id) DO NOTHING").await?;
    Ok(())
}

/// A course whose films are being made.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Coming {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// How many lectures it has.
    pub lectures: i64,
    /// How many films are there.
    pub made: i64,
}

/// Announces the courses that are not published yet, in their order.
pub(crate) async fn announce(conn: &impl Conn, order: &[String], courses: &[Coming]) -> Result<()> {
    let place =
        |id: &str| order.iter().position(|o| o == id).and_then(|n| i64::try_from(n).ok()).unwrap_or(0);
    let rows = courses.iter().map(|c| params![c.id, place(&c.id), c.title, c.lectures, c.made]).collect();
    let columns = ["id", "place", "title", "lectures", "made"];
    db::insert_rows(conn, "coming_courses", &columns, rows, "ON CONFLICT (id) DO NOTHING").await?;
    Ok(())
}

/// Notes how many films of a course are there.
pub(crate) async fn made(conn: &impl Conn, course: &str, films: i64) -> Result<()> {
    db::execute(conn, "UPDATE coming_courses SET made = $1 WHERE id = $2", params![films, course]).await?;
    Ok(())
}

/// The courses that are announced and not published.
pub async fn coming(conn: &impl Conn) -> Result<Vec<Coming>> {
    let sql = "SELECT id, title, lectures, made FROM coming_courses c \
               WHERE NOT EXISTS (SELECT 1 FROM courses p WHERE p.id = c.id) ORDER BY place, id";
    db::all(conn, sql, vec![]).await
}

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
pub(crate) async fn insert_questions(tx: &Tx, course: &str, bank: &[Question]) -> Result<()> {
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

/// Offers a course (again) and withdraws those that the provider's list no longer names.
pub(crate) async fn offer(tx: &Tx, course: &str, list: &[String], now: Instant) -> Result<()> {
    db::execute(tx, "UPDATE courses SET withdrawn_at = NULL WHERE id = $1", params![course]).await?;
    let marks = db::in_list(2, list.len());
    let sql =
        format!("UPDATE courses SET withdrawn_at = $1 WHERE withdrawn_at IS NULL AND id NOT IN ({marks})");
    let mut values: Vec<Value> = params![now];
    values.extend(list.iter().map(|id| Value::from(id.as_str())));
    db::execute(tx, &sql, values).await?;
    Ok(())
}
