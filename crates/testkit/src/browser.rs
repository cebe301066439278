//! A browser without script: it keeps cookies as browsers do (one host, all ports), follows redirects, submits forms.
use std::collections::BTreeMap;

use reqwest::{
    Method,
    header::{COOKIE, LOCATION, SET_COOKIE},
};

/// A page that was reached.
#[derive(Debug)]
pub struct Page {
    /// The HTTP status.
    pub status: u16,
    /// The address, after every redirect.
    pub url: reqwest::Url,
    /// The headers.
    pub headers: reqwest::header::HeaderMap,
    /// The body.
    pub body: String,
}

impl Page {
    /// The body, for messages.
    pub fn text(&self) -> &str {
        &self.body
    }

    /// A parameter of the address.
    pub fn parameter(&self, name: &str) -> Option<String> {
        self.url.query_pairs().find(|(n, _)| n == name).map(|(_, v)| v.into_owned())
    }

    /// The value of a hidden field.
    pub fn hidden(&self, name: &str) -> Option<String> {
        let field = self.body.split(&format!("name=\"{name}\" value=\"")).nth(1)?;
        let value = field.split('"').next()?;
        Some(value.replace("&#38;", "&").replace("&amp;", "&").replace("&#34;", "\""))
    }
}

/// A browser of 127.0.0.1.
pub struct Browser {
    http: reqwest::Client,
    /// The cookies by name.
    pub cookies: BTreeMap<String, String>,
    /// Redirects to an address that begins with this are not followed: nobody listens there.
    stops_at: Option<String>,
}

impl Default for Browser {
    fn default() -> Self {
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build();
        Self { http: http.expect("a client"), cookies: BTreeMap::new(), stops_at: None }
    }
}

impl Browser {
    /// A browser that does not follow redirects to addresses that begin so.
    pub fn stopping_at(start: &str) -> Self {
        Self { stops_at: Some(start.to_owned()), ..Self::default() }
    }

    /// Opens an address.
    pub async fn get(&mut self, url: &str) -> Page {
        self.follow(Method::GET, url, String::new()).await
    }

    /// Submits a form's fields.
    pub async fn post(&mut self, url: &str, fields: &[(&str, &str)]) -> Page {
        let mut body = reqwest::Url::parse("http://form/").expect("an address");
        body.query_pairs_mut().extend_pairs(fields);
        self.follow(Method::POST, url, body.query().unwrap_or_default().to_owned()).await
    }

    async fn follow(&mut self, mut method: Method, url: &str, mut body: String) -> Page {
        let mut url = reqwest::Url::parse(url).expect("an address");
        for _ in 0..10 {
            let page = self.once(method, &url, body).await;
            let to = page.headers.get(LOCATION).and_then(|v| v.to_str().ok());
            let Some(to) = to.filter(|_| (300..400).contains(&page.status)) else { return page };
            url = url.join(to).expect("an address");
            if self.stops_at.as_ref().is_some_and(|s| url.as_str().starts_with(s)) {
                return Page { url, ..page };
            }
            (method, body) = (Method::GET, String::new());
        }
        panic!("redirected for ever: {url}");
    }

    async fn once(&mut self, method: Method, url: &reqwest::Url, body: String) -> Page {
        let cookies: Vec<String> = self.cookies.iter().map(|(n, v)| format!("{n}={v}")).collect();
        let mut request = self.http.request(method.clone(), url.clone()).header(COOKIE, cookies.join("; "));
        if method == Method::POST {
            request = request
                .header("content-type", "application/x-www-form-urlencoded")
                .header("origin", url.origin().ascii_serialization())
                .body(body);
        }
        let response = request.send().await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        for set in headers.get_all(SET_COOKIE).iter().filter_map(|v| v.to_str().ok()) {
            let (name, value) = set.split(';').next().and_then(|p| p.split_once('=')).expect("a cookie");
            if set.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        Page { status, url: url.clone(), headers, body: response.text().await.expect("a body") }
    }
}
