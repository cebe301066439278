//! What a package that is not in clear leaves out. The first three and the last four signs of an ID number (domain §9) beside
//! the whole birth date leave few numbers or one, and days of leave speak of illness: so the record names stand-ins that come to
//! the same assessment, and the index says which.
use base::{IdNumber, Phone, name};
use rules::{Assessment, policy::ExemptionKind};
use serde_json::{Value, json};

/// What stands for something else in a masked record.
pub(crate) const STAND_INS: [&str; 3] = ["person.birth_date", "person.retires_on", "leaves"];
/// Nobody's birth date: with a day of retirement beside it no rule looks at it.
const BORN: &str = "1900-01-01";
/// A day of retirement that is near in no year.
const FAR: &str = "9999-12-31";

/// A record with no more of the person than its assessment needs: of age and leaves only what they allow to ask for.
pub(crate) fn record(mut record: Value, assessment: &Assessment<'_>) -> Value {
    let may = |kind: ExemptionKind| assessment.exemption_eligible.contains(&kind);
    let (first, last) = (assessment.year.first_day().to_string(), assessment.year.last_day().to_string());
    let retires_on = if may(ExemptionKind::NearRetirement) { last.as_str() } else { FAR };
    if let Some(person) = record.pointer_mut("/person").and_then(Value::as_object_mut) {
        person.insert("name".to_owned(), Value::Null);
        person.insert("birth_date".to_owned(), json!(BORN));
        person.insert("retires_on".to_owned(), json!(retires_on));
    }
    let leaves = if may(ExemptionKind::Leave) {
        json!([{"kind": "sick", "from": first, "to": last}])
    } else {
        json!([])
    };
    if let Some(members) = record.as_object_mut() {
        members.insert("leaves".to_owned(), leaves);
    }
    record
}

/// A case: names of people beside its own are masked, what they wrote is left out, and numbers in its title are masked.
pub(crate) fn case(value: &mut Value) {
    if let Some(title) = value.get_mut("title") {
        *title = json!(title.as_str().map(numbers));
    }
    let Some(events) = value.get_mut("events").and_then(Value::as_array_mut) else { return };
    for event in events {
        let by = event.get("by").and_then(Value::as_str).map(name::masked);
        if let Some(map) = event.as_object_mut() {
            map.insert("by".to_owned(), json!(by));
            map.remove("remark");
        }
    }
}

/// A text in which ID numbers and mobile numbers are masked as everywhere.
fn numbers(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_sign) {
        let (before, from) = rest.split_at(start);
        let (word, after) = from.split_at(from.find(|c: char| !is_sign(c)).unwrap_or(from.len()));
        masked.push_str(before);
        masked.push_str(&number(word).unwrap_or_else(|| word.to_owned()));
        rest = after;
    }
    masked.push_str(rest);
    masked
}

fn is_sign(c: char) -> bool {
    c.is_ascii_alphanumeric()
}

fn number(word: &str) -> Option<String> {
    IdNumber::parse(word).ok().map(|n| n.masked()).or_else(|| Phone::parse(word).map(|p| p.masked()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_a_title_are_masked_and_nothing_else() {
        for (written, shown) in [
            ("论文（11010519491231002x）", "论文（110***********002X）"),
            ("联系13912345678，2026年", "联系139****5678，2026年"),
            ("ISBN 9787301234567", "ISBN 9787301234567"),
            ("", ""),
        ] {
            assert_eq!(numbers(written), shown);
        }
    }
}
