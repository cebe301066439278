//! What an authorization request leads to: a code, the sign-in page, the question of consent, or an error.
use accounts::Standing;
use base::{PersonId, Result, SessionId, day};
use serde_json::json;
use site::{Site, Visitor};

use crate::{
    client::Client,
    keys,
    request::{self, Asked, Params, Prompt, Refused},
    store,
};

/// A code lives so long (security: single use, 60 s).
const CODE_MS: i64 = 60_000;
/// Carries, under our MAC, when the request first led to the sign-in page; so `prompt=login` knows that it was obeyed.
const PROOF: &str = "xueshi_asked";

/// What happens next.
pub(crate) enum Outcome {
    /// Back to the client, with a code or an error.
    Back(String),
    /// To a page of ours.
    To(String),
    /// The visitor is asked whether to agree.
    Ask(Box<Client>),
    /// The provider is suspended for this reason, or, without one, not open yet.
    Closed(Box<Client>, Option<String>),
    /// Nobody is sent anywhere: the client or its address is unknown.
    Unknown(&'static str),
}

/// The person who signs in, and in which session.
#[derive(Clone, Copy)]
struct Who {
    person: PersonId,
    session: SessionId,
    standing: Standing,
}

struct Way<'a> {
    site: &'a Site,
    client: &'a Client,
    asked: &'a Asked,
    query: String,
    /// When the request was sent to the sign-in page, if it was.
    asked_at: Option<i64>,
}

/// Decides a request. `is_agreed`: the visitor has just agreed.
pub(crate) async fn authorize(
    site: &Site,
    visitor: Option<&Visitor>,
    query: &str,
    is_agreed: bool,
) -> Result<Outcome> {
    let (query, asked_at) = proven(site, query);
    let params = Params::read(&query);
    let Some(client) = client_of(site, &params).await? else {
        return Ok(Outcome::Unknown("openid_client_unknown"));
    };
    let Some(redirect_uri) = request::redirect_uri(&params, &client) else {
        return Ok(Outcome::Unknown("openid_redirect_unregistered"));
    };
    let asked = match request::read(&params, &redirect_uri) {
        Ok(asked) => asked,
        Err(refused) => return Ok(Outcome::Back(back(site, &redirect_uri, params.first("state"), refused))),
    };
    let way = Way { site, client: &client, asked: &asked, query, asked_at };
    if let Some(url) = way.launched(visitor).await? {
        return Ok(Outcome::Back(url));
    }
    way.usual(visitor, is_agreed).await
}

/// The visitor does not agree.
pub(crate) async fn decline(site: &Site, query: &str) -> Result<Outcome> {
    let (query, _) = proven(site, query);
    let params = Params::read(&query);
    let Some(client) = client_of(site, &params).await? else {
        return Ok(Outcome::Unknown("openid_client_unknown"));
    };
    let Some(uri) = request::redirect_uri(&params, &client) else {
        return Ok(Outcome::Unknown("openid_redirect_unregistered"));
    };
    let refused = Refused("access_denied", "the person did not agree");
    Ok(Outcome::Back(back(site, &uri, params.first("state"), refused)))
}

async fn client_of(site: &Site, params: &Params) -> Result<Option<Client>> {
    let Ok(Some(id)) = params.one("client_id") else { return Ok(None) };
    store::client(&site.db, id).await
}

