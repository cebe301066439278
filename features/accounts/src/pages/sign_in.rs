//! The sign-in page, and signing out.
use askama::Template;
use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::IntoResponse,
};
use base::Error;
use serde::Deserialize;
use site::{
    Form, Frame, Reply, Site, Via, Visitor, html, local_path, see_other, signed_out, with_session_cookie,
};

use super::said::{Said, with_status_of};
use crate::{
    door::sign_in::{self, Typed},
    sessions,
};

#[derive(Deserialize)]
pub(super) struct Arrival {
    next: Option<String>,
    reason: Option<String>,
}

#[derive(Template)]
#[template(path = "accounts/sign_in.html")]
struct SignInPage {
    frame: Frame,
    account: String,
    next: String,
    failed: String,
    wants_code: bool,
    /// The puzzle to solve, with its bits; empty when none is asked for.
    puzzle: String,
    bits: String,
}

pub(super) async fn sign_in_page(
    State(site): State<Site>,
    visitor: Option<Visitor>,
    Query(q): Query<Arrival>,
) -> Reply {
    let mut frame = frame(&site, visitor.as_ref());
    let said = q.reason.map(|r| format!("sign-in-{}", r.replace('_', "-"))).filter(|key| site.texts.has(key));
    if let Some(key) = said {
        let text = site.texts.get(&key);
        frame = frame.with_flash("warning", text);
    }
    let next = local_path(q.next.as_deref());
    let account = String::new();
    let (failed, puzzle, bits) = (String::new(), String::new(), String::new());
    html(&SignInPage { frame, account, next, failed, wants_code: false, puzzle, bits })
}

/// Whoever is signed in may sign in anew, as `prompt=login` wants; their form needs their token like any other.
fn frame(site: &Site, visitor: Option<&Visitor>) -> Frame {
    let mut frame = Frame::plain(site, &site.texts.get("page-sign-in"));
    frame.csrf = visitor.map(|v| v.csrf.clone()).unwrap_or_default();
    frame
}

#[derive(Deserialize)]
pub(super) struct Credentials {
    account: String,
    password: String,
    #[serde(default)]
    next: String,
    captcha: Option<String>,
    code: Option<String>,
}

pub(super) async fn submit_sign_in(
    State(site): State<Site>,
    visitor: Option<Visitor>,
    Form(c): Form<Credentials>,
) -> Reply {
    let given = |text: &Option<String>| text.clone().filter(|t| !t.trim().is_empty());
    let (captcha, code) = (given(&c.captcha), given(&c.code));
    let typed = Typed {
        account: &c.account,
        password: &c.password,
        captcha: captcha.as_deref(),
        code: code.as_deref(),
    };
    match sign_in::sign_in(&site, &typed, Via::Cookie).await {
        Ok((opened, account)) => {
            let open = sessions::required_actions(account.password_state, account.phone_sealed.is_some());
            let next = local_path(Some(&c.next));
            let target = if open.is_empty() { next } else { "/first-sign-in".to_owned() };
            Ok(with_session_cookie(&site, see_other(&target), &opened.token))
        }
        Err(error @ Error::Refused(_)) => again(&site, visitor.as_ref(), &c, error),
        Err(e) => Err(e.into()),
    }
}

/// The page again, with what to do; a captcha's puzzle is solved by the page itself.
fn again(site: &Site, visitor: Option<&Visitor>, c: &Credentials, error: Error) -> Reply {
    let said = Said::of(site, &error);
    let challenge = if let Error::Refused(p) = &error { p.extra.get("challenge").cloned() } else { None };
    let of = |name: &str| {
        let value = challenge.as_ref().and_then(|c| c.get(name));
        value.map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned)).unwrap_or_default()
    };
    let page = SignInPage {
        frame: frame(site, visitor),
        account: c.account.clone(),
        next: c.next.clone(),
        failed: said.all(),
        wants_code: c.code.is_some() || error.code() == "code_required",
        puzzle: of("puzzle"),
        bits: of("bits"),
    };
    Ok(with_status_of(error, html(&page)?))
}

pub(super) async fn sign_out(State(site): State<Site>, visitor: Visitor) -> Reply {
    sessions::end(&site, visitor.actor.session, "signed_out").await?;
    Ok(signed_out(&site))
}

/// The guard has already put off the idle end.
pub(super) async fn extend() -> Reply {
    Ok(StatusCode::NO_CONTENT.into_response())
}
