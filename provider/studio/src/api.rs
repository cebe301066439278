//! Making courses over the JSON API: drafts, uploads in parts, publishing. For those who look after the platform.
use std::io::SeekFrom;

use audit::Deed;
use axum::{
    body::{Bytes, to_bytes},
    extract::{Path, Request, State},
    http::StatusCode,
    response::IntoResponse,
};
use base::{Error, Kind as Refusal, Result, Role, SessionId};
use db::Tx;
use serde::{Deserialize, Serialize};
use serde_json::json;
use site::{Access, Json, Page, Reply, Routes, Site, Visitor};
use tokio::{
    fs,
    io::{AsyncSeekExt, AsyncWriteExt},
};
use utoipa::{OpenApi, ToSchema};

use crate::{
    Folders, captions, change, discard,
    draft::{Draft, Facts},
    kind,
    material::{MOST_BYTES, Material, PART_BYTES, State as Stage},
    publish, store, work,
};

pub(crate) const MANAGERS: &[Role] = &[Role::Provider];
/// A package takes at most a day of learning, in minutes.
const MOST_MINUTES: i64 = 600;

pub(crate) fn routes(folders: &Folders) -> Routes {
    let (of_parts, of_captions) = (folders.clone(), folders.clone());
    let part =
        move |State(site): State<Site>, v: Visitor, Path(place): Path<(String, i64)>, request: Request| {
            let folders = of_parts.clone();
            async move { part((&site, &v), &folders, (&place.0, place.1), request).await }
        };
    let subtitles = move |State(site): State<Site>, v: Visitor, Path(id): Path<String>, request: Request| {
        let folders = of_captions.clone();
        async move { subtitles((&site, &v), &folders, &id, request).await }
    };
    let managers = Access::Roles(MANAGERS);
    Routes::new()
        .get("/api/v1/drafts", managers, list)
        .post("/api/v1/drafts", managers, begin)
        .get("/api/v1/drafts/{id}", managers, one)
        .put("/api/v1/drafts/{id}", managers, change)
        .post("/api/v1/drafts/{id}/materials", managers, hand_in)
        .post("/api/v1/drafts/{id}/publication", managers, publication)
        .put("/api/v1/materials/{id}/parts/{offset}", managers, part)
        .put("/api/v1/materials/{id}/captions", managers, subtitles)
        .delete("/api/v1/materials/{id}", managers, remove)
        .put("/api/v1/courses/{id}/withdrawal", managers, withdraw)
        .delete("/api/v1/courses/{id}/withdrawal", managers, offer_again)
}

#[derive(OpenApi)]
#[openapi(
    paths(
        list,
        begin,
        one,
        change,
        hand_in,
        publication,
        part_docs,
        captions_docs,
        remove,
        withdraw,
        offer_again
    ),
    components(schemas(Facts, DraftItem, MaterialItem, NewMaterial, NewDraft))
)]
struct Docs;

/// The slice's part of the OpenAPI document.
pub(crate) fn docs() -> utoipa::openapi::OpenApi {
    Docs::openapi()
}

#[derive(Serialize, ToSchema)]
struct MaterialItem {
    id: String,
    title: String,
    file_name: String,
    kind: String,
    /// `uploading`, `waiting`, `working`, `ready` or `failed`.
    state: String,
    received: i64,
    size: i64,
    /// Percent.
    progress: i64,
    seconds: i64,
    problem: Option<String>,
    remark: Option<String>,
}

impl From<Material> for MaterialItem {
    fn from(m: Material) -> Self {
        Self {
            id: m.id,
            title: m.title,
            file_name: m.file_name,
            kind: m.kind.code().to_owned(),
            state: m.state,
            received: m.received,
            size: m.size,
            progress: m.progress,
            seconds: m.seconds,
            problem: m.problem,
            remark: m.remark,
        }
    }
}

#[derive(Serialize, ToSchema)]
struct DraftItem {
    id: String,
    title: String,
    subject: String,
    topic: String,
    teacher: String,
    course: Option<String>,
    materials: Vec<MaterialItem>,
}

fn item(draft: Draft, materials: Vec<Material>) -> DraftItem {
    let Facts { title, subject, topic, teacher, .. } = draft.facts;
    let materials = materials.into_iter().map(MaterialItem::from).collect();
    DraftItem { id: draft.id, title, subject, topic, teacher, course: draft.course, materials }
}

/// Courses in the making, the latest first.
#[utoipa::path(get, path = "/api/v1/drafts", responses((status = 200, body = Page<DraftItem>)))]
async fn list(State(site): State<Site>) -> Reply {
    let items = store::drafts(&site.db).await?.into_iter().map(|d| item(d, vec![])).collect();
    Ok(axum::Json(Page::<DraftItem>::whole(items)).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewDraft {
    course: Facts,
    /// The course whose next version it becomes.
    #[serde(default)]
    replaces: Option<String>,
}

/// Begin a course.
#[utoipa::path(post, path = "/api/v1/drafts", request_body = NewDraft, responses(
    (status = 201, body = DraftItem), (status = 422, description = "topic_outside: a public course names one of the year's topics")))]
