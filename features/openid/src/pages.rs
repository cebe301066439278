//! What the person meets: the authorization endpoint, the question of consent, signing out.
use askama::Template;
use axum::{
    extract::{RawQuery, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base::{Error, Kind};
use serde::Deserialize;
use site::{
    Access, Form, Frame, Reply, Routes, Site, Visitor, html, see_other, signed_out, with_session_cookie,
};

use crate::{
    authorize::{self, Outcome},
    client::Client,
    logout::{self, Ending},
    request::Params,
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/openid/authorize", Access::Public, authorize_page)
        .post("/openid/authorize", Access::Machine, authorize_posted)
        .get("/openid/continue", Access::Public, go_on)
        .post("/openid/consent", Access::SignedIn, consent)
        .get("/openid/logout", Access::Public, logout_page)
        .post("/openid/logout", Access::Machine, logout_posted)
        .post("/openid/logout/confirm", Access::Forced, logout_confirmed)
}

#[derive(Template)]
#[template(path = "openid/consent.html")]
struct ConsentPage {
    frame: Frame,
    client: Client,
    query: String,
}

#[derive(Template)]
#[template(path = "openid/continue.html")]
struct ContinuePage {
    frame: Frame,
    to: String,
}

#[derive(Template)]
#[template(path = "openid/logout.html")]
struct LogoutPage {
    frame: Frame,
    query: String,
}

#[derive(Template)]
#[template(path = "openid/suspended.html")]
struct SuspendedPage {
    frame: Frame,
    title: String,
    /// Why it is suspended; none where it is not open yet.
    reason: Option<String>,
}

async fn authorize_page(
    State(site): State<Site>,
    visitor: Option<Visitor>,
    RawQuery(query): RawQuery,
) -> Reply {
    let query = query.unwrap_or_default();
    let outcome = authorize::authorize(&site, visitor.as_ref(), &query, false).await?;
    show(&site, visitor.as_ref(), query, outcome)
}

/// Core §3.1.2.1 wants POST too. Sent by another site it carries no cookie of ours, so it goes on as GET.
async fn authorize_posted(body: String) -> Response {
    see_other(&format!("/openid/authorize?{body}"))
}

/// After signing in. A form's answer may not lead to another origin (`form-action`), so a page stands between.
async fn go_on(State(site): State<Site>, RawQuery(query): RawQuery) -> Reply {
    let to = format!("/openid/authorize?{}", query.unwrap_or_default());
    html(&ContinuePage { frame: Frame::plain(&site, &site.texts.get("page-openid-continue")), to })
}

fn show(site: &Site, visitor: Option<&Visitor>, query: String, outcome: Outcome) -> Reply {
    match (outcome, visitor) {
        (Outcome::Back(url), _) => Ok(see_other(&url)),
        (Outcome::To(path), _) => Ok(see_other(&path)),
        (Outcome::Unknown(code), _) => Err(Error::refused(Kind::Malformed, code).into()),
        (Outcome::Closed(client, reason), Some(visitor)) => {
            let frame = Frame::of(site, visitor, "/openid/authorize", "page-openid-suspended");
            Ok((StatusCode::FORBIDDEN, html(&SuspendedPage { frame, title: client.title, reason })?)
                .into_response())
        }
        (Outcome::Ask(client), Some(visitor)) => {
            let frame = Frame::of(site, visitor, "/openid/authorize", "page-openid-consent");
            let target = Params::read(&query).first("redirect_uri").map(str::to_owned);
            let page = html(&ConsentPage { frame, client: *client, query })?;
            Ok(with_form_target(page, target.as_deref()))
        }
        (Outcome::Ask(_) | Outcome::Closed(..), None) => {
            Err(Error::refused(Kind::Unauthenticated, "unauthenticated").into())
        }
    }
}

/// The one exception of security item 7: the form's answer leads to a registered address.
fn with_form_target(mut page: Response, target: Option<&str>) -> Response {
    let origin = target.and_then(|t| url::Url::parse(t).ok()).map(|u| u.origin().ascii_serialization());
    if let Some(origin) = origin {
        let policy = site::POLICY.replace("form-action 'self'", &format!("form-action 'self' {origin}"));
        if let Ok(value) = HeaderValue::from_str(&policy) {
            page.headers_mut().insert(header::CONTENT_SECURITY_POLICY, value);
        }
    }
    page
}

#[derive(Deserialize)]
struct Answer {
    query: String,
    decision: String,
}

async fn consent(State(site): State<Site>, visitor: Visitor, Form(answer): Form<Answer>) -> Reply {
    let outcome = match answer.decision.as_str() {
        "agree" => authorize::authorize(&site, Some(&visitor), &answer.query, true).await?,
        _ => authorize::decline(&site, &answer.query).await?,
    };
    show(&site, Some(&visitor), answer.query, outcome)
}

async fn logout_page(State(site): State<Site>, visitor: Option<Visitor>, RawQuery(query): RawQuery) -> Reply {
    sign_out(&site, visitor, query.unwrap_or_default()).await
}

/// As with the authorization: the cookie comes with the GET that follows.
async fn logout_posted(body: String) -> Response {
    see_other(&format!("/openid/logout?{body}"))
}

async fn sign_out(site: &Site, visitor: Option<Visitor>, query: String) -> Reply {
    match (logout::logout(site, visitor.as_ref(), &Params::read(&query)).await?, visitor) {
        (Ending::Ask, Some(visitor)) => {
            let target = Params::read(&query).first("post_logout_redirect_uri").map(str::to_owned);
            let frame = Frame::of(site, &visitor, "/openid/logout", "page-openid-logout");
            Ok(with_form_target(html(&LogoutPage { frame, query })?, target.as_deref()))
        }
        (ending, _) => end(site, ending),
    }
}

#[derive(Deserialize)]
struct Wish {
    query: String,
}

async fn logout_confirmed(State(site): State<Site>, visitor: Visitor, Form(wish): Form<Wish>) -> Reply {
    let ending = logout::confirmed(&site, &visitor, &Params::read(&wish.query)).await?;
    end(&site, ending)
}

fn end(site: &Site, ending: Ending) -> Reply {
    match ending {
        Ending::Done(Some(url)) => Ok(with_session_cookie(site, see_other(&url), "")),
        Ending::Done(None) => Ok(signed_out(site)),
        Ending::Refused(code) => Err(Error::refused(Kind::Malformed, code).into()),
        Ending::Ask => Ok(StatusCode::UNAUTHORIZED.into_response()),
    }
}
