//! The files of packages and the frame around them, on the origin of contents only: there is no session there, the
//! ticket in the address is all there is, and the page that embeds the frame is the only one that may.
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use askama::Template;
use axum::{
    extract::{Path as Parts, Query, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use base::{Error, Result};
use serde::Deserialize;
use site::{Access, Reply, Routes, Site, html};

use crate::{Item, Package, Standard, Ticket, inspect::percent_decoded, launch, store};

/// The document under which a SCO's data model is kept.
pub(crate) const DATA_MODEL: &str = "cmi";
/// The document of the whole package under which is kept how far its order has come.
pub(crate) const ORDER: (&str, &str) = ("", "order");

/// Where a lecture's package is played: the address of the frame, on the origin of contents.
pub fn frame_source(site: &Site, ticket: &Ticket, item: &str) -> Option<String> {
    let origin = site.settings.content_url.as_deref()?;
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("item", item);
    Some(format!("{origin}/content/{}/frame?{}", ticket.sealed(site), query.finish()))
}

pub(crate) fn routes(folder: &Path) -> Routes {
    let folder: Arc<Path> = Arc::from(folder);
    let file = move |State(site): State<Site>, Parts((ticket, name)): Parts<(String, String)>| {
        let folder = Arc::clone(&folder);
        async move { file(&site, &folder, &ticket, &name).await }
    };
    Routes::new().get("/content/{ticket}/frame", Access::Public, frame).get(
        "/content/{ticket}/files/{*name}",
        Access::Public,
        file,
    )
}

#[derive(Deserialize)]
struct Opened {
    #[serde(default)]
    item: String,
    /// `new` where the part finds nothing of the attempt before.
    #[serde(default)]
    attempt: String,
}

#[derive(Template)]
#[template(path = "packages/frame.html")]
struct FramePage {
    script: String,
    package: Package,
    item: Item,
    /// The address of the part.
    source: String,
    /// How far the order of a package's parts has come, as the runtime left it.
    order: String,
    /// Where that is kept; empty where the package has no order.
    keep: String,
    /// Where the manifest lies.
    manifest: String,
    /// Where its data model is kept.
    commit: String,
    /// The data model as it was left, as JSON.
    model: String,
    learner: String,
    /// The page around the frame.
    parent: String,
}

async fn frame(
    State(site): State<Site>,
    Parts(sealed): Parts<String>,
    Query(opened): Query<Opened>,
) -> Reply {
    let ticket = Ticket::open(&site, &sealed).ok_or_else(Error::not_found)?;
    let package = ticket.package(&site).await?;
    let item = package.item(&opened.item).or(package.items.first()).cloned().ok_or_else(Error::not_found)?;
    let kept =
        store::kept(&site.db, &ticket, (&item.id, DATA_MODEL)).await?.filter(|_| opened.attempt != "new");
    let order = if package.sequenced { store::kept(&site.db, &ticket, ORDER).await? } else { None };
    let file = format!("/content/{sealed}/files/{}", item.href);
    let source = match package.standard {
        Standard::Cmi5 => launch::address(&site, &ticket, &sealed, &item, &file),
        Standard::Scorm12 | Standard::Scorm2004 => file,
    };
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("item", &item.id);
    let page = FramePage {
        script: site.assets.path("package.js").to_owned(),
        commit: format!("/content/{sealed}/model?{}", query.finish()),
        order: order.map(|o| o.body).unwrap_or_default(),
        keep: if package.sequenced { format!("/content/{sealed}/order") } else { String::new() },
        manifest: format!("/content/{sealed}/files/imsmanifest.xml"),
        model: kept.map(|k| k.body).unwrap_or_default(),
        learner: ticket.learner.to_string(),
        parent: site.settings.public_url.clone(),
        source,
        package,
        item,
    };
    Ok(guarded(&site, html(&page)?))
}

async fn file(site: &Site, folder: &Path, sealed: &str, name: &str) -> Reply {
    let ticket = Ticket::open(site, sealed).ok_or_else(Error::not_found)?;
    let name = percent_decoded(name);
    let is_inside =
        name.split('/').all(|p| !p.is_empty() && p != ".." && p != "." && !p.contains(['\\', '\0']));
    let is_plain = ticket.lecture.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if !is_inside || !is_plain {
        return Err(Error::not_found().into());
    }
    let path = located(&folder.join(&ticket.lecture), &name).await.ok_or_else(Error::not_found)?;
    let bytes = tokio::fs::read(&path).await.map_err(|_| Error::not_found())?;
    // Old packages are written in whatever encoding their pages declare: none is claimed here.
    let kind = mime_guess::from_path(&path).first_raw().unwrap_or("application/octet-stream");
    let headers = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "private, max-age=3600")];
    Ok(guarded(site, (headers, bytes).into_response()))
}

/// The file of that name in a folder; where there is none, one whose name differs in the case of its letters only, as packages
/// are made on systems that tell none apart.
async fn located(folder: &Path, name: &str) -> Option<PathBuf> {
    let exact = folder.join(name);
    if tokio::fs::metadata(&exact).await.is_ok_and(|m| m.is_file()) {
        return Some(exact);
    }
    let mut found = folder.to_owned();
    for part in name.split('/') {
        let mut entries = tokio::fs::read_dir(&found).await.ok()?;
        let wanted = part.to_lowercase();
        found = loop {
            let entry = entries.next_entry().await.ok()??;
            if entry.file_name().to_string_lossy().to_lowercase() == wanted {
                break entry.path();
            }
        };
    }
    Some(found)
}

/// What stands in a package may run there and talk to its own origin, and is shown by this platform's page only.
fn guarded(site: &Site, mut response: Response) -> Response {
    let policy = format!(
        "default-src 'self' data: blob: 'unsafe-inline' 'unsafe-eval'; object-src 'none'; base-uri 'self'; \
         form-action 'self'; frame-ancestors 'self' {}",
        site.settings.public_url
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// The part that an address names.
pub(crate) async fn part(site: &Site, ticket: &Ticket, id: &str) -> Result<(Package, Item)> {
    let package = ticket.package(site).await?;
    let item = package.item(id).cloned().ok_or_else(Error::not_found)?;
    Ok((package, item))
}
