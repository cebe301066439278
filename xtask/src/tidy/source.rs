//! Rust source taken apart as far as the checks need it: code, strings, comments, test modules. No parser: it knows
//! strings, raw strings, characters, comments and braces.
use std::ops::Range;

/// A string literal.
pub(super) struct Text {
    /// Where its literal stands, quotes included.
    pub at: Range<usize>,
    /// What stands between the quotes, escapes as written.
    pub says: String,
}

/// A source file taken apart.
pub(super) struct Source {
    /// The source with comments and the insides of strings blanked; bytes keep their places.
    pub code: String,
    /// The string literals in order.
    pub texts: Vec<Text>,
    tests: Vec<Range<usize>>,
}

impl Source {
    /// Takes a file apart.
    pub fn of(text: &str) -> Self {
        let mut reader = Reader { text, at: 0, code: Vec::with_capacity(text.len()), texts: vec![] };
        while reader.step() {}
        let code = String::from_utf8_lossy(&reader.code).into_owned();
        let tests = test_modules(&code);
        Self { code, texts: reader.texts, tests }
    }

    /// Whether a byte lies in a `#[cfg(test)]` item.
    pub fn is_test(&self, at: usize) -> bool {
        self.tests.iter().any(|t| t.contains(&at))
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    code: Vec<u8>,
    texts: Vec<Text>,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or("")
    }

    /// Reads one token; false at the end.
    fn step(&mut self) -> bool {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return false };
        if rest.starts_with("//") {
            let length = rest.find('\n').unwrap_or(rest.len());
            self.blank(length);
        } else if rest.starts_with("/*") {
            let length = block_comment(rest);
            self.blank(length);
        } else if let Some((open, hashes)) = raw_string(rest).filter(|_| !self.is_in_word()) {
            let close = format!("\"{}", "#".repeat(hashes));
            let inside = rest.get(open..).and_then(|r| r.find(&close)).unwrap_or(rest.len() - open);
            self.string(open, inside, close.len());
        } else if first == '"' {
            let inside = string_length(rest.get(1..).unwrap_or(""));
            self.string(1, inside, 1);
        } else if let Some(length) = (first == '\'').then(|| character(rest)).flatten() {
            self.blank(length);
        } else {
            self.keep(first.len_utf8());
        }
        true
    }

    fn is_in_word(&self) -> bool {
        self.code.last().is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_')
    }

    fn string(&mut self, open: usize, inside: usize, close: usize) {
        let start = self.at;
        let end = (start + open + inside + close).min(self.text.len());
        let says = self.text.get(start + open..start + open + inside).unwrap_or("").to_owned();
        self.texts.push(Text { at: start..end, says });
        self.keep(open);
        self.blank(inside);
        self.keep(end - self.at);
    }

    fn keep(&mut self, length: usize) {
        let bytes = self.text.as_bytes().get(self.at..self.at + length).unwrap_or(&[]);
        self.code.extend_from_slice(bytes);
        self.at += length;
    }

    fn blank(&mut self, length: usize) {
        let bytes = self.text.as_bytes().get(self.at..self.at + length).unwrap_or(&[]);
        self.code.extend(bytes.iter().map(|b| if *b == b'\n' { b'\n' } else { b' ' }));
        self.at += length;
    }
}

fn block_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(here) = rest.get(at..) {
        if here.is_empty() {
            break;
        }
        if here.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if here.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += here.chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

/// Where a raw string's inside begins, and how many `#` close it.
fn raw_string(rest: &str) -> Option<(usize, usize)> {
    let after = rest.strip_prefix('b').unwrap_or(rest).strip_prefix('r')?;
    let hashes = after.bytes().take_while(|b| *b == b'#').count();
    let is_raw = after.as_bytes().get(hashes) == Some(&b'"');
    is_raw.then_some((rest.len() - after.len() + hashes + 1, hashes))
}

fn string_length(inside: &str) -> usize {
    let mut escaped = false;
    for (at, c) in inside.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at,
            _ => {}
        }
    }
    inside.len()
}

/// The length of a character literal, if this quote opens one and not a lifetime.
fn character(rest: &str) -> Option<usize> {
    let inside = rest.get(1..)?;
    if inside.starts_with('\\') {
        return inside.get(2..)?.find('\'').map(|at| at + 4);
    }
    let c = inside.chars().next()?;
    inside.get(c.len_utf8()..)?.starts_with('\'').then_some(c.len_utf8() + 2)
}

fn test_modules(code: &str) -> Vec<Range<usize>> {
    let marks = code.match_indices("#[cfg(test)]").chain(code.match_indices("#[cfg(any(test"));
    marks.filter_map(|(at, _)| Some(at..body_end(code, at)?)).collect()
}

/// The end of the item at a place: after its braces, or at its `;`. Brackets and parentheses are stepped over.
pub(super) fn body_end(code: &str, from: usize) -> Option<usize> {
    let (mut braces, mut others) = (0_i32, 0_i32);
    for (at, b) in code.bytes().enumerate().skip(from) {
        match b {
            b'(' | b'[' => others += 1,
            b')' | b']' => others -= 1,
            b'{' => braces += 1,
            b'}' => {
                braces -= 1;
                if braces <= 0 {
                    return Some(at + 1);
                }
            }
            b';' if braces == 0 && others == 0 => return Some(at + 1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_comments_and_characters_are_told_apart() {
        let source = Source::of(
            "let a = \"x // \\\" {\"; // \"no\"\nlet b = r#\"raw \" }\"#; let c = '\"'; /* { */ fn d<'a>() {}",
        );
        let says: Vec<&str> = source.texts.iter().map(|t| t.says.as_str()).collect();
        assert_eq!(says, ["x // \\\" {", "raw \" }"]);
        assert!(!source.code.contains("no"));
        assert_eq!(source.code.matches('{').count(), 1);
        assert!(source.code.contains("fn d<'a>"));
    }

    #[test]
    fn test_modules_are_known() {
        let text = "fn a() {}\n#[cfg(test)]\nmod tests { fn b() {} }\nfn c() {}\n#[cfg(test)]\nmod other;\nfn d() {}";
        let source = Source::of(text);
        let is_test = |word: &str| source.is_test(text.find(word).unwrap());
        assert!(is_test("fn b") && is_test("mod other"));
        assert!(!is_test("fn a") && !is_test("fn c") && !is_test("fn d"));
    }
}
