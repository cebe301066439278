//! Policy files: what is delivered is right, and what is wrong is named by line, key and reason.
use rules::Policy;
use rules::policy::{self, DaysReplace};

fn text(year: i16) -> &'static str {
    policy::delivered().iter().find(|(y, _)| y.number() == year).unwrap().1
}

#[test]
fn a_topic_is_known_however_its_quotation_marks_are_written() {
    let policy = Policy::load(text(2026)).unwrap();
    let known = "湖南省“两会”精神";
    for written in [known, "湖南省\"两会\"精神", " 湖南省两会精神 "] {
        assert_eq!(policy.topic(written), Some(known), "{written}");
    }
    assert_eq!(policy.topic("急救知识"), None);
    assert_eq!(policy.topic("“”"), None);
}

#[test]
fn the_delivered_policies_load_and_name_their_years() {
    let years: Vec<_> = policy::delivered().iter().map(|(y, _)| y.number()).collect();
    assert_eq!(years, [2023, 2024, 2025, 2026]);
    for (year, text) in policy::delivered() {
        let policy = Policy::load(text).unwrap_or_else(|p| panic!("{p:#?}"));
        assert_eq!(policy.year, *year);
        assert_eq!((policy.topics.len(), policy.province.as_str()), (10, "43"));
        assert_eq!(policy.required.days_replace, DaysReplace::None);
    }
}

#[test]
fn the_items_are_those_of_the_standard() {
    use base::person::Code;
    let policy = Policy::load(text(2023)).unwrap();
    let rows: Vec<_> = include_str!("../cases/items-2023.csv").lines().skip(1).collect();
    let elsewhere: Vec<_> = policy.items().iter().skip(rows.len()).collect();
    assert_eq!(
        elsewhere.iter().map(|i| i.code.as_str()).collect::<Vec<_>>(),
        ["external.province", "continuing.professional"]
    );
    assert!(elsewhere.iter().all(|i| i.second_review && i.evidence_required));
    for (row, item) in rows.iter().zip(policy.items()) {
        let hours: Vec<_> = item.hours.iter().map(ToString::to_string).collect();
        let found = [
            item.code.as_str(),
            &item.name,
            &item.category,
            &item.per.code(),
            &hours.join("/"),
            &item.cap.to_string(),
            &item.cap_group,
            &item.subject.code(),
            if item.second_review { "yes" } else { "no" },
            &item.evidence,
        ]
        .join(",");
        assert_eq!(found, *row);
    }
}

