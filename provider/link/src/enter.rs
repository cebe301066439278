//! Coming in: the learner signs in at the management platform (OpenID Connect) and a visit begins. `/enter` is also the
//! address for a login that starts there (Core §4): its hint is passed on. The way back is bound to the browser that set
//! out by a sealed cookie with state, nonce and verifier.
use axum::http::HeaderMap;
use base::{Error, Kind, Result, day};
use serde::{Deserialize, Serialize};
use site::{
    Reply, Site, Visitor, brief_cookie, local_path, see_other, with_brief_cookie, with_session_cookie,
};

use crate::{
    hub::Hub,
    openid::{self, Flow, Person},
    store, visits,
};

const MINUTES_10_MS: i64 = 10 * 60_000;

#[derive(Deserialize)]
pub(crate) struct Arrival {
    iss: Option<String>,
    login_hint: Option<String>,
    target_link_uri: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Answer {
    state: Option<String>,
    code: Option<String>,
    iss: Option<String>,
    error: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct UnderWay {
    nonce: String,
    verifier: String,
    to: String,
    at: i64,
}

/// Sets out for the management platform.
pub(crate) async fn enter(site: &Site, hub: &Hub, arrival: Arrival) -> Reply {
    if arrival.iss.is_some_and(|iss| iss != hub.at("")) {
        return Err(refused().into());
    }
    let fresh = || secrets::fresh_token(&*site.random);
    let flow = Flow { state: fresh(), nonce: fresh(), verifier: fresh() };
    let hint = arrival.login_hint.filter(|h| h.len() <= 500);
    let url = openid::authorization(site, hub, &flow, hint).await?;
    let under_way = UnderWay {
        to: target(site, arrival.target_link_uri.as_deref()),
        nonce: flow.nonce,
        verifier: flow.verifier,
        at: day::millis(site.now()),
    };
    let text = serde_json::to_string(&under_way).map_err(Error::internal)?;
    let sealed = site.keys.seal(&place(&flow.state), &text, &*site.random)?;
    Ok(with_brief_cookie(site, see_other(&url), &cookie(&flow.state), &sealed))
}

/// Comes back with a code, or with word why there is none.
pub(crate) async fn come_back(
    site: &Site,
    hub: &Hub,
    (before, headers): (Option<Visitor>, HeaderMap),
    answer: Answer,
) -> Reply {
    let state = answer.state.ok_or_else(refused)?;
    let under_way = under_way(site, &headers, &state).ok_or_else(refused)?;
    if answer.iss.is_none_or(|iss| iss != hub.at("")) {
        return Err(refused().into());
    }
    if answer.error.as_deref() == Some("access_denied") {
        let declined = see_other("/sign-in?reason=declined");
        return Ok(with_brief_cookie(site, declined, &cookie(&state), ""));
    }
    let code = answer.code.ok_or_else(refused)?;
    let flow = Flow { state, nonce: under_way.nonce, verifier: under_way.verifier };
    let person = openid::exchange(site, hub, &flow, code).await?;
    let token = begin(site, &person, before).await?;
    // The management platform has just answered, so whatever could not be delivered before can be now.
    crate::catch_up(site).await?;
    let response = with_session_cookie(site, see_other(&under_way.to), &token);
    Ok(with_brief_cookie(site, response, &cookie(&flow.state), ""))
}

async fn begin(site: &Site, person: &Person, before: Option<Visitor>) -> Result<String> {
    let tx = site.db.begin().await?;
    if let Some(before) = before {
        store::end_visit(&tx, before.actor.session, site.now()).await?;
    }
    let learner = store::welcome(&tx, site.new_id(), person, site.now()).await?;
    let token = visits::open(site, &tx, learner, &person.sid).await?;
    tx.commit().await?;
    Ok(token)
}

/// What the browser remembers of a sign-in of that state; nothing in another browser, or after ten minutes.
fn under_way(site: &Site, headers: &HeaderMap, state: &str) -> Option<UnderWay> {
    let sealed = brief_cookie(site, headers, &cookie(state))?;
    let text = site.keys.open_sealed(&place(state), &sealed).ok()?;
    let under_way: UnderWay = serde_json::from_str(&text).ok()?;
    (day::millis(site.now()) - under_way.at < MINUTES_10_MS).then_some(under_way)
}

/// One cookie for each sign-in under way, so that two tabs do not mix.
fn cookie(state: &str) -> String {
    let start: String = state.chars().filter(char::is_ascii_alphanumeric).take(12).collect();
    format!("enter-{start}")
}

fn place(state: &str) -> String {
    format!("enter:{state}")
}

/// A page of this platform, given as its path or its whole address.
fn target(site: &Site, wanted: Option<&str>) -> String {
    let own = wanted.map(|w| w.strip_prefix(&site.settings.public_url).unwrap_or(w));
    local_path(own)
}

fn refused() -> Error {
    Error::refused(Kind::Denied, "ticket_refused")
}
