//! A checked statement made ready to be stored: what the store sets is set, and what it is found by is worked out.
use crate::{
    attachments, check, completed, format, identity,
    json::{Json, write_text},
    shape,
    terms::{self, context_activities, is_activity},
    version::Version,
};

/// A statement ready to be stored.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// Its id as it was sent or made.
    pub id: String,
    /// Whether its sender gave the id, so that it may be there already.
    pub is_id_given: bool,
    /// Its text up to the members that are known only when it is stored.
    text: String,
    /// Whether it came with a timestamp; else it gets the time of storage.
    has_timestamp: bool,
    /// What it is found by.
    pub terms: Vec<i64>,
    /// The statement that it refers to as its object, in lower case.
    pub target: Option<String>,
    /// Whether it takes that statement back.
    pub is_voiding: bool,
    /// Activities with their definitions as texts.
    pub definitions: Vec<(String, String)>,
    /// Identifiers of Agents with their names.
    pub names: Vec<(String, String)>,
    /// Whether it says by the cmi5 profile that a course was completed.
    pub is_completion: bool,
    /// Whether it has attachments.
    pub has_attachments: bool,
}

impl Prepared {
    /// The id as ids are compared.
    pub fn key(&self) -> String {
        self.id.to_ascii_lowercase()
    }

    /// The text as it was sent, without what is known only when it is stored.
    pub fn sent(&self) -> String {
        format!("{}}}", self.text)
    }

    /// The whole text, stored at these microseconds.
    pub fn text(&self, stored: i64) -> String {
        let at = format::micros_to_text(stored);
        let mut out = String::with_capacity(self.text.len() + 96);
        out.push_str(&self.text);
        if !self.has_timestamp {
            out.push_str(",\"timestamp\":\"");
            out.push_str(&at);
            out.push('"');
        }
        out.push_str(",\"stored\":\"");
        out.push_str(&at);
        out.push_str("\"}");
        out
    }
}

/// Who sends: the provider's number, and its authority as JSON.
#[derive(Clone, Copy)]
pub struct Sender<'s> {
    /// The provider's number.
    pub tenant: i64,
    /// The Agent that stands as authority, as JSON.
    pub authority: &'s str,
    /// The version that is spoken.
    pub version: Version,
}

/// Makes a checked statement ready; `fresh_id` is used where it has none.
pub fn prepare(mut statement: Json<'_>, sender: Sender<'_>, fresh_id: &str) -> Prepared {
    statement.remove(&["stored", "authority"]);
    let given = statement.text_of("id").map(str::to_owned);
    let id = given.clone().unwrap_or_else(|| fresh_id.to_owned());
    if given.is_none() {
        statement.put("id", Json::from_text(id.clone()));
    }
    if statement.get("version").is_none() {
        statement.put("version", Json::from_text(sender.version.of_statement()));
    }
    let has_timestamp = statement.get("timestamp").is_some();
    normalize(&mut statement, sender.version);
    let mut text = String::with_capacity(1024);
    statement.write(&mut text);
    text.pop();
    text.push_str(",\"authority\":");
    text.push_str(sender.authority);
    let object = statement.get("object");
    let target =
        object.filter(|o| o.text_of("objectType") == Some("StatementRef")).and_then(|o| o.text_of("id"));
    let is_voiding = statement.get("verb").and_then(|v| v.text_of("id")) == Some(check::VOIDED);
    Prepared {
        is_id_given: given.is_some(),
        has_timestamp,
        terms: terms::of_statement(sender.tenant, &statement),
        is_voiding: is_voiding && target.is_some(),
        target: target.map(str::to_ascii_lowercase),
        definitions: definitions(&statement),
        names: names(&statement),
        is_completion: completed::is_completion(&statement),
        has_attachments: !attachments::of_statement(&statement).is_empty(),
        id,
        text,
    }
}

/// Timestamps in UTC, Activities of the context as arrays (Data 2.4.6.2.s4, 4.5), in the SubStatement too.
fn normalize(statement: &mut Json<'_>, version: Version) {
    let Json::Object(members) = statement else { return };
    for (key, value) in members {
        match key.as_ref() {
            "timestamp" => {
                let moment = value.as_text().and_then(|t| format::moment(t, version));
                if let Some(moment) = moment {
                    *value = Json::from_text(moment.text());
                }
            }
            "context" => arrays(value),
            "object" if value.text_of("objectType") == Some("SubStatement") => normalize(value, version),
            _ => {}
        }
    }
}

fn arrays(context: &mut Json<'_>) {
    let Json::Object(members) = context else { return };
    let activities = members.iter_mut().find(|(key, _)| key == "contextActivities");
    let Some((_, Json::Object(kinds))) = activities else { return };
    for (_, value) in kinds {
        if matches!(value, Json::Object(_)) {
            *value = Json::List(vec![std::mem::replace(value, Json::Null)]);
        }
    }
}

fn definitions(statement: &Json<'_>) -> Vec<(String, String)> {
    let sub = statement.get("object").filter(|o| o.text_of("objectType") == Some("SubStatement"));
    let mut found = vec![];
    for part in [Some(statement), sub].into_iter().flatten() {
        let object = part.get("object").filter(|o| is_activity(o));
        for activity in object.into_iter().chain(context_activities(part)) {
            let definition = activity.get("definition").filter(|d| !d.members().is_empty());
            if let (Some(id), Some(definition)) = (activity.text_of("id"), definition) {
                found.push((id.to_owned(), definition.to_string()));
            }
        }
    }
    found
}

