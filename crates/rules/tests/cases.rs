//! The worked cases, to the character.
use rules::assess::{Line, run_line};
use rules::policy::{self, Policy};

fn delivered(year: i16) -> Policy {
    let (_, text) = policy::delivered().iter().find(|(y, _)| y.number() == year).unwrap();
    Policy::load(text).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

/// The text of a top-level member, as it stands in the line.
fn member<'a>(line: &'a str, key: &str) -> &'a str {
    let object: std::collections::HashMap<&str, &serde_json::value::RawValue> =
        serde_json::from_str(line).unwrap();
    object[key].get()
}

fn agree(year: i16, cases: &str) {
    let policy = delivered(year);
    let mut wrong = vec![];
    for (i, line) in cases.lines().enumerate() {
        let mut out = vec![];
        run_line(&policy, 1, member(line, "record").as_bytes(), &mut out);
        let found = String::from_utf8(out).unwrap();
        if found.trim_end() != member(line, "expect") {
            wrong.push(format!("{} {}\n found {found} expect {}", i + 1, member(line, "note"), member(line, "expect")));
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_cases_of_2023_agree_to_the_character() {
    agree(2023, include_str!("cases/assess.jsonl"));
}

#[test]
fn the_cases_of_2025_agree_to_the_character() {
    agree(2025, include_str!("cases/assess-2025.jsonl"));
}

#[test]
fn every_faulty_line_is_refused_by_its_number() {
    let policy = delivered(2023);
    for (i, line) in include_str!("cases/assess-errors.jsonl").lines().enumerate() {
        let mut out = vec![];
        let number = i as u64 + 1;
        assert_eq!(run_line(&policy, number, line.as_bytes(), &mut out), Line::Refused, "{line}");
        let answer: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(answer["line"], number);
        println!("{answer}");
    }
}
