//! Records: strict reading, and properties of assessments over arbitrary ones.
use std::sync::LazyLock;

use proptest::prelude::*;
use rules::assess::{Line, run_line};
use rules::policy::{self, Policy};
use rules::{assess, explain, record};
use serde_json::{Value, json};

static POLICY: LazyLock<Policy> = LazyLock::new(|| Policy::load(policy::delivered()[0].1).unwrap());

const GOOD: &str = r#"{"id":"x","year":2023,"person":{"gender":"female","birth_date":"1980-05-01","category":"professional","level":"professional_10","status":"on_post"},"credits":[{"id":"c","kind":"course","provider":"p","course":"k","subject":"public","minutes":40,"completed_on":"2023-10-01"},{"id":"u","kind":"unit_training","from":"2023-05-01","to":"2023-05-02","days":"1.5"},{"id":"a","kind":"activity","item":"paper.core","on":"2023-05-01"}],"leaves":[{"kind":"sick","from":"2023-01-01","to":"2023-01-02"}],"exemption":{"kind":"leave","approved":false},"make_up":{"until":"2024-06-30"}}"#;

fn refused(line: &str) -> bool {
    run_line(&POLICY, 1, line.as_bytes(), &mut vec![]) == Line::Refused
}

#[test]
fn what_may_be_left_out_may_also_be_null() {
    assert!(!refused(GOOD));
    let mut value: Value = serde_json::from_str(GOOD).unwrap();
    let without = value.clone();
    for key in ["name", "joined_on", "retirement", "establishment"] {
        value["person"][key] = Value::Null;
    }
    value["credits"][0]["fee"] = Value::Null;
    value["credits"][1]["subject"] = Value::Null;
    for key in ["title", "quantity", "rank", "approved_hours", "evidence"] {
        value["credits"][2][key] = Value::Null;
    }
    let (with, without) = (value.to_string(), without.to_string());
    assert_eq!(record::read(&with, &POLICY).unwrap(), record::read(&without, &POLICY).unwrap());
    for key in ["leaves", "exemption", "make_up"] {
        value[key] = Value::Null;
        assert!(!refused(&value.to_string()));
        value.as_object_mut().unwrap().remove(key);
        assert!(!refused(&value.to_string()));
    }
}

