//! The pages around a visit: how to come in, signing out, and the ways to the management platform.
use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Query, Request, State},
    http::{HeaderMap, StatusCode},
    response::IntoResponse,
};
use base::Role;
use serde::Deserialize;
use site::{
    Access, Frame, Menu, MenuEntry, Reply, Routes, Site, Visitor, html, local_path, see_other, signed_out,
};

use crate::{api_questions, enter, hub::Hub, logout, pages_manage, store};

pub(crate) fn routes(hub: &Arc<Hub>) -> Routes {
    let to_hub = |path: &str| {
        let address = hub.at(path);
        move || {
            let address = address.clone();
            async move { see_other(&address) }
        }
    };
    let (of_enter, of_return, of_logout) = (Arc::clone(hub), Arc::clone(hub), Arc::clone(hub));
    let of_questions = Arc::clone(hub);
    let learned = move |site: State<Site>, request: Request| {
        let hub = Arc::clone(&of_questions);
        async move { api_questions::learned(site, &hub, request).await }
    };
    let enter = move |State(site): State<Site>, Query(arrival): Query<enter::Arrival>| {
        let hub = Arc::clone(&of_enter);
        async move { enter::enter(&site, &hub, arrival).await }
    };
    let come_back = move |State(site): State<Site>,
                          before: Option<Visitor>,
                          headers: HeaderMap,
                          Query(answer): Query<enter::Answer>| {
        let hub = Arc::clone(&of_return);
        async move { enter::come_back(&site, &hub, (before, headers), answer).await }
    };
    let logout = move |State(site): State<Site>, body: String| {
        let hub = Arc::clone(&of_logout);
        async move { told_of_logout(&site, &hub, &body).await }
    };
    Routes::new()
        .get("/enter", Access::Public, enter)
        .get("/enter/callback", Access::Public, come_back)
        .post("/backchannel-logout", Access::Machine, logout)
        .post("/api/v1/hub/learned", Access::Machine, learned)
        .get("/manage", Access::SignedIn, pages_manage::page)
        .post("/manage/completions/{id}/resend", Access::SignedIn, pages_manage::resend)
        .post("/manage/accounts/{month}", Access::SignedIn, pages_manage::send_account)
        .get("/sign-in", Access::Public, sign_in)
        .get("/hub", Access::Public, to_hub("/"))
        .get("/verify", Access::Public, to_hub("/verify"))
        .get("/help", Access::Public, to_hub("/help"))
        .post("/sign-out", Access::SignedIn, sign_out)
        .post("/session/extend", Access::SignedIn, extend)
}

#[derive(Deserialize)]
struct Arrival {
    next: Option<String>,
    reason: Option<String>,
}

#[derive(Template)]
#[template(path = "link/sign_in.html")]
struct SignInPage {
    frame: Frame,
    /// Where to go on to, in a query.
    next: String,
}

/// The navigation of a course platform.
pub fn menu() -> Menu {
    let entry = |href, label, icon, roles| MenuEntry { href, label, icon, roles };
    let bar = vec![
        entry("/", "page-provider-courses", "books", &[]),
        entry("/me", "page-my-learning", "school", &[]),
        entry("/studio", "page-studio", "clipboard-list", &[Role::Provider]),
    ];
    Menu { side: vec![], bar, aside: vec![], side_roles: &[], account: "" }
}

/// There are no accounts here: the page says where to sign in.
async fn sign_in(
    State(site): State<Site>,
    visitor: Option<Visitor>,
    Query(arrival): Query<Arrival>,
) -> Reply {
    if visitor.is_some() {
        return Ok(see_other(&local_path(arrival.next.as_deref())));
    }
    let next = local_path(arrival.next.as_deref());
    let next = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
    let mut frame = Frame::plain(&site, &site.texts.get("page-enter"));
    let said =
        arrival.reason.map(|r| format!("enter-{}", r.replace('_', "-"))).filter(|key| site.texts.has(key));
    if let Some(key) = said {
        let text = site.texts.get(&key);
        frame = frame.with_flash("warning", text);
    }
    html(&SignInPage { frame, next })
}

async fn sign_out(State(site): State<Site>, visitor: Visitor) -> Reply {
    store::end_visit(&site.db, visitor.actor.session, site.now()).await?;
    Ok(signed_out(&site))
}

/// The guard has already put off the idle end.
async fn extend() -> Reply {
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The management platform says that a session ended there.
async fn told_of_logout(site: &Site, hub: &Hub, body: &str) -> Reply {
    let token = url::form_urlencoded::parse(body.as_bytes()).find(|(name, _)| name == "logout_token");
    let token = token.map(|(_, value)| value.into_owned()).unwrap_or_default();
    if logout::obey(site, hub, &token).await? {
        return Ok(StatusCode::OK.into_response());
    }
    let body = axum::Json(serde_json::json!({"error": "invalid_request"}));
    Ok((StatusCode::BAD_REQUEST, body).into_response())
}
