//! What a statement can be found by: one number for each Agent, Activity, Verb and registration in it. The provider goes
//! into the number, so that no query reaches another's statements.
use ring::digest::{SHA256, digest};

use crate::{check::CONTEXT_ACTIVITIES, identity, json::Json};

/// What a term stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The Agent or Group is actor or object (`agent`).
    Agent,
    /// The Agent or Group occurs elsewhere only; `agent` with `related_agents` asks for both.
    RelatedAgent,
    /// The verb.
    Verb,
    /// The Activity is the object (`activity`).
    Activity,
    /// The Activity occurs elsewhere only; `activity` with `related_activities` asks for both.
    RelatedActivity,
    /// The registration.
    Registration,
}

impl Kind {
    /// The kind of what occurs elsewhere.
    const fn related(self) -> Self {
        match self {
            Self::Agent | Self::RelatedAgent => Self::RelatedAgent,
            Self::Activity | Self::RelatedActivity => Self::RelatedActivity,
            Self::Verb | Self::Registration => self,
        }
    }

    fn mark(self) -> u8 {
        match self {
            Self::Agent => b'a',
            Self::RelatedAgent => b'A',
            Self::Verb => b'v',
            Self::Activity => b'o',
            Self::RelatedActivity => b'O',
            Self::Registration => b'r',
        }
    }
}

/// The number of a value. Two values of one provider share one with a chance of 2⁻⁶⁴.
pub fn term(tenant: i64, kind: Kind, value: &str) -> i64 {
    let mut bytes = Vec::with_capacity(9 + value.len());
    bytes.extend(tenant.to_be_bytes());
    bytes.push(kind.mark());
    bytes.extend(value.as_bytes());
    let hash = digest(&SHA256, &bytes);
    hash.as_ref().first_chunk::<8>().map_or(0, |first| i64::from_be_bytes(*first))
}

/// The marks of a statement that may be found by more terms later, and of one stored before there were these marks.
pub const ALL_MARKS: i64 = -1;
/// So many marks there are: those of a third term are hardly ever among the marks of two others.
const MARKS: i64 = 62;

/// Two marks of each term. Whoever has all marks of a term may have the term, too; whoever lacks one does not.
pub fn marks(terms: &[i64]) -> i64 {
    let two = |term: &i64| (1 << term.rem_euclid(MARKS)) | (1 << (term >> 32).rem_euclid(MARKS));
    terms.iter().map(two).fold(0, |all, two: i64| all | two)
}

/// A statement's terms as its row tells them, each as [`word`] writes it.
pub fn line(terms: &[i64]) -> String {
    let words: String = terms.iter().map(|term| format!(" {term:016x}")).collect();
    format!("{words} ")
}

/// What a statement's line of terms holds (`LIKE`) if it has the term.
pub fn word(term: i64) -> String {
    format!("% {term:016x} %")
}

/// The terms of which one is on each statement that is asked for.
pub fn asked(tenant: i64, kind: Kind, value: &str, with_related: bool) -> Vec<i64> {
    let related = with_related.then(|| term(tenant, kind.related(), value));
    std::iter::once(term(tenant, kind, value)).chain(related).collect()
}

/// The terms of a statement itself; those of statements that it targets are added when it is stored.
pub fn of_statement(tenant: i64, statement: &Json<'_>) -> Vec<i64> {
    let mut found = Found { tenant, terms: vec![] };
    if let Some(verb) = statement.get("verb").and_then(|v| v.text_of("id")) {
        found.add(Kind::Verb, verb);
    }
    if let Some(registration) = statement.get("context").and_then(|c| c.text_of("registration")) {
        found.add(Kind::Registration, &registration.to_ascii_lowercase());
    }
    for person in [statement.get("actor"), statement.get("object")].into_iter().flatten() {
        found.person(person);
    }
    let object = statement.get("object").filter(|o| is_activity(o));
    if let Some(id) = object.and_then(|o| o.text_of("id")) {
        found.add(Kind::Activity, id);
    }
    found.related(statement);
    if let Some(sub) = statement.get("object").filter(|o| o.text_of("objectType") == Some("SubStatement")) {
        found.related(sub);
    }
    found.terms.sort_unstable();
    found.terms.dedup();
    found.terms
}

