//! Statements on courses and lectures.
use std::collections::HashMap;

use base::{Fen, Hours, Instant, Result};
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
    /// Its lectures in order.
    pub lectures: Vec<Lecture>,
}

impl Course {
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

const COURSE: &str = "SELECT id, title, subject, topic, teacher, price, free FROM courses";
const LECTURE: &str = "SELECT id, course_id, place, title, seconds FROM lectures";

/// Every published course, in the order of the provider's list.
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
        lectures,
    }
}

/// Publishes courses that are not there yet; what is there stays as it is.
pub(crate) async fn insert(tx: &Tx, courses: &[Course], now: Instant) -> Result<()> {
    let rows = courses
        .iter()
        .zip(1_i64..)
        .map(|(c, place)| params![c.id, place, c.title, c.subject, c.topic, c.teacher, c.price, c.free, now]);
    let columns = ["id", "place", "title", "subject", "topic", "teacher", "price", "free", "published_at"];
    db::insert_rows(tx, "courses", &columns, rows.collect(), "ON CONFLICT (id) DO NOTHING").await?;
    let rows: Vec<Vec<Value>> = courses
        .iter()
        .flat_map(|c| &c.lectures)
        .map(|l| params![l.id, l.course, l.place, l.title, l.seconds])
        .collect();
    let columns = ["id", "course_id", "place", "title", "seconds"];
    db::insert_rows(tx, "lectures", &columns, rows, "ON CONFLICT (id) DO NOTHING").await?;
    Ok(())
}
