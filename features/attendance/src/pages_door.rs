//! At the door: the big page with the code, what a scan leads to, and signing in and out.
use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::HeaderMap,
    response::IntoResponse,
};
use base::{Error, Result, day};
use serde::Deserialize;
use site::{
    Access, Form, Frame, Reply, Routes, Site, Visitor, brief_cookie, dates::minute, html, see_other,
    with_brief_cookie, with_own_cookie,
};

use crate::{
    api, code,
    mark::{self, Proof},
    pages::span,
    plan::{self, Attendance},
    store,
};

/// The cookie that holds a scanned instant until its owner has signed in.
const TICKET: &str = "attend";
/// The cookie that tells one device from another for a day.
const DEVICE: &str = "device";
const DAY_SECONDS: u32 = 86_400;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/attend/board/{key}", Access::Public, board)
        .passive()
        .get("/attend/{id}/scan", Access::Public, scan)
        .get("/attend/{id}", Access::SignedIn, door)
        .post("/attend/{id}", Access::SignedIn, sign)
}

#[derive(Template)]
#[template(path = "attendance/board.html")]
struct BoardPage {
    frame: Frame,
    a: Attendance,
    time: String,
    path: String,
    is_open: bool,
    digits: String,
    seconds: i64,
    qr: String,
    came: i64,
}

/// The big page: server time, a new code every fifteen seconds. It names nobody.
async fn board(State(site): State<Site>, Path(key): Path<String>) -> Reply {
    let id = code::of_board(&site, &key)?;
    let a = store::by_id(&site.db, id).await?.ok_or_else(Error::not_found)?;
    let now = site.now();
    let shown = code::shown(&site, id, now);
    html(&BoardPage {
        frame: Frame::plain(&site, &a.title),
        time: span(&a),
        path: format!("/attend/board/{key}"),
        is_open: rules::attendance::is_open(day::millis(now), a.span()),
        came: store::came(&site.db, id).await?,
        qr: documents::qr_svg(&shown.url).map_err(Error::internal)?,
        digits: shown.digits,
        seconds: shown.seconds,
        a,
    })
}

#[derive(Deserialize)]
struct Scanned {
    #[serde(default)]
    c: String,
}

/// A scan, with or without a session: the instant is held for ten minutes while its owner signs in.
async fn scan(State(site): State<Site>, Path(id): Path<String>, Query(s): Query<Scanned>) -> Reply {
    let to = format!("/attend/{id}");
    match mark::ticket(&site, &id, &s.c).await {
        Ok(ticket) => Ok(with_brief_cookie(&site, see_other(&to), TICKET, &ticket)),
        // A training that is not there answers alike: the next page, behind the sign-in, says what it is.
        Err(Error::Refused(_)) => Ok(see_other(&format!("{to}?late=1")).into_response()),
        Err(e) => Err(e.into()),
    }
}

#[derive(Template)]
#[template(path = "attendance/door.html")]
struct DoorPage {
    frame: Frame,
    a: Attendance,
    time: String,
    came: String,
    went: String,
    has_ticket: bool,
    error: String,
}

#[derive(Deserialize)]
struct Arrival {
    late: Option<String>,
    marked: Option<String>,
}

async fn door(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(q): Query<Arrival>,
    headers: HeaderMap,
) -> Reply {
    let told = q.marked.filter(|m| matches!(m.as_str(), "in" | "out" | "again"));
    let late = q.late.map(|_| site.texts.get("attendance-late"));
    let mut page = page(&site, &visitor, &id, brief_cookie(&site, &headers, TICKET).is_some()).await?;
    page.error = late.unwrap_or_default();
    if let Some(word) = told {
        page.frame = page.frame.with_flash("done", site.texts.get(&format!("attendance-marked-{word}")));
    }
    html(&page)
}

async fn page(site: &Site, visitor: &Visitor, id: &str, has_ticket: bool) -> Result<DoorPage> {
    let a = plan::open_to(site, &visitor.actor, id).await?;
    let own = store::of(&site.db, id, visitor.actor.person).await?;
    let time = |at: i64| minute(day::from_millis(at)).get(11..).unwrap_or("").to_owned();
    Ok(DoorPage {
        frame: Frame::of(site, visitor, "/attend", "page-attend"),
        time: span(&a),
        came: own.as_ref().map(|o| time(o.in_at)).unwrap_or_default(),
        went: own.and_then(|o| o.out_at).map(time).unwrap_or_default(),
        has_ticket,
        error: String::new(),
        a,
    })
}

#[derive(Deserialize)]
struct Signing {
    #[serde(default)]
    code: String,
}

async fn sign(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(f): Form<Signing>,
) -> Reply {
    let ticket = brief_cookie(&site, &headers, TICKET);
    let known = brief_cookie(&site, &headers, DEVICE);
    let device = known.clone().unwrap_or_else(|| secrets::fresh_token(&*site.random));
    let proof = match &ticket {
        Some(ticket) if f.code.trim().is_empty() => Proof::Ticket(ticket),
        _ => Proof::Code(&f.code),
    };
    let response = match mark::mark(&site, &visitor.actor, &id, (proof, &device)).await {
        Ok(scan) => see_other(&format!("/attend/{id}?marked={}", api::word(scan))),
        Err(Error::Refused(p)) if p.kind != base::Kind::NotFound => {
            let mut page = page(&site, &visitor, &id, false).await?;
            page.error = site.texts.refusal(&p);
            html(&page)?
        }
        Err(e) => return Err(e.into()),
    };
    let response = with_brief_cookie(&site, response, TICKET, "");
    Ok(with_own_cookie(&site, response, (DEVICE, &device), DAY_SECONDS))
}
