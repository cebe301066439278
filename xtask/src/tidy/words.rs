//! No Chinese text in code: what people read stands in templates, locales, policies and data files. Comments may hold
//! Chinese terms, tests what they like.
use super::{Finding, source::Source, tree::Tree};

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = vec![];
    for file in tree.ending(".rs").filter(|f| !f.is_test()) {
        let source = Source::of(&file.text);
        let strings = source.texts.iter().filter(|t| t.says.chars().any(is_chinese)).map(|t| t.at.start);
        let code = source.code.char_indices().filter(|(_, c)| is_chinese(*c)).map(|(at, _)| at);
        let mut lines: Vec<usize> =
            strings.chain(code).filter(|at| !source.is_test(*at)).map(|at| file.line_of(at)).collect();
        lines.dedup();
        findings.extend(lines.into_iter().map(|line| Finding::new(&file.path, line, "Chinese text in code")));
    }
    findings
}

/// Han characters, and the punctuation written between them.
fn is_chinese(c: char) -> bool {
    matches!(c, '\u{3000}'..='\u{303f}' | '\u{3400}'..='\u{9fff}' | '\u{ff00}'..='\u{ffef}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_is_found_outside_comments_and_tests() {
        let text = "//! 学时\nfn a() { b(\"学时\"); } // 三.1\n#[cfg(test)]\nmod tests { const A: &str = \"年\"; }\n";
        assert_eq!(
            check(&Tree::of(&[("a/src/x.rs", text)])),
            [Finding::new("a/src/x.rs", 2, "Chinese text in code")]
        );
        assert!(check(&Tree::of(&[("a/tests/x.rs", text)])).is_empty());
    }
}