async fn begin(State(site): State<Site>, visitor: Visitor, Json(new): Json<NewDraft>) -> Reply {
    let id = start(&site, &visitor, new.course, new.replaces.as_deref()).await?;
    let draft = store::draft(&site.db, &id).await?;
    Ok((StatusCode::CREATED, axum::Json(item(draft, vec![]))).into_response())
}

/// Makes a draft; answers its id.
pub(crate) async fn start(
    site: &Site,
    visitor: &Visitor,
    facts: Facts,
    replaces: Option<&str>,
) -> Result<String> {
    let facts = facts.checked()?;
    if let Some(course) = replaces
        && !catalogue::course(&site.db, course).await?.is_offered()
    {
        return Err(Error::conflict("course_not_offered"));
    }
    let id: SessionId = site.new_id();
    let text = id.to_string();
    let said = serde_json::to_value(&facts).map_err(Error::internal)?;
    let said = change::with(said, "replaces", json!(replaces));
    let tx = site.db.begin().await?;
    store::insert_draft(&tx, id, (&facts, replaces), (visitor.actor.person, site.now())).await?;
    audit::record(site, &tx, Deed::here(Some(visitor.actor.person), "draft.begin", &text, said)).await?;
    tx.commit().await?;
    Ok(text)
}

/// One draft with its materials.
#[utoipa::path(get, path = "/api/v1/drafts/{id}", responses((status = 200, body = DraftItem), (status = 404)))]
async fn one(State(site): State<Site>, Path(id): Path<String>) -> Reply {
    let draft = store::draft(&site.db, &id).await?;
    let materials = store::materials(&site.db, &id).await?;
    Ok(axum::Json(item(draft, materials)).into_response())
}

/// Change what is said of a draft.
#[utoipa::path(put, path = "/api/v1/drafts/{id}", request_body = Facts, responses(
    (status = 204), (status = 409, description = "draft_published")))]
async fn change(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Json(facts): Json<Facts>,
) -> Reply {
    let facts = facts.checked()?;
    let tx = site.db.begin().await?;
    let before = store::hold_draft(&tx, &id).await?;
    if !store::change_draft(&tx, &id, &facts).await? {
        return Err(Error::conflict("draft_published").into());
    }
    let value = |facts: &Facts| serde_json::to_value(facts).map_err(Error::internal);
    let said = change::between(Some(&value(&before.facts)?), &value(&facts)?);
    audit::record(&site, &tx, Deed::here(Some(visitor.actor.person), "draft.change", &id, said)).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewMaterial {
    title: String,
    file_name: String,
    /// Bytes.
    size: i64,
    /// How long a package takes; films and documents have their own length.
    #[serde(default)]
    minutes: i64,
}

/// Announce a file: a film, a PDF or a package, by its name's ending. Its bytes come in parts.
#[utoipa::path(post, path = "/api/v1/drafts/{id}/materials", request_body = NewMaterial, responses(
    (status = 201, body = MaterialItem), (status = 409, description = "draft_published"),
    (status = 422, description = "file_kind_unknown, too_large")))]
async fn hand_in(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Json(new): Json<NewMaterial>,
) -> Reply {
    let kind = kind::of(&new.file_name).ok_or_else(|| Error::invalid("file_name", "file_kind_unknown"))?;
    let title = new.title.trim();
    if title.is_empty() || title.chars().count() > 100 {
        return Err(Error::invalid("title", "required").into());
    }
    if !(1..=MOST_BYTES).contains(&new.size) {
        return Err(Error::invalid("size", "file_too_large").into());
    }
    if kind == catalogue::Kind::Package && !(1..=MOST_MINUTES).contains(&new.minutes) {
        return Err(Error::invalid("minutes", "minutes_needed").into());
    }
    let tx = site.db.begin().await?;
    if store::hold_draft(&tx, &id).await?.course.is_some() {
        return Err(Error::conflict("draft_published").into());
    }
    let fresh: SessionId = site.new_id();
    let material = Material {
        id: format!("m-{fresh}"),
        draft: id,
        title: title.to_owned(),
        kind,
        file_name: new.file_name.chars().take(200).collect(),
        size: new.size,
        received: 0,
        minutes: new.minutes,
        state: Stage::Uploading.code().to_owned(),
        progress: 0,
        problem: None,
        remark: None,
        seconds: 0,
        detail: String::new(),
    };
    store::insert_material(&tx, &material, site.now()).await?;
    note(&site, &tx, &visitor, ("material.add", &material)).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, axum::Json(MaterialItem::from(material))).into_response())
}

#[derive(Serialize, ToSchema)]
struct PartTaken {
    /// So many bytes of the file are there.
    received: i64,
}

#[utoipa::path(put, path = "/api/v1/materials/{id}/parts/{offset}", params(("id" = String, Path), ("offset" = i64, Path)), request_body(content_type = "application/octet-stream"), responses((status = 200, body = PartTaken),
    (status = 409, description = "upload_out_of_step, with `received`"), (status = 413)))]
