//! Statements on courses and lectures.
use std::collections::HashMap;

use base::{Fen, Hours, Instant, Result, day};
use db::{Conn, Tx, Value, params};
use sea_orm::FromQueryResult;

use crate::price;

/// What a lecture is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A film.
    Film,
    /// A document that is read page by page.
    Document,
    /// A learning package.
    Package,
}

impl Kind {
    /// As it is stored.
    pub fn code(self) -> &'static str {
        match self {
            Self::Film => "film",
            Self::Document => "document",
            Self::Package => "package",
        }
    }

    /// The kind of a code; what is unknown is a film.
    pub fn of(code: &str) -> Self {
        match code {
            "document" => Self::Document,
            "package" => Self::Package,
            _ => Self::Film,
        }
    }
}

/// A lecture: a film, a document or a package.
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
    /// How long it takes.
    pub seconds: i64,
    /// What it is made of.
    pub kind: Kind,
    /// What its kind needs to be shown, as JSON; empty for films.
    pub detail: String,
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
    /// The categories of staff it is meant for, by their codes; none for all.
    pub audience: Vec<String>,
    /// Where it comes from.
    pub origin: Origin,
    /// When it was withdrawn; whoever began may finish for a while.
    pub withdrawn_at: Option<i64>,
    /// When a newer version took its place; whoever began keeps this one.
    pub replaced_at: Option<i64>,
    /// Its lectures in order.
    pub lectures: Vec<Lecture>,
}

/// Whoever began a course may finish it for so long after it was withdrawn.
const FINISH_WITHIN_MS: i64 = 30 * 86_400_000;

impl Course {
    /// Whether it is offered to newcomers.
    pub fn is_offered(&self) -> bool {
        self.withdrawn_at.is_none() && self.replaced_at.is_none()
    }

    /// Whether those who began may still learn it.
    pub fn is_open(&self, now: Instant) -> bool {
        self.withdrawn_at.is_none_or(|at| day::millis(now) < at.saturating_add(FINISH_WITHIN_MS))
    }

    /// Until when those who began may learn it, where it was withdrawn.
    pub fn open_until(&self) -> Option<Instant> {
        self.withdrawn_at.map(|at| day::from_millis(at.saturating_add(FINISH_WITHIN_MS)))
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
        price::hours(self.minutes())
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
    audience: String,
    origin: String,
    withdrawn_at: Option<i64>,
    replaced_at: Option<i64>,
}

#[derive(FromQueryResult)]
struct LectureRow {
    id: String,
    course_id: String,
    place: i64,
    title: String,
    seconds: i64,
    kind: String,
    detail: String,
}

impl From<LectureRow> for Lecture {
    fn from(r: LectureRow) -> Self {
        let kind = Kind::of(&r.kind);
        let (course, place, seconds) = (r.course_id, r.place, r.seconds);
        Self { id: r.id, course, place, title: r.title, seconds, kind, detail: r.detail }
    }
}

const COURSE: &str = "SELECT id, title, subject, topic, teacher, price, free, paper_size, audience, origin, \
                      withdrawn_at, replaced_at FROM courses";
const LECTURE: &str = "SELECT id, course_id, place, title, seconds, kind, detail FROM lectures";

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
        audience: row.audience.split_whitespace().map(str::to_owned).collect(),
        origin: if row.origin == Origin::Made.code() { Origin::Made } else { Origin::Delivered },
        withdrawn_at: row.withdrawn_at,
        replaced_at: row.replaced_at,
        lectures,
    }
}

/// Where a course comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Delivered with the program.
    Delivered,
    /// Made here by people.
    Made,
}

impl Origin {
    fn code(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Made => "made",
        }
    }
}

/// Publishes a course that is not there yet; what is there stays as it is, and the answer is false.
pub async fn insert(tx: &Tx, c: &Course, place: i64, now: Instant) -> Result<bool> {
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
        "audience",
        "origin",
        "published_at",
    ];
    let audience = c.audience.join(" ");
    let row = params![
        c.id,
        place,
        c.title,
        c.subject,
        c.topic,
        c.teacher,
        c.price,
        c.free,
        c.paper_size,
        audience,
        c.origin.code(),
        now
    ];
    let written = db::insert_rows(tx, "courses", &columns, vec![row], "ON CONFLICT (id) DO NOTHING").await?;
    let lecture = |l: &Lecture| params![l.id, l.course, l.place, l.title, l.seconds, l.kind.code(), l.detail];
    let rows: Vec<Vec<Value>> = c.lectures.iter().map(lecture).collect();
    let columns = ["id", "course_id", "place", "title", "seconds", "kind", "detail"];
    db::insert_rows(tx, "lectures", &columns, rows, "ON CONFLICT (id) DO NOTHING").await?;
    Ok(written == 1)
}

/// The place after the last course of the list.
pub async fn next_place(conn: &impl Conn) -> Result<i64> {
    db::count(conn, "SELECT COALESCE(MAX(place), 0) + 1 FROM courses", vec![]).await
}

/// Lets a newer version take a course's place: newcomers get that, whoever began keeps theirs.
pub async fn replace(tx: &Tx, course: &str, by: &str, now: Instant) -> Result<()> {
    let sql = "UPDATE courses SET replaced_at = $1 WHERE id = $2 AND replaced_at IS NULL";
    db::execute(tx, sql, params![now, course]).await?;
    db::execute(tx, "UPDATE courses SET replaces = $1 WHERE id = $2", params![course, by]).await?;
    Ok(())
}

/// Withdraws a course, or offers it again; false where that is so already. Withdrawing it twice gives those who began no
/// more time.
pub async fn withdraw(conn: &impl Conn, course: &str, at: Option<Instant>) -> Result<bool> {
    let sql = "UPDATE courses SET withdrawn_at = $1 WHERE id = $2 AND (withdrawn_at IS NULL) = $3";
    Ok(db::execute(conn, sql, params![at.map(day::millis), course, at.is_some()]).await? == 1)
}

/// Withdraws the delivered courses that the provider's list no longer names. One that was withdrawn by hand stays so.
pub(crate) async fn withdraw_others(tx: &Tx, list: &[String], now: Instant) -> Result<()> {
    let marks = db::in_list(2, list.len());
    let sql = format!(
        "UPDATE courses SET withdrawn_at = $1 WHERE withdrawn_at IS NULL AND origin = 'delivered' AND id NOT IN ({marks})"
    );
    let mut values: Vec<Value> = params![now];
    values.extend(list.iter().map(|id| Value::from(id.as_str())));
    db::execute(tx, &sql, values).await?;
    Ok(())
}
