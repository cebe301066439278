//! Signing out at a client's wish (OpenID Connect RP-Initiated Logout 1.0).
use base::Result;
use site::{Site, Visitor};

use crate::{
    client::Client,
    keys,
    request::Params,
    store::{self, Login},
};

/// What happens next.
pub(crate) enum Ending {
    /// The session has ended; on to the client's registered address, or to our own page.
    Done(Option<String>),
    /// The person is asked, since the client proved nothing about this session.
    Ask,
    /// The client, its token or its address does not fit: nothing is done and nobody sent anywhere.
    Refused(&'static str),
}

/// Reads the request; ends the session if the client's token proves that it may.
pub(crate) async fn logout(site: &Site, visitor: Option<&Visitor>, params: &Params) -> Result<Ending> {
    let hinted = match params.first("id_token_hint") {
        Some(hint) => match hinted(site, hint).await? {
            Some(login) => Some(login),
            None => return Ok(Ending::Refused("openid_hint_wrong")),
        },
        None => None,
    };
    let to = match address(site, params, hinted.as_ref()).await? {
        Ok(to) => to,
        Err(code) => return Ok(Ending::Refused(code)),
    };
    if let Some(login) = hinted.filter(|l| visitor.is_none_or(|v| v.actor.session == l.session)) {
        accounts::end_session(site, login.session).await?;
        return Ok(Ending::Done(to));
    }
    Ok(if visitor.is_none() { Ending::Done(to) } else { Ending::Ask })
}

/// The person has said yes.
pub(crate) async fn confirmed(site: &Site, visitor: &Visitor, params: &Params) -> Result<Ending> {
    let hinted = match params.first("id_token_hint") {
        Some(hint) => hinted(site, hint).await?,
        None => None,
    };
    let to = match address(site, params, hinted.as_ref()).await? {
        Ok(to) => to,
        Err(code) => return Ok(Ending::Refused(code)),
    };
    accounts::sign_out(site, visitor).await?;
    Ok(Ending::Done(to))
}

/// The login of an ID token of ours, an expired one too (RP-Initiated Logout §2).
async fn hinted(site: &Site, hint: &str) -> Result<Option<Login>> {
    let Some(claims) = keys::open(site, hint).await? else { return Ok(None) };
    let text = |name: &str| claims.get(name).and_then(|v| v.as_str());
    let (Some(sid), Some(client)) = (text("sid"), text("aud")) else { return Ok(None) };
    // A logout token is signed by us too, and is no hint.
    if claims.get("events").is_some() {
        return Ok(None);
    }
    Ok(store::login(&site.db, sid).await?.filter(|l| l.client == client))
}

/// Where to send the person afterwards: only to an address that the known client registered.
async fn address(
    site: &Site,
    params: &Params,
    hinted: Option<&Login>,
) -> Result<Result<Option<String>, &'static str>> {
    let named = params.first("client_id");
    if hinted.is_some_and(|l| named.is_some_and(|n| n != l.client)) {
        return Ok(Err("openid_client_unknown"));
    }
    let Some(uri) = params.first("post_logout_redirect_uri") else { return Ok(Ok(None)) };
    let id = hinted.map(|l| l.client.as_str()).or(named);
    let client: Option<Client> = match id {
        Some(id) => store::client(&site.db, id).await?,
        None => None,
    };
    if !client.is_some_and(|c| c.may_end_at(uri)) {
        return Ok(Err("openid_redirect_unregistered"));
    }
    let Some(state) = params.first("state") else { return Ok(Ok(Some(uri.to_owned()))) };
    let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("state", state).finish();
    let sign = if uri.contains('?') { '&' } else { '?' };
    Ok(Ok(Some(format!("{uri}{sign}{query}"))))
}
