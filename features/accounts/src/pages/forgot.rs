//! 忘记密码: account and phone, then the code and the new password.
use askama::Template;
use axum::{
    extract::{Path, State},
    http::HeaderMap,
};
use base::Error;
use serde::Deserialize;
use site::{Form, Frame, Reply, Site, html, see_other};

use super::{
    contact::{Contact, contact_here},
    said::{Puzzle, Said, again, with_status_of},
};
use crate::recovery::{self, Start};

#[derive(Template)]
#[template(path = "accounts/forgot.html")]
struct ForgotPage {
    frame: Frame,
    account: String,
    phone: String,
    said: Said,
    puzzle: Puzzle,
    contact: Option<Contact>,
}

#[derive(Template)]
#[template(path = "accounts/forgot_code.html")]
struct CodePage {
    frame: Frame,
    id: String,
    said: Said,
}

fn frame(site: &Site) -> Frame {
    Frame::plain(site, &site.texts.get("page-forgot"))
}

pub(super) async fn page(State(site): State<Site>, headers: HeaderMap) -> Reply {
    let (account, phone) = (String::new(), String::new());
    let contact = contact_here(&site, &headers).await?;
    html(&ForgotPage {
        frame: frame(&site),
        account,
        phone,
        said: Said::default(),
        puzzle: Puzzle::default(),
        contact,
    })
}

#[derive(Deserialize)]
pub(super) struct StartForm {
    account: String,
    phone: String,
    captcha: Option<String>,
}

pub(super) async fn start(State(site): State<Site>, headers: HeaderMap, Form(f): Form<StartForm>) -> Reply {
    let typed = Start { account: &f.account, phone: &f.phone, captcha: f.captcha.as_deref() };
    match recovery::start(&site, &typed).await {
        Ok(id) => {
            let frame = frame(&site).with_flash("done", site.texts.get("forgot-sent"));
            html(&CodePage { frame, id: id.to_string(), said: Said::default() })
        }
        Err(error @ Error::Refused(_)) => {
            let said = Said::of(&site, &error);
            let (frame, puzzle) = (said.on(frame(&site)), Puzzle::of(&error));
            let contact = contact_here(&site, &headers).await?;
            let page = ForgotPage { frame, account: f.account, phone: f.phone, said, puzzle, contact };
            Ok(with_status_of(error, html(&page)?))
        }
        Err(e) => Err(e.into()),
    }
}

#[derive(Deserialize)]
pub(super) struct FinishForm {
    code: String,
    new_password: String,
    repeated: String,
}

pub(super) async fn finish(
    State(site): State<Site>,
    Path(id): Path<String>,
    Form(f): Form<FinishForm>,
) -> Reply {
    let done = if f.new_password == f.repeated {
        recovery::finish(&site, &id, &f.code, &f.new_password).await
    } else {
        Err(Error::invalid("repeated", "mismatch"))
    };
    match done {
        Ok(()) => Ok(see_other("/sign-in?reason=password_reset")),
        Err(e) => {
            let frame = frame(&site);
            again(&site, e, |said| async move { Ok(CodePage { frame: said.on(frame), id, said }) }).await
        }
    }
}
