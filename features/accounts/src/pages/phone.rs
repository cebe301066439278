//! 修改手机号 (manual, 情况3): the original number and its code, then the new number and its code. The steps are one page, so
//! that they work without script.
use askama::Template;
use axum::extract::State;
use base::Error;
use serde::Deserialize;
use site::{Form, Frame, Reply, Site, Visitor, html, see_other};

use super::{
    account::renewed,
    said::{Said, again},
};
use crate::{
    codes::Purpose,
    ownership,
    phone::{self, Wanted},
    shares,
};

/// Which half is open.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Old,
    New,
}

#[derive(Template)]
#[template(path = "accounts/phone.html")]
struct PhonePage {
    frame: Frame,
    bound: String,
    step: Step,
    typed: String,
    is_sent: bool,
    account: String,
    said: Said,
}

impl PhonePage {
    /// How the original number looks, so that its owner recognises it.
    fn hint(&self) -> String {
        self.frame.text("phone-hint").replace("{}", &self.bound)
    }

    fn is_new_step(&self) -> bool {
        self.step == Step::New
    }
}

async fn build(
    site: &Site,
    visitor: &Visitor,
    (step, typed): (Step, String),
    said: Said,
) -> base::Result<PhonePage> {
    let own = ownership::own(site, visitor).await?;
    let frame = said.on(Frame::of(site, visitor, "/me/account", "page-phone"));
    let (bound, account) = (own.phone_masked, own.account);
    Ok(PhonePage { frame, bound, step, typed, is_sent: false, account, said })
}

pub(super) async fn page(State(site): State<Site>, visitor: Visitor) -> Reply {
    let is_open = phone::is_old_verified(&site, &visitor).await?;
    let step = if is_open { Step::New } else { Step::Old };
    html(&build(&site, &visitor, (step, String::new()), Said::default()).await?)
}

#[derive(Deserialize)]
pub(super) struct PhoneForm {
    #[serde(default)]
    phone: String,
    #[serde(default)]
    code: String,
    current_password: Option<String>,
}

pub(super) async fn send_old(State(site): State<Site>, visitor: Visitor, Form(f): Form<PhoneForm>) -> Reply {
    send(&site, &visitor, (Purpose::ChangePhoneOld, Step::Old), f).await
}

pub(super) async fn send_new(State(site): State<Site>, visitor: Visitor, Form(f): Form<PhoneForm>) -> Reply {
    send(&site, &visitor, (Purpose::ChangePhoneNew, Step::New), f).await
}

async fn send(site: &Site, visitor: &Visitor, (purpose, step): (Purpose, Step), f: PhoneForm) -> Reply {
    let sent = if f.phone.trim().is_empty() {
        Err(Error::invalid("phone", "required"))
    } else {
        let current_password = f.current_password.as_deref();
        let wanted = Wanted { purpose, phone: Some(&f.phone), current_password, captcha: None };
        phone::request_code(site, visitor, &wanted).await
    };
    match sent {
        Ok(()) => {
            let mut page = build(site, visitor, (step, f.phone), Said::default()).await?;
            page.is_sent = true;
            page.frame = page.frame.with_flash("done", site.texts.get("code-sent"));
            html(&page)
        }
        Err(e) => again(site, e, |said| build(site, visitor, (step, f.phone), said)).await,
    }
}

pub(super) async fn verify_old(
    State(site): State<Site>,
    visitor: Visitor,
    Form(f): Form<PhoneForm>,
) -> Reply {
    match phone::verify(&site, &visitor, Purpose::ChangePhoneOld, &f.code).await {
        Ok(()) => renewed(&site, &visitor, "/me/account/phone").await,
        Err(e) => again(&site, e, |said| build(&site, &visitor, (Step::Old, f.phone), said)).await,
    }
}

pub(super) async fn change(State(site): State<Site>, visitor: Visitor, Form(f): Form<PhoneForm>) -> Reply {
    let changed = match phone::parse(&f.phone) {
        Ok(new) => phone::bind(&site, &visitor, &new, &f.code).await,
        Err(e) => Err(e),
    };
    match changed {
        Ok(()) if shares::own(&site, &visitor).await?.is_empty() => {
            Ok(see_other("/me/account?done=phone_changed"))
        }
        Ok(()) => Ok(see_other("/me/account?done=phone_shared")),
        Err(e) => again(&site, e, |said| build(&site, &visitor, (Step::New, f.phone), said)).await,
    }
}
