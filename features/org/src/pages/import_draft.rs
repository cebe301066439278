//! An uploaded roster after its upload: how far its import is, and its marked-up copy.
use askama::Template;
use axum::{
    extract::{Path, State},
    http::header,
    response::IntoResponse,
};
use base::{Error, Result};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use site::{Frame, Reply, Site, Visitor, html, see_other};

use crate::{
    may_manage,
    roster::{self, Progress},
    store::{self, Draft},
};

/// A workbook's type.
pub(super) const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

#[derive(Template)]
#[template(path = "org/import_progress.html")]
struct ProgressPage {
    frame: Frame,
    phase: String,
    done: i64,
    total: i64,
    /// Where it is followed while it goes on; empty once it has ended.
    progress: String,
    /// Why nothing was imported; empty while it is under way.
    error: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Said {
    created: usize,
    updated: usize,
    code: String,
}

async fn own(site: &Site, visitor: &Visitor, id: &str) -> Result<Draft> {
    let draft = store::draft(&site.db, id, visitor.actor.person).await?.ok_or_else(Error::not_found)?;
    let unit = store::unit_by_id(&site.db, draft.unit_id.parse()?).await?;
    if may_manage(&visitor.actor, &unit.path) { Ok(draft) } else { Err(Error::not_found()) }
}

pub(super) async fn progress(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let draft = own(&site, &visitor, &id).await?;
    let said: Said = draft
        .outcome
        .as_deref()
        .map(serde_json::from_str)
        .transpose()
        .map_err(Error::internal)?
        .unwrap_or_default();
    if draft.state == "done" {
        return Ok(see_other(&format!("/people?done=1&created={}&updated={}", said.created, said.updated)));
    }
    let is_failed = draft.state == "failed";
    let step = Progress::of(&id).step();
    let phase = step.map_or("waiting", |s| s.phase);
    let followed = jobs::followed(&site.db, visitor.actor.person, &roster::work_of(&id)).await?;
    html(&ProgressPage {
        frame: Frame::of(&site, &visitor, "/people-import", "page-import"),
        phase: site.texts.get(&format!("phase-{phase}")),
        progress: followed.unwrap_or_default(),
        done: step.map_or(0, |s| s.done),
        total: step.map_or(0, |s| s.total),
        error: if is_failed { site.texts.get(&format!("error-{}", said.code)) } else { String::new() },
    })
}

pub(super) async fn marked_copy(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let draft = own(&site, &visitor, &id).await?;
    if draft.file_sealed.is_empty() {
        return Err(Error::conflict("draft_gone").into());
    }
    let unit = store::unit_by_id(&site.db, draft.unit_id.parse()?).await?;
    let plain = site.keys.open_sealed(&format!("roster_drafts:{id}"), &draft.file_sealed)?;
    let file = STANDARD.decode(plain).map_err(Error::internal)?;
    let (sheet, plan) = roster::plan(&site, &unit, file).await?;
    let bytes = roster::marked(&sheet, &plan, &site.texts)?;
    let stem = draft.file_name.rsplit_once('.').map_or(draft.file_name.as_str(), |(stem, _)| stem);
    let name = site.texts.with("marked-file", &[("name", stem)]);
    Ok(download(&name, bytes))
}

/// A workbook to keep, under a name of any script (RFC 6266).
pub(super) fn download(name: &str, bytes: Vec<u8>) -> axum::response::Response {
    use std::fmt::Write;
    let mut encoded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    let disposition = format!("attachment; filename=\"list.xlsx\"; filename*=UTF-8''{encoded}");
    let headers = [
        (header::CONTENT_TYPE, XLSX.to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, bytes).into_response()
}
