//! The sign-in page, and signing out.
use askama::Template;
use axum::{
    extract::{Query, State},
    http::{HeaderMap, StatusCode},
    response::IntoResponse,
};
use base::Error;
use serde::Deserialize;
use site::{
    Form, Frame, Json, Lookup, Reply, Site, Via, Visitor, html, local_path, see_other, signed_out,
    with_session_cookie,
};

use super::{
    contact::{Contact, contact_here, remember_unit},
    said::{Puzzle, Said, with_status_of},
};
use crate::{
    door::sign_in::{self, Typed},
    passkeys::{self, Assertion},
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
    puzzle: Puzzle,
    /// What the browser is asked for after the password, as JSON; empty when nothing is.
    passkey: String,
    /// Whether a passkey may stand for the password.
    has_passkeys: bool,
    contact: Option<Contact>,
}

pub(super) async fn sign_in_page(
    State(site): State<Site>,
    visitor: Option<Visitor>,
    headers: HeaderMap,
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
    let (failed, puzzle) = (String::new(), Puzzle::default());
    let (passkey, has_passkeys) = (String::new(), passkeys::are_available(&site));
    let contact = contact_here(&site, &headers).await?;
    html(&SignInPage {
        frame,
        account,
        next,
        failed,
        wants_code: false,
        puzzle,
        passkey,
        has_passkeys,
        contact,
    })
}

/// Whoever is signed in may sign in anew, as `prompt=login` wants; their form needs their token like any other.
fn frame(site: &Site, visitor: Option<&Visitor>) -> Frame {
    let mut frame = Frame::plain(site, &site.texts.get("page-sign-in"));
    frame.csrf = visitor.map(|v| v.csrf(site)).unwrap_or_default();
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
    /// What the browser answered to the passkey asked for, as JSON.
    passkey: Option<String>,
}

pub(super) async fn submit_sign_in(
    State(site): State<Site>,
    visitor: Option<Visitor>,
    headers: HeaderMap,
    Form(c): Form<Credentials>,
) -> Reply {
    let given = |text: &Option<String>| text.clone().filter(|t| !t.trim().is_empty());
    let (captcha, code) = (given(&c.captcha), given(&c.code));
    let passkey = given(&c.passkey).and_then(|text| serde_json::from_str(&text).ok());
    let typed = Typed {
        account: &c.account,
        password: &c.password,
        captcha: captcha.as_deref(),
        code: code.as_deref(),
        passkey: passkey.as_ref(),
    };
    match sign_in::sign_in(&site, &typed, Via::Cookie).await {
        Ok((opened, _)) => {
            let found = site.sessions.find(&site, &opened.token, false).await?;
            let is_forced = matches!(found, Lookup::Found(f) if !f.required_actions.is_empty());
            let next = local_path(Some(&c.next));
            let target = if is_forced { "/first-sign-in".to_owned() } else { next };
            let answer = with_session_cookie(&site, see_other(&target), &opened.token);
            Ok(remember_unit(&site, answer, opened.session).await?)
        }
        Err(error @ Error::Refused(_)) => {
            let contact = contact_here(&site, &headers).await?;
            again(&site, visitor.as_ref(), (&c, contact), error)
        }
        Err(e) => Err(e.into()),
    }
}

/// The page again, with what to do; a captcha's puzzle is solved by the page itself.
fn again(
    site: &Site,
    visitor: Option<&Visitor>,
    (c, contact): (&Credentials, Option<Contact>),
    error: Error,
) -> Reply {
    let said = Said::of(site, &error);
    let page = SignInPage {
        frame: frame(site, visitor),
        account: c.account.clone(),
        next: c.next.clone(),
        failed: said.all(),
        wants_code: c.code.is_some() || error.code() == "code_required",
        puzzle: Puzzle::of(&error),
        passkey: asked_passkey(&error),
        has_passkeys: passkeys::are_available(site),
        contact,
    };
    Ok(with_status_of(error, html(&page)?))
}

fn asked_passkey(error: &Error) -> String {
    let Error::Refused(p) = error else { return String::new() };
    p.extra.get("passkey").map(ToString::to_string).unwrap_or_default()
}

/// Signs in with a passkey; the page's script sends what the browser answered and goes where it is told.
pub(super) async fn by_passkey(State(site): State<Site>, Json(used): Json<Assertion>) -> Reply {
    let opened = passkeys::sign_in(&site, &used, Via::Cookie).await?;
    let answer = with_session_cookie(&site, StatusCode::NO_CONTENT.into_response(), &opened.token);
    Ok(remember_unit(&site, answer, opened.session).await?)
}

pub(super) async fn sign_out(State(site): State<Site>, visitor: Visitor) -> Reply {
    sessions::end(&site, visitor.actor.session, "signed_out").await?;
    Ok(signed_out(&site))
}

#[derive(Deserialize)]
pub(super) struct RoleForm {
    #[serde(default)]
    role: String,
}

/// The header's list: the session acts in one role, or in all of them.
pub(super) async fn act_as(State(site): State<Site>, visitor: Visitor, Form(f): Form<RoleForm>) -> Reply {
    let role = Some(f.role.as_str()).filter(|r| !r.is_empty());
    sessions::act_as(&site, &visitor, role).await?;
    Ok(see_other("/"))
}

/// The guard has already put off the idle end.
pub(super) async fn extend() -> Reply {
    Ok(StatusCode::NO_CONTENT.into_response())
}