fn names(statement: &Json<'_>) -> Vec<(String, String)> {
    let is_agent = |p: &&Json<'_>| p.text_of("objectType") != Some("Group");
    let actor = statement.get("actor").filter(is_agent);
    let object = statement.get("object").filter(|o| o.text_of("objectType") == Some("Agent"));
    let named = |person: &Json<'_>| Some((identity::key(person)?, person.text_of("name")?.to_owned()));
    // A NUL cannot be stored as text everywhere; such a name is in the statement and nowhere else.
    let is_plain = |(key, name): &(String, String)| !key.contains('\0') && !name.contains('\0');
    [actor, object].into_iter().flatten().filter_map(named).filter(is_plain).collect()
}

/// The Person of an Agent: what the request says, and the names that statements gave (Communication 2.4).
pub fn person(agent: &Json<'_>, known: &[String]) -> String {
    let mut names: Vec<&str> = agent.text_of("name").into_iter().collect();
    for name in known {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    let mut out = String::from("{\"objectType\":\"Person\"");
    if !names.is_empty() {
        let list = names.iter().map(|n| Json::from_text(*n)).collect();
        out.push_str(",\"name\":");
        Json::List(list).write(&mut out);
    }
    for key in ["mbox", "mbox_sha1sum", "openid", "account"] {
        if let Some(value) = agent.get(key) {
            out.push(',');
            write_text(key, &mut out);
            out.push_str(":[");
            value.write(&mut out);
            out.push(']');
        }
    }
    out.push('}');
    out
}

/// An Activity with the definition that the store has, if it has one (Communication 2.5).
pub fn activity(id: &str, definition: Option<&Json<'_>>) -> String {
    let mut activity =
        Json::object([("objectType", Json::from_text("Activity")), ("id", Json::from_text(id))]);
    if let Some(definition) = definition {
        activity.put("definition", definition.clone());
    }
    activity.to_string()
}

/// The store's definition after a newer one came, as text.
pub fn merge(held: &str, newer: &str) -> Option<String> {
    let (held, newer) = (crate::json::parse(held).ok()?, crate::json::parse(newer).ok()?);
    Some(shape::merged(held, &newer).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::parse;

    const SENDER: Sender<'_> =
        Sender { tenant: 1, authority: r#"{"openid":"http://us"}"#, version: Version::V1 };

    #[test]
    fn the_store_sets_what_is_its_own() {
        let text = r#"{"stored":"2011-07-15T00:00:00Z","authority":{"openid":"http://them"},"actor":{"openid":"http://a","name":"n"},"verb":{"id":"http://v"},"object":{"id":"http://o","definition":{"name":{"en":"x"}}},"context":{"contextActivities":{"parent":{"id":"http://p"}}}}"#;
        let ready = prepare(parse(text).unwrap(), SENDER, "ID");
        let kept = r#"{"actor":{"openid":"http://a","name":"n"},"verb":{"id":"http://v"},"object":{"id":"http://o","definition":{"name":{"en":"x"}}},"context":{"contextActivities":{"parent":[{"id":"http://p"}]}},"id":"ID","version":"1.0.0","authority":{"openid":"http://us"},"timestamp":"1970-01-01T00:00:00.000007Z","stored":"1970-01-01T00:00:00.000007Z"}"#;
        assert_eq!(ready.text(7), kept);
        assert!(!ready.is_id_given && !ready.has_attachments && ready.target.is_none());
        assert_eq!(ready.definitions, [("http://o".to_owned(), r#"{"name":{"en":"x"}}"#.to_owned())]);
        assert_eq!(ready.names, [("openid http://a".to_owned(), "n".to_owned())]);
    }

    #[test]
    fn what_was_sent_stays() {
        let text = r#"{"version":"1.0.9","id":"FD41C918-B88B-4B20-A0A5-A4C32391AAA0","timestamp":"2023-05-04T12:00:00-05:00","verb":{"id":"http://adlnet.gov/expapi/verbs/voided"},"object":{"objectType":"StatementRef","id":"16FD2706-8baf-433b-82eb-8c7fada847da"}}"#;
        let ready = prepare(parse(text).unwrap(), SENDER, "ID");
        assert!(
            ready.text(7).contains(r#""version":"1.0.9""#)
                && ready.text(7).contains(r#""timestamp":"2023-05-04T17:00:00.000Z""#)
        );
        assert!(ready.is_voiding && ready.is_id_given && ready.id.starts_with("FD41"));
        assert_eq!(ready.target.as_deref(), Some("16fd2706-8baf-433b-82eb-8c7fada847da"));
    }

    #[test]
    fn a_person_has_lists() {
        let agent = parse(r#"{"name":"a","account":{"homePage":"http://h","name":"n"}}"#).unwrap();
        let wanted =
            r#"{"objectType":"Person","name":["a","b"],"account":[{"homePage":"http://h","name":"n"}]}"#;
        assert_eq!(person(&agent, &["b".to_owned(), "a".to_owned()]), wanted);
        assert_eq!(activity("http://o", None), r#"{"objectType":"Activity","id":"http://o"}"#);
    }
}
