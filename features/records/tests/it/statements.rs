//! `tests/cases/statements.jsonl`: each line names a clause, a place in the base statement, and values that are taken
//! or refused there: in a statement and in a SubStatement, in both versions.
use records::{check, json, problem::Place, version::Version};
use serde_json::{Value, json};

const BASE: &str = include_str!("../cases/base.json");
const CASES: &str = include_str!("../cases/statements.jsonl");

fn base() -> Value {
    serde_json::from_str(BASE).unwrap()
}

/// Puts or removes what stands at a pointer.
fn put(document: &mut Value, at: &str, value: &Value) {
    let (parent, key) = at.rsplit_once('/').unwrap();
    let Some(parent) = document.pointer_mut(parent) else { return };
    let is_removed = value.get("$").is_some();
    match parent {
        Value::Object(members) if is_removed => drop(members.remove(key)),
        Value::Object(members) => drop(members.insert(key.to_owned(), value.clone())),
        Value::Array(items) => {
            items.get_mut(key.parse::<usize>().unwrap()).into_iter().for_each(|i| *i = value.clone());
        }
        _ => panic!("{at}"),
    }
}

fn changed(case: &Value, value: &Value) -> Value {
    let mut statement = base();
    for dropped in case["drop"].as_array().into_iter().flatten() {
        put(&mut statement, dropped.as_str().unwrap(), &json!({"$": "remove"}));
    }
    for (at, other) in case["put"].as_object().into_iter().flatten() {
        put(&mut statement, at, other);
    }
    put(&mut statement, case["at"].as_str().unwrap(), value);
    statement
}

/// The statement as the object of another.
fn within(mut statement: Value) -> Value {
    for key in ["id", "stored", "authority", "version"] {
        put(&mut statement, &format!("/{key}"), &json!({"$": "remove"}));
    }
    put(&mut statement, "/objectType", &json!("SubStatement"));
    json!({"actor": {"mbox": "mailto:a@b.cn"}, "verb": {"id": "http://a.b/planned"}, "object": statement})
}

fn is_taken(statement: &Value, version: Version) -> Result<(), String> {
    let text = statement.to_string();
    check::statement(&json::parse(&text).unwrap(), version, &Place::root("statement"))
        .map_err(|p| p.to_string())
}

#[test]
fn every_case_is_taken_or_refused_as_its_clause_says() {
    let mut wrong = vec![];
    let mut count = 0;
    for line in CASES.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let versions = match case["v"].as_i64() {
            Some(1) => vec![Version::V1],
            Some(_) => vec![Version::V2],
            None => vec![Version::V1, Version::V2],
        };
        let wanted = [("good", true), ("bad", false)];
        for (value, is_good) in
            wanted.iter().flat_map(|(k, good)| case[*k].as_array().unwrap().iter().map(move |v| (v, *good)))
        {
            let alone = changed(&case, value);
            let mut tried = vec![alone.clone()];
            if case["sub"] != json!(false) {
                tried.push(within(alone));
            }
            for (statement, version) in tried.iter().flat_map(|s| versions.iter().map(move |v| (s, *v))) {
                count += 1;
                let found = is_taken(statement, version);
                if found.is_ok() != is_good {
                    wrong.push(format!("{} {} {value} {version:?}: {found:?}", case["clause"], case["at"]));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {count} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count > 2000, "{count} cases");
}

#[test]
fn a_refusal_names_the_place() {
    for (at, value, said) in [
        ("/verb/id", json!("x"), "statement.verb.id: must be an IRI with a scheme"),
        (
            "/object/definition/choices/1/id",
            json!("golf"),
            "statement.object.definition.choices[1].id: is the id of another component",
        ),
        ("/result/score/min", json!("0"), "statement.result.score.min: must be a number"),
        ("/context/team/member/0/mbox", json!(1), "statement.context.team.member[0].mbox: must be a string"),
    ] {
        let mut statement = base();
        put(&mut statement, at, &value);
        assert_eq!(is_taken(&statement, Version::V1), Err(said.to_owned()));
    }
}

#[test]
fn a_voiding_statement_needs_only_its_reference() {
    let reference = json!({"objectType": "StatementRef", "id": "16fd2706-8baf-433b-82eb-8c7fada847da"});
    let voiding =
        json!({"actor": {"mbox": "mailto:a@b.cn"}, "verb": {"id": check::VOIDED}, "object": reference});
    assert_eq!(is_taken(&voiding, Version::V1), Ok(()));
    assert_eq!(is_taken(&voiding, Version::V2), Ok(()));
}
