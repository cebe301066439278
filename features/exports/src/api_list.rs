//! Reading a whole list of the JSON API, with the credentials of the request that exports.
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::Request,
    http::{HeaderMap, header},
};
use base::{Error, Kind, Result};
use serde::{Deserialize, Deserializer, de};
use serde_json::Value;
use tower::ServiceExt;

/// What answers the lists.
pub type Lists = Router;

/// More rows than this are for a program, or for a narrower filter.
pub(crate) const MOST: usize = 50_000;
/// What one page of a list holds at most, in bytes.
const MOST_BYTES: usize = 4 * 1024 * 1024;

/// A row with its members in the order in which the list gives them.
#[derive(Debug)]
pub(crate) struct Row(pub Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Row {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> std::result::Result<Self, D::Error> {
        struct Members;
        impl<'de> de::Visitor<'de> for Members {
            type Value = Row;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> std::result::Result<Row, A::Error> {
                let mut members = vec![];
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Row(members))
            }
        }
        reader.deserialize_map(Members)
    }
}

#[derive(Deserialize)]
struct Page {
    items: Vec<Row>,
    #[serde(default)]
    next: Option<String>,
    #[serde(default)]
    checkpoint: Option<Checkpoint>,
}

/// As of which checkpoint a list says what it says.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Checkpoint {
    pub no: i64,
    /// RFC 3339, in Shanghai.
    pub at: String,
}

/// A whole list.
#[derive(Debug)]
pub(crate) struct Listed {
    pub rows: Vec<Row>,
    pub checkpoint: Option<Checkpoint>,
}

/// Which list: a path of the JSON API, and its filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    pub path: String,
    pub filter: Vec<(String, String)>,
}

impl Address {
    /// Reads a list's address; anything but a plain path of the API is refused.
    pub(crate) fn read(text: &str) -> Result<Self> {
        let (path, query) = text.split_once('?').unwrap_or((text, ""));
        let is_plain = path.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_'));
        let is_list = path.starts_with("/api/v1/") && is_plain && !path.contains("//") && text.len() <= 1000;
        if !is_list || path == "/api/v1/exports" {
            return Err(Error::invalid("list", "export_list"));
        }
        let pairs = url::form_urlencoded::parse(query.as_bytes()).into_owned();
        let filter =
            pairs.filter(|(name, value)| !matches!(name.as_str(), "after" | "limit") && !value.is_empty());
        Ok(Self { path: path.to_owned(), filter: filter.collect() })
    }

    fn page(&self, after: Option<&str>) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.filter.iter());
        query.append_pair("limit", "200");
        if let Some(after) = after {
            query.append_pair("after", after);
        }
        format!("{}?{}", self.path, query.finish())
    }

    /// The filter as the trail keeps it: long runs of digits, such as ID numbers and phones, are masked.
    pub(crate) fn masked(&self) -> String {
        let all = self.filter.iter().map(|(name, value)| format!("{name}={}", masked(value)));
        all.collect::<Vec<_>>().join("&")
    }
}

fn masked(text: &str) -> String {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    if digits < 7 {
        return text.to_owned();
    }
    let last = text.chars().count().saturating_sub(4);
    let hide = |(place, c): (usize, char)| if (3..last).contains(&place) { '*' } else { c };
    text.chars().enumerate().map(hide).collect()
}

/// Every row of the list, as the owner of the credentials sees it.
pub(crate) async fn rows(lists: &Router, address: &Address, headers: &HeaderMap) -> Result<Listed> {
    let mut rows: Vec<Row> = vec![];
    let mut checkpoint = None;
    let mut after: Option<String> = None;
    loop {
        let page = page(lists, &address.page(after.as_deref()), headers).await?;
        rows.extend(page.items);
        checkpoint = checkpoint.or(page.checkpoint);
        if rows.len() > MOST {
            return Err(Error::invalid("list", "export_most"));
        }
        match page.next {
            Some(next) if Some(&next) != after.as_ref() => after = Some(next),
            _ => return Ok(Listed { rows, checkpoint }),
        }
    }
}

async fn page(lists: &Router, uri: &str, headers: &HeaderMap) -> Result<Page> {
    let mut request = Request::get(uri);
    for name in [header::AUTHORIZATION, header::COOKIE] {
        if let Some(value) = headers.get(&name) {
            request = request.header(name, value);
        }
    }
    let request = request.body(Body::empty()).map_err(Error::internal)?;
    let answer = lists.clone().oneshot(request).await.map_err(Error::internal)?;
    let status = answer.status().as_u16();
    let bytes = to_bytes(answer.into_body(), MOST_BYTES).await.map_err(Error::internal)?;
    match status {
        200 => serde_json::from_slice(&bytes).map_err(|_| Error::invalid("list", "export_list")),
        401 => Err(Error::refused(Kind::Unauthenticated, "unauthenticated")),
        403 => Err(Error::denied()),
        404 => Err(Error::not_found()),
        422 => Err(Error::invalid("list", "export_list")),
        other => Err(Error::internal(format!("the list answered {other}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lists_of_the_api_are_addressed_and_numbers_are_masked_in_the_trail() {
        for wrong in [
            "/people",
            "http://x/api/v1/people",
            "/api/v1/../people",
            "/api/v1/exports",
            "//api/v1/people",
            "/api/v1/x%2f",
        ] {
            assert!(Address::read(wrong).is_err(), "{wrong}");
        }
        let read =
            Address::read("/api/v1/people?unit=43010001&q=430102198005010017&after=x&limit=5").unwrap();
        assert_eq!(read.masked(), "unit=430*0001&q=430***********0017");
        assert_eq!(
            read.page(Some("a")),
            "/api/v1/people?unit=43010001&q=430102198005010017&limit=200&after=a"
        );
        assert!(Address::read("/api/v1/people?q=").unwrap().filter.is_empty());
    }
}
