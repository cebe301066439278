//! The pages around a visit: how to come in, signing out, and the ways to the management platform.
use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::IntoResponse,
};
use serde::Deserialize;
use site::{Access, Frame, Reply, Routes, Site, Visitor, html, local_path, see_other, signed_out};

use crate::{enter, hub::Hub, store};

pub(crate) fn routes(hub: &Arc<Hub>) -> Routes {
    let to_hub = |path: &str| {
        let address = hub.at(path);
        move || {
            let address = address.clone();
            async move { see_other(&address) }
        }
    };
    let of_enter = Arc::clone(hub);
    let enter =
        move |State(site): State<Site>, visitor: Option<Visitor>, Query(arrival): Query<enter::Arrival>| {
            let hub = Arc::clone(&of_enter);
            async move { enter::enter(&site, &hub, visitor, arrival).await }
        };
    Routes::new()
        .get("/enter", Access::Public, enter)
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
    let mut frame = Frame::plain(&site, &site.texts.get("page-enter"));
    let said =
        arrival.reason.map(|r| format!("enter-{}", r.replace('_', "-"))).filter(|key| site.texts.has(key));
    if let Some(key) = said {
        let text = site.texts.get(&key);
        frame = frame.with_flash("warning", text);
    }
    html(&SignInPage { frame })
}

async fn sign_out(State(site): State<Site>, visitor: Visitor) -> Reply {
    store::end_visit(&site.db, visitor.actor.session, site.now()).await?;
    Ok(signed_out(&site))
}

/// The guard has already put off the idle end.
async fn extend() -> Reply {
    Ok(StatusCode::NO_CONTENT.into_response())
}