#[test]
fn whatever_is_not_exactly_right_is_refused() {
    for (old, new) in [
        (r#""id":"x","#, r#""id":"x","id":"x","#),
        (r#""id":"x""#, r#""id":1"#),
        (r#""year":2023"#, r#""year":"2023""#),
        (r#""year":2023"#, r#""year":2023.0"#),
        (r#""gender":"female""#, r#""gender":{"female":null}"#),
        (r#""status":"on_post""#, r#""status":null"#),
        (r#""minutes":40"#, r#""minutes":40.5"#),
        (r#""minutes":40"#, r#""minutes":40,"minutes":40"#),
        (r#""minutes":40"#, r#""minutes":40,"rank":1"#),
        (r#""minutes":40"#, r#""minutes":40,"title":null"#),
        (r#""minutes":40"#, r#""minutes":40,"fee":"-1.00""#),
        (r#""minutes":40"#, r#""minutes":40,"fee":"1e2""#),
        (r#""provider":"p","#, ""),
        (r#""days":"1.5""#, r#""days":1.5"#),
        (r#""days":"1.5""#, r#""days":"2.5""#),
        (r#""days":"1.5""#, r#""days":"0""#),
        (r#""days":"1.5""#, r#""days":"1.5","minutes":1"#),
        (r#""item":"paper.core""#, r#""item":"paper.core","quantity":"0""#),
        (r#""item":"paper.core""#, r#""item":"paper.core","quantity":"0.001""#),
        (r#""item":"paper.core""#, r#""item":"paper.core","quantity":1"#),
        (r#""item":"paper.core""#, r#""item":"paper.core","rank":"1""#),
        (r#""item":"paper.core""#, r#""item":"paper.core","subject":"public""#),
        (r#""item":"paper.core""#, r#""item":"paper.core","approved_hours":"-1""#),
        (r#""2023-05-02""#, r#""20230502""#),
        (r#""2023-01-01","to""#, r#""2023-01-03","to""#),
        (r#""approved":false"#, r#""approved":"no""#),
        (r#""approved":false"#, r#""approved":false,"by":"x""#),
        (r#""2024-06-30""#, r#""2024-07-01""#),
        (r#"{"kind":"leave","approved":false}"#, r#"["leave",false]"#),
        (r#"{"until":"2024-06-30"}"#, r#"["2024-06-30"]"#),
        ("}}", "}} x"),
    ] {
        assert!(GOOD.contains(old), "{old}");
        assert!(refused(&GOOD.replacen(old, new, 1)), "{new}");
    }
}

#[test]
fn blank_lines_are_skipped_and_bytes_that_are_no_text_refused() {
    let mut out = vec![];
    assert_eq!(run_line(&POLICY, 1, b" \r\n", &mut out), Line::Blank);
    assert!(out.is_empty());
    assert_eq!(run_line(&POLICY, 2, &[b'"', 0xff], &mut out), Line::Refused);
    assert_eq!(out, b"{\"line\":2,\"error\":\"not UTF-8\"}\n");
}

fn day() -> impl Strategy<Value = String> {
    (2022..=2024, 1..=12, 1..=28).prop_map(|(y, m, d)| format!("{y}-{m:02}-{d:02}"))
}

fn credit() -> impl Strategy<Value = Value> {
    let subject = || prop::sample::select(vec!["public", "professional"]);
    let codes: Vec<String> =
        POLICY.items().iter().map(|i| i.code.clone()).chain(["nope".to_owned()]).collect();
    prop_oneof![
        (subject(), prop_oneof![0..4_000_u64, any::<u64>()], day(), 0..6, 0..99_999_u32).prop_map(
            |(subject, minutes, on, course, fee)| json!({
                "kind": "course", "provider": "p", "course": format!("k{course}"), "subject": subject,
                "minutes": minutes, "completed_on": on, "fee": format!("{}.{:02}", fee / 100, fee % 100),
            })
        ),
        (subject(), day(), 1..6_i64).prop_map(|(subject, from, days)| {
            let first = record::parse_day(&from).unwrap();
            let to = first.checked_add(jiff::Span::new().days(days - 1)).unwrap();
            json!({"kind": "unit_training", "from": from, "to": to, "days": format!("{days}"), "subject": subject})
        }),
        (prop::sample::select(codes), day(), 1..9_999_999_u64, 1..7_u64, 0..3, prop::option::of(0..90_u8)).prop_map(
            |(item, on, quantity, rank, title, approved)| json!({
                "kind": "activity", "item": item, "on": on, "rank": rank,
                "quantity": format!("{}.{:02}", quantity / 1000, quantity % 100), "title": format!("t{title}"),
                "evidence": if title == 0 { Value::Null } else { json!(format!("e{rank}{title}")) },
                "approved_hours": approved.map(|h| h.to_string()),
            })
        ),
    ]
}

fn a_record() -> impl Strategy<Value = Value> {
    let leave = (day(), 0..200_i64).prop_map(|(from, days)| {
        let first = record::parse_day(&from).unwrap();
        json!({"kind": "sick", "from": from, "to": first.checked_add(jiff::Span::new().days(days)).unwrap()})
    });
    (prop::collection::vec(credit(), 0..40), prop::collection::vec(leave, 0..5), prop::bool::ANY).prop_map(
        |(mut credits, leaves, made_up)| {
            for (i, credit) in credits.iter_mut().enumerate() {
                credit["id"] = json!(format!("c{i}"));
                if credit["quantity"] == "0.00" {
                    credit["quantity"] = json!("1");
                }
            }
            let mut record: Value = serde_json::from_str(GOOD).unwrap();
            record["credits"] = json!(credits);
            record["leaves"] = json!(leaves);
            record["make_up"] = if made_up { json!({"until": "2024-03-31"}) } else { Value::Null };
            record
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_record_gets_an_answer_and_every_hour_not_counted_a_reason(value in a_record()) {
        let text = value.to_string();
        let record = record::read(&text, &POLICY).unwrap();
        let result = assess(&POLICY, &record);
        let mut charged = 0_i64;
        for (credit, c) in record.credits.iter().zip(&result.credits) {
            prop_assert_eq!(&credit.id, &c.id);
            prop_assert!(c.counted <= c.hours);
            prop_assert_eq!(c.counted < c.hours, c.reason.is_some() && c.hours > base::Hours::ZERO);
            let clause = explain::credit(&POLICY, credit, c).clause;
            prop_assert!(!clause.is_empty());
            charged += i64::from(c.reason.is_none());
        }
        let sum: base::Hours = result.credits.iter().map(|c| c.counted).sum();
        prop_assert_eq!(sum, result.earned.total);
        prop_assert!(charged > 0 || result.fees.charged == base::Fen::ZERO);
        prop_assert!(result.fees.reimbursable <= result.fees.allowance);
        prop_assert_eq!(result.certificate, explain::year(&POLICY, &result).iter().any(|s| s.code == "year_done"));
    }

    #[test]
    fn the_order_of_credits_changes_nothing(value in a_record(), seed in any::<u64>()) {
        let mut shuffled = value.clone();
        let credits = shuffled["credits"].as_array_mut().unwrap();
        credits.sort_by_key(|c| {
            let number: u64 = c["id"].as_str().unwrap()[1..].parse().unwrap();
            (number + 1).wrapping_mul(seed | 1) >> 7
        });
        let results = |value: &Value| {
            let text = value.to_string();
            let record = record::read(&text, &POLICY).unwrap();
            let mut result = assess(&POLICY, &record).into_owned();
            result.credits.sort_by(|a, b| a.id.cmp(&b.id));
            result
        };
        prop_assert_eq!(results(&value), results(&shuffled));
    }

    #[test]
    fn a_record_written_and_read_again_is_the_same(value in a_record()) {
        let text = value.to_string();
        let record = record::read(&text, &POLICY).unwrap();
        let written = serde_json::to_string(&record).unwrap();
        prop_assert_eq!(record::read(&written, &POLICY).unwrap(), record);
    }

    #[test]
    fn no_line_whatsoever_makes_it_panic(line in prop::collection::vec(any::<u8>(), 0..200), cut in 0..GOOD.len(), byte in any::<u8>()) {
        let mut out = vec![];
        run_line(&POLICY, 1, &line, &mut out);
        let mut damaged = GOOD.as_bytes().to_vec();
        damaged[cut] = byte;
        run_line(&POLICY, 2, &damaged, &mut out);
        run_line(&POLICY, 3, &GOOD.as_bytes()[..cut], &mut out);
        for line in out.split(|b| *b == b'\n').filter(|l| !l.is_empty()) {
            prop_assert!(serde_json::from_slice::<Value>(line).is_ok());
        }
    }
}

#[test]
fn ten_thousand_credits_take_no_longer_than_they_must() {
    let mut value: Value = serde_json::from_str(GOOD).unwrap();
    let course = value["credits"][0].clone();
    let many = (0..10_000).map(|i| {
        let mut credit = course.clone();
        credit["id"] = json!(i.to_string());
        credit["course"] = json!(format!("k{i}"));
        credit
    });
    value["credits"] = many.collect();
    let text = value.to_string();
    let record = record::read(&text, &POLICY).unwrap();
    assert_eq!(assess(&POLICY, &record).earned.public, base::Hours::whole(10_000));
}
