//! Whether two statements are the same (Data 2.3.1): what may change while a statement is stored and returned does not
//! count, everything else does.
use serde_json::{Map, Number, Value};

use crate::{check::SIGNATURE, format, identity, json::Json, version::Version};

/// Whether the statements are the same. What only one of them has of `id`, `timestamp` and `attachments` may have been
/// added by the store; `stored`, `authority` and `version` are the store's own.
pub fn same(one: &Json<'_>, other: &Json<'_>) -> bool {
    let (mut one, mut other) = (statement(one), statement(other));
    for key in ["id", "timestamp", "attachments"] {
        if !one.contains_key(key) || !other.contains_key(key) {
            one.remove(key);
            other.remove(key);
        }
    }
    one == other
}

fn statement(json: &Json<'_>) -> Map<String, Value> {
    let mut out = Map::new();
    for (key, value) in json.members() {
        let value = match key.as_ref() {
            "stored" | "authority" | "version" => continue,
            "id" => lower(value),
            "actor" => person(value),
            "verb" => only_id(value),
            "object" => object(value),
            "result" => result(value),
            "context" => context(value),
            "timestamp" => timestamp(value),
            "attachments" => match attachments(value) {
                Value::Array(left) if left.is_empty() => continue,
                left => left,
            },
            _ => plain(value),
        };
        out.insert(key.to_string(), value);
    }
    out
}

fn plain(json: &Json<'_>) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(_) => json.as_number().and_then(Number::from_f64).map_or(Value::Null, Value::Number),
        Json::Text(text) => Value::String(text.to_string()),
        Json::List(items) => Value::Array(items.iter().map(plain).collect()),
        Json::Object(_) => each(json, |_, value| plain(value)),
    }
}

fn each(json: &Json<'_>, of: impl Fn(&str, &Json<'_>) -> Value) -> Value {
    Value::Object(json.members().iter().map(|(k, v)| (k.to_string(), of(k, v))).collect())
}

fn lower(json: &Json<'_>) -> Value {
    json.as_text().map_or_else(|| plain(json), |text| Value::String(text.to_ascii_lowercase()))
}

/// A Verb's display and an Activity's definition are no part of the statement.
fn only_id(json: &Json<'_>) -> Value {
    json.get("id").map_or(Value::Null, plain)
}

fn timestamp(json: &Json<'_>) -> Value {
    let moment = json
        .as_text()
        .and_then(|t| format::moment(t, Version::V1).or_else(|| format::moment(t, Version::V2)));
    moment.map_or_else(|| plain(json), |m| Value::from(m.micros / 1000))
}

/// The members of a Group have no order; a domain has no case; `Agent` is what it is without saying.
fn person(json: &Json<'_>) -> Value {
    let mut out = each(json, |key, value| match (key, value.as_text()) {
        ("mbox", Some(mbox)) => Value::String(identity::mailbox(mbox)),
        ("mbox_sha1sum", Some(hash)) => Value::String(hash.to_ascii_lowercase()),
        ("member", _) => {
            let mut members: Vec<Value> = value.items().iter().map(person).collect();
            members.sort_by_key(Value::to_string);
            Value::Array(members)
        }
        _ => plain(value),
    });
    if let Some(members) = out.as_object_mut() {
        members.entry("objectType").or_insert_with(|| Value::from("Agent"));
    }
    out
}

fn object(json: &Json<'_>) -> Value {
    match json.text_of("objectType") {
        Some("Agent" | "Group") => person(json),
        Some("SubStatement") => Value::Object(statement(json)),
        Some("StatementRef") => each(json, |_, value| lower(value)),
        _ => only_id(json),
    }
}

/// A duration is a text, compared to a hundredth of a second (Data 2.3.1.b8, 4.6.s1.b5).
fn result(json: &Json<'_>) -> Value {
    each(json, |key, value| match (key, value.as_text()) {
        ("duration", Some(duration)) => Value::String(format::compared(duration)),
        _ => plain(value),
    })
}

