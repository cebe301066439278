//! Whom to ask before signing in: this device remembers the unit of whoever signed in on it last, in a cookie under the
//! installation's MAC, and pages at the door show that unit's card. They know nothing of the account that was typed, so known
//! and unknown ones are answered alike (security item 9).
use axum::{http::HeaderMap, response::Response};
use base::{Result, SessionId};
use sea_orm::FromQueryResult;
use site::{Site, brief_cookie, with_own_cookie};

use crate::store::contact as store;

/// The cookie's name behind the session cookie's.
const COOKIE: &str = "unit";
/// A year, in seconds: most people sign in every few months.
const KEPT: u32 = 365 * 24 * 3600;

/// A unit's card as pages at the door show it.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Contact {
    /// The unit's name.
    pub unit: String,
    /// The office, such as 人事处.
    pub office: String,
    /// Who is there.
    pub names: String,
    /// The office's telephone.
    pub telephone: String,
    /// When somebody is there.
    pub hours: String,
}

/// The card of the unit that this device remembers, or of the one above it.
pub async fn contact_here(site: &Site, headers: &HeaderMap) -> Result<Option<Contact>> {
    let Some(value) = brief_cookie(site, headers, COOKIE) else { return Ok(None) };
    let Some((unit, mac)) = value.split_once('.') else { return Ok(None) };
    if !site.keys.mac_holds(COOKIE, &[unit.as_bytes()], mac) {
        return Ok(None);
    }
    store::card_of(&site.db, unit).await
}

/// Lets this device remember the unit of the session that was just opened on it.
pub(crate) async fn remember_unit(site: &Site, response: Response, session: SessionId) -> Result<Response> {
    let unit = store::unit_of(&site.db, session).await?;
    let mac = site.keys.mac(COOKIE, &[unit.as_bytes()]);
    Ok(with_own_cookie(site, response, (COOKIE, &format!("{unit}.{mac}")), KEPT))
}
