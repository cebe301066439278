//! What a deed says in the trail of what it changed.
use serde_json::{Value, json};

/// What changed: of what was different before, both.
pub(crate) fn between(before: Option<&Value>, after: &Value) -> Value {
    let one = |(name, after): (&String, &Value)| {
        let said = match before.and_then(|b| b.get(name)) {
            Some(before) if before != after => json!({"before": before, "after": after}),
            _ => after.clone(),
        };
        (name.clone(), said)
    };
    Value::Object(after.as_object().into_iter().flatten().map(one).collect())
}

/// What is said, and something more.
pub(crate) fn with(mut said: Value, name: &str, value: Value) -> Value {
    if let Some(map) = said.as_object_mut() {
        map.insert(name.to_owned(), value);
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_different_is_told_with_what_it_was() {
        let (before, after) = (json!({"title": "a", "free": true}), json!({"title": "a", "free": false}));
        let said = json!({"title": "a", "free": {"before": true, "after": false}});
        assert_eq!(between(Some(&before), &after), said);
        assert_eq!(between(None, &after), after);
    }
}
