//! From the text of a policy file to a [`Policy`]: every key must be there, known and possible.
use std::collections::HashMap;
use std::rc::Rc;

use base::{Day, Subject, Year, person::Code};
use toml::de::DeTable;

use super::personnel;
use super::problem::{PolicyProblem, Why};
use super::section::{Notes, Section};
use super::{
    Clause, Clauses, DaysReplace, Delay, ExemptionKind, Fees, Item, Measure, Per, Policy, Required,
    RetirementRule, RetirementRules,
};

impl Code for DaysReplace {}

pub(super) fn load(text: &str) -> Result<Policy, Vec<PolicyProblem>> {
    let notes = Notes::new(text);
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let line = notes.line(error.span().map_or(0, |s| s.start));
        notes.add(line, key_on(text, line), Why::Syntax(error.message().to_owned()));
    }
    if !notes.problems().is_empty() {
        return Err(notes.problems());
    }
    let policy = read(&notes, Section::new(&notes, String::new(), 1, table.into_inner()));
    match policy {
        Some(policy) if notes.problems().is_empty() => Ok(policy),
        _ => Err(notes.problems()),
    }
}

/// The key that a line which is no TOML begins with.
fn key_on(text: &str, line: usize) -> String {
    let line = text.lines().nth(line.saturating_sub(1)).unwrap_or("");
    let key = line.split_once('=').map_or("", |(key, _)| key.trim());
    if key.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c)) {
        key.to_owned()
    } else {
        String::new()
    }
}

fn read(notes: &Rc<Notes>, mut root: Section<'_>) -> Option<Policy> {
    let year = year(&mut root)?;
    let mut obligation = root.section("obligation");
    let mut exemption = root.section("exemption");
    let mut make_up = root.section("make_up");
    let items = items(&mut root);
    let (by_code, items, groups) = index(notes, items);
    let policy = Policy {
        name: root.text("name"),
        document: root.text("document"),
        standard: root.text("standard"),
        province: province(&mut root),
        year,
        authority: root.text("authority"),
        closes_on: closes_on(&mut root, year),
        required: required(root.section("required")),
        measure: measure(root.section("measure")),
        fees: fees(root.section("fees")),
        latest_join: obligation.month_day("latest_join", year.number()),
        make_up_limit: make_up.month_day("limit", year.number().saturating_add(1)),
        leave_days: exemption.count("leave_days", 366),
        exemption_kinds: kinds(&mut exemption),
        personnel: personnel::read(&mut root, year),
        retirement: retirement(root.section("retirement")),
        spot_check_percent: spot_check(&mut root),
        topics: root.texts("topics"),
        clauses: clauses(root.section("clauses")),
        items,
        by_code,
        groups,
    };
    obligation.end();
    exemption.end();
    make_up.end();
    root.end();
    Some(policy)
}

/// The section may be left out.
fn spot_check(root: &mut Section<'_>) -> u32 {
    if !root.has("review") {
        return 5;
    }
    let mut review = root.section("review");
    let percent = review.percent("spot_check_percent");
    review.end();
    percent
}

fn year(root: &mut Section<'_>) -> Option<Year> {
    let line = root.line_of("year");
    let number = root.count("year", 9999);
    let year = Year::new(i64::from(number));
    // Zero stands for a problem that is noted already.
    if year.is_none() && number > 0 {
        root.blame(line, "year", Why::Value { expected: "a year from 2000 to 2999" });
    }
    year
}

fn province(root: &mut Section<'_>) -> String {
    let line = root.line_of("province");
    let code = root.text("province");
    if !code.is_empty() && (code.len() != 2 || !code.bytes().all(|b| b.is_ascii_digit())) {
        root.blame(line, "province", Why::Value { expected: "the province's two digits" });
    }
    code
}

fn closes_on(root: &mut Section<'_>, year: Year) -> Day {
    let line = root.line_of("closes_on");
    let day = root.day("closes_on");
    if day != Day::default() && day < year.last_day() {
        root.blame(line, "closes_on", Why::Value { expected: "not before the end of the year" });
    }
    day
}

fn required(mut s: Section<'_>) -> Required {
    let required = Required {
        total: s.hours("total"),
        public: s.hours("public"),
        professional: s.hours("professional"),
        days: s.days("days"),
        days_replace: s.code("days_replace", "none or professional_minimum", DaysReplace::None),
    };
    s.end();
    required
}

