//! The films: HLS playlists and segments from the media folder, to whoever is signed in. A name is checked letter by
//! letter before it touches the file system.
use std::{path::Path, sync::Arc};

use axum::{
    extract::{Path as Parts, State},
    http::header,
    response::IntoResponse,
};
use base::{Error, PersonId, Result};
use futures::future::BoxFuture;
use site::{Access, Reply, Routes, Site, Visitor};

use crate::{Course, store};

/// Whether a learner may watch a course's films; who has paid is known above the catalogue.
pub type MayWatch = Arc<dyn Fn(Site, PersonId, Course) -> BoxFuture<'static, Result<()>> + Send + Sync>;

/// Segments arrive by themselves while a film plays, so they are no operation of the person.
pub(crate) fn routes(media_dir: &Path, may_watch: MayWatch) -> Routes {
    let folder: Arc<Path> = Arc::from(media_dir);
    let file = move |State(site): State<Site>,
                     v: Visitor,
                     Parts((lecture, name)): Parts<(String, String)>| {
        let (folder, may_watch) = (Arc::clone(&folder), Arc::clone(&may_watch));
        async move {
            let kind = kind_of(&name).filter(|_| is_plain(&lecture)).ok_or_else(Error::not_found)?;
            let course = store::course(&site.db, &store::lecture(&site.db, &lecture).await?.course).await?;
            may_watch(site, v.actor.person, course).await?;
            send(&folder.join(&lecture).join(&name), kind).await
        }
    };
    Routes::new().get("/media/{lecture}/{file}", Access::SignedIn, file).passive()
}

async fn send(file: &Path, kind: &'static str) -> Reply {
    let bytes = tokio::fs::read(file).await.map_err(|_| Error::not_found())?;
    let headers = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "private, max-age=3600")];
    Ok((headers, bytes).into_response())
}

fn kind_of(name: &str) -> Option<&'static str> {
    let (stem, ending) = name.rsplit_once('.')?;
    let kind = match ending {
        "m3u8" => "application/vnd.apple.mpegurl",
        "ts" => "video/mp2t",
        "m4s" | "mp4" => "video/mp4",
        "vtt" => "text/vtt; charset=utf-8",
        "png" => "image/png",
        "jpg" => "image/jpeg",
        "txt" => "text/plain; charset=utf-8",
        _ => return None,
    };
    is_plain(stem).then_some(kind)
}

fn is_plain(name: &str) -> bool {
    let fits = (1..=64).contains(&name.len());
    fits && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_names_of_films_are_served() {
        assert_eq!(kind_of("index.m3u8"), Some("application/vnd.apple.mpegurl"));
        assert_eq!(kind_of("segment-003.ts"), Some("video/mp2t"));
        for name in
            ["", ".ts", "..", "../a.ts", "a.b.ts", "a/b.ts", "a\\b.ts", "index", "a.rs", "\u{0}.ts", "a b.ts"]
        {
            assert_eq!(kind_of(name), None, "{name}");
        }
    }
}