/// Whether an object is an Activity.
pub(crate) fn is_activity(object: &Json<'_>) -> bool {
    matches!(object.text_of("objectType"), None | Some("Activity"))
}

struct Found {
    tenant: i64,
    terms: Vec<i64>,
}

impl Found {
    fn add(&mut self, kind: Kind, value: &str) {
        self.terms.push(term(self.tenant, kind, value));
    }

    /// What is actor or object has its term already: one less for most statements, each of which is a page of the index.
    fn add_related(&mut self, kind: Kind, value: &str) {
        if !self.terms.contains(&term(self.tenant, kind, value)) {
            self.add(kind.related(), value);
        }
    }

    fn person(&mut self, person: &Json<'_>) {
        // Activities, StatementRefs and SubStatements have no identifier and add nothing.
        for key in identity::keys(person) {
            self.add(Kind::Agent, &key);
        }
    }

    fn related_person(&mut self, person: &Json<'_>) {
        for key in identity::keys(person) {
            self.add_related(Kind::Agent, &key);
        }
    }

    fn related_activity(&mut self, activity: &Json<'_>) {
        if let Some(id) = activity.text_of("id") {
            self.add_related(Kind::Activity, id);
        }
    }

    /// Everyone and every Activity in a statement or SubStatement. The authority of a provider's statements is always
    /// the provider, so it is known without a term.
    fn related(&mut self, statement: &Json<'_>) {
        let context = statement.get("context");
        let of_context = |key: &str| context.and_then(|c| c.get(key));
        let persons =
            [statement.get("actor"), statement.get("object"), of_context("instructor"), of_context("team")];
        for person in persons.into_iter().flatten() {
            self.related_person(person);
        }
        for (list, who) in [("contextAgents", "agent"), ("contextGroups", "group")] {
            let each = of_context(list).map(Json::items).unwrap_or_default();
            for person in each.iter().filter_map(|one| one.get(who)) {
                self.related_person(person);
            }
        }
        if let Some(object) = statement.get("object").filter(|o| is_activity(o)) {
            self.related_activity(object);
        }
        for activity in context_activities(statement) {
            self.related_activity(activity);
        }
    }
}