/// Changes the first `old` of the file, and gives the line it stands on with the problems found.
fn broken(old: &str, new: &str) -> (usize, Vec<(usize, String, &'static str)>) {
    let text = text(2023);
    let line = text[..text.find(old).unwrap()].matches('\n').count() + 1;
    let problems = Policy::load(&text.replacen(old, new, 1)).unwrap_err();
    (line, problems.iter().map(|p| (p.line, p.key.clone(), p.reason.code())).collect())
}

#[test]
fn a_problem_names_line_key_and_reason() {
    for (old, new, key, reason) in [
        ("public = \"30\"", "public = 30", "required.public", "wrong_type"),
        ("public = \"30\"", "public = \"-1\"", "required.public", "wrong_value"),
        ("public = \"30\"", "public = \"30.125\"", "required.public", "wrong_value"),
        ("step = \"0.1\"", "step = \"0\"", "measure.step", "wrong_value"),
        ("minutes_per_hour = 40", "minutes_per_hour = 0", "measure.minutes_per_hour", "wrong_value"),
        ("leave_days = 90", "leave_days = \"90\"", "exemption.leave_days", "wrong_type"),
        ("leave_days = 90", "leave_dais = 90\nleave_days = 90", "exemption.leave_dais", "unknown_key"),
        ("days_replace = \"none\"", "days_replace = \"all\"", "required.days_replace", "wrong_value"),
        ("closes_on = 2026-12-31", "closes_on = \"2026-12-31\"", "closes_on", "wrong_type"),
        ("closes_on = 2026-12-31", "closes_on = 2023-12-30", "closes_on", "wrong_value"),
        ("latest_join = \"07-01\"", "latest_join = \"13-01\"", "obligation.latest_join", "wrong_value"),
        ("limit = \"06-30\"", "limit = \"06-31\"", "make_up.limit", "wrong_value"),
        ("\"disability\"", "\"friend\"", "exemption.kinds", "wrong_value"),
        ("\"disability\"", "\"leave\"", "exemption.kinds", "duplicate"),
        ("year = 2023", "year = 1999", "year", "wrong_value"),
        ("year = 2023", "year = 2023\nyear = 2024", "year", "syntax"),
        ("per = \"day\"", "per = \"week\"", "items[0].per", "wrong_value"),
        ("subject = \"professional\"", "subject = \"other\"", "items[0].subject", "wrong_value"),
        ("second_review = false", "second_review = \"no\"", "items[0].second_review", "wrong_type"),
        ("hours = [\"8\"]", "hours = []", "items[0].hours", "wrong_value"),
        ("hours = [\"8\"]", "hours = [8]", "items[0].hours", "wrong_type"),
        ("province = \"43\"", "province = \"HN\"", "province", "wrong_value"),
        ("age = 60", "age = 60.5", "retirement.men.age", "wrong_type"),
        ("exemption = true", "exemption = \"yes\"", "personnel.regularization.exemption", "wrong_type"),
        ("[personnel.transfer]", "[personnel.firing]", "personnel.firing", "unknown_key"),
        ("spot_check_percent = 5", "spot_check_percent = 101", "review.spot_check_percent", "wrong_value"),
        ("name = \"湖南", "name = \"\" # \"湖南", "name", "wrong_value"),
    ] {
        let (line, found) = broken(old, new);
        let first = found.first().unwrap();
        assert_eq!((first.1.as_str(), first.2, found.len()), (key, reason, 1), "{new}: {found:?}");
        let later = usize::from(reason == "syntax" && new.contains('\n'));
        assert_eq!(first.0, line + later, "{new}");
    }
}

#[test]
fn missing_keys_are_named_where_they_should_be() {
    let (_, found) = broken("public = \"30\"\n", "");
    assert_eq!((found[0].1.as_str(), found[0].2, found.len()), ("required.public", "missing", 1));
    let (_, found) = broken("[obligation]\nlatest_join = \"07-01\"\n", "");
    assert_eq!(found, [(1, "obligation".to_owned(), "missing")]);
}

#[test]
fn a_code_that_stands_twice_is_named_with_the_line_of_the_second() {
    for second in ["", "# another\n", "cap_grupp = \"x\"\n"] {
        let new = format!("{second}code = \"training.external\"");
        let (line, found) = broken("code = \"training.external_public\"", &new);
        let line = line + second.lines().count();
        let at = found.iter().find(|(_, _, reason)| *reason == "duplicate").unwrap();
        assert_eq!(*at, (line, "items[1].code".to_owned(), "duplicate"));
    }
}

#[test]
fn all_problems_are_found_at_once_in_the_order_of_lines() {
    let text =
        text(2023).replace("total = \"90\"", "total = 90").replace("cap = \"144.00\"", "cup = \"144.00\"");
    let problems = Policy::load(&text).unwrap_err();
    let keys: Vec<_> = problems.iter().map(|p| p.key.as_str()).collect();
    assert_eq!(keys, ["required.total", "fees.cap", "fees.cup"]);
    assert!(problems[0].to_string().contains("required.total: must be a decimal in quotes"));
}

#[test]
fn twelve_days_stand_for_the_professional_minimum_where_the_policy_says_so() {
    let text = text(2023).replace("days_replace = \"none\"", "days_replace = \"professional_minimum\"");
    let policy = Policy::load(&text).unwrap();
    let earned = rules::assess::Earned {
        days: rules::Days::parse("12").unwrap(),
        public: base::Hours::whole(96),
        total: base::Hours::whole(96),
        ..Default::default()
    };
    assert_eq!(rules::assess::shortfall(&policy, &earned), rules::assess::Shortfall::default());
}

#[test]
fn a_policy_may_ask_for_no_spot_check() {
    let text = text(2023).replace("spot_check_percent = 5", "spot_check_percent = 0");
    assert_eq!(Policy::load(&text).unwrap().spot_check_percent, 0);
}

#[test]
fn hrs_gate_is_what_the_notice_says_unless_the_policy_says_otherwise() {
    use base::person::Code;
    use rules::policy::{Business, Gate};
    let at = text(2023).find("[personnel.").unwrap();
    let end = text(2023).find("# Statutory").unwrap();
    let older = format!("{}{}", &text(2023)[..at], &text(2023)[end..]);
    let gates = |text: &str| Business::ALL.map(|b| Policy::load(text).unwrap().personnel.gate(b));
    assert_eq!(gates(&older), [Gate::default(); 4], "a file without the section loads");
    assert_eq!(gates(text(2023)), gates(&older), "what is delivered spells the defaults out");
    let strict = format!("{older}\n[personnel.promotion]\nexemption = false\nlast_year_until = \"03-31\"\n");
    let promotion = Policy::load(&strict).unwrap().personnel.gate(Business::from_code("promotion").unwrap());
    assert_eq!((promotion.exemption, promotion.not_obliged), (false, true));
    assert_eq!(promotion.last_year_until.unwrap().to_string(), "2023-03-31");
    let asks = format!("{older}\n[personnel.transfer]\ninduction = true\n");
    let transfer = Policy::load(&asks).unwrap().personnel.gate(Business::Transfer);
    assert!(transfer.induction && !promotion.induction);
}
