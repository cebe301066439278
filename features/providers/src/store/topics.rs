//! Statements on public courses outside the year's topics that the authority marked as public.
use std::collections::{HashMap, HashSet};

use base::{Instant, Result, Year};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;

use crate::{
    provider::ProviderId,
    store::{COURSE, CourseRow},
};

/// So many marks a year are read; more are not made.
pub(crate) const MOST: i64 = 5_000;

/// A mark with its reason.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Mark {
    pub course_id: String,
    pub reason: String,
}

/// The year's marks by course.
pub(crate) async fn marks(conn: &impl Conn, year: Year) -> Result<HashMap<String, String>> {
    let sql = "SELECT course_id, reason FROM public_course_marks WHERE year = $1 ORDER BY course_id LIMIT $2";
    let rows: Vec<Mark> = db::all(conn, sql, params![year, MOST]).await?;
    Ok(rows.into_iter().map(|m| (m.course_id, m.reason)).collect())
}

pub(crate) async fn is_marked(conn: &impl Conn, course: &str, year: Year) -> Result<bool> {
    let sql = "SELECT COUNT(*) FROM public_course_marks WHERE course_id = $1 AND year = $2";
    Ok(db::count(conn, sql, params![course, year]).await? > 0)
}

/// Marks a course; false where it was marked before.
pub(crate) async fn mark(
    tx: &Tx,
    (course, year): (&str, Year),
    reason: &str,
    (by, now): (&str, Instant),
) -> Result<bool> {
    let sql = "INSERT INTO public_course_marks (course_id, year, reason, marked_by, at) VALUES ($1, $2, $3, $4, $5) \
               ON CONFLICT (course_id, year) DO NOTHING";
    Ok(db::execute(tx, sql, params![course, year, reason, by, now]).await? == 1)
}

/// Takes a mark away; false where there was none.
pub(crate) async fn unmark(tx: &Tx, course: &str, year: Year) -> Result<bool> {
    let sql = "DELETE FROM public_course_marks WHERE course_id = $1 AND year = $2";
    Ok(db::execute(tx, sql, params![course, year]).await? == 1)
}

/// Public courses of all providers, listed ones and those that are marked for the year, by id.
pub(crate) async fn public_courses(conn: &impl Conn, year: Year) -> Result<Vec<CourseRow>> {
    let sql = format!(
        "{COURSE} WHERE c.subject = 'public' AND ((c.listed AND p.standing = 'live') OR c.id IN \
         (SELECT course_id FROM public_course_marks WHERE year = $1)) ORDER BY p.name, c.title, c.id LIMIT $2"
    );
    db::all(conn, &sql, params![year, MOST]).await
}

/// A provider's own ids of its public courses, with their topics.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Topical {
    pub id: String,
    pub course: String,
    pub topic: String,
}

pub(crate) async fn topics_of(conn: &impl Conn, provider: ProviderId) -> Result<Vec<Topical>> {
    let sql = "SELECT id, course, topic FROM provider_courses WHERE provider_id = $1 AND subject = 'public' AND listed \
               ORDER BY course LIMIT $2";
    db::all(conn, sql, params![provider, MOST]).await
}

/// Courses by the codes under which years count them (`provider:course`); unknown ones are left out.
pub(crate) async fn by_codes(conn: &impl Conn, codes: &HashSet<String>) -> Result<Vec<CourseRow>> {
    let pairs: Vec<(&str, &str)> = codes.iter().filter_map(|code| code.split_once(':')).collect();
    if pairs.is_empty() {
        return Ok(vec![]);
    }
    let sql = format!(
        "{COURSE} WHERE p.name IN ({}) AND c.course IN ({})",
        db::in_list(1, pairs.len()),
        db::in_list(pairs.len() + 1, pairs.len())
    );
    let names = pairs.iter().flat_map(|(name, _)| params![*name]);
    let values = names.chain(pairs.iter().flat_map(|(_, course)| params![*course])).collect();
    let rows: Vec<CourseRow> = db::all(conn, &sql, values).await?;
    Ok(rows.into_iter().filter(|r| codes.contains(&format!("{}:{}", r.provider, r.course))).collect())
}

/// The provider's own ids of courses that are the same as one of the codes.
pub(crate) async fn same_as(
    conn: &impl Conn,
    provider: ProviderId,
    codes: &HashSet<String>,
) -> Result<Vec<(String, String)>> {
    #[derive(FromQueryResult)]
    struct Same {
        course: String,
        canonical: String,
    }
    if codes.is_empty() {
        return Ok(vec![]);
    }
    let sql = format!(
        "SELECT course, canonical FROM provider_courses WHERE provider_id = $1 AND canonical IN ({}) ORDER BY course",
        db::in_list(2, codes.len())
    );
    let values = params![provider].into_iter().chain(codes.iter().flat_map(|c| params![c])).collect();
    let rows: Vec<Same> = db::all(conn, &sql, values).await?;
    Ok(rows.into_iter().map(|s| (s.course, s.canonical)).collect())
}

/// Whether another course is the same as the one of that code.
pub(crate) async fn has_same(conn: &impl Conn, code: &str) -> Result<bool> {
    let sql = "SELECT COUNT(*) FROM (SELECT 1 FROM provider_courses WHERE canonical = $1 LIMIT 1) AS same";
    Ok(db::count(conn, sql, params![code]).await? > 0)
}
