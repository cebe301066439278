//! The forms in which statements are returned: as they came, as ids only, or canonical in one language (Communication
//! 2.1.3).
use std::{borrow::Cow, collections::HashMap, hash::BuildHasher};

use crate::{
    format::pick,
    json::{Json, Members},
    terms::{context_activities, is_activity},
};

/// The form that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The least that identifies Agents, Activities, Verbs and Groups: of an Activity its `id`.
    Ids,
    /// As it came.
    Exact,
    /// With the store's definitions of Activities, one language in each map.
    Canonical,
}

impl Form {
    /// The form of that name.
    pub fn of_name(name: &str) -> Option<Self> {
        match name {
            "ids" => Some(Self::Ids),
            "exact" => Some(Self::Exact),
            "canonical" => Some(Self::Canonical),
            _ => None,
        }
    }
}

type Change<'c, 'a> = &'c dyn Fn(Json<'a>) -> Json<'a>;

/// What becomes of the parts of a statement.
struct Shaping<'c, 'a> {
    person: Change<'c, 'a>,
    verb: Change<'c, 'a>,
    activity: Change<'c, 'a>,
}

/// A statement with ids only.
pub fn ids(statement: Json<'_>) -> Json<'_> {
    let shaping = Shaping {
        person: &identified,
        verb: &|json| only(json, &["id"]),
        activity: &|json| only(json, &["id"]),
    };
    shaping.statement(statement)
}

fn only<'a>(json: Json<'a>, keys: &[&str]) -> Json<'a> {
    map(json, |key, value| keys.contains(&key).then_some(value))
}

/// What identifies an Agent or Group; of an anonymous Group, what identifies each member.
fn identified(json: Json<'_>) -> Json<'_> {
    let is_known = crate::identity::key(&json).is_some();
    map(json, |key, value| match (key, value) {
        ("name", _) => None,
        ("member", _) if is_known => None,
        ("member", Json::List(members)) => Some(Json::List(members.into_iter().map(identified).collect())),
        (_, value) => Some(value),
    })
}

/// A statement with canonical definitions and one language in each map. `definitions` are the store's, by Activity id.
pub fn canonical<'a>(
    statement: Json<'a>,
    definitions: &HashMap<String, Json<'a>, impl BuildHasher>,
    ranges: &[String],
) -> Json<'a> {
    let activity = |json: Json<'a>| {
        let known = json.text_of("id").and_then(|id| definitions.get(id)).cloned();
        let mut out = json;
        if let Some(definition) = known {
            out.put("definition", definition);
        }
        map(out, |key, value| Some(if key == "definition" { localized(value, ranges) } else { value }))
    };
    let verb = |json: Json<'a>| {
        map(json, |key, value| Some(if key == "display" { one_language(value, ranges) } else { value }))
    };
    Shaping { person: &|json| json, verb: &verb, activity: &activity }.statement(statement)
}

/// The Activities whose definitions a statement shows.
pub fn activities(statement: &Json<'_>) -> Vec<String> {
    let object = statement.get("object");
    let sub = object.filter(|o| o.text_of("objectType") == Some("SubStatement"));
    let mut found = vec![];
    for statement in [Some(statement), sub].into_iter().flatten() {
        found.extend(statement.get("object").filter(|o| is_activity(o)));
        found.extend(context_activities(statement));
    }
    found.into_iter().filter_map(|a| a.text_of("id")).map(str::to_owned).collect()
}

fn localized<'a>(definition: Json<'a>, ranges: &[String]) -> Json<'a> {
    map(definition, |key, value| {
        Some(match (key, value) {
            ("name" | "description", value) => one_language(value, ranges),
            ("choices" | "scale" | "source" | "target" | "steps", Json::List(items)) => {
                let component = |item| {
                    map(item, |key, value| {
                        Some(if key == "description" { one_language(value, ranges) } else { value })
                    })
                };
                Json::List(items.into_iter().map(component).collect())
            }
            (_, value) => value,
        })
    })
}

fn one_language<'a>(languages: Json<'a>, ranges: &[String]) -> Json<'a> {
    let tags: Vec<&str> = languages.members().iter().map(|(tag, _)| tag.as_ref()).collect();
    let Some(chosen) = pick(&tags, ranges).map(str::to_owned) else { return languages };
    only(languages, &[&chosen])
}

/// The members that stay, each as the change makes it.
fn map<'a>(json: Json<'a>, change: impl Fn(&str, Json<'a>) -> Option<Json<'a>>) -> Json<'a> {
    match json {
        Json::Object(members) => {
            let each = |(key, value): (Cow<'a, str>, Json<'a>)| change(&key, value).map(|value| (key, value));
            Json::Object(members.into_iter().filter_map(each).collect::<Members<'a>>())
        }
        other @ (Json::Null | Json::Bool(_) | Json::Number(_) | Json::Text(_) | Json::List(_)) => other,
    }
}

