//! Who may depend on whom: the table of ARCHITECTURE.md against every Cargo.toml, and the rules' whole tree.
use std::collections::{BTreeMap, BTreeSet};

use super::{
    Finding,
    tree::{File, Tree},
};

const GROUND: &[&str] = &["base", "db", "jobs", "outside", "secrets", "documents", "site", "rules", "sheets"];

/// Each crate and the crates of ours that it may call. Slices may call the whole ground beside these.
const FRIENDS: &[(&str, &[&str])] = &[
    ("crates/base", &[]),
    ("crates/rules", &["base"]),
    ("crates/db", &["base"]),
    ("crates/secrets", &["base"]),
    ("crates/outside", &["base"]),
    ("crates/documents", &[]),
    ("crates/sheets", &["base"]),
    ("crates/jobs", &["base", "db"]),
    ("crates/site", &["base", "db", "jobs", "outside", "secrets"]),
    ("features/audit", &[]),
    ("features/accounts", &["audit"]),
    ("features/org", &["audit", "accounts"]),
    ("features/hours", &["audit", "accounts", "org"]),
    ("features/files", &["audit", "accounts", "org"]),
    ("features/claims", &["audit", "accounts", "org", "hours", "files", "messages"]),
    ("features/certificates", &["audit", "accounts", "org", "hours", "messages"]),
    ("features/support", &["audit", "accounts", "org", "files"]),
    ("features/operations", &["audit", "accounts", "files"]),
    ("features/records", &[]),
    ("features/privacy", &["audit"]),
    ("features/providers", &["audit", "accounts", "org", "hours", "records", "messages"]),
    ("features/statistics", &["audit", "accounts", "org", "hours", "messages"]),
    ("features/messages", &["audit"]),
    ("features/activation", &["audit", "accounts", "org"]),
    ("features/exports", &["audit"]),
    ("features/staffing", &["audit", "accounts", "org", "hours", "files", "messages"]),
    ("features/spotcheck", &["audit", "accounts", "org", "hours", "files", "claims"]),
    ("features/papers", &["audit", "org", "hours", "files", "claims", "yearbook"]),
    ("features/intake", &["audit", "org", "hours", "files", "claims"]),
    ("features/inspection", &["audit", "accounts", "org", "hours", "files", "claims"]),
    ("features/incidents", &["audit", "org", "hours", "claims"]),
    ("features/induction", &["audit", "accounts", "org", "hours"]),
    ("features/past", &["audit", "org", "hours", "statistics"]),
    ("features/yearbook", &["audit", "org", "hours", "statistics"]),
    ("features/attendance", &["audit", "org", "hours", "claims"]),
    ("features/calendar", &["audit", "accounts", "org", "hours", "notices", "attendance"]),
    ("features/notices", &["audit", "accounts", "org", "files", "hours", "messages"]),
    (
        "features/supervision",
        &["audit", "accounts", "org", "hours", "statistics", "messages", "claims", "calendar"],
    ),
    (
        "features/home",
        &[
            "audit",
            "accounts",
            "org",
            "hours",
            "files",
            "claims",
            "certificates",
            "providers",
            "notices",
            "messages",
            "supervision",
        ],
    ),
    ("features/personnel", &["audit", "accounts", "org", "hours", "certificates", "induction", "messages"]),
    (
        "features/reimbursement",
        &["audit", "accounts", "org", "hours", "files", "certificates", "providers", "messages"],
    ),
    ("features/settlement", &["audit", "messages", "providers"]),
    ("features/openid", &["audit", "accounts", "org", "providers"]),
    ("provider/catalogue", &[]),
    ("provider/packages", &["catalogue"]),
    ("provider/studio", &["audit", "catalogue", "packages"]),
    ("provider/orders", &["audit", "catalogue"]),
    ("provider/learning", &["audit", "catalogue", "orders", "packages"]),
    ("provider/link", &["audit", "catalogue", "orders", "learning"]),
];

/// Crates that may call anything of ours.
const FREE: &[&str] = &["app", "stories", "xtask", "crates/testkit"];
/// Crates that stay pure: none of these anywhere in their tree.
const PURE: &[&str] = &["crates/base", "crates/rules"];
const IMPURE: &[&str] = &["tokio", "sea-orm", "axum", "reqwest", "sqlx", "hyper"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let ours: BTreeSet<&str> = tree.ending("Cargo.toml").filter_map(|f| f.path.rsplit('/').nth(1)).collect();
    let locked = tree.file("Cargo.lock").map(|f| lock(&f.text)).unwrap_or_default();
    let mut findings = vec![];
    for file in tree.ending("/Cargo.toml") {
        let Some(folder) = file.path.strip_suffix("/Cargo.toml") else { continue };
        if FREE.contains(&folder) {
            continue;
        }
        findings.extend(of_crate(file, folder, &ours));
        if PURE.contains(&folder) {
            findings.extend(impure(file, &locked));
        }
    }
    findings
}

