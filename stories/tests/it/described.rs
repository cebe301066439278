//! Whatever the stories ask and are answered over the JSON API is as the document of the API describes it.
use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex},
};

use app::openapi;
use jsonschema::Validator;
use serde_json::{Value, json};
use testkit::Exchange;

static DOCUMENTS: LazyLock<[Value; 2]> =
    LazyLock::new(|| [openapi::hub_document(&[]), openapi::platform_document(&[])]);

/// Validators by the document and the place of their schema in it.
static VALIDATORS: LazyLock<Mutex<Validators>> = LazyLock::new(Mutex::default);
type Validators = HashMap<(usize, String), Arc<Validator>>;

/// Stops a story whose call is not as described. A path that both platforms have is as one of them describes it.
pub fn check(seen: &Exchange<'_>) {
    if !seen.path.starts_with("/api/v1/") || matches!(seen.answer.status, 404 | 405) {
        return;
    }
    let of_both: Vec<Result<(), String>> = (0..DOCUMENTS.len()).map(|of| judged(of, seen)).collect();
    if of_both.iter().any(Result::is_ok) {
        return;
    }
    let wrong: Vec<String> = of_both.into_iter().filter_map(Result::err).filter(|w| !w.is_empty()).collect();
    let said = format!("{} {} {}: {wrong:?}", seen.method, seen.path, seen.answer.status);
    panic!("{said}\n{}", seen.answer.json);
}

/// Whether a call is as a document says; nothing is said where it has no such call.
fn judged(of: usize, seen: &Exchange<'_>) -> Result<(), String> {
    let (place, operation) = operation(&DOCUMENTS[of], seen).ok_or_else(String::new)?;
    let status = seen.answer.status.to_string();
    let named = if operation["responses"][&status].is_object() || seen.answer.status < 400 {
        &status
    } else {
        "default"
    };
    if !operation["responses"][named].is_object() {
        return Err(format!("the status is not described at {place}"));
    }
    let kind = seen.answer.headers.get("content-type").and_then(|k| k.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or(kind);
    if kind.contains("json") {
        let kind = kind.replace('/', "~1");
        fits(of, &format!("{place}/responses/{named}/content/{kind}/schema"), &seen.answer.json)?;
    }
    let promised = &operation["responses"][named]["content"];
    if promised["application/json"].is_object() && !promised[kind].is_object() {
        return Err(format!("JSON is promised at {place}"));
    }
    if seen.answer.status < 300 { asked(of, (&place, operation), seen) } else { Ok(()) }
}

/// Whether what was asked successfully is described.
fn asked(of: usize, (place, operation): (&str, &Value), seen: &Exchange<'_>) -> Result<(), String> {
    let is_bare = !operation["requestBody"].is_object();
    match serde_json::from_slice(seen.request).unwrap_or(Value::Null) {
        Value::Null => Ok(()),
        // A call without a body may be sent an empty one.
        Value::Object(empty) if is_bare && empty.is_empty() => Ok(()),
        body => fits(of, &format!("{place}/requestBody/content/application~1json/schema"), &body),
    }
}

/// The call that a path means, and where it stands: the one with the fewest open parts.
fn operation<'a>(document: &'a Value, seen: &Exchange<'_>) -> Option<(String, &'a Value)> {
    let method = seen.method.to_lowercase();
    let paths = document["paths"].as_object().unwrap();
    let meant =
        paths.iter().filter(|(path, operations)| operations[&method].is_object() && means(path, seen.path));
    let (path, operations) = meant.min_by_key(|(path, _)| path.matches('{').count())?;
    let place = format!("/paths/{}/{method}", path.replace('~', "~0").replace('/', "~1"));
    Some((place, &operations[&method]))
}

/// Whether a path is one of a described form, `/people/{id}` or `/certificates/{no}.pdf`.
fn means(form: &str, path: &str) -> bool {
    let (mut parts, mut found) = (form.split('/'), path.split('/'));
    let fits = |part: &str, found: &str| match (part.split_once('{'), part.split_once('}')) {
        (Some((before, _)), Some((_, after))) => found.starts_with(before) && found.ends_with(after),
        _ => part == found,
    };
    parts.by_ref().zip(found.by_ref()).all(|(p, f)| fits(p, f))
        && form.matches('/').count() == path.matches('/').count()
}

fn fits(of: usize, place: &str, value: &Value) -> Result<(), String> {
    let document = &DOCUMENTS[of];
    let schema = document.pointer(place).ok_or_else(|| format!("no schema at {place}"))?;
    let known = VALIDATORS.lock().unwrap().get(&(of, place.to_owned())).cloned();
    let validator = known.unwrap_or_else(|| {
        let whole = json!({"allOf": [schema], "components": document["components"]});
        let made = jsonschema::draft202012::new(&whole).unwrap_or_else(|e| panic!("{place}: {e}"));
        let made = Arc::new(made);
        VALIDATORS.lock().unwrap().insert((of, place.to_owned()), Arc::clone(&made));
        made
    });
    let wrong: Vec<String> =
        validator.iter_errors(value).take(3).map(|e| format!("{} {e}", e.instance_path())).collect();
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(format!("{place}: {}", wrong.join("; ").chars().take(600).collect::<String>()))
    }
}
