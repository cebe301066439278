//! axum, and with it HTTP, is known to the site, the program and the files of a slice that face people.
use super::{Finding, source::Source, tree::Tree};

/// Files beside `pages*` and `api*` that face HTTP, and why.
const FACING: &[(&str, &str)] = &[
    ("features/providers/src/signed.rs", "the extractor that verifies a program's signed request"),
    ("provider/catalogue/src/media.rs", "streams the lectures' files"),
    ("provider/link/src/enter.rs", "sets out to sign in and comes back"),
];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = vec![];
    for file in tree.ending(".rs").filter(|f| !f.is_test() && !may_face_http(&f.path)) {
        let source = Source::of(&file.text);
        for (at, _) in source.code.match_indices("axum") {
            let before = source.code.get(..at).and_then(|c| c.chars().next_back());
            let is_word = before.is_none_or(|c| !c.is_alphanumeric() && c != '_');
            if is_word && !source.is_test(at) {
                findings.push(Finding::new(
                    &file.path,
                    file.line_of(at),
                    "axum outside site, app, pages* and api*",
                ));
            }
        }
    }
    findings
}

fn may_face_http(path: &str) -> bool {
    let inside = path.split_once("/src/").map_or("", |(_, inside)| inside);
    let first = inside.split(['/', '.']).next().unwrap_or("");
    let is_page = first.starts_with("pages") || first.starts_with("api");
    let is_slice = path.starts_with("features/") || path.starts_with("provider/");
    ["crates/site/", "app/", "xtask/"].iter().any(|p| path.starts_with(p))
        || (is_slice && is_page)
        || FACING.iter().any(|(file, _)| *file == path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_faces_know_axum() {
        let text = "use axum::Router;\n";
        let found = |path: &str| check(&Tree::of(&[(path, text)])).len();
        assert_eq!(found("features/org/src/store.rs"), 1);
        for path in ["features/org/src/pages/people.rs", "features/org/src/api.rs", "crates/site/src/list.rs"]
        {
            assert_eq!(found(path), 0, "{path}");
        }
    }
}
