//! IRIs of RFC 3987, as far as a best effort goes: a scheme, and characters that may stand in one.

/// Whether the text is an absolute IRI. Relative references are none (Data 2.2.s4.b1.b8).
pub fn is_iri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    is_scheme && !rest.is_empty() && rest != "//" && rest.matches('#').count() <= 1 && is_escaped(rest)
}

/// Whether every character may stand in an IRI and every `%` leads two hexadecimal digits.
fn is_escaped(text: &str) -> bool {
    let is_allowed = |c: char| match c {
        '\0'..=' ' | '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}' | '\u{7f}'..'\u{a0}' => false,
        _ => !c.is_whitespace(),
    };
    let is_triplet = |after: &str| {
        let mut digits = after.bytes().take(2).map(|b| b.is_ascii_hexdigit());
        digits.next() == Some(true) && digits.next() == Some(true)
    };
    text.chars().all(is_allowed) && text.split('%').skip(1).all(is_triplet)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scheme_and_plain_characters_make_an_iri() {
        for good in [
            "http://example.com",
            "urn:uuid:1",
            "tag:adlnet.gov,2013:expapi:0.9:activities:x",
            "http://example.com/فعل/خواندن",
            "http://example.com/a?b=c#d",
            "https://学时.cn/课程/1",
            "http://a/%E4%B8%AD",
            "act:x",
            "http://[::1]/a",
        ] {
            assert!(is_iri(good), "{good}");
        }
        for bad in [
            "",
            "example.com/a",
            "//example.com",
            "ab=c://should.fail.com",
            "should fail",
            "http://a b",
            "http:",
            "http://",
            "http://a/%zz",
            "http://a/%1",
            "1http://a",
            "http://a<b",
            "{\"key\":\"value\"}",
            "true",
            "http://a#b#c",
            ":a",
        ] {
            assert!(!is_iri(bad), "{bad}");
        }
    }
}
