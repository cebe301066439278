//! Statements on drafts and materials.
use std::collections::HashMap;

use base::{Error, Instant, PersonId, Result, SessionId};
use catalogue::Kind;
use db::{Conn, Param, Tx, params};
use sea_orm::FromQueryResult;

use crate::{
    draft::{Draft, Facts},
    material::{Made, Material, State, Trouble},
};

#[derive(FromQueryResult)]
struct DraftRow {
    id: String,
    title: String,
    subject: String,
    topic: String,
    teacher: String,
    audience: String,
    is_free: bool,
    replaces: Option<String>,
    course_id: Option<String>,
}

impl From<DraftRow> for Draft {
    fn from(r: DraftRow) -> Self {
        let facts = Facts {
            title: r.title,
            subject: r.subject,
            topic: r.topic,
            teacher: r.teacher,
            audience: r.audience.split_whitespace().map(str::to_owned).collect(),
            free: r.is_free,
        };
        Self { id: r.id, facts, replaces: r.replaces, course: r.course_id }
    }
}

const DRAFT: &str =
    "SELECT id, title, subject, topic, teacher, audience, is_free, replaces, course_id FROM drafts";

pub(crate) async fn insert_draft(
    conn: &impl Conn,
    id: SessionId,
    (facts, replaces): (&Facts, Option<&str>),
    (maker, now): (PersonId, Instant),
) -> Result<()> {
    let sql = "INSERT INTO drafts (id, title, subject, topic, teacher, audience, is_free, replaces, made_by, made_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let audience = facts.audience.join(" ");
    let values = params![
        id,
        facts.title,
        facts.subject,
        facts.topic,
        facts.teacher,
        audience,
        facts.free,
        replaces,
        maker,
        now
    ];
    db::execute(conn, sql, values).await?;
    Ok(())
}

/// Changes what is said of a draft that is not published; false where it is.
pub(crate) async fn change_draft(conn: &impl Conn, id: &str, facts: &Facts) -> Result<bool> {
    let sql = "UPDATE drafts SET title = $1, subject = $2, topic = $3, teacher = $4, audience = $5, is_free = $6 \
               WHERE id = $7 AND published_at IS NULL";
    let audience = facts.audience.join(" ");
    let values = params![facts.title, facts.subject, facts.topic, facts.teacher, audience, facts.free, id];
    Ok(db::execute(conn, sql, values).await? == 1)
}

pub(crate) async fn drafts(conn: &impl Conn) -> Result<Vec<Draft>> {
    let sql = format!("{DRAFT} ORDER BY made_at DESC, id DESC LIMIT 200");
    Ok(db::all::<DraftRow>(conn, &sql, vec![]).await?.into_iter().map(Draft::from).collect())
}

pub(crate) async fn draft(conn: &impl Conn, id: &str) -> Result<Draft> {
    Ok(db::one::<DraftRow>(conn, &format!("{DRAFT} WHERE id = $1"), params![id]).await?.into())
}

/// A draft whose row is locked until the transaction ends.
pub(crate) async fn hold_draft(tx: &Tx, id: &str) -> Result<Draft> {
    let sql = format!("{DRAFT} WHERE id = $1{}", db::dialect::for_update(tx));
    Ok(db::one::<DraftRow>(tx, &sql, params![id]).await?.into())
}

