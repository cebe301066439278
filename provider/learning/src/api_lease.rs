//! Learning without a network over the JSON API: leases, and what was learned under one.
use axum::{
    extract::{Path, State},
    http::{StatusCode, header},
    response::IntoResponse,
};
use base::{Error, Result};
use serde::{Deserialize, Serialize};
use site::{Access, Json, Reply, Routes, Site, Visitor};
use utoipa::{OpenApi, ToSchema};

use crate::{
    enrol,
    lease::{self, Late, MOST_BEATS},
    progress,
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .post("/api/v1/learning-sessions/{id}/lease", Access::SignedIn, issue)
        .passive()
        .post("/api/v1/learning-sessions/{id}/offline", Access::SignedIn, take)
        .passive()
}

#[derive(OpenApi)]
#[openapi(paths(issue, take), components(schemas(Issued, OfflineBeat, Batch)))]
struct Docs;

pub(crate) fn docs() -> utoipa::openapi::OpenApi {
    Docs::openapi()
}

#[derive(Serialize, ToSchema)]
struct Issued {
    lease: String,
    /// Signs batches: HMAC-SHA256 under this text, in hexadecimal.
    key: String,
    /// How long the server vouches for.
    seconds: i64,
}

/// A lease of at most ten minutes for learning without a network; does not put off the idle end.
#[utoipa::path(post, path = "/api/v1/learning-sessions/{id}/lease", responses(
    (status = 201, body = Issued), (status = 402, description = "payment_required: the money went back"), (status = 404),
    (status = 409, description = "superseded"), (status = 410, description = "course_withdrawn")))]
async fn issue(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let learner = visitor.actor.person;
    let issued = lease::issue(&site, learner, id.parse()?).await;
    let issued = enrol::explained(&site, learner, &id, issued).await?;
    let body = Issued { lease: issued.lease, key: issued.key, seconds: issued.seconds };
    Ok((StatusCode::CREATED, [(header::CACHE_CONTROL, "no-store")], axum::Json(body)).into_response())
}

/// A beat as it was made, `after_ms` milliseconds after the lease was issued.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OfflineBeat {
    after_ms: i64,
    seq: u64,
    position_ms: i64,
    playing: bool,
    visible: bool,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Batch {
    lease: String,
    /// In order; at most 600.
    beats: Vec<OfflineBeat>,
    /// Over the lease and a line `after_ms seq position_ms playing visible` for each beat (1 or 0 for the last two), the
    /// lines parted by a line feed.
    signature: String,
}

/// Hand in what was learned without a network under a lease, also of a session that a newer one ended: up to its end.
/// Does not put off the idle end.
#[utoipa::path(post, path = "/api/v1/learning-sessions/{id}/offline", request_body = Batch, responses(
    (status = 200, body = progress::Progress), (status = 402, description = "payment_required: the money went back"),
    (status = 404), (status = 410, description = "course_withdrawn"), (status = 422, description = "lease_refused; beats out of bounds")))]
async fn take(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Json(b): Json<Batch>,
) -> Reply {
    let beats = late(b.beats)?;
    let told =
        lease::take(&site, visitor.actor.person, id.parse()?, (&b.lease, &beats, &b.signature)).await?;
    Ok(axum::Json(told).into_response())
}

fn late(beats: Vec<OfflineBeat>) -> Result<Vec<Late>> {
    if beats.len() > MOST_BEATS {
        return Err(Error::invalid("beats", "wrong_value"));
    }
    let one = |b: OfflineBeat| Late {
        after_ms: b.after_ms,
        seq: b.seq,
        position_ms: b.position_ms,
        playing: b.playing,
        visible: b.visible,
    };
    Ok(beats.into_iter().map(one).collect())
}
