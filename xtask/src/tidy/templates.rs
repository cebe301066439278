//! Templates hold nothing that the content policy would block: no inline style, handler or script.
use super::{
    Finding,
    tree::{File, Tree},
};

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    tree.ending(".html").filter(|f| f.path.contains("/templates/")).flat_map(of_template).collect()
}

fn of_template(file: &File) -> Vec<Finding> {
    let mut findings = vec![];
    let text = &file.text;
    let mut add = |at: usize, what: &str| findings.push(Finding::new(&file.path, file.line_of(at), what));
    for (at, _) in text.match_indices("=\"") {
        let name: String =
            text.get(..at).unwrap_or("").chars().rev().take_while(|c| is_of_name(*c)).collect();
        let name: String = name.chars().rev().collect();
        if name == "style" {
            add(at, "style attribute");
        } else if is_handler(&name) {
            add(at, "event handler attribute");
        }
    }
    for (at, _) in text.match_indices("<script") {
        let opening = text.get(at..).and_then(|t| t.split('>').next()).unwrap_or("");
        if !opening.contains(" src=") && !opening.contains("application/json") {
            add(at, "script in the page");
        }
    }
    findings.extend(
        text.match_indices("<style")
            .map(|(at, _)| Finding::new(&file.path, file.line_of(at), "style in the page")),
    );
    findings
}

fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | ':' | '_')
}

fn is_handler(name: &str) -> bool {
    let event =
        name.strip_prefix("on").is_some_and(|e| !e.is_empty() && e.chars().all(|c| c.is_ascii_lowercase()));
    event || name.starts_with("hx-on")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inline_code_is_found() {
        let text = "<p style=\"x\" data-style=\"y\" title=\"on=\">\n<a onclick=\"x()\" hx-on:click=\"y\" data-on=\"z\">\n\
                    <script>x</script><script src=\"/a.js\"></script><script type=\"application/json\">{}</script>";
        let found: Vec<usize> =
            check(&Tree::of(&[("a/templates/x.html", text)])).iter().map(|f| f.line).collect();
        assert_eq!(found, [1, 2, 2, 3]);
    }
}
