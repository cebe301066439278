//! The Learning Record Store over HTTP, clause by clause, in both versions and on both databases. What a statement may
//! hold is tested by `features/records/tests`; docs/xapi.md names the clauses.
mod attachments;
mod documents;
mod door;
mod filters;
mod rest;
mod statements;

use serde_json::{Value, json};
use testkit::Answer;

use crate::{courses::providers_api::Provider, world::World};

/// A provider's program.
pub struct Lrs<'w> {
    world: &'w World,
    pub authorization: String,
    version: &'static str,
}

pub const V1: &str = "1.0.3";
pub const V2: &str = "2.0.0";

pub async fn lrs<'w>(world: &'w World, name: &str) -> Lrs<'w> {
    registered(world, name).await.0
}

/// A provider's door to the record store, and its signed calls.
pub async fn registered<'w>(world: &'w World, name: &str) -> (Lrs<'w>, Provider) {
    let uris = ["http://127.0.0.1:9/enter".to_owned()];
    let registered =
        providers::register(&world.site, name, &uris, &providers::Listing::default()).await.unwrap();
    let xapi = registered.xapi;
    assert_eq!(xapi.endpoint, format!("{}/xapi/", world.url));
    let lrs = Lrs { world, authorization: basic(&xapi.username, &xapi.password), version: V1 };
    (lrs, Provider { key_id: registered.key_id, secret: registered.secret })
}

pub fn basic(username: &str, password: &str) -> String {
    use base64::{Engine, engine::general_purpose::STANDARD};
    format!("Basic {}", STANDARD.encode(format!("{username}:{password}")))
}

impl Lrs<'_> {
    pub fn speaking(&self, version: &'static str) -> Self {
        Self { world: self.world, authorization: self.authorization.clone(), version }
    }

    pub async fn send(
        &self,
        method: &str,
        path: &str,
        body: (&str, Vec<u8>),
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut all =
            vec![("authorization", self.authorization.as_str()), ("x-experience-api-version", self.version)];
        all.extend(headers);
        self.world.anyone.send(method, &format!("/xapi{path}"), body, &all).await
    }

    pub async fn call(&self, method: &str, path: &str, body: &Value) -> Answer {
        let bytes = if body.is_null() { vec![] } else { body.to_string().into_bytes() };
        self.send(method, path, ("application/json", bytes), &[]).await
    }

    pub async fn get(&self, path: &str, params: &[(&str, &str)]) -> Answer {
        self.call("GET", &with(path, params), &Value::Null).await
    }

    /// Stores statements and answers their ids.
    pub async fn post(&self, statements: &Value) -> Vec<String> {
        let answer = self.call("POST", "/statements", statements).await;
        assert_eq!(answer.status, 200, "{}", text(&answer));
        answer.json.as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()).collect()
    }

    /// The ids of the statements that a query finds.
    pub async fn found(&self, params: &[(&str, &str)]) -> Vec<String> {
        let answer = self.get("/statements", params).await;
        assert_eq!(answer.status, 200, "{params:?}: {}", text(&answer));
        let statements = answer.json["statements"].as_array().unwrap();
        statements.iter().map(|s| s["id"].as_str().unwrap().to_owned()).collect()
    }
}

pub fn text(answer: &Answer) -> String {
    String::from_utf8_lossy(&answer.bytes).into_owned()
}

pub fn with(path: &str, params: &[(&str, &str)]) -> String {
    if params.is_empty() {
        return path.to_owned();
    }
    let url = reqwest::Url::parse_with_params("http://x/", params).unwrap();
    format!("{path}?{}", url.query().unwrap())
}

pub fn uuid(n: u32) -> String {
    format!("00000000-0000-4000-8000-{n:012}")
}

/// A statement of a learner who did something.
pub fn statement(who: &str, verb: &str, what: &str) -> Value {
    json!({
        "actor": {"objectType": "Agent", "name": who, "mbox": format!("mailto:{who}@example.com")},
        "verb": {"id": format!("http://example.com/verbs/{verb}"), "display": {"en-US": verb, "en-GB": format!("{verb} GB")}},
        "object": {"objectType": "Activity", "id": format!("http://example.com/activities/{what}"),
            "definition": {"name": {"en-US": what, "en-GB": format!("{what} GB")}}},
    })
}

pub fn reference(who: &str, verb: &str, target: &str) -> Value {
    let mut out = statement(who, verb, "x");
    out["object"] = json!({"objectType": "StatementRef", "id": target});
    out
}

pub fn voiding(target: &str) -> Value {
    let mut out = reference("admin", "voided", target);
    out["verb"] = json!({"id": "http://adlnet.gov/expapi/verbs/voided"});
    out
}

pub fn with_id(mut statement: Value, id: &str) -> Value {
    statement["id"] = json!(id);
    statement
}

pub fn agent(who: &str) -> String {
    json!({"mbox": format!("mailto:{who}@example.com")}).to_string()
}

pub fn state(id: &str) -> String {
    with(
        "/activities/state",
        &[("activityId", "http://example.com/a"), ("agent", &agent("ann")), ("stateId", id)],
    )
}
