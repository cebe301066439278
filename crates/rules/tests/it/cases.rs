//! The worked cases, to the character.
use rules::assess::{Line, run_line};
use rules::policy::{self, Policy};

fn delivered(year: i16) -> Policy {
    let (_, text) = policy::delivered().iter().find(|(y, _)| y.number() == year).unwrap();
    Policy::load(text).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

/// Note, record and expected answer, as they stand in the line.
fn parts(line: &str) -> (&str, &str, &str) {
    let (note, rest) = line.strip_prefix(r#"{"note":"#).unwrap().split_once(r#","record":"#).unwrap();
    let (record, expect) = rest.split_once(r#","expect":"#).unwrap();
    (note, record, expect.strip_suffix('}').unwrap())
}

fn agree(year: i16, cases: &str) {
    let policy = delivered(year);
    let mut wrong = vec![];
    for (i, line) in cases.lines().enumerate() {
        let mut out = vec![];
        let (note, record, expect) = parts(line);
        run_line(&policy, 1, record.as_bytes(), &mut out);
        let found = String::from_utf8(out).unwrap();
        if found.trim_end() != expect {
            wrong.push(format!("{} {note}\n found {found} expect {expect}", i + 1));
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_cases_of_2023_agree_to_the_character() {
    agree(2023, include_str!("../cases/assess.jsonl"));
}

#[test]
fn the_cases_of_2025_agree_to_the_character() {
    agree(2025, include_str!("../cases/assess-2025.jsonl"));
}

#[test]
fn every_faulty_line_is_refused_by_its_number() {
    let policy = delivered(2023);
    for (number, line) in (1_u64..).zip(include_str!("../cases/assess-errors.jsonl").lines()) {
        let mut out = vec![];
        assert_eq!(run_line(&policy, number, line.as_bytes(), &mut out), Line::Refused, "{line}");
        let answer: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(answer["line"], number);
    }
}
