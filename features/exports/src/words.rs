//! What a workbook calls the members of a list and the codes in them. One name means different things in different lists
//! (`on` is the day of an achievement or of a retirement), so a list's own word goes before the common one.
use site::Texts;

/// Whose words say a code: the list (empty for every list), the member, and the family of keys in the locale.
const FAMILIES: &[(&str, &str, &str)] = &[
    ("activations", "invited_by", "activation"),
    ("attendances-one-marks", "way", "export-way"),
    ("audit", "action", "action"),
    ("claims", "level", "export-level"),
    ("claims", "state", "claim-state"),
    ("corrections", "state", "export-correction"),
    ("exemption-reviews", "kind", "exemption"),
    ("exemption-reviews", "level", "export-level"),
    ("exemption-reviews", "state", "exempt-state"),
    ("exemptions", "kind", "exemption"),
    ("exemptions", "state", "exempt-state"),
    ("guests", "kind", "post-kind"),
    ("guests", "progress", "stats-state"),
    ("incidents-one", "how", "incident-how"),
    ("inductions", "kind", "induction"),
    ("invoice-blocks", "kind", "invoice-kind"),
    ("leaves", "kind", "leave"),
    ("me-arrivals", "reason", "arrival-why"),
    ("me-arrivals", "turn", "arrival-turn"),
    ("me-corrections", "state", "export-correction"),
    ("me-delegations", "state", "delegation"),
    ("me-legacy", "source", "export-source"),
    ("me-messages", "kind", "message"),
    ("me-sessions", "end_reason", "session"),
    ("me-sessions", "via", "export-via"),
    ("me-years-one-ledger", "kind", "export-entry"),
    ("me-years-one-ledger", "reason", "export-reason"),
    ("me-years-one-ledger", "source", "source"),
    ("past-people", "state", "stats-state"),
    ("people-one-arrivals", "reason", "arrival-why"),
    ("people-one-arrivals", "turn", "arrival-turn"),
    ("people-one-history", "reason", "placement"),
    ("people-one-legacy", "source", "export-source"),
    ("people-one-posts", "kind", "post-kind"),
    ("progress", "state", "export-progress"),
    ("providers", "standing", "provider-standing"),
    ("reimbursements", "state", "reimbursement-state"),
    ("reports", "kind", "stats-kind"),
    ("reviews", "level", "export-level"),
    ("reviews", "state", "claim-state"),
    ("search", "kind", "search-kind"),
    ("settlements", "state", "settlement-state"),
    ("settlements-one", "kind", "export-entry"),
    ("settlements-one", "state", "settlement-line"),
    ("signals", "kind", "signal-target"),
    ("special-days", "kind", "export-day"),
    ("supervision-people", "outlook", "outlook"),
    ("supervision-people", "problem", "supervise"),
    ("supervision-people", "state", "stats-state"),
    ("supervision-steps", "told", "told"),
    ("support-load", "category", "ticket"),
    ("support-queue", "category", "ticket"),
    ("support-queue", "state", "ticket-state"),
    ("tickets", "category", "ticket"),
    ("tickets", "state", "ticket-state"),
    ("transfers", "state", "export-transfer"),
    ("units", "kind", "kind"),
    ("units-one-history", "reason", "unit-change"),
    ("", "category", "category"),
    ("", "counts_as", "subject"),
    ("", "establishment", "establishment"),
    ("", "level", "level"),
    ("", "retirement", "retirement"),
    ("", "role", "role"),
    ("", "status", "status"),
    ("", "subject", "subject"),
];

/// What the locale calls a list: its path with dashes, `one` for whatever names one thing, such as `people-one-posts`.
pub(crate) fn slug(path: &str) -> String {
    let parts: Vec<&str> = path.trim_start_matches("/api/v1/").split('/').collect();
    // A unit's code may be made of letters alone.
    let is_code = |n: usize| n == 1 && parts.len() > 2 && parts.first() == Some(&"units");
    let is_id = |part: &str| part.chars().any(|c| c.is_ascii_digit() || c.is_ascii_uppercase());
    let names = parts.iter().enumerate();
    names.map(|(n, part)| if is_code(n) || is_id(part) { "one" } else { *part }).collect::<Vec<_>>().join("-")
}

/// The head of a member's column.
pub(crate) fn heading(texts: &Texts, list: &str, key: &str) -> String {
    let own = [format!("export-in-{list}-{key}"), format!("export-{key}"), format!("column-{key}")];
    own.into_iter().find(|k| texts.has(k)).map_or_else(|| key.to_owned(), |k| texts.get(&k))
}

/// A member's value: in words where it is a code that has some.
pub(crate) fn value(texts: &Texts, (list, key): (&str, &str), text: &str) -> String {
    let is_code = !text.is_empty()
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-' | '.'));
    let family = FAMILIES.iter().find(|(l, k, _)| *k == key && (*l == list || l.is_empty()));
    let Some((_, _, family)) = family.filter(|_| is_code) else { return text.to_owned() };
    // Keys have dashes where some codes have points or underscores.
    let spelt = [text.to_owned(), text.replace('.', "-"), text.replace('_', "-")];
    let word = spelt.iter().map(|s| format!("{family}-{s}")).find(|k| texts.has(k));
    word.map_or_else(|| text.to_owned(), |k| texts.get(&k))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_named_by_its_path_without_what_names_one_thing() {
        for (path, name) in [
            ("/api/v1/reviews", "reviews"),
            ("/api/v1/people/01900000-0000-7000-8000-0000000000aa/posts", "people-one-posts"),
            ("/api/v1/units/ABC/history", "units-one-history"),
            ("/api/v1/units/without-administrator", "units-without-administrator"),
            ("/api/v1/me/years/2026/ledger", "me-years-one-ledger"),
        ] {
            assert_eq!(slug(path), name);
        }
    }

    #[test]
    fn one_name_says_in_each_list_what_it_holds_there() {
        let texts = Texts::load().unwrap();
        let heads = |list| ["on", "level", "state", "item"].map(|key| heading(&texts, list, key));
        assert_eq!(heads("reviews"), ["成果或活动日期", "审核级别", "状态", "认定项目代码"]);
        assert_eq!(heading(&texts, "retirements", "on"), "退休日期");
        assert_eq!(heading(&texts, "people", "level"), "岗位等级");
        assert_eq!(heading(&texts, "units", "name"), "单位名称");
    }

    #[test]
    fn codes_are_said_in_words() {
        let texts = Texts::load().unwrap();
        let said = |list, key, text| value(&texts, (list, key), text);
        assert_eq!(said("reviews", "state", "submitted"), "待审");
        assert_eq!(said("reviews", "level", "authority"), "主管部门复核");
        assert_eq!(said("audit", "action", "claim.approve"), "通过活动学时申请");
        assert_eq!(said("people", "level", "professional_10"), "专业技术十级");
        assert_eq!(said("people", "name", "role"), "role", "only what is known to be a code");
        assert_eq!(said("transfers", "state", "refused"), "未同意");
    }
}
