//! 首次启用: the code of a slip or a message, and the ID number's last six.
use askama::Template;
use axum::{extract::State, http::HeaderMap};
use base::Error;
use serde::Deserialize;
use site::{Form, Frame, Reply, Site, Via, Visitor, html, see_other, with_session_cookie};

use super::{
    contact::{Contact, contact_here, remember_unit},
    said::{Puzzle, Said, with_status_of},
};
use crate::activation::{self, Typed};

#[derive(Template)]
#[template(path = "accounts/activate.html")]
struct ActivatePage {
    frame: Frame,
    code: String,
    failed: String,
    puzzle: Puzzle,
    contact: Option<Contact>,
}

fn frame(site: &Site, visitor: Option<&Visitor>) -> Frame {
    let mut frame = Frame::plain(site, &site.texts.get("page-activate"));
    frame.csrf = visitor.map(|v| v.csrf(site)).unwrap_or_default();
    frame
}

pub(super) async fn page(State(site): State<Site>, visitor: Option<Visitor>, headers: HeaderMap) -> Reply {
    let (code, failed, puzzle) = (String::new(), String::new(), Puzzle::default());
    let contact = contact_here(&site, &headers).await?;
    html(&ActivatePage { frame: frame(&site, visitor.as_ref()), code, failed, puzzle, contact })
}

#[derive(Deserialize)]
pub(super) struct ActivateForm {
    code: String,
    id_number_last6: String,
    captcha: Option<String>,
}

pub(super) async fn submit(
    State(site): State<Site>,
    visitor: Option<Visitor>,
    headers: HeaderMap,
    Form(f): Form<ActivateForm>,
) -> Reply {
    let captcha = f.captcha.clone().filter(|t| !t.trim().is_empty());
    let typed = Typed { code: &f.code, last6: &f.id_number_last6, captcha: captcha.as_deref() };
    match activation::redeem(&site, &typed, Via::Cookie).await {
        Ok((opened, _)) => {
            let answer = with_session_cookie(&site, see_other("/first-sign-in"), &opened.token);
            Ok(remember_unit(&site, answer, opened.session).await?)
        }
        Err(error @ Error::Refused(_)) => {
            let page = ActivatePage {
                frame: frame(&site, visitor.as_ref()),
                code: f.code.clone(),
                failed: Said::of(&site, &error).all(),
                puzzle: Puzzle::of(&error),
                contact: contact_here(&site, &headers).await?,
            };
            Ok(with_status_of(error, html(&page)?))
        }
        Err(e) => Err(e.into()),
    }
}
