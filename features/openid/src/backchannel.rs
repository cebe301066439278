//! Back-channel logout (OpenID Connect Back-Channel Logout 1.0): when a session ends by its owner's wish or its account is
//! secured, every client that was signed in through it is told by a job of its own, until it has answered.
use accounts::SessionsEnded;
use base::{Error, Result, day};
use outside::http::{Call, Method};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use site::Site;

use crate::{
    keys,
    store::{self, Login},
};

/// The job that tells one client.
pub(crate) const TELL: &str = "openid.tell_logout";
/// No session at a client lives longer than this, so nobody need be told later.
const WORTH_MS: i64 = 24 * 3_600_000;

/// Whom to tell of what.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Tell {
    login: String,
    /// Whom the call goes to.
    provider: String,
    ended_at: i64,
}

/// Ends the logins of the sessions and enqueues the telling.
pub(crate) async fn sessions_ended(site: Site, ended: SessionsEnded) -> Result<()> {
    let now = site.now();
    let logins = match ended {
        SessionsEnded::One(session) => store::logins_of_session(&site.db, session).await?,
        SessionsEnded::Of { person } => {
            store::logins_left_of_person(&site.db, person, day::millis(now) - WORTH_MS).await?
        }
    };
    let tx = site.db.begin().await?;
    store::end_logins(&tx, &logins, now).await?;
    let providers = store::providers_of(&tx, &logins).await?;
    for login in &logins {
        let provider = providers.get(&login.client).cloned().unwrap_or_default();
        let tell = Tell { login: login.id.to_string(), provider, ended_at: day::millis(now) };
        site.enqueue(&tx, TELL, &tell).await?;
    }
    tx.commit().await
}

/// Tells one client that a login ended; fails, and so is tried again, until it says that it heard.
pub(crate) async fn tell(site: Site, job: Tell) -> Result<()> {
    let Some(login) = store::login(&site.db, &job.login).await? else { return Ok(()) };
    let client = store::client(&site.db, &login.client).await?;
    let Some(client) = client else { return Ok(()) };
    let Some(url) = client.backchannel_uri else { return Ok(()) };
    if day::millis(site.now()) - job.ended_at > WORTH_MS {
        tracing::warn!(client = %login.client, "gave up telling of a logout");
        return Ok(());
    }
    let token = keys::sign(&site, "logout+jwt", claims(&site, &login)).await?;
    let body =
        url::form_urlencoded::Serializer::new(String::new()).append_pair("logout_token", &token).finish();
    let headers = vec![("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned())];
    let call = Call { method: Method::POST, url, headers, body: body.into_bytes() };
    let answer = providers::call(&site, &client.provider, call).await?;
    match answer.status {
        200 | 204 => Ok(()),
        status => Err(Error::internal(format!("{} answered {status} to a logout", login.client))),
    }
}

fn claims(site: &Site, login: &Login) -> Value {
    let now = site.now().as_second();
    json!({
        "iss": site.settings.public_url,
        "aud": login.client,
        "iat": now,
        "exp": now + 120,
        "jti": secrets::fresh_token(&*site.random),
        "sub": login.subject,
        "sid": login.id,
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
    })
}
