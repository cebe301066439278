//! The table of `docs/security.md`: every item of the checklist has its row, and every test that a row names exists.
use super::{
    Finding,
    tree::{File, Tree},
};

const TABLE: &str = "docs/security.md";
/// The checklist's items.
const ITEMS: usize = 60;

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let Some(table) = tree.ending(".md").find(|f| f.path == TABLE) else {
        return vec![Finding::new(TABLE, 1, "the table of security items is missing")];
    };
    let tests: Vec<&str> = tree
        .ending(".rs")
        .filter(|f| f.path != "xtask/src/tidy/security.rs")
        .map(|f| f.text.as_str())
        .collect();
    of_table(table, |name| tests.iter().any(|text| text.contains(&format!("fn {name}("))))
}

fn of_table(table: &File, exists: impl Fn(&str) -> bool) -> Vec<Finding> {
    let mut findings = vec![];
    let mut next = 1;
    for (n, line) in table.text.lines().enumerate() {
        let Some(item) = line.strip_prefix("| ").and_then(|l| l.split(' ').next()?.parse::<usize>().ok())
        else {
            continue;
        };
        if item != next {
            findings.push(Finding::new(TABLE, n + 1, format!("item {next} should stand here")));
        }
        next = item + 1;
        let named = line.split('`').skip(1).step_by(2).filter(|q| q.contains("::"));
        for quoted in named {
            let name = quoted.rsplit("::").next().unwrap_or(quoted);
            if !exists(name) {
                findings.push(Finding::new(TABLE, n + 1, format!("there is no test {quoted}")));
            }
        }
    }
    if next != ITEMS + 1 {
        findings.push(Finding::new(TABLE, 1, format!("{} of {ITEMS} items have a row", next - 1)));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_counted_and_their_tests_looked_for() {
        let text = "| 1 | a | `lock::known` |\n| 3 | b | `lock::unknown` and `a path` |\n".to_owned();
        let found = of_table(&File { path: TABLE.into(), text }, |name| name == "known");
        let said: Vec<&str> = found.iter().map(|f| f.what.as_str()).collect();
        assert_eq!(
            said,
            ["item 2 should stand here", "there is no test lock::unknown", "3 of 60 items have a row"]
        );
    }
}
