//! The page where the address for mail is given and confirmed.
use askama::Template;
use axum::extract::State;
use base::{Error, Result};
use serde::Deserialize;
use site::{Access, Form, Frame, Reply, Routes, Site, Visitor, html, see_other};

use crate::address::{self, Address};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/me/mail", Access::SignedIn, page)
        .post("/me/mail", Access::SignedIn, ask)
        .post("/me/mail/confirmation", Access::SignedIn, confirm)
        .post("/me/mail/removal", Access::SignedIn, remove)
}

#[derive(Template)]
#[template(path = "messages/mail.html")]
struct MailPage {
    frame: Frame,
    own: Option<Address>,
    typed: String,
    address_error: String,
    code_error: String,
}

async fn shown(site: &Site, visitor: &Visitor, typed: String, problem: Option<(bool, Error)>) -> Reply {
    let (mut address_error, mut code_error) = (String::new(), String::new());
    if let Some((is_code, e)) = problem {
        let code = match &e {
            Error::Refused(p) if !p.fields.is_empty() => {
                format!("field-{}", p.fields.first().map_or("wrong_value", |f| f.code))
            }
            _ => format!("error-{}", e.code()),
        };
        *(if is_code { &mut code_error } else { &mut address_error }) = site.texts.get(&code);
    }
    html(&MailPage {
        frame: Frame::of(site, visitor, "/messages", "page-mail"),
        own: address::own(site, visitor.actor.person).await?,
        typed,
        address_error,
        code_error,
    })
}

async fn page(State(site): State<Site>, visitor: Visitor) -> Reply {
    shown(&site, &visitor, String::new(), None).await
}

/// Goes on to the page, or shows what was wrong on it.
async fn after(site: &Site, visitor: &Visitor, typed: String, (is_code, done): (bool, Result<()>)) -> Reply {
    match done {
        Ok(()) => Ok(see_other("/me/mail")),
        Err(e @ Error::Refused(_)) => shown(site, visitor, typed, Some((is_code, e))).await,
        Err(e) => Err(e.into()),
    }
}

#[derive(Deserialize)]
struct AddressForm {
    address: String,
}

async fn ask(State(site): State<Site>, visitor: Visitor, Form(f): Form<AddressForm>) -> Reply {
    let done = address::ask(&site, &visitor, &f.address).await;
    after(&site, &visitor, f.address, (false, done)).await
}

#[derive(Deserialize)]
struct CodeForm {
    code: String,
}

async fn confirm(State(site): State<Site>, visitor: Visitor, Form(f): Form<CodeForm>) -> Reply {
    let done = address::confirm(&site, &visitor, &f.code).await;
    after(&site, &visitor, String::new(), (true, done)).await
}

async fn remove(State(site): State<Site>, visitor: Visitor) -> Reply {
    address::remove(&site, &visitor).await?;
    Ok(see_other("/me/mail"))
}
