//! UUIDs, mail addresses, hashes, media types.

/// A UUID in its standard form; every variant (Data 2.4.1: the example of 2.4 is none of RFC 4122's).
pub fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(n, b)| match n {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

/// `mailto:` and an address.
pub fn is_mailto(text: &str) -> bool {
    let Some((local, domain)) = text.strip_prefix("mailto:").and_then(|a| a.rsplit_once('@')) else {
        return false;
    };
    let is_plain = |c: char| !c.is_whitespace() && !c.is_control() && !"<>()[],;:\\\"".contains(c);
    let is_label = |l: &str| !l.is_empty() && !l.starts_with('-') && !l.ends_with('-');
    !local.is_empty()
        && !local.contains('@')
        && local.chars().all(is_plain)
        && domain.chars().all(is_plain)
        && domain.split('.').all(is_label)
}

/// A SHA-1 in hexadecimal digits.
pub fn is_sha1(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// A hash of the SHA-2 family in hexadecimal digits.
pub fn is_sha2(text: &str) -> bool {
    matches!(text.len(), 56 | 64 | 96 | 128) && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// A media type of RFC 2046: type, slash, subtype, parameters.
pub fn is_media_type(text: &str) -> bool {
    let essence = text.split(';').next().unwrap_or("").trim();
    let is_token = |t: &str| {
        !t.is_empty() && t.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&^_.+-*'`|~%".contains(&b))
    };
    essence.split_once('/').is_some_and(|(kind, sub)| is_token(kind) && is_token(sub))
        && !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_format_has_its_limits() {
        assert!(
            is_uuid("12345678-1234-5678-1234-567812345678")
                && is_uuid("AA97B177-9383-4934-8543-0F91A7A02836")
        );
        for bad in [
            "",
            "AA97B177-9383-4934-8543-0F91A7A028368",
            "MA97B177-9383-4934-8543-0F91A7A02836",
            "aa97b177938349348543-0f91a7a02836----",
            "{a97b177-9383-4934-8543-0f91a7a0283}",
        ] {
            assert!(!is_uuid(bad), "{bad}");
        }
        assert!(is_mailto("mailto:a.b+c@example.org") && is_mailto("mailto:王@例子.中国"));
        for bad in [
            "",
            "a@b.c",
            "mailto:",
            "mailto:a",
            "mailto:@b.c",
            "mailto:a@",
            "mailto:a b@c.d",
            "MAILTO:a@b.c",
            "mailto:a@b@c",
            "mailto:a@b..c",
            "mailto:should.fail.com",
        ] {
            assert!(!is_mailto(bad), "{bad}");
        }
        assert!(is_media_type("text/plain; charset=ascii") && is_media_type("application/vnd.x+json"));
        assert!(
            !is_media_type("should fail")
                && !is_media_type("text")
                && !is_media_type("/a")
                && !is_media_type("a/")
        );
        assert!(
            is_sha2(&"a".repeat(64))
                && is_sha2(&"A".repeat(96))
                && !is_sha2(&"g".repeat(64))
                && !is_sha2("12345")
        );
        assert!(is_sha1(&"0".repeat(40)) && !is_sha1(&"0".repeat(39)));
    }
}
