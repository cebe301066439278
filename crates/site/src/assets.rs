//! Scripts and styles, built by `web/`, embedded with hashed names and served for ever.
use std::collections::BTreeMap;

use axum::{
    extract::Path,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use rust_embed::Embed;

#[derive(Embed)]
#[folder = "../../web/dist"]
struct Dist;

/// The names of the built files.
#[derive(Clone, Debug, Default)]
pub struct Assets(BTreeMap<String, String>);

impl Assets {
    /// Reads the embedded manifest.
    pub fn load() -> Result<Self, String> {
        let file = Dist::get("manifest.json")
            .ok_or("web/dist/manifest.json is missing: run `npm run build` in web/")?;
        let names: BTreeMap<String, String> =
            serde_json::from_slice(&file.data).map_err(|e| e.to_string())?;
        Ok(Self(names.into_iter().map(|(name, hashed)| (name, format!("/assets/{hashed}"))).collect()))
    }

    /// The address of a built file by its plain name.
    pub fn path(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// The text of a built file by its plain name.
    pub fn text(&self, name: &str) -> Option<String> {
        let file = Dist::get(self.path(name).strip_prefix("/assets/")?)?;
        String::from_utf8(file.data.into_owned()).ok()
    }
}

/// Serves an embedded file; its name changes with its content, so browsers may keep it.
pub(crate) async fn serve(Path(file): Path<String>) -> Response {
    let Some(found) = Dist::get(&file) else { return StatusCode::NOT_FOUND.into_response() };
    let kind = mime_guess::from_path(&file).first_or_octet_stream();
    let mut response = found.data.into_owned().into_response();
    let headers = response.headers_mut();
    if let Ok(kind) = HeaderValue::from_str(kind.as_ref()) {
        headers.insert(header::CONTENT_TYPE, kind);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    response
}
