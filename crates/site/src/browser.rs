//! What a browser is given: the session cookie, safe addresses to go on to, the end of a session.
use axum::{
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};

use crate::{Site, see_other};

/// Text as a part of an address.
pub fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// A path of this site to go on to. Anything else becomes `/`: no `//host`, no `/\host`, no other scheme
/// (security item 8).
pub fn local_path(next: Option<&str>) -> String {
    let is_local = |p: &&str| {
        p.starts_with('/') && !p.starts_with("//") && !p.contains('\\') && !p.chars().any(char::is_control)
    };
    next.filter(is_local).unwrap_or("/").to_owned()
}

/// Sets the session's cookie (security item 5); an empty token takes it away.
pub fn with_session_cookie(site: &Site, mut response: Response, token: &str) -> Response {
    let secure = if site.settings.secure { "; Secure" } else { "" };
    let end = if token.is_empty() { "; Max-Age=0" } else { "" };
    let cookie = format!("{}={token}; Path=/; HttpOnly; SameSite=Lax{secure}{end}", site.settings.cookie);
    if let Ok(value) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

/// Sets a cookie of the site's own that lives for ten minutes, such as the state of a sign-in under way; an empty value
/// takes it away. Its name begins with the session cookie's.
pub fn with_brief_cookie(site: &Site, response: Response, name: &str, value: &str) -> Response {
    with_own_cookie(site, response, (name, value), if value.is_empty() { 0 } else { 600 })
}

/// As [`with_brief_cookie`], for so many seconds.
pub fn with_own_cookie(
    site: &Site,
    mut response: Response,
    (name, value): (&str, &str),
    seconds: u32,
) -> Response {
    let secure = if site.settings.secure { "; Secure" } else { "" };
    let own = &site.settings.cookie;
    let cookie = format!("{own}-{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
    if let Ok(value) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

/// The value of such a cookie.
pub fn brief_cookie(site: &Site, headers: &HeaderMap, name: &str) -> Option<String> {
    let wanted = format!("{}-{name}", site.settings.cookie);
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|v| v.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == wanted).map(|(_, value)| value.to_owned())
}

/// Leads to the sign-in page after signing out; what the browser kept of this site goes.
pub fn signed_out(site: &Site) -> Response {
    let mut response = with_session_cookie(site, see_other("/sign-in?reason=signed_out"), "");
    let all = HeaderValue::from_static("\"cache\", \"storage\"");
    response.headers_mut().insert("clear-site-data", all);
    response
}

#[cfg(test)]
mod tests {
    use super::local_path;

    #[test]
    fn only_paths_of_this_site_are_followed() {
        assert_eq!(local_path(Some("/lectures/a?x=1")), "/lectures/a?x=1");
        for to in [
            None,
            Some(""),
            Some("//x.example"),
            Some("/\\x.example"),
            Some("https://x.example"),
            Some("/a\nb"),
        ] {
            assert_eq!(local_path(to), "/");
        }
    }
}
