//! 个人中心 › 账户信息: password, phone, second factor, where the account is signed in.
use askama::Template;
use axum::extract::{Query, State};
use base::Error;
use serde::Deserialize;
use site::{Form, Frame, Reply, Site, Visitor, dates, html, see_other, with_session_cookie};

use super::said::{Said, again};
use crate::{
    devices, ownership, password, privacy, sessions,
    shares::{self, Share},
    totp,
};

/// A session in a line.
struct Line {
    id: String,
    is_this: bool,
    is_living: bool,
    agent: String,
    network: String,
    since: String,
    end: String,
}

#[derive(Template)]
#[template(path = "accounts/account.html")]
struct AccountPage {
    frame: Frame,
    account: String,
    phone: String,
    is_phone_stale: bool,
    has_totp: bool,
    sessions: Vec<Line>,
    /// Wrong tries at the door: when, from which network.
    failures: Vec<(String, String)>,
    shares: Vec<Share>,
    said: Said,
}

async fn build(site: &Site, visitor: &Visitor, said: Said) -> base::Result<AccountPage> {
    let own = ownership::own(site, visitor).await?;
    let line = |s: devices::Seen| Line {
        is_this: s.id == visitor.actor.session.to_string(),
        is_living: s.ended_at.is_none(),
        id: s.id,
        agent: device(site, &s.agent),
        network: s.network,
        since: dates::minute(base::day::from_millis(s.created_at)),
        end: s
            .end_reason
            .map(|r| site.texts.get(&format!("session-{}", r.replace('_', "-"))))
            .unwrap_or_default(),
    };
    Ok(AccountPage {
        frame: said.on(Frame::of(site, visitor, "/me/account", "page-account")),
        account: own.account,
        phone: own.phone_masked,
        is_phone_stale: own.is_phone_stale,
        has_totp: totp::is_on(site, visitor).await?,
        sessions: devices::own(site, visitor).await?.into_iter().map(line).collect(),
        failures: devices::failures(site, visitor)
            .await?
            .into_iter()
            .map(|f| (dates::minute(base::day::from_millis(f.at)), f.address))
            .collect(),
        shares: shares::own(site, visitor).await?,
        said,
    })
}

/// What kind of browser and system an agent names, in two words.
fn device(site: &Site, agent: &str) -> String {
    const SYSTEMS: [(&str, &str); 6] = [
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ];
    const BROWSERS: [(&str, &str); 5] = [
        ("MicroMessenger", "WeChat"),
        ("Edg/", "Edge"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ];
    let find = |known: &[(&str, &'static str)]| {
        known.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name)
    };
    let words: Vec<&str> = [find(&SYSTEMS), find(&BROWSERS)].into_iter().flatten().collect();
    if words.is_empty() { site.texts.get("device-unknown") } else { words.join(" · ") }
}

#[derive(Deserialize)]
pub(super) struct Arrival {
    done: Option<String>,
}

pub(super) async fn page(State(site): State<Site>, visitor: Visitor, Query(q): Query<Arrival>) -> Reply {
    let mut page = build(&site, &visitor, Said::default()).await?;
    let key = q.done.map(|d| format!("account-{}", d.replace('_', "-"))).filter(|key| site.texts.has(key));
    if let Some(key) = key {
        page.frame = page.frame.with_flash("done", site.texts.get(&key));
    }
    html(&page)
}

#[derive(Deserialize)]
pub(super) struct PasswordForm {
    current_password: String,
    new_password: String,
    repeated: String,
}

pub(super) async fn change_password(
    State(site): State<Site>,
    visitor: Visitor,
    Form(f): Form<PasswordForm>,
) -> Reply {
    let changed = if f.new_password == f.repeated {
        password::change(&site, &visitor, Some(&f.current_password), &f.new_password).await
    } else {
        Err(Error::invalid("repeated", "mismatch"))
    };
    match changed {
        Ok(()) => renewed(&site, &visitor, "/me/account?done=password_changed").await,
        Err(e) => again(&site, e, |said| build(&site, &visitor, said)).await,
    }
}

#[derive(Deserialize)]
pub(super) struct SessionForm {
    /// The session to end; every other one when left out.
    id: Option<String>,
}

pub(super) async fn end_session(
    State(site): State<Site>,
    visitor: Visitor,
    Form(f): Form<SessionForm>,
) -> Reply {
    match f.id {
        Some(id) => devices::end(&site, &visitor, &id).await?,
        None => devices::end_others(&site, &visitor).await?,
    }
    Ok(see_other("/me/account?done=session_ended"))
}

pub(super) async fn confirm_phone(State(site): State<Site>, visitor: Visitor) -> Reply {
    ownership::confirm(&site, &visitor).await?;
    Ok(see_other("/me/account?done=phone_confirmed"))
}

pub(super) async fn not_mine(State(site): State<Site>, visitor: Visitor) -> Reply {
    ownership::disown(&site, &visitor).await?;
    Ok(site::signed_out(&site))
}

/// Goes on with a new token: whoever held the old one is out.
pub(super) async fn renewed(site: &Site, visitor: &Visitor, target: &str) -> Reply {
    let response = see_other(target);
    Ok(match sessions::renew(site, visitor).await? {
        Some(token) => with_session_cookie(site, response, &token),
        None => response,
    })
}

#[derive(Deserialize)]
pub(super) struct ShareForm {
    id: String,
    decision: String,
}

pub(super) async fn answer_share(
    State(site): State<Site>,
    visitor: Visitor,
    Form(f): Form<ShareForm>,
) -> Reply {
    shares::answer(&site, &visitor, &f.id, f.decision == "agree").await?;
    Ok(see_other("/me/account?done=share_answered"))
}

pub(super) async fn read_notice(State(site): State<Site>, visitor: Visitor) -> Reply {
    privacy::confirm(&site, &visitor, privacy::VERSION).await?;
    Ok(see_other("/"))
}
