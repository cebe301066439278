//! Statements on courses that are announced while their films are being made.
use base::Result;
use db::{Conn, params};
use sea_orm::FromQueryResult;

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
