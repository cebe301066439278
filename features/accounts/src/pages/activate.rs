//! 首次启用: the code of a slip or a message, and the ID number's last six.
use askama::Template;
use axum::extract::State;
use base::Error;
use serde::Deserialize;
use site::{Form, Frame, Reply, Site, Via, Visitor, html, see_other, with_session_cookie};

use super::said::{Said, with_status_of};
use crate::activation::{self, Typed};

#[derive(Template)]
#[template(path = "accounts/activate.html")]
struct ActivatePage {
    frame: Frame,
    code: String,
    failed: String,
    puzzle: String,
    bits: String,
}

fn frame(site: &Site, visitor: Option<&Visitor>) -> Frame {
    let mut frame = Frame::plain(site, &site.texts.get("page-activate"));
    frame.csrf = visitor.map(|v| v.csrf.clone()).unwrap_or_default();
    frame
}

pub(super) async fn page(State(site): State<Site>, visitor: Option<Visitor>) -> Reply {
    let (code, failed, puzzle, bits) = (String::new(), String::new(), String::new(), String::new());
    html(&ActivatePage { frame: frame(&site, visitor.as_ref()), code, failed, puzzle, bits })
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
    Form(f): Form<ActivateForm>,
) -> Reply {
    let captcha = f.captcha.clone().filter(|t| !t.trim().is_empty());
    let typed = Typed { code: &f.code, last6: &f.id_number_last6, captcha: captcha.as_deref() };
    match activation::redeem(&site, &typed, Via::Cookie).await {
        Ok((opened, _)) => Ok(with_session_cookie(&site, see_other("/first-sign-in"), &opened.token)),
        Err(error @ Error::Refused(_)) => {
            let challenge =
                if let Error::Refused(p) = &error { p.extra.get("challenge").cloned() } else { None };
            let of = |name: &str| {
                let value = challenge.as_ref().and_then(|c| c.get(name));
                value.map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned)).unwrap_or_default()
            };
            let page = ActivatePage {
                frame: frame(&site, visitor.as_ref()),
                code: f.code.clone(),
                failed: Said::of(&site, &error).all(),
                puzzle: of("puzzle"),
                bits: of("bits"),
            };
            Ok(with_status_of(error, html(&page)?))
        }
        Err(e) => Err(e.into()),
    }
}
