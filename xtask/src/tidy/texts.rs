//! The locale: every key that code or a template names exists, no key is given twice.
use std::collections::BTreeMap;

use super::{
    Finding,
    source::{Source, Text},
    tree::{File, Tree},
};

const LOCALE: &str = "locales/zh-CN/";
/// Calls whose last or only text argument before the bracket is a key.
const KEY_CALLS: &[&str] = &["texts.get(", "texts.with(", "texts.has(", "frame.text("];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = vec![];
    let mut keys: BTreeMap<&str, &str> = BTreeMap::new();
    for file in tree.ending(".ftl").filter(|f| f.path.starts_with(LOCALE)) {
        for (n, line) in file.text.lines().enumerate() {
            let Some(key) = key_of(line) else { continue };
            if let Some(first) = keys.insert(key, &file.path) {
                findings.push(Finding::new(
                    &file.path,
                    n + 1,
                    format!("{key} is given twice, also in {first}"),
                ));
            }
        }
    }
    for file in tree.ending(".rs").filter(|f| !f.is_test() && !f.path.starts_with("xtask/")) {
        let source = Source::of(&file.text);
        for (at, key) in named(&source).into_iter().filter(|(at, _)| !source.is_test(*at)) {
            if !keys.contains_key(key.as_str()) {
                findings.push(Finding::new(
                    &file.path,
                    file.line_of(at),
                    format!("no text of the key {key}"),
                ));
            }
        }
    }
    for file in tree.ending(".html") {
        findings.extend(in_template(file).filter(|(_, key)| !keys.contains_key(key)).map(|(at, key)| {
            Finding::new(&file.path, file.line_of(at), format!("no text of the key {key}"))
        }));
    }
    findings
}

fn key_of(line: &str) -> Option<&str> {
    let key = line.split_once(" =")?.0;
    let is_key = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    (key.starts_with(|c: char| c.is_ascii_alphabetic()) && key.chars().all(is_key)).then_some(key)
}

/// The keys that a source names as literals, each with its place.
fn named(source: &Source) -> Vec<(usize, String)> {
    let code = &source.code;
    let mut found = vec![];
    for call in KEY_CALLS {
        for (at, _) in code.match_indices(call) {
            found.extend(source.texts.iter().find(|t| t.at.start == at + call.len()).map(keyed));
        }
    }
    for (at, call) in code.match_indices("Frame::of(") {
        let end = closing(code, at + call.len());
        let before = code.get(..end).unwrap_or("").trim_end_matches(|c: char| c.is_whitespace() || c == ',');
        found.extend(source.texts.iter().find(|t| t.at.end == before.len() && t.at.start > at).map(keyed));
    }
    found.extend(problems(source));
    found
}

/// The sentences of refusals: `error-<code>` of conflicts, `field-<code>` of wrong fields.
fn problems(source: &Source) -> Vec<(usize, String)> {
    let code = &source.code;
    let text_at = |at: usize| source.texts.iter().find(|t| t.at.start == at);
    let mut found = vec![];
    for (at, call) in code.match_indices("Error::conflict(") {
        found.extend(text_at(at + call.len()).map(|t| (t.at.start, format!("error-{}", t.says))));
    }
    for (at, call) in code.match_indices("Error::invalid(") {
        let Some(field) = text_at(at + call.len()) else { continue };
        let Some(second) = code.get(field.at.end..).and_then(|rest| rest.strip_prefix(", ")) else {
            continue;
        };
        found.extend(text_at(code.len() - second.len()).map(|t| (t.at.start, format!("field-{}", t.says))));
    }
    found
}

fn keyed(text: &Text) -> (usize, String) {
    (text.at.start, text.says.clone())
}

/// The bracket that closes the one opened before `from`.
fn closing(code: &str, from: usize) -> usize {
    let mut depth = 1_i32;
    for (at, b) in code.bytes().enumerate().skip(from) {
        depth += match b {
            b'(' => 1,
            b')' => -1,
            _ => 0,
        };
        if depth == 0 {
            return at;
        }
    }
    code.len()
}

fn in_template(file: &File) -> impl Iterator<Item = (usize, &str)> {
    let calls = file.text.match_indices("frame.text(\"");
    calls.filter_map(|(at, call)| Some((at, file.text.get(at + call.len()..)?.split('"').next()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_looked_up() {
        let code = r#"fn a() {
            site.texts.get("known"); site.texts.get("lost"); texts.with("page", &[("x", "y")]);
            Frame::of(&site, &f("a"), "/a", "page"); Frame::of(&site, &v, "/a",
                "gone",
            );
            Error::conflict("taken"); Error::invalid("name", "form"); site.texts.get(&format!("x-{y}"));
        }"#;
        let ftl = "known = 1\npage = 2\n    .attribute = 3\n# taken = no\nerror-taken = 3\n";
        let files = [
            ("features/a/src/b.rs", code),
            ("locales/zh-CN/a.ftl", ftl),
            ("locales/zh-CN/b.ftl", "page = 4\n"),
        ];
        let found: Vec<String> = check(&Tree::of(&files)).into_iter().map(|f| f.what).collect();
        let none = |key: &str| format!("no text of the key {key}");
        let twice = "page is given twice, also in locales/zh-CN/a.ftl".to_owned();
        assert_eq!(found, [twice, none("lost"), none("gone"), none("field-form")]);
    }

    #[test]
    fn templates_name_keys_too() {
        let files = [("a/templates/x.html", "<p>{{ frame.text(\"lost\") }}</p>")];
        assert_eq!(check(&Tree::of(&files)).len(), 1);
    }
}
