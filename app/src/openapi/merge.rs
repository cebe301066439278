//! Many parts of a document made one. Features name their types as they like: in the document each has its feature's name
//! before its own, so that none describes another's calls.
use serde_json::{Map, Value, json};

use super::Part;

const SCHEMAS: &str = "#/components/schemas/";

/// A document of all parts.
pub(super) fn merged(title: &str, parts: &[Part]) -> Value {
    let (mut paths, mut schemas) = (Map::new(), Map::new());
    for (feature, docs) in parts {
        let Ok(mut part) = serde_json::to_value(docs()) else { continue };
        qualify(feature, &mut part);
        for (path, mut operations) in taken(&mut part, "/paths") {
            name(feature, &path, &mut operations);
            let known = paths.entry(path).or_insert_with(|| json!({}));
            if let (Value::Object(known), Value::Object(more)) = (known, operations) {
                known.extend(more);
            }
        }
        let named = taken(&mut part, "/components/schemas").into_iter();
        schemas.extend(named.map(|(name, schema)| (format!("{feature}.{name}"), schema)));
    }
    open_parts(&mut schemas);
    json!({
        "openapi": "3.1.0",
        "info": {"title": title, "version": env!("CARGO_PKG_VERSION")},
        "paths": paths,
        "components": {"schemas": schemas},
    })
}

/// Gives every operation a name that no other one has, for programs that are made from the document, and its feature's tag.
fn name(feature: &str, path: &str, operations: &mut Value) {
    let words = path.trim_start_matches("/api/v1").split(|c: char| !c.is_alphanumeric());
    let words: Vec<&str> = words.filter(|w| !w.is_empty()).collect();
    for (method, operation) in operations.as_object_mut().into_iter().flatten() {
        if let Value::Object(operation) = operation {
            operation.insert("operationId".into(), json!(format!("{method}_{}", words.join("_"))));
            operation.insert("tags".into(), json!([feature]));
        }
    }
}

fn taken(part: &mut Value, pointer: &str) -> Map<String, Value> {
    match part.pointer_mut(pointer).map(Value::take) {
        Some(Value::Object(members)) => members,
        _ => Map::new(),
    }
}

/// A type that is a part of another one is not closed: the fields of the whole lie beside its own.
fn open_parts(schemas: &mut Map<String, Value>) {
    let parts = schemas.values().filter_map(|s| s.get("allOf")?.as_array()).flatten();
    let named = parts.filter_map(|p| p.get("$ref")?.as_str()?.strip_prefix(SCHEMAS).map(str::to_owned));
    for name in named.collect::<Vec<_>>() {
        if let Some(Value::Object(part)) = schemas.get_mut(&name) {
            part.remove("additionalProperties");
        }
    }
}

/// Puts the feature's name into every reference to a type.
fn qualify(feature: &str, value: &mut Value) {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(to)) = members.get_mut("$ref")
                && let Some(name) = to.strip_prefix(SCHEMAS)
            {
                *to = format!("{SCHEMAS}{feature}.{name}");
            }
            members.values_mut().for_each(|v| qualify(feature, v));
        }
        Value::Array(items) => items.iter_mut().for_each(|v| qualify(feature, v)),
        _ => {}
    }
}
