//! The authorization request: read strictly, refused as RFC 6749 and OpenID Connect Core say. Pure.
use crate::client::Client;

/// Parameters as they came; an empty value counts as left out (RFC 6749 §3.1).
#[derive(Clone, Debug, Default)]
pub(crate) struct Params(Vec<(String, String)>);

/// The parameter was given more than once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Doubled;

impl Params {
    pub(crate) fn read(query: &str) -> Self {
        let pairs = url::form_urlencoded::parse(query.as_bytes()).into_owned();
        Self(pairs.filter(|(_, value)| !value.is_empty()).collect())
    }

    pub(crate) fn one(&self, name: &str) -> Result<Option<&str>, Doubled> {
        let mut found = self.0.iter().filter(|(n, _)| n == name).map(|(_, v)| v.as_str());
        let first = found.next();
        if found.next().is_some() { Err(Doubled) } else { Ok(first) }
    }

    /// The first, where a second does no harm.
    pub(crate) fn first(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

/// What the client wants to happen on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Prompt {
    Usual,
    /// No page may be shown.
    None,
    /// Sign in again.
    Login,
    /// Ask again.
    Consent,
}

/// A request that can be answered.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub redirect_uri: String,
    pub state: Option<String>,
    pub nonce: Option<String>,
    pub challenge: String,
    /// Those of the scopes asked for that there are.
    pub scope: String,
    pub prompt: Prompt,
    /// In seconds.
    pub max_age: Option<i64>,
    pub login_hint: Option<String>,
    pub id_token_hint: Option<String>,
}

/// Why a request is refused: the error's code, and a sentence for the client's developer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refused(pub &'static str, pub &'static str);

/// The scopes that there are.
pub(crate) const SCOPES: [&str; 2] = ["openid", "profile"];

impl From<Doubled> for Refused {
    fn from(Doubled: Doubled) -> Self {
        Self("invalid_request", "a parameter is given twice")
    }
}

/// The registered address to answer to; without one nobody is sent anywhere.
pub(crate) fn redirect_uri(params: &Params, client: &Client) -> Option<String> {
    let uri = params.one("redirect_uri").ok()??;
    client.may_return_to(uri).then(|| uri.to_owned())
}

/// Reads everything else.
pub(crate) fn read(params: &Params, redirect_uri: &str) -> Result<Asked, Refused> {
    let text = |name: &str| -> Result<Option<String>, Refused> { Ok(params.one(name)?.map(str::to_owned)) };
    if params.first("request").is_some() {
        return Err(Refused("request_not_supported", "request objects are not supported"));
    }
    if params.first("request_uri").is_some() {
        return Err(Refused("request_uri_not_supported", "request objects are not supported"));
    }
    match params.one("response_type")? {
        Some("code") => {}
        Some(_) => return Err(Refused("unsupported_response_type", "only code is supported")),
        None => return Err(Refused("invalid_request", "response_type is missing")),
    }
    if params.one("response_mode")?.is_some_and(|m| m != "query") {
        return Err(Refused("invalid_request", "only response_mode=query is supported"));
    }
    let max_age = params.one("max_age")?.map(|m| m.parse().ok().filter(|s: &i64| *s >= 0));
    Ok(Asked {
        redirect_uri: redirect_uri.to_owned(),
        state: text("state")?,
        nonce: text("nonce")?,
        challenge: challenge(params)?,
        scope: scope(params)?,
        prompt: prompt(params)?,
        max_age: max_age.map(|m| m.ok_or(Refused("invalid_request", "max_age is no number"))).transpose()?,
        login_hint: text("login_hint")?,
        id_token_hint: text("id_token_hint")?,
    })
}

fn scope(params: &Params) -> Result<String, Refused> {
    let asked: Vec<&str> = params.one("scope")?.unwrap_or("").split(' ').collect();
    if !asked.contains(&"openid") {
        return Err(Refused("invalid_scope", "scope must hold openid"));
    }
    let known: Vec<&str> = SCOPES.into_iter().filter(|s| asked.contains(s)).collect();
    Ok(known.join(" "))
}

/// PKCE with S256 is required of every client (RFC 9700 §2.1.1).
fn challenge(params: &Params) -> Result<String, Refused> {
    let challenge = params.one("code_challenge")?;
    let challenge = challenge.ok_or(Refused("invalid_request", "code_challenge is missing"))?;
    if params.one("code_challenge_method")? != Some("S256") {
        return Err(Refused("invalid_request", "code_challenge_method must be S256"));
    }
    if challenge.len() != 43 || secrets::from_base64url(challenge).is_none() {
        return Err(Refused("invalid_request", "code_challenge is no SHA-256 in base64url"));
    }
    Ok(challenge.to_owned())
}

fn prompt(params: &Params) -> Result<Prompt, Refused> {
    let words: Vec<&str> = params.one("prompt")?.unwrap_or("").split(' ').filter(|w| !w.is_empty()).collect();
    match words.as_slice() {
        [] => Ok(Prompt::Usual),
        ["none"] => Ok(Prompt::None),
        ["consent"] => Ok(Prompt::Consent),
        words if words.contains(&"none") => Err(Refused("invalid_request", "prompt=none stands alone")),
        words if words.iter().all(|w| matches!(*w, "login" | "select_account" | "consent")) => {
            Ok(Prompt::Login)
        }
        _ => Err(Refused("invalid_request", "prompt is unknown")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "response_type=code&scope=openid+profile+email&code_challenge_method=S256\
                        &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    fn refused(query: &str) -> &'static str {
        read(&Params::read(query), "https://p.example/cb").unwrap_err().0
    }

    #[test]
    fn a_request_is_read_and_unknown_scopes_are_left_out() {
        let asked =
            read(&Params::read(&format!("{GOOD}&max_age=60&prompt=login&state=")), "https://p/cb").unwrap();
        assert_eq!(
            (asked.scope.as_str(), asked.max_age, asked.prompt),
            ("openid profile", Some(60), Prompt::Login)
        );
        assert_eq!(asked.state, None, "an empty value is none");
    }

    #[test]
    fn what_the_standards_forbid_is_refused_with_their_codes() {
        let cases = [
            (GOOD.replace("code&", "token&"), "unsupported_response_type"),
            (GOOD.replace("response_type=code&", ""), "invalid_request"),
            (GOOD.replace("openid", "email"), "invalid_scope"),
            (GOOD.replace("S256", "plain"), "invalid_request"),
            (GOOD.replace("code_challenge=E9", "code_challenge=E"), "invalid_request"),
            (GOOD.replace("&code_challenge=E9Mel", "&x=E9Mel"), "invalid_request"),
            (format!("{GOOD}&scope=openid"), "invalid_request"),
            (format!("{GOOD}&max_age=-1"), "invalid_request"),
            (format!("{GOOD}&prompt=none+login"), "invalid_request"),
            (format!("{GOOD}&prompt=surprise"), "invalid_request"),
            (format!("{GOOD}&response_mode=fragment"), "invalid_request"),
            (format!("{GOOD}&request=eyJ"), "request_not_supported"),
            (format!("{GOOD}&request_uri=https://x"), "request_uri_not_supported"),
        ];
        for (query, code) in cases {
            assert_eq!(refused(&query), code, "{query}");
        }
    }
}
