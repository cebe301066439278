//! Passwords handed over as JSON string literals, of which some are no text at all.

/// Decodes a JSON string literal. Half a surrogate pair, which no text can hold, becomes another sign that the rules
/// refuse for the same reason; `None` for what is no literal.
pub fn from_json_literal(literal: &str) -> Option<String> {
    serde_json::from_str(literal).ok().or_else(|| serde_json::from_str(&without_halves(literal)).ok())
}

/// Replaces the escapes of lone surrogates by those of U+0000, which is a control character like them.
fn without_halves(literal: &str) -> String {
    let mut out = String::with_capacity(literal.len());
    let mut rest = literal;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        out.push_str(before);
        let taken = match unit(escape) {
            None => escape.char_indices().nth(2).map_or(escape.len(), |(i, _)| i),
            Some(0xD800..=0xDBFF) if is_low(escape.get(6..)) => 12,
            Some(_) => 6,
        };
        let lone = taken == 6 && matches!(unit(escape), Some(0xD800..=0xDFFF));
        let (escape, after) = escape.split_at(taken);
        out.push_str(if lone { "\\u0000" } else { escape });
        rest = after;
    }
    out.push_str(rest);
    out
}

fn is_low(escape: Option<&str>) -> bool {
    escape.and_then(unit).is_some_and(|unit| (0xDC00..=0xDFFF).contains(&unit))
}

/// The number of a `\uXXXX` at the beginning.
fn unit(escape: &str) -> Option<u32> {
    let digits = escape.strip_prefix("\\u")?.get(..4)?;
    let plain = digits.bytes().all(|b| b.is_ascii_hexdigit());
    plain.then(|| u32::from_str_radix(digits, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_surrogate_pair_is_a_control_character() {
        for literal in [r#""Ab4!xyz\ud800""#, r#""Ab4!xyz\udc00""#, r#""Ab4!xyz\ud800\ud800""#] {
            let codes = crate::password::check(
                &from_json_literal(literal).unwrap(),
                &crate::password::Context::default(),
            );
            assert_eq!(codes, [crate::password::Reason::ControlChar], "{literal}");
        }
        assert_eq!(from_json_literal(r#""\ud83d\ude00\\ud800\n""#).as_deref(), Some("😀\\ud800\n"));
        assert_eq!(from_json_literal(r#""\\\ud800""#).as_deref(), Some("\\\0"));
        for literal in ["", "x", "\"", "\"\\", r#""\u12"#, "\"\\é\"", "1"] {
            assert_eq!(from_json_literal(literal), None, "{literal}");
        }
    }
}
