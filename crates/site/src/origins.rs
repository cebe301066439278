//! Two origins, one listener: contents that nobody here wrote are answered at their own host and nothing else is, so
//! that scripts in them reach no session.
use axum::{extract::Request, http::header};

use crate::Site;

/// What is answered at the origin of contents.
const CONTENTS: [&str; 2] = ["/content/", "/assets/"];

/// Whether the request's host answers its path.
pub(crate) fn answers(site: &Site, request: &Request) -> bool {
    let host = request.headers().get(header::HOST).and_then(|v| v.to_str().ok());
    let host = host.or_else(|| request.uri().authority().map(axum::http::uri::Authority::as_str));
    is_answered(site.settings.content_url.as_deref(), host.unwrap_or_default(), request.uri().path())
}

fn is_answered(content_url: Option<&str>, host: &str, path: &str) -> bool {
    let content_host = content_url.and_then(|url| url.split_once("://")).map(|(_, host)| host);
    let is_there = content_host.is_some_and(|c| c.eq_ignore_ascii_case(host));
    if is_there { CONTENTS.iter().any(|c| path.starts_with(c)) } else { !path.starts_with("/content/") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contents_and_pages_are_answered_at_their_own_hosts_only() {
        let url = Some("https://content.example");
        for (url, host, path, is) in [
            (url, "content.example", "/content/t/files/a.html", true),
            (url, "CONTENT.example", "/assets/package.js", true),
            (url, "content.example", "/me", false),
            (url, "content.example", "/api/v1/orders", false),
            (url, "www.example", "/content/t/files/a.html", false),
            (url, "www.example", "/me", true),
            (None, "www.example", "/content/t/frame", false),
            (None, "www.example", "/", true),
        ] {
            assert_eq!(is_answered(url, host, path), is, "{host}{path}");
        }
    }
}
