//! What a claim states, read and checked against the year's standard. Pure.
use base::{Day, Error, FieldProblem, Hours, Result, Subject, Year, hundredths};
use rules::{Policy, policy::Item};

/// A claim's facts as typed.
#[derive(Clone, Debug, Default)]
pub struct Typed<'a> {
    /// The item's code.
    pub item: &'a str,
    /// What was done or achieved.
    pub title: &'a str,
    /// When.
    pub on: &'a str,
    /// How many of what the item counts; one when empty.
    pub quantity: &'a str,
    /// The place among the authors; the first when empty.
    pub rank: Option<u64>,
}

/// A claim's facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The training year.
    pub year: Year,
    /// The item's code.
    pub item: String,
    /// What was done or achieved.
    pub title: String,
    /// When.
    pub on: Day,
    /// Hundredths of what the item counts.
    pub quantity: i64,
    /// The place among the authors.
    pub rank: u64,
    /// The subject it counts in.
    pub subject: Subject,
    /// The hours by the standard, before caps.
    pub hours: Hours,
}

const MOST_QUANTITY: i64 = 999_900;
const MOST_RANK: u64 = 99;

impl Facts {
    /// Reads facts; every wrong field is named.
    pub fn read(policy: &Policy, typed: &Typed<'_>, today: Day) -> Result<Self> {
        let mut problems = vec![];
        let mut wrong = |field: &str, code| problems.push(FieldProblem { field: field.to_owned(), code });
        let item = policy.item(typed.item.trim());
        if item.is_none() {
            wrong("item", "claim_item");
        }
        let title = typed.title.trim();
        if title.is_empty() || title.chars().count() > 200 || title.chars().any(char::is_control) {
            wrong("title", "claim_title");
        }
        let on = rules::record::parse_day(typed.on.trim());
        match on {
            None => wrong("on", "training_day"),
            Some(day) if !policy.year.holds(day) => wrong("on", "claim_year"),
            Some(day) if day > today => wrong("on", "claim_future"),
            Some(_) => {}
        }
        let quantity = read_quantity(typed.quantity);
        if quantity.is_none() {
            wrong("quantity", "claim_quantity");
        }
        let rank = typed.rank.unwrap_or(1);
        if !(1..=MOST_RANK).contains(&rank) {
            wrong("rank", "claim_rank");
        }
        match (item, on, quantity) {
            (Some(item), Some(on), Some(quantity)) if problems.is_empty() => Ok(Self {
                year: policy.year,
                item: item.code.clone(),
                title: title.to_owned(),
                on,
                quantity,
                rank,
                subject: item.subject,
                hours: item.hours(quantity, rank),
            }),
            _ => Err(Error::invalid_fields(problems)),
        }
    }
}

fn read_quantity(text: &str) -> Option<i64> {
    match text.trim() {
        "" => Some(100),
        text => hundredths::parse(text).filter(|q| (1..=MOST_QUANTITY).contains(q)),
    }
}

/// Whether the rank matters for an item.
pub fn is_ranked(item: &Item) -> bool {
    item.hours.len() > 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy() -> Policy {
        let (_, text) = rules::policy::delivered().iter().find(|(y, _)| y.number() == 2023).unwrap();
        Policy::load(text).unwrap()
    }

    fn typed() -> Typed<'static> {
        Typed { item: "paper.core", title: "论文", on: "2023-06-01", quantity: "", rank: Some(2) }
    }

    #[test]
    fn hours_follow_the_standard() {
        let today = rules::record::parse_day("2026-11-23").unwrap();
        assert_eq!(Facts::read(&policy(), &typed(), today).unwrap().hours.to_string(), "21.6");
        let days = Typed { item: "training.external", quantity: "2.5", ..typed() };
        assert_eq!(Facts::read(&policy(), &days, today).unwrap().hours, Hours::whole(20));
        let beyond = Typed { rank: Some(4), ..typed() };
        assert_eq!(Facts::read(&policy(), &beyond, today).unwrap().hours, Hours::ZERO);
    }

    #[test]
    fn every_wrong_field_is_named() {
        let today = rules::record::parse_day("2023-06-30").unwrap();
        let cases = [
            (Typed { item: "paper.none", ..typed() }, "item"),
            (Typed { title: " ", ..typed() }, "title"),
            (Typed { on: "2023-6-1", ..typed() }, "on"),
            (Typed { on: "2022-12-31", ..typed() }, "on"),
            (Typed { on: "2023-07-01", ..typed() }, "on"),
            (Typed { quantity: "0", ..typed() }, "quantity"),
            (Typed { quantity: "-1", ..typed() }, "quantity"),
            (Typed { quantity: "1.234", ..typed() }, "quantity"),
            (Typed { rank: Some(0), ..typed() }, "rank"),
        ];
        for (typed, field) in cases {
            let Err(Error::Refused(problems)) = Facts::read(&policy(), &typed, today) else {
                panic!("{field} was accepted")
            };
            assert_eq!(problems.fields[0].field, field);
        }
    }
}
