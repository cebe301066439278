//! The forced first steps (manual, 情况1 and 情况2).
use askama::Template;
use axum::extract::State;
use serde::Deserialize;
use site::{Form, Frame, Reply, RequiredAction, Site, Visitor, html, see_other};

use super::{
    account::renewed,
    said::{Said, again},
};
use crate::{codes::Purpose, first_steps, phone, privacy, sessions, store};

#[derive(Template)]
#[template(path = "accounts/first.html")]
struct FirstPage {
    frame: Frame,
    account: String,
    wants_password: bool,
    wants_phone: bool,
    phone: String,
    /// Someone without a mobile phone sets an authenticator up instead.
    is_waived: bool,
    said: Said,
}

async fn first_form(site: &Site, visitor: &Visitor, phone: String, said: Said) -> base::Result<FirstPage> {
    let own = sessions::own(site, visitor).await?;
    let account = store::by_id(&site.db, own.account).await?;
    let is_waived = account.is_phone_waived;
    let wants = |action| visitor.required_actions.contains(&action);
    Ok(FirstPage {
        frame: said.on(Frame::of(site, visitor, "/first-sign-in", "page-first-sign-in")),
        account: account.name,
        wants_password: wants(RequiredAction::ChangePassword),
        wants_phone: wants(RequiredAction::BindPhone) && !is_waived,
        is_waived: is_waived && wants(RequiredAction::BindPhone),
        phone,
        said,
    })
}

pub(super) async fn first_page(State(site): State<Site>, visitor: Visitor) -> Reply {
    if visitor.required_actions.is_empty() {
        return Ok(see_other("/"));
    }
    html(&first_form(&site, &visitor, String::new(), Said::default()).await?)
}

#[derive(Deserialize)]
pub(super) struct FirstForm {
    #[serde(default)]
    new_password: String,
    #[serde(default)]
    repeated: String,
    #[serde(default)]
    phone: String,
    #[serde(default)]
    code: String,
    /// The box beside the privacy notice.
    has_read_notice: Option<String>,
}

pub(super) async fn submit_first(
    State(site): State<Site>,
    visitor: Visitor,
    Form(f): Form<FirstForm>,
) -> Reply {
    let entered = first_steps::Entered {
        new_password: f.new_password,
        repeated: f.repeated,
        phone: f.phone,
        code: f.code,
    };
    match first_steps::complete(&site, &visitor, &entered).await {
        Ok(()) => {
            if f.has_read_notice.is_some() {
                privacy::confirm(&site, &visitor, privacy::VERSION).await?;
            }
            renewed(&site, &visitor, "/").await
        }
        Err(e) => again(&site, e, |said| first_form(&site, &visitor, entered.phone, said)).await,
    }
}

/// Sends a code for those without script; with script the button calls the API.
pub(super) async fn submit_code(
    State(site): State<Site>,
    visitor: Visitor,
    Form(f): Form<FirstForm>,
) -> Reply {
    let sent = match phone::parse(&f.phone) {
        Ok(_) => {
            let wanted = phone::Wanted {
                purpose: Purpose::BindPhone,
                phone: Some(&f.phone),
                current_password: None,
                captcha: None,
            };
            phone::request_code(&site, &visitor, &wanted).await
        }
        Err(e) => Err(e),
    };
    match sent {
        Ok(()) => {
            let mut page = first_form(&site, &visitor, f.phone, Said::default()).await?;
            page.frame = page.frame.with_flash("done", site.texts.get("code-sent"));
            html(&page)
        }
        Err(e) => again(&site, e, |said| first_form(&site, &visitor, f.phone, said)).await,
    }
}