fn of_crate(file: &File, folder: &str, ours: &BTreeSet<&str>) -> Vec<Finding> {
    let Some((_, friends)) = FRIENDS.iter().find(|(name, _)| *name == folder) else {
        return vec![Finding::new(
            &file.path,
            1,
            "is not in the table of friends: xtask/src/tidy/friends.rs",
        )];
    };
    let is_slice = !folder.starts_with("crates/");
    let may = |name: &str| friends.contains(&name) || (is_slice && GROUND.contains(&name));
    dependencies(&file.text)
        .into_iter()
        .filter(|(_, name)| ours.contains(name.as_str()) && !may(name))
        .map(|(line, name)| {
            Finding::new(&file.path, line, format!("may not depend on {name} (ARCHITECTURE.md)"))
        })
        .collect()
}

fn impure(file: &File, locked: &BTreeMap<String, Vec<String>>) -> Vec<Finding> {
    let mut findings = vec![];
    for (line, name) in dependencies(&file.text) {
        let mut seen = BTreeSet::new();
        let mut open = vec![name.clone()];
        while let Some(next) = open.pop() {
            if !seen.insert(next.clone()) {
                continue;
            }
            if IMPURE.contains(&next.as_str()) {
                findings.push(Finding::new(
                    &file.path,
                    line,
                    format!("{name} brings {next} into a pure crate"),
                ));
            }
            // The tree of a crate of ours is looked at in its own Cargo.toml: the lock holds its tests' needs too.
            if !GROUND.contains(&next.as_str()) {
                open.extend(locked.get(&next).into_iter().flatten().cloned());
            }
        }
    }
    findings
}

/// The names under `[dependencies]` with their lines.
fn dependencies(toml: &str) -> Vec<(usize, String)> {
    let mut found = vec![];
    let mut is_inside = false;
    for (n, line) in toml.lines().enumerate() {
        let line = line.trim();
        if line.starts_with('[') {
            is_inside = line == "[dependencies]";
        } else if is_inside && !line.starts_with('#') {
            let name = line.split(['.', '=', ' ']).next().unwrap_or("");
            if !name.is_empty() {
                found.push((n + 1, name.to_owned()));
            }
        }
    }
    found
}

/// Each locked package and what it needs; versions of one name together.
fn lock(text: &str) -> BTreeMap<String, Vec<String>> {
    let mut packages: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut name = "";
    for line in text.lines() {
        if let Some(named) = line.strip_prefix("name = ") {
            name = named.trim_matches('"');
            packages.entry(name.to_owned()).or_default();
        } else if let Some(needed) = line.strip_prefix(" \"") {
            let needed = needed.split(['"', ' ']).next().unwrap_or("").to_owned();
            packages.entry(name.to_owned()).or_default().push(needed);
        }
    }
    packages
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        check(&Tree::of(files)).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_slice_calls_only_its_friends() {
        let others = [("features/claims/Cargo.toml", ""), ("crates/db/Cargo.toml", "")];
        let org =
            ("features/org/Cargo.toml", "[dependencies]\ndb.workspace = true\nclaims.workspace = true\n");
        let found = found(&[org, others[0], others[1]]);
        assert_eq!(found, ["features/org/Cargo.toml:3: may not depend on claims (ARCHITECTURE.md)"]);
    }

    #[test]
    fn tests_may_depend_on_more_and_unknown_crates_are_named() {
        assert!(
            found(&[("features/org/Cargo.toml", "[dev-dependencies]\nclaims.workspace = true\n")]).is_empty()
        );
        assert_eq!(found(&[("features/new/Cargo.toml", "")]).len(), 1);
    }

    #[test]
    fn the_rules_tree_is_walked() {
        let lock = "[[package]]\nname = \"a\"\ndependencies = [\n \"b 1.0.0\",\n]\n[[package]]\nname = \"b\"\ndependencies = [\n \"tokio\",\n]\n";
        let found =
            found(&[("crates/rules/Cargo.toml", "[dependencies]\na = \"1\"\n"), ("Cargo.lock", lock)]);
        assert_eq!(found, ["crates/rules/Cargo.toml:2: a brings tokio into a pure crate"]);
    }
}
