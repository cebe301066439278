//! Learning over the JSON API (contract, "On a provider").
use std::sync::Arc;

use axum::{
    extract::{Path, State},
    http::{StatusCode, header},
    response::IntoResponse,
};
use base::{Error, PersonId, day};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use site::{Access, Json, Reply, Routes, Site, Visitor};
use utoipa::{OpenApi, ToSchema};

use crate::{
    attention, checks, enrol, progress,
    progress::{MOST_SEQ, Said, seconds},
    recorder::Recorder,
    sessions, store_credits, store_enrolments,
};

pub(crate) fn routes() -> Routes {
    let recorder = Arc::new(Recorder::default());
    let beat =
        move |State(site): State<Site>, visitor: Visitor, Path(id): Path<String>, Json(b): Json<Beat>| {
            let recorder = Arc::clone(&recorder);
            async move { beat(&site, &recorder, visitor.actor.person, (&id, b)).await }
        };
    Routes::new()
        .post("/api/v1/enrollments", Access::SignedIn, enrol_in)
        .post("/api/v1/learning-sessions", Access::SignedIn, open)
        .post("/api/v1/learning-sessions/{id}/progress", Access::SignedIn, beat)
        .passive()
        .post("/api/v1/learning-sessions/{id}/attention", Access::SignedIn, answer)
        .get("/api/v1/lectures/{id}/coverage", Access::SignedIn, coverage)
        .get("/api/v1/me/note-key", Access::SignedIn, note_key)
        .passive()
}

#[derive(OpenApi)]
#[openapi(
    paths(enrol_in, open, beat, answer, coverage, note_key),
    components(schemas(
        Enrolment,
        Opening,
        Opened,
        Beat,
        progress::Progress,
        progress::RefusedTime,
        checks::WaitingCheck,
        AnswerGiven,
        AnswerTaken,
        Coverage,
        Covered,
        NoteKey
    ))
)]
struct Docs;

/// The slice's part of the OpenAPI document.
pub fn docs() -> utoipa::openapi::OpenApi {
    Docs::openapi()
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Enrolment {
    course: String,
}

#[derive(Serialize, ToSchema)]
struct Enrolled {
    course: String,
}

/// Enrol in a course.
#[utoipa::path(post, path = "/api/v1/enrollments", request_body = Enrolment, responses(
    (status = 201, body = Enrolled), (status = 402, description = "payment_required"), (status = 410, description = "course_withdrawn")))]
async fn enrol_in(State(site): State<Site>, visitor: Visitor, Json(e): Json<Enrolment>) -> Reply {
    let course = enrol::enrol(&site, visitor.actor.person, &e.course).await?;
    Ok((StatusCode::CREATED, axum::Json(Enrolled { course: course.id })).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Opening {
    lecture: String,
}

#[derive(Serialize, ToSchema)]
struct Opened {
    id: String,
    seconds: i64,
    resume_at: f64,
    next_seq: u64,
}

/// Begin or go on with a lecture; ends the older session.
#[utoipa::path(post, path = "/api/v1/learning-sessions", request_body = Opening, responses(
    (status = 201, body = Opened), (status = 402, description = "payment_required"),
    (status = 410, description = "course_withdrawn")))]
async fn open(State(site): State<Site>, visitor: Visitor, Json(o): Json<Opening>) -> Reply {
    let opened = sessions::open(&site, visitor.actor.person, &o.lecture).await?;
    let resume_at = seconds(opened.resume_at_ms);
    let body =
        Opened { id: opened.id.to_string(), seconds: opened.seconds, resume_at, next_seq: opened.next_seq };
    Ok((StatusCode::CREATED, axum::Json(body)).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Beat {
    seq: u64,
    position: f64,
    playing: bool,
    visible: bool,
}

/// Report learning time, every 15 s; does not put off the idle end.
#[utoipa::path(post, path = "/api/v1/learning-sessions/{id}/progress", params(("id" = String, Path)), request_body = Beat, responses(
    (status = 200, body = progress::Progress), (status = 402, description = "payment_required: the money went back"),
    (status = 404, description = "not a session of the learner"),
    (status = 409, description = "superseded"), (status = 410, description = "course_withdrawn"),
    (status = 422, description = "a position before the beginning or beyond the end, a number beyond reason"),
    (status = 429, description = "too_many_beats"), (status = 503, description = "recorder_busy")))]
