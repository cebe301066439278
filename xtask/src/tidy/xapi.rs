//! The table of `docs/xapi.md`: every test that a row names exists, every test of the record store is named, and every clause
//! of the cases has a row.
use super::{
    Finding,
    tree::{File, Tree},
};

const TABLE: &str = "docs/xapi.md";
const CASES: &str = "features/records/tests/cases/statements.jsonl";
/// Where the record store's tests stand.
const TESTED: [&str; 3] = ["features/records/src/", "features/records/tests/", "stories/tests/it/xapi/"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let Some(table) = tree.file(TABLE) else {
        return vec![Finding::new(TABLE, 1, "the table of xAPI requirements is missing")];
    };
    let tests: Vec<(String, &str)> = tree.ending(".rs").flat_map(tests_of).collect();
    let cases = tree.file(CASES).map(|f| f.text.as_str()).unwrap_or_default();
    of_table(table, &tests, cases)
}

fn of_table(table: &File, tests: &[(String, &str)], cases: &str) -> Vec<Finding> {
    let mut findings = vec![];
    let mut named = vec![];
    for (n, line) in table.text.lines().enumerate().filter(|(_, line)| line.starts_with("| ")) {
        for quoted in line.split('`').skip(1).step_by(2).filter(|q| q.contains("::")) {
            let name = quoted.rsplit("::").next().unwrap_or(quoted);
            if !tests.iter().any(|(test, _)| test == name) {
                findings.push(Finding::new(TABLE, n + 1, format!("there is no test {quoted}")));
            }
            named.push(name);
        }
    }
    let of_the_store = tests.iter().filter(|(_, path)| TESTED.iter().any(|place| path.starts_with(place)));
    for (test, path) in of_the_store.filter(|(test, _)| !named.contains(&test.as_str())) {
        findings.push(Finding::new(TABLE, 1, format!("{test} of {path} is in no row")));
    }
    let sections: Vec<&str> =
        table.text.lines().filter_map(|l| l.strip_prefix("| ")?.split(" |").next()).collect();
    for (n, line) in cases.lines().enumerate() {
        let clause = line.split("\"clause\": \"").nth(1).and_then(|rest| rest.split('"').next());
        if let Some(clause) = clause.filter(|c| !sections.iter().any(|s| is_of(c, s))) {
            findings.push(Finding::new(CASES, n + 1, format!("{clause} has no row in {TABLE}")));
        }
    }
    findings
}

/// Whether a clause belongs to a section: `Data 2.4.5.1` to `Data 2.4.5`, never to `Data 2.4.51`.
fn is_of(clause: &str, section: &str) -> bool {
    clause.strip_prefix(section).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', ' ']))
}

/// The names of a file's tests, each with the file's path.
fn tests_of(file: &File) -> Vec<(String, &str)> {
    let lines: Vec<&str> = file.text.lines().map(str::trim).collect();
    let is_mark = |line: &str| line.starts_with("#[test]") || line.starts_with("#[tokio::test");
    let name = |line: &str| line.split("fn ").nth(1)?.split('(').next().map(str::to_owned);
    let after = |n: usize| lines.iter().skip(n + 1).find_map(|line| name(line));
    let marked = lines.iter().enumerate().filter(|(_, line)| is_mark(line));
    marked.filter_map(|(n, _)| after(n)).map(|name| (name, file.path.as_str())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> File {
        File { path: path.into(), text: text.to_owned() }
    }

    #[test]
    fn tests_and_clauses_are_looked_for_in_both_directions() {
        let table = file(TABLE, "| Data 2.4 | x | `a::known`, `a::gone` |\n");
        let tests = [
            ("known".to_owned(), "features/records/src/a.rs"),
            ("left".to_owned(), "stories/tests/it/xapi/b.rs"),
        ];
        let cases = "{\"clause\": \"Data 2.4.1\"}\n{\"clause\": \"Data 2.5\"}\n";
        let said: Vec<String> = of_table(&table, &tests, cases).iter().map(|f| f.what.clone()).collect();
        assert_eq!(
            said,
            [
                "there is no test a::gone",
                "left of stories/tests/it/xapi/b.rs is in no row",
                "Data 2.5 has no row in docs/xapi.md"
            ]
        );
    }

    #[test]
    fn marked_functions_are_tests() {
        let found = file(
            "x.rs",
            "#[test]\nfn one() {}\nfn other() {}\n#[tokio::test(flavor = \"x\")]\nasync fn two() {}\n",
        );
        let names: Vec<String> = tests_of(&found).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["one", "two"]);
    }
}
