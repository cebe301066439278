//! The checks, one file each. A check takes the tree and says what it found; it changes nothing.
mod friends;
mod layers;
mod paths;
mod security;
mod sizes;
mod source;
mod sql;
mod supply;
mod templates;
mod texts;
mod tree;
mod words;
mod xapi;

use std::{fmt, path::Path};

use tree::Tree;

/// Something that breaks an invariant.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    path: String,
    line: usize,
    what: String,
}

impl Finding {
    fn new(path: &str, line: usize, what: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, what: what.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.what)
    }
}

type Check = fn(&Tree) -> Vec<Finding>;

const CHECKS: &[Check] = &[
    friends::check,
    layers::check,
    sql::check,
    security::check,
    supply::check,
    sizes::check,
    paths::check,
    texts::check,
    words::check,
    templates::check,
    xapi::check,
];

/// Runs every check over the repository; findings by path and line.
pub(crate) fn run() -> std::io::Result<Vec<Finding>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or_else(|| Path::new("."));
    let tree = Tree::read(root)?;
    let mut findings: Vec<Finding> = CHECKS.iter().flat_map(|check| check(&tree)).collect();
    findings.sort();
    findings.dedup();
    Ok(findings)
}