async fn beat(site: &Site, recorder: &Recorder, learner: PersonId, (id, b): (&str, Beat)) -> Reply {
    if b.seq > MOST_SEQ {
        return Err(Error::invalid("seq", "wrong_value").into());
    }
    let said = Said {
        learner,
        session: id.parse()?,
        seq: b.seq,
        position_ms: progress::millis(b.position)?,
        playing: b.playing,
        visible: b.visible,
        at: day::millis(site.now()),
    };
    let answer = recorder.record(site, said).await;
    let answer = enrol::explained(site, learner, id, answer).await?;
    Ok(([(header::CONTENT_TYPE, "application/json")], answer).into_response())
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AnswerGiven {
    id: String,
    /// `true`, or the option that was chosen, where the check asks a question.
    answer: Value,
}

#[derive(Serialize, ToSchema)]
struct AnswerTaken {
    /// `in_time` or `late`.
    outcome: &'static str,
    credited: f64,
    total: f64,
    /// Where learning goes on.
    position: f64,
}

/// Answer an attention check.
#[utoipa::path(post, path = "/api/v1/learning-sessions/{id}/attention", request_body = AnswerGiven, responses(
    (status = 200, body = AnswerTaken), (status = 402, description = "payment_required: the money went back"),
    (status = 409, description = "superseded, check_unknown"), (status = 410, description = "course_withdrawn"),
    (status = 422, description = "errors[].code answer_wrong, with the next question as `attention`")))]
async fn answer(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Json(a): Json<AnswerGiven>,
) -> Reply {
    let learner = visitor.actor.person;
    let taken = attention::answer(&site, learner, id.parse()?, (&a.id, &a.answer)).await;
    let taken = enrol::explained(&site, learner, &id, taken).await?;
    let body = AnswerTaken {
        outcome: taken.outcome,
        credited: seconds(taken.credited_ms),
        total: seconds(taken.total_ms),
        position: seconds(taken.position_ms),
    };
    Ok(axum::Json(body).into_response())
}

#[derive(Serialize, ToSchema)]
struct Covered {
    from: f64,
    to: f64,
    at: String,
}

#[derive(Serialize, ToSchema)]
struct Coverage {
    seconds: i64,
    covered: f64,
    complete: bool,
    intervals: Vec<Covered>,
}

/// Which seconds of a lecture are credited, and when they were.
#[utoipa::path(get, path = "/api/v1/lectures/{id}/coverage", responses((status = 200, body = Coverage)))]
async fn coverage(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let lecture = catalogue::lecture(&site.db, &id).await?;
    let learner = visitor.actor.person;
    // Also of a course whose money went back.
    let latest = store_enrolments::latest(&site.db, learner, &lecture.course).await?;
    let round = latest.map_or(1, |latest| latest.round);
    let credits = store_credits::credits(&site.db, learner, &lecture.id, round).await?;
    let covered = store_credits::as_set(&credits);
    let one = |c: &store_credits::Credit| Covered {
        from: seconds(c.from_ms),
        to: seconds(c.to_ms),
        at: store_credits::moment(c.wall_to),
    };
    let body = Coverage {
        seconds: lecture.seconds,
        covered: seconds(covered.total()),
        complete: !covered.is_empty() && rules::learning::is_complete(&covered, lecture.seconds * 1000),
        intervals: credits.iter().map(one).collect(),
    };
    Ok(axum::Json(body).into_response())
}

#[derive(Serialize, ToSchema)]
struct NoteKey {
    key: String,
}

/// The key under which the player keeps its notes in the browser: the same for a person always, and nobody else's
/// (domain: drafts and queued heartbeats are encrypted per person).
#[utoipa::path(get, path = "/api/v1/me/note-key", responses((status = 200, body = NoteKey)))]
async fn note_key(State(site): State<Site>, visitor: Visitor) -> Reply {
    let person = visitor.actor.person.to_string();
    let key = site.keys.mac("learning.note", &[person.as_bytes()]);
    Ok(([(header::CACHE_CONTROL, "no-store")], axum::Json(NoteKey { key })).into_response())
}