#[expect(dead_code, reason = "describes the route, whose handler needs the folders")]
/// Hand in a part of at most 4 MiB at its offset; the last one begins the work.
fn part_docs() {}

/// What was done to a file of a draft.
async fn note(site: &Site, tx: &Tx, visitor: &Visitor, (action, m): (&'static str, &Material)) -> Result<()> {
    let said = json!({"draft": m.draft, "title": m.title, "file": m.file_name, "bytes": m.size});
    audit::record(site, tx, Deed::here(Some(visitor.actor.person), action, &m.id, said)).await
}

async fn part(
    (site, visitor): (&Site, &Visitor),
    folders: &Folders,
    (id, offset): (&str, i64),
    request: Request,
) -> Reply {
    let bytes = body(request, PART_BYTES).await?;
    let material = store::material(&site.db, id).await?;
    let length = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
    let is_next = material.state == Stage::Uploading.code() && offset == material.received;
    if !is_next || length == 0 || offset + length > material.size {
        let refused = Error::conflict("upload_out_of_step").with("received", json!(material.received));
        return Err(refused.into());
    }
    append(&folders.upload(id), offset, &bytes).await?;
    let tx = site.db.begin().await?;
    if !store::received(&tx, id, offset + length).await? {
        // Where it was taken out meanwhile, this part came after its file was deleted.
        discard::later(site, &tx, id).await?;
        tx.commit().await?;
        return Err(Error::conflict("upload_out_of_step").into());
    }
    if offset + length == material.size {
        note(site, &tx, visitor, ("material.received", &material)).await?;
        work::ask(site, &tx, id).await?;
    }
    tx.commit().await?;
    Ok(axum::Json(PartTaken { received: offset + length }).into_response())
}

async fn append(path: &std::path::Path, offset: i64, bytes: &[u8]) -> Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).await.map_err(Error::internal)?;
    }
    let file = fs::OpenOptions::new().create(true).truncate(false).write(true).open(path).await;
    let mut file = file.map_err(Error::internal)?;
    let offset = u64::try_from(offset).map_err(Error::internal)?;
    file.seek(SeekFrom::Start(offset)).await.map_err(Error::internal)?;
    file.write_all(bytes).await.map_err(Error::internal)?;
    file.sync_data().await.map_err(Error::internal)
}

async fn body(request: Request, limit: usize) -> Result<Bytes> {
    to_bytes(request.into_body(), limit).await.map_err(|_| Error::refused(Refusal::TooLarge, "too_large"))
}

#[utoipa::path(put, path = "/api/v1/materials/{id}/captions", params(("id" = String, Path)), request_body(content = String, content_type = "text/vtt"), responses((status = 204), (status = 409, description = "material_not_ready"),
    (status = 422, description = "captions_wrong")))]
#[expect(dead_code, reason = "describes the route, whose handler needs the folders")]
/// Give a film subtitles: WebVTT or SubRip.
fn captions_docs() {}

async fn subtitles(
    (site, visitor): (&Site, &Visitor),
    folders: &Folders,
    id: &str,
    request: Request,
) -> Reply {
    let material = store::material(&site.db, id).await?;
    if material.kind != catalogue::Kind::Film || material.state != Stage::Ready.code() {
        return Err(Error::conflict("material_not_ready").into());
    }
    let text = captions::webvtt(&body(request, captions::MOST_BYTES).await?)?;
    let path = folders.media().join(&material.id).join("captions.vtt");
    fs::write(path, text).await.map_err(Error::internal)?;
    let tx = site.db.begin().await?;
    note(site, &tx, visitor, ("material.captions", &material)).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Take a file out of a draft.
#[utoipa::path(delete, path = "/api/v1/materials/{id}", responses(
    (status = 204), (status = 409, description = "draft_published")))]
async fn remove(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let material = store::material(&site.db, &id).await?;
    let tx = site.db.begin().await?;
    if !store::remove(&tx, &id).await? {
        return Err(Error::conflict("draft_published").into());
    }
    discard::later(&site, &tx, &id).await?;
    note(&site, &tx, &visitor, ("material.remove", &material)).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

#[derive(Serialize, ToSchema)]
struct Published {
    course: String,
}

/// Publish a draft whose files are all ready; the same again answers the same course.
#[utoipa::path(post, path = "/api/v1/drafts/{id}/publication", responses((status = 201, body = Published),
    (status = 409, description = "draft_empty, draft_not_ready, draft_too_short")))]
async fn publication(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let course = publish::publish(&site, visitor.actor.person, &id).await?;
    Ok((StatusCode::CREATED, axum::Json(Published { course })).into_response())
}

/// Withdraw a course: no newcomers, whoever began has 30 days.
#[utoipa::path(put, path = "/api/v1/courses/{id}/withdrawal", responses((status = 204), (status = 404)))]
async fn withdraw(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    publish::offer(&site, visitor.actor.person, &id, false).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Offer a withdrawn course again.
#[utoipa::path(delete, path = "/api/v1/courses/{id}/withdrawal", responses((status = 204), (status = 404)))]
async fn offer_again(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    publish::offer(&site, visitor.actor.person, &id, true).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