fn context(json: &Json<'_>) -> Value {
    each(json, |key, value| match key {
        "registration" => lower(value),
        "instructor" | "team" => person(value),
        "statement" => each(value, |_, v| lower(v)),
        "contextActivities" => each(value, |_, activities| match activities {
            Json::List(items) => Value::Array(items.iter().map(only_id).collect()),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::Text(_) | Json::Object(_) => {
                Value::Array(vec![only_id(activities)])
            }
        }),
        "contextAgents" | "contextGroups" => {
            let one = |one: &Json<'_>| {
                each(one, |key, v| if matches!(key, "agent" | "group") { person(v) } else { plain(v) })
            };
            Value::Array(value.items().iter().map(one).collect())
        }
        _ => plain(value),
    })
}

/// The headers of attachments but for signatures, which come after what they sign.
fn attachments(json: &Json<'_>) -> Value {
    let is_signed = |one: &&Json<'_>| one.text_of("usageType") != Some(SIGNATURE);
    let header = |one: &Json<'_>| each(one, |key, v| if key == "sha2" { lower(v) } else { plain(v) });
    Value::Array(json.items().iter().filter(is_signed).map(header).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::parse;

    const BASE: &str = r#"{"id":"FD41C918-b88b-4b20-a0a5-a4c32391aaa0","actor":{"mbox":"mailto:a@B.cn"},"verb":{"id":"http://v","display":{"en":"v"}},
        "object":{"id":"http://o","definition":{"name":{"en":"x"}}},"result":{"duration":"PT1.239S","score":{"raw":1.0}},
        "context":{"team":{"objectType":"Group","member":[{"openid":"http://1"},{"openid":"http://2"}]},"contextActivities":{"parent":{"id":"http://p"}}},
        "timestamp":"2013-05-18T05:32:34.804Z","stored":"2013-05-18T05:32:34.804Z"}"#;

    fn is_same_with(from: &str, to: &str) -> bool {
        assert!(BASE.contains(from), "{from}");
        let changed = BASE.replace(from, to);
        same(&parse(BASE).unwrap(), &parse(&changed).unwrap())
    }

    #[test]
    fn exceptions_to_immutability_do_not_count() {
        for (from, to) in [
            ("FD41C918", "fd41c918"),
            ("a@B.cn", "a@b.CN"),
            (r#","display":{"en":"v"}"#, ""),
            (r#","definition":{"name":{"en":"x"}}"#, ""),
            ("PT1.239S", "PT1.23S"),
            ("1.0}", "1}"),
            (
                r#"{"openid":"http://1"},{"openid":"http://2"}"#,
                r#"{"openid":"http://2"},{"openid":"http://1"}"#,
            ),
            (r#"{"id":"http://p"}"#, r#"[{"id":"http://p"}]"#),
            ("2013-05-18T05:32:34.804Z\",", "2013-05-18T13:32:34.8040+08:00\","),
            (r#""stored":"2013-"#, r#""stored":"2014-"#),
            (r#"{"mbox":"#, r#"{"objectType":"Agent","mbox":"#),
            (r#""id":"FD41C918-b88b-4b20-a0a5-a4c32391aaa0","#, ""),
        ] {
            assert!(is_same_with(from, to), "{from} {to}");
        }
    }

    #[test]
    fn everything_else_counts() {
        for (from, to) in [
            ("FD41C918", "FD41C919"),
            ("mailto:a@", "mailto:A@"),
            ("http://v", "http://w"),
            ("http://o\"", "http://u\""),
            ("PT1.239S", "PT1.24S"),
            ("1.0}", "2}"),
            ("http://2", "http://3"),
            ("http://p", "http://q"),
            ("34.804Z\",", "34.805Z\","),
            (r#","score":{"raw":1.0}"#, ""),
            ("parent", "other"),
        ] {
            assert!(!is_same_with(from, to), "{from} {to}");
        }
    }
}