/// The Activities of a statement's context.
pub(crate) fn context_activities<'s, 'a>(statement: &'s Json<'a>) -> Vec<&'s Json<'a>> {
    let all = statement.get("context").and_then(|c| c.get("contextActivities"));
    let of_kind = |key: &&str| all.and_then(|a| a.get(key));
    let listed = |value: &'s Json<'a>| match value {
        Json::List(items) => items.iter().collect(),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Text(_) | Json::Object(_) => vec![value],
    };
    CONTEXT_ACTIVITIES.iter().filter_map(of_kind).flat_map(listed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::parse;

    #[test]
    fn each_part_is_found_by_its_filter() {
        let text = r#"{"actor":{"objectType":"Group","mbox":"mailto:g@x.cn","member":[{"mbox":"mailto:m@X.cn"}]},
            "verb":{"id":"http://v"},"object":{"id":"http://o"},"context":{"registration":"EC531277-b57b-4c15-8d91-d292c5b2b8f7",
            "instructor":{"mbox":"mailto:i@x.cn"},"contextActivities":{"parent":{"id":"http://p"},"other":[{"id":"http://q"}]},
            "contextAgents":[{"objectType":"contextAgent","agent":{"mbox":"mailto:c@x.cn"}}]}}"#;
        let terms = of_statement(1, &parse(text).unwrap());
        let has = |kind, value: &str| terms.contains(&term(1, kind, value));
        for (kind, value) in [
            (Kind::Agent, "mbox mailto:g@x.cn"),
            (Kind::Agent, "mbox mailto:m@x.cn"),
            (Kind::Verb, "http://v"),
            (Kind::Activity, "http://o"),
            (Kind::RelatedActivity, "http://p"),
            (Kind::RelatedActivity, "http://q"),
            (Kind::RelatedAgent, "mbox mailto:i@x.cn"),
            (Kind::RelatedAgent, "mbox mailto:c@x.cn"),
            (Kind::Registration, "ec531277-b57b-4c15-8d91-d292c5b2b8f7"),
        ] {
            assert!(has(kind, value), "{kind:?} {value}");
        }
        assert!(!has(Kind::Agent, "mbox mailto:i@x.cn") && !has(Kind::Activity, "http://p"));
        assert!(
            !has(Kind::RelatedActivity, "http://o") && !has(Kind::RelatedAgent, "mbox mailto:m@x.cn"),
            "once"
        );
        let both = asked(1, Kind::Activity, "http://o", true);
        assert_eq!(both, [term(1, Kind::Activity, "http://o"), term(1, Kind::RelatedActivity, "http://o")]);
        assert_eq!(asked(1, Kind::Activity, "http://o", false), both.get(..1).unwrap());
        assert!(
            !terms.contains(&term(2, Kind::Verb, "http://v")),
            "another provider's term is another number"
        );
    }

    #[test]
    fn a_statement_has_the_marks_of_each_of_its_terms() {
        let terms: Vec<i64> = (0..6).map(|n| term(1, Kind::Agent, &n.to_string())).collect();
        let all = marks(&terms);
        assert!(
            terms
                .iter()
                .all(|t| marks(&[*t]) & all == marks(&[*t]) && marks(&[*t]) & ALL_MARKS == marks(&[*t]))
        );
        let other = |n: i64| marks(&[term(1, Kind::Activity, &n.to_string())]);
        let falsely = (0..1000).filter(|n| other(*n) & marks(&terms[..3]) == other(*n)).count();
        assert!(falsely < 20, "three terms have the marks of {falsely} in a thousand others");
        assert!(all > 0 && all < 1 << MARKS, "never all marks, nor below zero");
        assert_eq!(marks(&[]), 0);
    }

    #[test]
    fn a_line_of_terms_holds_each_of_them_as_a_word() {
        let line = line(&[-1, 0, 26]);
        assert_eq!(line, " ffffffffffffffff 0000000000000000 000000000000001a ");
        assert!([-1, 0, 26].iter().all(|t| line.contains(word(*t).trim_matches('%'))));
        assert!(!line.contains(word(1).trim_matches('%')));
    }

    #[test]
    fn a_sub_statement_is_found_by_related_filters_only() {
        let text = r#"{"actor":{"mbox":"mailto:a@x.cn"},"verb":{"id":"http://v"},"object":{"objectType":"SubStatement",
            "actor":{"mbox":"mailto:s@x.cn"},"verb":{"id":"http://w"},"object":{"id":"http://o"},
            "context":{"contextActivities":{"category":[{"id":"http://c"}]},"team":{"objectType":"Group","mbox":"mailto:t@x.cn"}}}}"#;
        let terms = of_statement(1, &parse(text).unwrap());
        let has = |kind, value: &str| terms.contains(&term(1, kind, value));
        assert!(
            has(Kind::RelatedAgent, "mbox mailto:s@x.cn") && has(Kind::RelatedAgent, "mbox mailto:t@x.cn")
        );
        assert!(has(Kind::RelatedActivity, "http://o") && has(Kind::RelatedActivity, "http://c"));
        assert!(
            !has(Kind::Agent, "mbox mailto:s@x.cn")
                && !has(Kind::Activity, "http://o")
                && !has(Kind::Verb, "http://w")
        );
    }
}