impl<'a> Shaping<'_, 'a> {
    fn statement(&self, statement: Json<'a>) -> Json<'a> {
        map(statement, |key, value| {
            Some(match key {
                "actor" | "authority" => (self.person)(value),
                "verb" => (self.verb)(value),
                "object" => self.object(value),
                "context" => self.context(value),
                _ => value,
            })
        })
    }

    fn object(&self, object: Json<'a>) -> Json<'a> {
        match object.text_of("objectType") {
            Some("Agent" | "Group") => (self.person)(object),
            Some("SubStatement") => self.statement(object),
            Some("StatementRef") => object,
            _ => (self.activity)(object),
        }
    }

    fn context(&self, context: Json<'a>) -> Json<'a> {
        map(context, |key, value| {
            Some(match (key, value) {
                ("instructor" | "team", value) => (self.person)(value),
                ("contextActivities", value) => map(value, |_, list| Some(self.activities(list))),
                ("contextAgents" | "contextGroups", Json::List(items)) => {
                    let related = |item| {
                        map(item, |key, value| {
                            Some(if matches!(key, "agent" | "group") { (self.person)(value) } else { value })
                        })
                    };
                    Json::List(items.into_iter().map(related).collect())
                }
                (_, value) => value,
            })
        })
    }

    fn activities(&self, list: Json<'a>) -> Json<'a> {
        match list {
            Json::List(items) => Json::List(items.into_iter().map(self.activity).collect()),
            one @ (Json::Null | Json::Bool(_) | Json::Number(_) | Json::Text(_) | Json::Object(_)) => {
                (self.activity)(one)
            }
        }
    }
}

/// The store's definition after another came: languages and extensions are added up, the rest is taken from the newer.
pub fn merged<'a>(held: Json<'a>, newer: &Json<'a>) -> Json<'a> {
    let mut out = held;
    let Json::Object(members) = &mut out else { return newer.clone() };
    for (key, value) in newer.members() {
        match members.iter_mut().find(|(k, _)| k == key) {
            Some((_, held)) if matches!(key.as_ref(), "name" | "description" | "extensions") => {
                add_up(held, value);
            }
            Some((_, held)) => *held = value.clone(),
            None => members.push((key.clone(), value.clone())),
        }
    }
    out
}

fn add_up<'a>(held: &mut Json<'a>, newer: &Json<'a>) {
    let Json::Object(members) = held else { return };
    for (key, value) in newer.members() {
        match members.iter_mut().find(|(k, _)| k == key) {
            Some((_, held)) => *held = value.clone(),
            None => members.push((key.clone(), value.clone())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::parse;

    #[test]
    fn ids_keep_what_identifies() {
        let text = r#"{"id":"1","actor":{"objectType":"Group","name":"g","member":[{"name":"m","openid":"http://m"}]},
            "verb":{"id":"http://v","display":{"en":"v"}},"object":{"objectType":"SubStatement","actor":{"name":"n","openid":"http://a"},
            "verb":{"id":"http://w","display":{"en":"v"}},"object":{"objectType":"Activity","id":"http://o","definition":{"name":{"en":"o"}}}},
            "context":{"team":{"objectType":"Group","openid":"http://t","member":[{"openid":"http://m"}]},
            "contextActivities":{"other":[{"id":"http://c","definition":{}}]}}}"#;
        let kept = r#"{"id":"1","actor":{"objectType":"Group","member":[{"openid":"http://m"}]},"verb":{"id":"http://v"},"object":{"objectType":"SubStatement","actor":{"openid":"http://a"},"verb":{"id":"http://w"},"object":{"id":"http://o"}},"context":{"team":{"objectType":"Group","openid":"http://t"},"contextActivities":{"other":[{"id":"http://c"}]}}}"#;
        assert_eq!(ids(parse(text).unwrap()).to_string(), kept);
    }

    #[test]
    fn canonical_statements_have_one_language_and_the_stores_definition() {
        let text = r#"{"verb":{"id":"http://v","display":{"en-US":"a","en-GB":"b"}},"object":{"id":"http://o","definition":{"name":{"en-US":"old"}}}}"#;
        let held = parse(r#"{"name":{"en-US":"x","en-GB":"y"},"choices":[{"id":"1","description":{"de":"d","en-GB":"e"}}]}"#).unwrap();
        let definitions = HashMap::from([("http://o".to_owned(), held)]);
        let found = canonical(parse(text).unwrap(), &definitions, &["en-gb".to_owned()]).to_string();
        let wanted = r#"{"verb":{"id":"http://v","display":{"en-GB":"b"}},"object":{"id":"http://o","definition":{"name":{"en-GB":"y"},"choices":[{"id":"1","description":{"en-GB":"e"}}]}}}"#;
        assert_eq!(found, wanted);
    }

    #[test]
    fn definitions_add_up() {
        let held = parse(r#"{"name":{"en":"a"},"type":"http://t","extensions":{"http://x":1}}"#).unwrap();
        let newer = parse(
            r#"{"name":{"fr":"b"},"type":"http://u","extensions":{"http://y":2},"moreInfo":"http://m"}"#,
        )
        .unwrap();
        let sum = r#"{"name":{"en":"a","fr":"b"},"type":"http://u","extensions":{"http://x":1,"http://y":2},"moreInfo":"http://m"}"#;
        assert_eq!(merged(held, &newer).to_string(), sum);
    }
}
