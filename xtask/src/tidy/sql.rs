//! SQL stands in the stores and nowhere else, so that who writes a table can be seen.
use super::{Finding, source::Source, tree::Tree};

/// Files that hold SQL beside `store*`: each is the only writer of its table.
const STORES: &[(&str, &str)] = &[
    ("crates/jobs/src/queue.rs", "jobs"),
    ("crates/site/src/answers.rs", "kept_answers"),
    ("features/accounts/src/activation.rs", "activations"),
    ("features/accounts/src/create.rs", "accounts: the insert of many"),
    ("features/accounts/src/codes/limits.rs", "sms_codes: counts them"),
    ("features/accounts/src/codes/mod.rs", "sms_codes"),
    ("features/accounts/src/delegation.rs", "delegations"),
    ("features/accounts/src/devices.rs", "sessions: as their owner sees them"),
    ("features/accounts/src/door/captcha.rs", "spent_captchas"),
    ("features/accounts/src/door/gate.rs", "guards and failures"),
    ("features/accounts/src/door/identifiers.rs", "account_lookups"),
    ("features/accounts/src/door/networks.rs", "network_attempts"),
    ("features/accounts/src/door/finding.rs", "sessions: whose they are"),
    ("features/accounts/src/notices.rs", "notices_sent"),
    ("features/accounts/src/passkeys/keys.rs", "passkeys"),
    ("features/accounts/src/programs.rs", "program_tokens"),
    ("features/accounts/src/recovery.rs", "password_resets"),
    ("features/accounts/src/roles.rs", "grants"),
    ("features/accounts/src/sessions.rs", "sessions"),
    ("features/accounts/src/shares.rs", "phone_shares"),
    ("features/hours/src/policy.rs", "policies"),
];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = vec![];
    for file in tree.ending(".rs").filter(|f| !f.is_test() && !is_store(&f.path)) {
        let source = Source::of(&file.text);
        for text in source.texts.iter().filter(|t| is_sql(&t.says) && !source.is_test(t.at.start)) {
            findings.push(Finding::new(&file.path, file.line_of(text.at.start), "SQL outside a store"));
        }
    }
    let gone = STORES.iter().filter(|(path, _)| !tree.has(path) && tree.has("xtask/src/tidy/sql.rs"));
    findings
        .extend(gone.map(|(path, _)| Finding::new("xtask/src/tidy/sql.rs", 1, format!("{path} is gone"))));
    findings
}

fn is_store(path: &str) -> bool {
    path.starts_with("crates/db/")
        || path.starts_with("xtask/")
        || path.split_once("/src/").is_some_and(|(_, inside)| inside.starts_with("store"))
        || STORES.iter().any(|(file, _)| *file == path)
}

fn is_sql(text: &str) -> bool {
    let updates =
        text.find("UPDATE ").and_then(|at| text.get(at..)).is_some_and(|rest| rest.contains(" SET "));
    updates || ["SELECT ", "INSERT INTO ", "DELETE FROM "].iter().any(|verb| text.contains(verb))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sql_is_found_in_strings_only() {
        let found = |path: &str, text: &str| check(&Tree::of(&[(path, text)])).len();
        let sql = r#"fn a() { b("SELECT 1"); c("UPDATE t SET x = 1"); }"#;
        assert_eq!(found("features/org/src/unit.rs", sql), 2);
        assert_eq!(found("features/org/src/store_units.rs", sql), 0);
        assert_eq!(found("features/org/src/unit.rs", "// SELECT x\nfn a() { b(\"SELECTED\"); }"), 0);
        assert_eq!(found("features/org/src/unit.rs", &format!("#[cfg(test)]\nmod tests {{ {sql} }}")), 0);
    }
}
