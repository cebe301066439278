//! Every path that the documents name exists: in backticks, and behind links.
use super::{
    Finding,
    tree::{File, Tree},
};

/// What is made at run time or by the build, and media types.
const ELSEWHERE: &[&str] =
    &["target/", "data/", "web/dist", "stories/browser/shots", "application/", "text/", "video/"];
const ENDINGS: &[&str] = &["md", "rs", "toml", "sql", "ftl", "html", "ts", "mjs", "css", "sh", "typ", "json"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let is_checked = |f: &&File| {
        !f.path.contains('/') || (f.path.starts_with("docs/") && f.path.matches('/').count() == 1)
    };
    tree.ending(".md").filter(is_checked).flat_map(|file| of_document(tree, file)).collect()
}

fn of_document(tree: &Tree, file: &File) -> Vec<Finding> {
    let mut findings = vec![];
    let mut is_block = false;
    for (n, line) in file.text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            is_block = !is_block;
        }
        if is_block {
            continue;
        }
        let quoted = line.split('`').skip(1).step_by(2).filter_map(quoted_path);
        let links = line.split("](").skip(1).filter_map(|l| l.split([')', '#']).next()).filter_map(link_path);
        for path in quoted.chain(links) {
            if !exists(tree, file, path) {
                findings.push(Finding::new(&file.path, n + 1, format!("there is no {path}")));
            }
        }
    }
    findings
}

/// The path that a quotation names; the folder where it stands for several.
fn quoted_path(quoted: &str) -> Option<&str> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_./-@{}*,<>".contains(c);
    if quoted.is_empty() || !quoted.chars().all(is_plain) || quoted.starts_with(['/', '-', '.', '<', '@']) {
        return None;
    }
    let is_named =
        quoted.rsplit_once('.').is_some_and(|(stem, end)| !stem.is_empty() && ENDINGS.contains(&end));
    let is_path = quoted.contains('/') || is_named;
    let several = quoted.find(['{', '*', '<', ',']).unwrap_or(quoted.len());
    let path = quoted.get(..several)?;
    let path = if several < quoted.len() { path.rsplit_once('/')?.0 } else { path };
    (is_path && !ELSEWHERE.iter().any(|e| quoted.starts_with(e))).then_some(path.trim_end_matches('/'))
}

fn link_path(link: &str) -> Option<&str> {
    (!link.is_empty() && !link.contains("://") && !link.starts_with("mailto:")).then_some(link)
}

/// From the root, or from the document's folder.
fn exists(tree: &Tree, file: &File, path: &str) -> bool {
    let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let path_there = path.strip_prefix("../").map_or_else(|| format!("{folder}/{path}"), str::to_owned);
    tree.has(path) || tree.has(path_there.trim_start_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_are_not_there_are_found() {
        let text = "`crates/base` `crates/{base,gone}` `/healthz` `GET /x` `target/release/xueshi` `docs/no.md`\n\
                    ```\n`x/y`\n```\n[link](docs/none.md#part) [web](https://example.org/x) `a.b` `crates/gone/`\n";
        let files = [
            ("README.md", text),
            ("crates/base", ""),
            ("crates", ""),
            ("features/x/README.md", "`no/where`"),
        ];
        let found: Vec<String> = check(&Tree::of(&files)).iter().map(ToString::to_string).collect();
        let none = |line: usize, path: &str| format!("README.md:{line}: there is no {path}");
        assert_eq!(found, [none(1, "docs/no.md"), none(5, "crates/gone"), none(5, "docs/none.md")]);
    }
}
