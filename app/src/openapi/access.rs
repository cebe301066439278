//! What holds for every call: who may make it, by the table of routes, and the form of what is refused (RFC 9457).
use base::person::Code;
use serde_json::{Map, Value, json};
use site::{Access, Rule};

const PROBLEM: &str = "#/components/schemas/Problem";

/// The document with access and refusals added to every operation.
pub(super) fn told(mut document: Value, table: &[Rule]) -> Value {
    if let Some(Value::Object(components)) = document.pointer_mut("/components") {
        components.insert("securitySchemes".into(), schemes());
        if let Some(Value::Object(schemas)) = components.get_mut("schemas") {
            schemas.insert("Problem".into(), problem());
        }
    }
    if let Some(Value::Object(paths)) = document.pointer_mut("/paths") {
        for (path, operations) in paths {
            for (method, operation) in operations.as_object_mut().into_iter().flatten() {
                let rule =
                    table.iter().find(|r| r.path == path && r.method.as_str().eq_ignore_ascii_case(method));
                if let Value::Object(operation) = operation {
                    open(operation, rule);
                    refused(operation);
                }
            }
        }
    }
    document
}

fn open(operation: &mut Map<String, Value>, rule: Option<&Rule>) {
    let Some(rule) = rule else { return };
    let security = match rule.access {
        Access::Public => json!([]),
        Access::Machine => json!([{"signature": []}]),
        Access::Forced | Access::SignedIn | Access::Roles(_) => json!([{"session": []}, {"cookie": []}]),
    };
    operation.insert("security".into(), security);
    if let Access::Roles(roles) = rule.access {
        operation.insert("x-roles".into(), roles.iter().map(Code::code).collect());
    }
}

/// Every call may be refused; a status that is named gets the body that it has, beside another of its own.
fn refused(operation: &mut Map<String, Value>) {
    let content = json!({"application/problem+json": {"schema": {"$ref": PROBLEM}}});
    let responses = operation.entry("responses").or_insert_with(|| json!({}));
    let Value::Object(responses) = responses else { return };
    for (status, response) in responses.iter_mut() {
        let Value::Object(response) = response else { continue };
        let is_refused = status.starts_with('4') || status.starts_with('5');
        let text = response.get("description").and_then(Value::as_str).unwrap_or_default();
        if text.is_empty() {
            let usual = if is_refused { format!("refused with {status}") } else { "done".to_owned() };
            response.insert("description".into(), json!(usual));
        }
        if !is_refused {
            continue;
        }
        let own = response.entry("content").or_insert_with(|| json!({}));
        if let (Value::Object(own), Value::Object(problem)) = (own, content.clone()) {
            own.extend(problem);
        }
    }
    let text = "refused: `code` says why, `title` what to do about it";
    responses.insert("default".into(), json!({"description": text, "content": content}));
}

fn schemes() -> Value {
    json!({
        "session": {"type": "http", "scheme": "bearer", "description": "the token of POST /api/v1/sessions"},
        "cookie": {"type": "apiKey", "in": "cookie", "name": "xueshi-session",
            "description": "a browser's session; its name begins with __Host- and names the platform. Writes are taken as \
                application/json of the same origin only"},
        "signature": {"type": "apiKey", "in": "header", "name": "Signature",
            "description": "RFC 9421 HTTP Message Signatures, hmac-sha256 over @method, @target-uri and content-digest"},
    })
}

fn problem() -> Value {
    let text = |about: &str| json!({"type": "string", "description": about});
    let field = json!({
        "type": "object",
        "required": ["field", "code", "message"],
        "properties": {"field": text("where"), "code": text("stable"), "message": text("in Chinese")},
    });
    json!({
        "type": "object",
        "description": "why something was refused (RFC 9457)",
        "required": ["type", "status", "code", "title"],
        "properties": {
            "type": text("about:blank"),
            "status": {"type": "integer"},
            "code": text("stable; what a program decides by"),
            "title": text("a sentence in Chinese that its reader can act on"),
            "errors": {"type": "array", "items": field},
        },
    })
}
