//! What a browser is given: the session cookie, safe addresses to go on to, the end of a session.
use axum::{
    http::{HeaderValue, header},
    response::Response,
};

use crate::{Site, see_other};

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