fn measure(mut s: Section<'_>) -> Measure {
    let measure = Measure {
        minutes_per_hour: u64::from(s.count("minutes_per_hour", 1440)),
        step: s.some_hours("step"),
        hours_per_day: s.some_hours("hours_per_day"),
        offset_cap: s.hours("offset_cap"),
    };
    s.end();
    measure
}

fn fees(mut s: Section<'_>) -> Fees {
    let fees = Fees {
        public_rate: s.yuan("public_rate"),
        professional_rate: s.yuan("professional_rate"),
        cap: s.yuan("cap"),
    };
    s.end();
    fees
}

fn kinds(exemption: &mut Section<'_>) -> Vec<ExemptionKind> {
    let line = exemption.line_of("kinds");
    let codes = exemption.texts("kinds");
    let kinds: Vec<_> = codes.iter().filter_map(|c| ExemptionKind::from_code(c)).collect();
    if kinds.len() < codes.len() {
        let expected = "near_retirement, leave, disability or other";
        exemption.blame(line, "kinds", Why::Value { expected });
    }
    kinds
}

fn retirement(mut s: Section<'_>) -> RetirementRules {
    let rules = RetirementRules {
        men: retirement_rule(s.section("men")),
        women_cadre: retirement_rule(s.section("women_cadre")),
        women_worker: retirement_rule(s.section("women_worker")),
    };
    s.end();
    rules
}

fn retirement_rule(mut s: Section<'_>) -> RetirementRule {
    let rule = RetirementRule {
        age: s.count("age", 100),
        delay: Delay {
            born_from: s.day("delay_born_from"),
            births_per_month: s.count("delay_births_per_month", 120),
            most_months: s.count("delay_most_months", 240),
        },
    };
    s.end();
    rule
}

fn clauses(mut s: Section<'_>) -> Clauses {
    let clauses = Clauses(Clause::ALL.into_iter().map(|c| (c, s.text(c.key()))).collect());
    s.end();
    clauses
}

/// The items with the line that each one's code stands on: those of the standard, and after them what was certified
/// elsewhere (`recognitions`, which may be left out).
fn items(root: &mut Section<'_>) -> Vec<(usize, Item)> {
    let mut all: Vec<_> = root.sections("items").into_iter().map(|s| item(s, false)).collect();
    if root.has("recognitions") {
        all.extend(root.sections("recognitions").into_iter().map(|s| item(s, true)));
    }
    all
}

fn item(mut s: Section<'_>, evidence_required: bool) -> (usize, Item) {
    let line = s.line_of("code");
    let item = Item {
        code: s.text("code"),
        name: s.text("name"),
        category: s.text("category"),
        per: s.code("per", "what the quantity counts, such as day or piece", Per::Piece),
        hours: values(&mut s),
        cap: s.hours("cap"),
        cap_group: s.text("cap_group"),
        subject: s.code("subject", "public or professional", Subject::Professional),
        second_review: s.flag("second_review"),
        evidence: s.text("evidence"),
        evidence_required,
        group: 0,
    };
    s.end();
    (line, item)
}

fn values(s: &mut Section<'_>) -> Vec<base::Hours> {
    let line = s.line_of("hours");
    let mut list = vec![];
    for text in s.texts_with_repeats("hours") {
        match base::Hours::parse(&text) {
            Some(hours) if !text.starts_with('-') => list.push(hours),
            _ => s.blame(line, "hours", Why::Value { expected: "a list of decimals in quotes" }),
        }
    }
    list
}

/// Gives the cap groups numbers and finds codes that stand twice.
fn index(notes: &Rc<Notes>, found: Vec<(usize, Item)>) -> (HashMap<String, usize>, Vec<Item>, usize) {
    let mut by_code = HashMap::new();
    let mut groups: HashMap<String, usize> = HashMap::new();
    let mut items = vec![];
    for (place, (line, mut item)) in found.into_iter().enumerate() {
        if by_code.insert(item.code.clone(), place).is_some() && !item.code.is_empty() {
            notes.add(line, format!("items[{place}].code"), Why::Duplicate);
        }
        let next = groups.len();
        item.group = *groups.entry(item.cap_group.clone()).or_insert(next);
        items.push(item);
    }
    (by_code, items, groups.len())
}
