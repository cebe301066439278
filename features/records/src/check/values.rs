//! Values that occur in many places: objects with known members, texts, IRIs, language maps, extensions.
use std::borrow::Cow;

use crate::{
    format,
    json::Json,
    problem::{Place, Problem},
    version::Version,
};

use super::Checked;

/// The members of an object that has none but the allowed ones, and no null among them (Data 2.2.s4.b1).
pub(super) fn members<'j, 'a>(
    json: &'j Json<'a>,
    place: &Place<'_>,
    allowed: &[&str],
) -> Result<&'j [(Cow<'a, str>, Json<'a>)], Problem> {
    let members = object(json, place)?;
    for (key, value) in members {
        if !allowed.contains(&key.as_ref()) {
            return Err(place.key(key).problem("is no property that the standard knows here"));
        }
        if *value == Json::Null {
            return Err(place.key(key).problem("null is not allowed"));
        }
    }
    Ok(members)
}

/// The members of an object.
pub(super) fn object<'j, 'a>(
    json: &'j Json<'a>,
    place: &Place<'_>,
) -> Result<&'j [(Cow<'a, str>, Json<'a>)], Problem> {
    match json {
        Json::Object(members) => Ok(members),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Text(_) | Json::List(_) => {
            Err(place.problem("must be an object"))
        }
    }
}

/// The items of an array.
pub(super) fn list<'j, 'a>(json: &'j Json<'a>, place: &Place<'_>) -> Result<&'j [Json<'a>], Problem> {
    match json {
        Json::List(items) => Ok(items),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Text(_) | Json::Object(_) => {
            Err(place.problem("must be an array"))
        }
    }
}

pub(super) fn required<'j, 'a>(
    json: &'j Json<'a>,
    key: &str,
    place: &Place<'_>,
) -> Result<&'j Json<'a>, Problem> {
    json.get(key).ok_or_else(|| place.key(key).problem("is missing"))
}

pub(super) fn text<'j>(json: &'j Json<'_>, place: &Place<'_>) -> Result<&'j str, Problem> {
    json.as_text().ok_or_else(|| place.problem("must be a string"))
}

pub(super) fn boolean(json: &Json<'_>, place: &Place<'_>) -> Checked {
    if matches!(json, Json::Bool(_)) { Ok(()) } else { Err(place.problem("must be true or false")) }
}

pub(super) fn number(json: &Json<'_>, place: &Place<'_>) -> Result<f64, Problem> {
    json.as_number().filter(|n| n.is_finite()).ok_or_else(|| place.problem("must be a number"))
}

/// A text in a format.
fn formatted(json: &Json<'_>, place: &Place<'_>, fits: impl Fn(&str) -> bool, what: &str) -> Checked {
    if fits(text(json, place)?) { Ok(()) } else { Err(place.problem(what)) }
}

/// An absolute IRI.
pub fn iri(json: &Json<'_>, place: &Place<'_>) -> Checked {
    formatted(json, place, format::is_iri, "must be an IRI with a scheme")
}

pub(super) fn uuid(json: &Json<'_>, place: &Place<'_>) -> Checked {
    formatted(json, place, format::is_uuid, "must be a UUID")
}

pub(super) fn mailto(json: &Json<'_>, place: &Place<'_>) -> Checked {
    formatted(json, place, format::is_mailto, "must be a mail address that begins with mailto:")
}

pub(super) fn sha1(json: &Json<'_>, place: &Place<'_>) -> Checked {
    formatted(json, place, format::is_sha1, "must be a SHA-1 in hexadecimal digits")
}

pub(super) fn sha2(json: &Json<'_>, place: &Place<'_>) -> Checked {
    formatted(json, place, format::is_sha2, "must be a SHA-2 in hexadecimal digits")
}

pub(super) fn media_type(json: &Json<'_>, place: &Place<'_>) -> Checked {
    formatted(json, place, format::is_media_type, "must be a media type")
}

pub(super) fn duration(json: &Json<'_>, place: &Place<'_>) -> Checked {
    formatted(json, place, format::is_duration, "must be a duration of ISO 8601 with designators")
}

pub(super) fn language(json: &Json<'_>, place: &Place<'_>) -> Checked {
    formatted(json, place, format::is_language, "must be a language tag of RFC 5646")
}

pub(super) fn timestamp(json: &Json<'_>, version: Version, place: &Place<'_>) -> Checked {
    formatted(json, place, |t| format::moment(t, version).is_some(), "must be a timestamp with date and time")
}

/// One of the words, in this case (Data 2.2.s4.b1.b6).
pub(super) fn word(json: &Json<'_>, place: &Place<'_>, words: &[&str]) -> Checked {
    formatted(json, place, |t| words.contains(&t), &format!("must be one of {}", words.join(", ")))
}

/// Language tags with strings; at least one (Data 4.2).
pub(super) fn language_map(json: &Json<'_>, place: &Place<'_>) -> Checked {
    let members = object(json, place)?;
    if members.is_empty() {
        return Err(place.problem("has no language"));
    }
    for (tag, value) in members {
        let place = place.key(tag);
        if !format::is_language(tag) {
            return Err(place.problem("is no language tag of RFC 5646"));
        }
        text(value, &place)?;
    }
    Ok(())
}

/// Any values under IRIs (Data 4.1).
pub(super) fn extensions(json: &Json<'_>, place: &Place<'_>) -> Checked {
    match object(json, place)?.iter().find(|(key, _)| !format::is_iri(key)) {
        Some((key, _)) => Err(place.key(key).problem("the key of an extension must be an IRI")),
        None => Ok(()),
    }
}
