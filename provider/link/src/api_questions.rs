//! What the management platform asks: which courses a learner learned here, and that what is missing is sent again. Signed
//! with this platform's own key, so that nobody else may ask.
use axum::{
    body::to_bytes,
    extract::{Request, State},
    response::IntoResponse,
};
use base::{Error, Kind, Result, day};
use outside::signature::{self, Headers, Signed};
use serde::{Deserialize, Serialize};
use site::{Reply, Site};
use utoipa::{OpenApi, ToSchema};

use crate::{completions, hub::Hub, store};

/// A question is at most this large, in bytes.
const MAX_BODY: usize = 16 * 1024;

#[derive(OpenApi)]
#[openapi(paths(learned))]
struct Docs;

/// The slice's part of the OpenAPI document.
pub fn docs() -> utoipa::openapi::OpenApi {
    Docs::openapi()
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Question {
    subject_id: String,
    #[serde(default)]
    resend: bool,
}

#[derive(Serialize, ToSchema)]
struct Item {
    id: String,
    course: String,
    title: String,
    percent: i64,
    completed_at: Option<String>,
    sent_at: Option<String>,
    status: String,
    reason: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct Answer {
    items: Vec<Item>,
}

/// Answers what a learner learned here.
#[utoipa::path(post, path = "/api/v1/hub/learned", request_body = Question, responses((status = 200, body = Answer),
    (status = 401, description = "signature_invalid, signature_expired or signature_replayed")))]
pub(crate) async fn learned(State(site): State<Site>, hub: &Hub, request: Request) -> Reply {
    let question: Question = serde_json::from_slice(&verified(&site, hub, request).await?)
        .map_err(|_| Error::refused(Kind::Invalid, "invalid"))?;
    if question.resend && learning::resend(&site.db, &question.subject_id).await? > 0 {
        completions::enqueue_all(&site).await?;
    }
    let text = |ms: i64| day::rfc3339(day::from_millis(ms));
    let item = |t: learning::Told| Item {
        id: t.id,
        course: t.course,
        title: t.title,
        percent: t.percent,
        completed_at: t.completed_at.map(text),
        sent_at: t.sent_at.map(text),
        status: t.status,
        reason: t.reason,
    };
    let items = learning::told(&site.db, &question.subject_id).await?.into_iter().map(item).collect();
    Ok(axum::Json(Answer { items }).into_response())
}

/// The body of a request that the management platform signed just now and once.
async fn verified(site: &Site, hub: &Hub, request: Request) -> Result<Vec<u8>> {
    let refused = |code| Error::refused(Kind::Unauthenticated, code);
    let (parts, body) = request.into_parts();
    let text = |name: &str| parts.headers.get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
    let header = |name: &str| text(name).ok_or_else(|| refused("signature_invalid"));
    let headers = Headers {
        content_digest: header("content-digest")?,
        input: header("signature-input")?,
        signature: header("signature")?,
    };
    let bytes = to_bytes(body, MAX_BODY).await.map_err(|_| Error::refused(Kind::TooLarge, "too_large"))?;
    let path = parts.uri.path_and_query().map_or("/", |p| p.as_str());
    let target_uri = format!("{}{path}", site.settings.public_url);
    let signed = Signed { method: parts.method.as_str(), target_uri: &target_uri, body: &bytes };
    let parameters = signature::parameters(&headers).ok_or_else(|| refused("signature_invalid"))?;
    if !signature::is_timely(&parameters, site.now()) {
        return Err(refused("signature_expired"));
    }
    let is_ours = parameters.key_id == hub.key_id && !hub.secret.is_empty();
    if !is_ours || !signature::holds(&signed, &headers, hub.secret.as_bytes()) {
        return Err(refused("signature_invalid"));
    }
    if !store::use_nonce(&site.db, &parameters.nonce, site.now()).await? {
        return Err(refused("signature_replayed"));
    }
    Ok(bytes.to_vec())
}
