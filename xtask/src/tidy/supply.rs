//! Parts of others come from the public registries with their hashes (security item 59), and no key lies in the tree (52).
use super::{Finding, tree::Tree};
use crate::supply;

/// How private keys and cloud credentials begin; written apart, so that this file is no finding.
const SECRETS: [(&str, &str); 4] = [
    ("-----BEGIN ", "PRIVATE KEY"),
    ("-----BEGIN RSA ", "PRIVATE KEY"),
    ("-----BEGIN EC ", "PRIVATE KEY"),
    ("LTAI5", "t"),
];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = vec![];
    if let Some(lock) = tree.file("Cargo.lock") {
        let doubtful = supply::doubtful_crates(&lock.text).into_iter();
        findings.extend(
            doubtful
                .map(|(line, name)| Finding::new(&lock.path, line, format!("{name} is not the registry's"))),
        );
    }
    for path in ["web/package-lock.json", "stories/browser/package-lock.json"] {
        let Some(lock) = tree.file(path) else { continue };
        let doubtful = supply::doubtful_modules(&lock.text).into_iter();
        findings.extend(
            doubtful.map(|(line, name)| {
                Finding::new(path, line, format!("{name} has no hash or another source"))
            }),
        );
    }
    for ending in [".rs", ".toml", ".md", ".sh", ".json", ".ts", ".pem", ".key"] {
        for file in tree.ending(ending).filter(|f| !f.is_test()) {
            let found =
                file.text.lines().position(|l| SECRETS.iter().any(|(a, b)| l.contains(&format!("{a}{b}"))));
            findings.extend(found.map(|line| Finding::new(&file.path, line + 1, "a secret in the tree")));
        }
    }
    findings
}
