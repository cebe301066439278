//! 身份验证器 and 通行密钥: second factors, and ways in without the password.
use askama::Template;
use axum::extract::State;
use base::Error;
use documents::qr_svg;
use serde::Deserialize;
use site::{Form, Frame, Reply, Site, Visitor, dates, html, see_other};

use super::said::{Said, again};
use crate::{
    passkeys::{self, Seen},
    totp::{self, Enrolment},
};

#[derive(Template)]
#[template(path = "accounts/totp.html")]
struct TotpPage {
    frame: Frame,
    is_on: bool,
    enrolment: Option<Enrolment>,
    qr: String,
    sealed: String,
    said: Said,
}

async fn totp_build(site: &Site, visitor: &Visitor, said: Said) -> base::Result<TotpPage> {
    let is_on = totp::is_on(site, visitor).await?;
    let (enrolment, sealed) = if is_on {
        (None, String::new())
    } else {
        let (enrolment, sealed) = totp::offer(site, visitor).await?;
        (Some(enrolment), sealed)
    };
    let qr = match &enrolment {
        Some(e) => qr_svg(&e.address).map_err(Error::internal)?,
        None => String::new(),
    };
    let frame = said.on(Frame::of(site, visitor, "/me/account", "page-totp"));
    Ok(TotpPage { frame, is_on, enrolment, qr, sealed, said })
}

pub(super) async fn totp_page(State(site): State<Site>, visitor: Visitor) -> Reply {
    html(&totp_build(&site, &visitor, Said::default()).await?)
}

#[derive(Deserialize)]
pub(super) struct TotpForm {
    sealed: String,
    code: String,
}

pub(super) async fn totp_on(State(site): State<Site>, visitor: Visitor, Form(f): Form<TotpForm>) -> Reply {
    match totp::turn_on(&site, &visitor, (&f.sealed, &f.code)).await {
        Ok(()) => Ok(see_other("/me/account?done=totp_on")),
        Err(e) => again(&site, e, |said| totp_build(&site, &visitor, said)).await,
    }
}

#[derive(Deserialize)]
pub(super) struct OffForm {
    password: String,
}

pub(super) async fn totp_off(State(site): State<Site>, visitor: Visitor, Form(f): Form<OffForm>) -> Reply {
    match totp::turn_off(&site, &visitor, &f.password).await {
        Ok(()) => Ok(see_other("/me/account?done=totp_off")),
        Err(e) => again(&site, e, |said| totp_build(&site, &visitor, said)).await,
    }
}

#[derive(Template)]
#[template(path = "accounts/passkeys.html")]
struct PasskeysPage {
    frame: Frame,
    is_available: bool,
    passkeys: Vec<Seen>,
    said: Said,
}

impl PasskeysPage {
    fn day(&self, millis: &i64) -> String {
        dates::minute(base::day::from_millis(*millis))
    }
}

async fn passkeys_build(site: &Site, visitor: &Visitor, said: Said) -> base::Result<PasskeysPage> {
    let frame = said.on(Frame::of(site, visitor, "/me/account", "page-passkeys"));
    let passkeys = passkeys::own(site, visitor).await?;
    Ok(PasskeysPage { frame, is_available: passkeys::are_available(site), passkeys, said })
}

pub(super) async fn passkeys_page(State(site): State<Site>, visitor: Visitor) -> Reply {
    html(&passkeys_build(&site, &visitor, Said::default()).await?)
}

#[derive(Deserialize)]
pub(super) struct RemoveForm {
    id: String,
    current_password: Option<String>,
}

pub(super) async fn remove_passkey(
    State(site): State<Site>,
    visitor: Visitor,
    Form(f): Form<RemoveForm>,
) -> Reply {
    match passkeys::remove(&site, &visitor, &f.id, f.current_password.as_deref()).await {
        Ok(()) => Ok(see_other("/me/account/passkeys")),
        Err(e) => again(&site, e, |said| passkeys_build(&site, &visitor, said)).await,
    }
}
