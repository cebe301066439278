//! Limits: files of 500 lines, functions of 60, a `lib.rs` of 60 lines of code.
use super::{
    Finding,
    source::{Source, body_end},
    tree::{File, Tree, line_of},
};

const FILE: usize = 500;
const FUNCTION: usize = 60;
const LIB: usize = 60;

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = vec![];
    for file in tree.ending(".rs").chain(tree.ending(".ts")) {
        let lines = file.text.lines().count();
        if lines > FILE {
            findings.push(Finding::new(&file.path, FILE + 1, format!("{lines} lines, at most {FILE}")));
        }
    }
    for file in tree.ending(".rs") {
        let source = Source::of(&file.text);
        findings.extend(functions(file, &source));
        let code = source.code.lines().filter(|l| !l.trim().is_empty()).count();
        if file.name() == "lib.rs" && code > LIB {
            findings.push(Finding::new(&file.path, 1, format!("{code} lines of code, at most {LIB}")));
        }
    }
    findings
}

fn functions(file: &File, source: &Source) -> Vec<Finding> {
    let code = &source.code;
    let mut findings = vec![];
    for (at, _) in code.match_indices("fn ") {
        let is_word = code
            .get(..at)
            .and_then(|c| c.chars().next_back())
            .is_none_or(|c| !c.is_alphanumeric() && c != '_');
        let Some(end) = body_end(code, at).filter(|_| is_word) else { continue };
        let body = code.get(at..end).unwrap_or("");
        let lines = body.lines().count();
        if lines > FUNCTION && body.ends_with('}') {
            let name = body.get(3..).and_then(|b| b.split(['(', '<']).next()).unwrap_or("");
            findings.push(Finding::new(
                &file.path,
                line_of(code, at),
                format!("fn {name}: {lines} lines, at most {FUNCTION}"),
            ));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_functions_and_files_are_found() {
        let long = format!("trait T {{ fn none(&self); }}\nfn a() {{\n{}}}\n", "    b();\n".repeat(59));
        let found = check(&Tree::of(&[("a/src/x.rs", &long)]));
        assert_eq!(found, [Finding::new("a/src/x.rs", 2, "fn a: 61 lines, at most 60")]);
        let just = format!("fn a() {{\n{}}}\n", "    b();\n".repeat(58));
        assert!(check(&Tree::of(&[("a/src/x.rs", &just)])).is_empty());
        assert_eq!(check(&Tree::of(&[("web/src/x.ts", &"\n".repeat(501))])).len(), 1);
        let lib = "//! Words.\n".repeat(30) + &"mod a;\n".repeat(61);
        assert_eq!(check(&Tree::of(&[("a/src/lib.rs", &lib)])).len(), 1);
    }
}