impl Way<'_> {
    /// A launch's ticket as `login_hint`: whoever asked for it in a living session is known, and has agreed by asking. In a
    /// browser where another person is signed in it counts for nothing, so that nobody is slipped into a stranger's account.
    async fn launched(&self, visitor: Option<&Visitor>) -> Result<Option<String>> {
        let Some(hint) = self.asked.login_hint.as_deref().filter(|_| self.asked.prompt == Prompt::Usual)
        else {
            return Ok(None);
        };
        let spent = providers::spend_ticket(self.site, &self.client.provider, hint).await?;
        let Some(spent) = spent.filter(|s| visitor.is_none_or(|v| v.actor.person == s.person)) else {
            return Ok(None);
        };
        let Some(standing) = accounts::standing(&self.site.db, spent.session).await? else { return Ok(None) };
        let who = Who { person: spent.person, session: spent.session, standing };
        if self.is_stale(&who) {
            return Ok(None);
        }
        self.issue(&who).await.map(Some)
    }

    async fn usual(&self, visitor: Option<&Visitor>, is_agreed: bool) -> Result<Outcome> {
        let Some(visitor) = visitor else { return Ok(self.sign_in()) };
        if !visitor.required_actions.is_empty() {
            let shown = Outcome::To("/first-sign-in".to_owned());
            return Ok(self.unless_silent(shown, Refused("interaction_required", "a first step is open")));
        }
        let session = visitor.actor.session;
        let Some(standing) = accounts::standing(&self.site.db, session).await? else {
            return Ok(self.sign_in());
        };
        let who = Who { person: visitor.actor.person, session, standing };
        if let Some(reason) = self.closure(&who).await? {
            let shown = Outcome::Closed(Box::new(self.client.clone()), reason);
            let refused = Refused("temporarily_unavailable", "the provider is not open now");
            return Ok(self.unless_silent(shown, refused));
        }
        if self.is_stale(&who) || !self.is_meant(&who).await? {
            return Ok(self.sign_in());
        }
        let asks = self.asked.prompt == Prompt::Consent
            || !store::has_agreed(&self.site.db, who.person, &self.client.id).await?;
        if asks && !is_agreed {
            let shown = Outcome::Ask(Box::new(self.client.clone()));
            return Ok(
                self.unless_silent(shown, Refused("consent_required", "the person has not agreed yet"))
            );
        }
        self.issue(&who).await.map(Outcome::Back)
    }

    /// Whether nobody may sign in at the provider now, and why; its own people may, to try it and to mend what is wrong.
    async fn closure(&self, who: &Who) -> Result<Option<Option<String>>> {
        let (db, provider) = (&self.site.db, &self.client.provider);
        let reason = providers::suspension(db, provider).await?;
        if reason.is_none() && providers::is_open(db, provider).await? {
            return Ok(None);
        }
        let is_own = providers::is_operated(db, provider, who.person).await?;
        Ok((!is_own).then_some(reason))
    }

    /// Whether the session is too old for what the client asks.
    fn is_stale(&self, who: &Who) -> bool {
        let since = day::millis(who.standing.since);
        let is_new = self.asked_at.is_some_and(|at| since >= at);
        let age = day::millis(self.site.now()) - since;
        let is_too_old = self.asked.max_age.is_some_and(|most| age > most.saturating_mul(1000));
        !is_new && (self.asked.prompt == Prompt::Login || is_too_old)
    }

    /// Whether it is the person of the client's `id_token_hint`, if it gave one.
    async fn is_meant(&self, who: &Who) -> Result<bool> {
        let Some(hint) = &self.asked.id_token_hint else { return Ok(true) };
        let claims = keys::open(self.site, hint).await?;
        let Some(sid) = claims.as_ref().and_then(|c| c.get("sid")).and_then(|s| s.as_str()) else {
            return Ok(false);
        };
        let login = store::login(&self.site.db, sid).await?;
        Ok(login.is_some_and(|l| l.person == who.person && l.client == self.client.id))
    }

    fn sign_in(&self) -> Outcome {
        let now = day::millis(self.site.now());
        let proof = format!("{now}.{}", proof(self.site, &self.query, now));
        let next = format!("/openid/continue?{}&{PROOF}={proof}", self.query);
        let mut to = url::form_urlencoded::Serializer::new(String::new());
        let shown = Outcome::To(format!("/sign-in?{}", to.append_pair("next", &next).finish()));
        self.unless_silent(shown, Refused("login_required", "the person is not signed in"))
    }

    fn unless_silent(&self, shown: Outcome, refused: Refused) -> Outcome {
        if self.asked.prompt == Prompt::None {
            return Outcome::Back(back(
                self.site,
                &self.asked.redirect_uri,
                self.asked.state.as_deref(),
                refused,
            ));
        }
        shown
    }

    /// Gives out a code; from now on the person has agreed.
    async fn issue(&self, who: &Who) -> Result<String> {
        let (site, client, asked) = (self.site, self.client, self.asked);
        let code = secrets::fresh_token(&*site.random);
        let hash = secrets::sha256_hex(code.as_bytes());
        let tx = site.db.begin().await?;
        let subject = providers::subject(site, &tx, &client.provider, who.person).await?;
        let new = store::Login {
            id: site.new_id(),
            session: who.session,
            client: client.id.clone(),
            person: who.person,
            subject,
        };
        let login = store::ensure_login(&tx, &new, site.now()).await?;
        let code_row = store::NewCode {
            hash: &hash,
            login,
            redirect_uri: &asked.redirect_uri,
            challenge: &asked.challenge,
            nonce: asked.nonce.as_deref(),
            scope: &asked.scope,
            auth_time: who.standing.since,
            expires_at: day::millis(site.now()) + CODE_MS,
        };
        store::insert_code(&tx, &code_row, site.now()).await?;
        if store::agree(&tx, who.person, &client.id, site.now()).await? {
            record_consent(site, &tx, who.person, &client.id).await?;
        }
        tx.commit().await?;
        let pairs = [("code", Some(code.as_str())), ("state", asked.state.as_deref())];
        Ok(with_pairs(site, &asked.redirect_uri, &pairs))
    }
}

async fn record_consent(site: &Site, tx: &db::Tx, person: PersonId, client: &str) -> Result<()> {
    let deed = audit::Deed {
        actor: Some(person),
        action: "openid.consent",
        object: client,
        unit_path: "",
        details: json!({}),
    };
    audit::record(site, tx, deed).await
}

fn back(site: &Site, uri: &str, state: Option<&str>, Refused(code, why): Refused) -> String {
    with_pairs(site, uri, &[("error", Some(code)), ("error_description", Some(why)), ("state", state)])
}

/// The address with parameters added; `iss` tells which server answers (RFC 9207).
fn with_pairs(site: &Site, uri: &str, pairs: &[(&str, Option<&str>)]) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in pairs {
        if let Some(value) = value {
            query.append_pair(name, value);
        }
    }
    query.append_pair("iss", &site.settings.public_url);
    let sign = if uri.contains('?') { '&' } else { '?' };
    format!("{uri}{sign}{}", query.finish())
}

/// The query without our proof, and what the proof proves.
fn proven(site: &Site, query: &str) -> (String, Option<i64>) {
    let mut rest = url::form_urlencoded::Serializer::new(String::new());
    let mut given = None;
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        if name == PROOF {
            given = Some(value.into_owned());
        } else {
            rest.append_pair(&name, &value);
        }
    }
    let rest = rest.finish();
    let asked_at = given.and_then(|given| {
        let (at, mac) = given.split_once('.')?;
        let at: i64 = at.parse().ok()?;
        site.keys.mac_holds("openid_asked", &[rest.as_bytes(), at.to_string().as_bytes()], mac).then_some(at)
    });
    (rest, asked_at)
}

fn proof(site: &Site, query: &str, at: i64) -> String {
    site.keys.mac("openid_asked", &[query.as_bytes(), at.to_string().as_bytes()])
}
