//! Bodies of requests, read strictly: JSON, forms, uploads. Each refuses in the one form of failures.
use axum::{
    body::{Bytes, to_bytes},
    extract::{
        DefaultBodyLimit, FromRequest, Multipart, OptionalFromRequest, Request,
        multipart::{Field, MultipartError},
    },
    http::{StatusCode, header},
};
use base::{Error, Kind, Result};
use serde::de::DeserializeOwned;

use crate::{Failure, Site, Visitor};

/// The most that a JSON body or a form may hold, in bytes.
const MAX_JSON: usize = 1024 * 1024;
/// The most that an uploaded file may hold, in bytes (security item 37).
const MAX_FILE: usize = 10 * 1024 * 1024;
/// The most that all files of one form may hold together, in bytes.
const MAX_UPLOAD: usize = 32 * 1024 * 1024;

/// A JSON body. Unknown fields are 422 where the type denies them; another content type is 415.
pub struct Json<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Site> for Json<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &Site) -> Result<Self, Failure> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("");
        let essence = kind.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
        if essence != "application/json" {
            return Err(Error::refused(Kind::Unsupported, "unsupported_media_type").into());
        }
        Ok(Self(read_json(&read_body(request, MAX_JSON).await?)?))
    }
}

/// A JSON body that may be left out: none without a content type.
impl<T: DeserializeOwned> OptionalFromRequest<Site> for Json<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, site: &Site) -> Result<Option<Self>, Failure> {
        if request.headers().contains_key(header::CONTENT_TYPE) {
            <Self as FromRequest<Site>>::from_request(request, site).await.map(Some)
        } else {
            Ok(None)
        }
    }
}

/// Reads JSON; what is no JSON is malformed, what does not fit the type is a problem of the named field. The field is looked
/// for only where there is a problem.
pub fn read_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    if let Ok(value) = serde_json::from_slice(bytes) {
        return Ok(value);
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|e| {
        if e.inner().is_data() { misfit(&e) } else { Error::refused(Kind::Malformed, "malformed_json") }
    })?;
    reader.end().map_err(|_| Error::refused(Kind::Malformed, "malformed_json"))?;
    Ok(value)
}

fn misfit(error: &serde_path_to_error::Error<serde_json::Error>) -> Error {
    let message = error.inner().to_string();
    let quoted = message.split('`').nth(1).unwrap_or_default();
    let path = error.path().to_string();
    // In a list the name alone would not say in which item.
    let place = match path.as_str() {
        "." | "?" => quoted.to_owned(),
        path if path.ends_with(quoted) => path.to_owned(),
        path => format!("{path}.{quoted}"),
    };
    match message.split(' ').next() {
        Some("missing") => Error::invalid(place, "required"),
        _ if message.starts_with("unknown field") => Error::invalid(place, "unknown_field"),
        _ => Error::invalid(path, "wrong_value"),
    }
}

/// A form (`application/x-www-form-urlencoded`); its CSRF token was checked by the guard.
pub struct Form<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Site> for Form<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &Site) -> Result<Self, Failure> {
        let bytes = read_body(request, MAX_JSON).await?;
        serde_urlencoded::from_bytes(&bytes).map(Self).map_err(|_| Failure(malformed_form()))
    }
}

/// A body as it is, up to so many bytes.
pub async fn read_body(request: Request, limit: usize) -> Result<Bytes> {
    to_bytes(request.into_body(), limit).await.map_err(|_| too_large())
}

fn too_large() -> Error {
    Error::refused(Kind::TooLarge, "too_large")
}

/// How an upload of one file is described.
#[derive(utoipa::ToSchema)]
pub struct OneFile {
    /// The file.
    #[schema(value_type = String, format = Binary)]
    pub file: UploadedFile,
}

/// A file of a multipart form.
pub struct UploadedFile {
    /// The form's field that it was chosen in.
    pub field: String,
    /// The name that the browser gave.
    pub name: String,
    /// The type that the browser declared, if it did.
    pub declared: Option<String>,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// A multipart form: its text fields and its files. In a page's form the CSRF token must come before the files; under
/// `/api/` the origin is the defence (contract), which the guard has checked.
pub struct Upload {
    /// Text fields in order.
    pub fields: Vec<(String, String)>,
    /// The first file, if one was chosen.
    pub file: Option<UploadedFile>,
    /// The files after it.
    pub more: Vec<UploadedFile>,
}

impl Upload {
    /// Takes the file of a field out, where a form has several.
    pub fn take(&mut self, field: &str) -> Option<UploadedFile> {
        let mut files: Vec<UploadedFile> = self.file.take().into_iter().chain(self.more.drain(..)).collect();
        let place = files.iter().position(|f| f.field == field);
        let found = place.map(|n| files.remove(n));
        let mut rest = files.into_iter();
        self.file = rest.next();
        self.more = rest.collect();
        found
    }

    /// A text field's value.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

impl FromRequest<Site> for Upload {
    type Rejection = Failure;

    async fn from_request(request: Request, site: &Site) -> Result<Self, Failure> {
        let is_api = request.uri().path().starts_with("/api/");
        let visitor = request.extensions().get::<Visitor>().filter(|_| !is_api);
        let csrf = visitor.map(|v| v.csrf(site));
        let mut request = request;
        DefaultBodyLimit::max(MAX_UPLOAD).apply(&mut request);
        let mut parts = <Multipart as FromRequest<Site>>::from_request(request, site)
            .await
            .map_err(|_| malformed_form())?;
        let mut upload = Self { fields: vec![], file: None, more: vec![] };
        while let Some(field) = parts.next_field().await.map_err(unread)? {
            let name = field.name().unwrap_or("").to_owned();
            if field.file_name().is_some() {
                let token = upload.field("_csrf");
                if csrf.as_ref().is_some_and(|csrf| token != Some(csrf.as_str())) {
                    return Err(Error::refused(Kind::Denied, "form_expired").into());
                }
                let file = UploadedFile {
                    field: name,
                    name: field.file_name().unwrap_or("").to_owned(),
                    declared: field.content_type().map(str::to_owned),
                    bytes: file(field).await?,
                };
                if file.bytes.is_empty() {
                    continue;
                }
                match upload.file {
                    None => upload.file = Some(file),
                    Some(_) => upload.more.push(file),
                }
            } else {
                upload.fields.push((name, field.text().await.map_err(unread)?));
            }
        }
        Ok(upload)
    }
}

async fn file(mut field: Field<'_>) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(unread)? {
        if bytes.len() + chunk.len() > MAX_FILE {
            return Err(too_large());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

fn malformed_form() -> Error {
    Error::refused(Kind::Malformed, "malformed_form")
}

/// Why a multipart form reads no further: all of it together is too large, or it is no such form.
fn unread(error: MultipartError) -> Error {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE { too_large() } else { malformed_form() }
}
