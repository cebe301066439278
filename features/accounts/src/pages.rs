//! The pages of signing in: sign-in, the forced first steps, signing out.
use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use base::{Error, FieldProblem};
use serde::Deserialize;
use site::{
    Access, Failure, Form, Frame, Reply, RequiredAction, Routes, Site, Via, Visitor, html, local_path,
    see_other, signed_out, with_session_cookie,
};

use crate::{FORCED, first_steps, phone, sessions, sign_in};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/sign-in", Access::Public, sign_in_page)
        .post("/sign-in", Access::Public, submit_sign_in)
        .verifies_credential()
        .get("/first-sign-in", FORCED, first_page)
        .post("/first-sign-in", FORCED, submit_first)
        .verifies_credential()
        .post("/first-sign-in/code", FORCED, submit_code)
        .post("/sign-out", FORCED, sign_out)
        .post("/session/extend", Access::SignedIn, extend)
}

#[derive(Deserialize)]
struct Arrival {
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
}

async fn sign_in_page(State(site): State<Site>, Query(q): Query<Arrival>) -> Reply {
    let mut frame = Frame::plain(&site, &site.texts.get("page-sign-in"));
    let said = q.reason.map(|r| format!("sign-in-{}", r.replace('_', "-"))).filter(|key| site.texts.has(key));
    if let Some(key) = said {
        let text = site.texts.get(&key);
        frame = frame.with_flash("warning", text);
    }
    let next = local_path(q.next.as_deref());
    html(&SignInPage { frame, account: String::new(), next, failed: String::new() })
}

#[derive(Deserialize)]
struct Credentials {
    account: String,
    password: String,
    #[serde(default)]
    next: String,
}

async fn submit_sign_in(State(site): State<Site>, Form(c): Form<Credentials>) -> Reply {
    match sign_in::sign_in(&site, &c.account, &c.password, Via::Cookie).await {
        Ok((opened, account)) => {
            let open = sessions::required_actions(account.password_state, account.phone_sealed.is_some());
            let next = local_path(Some(&c.next));
            let target = if open.is_empty() { next } else { "/first-sign-in".to_owned() };
            Ok(with_session_cookie(&site, see_other(&target), &opened.token))
        }
        Err(Error::Refused(problems)) => {
            let error = Error::Refused(problems);
            let minutes = minutes_left(&error);
            let failed = site.texts.with(&format!("error-{}", error.code()), &[("minutes", &minutes)]);
            let frame = Frame::plain(&site, &site.texts.get("page-sign-in"));
            let page = html(&SignInPage { frame, account: c.account, next: c.next, failed })?;
            Ok(with_status_of(error, page))
        }
        Err(e) => Err(e.into()),
    }
}

fn minutes_left(error: &Error) -> String {
    let seconds = if let Error::Refused(p) = error { p.retry_after.unwrap_or(0) } else { 0 };
    seconds.div_ceil(60).to_string()
}

/// The page again, under the status that the refusal has.
fn with_status_of(error: Error, mut page: Response) -> Response {
    *page.status_mut() = axum::response::IntoResponse::into_response(Failure(error)).status();
    page
}

async fn sign_out(State(site): State<Site>, visitor: Visitor) -> Reply {
    sessions::end(&site, visitor.actor.session, "signed_out").await?;
    Ok(signed_out(&site))
}

/// The guard has already put off the idle end.
async fn extend() -> Reply {
    Ok(axum::response::IntoResponse::into_response(axum::http::StatusCode::NO_CONTENT))
}

#[derive(Template)]
#[template(path = "accounts/first.html")]
struct FirstPage {
    frame: Frame,
    account: String,
    wants_password: bool,
    wants_phone: bool,
    phone: String,
    problems: Vec<(String, String)>,
}

impl FirstPage {
    /// What is wrong with a field, every sentence of it.
    fn error(&self, field: &str) -> String {
        let of_field = self.problems.iter().filter(|(name, _)| name == field).map(|(_, text)| text.as_str());
        of_field.collect::<Vec<_>>().join(&self.frame.text("list-separator"))
    }
}

async fn first_form(site: &Site, visitor: &Visitor, phone: String) -> Result<FirstPage, Failure> {
    let own = sessions::own(site, visitor).await?;
    let account = crate::store::by_id(&site.db, own.account).await?.name;
    Ok(FirstPage {
        frame: Frame::of(site, visitor, "/first-sign-in", "page-first-sign-in"),
        account,
        wants_password: visitor.required_actions.contains(&RequiredAction::ChangePassword),
        wants_phone: visitor.required_actions.contains(&RequiredAction::BindPhone),
        phone,
        problems: vec![],
    })
}

async fn first_page(State(site): State<Site>, visitor: Visitor) -> Reply {
    if visitor.required_actions.is_empty() {
        return Ok(see_other("/"));
    }
    html(&first_form(&site, &visitor, String::new()).await?)
}

#[derive(Deserialize)]
struct FirstForm {
    #[serde(default)]
    new_password: String,
    #[serde(default)]
    repeated: String,
    #[serde(default)]
    phone: String,
    #[serde(default)]
    code: String,
}

async fn submit_first(State(site): State<Site>, visitor: Visitor, Form(f): Form<FirstForm>) -> Reply {
    let entered = first_steps::Entered {
        new_password: f.new_password,
        repeated: f.repeated,
        phone: f.phone,
        code: f.code,
    };
    match first_steps::complete(&site, &visitor, &entered).await {
        Ok(()) => Ok(see_other("/")),
        Err(error @ Error::Refused(_)) => again(&site, &visitor, entered.phone, error).await,
        Err(e) => Err(e.into()),
    }
}

/// Sends a code for those without script; with script the button calls the API.
async fn submit_code(State(site): State<Site>, visitor: Visitor, Form(f): Form<FirstForm>) -> Reply {
    let sent = match phone::parse(&f.phone) {
        Ok(parsed) => phone::request_code(&site, &visitor, &parsed).await,
        Err(e) => Err(e),
    };
    match sent {
        Ok(()) => {
            let mut page = first_form(&site, &visitor, f.phone).await?;
            page.frame = page.frame.with_flash("done", site.texts.get("code-sent"));
            html(&page)
        }
        Err(error @ Error::Refused(_)) => again(&site, &visitor, f.phone, error).await,
        Err(e) => Err(e.into()),
    }
}

async fn again(site: &Site, visitor: &Visitor, phone: String, error: Error) -> Reply {
    let mut page = first_form(site, visitor, phone).await?;
    let fields: Vec<FieldProblem> = if let Error::Refused(p) = &error { p.fields.clone() } else { vec![] };
    page.problems =
        fields.into_iter().map(|f| (f.field, site.texts.get(&format!("field-{}", f.code)))).collect();
    if page.problems.is_empty() {
        let text = site.texts.with(&format!("error-{}", error.code()), &[("minutes", &minutes_left(&error))]);
        page.frame = page.frame.with_flash("error", text);
    }
    Ok(with_status_of(error, html(&page)?))
}
