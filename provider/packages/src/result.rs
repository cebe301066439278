//! What a package says of its own result, in one set of words for all standards.
use serde_json::Value;

use crate::Standard;

/// Status and score of a SCORM data model; none where it says nothing yet.
pub(crate) fn of_model(standard: Standard, cmi: &Value) -> Option<(&'static str, Option<String>)> {
    let text = |path: &str| match cmi.pointer(path) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    let (said, score) = match standard {
        Standard::Scorm12 => (text("/core/lesson_status"), text("/core/score/raw")),
        Standard::Scorm2004 => {
            let success = text("/success_status");
            let is_said = matches!(success.as_str(), "passed" | "failed");
            (if is_said { success } else { text("/completion_status") }, text("/score/raw"))
        }
        Standard::Cmi5 => return None,
    };
    Some((known(&said)?, Some(score).filter(|s| !s.is_empty())))
}

/// Status and score of a cmi5 statement; none of a verb that decides nothing.
pub(crate) fn of_statement(statement: &Value) -> Option<(&'static str, Option<String>)> {
    let verb = statement.pointer("/verb/id")?.as_str()?.strip_prefix("http://adlnet.gov/expapi/verbs/")?;
    let score = statement
        .pointer("/result/score/scaled")
        .and_then(Value::as_f64)
        .map(|s| format!("{:.0}", s * 100.0));
    Some((known(verb)?, score))
}

fn known(said: &str) -> Option<&'static str> {
    ["passed", "completed", "failed", "incomplete", "browsed"].into_iter().find(|w| *w == said)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn all_standards_end_in_the_same_words() {
        let old = json!({"core": {"lesson_status": "passed", "score": {"raw": "80"}}});
        assert_eq!(of_model(Standard::Scorm12, &old), Some(("passed", Some("80".into()))));
        let new =
            json!({"completion_status": "completed", "success_status": "unknown", "score": {"raw": ""}});
        assert_eq!(of_model(Standard::Scorm2004, &new), Some(("completed", None)));
        assert_eq!(of_model(Standard::Scorm12, &json!({"core": {"lesson_status": "not attempted"}})), None);
        let statement = json!({"verb": {"id": "http://adlnet.gov/expapi/verbs/passed"}, "result": {"score": {"scaled": 0.9}}});
        assert_eq!(of_statement(&statement), Some(("passed", Some("90".into()))));
        assert_eq!(
            of_statement(&json!({"verb": {"id": "http://adlnet.gov/expapi/verbs/initialized"}})),
            None
        );
    }
}