pub(crate) async fn published(tx: &Tx, id: &str, course: &str, now: Instant) -> Result<()> {
    let sql = "UPDATE drafts SET course_id = $1, published_at = $2 WHERE id = $3";
    db::execute(tx, sql, params![course, now, id]).await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct MaterialRow {
    id: String,
    draft_id: String,
    title: String,
    kind: String,
    file_name: String,
    size: i64,
    received: i64,
    minutes: i64,
    state: String,
    progress: i64,
    problem: Option<String>,
    remark: Option<String>,
    seconds: i64,
    detail: String,
}

impl From<MaterialRow> for Material {
    fn from(r: MaterialRow) -> Self {
        Self {
            id: r.id,
            draft: r.draft_id,
            title: r.title,
            kind: Kind::of(&r.kind),
            file_name: r.file_name,
            size: r.size,
            received: r.received,
            minutes: r.minutes,
            state: r.state,
            progress: r.progress,
            problem: r.problem,
            remark: r.remark,
            seconds: r.seconds,
            detail: r.detail,
        }
    }
}

const MATERIAL: &str = "SELECT id, draft_id, title, kind, file_name, size, received, minutes, state, progress, \
                        problem, remark, seconds, detail FROM materials";

pub(crate) async fn insert_material(tx: &Tx, m: &Material, now: Instant) -> Result<()> {
    let sql = "INSERT INTO materials (id, draft_id, place, title, kind, file_name, size, received, minutes, state, \
               progress, seconds, detail, worked_until, made_at) VALUES ($1, $2, (SELECT COALESCE(MAX(place), 0) + 1 \
               FROM materials WHERE draft_id = $2), $3, $4, $5, $6, 0, $7, 'uploading', 0, 0, '', 0, $8)";
    let values = params![m.id, m.draft, m.title, m.kind.code(), m.file_name, m.size, m.minutes, now];
    db::execute(tx, sql, values).await?;
    Ok(())
}

pub(crate) async fn materials(conn: &impl Conn, draft: &str) -> Result<Vec<Material>> {
    let sql = format!("{MATERIAL} WHERE draft_id = $1 ORDER BY place, id LIMIT 200");
    Ok(db::all::<MaterialRow>(conn, &sql, params![draft]).await?.into_iter().map(Material::from).collect())
}

pub(crate) async fn material(conn: &impl Conn, id: &str) -> Result<Material> {
    let found = db::maybe::<MaterialRow>(conn, &format!("{MATERIAL} WHERE id = $1"), params![id]).await?;
    found.map(Material::from).ok_or_else(Error::not_found)
}

/// Notes how much has arrived; the last part lets the work begin. False where it was not being uploaded.
pub(crate) async fn received(conn: &impl Conn, id: &str, received: i64) -> Result<bool> {
    let sql = "UPDATE materials SET received = $1, state = CASE WHEN size <= $1 THEN 'waiting' ELSE state END \
               WHERE id = $2 AND state = 'uploading'";
    Ok(db::execute(conn, sql, params![received, id]).await? == 1)
}

/// Takes a material to work on until an instant; false where another does.
pub(crate) async fn claim(conn: &impl Conn, id: &str, (now, until): (i64, i64)) -> Result<bool> {
    let sql = "UPDATE materials SET state = 'working', worked_until = $1 WHERE id = $2 \
               AND (state = 'waiting' OR (state = 'working' AND worked_until < $3))";
    Ok(db::execute(conn, sql, params![until, id, now]).await? == 1)
}

/// Notes the progress and holds on to the material; false where another took it over.
pub(crate) async fn progress(
    conn: &impl Conn,
    id: &str,
    percent: i64,
    (before, until): (i64, i64),
) -> Result<bool> {
    let sql = "UPDATE materials SET progress = $1, worked_until = $2 WHERE id = $3 AND state = 'working' \
               AND worked_until = $4";
    Ok(db::execute(conn, sql, params![percent, until, id, before]).await? == 1)
}

/// Notes what was made; false where the material is gone.
pub(crate) async fn ready(conn: &impl Conn, id: &str, made: &Made) -> Result<bool> {
    let sql = "UPDATE materials SET state = $1, progress = 100, seconds = $2, detail = $3, worked_until = 0 WHERE id = $4";
    Ok(db::execute(conn, sql, params![State::Ready.code(), made.seconds, made.detail, id]).await? == 1)
}

/// Notes why nothing was made; false where the material is gone.
pub(crate) async fn failed(conn: &impl Conn, id: &str, trouble: &Trouble) -> Result<bool> {
    let sql = "UPDATE materials SET state = $1, problem = $2, remark = $3, worked_until = 0 WHERE id = $4";
    Ok(db::execute(conn, sql, params![State::Failed.code(), trouble.code, trouble.detail, id]).await? == 1)
}

/// Removes a material of a draft that is not published.
pub(crate) async fn remove(tx: &Tx, id: &str) -> Result<bool> {
    let sql = "DELETE FROM materials WHERE id = $1 AND draft_id IN (SELECT id FROM drafts WHERE published_at IS NULL)";
    Ok(db::execute(tx, sql, params![id]).await? == 1)
}

/// What people of this platform are called.
pub(crate) async fn names(conn: &impl Conn, people: &[&str]) -> Result<HashMap<String, String>> {
    #[derive(FromQueryResult)]
    struct Name {
        id: String,
        name: String,
    }
    if people.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = format!("SELECT id, name FROM learners WHERE id IN ({})", db::in_list(1, people.len()));
    let rows = db::all::<Name>(conn, &sql, people.iter().map(Param::param).collect()).await?;
    Ok(rows.into_iter().map(|n| (n.id, n.name)).collect())
}

/// Whether a material or a published lecture has this id, and so its files.
pub(crate) async fn is_named(conn: &impl Conn, id: &str) -> Result<bool> {
    let sql = "SELECT (SELECT COUNT(*) FROM materials WHERE id = $1) + (SELECT COUNT(*) FROM lectures WHERE id = $1)";
    Ok(db::count(conn, sql, params![id]).await? > 0)
}

/// Materials whose work has not been done or was broken off.
pub(crate) async fn unfinished(conn: &impl Conn, now: i64) -> Result<Vec<String>> {
    #[derive(FromQueryResult)]
    struct Id {
        id: String,
    }
    let sql = "SELECT id FROM materials WHERE state = 'waiting' OR (state = 'working' AND worked_until < $1) LIMIT 1000";
    Ok(db::all::<Id>(conn, sql, params![now]).await?.into_iter().map(|i| i.id).collect())
}
