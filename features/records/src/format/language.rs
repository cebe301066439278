//! Language tags of RFC 5646, and the choice of one language for a reader.

/// Tags that RFC 5646 keeps although they do not follow its grammar.
const IRREGULAR: &[&str] = &[
    "en-gb-oed",
    "i-ami",
    "i-bnn",
    "i-default",
    "i-enochian",
    "i-hak",
    "i-klingon",
    "i-lux",
    "i-mingo",
    "i-navajo",
    "i-pwn",
    "i-tao",
    "i-tay",
    "i-tsu",
    "sgn-be-fr",
    "sgn-be-nl",
    "sgn-ch-de",
];

/// Whether the text is a well-formed language tag: the grammar, no variant and no extension twice.
pub fn is_language(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    if IRREGULAR.contains(&lower.as_str()) {
        return true;
    }
    let parts: Vec<&str> = lower.split('-').collect();
    if parts.iter().any(|p| p.is_empty() || p.len() > 8 || !p.bytes().all(|b| b.is_ascii_alphanumeric())) {
        return false;
    }
    let mut rest = parts.as_slice();
    if rest.first() == Some(&"x") {
        return rest.len() > 1;
    }
    take_language(&mut rest)
        && {
            take(&mut rest, |p| p.len() == 4 && is_alpha(p));
            take(&mut rest, |p| (p.len() == 2 && is_alpha(p)) || (p.len() == 3 && is_digits(p)));
            take_variants(&mut rest)
        }
        && take_extensions(&mut rest)
        && (rest.is_empty() || (rest.first() == Some(&"x") && rest.len() > 1))
}

fn is_alpha(part: &str) -> bool {
    part.bytes().all(|b| b.is_ascii_alphabetic())
}

fn is_digits(part: &str) -> bool {
    part.bytes().all(|b| b.is_ascii_digit())
}

/// Takes the next part if it fits.
fn take<'t>(rest: &mut &[&'t str], fits: impl Fn(&str) -> bool) -> Option<&'t str> {
    let (first, others) = rest.split_first()?;
    if !fits(first) {
        return None;
    }
    *rest = others;
    Some(first)
}

fn take_language(rest: &mut &[&str]) -> bool {
    let Some(language) = take(rest, |p| (2..=8).contains(&p.len()) && is_alpha(p)) else { return false };
    if language.len() <= 3 {
        for _ in 0..3 {
            take(rest, |p| p.len() == 3 && is_alpha(p));
        }
    }
    true
}

fn take_variants(rest: &mut &[&str]) -> bool {
    let is_variant = |p: &str| p.len() >= 5 || (p.len() == 4 && p.starts_with(|c: char| c.is_ascii_digit()));
    let mut seen = vec![];
    while let Some(variant) = take(rest, is_variant) {
        if seen.contains(&variant) {
            return false;
        }
        seen.push(variant);
    }
    true
}

fn take_extensions(rest: &mut &[&str]) -> bool {
    let mut seen = vec![];
    while let Some(singleton) = take(rest, |p| p.len() == 1 && p != "x") {
        if seen.contains(&singleton) || take(rest, |p| p.len() >= 2).is_none() {
            return false;
        }
        while take(rest, |p| p.len() >= 2).is_some() {}
        seen.push(singleton);
    }
    true
}

/// The ranges of an `Accept-Language` header, the most wanted first; those with `q=0` are left out.
pub fn ranges(header: &str) -> Vec<String> {
    let read = |part: &str| {
        let mut fields = part.split(';').map(str::trim);
        let range = fields.next().unwrap_or("").to_ascii_lowercase();
        let quality =
            fields.find_map(|f| f.strip_prefix("q=")).map_or(Some(1.0), |q| q.trim().parse::<f64>().ok());
        quality.filter(|q| *q > 0.0 && !range.is_empty()).map(|q| (range, q))
    };
    let mut found: Vec<(String, f64)> = header.split(',').filter_map(read).collect();
    found.sort_by(|a, b| b.1.total_cmp(&a.1));
    found.into_iter().map(|(range, _)| range).collect()
}

/// Which of the tags suits the ranges best (RFC 2616 14.4: equal, or a prefix before a hyphen); the first where none does.
pub fn pick<'t>(tags: &[&'t str], ranges: &[String]) -> Option<&'t str> {
    let fits = |tag: &str, range: &str| {
        let tag = tag.to_ascii_lowercase();
        range == "*" || tag == range || tag.strip_prefix(range).is_some_and(|rest| rest.starts_with('-'))
    };
    let exact = |range: &String| tags.iter().find(|t| t.eq_ignore_ascii_case(range));
    let near = |range: &String| tags.iter().find(|t| fits(t, range));
    // A reader of `en-GB` would rather read `en`, or any English, than something else (RFC 4647 3.4).
    let wide = |range: &String| {
        let language = range.split('-').next().unwrap_or("");
        tags.iter().find(|t| fits(t, language))
    };
    ranges
        .iter()
        .find_map(|r| exact(r).or_else(|| near(r)))
        .or_else(|| ranges.iter().find_map(wide))
        .or_else(|| tags.first())
        .copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_follow_the_grammar() {
        for good in [
            "en",
            "en-US",
            "de-DE",
            "cmn",
            "zh-Hant",
            "zh-Hans-CN",
            "sr-Latn-RS",
            "es-419",
            "sl-rozaj-biske",
            "de-1996",
            "de-DE-u-co-phonebk",
            "x-private",
            "en-x-mine",
            "i-klingon",
            "en-GB-oed",
            "zh-cmn-Hans-CN",
            "ase",
            "sr-Cyrl",
        ] {
            assert!(is_language(good), "{good}");
        }
        for bad in [
            "",
            "a12345",
            "something",
            "a",
            "en-",
            "-en",
            "en_US",
            "de-419-DE",
            "zh-z-aaa-z-bbb-c-ccc",
            "en-a",
            "x",
            "12",
            "de-1996-1996",
            "should fail",
            "en--US",
            "und-",
            "en-US-USA",
        ] {
            assert!(!is_language(bad), "{bad}");
        }
    }

    #[test]
    fn one_language_is_chosen() {
        let tags = ["en-US", "en-GB", "zh-CN"];
        for (header, chosen) in [
            ("en-GB", "en-GB"),
            ("zh;q=0.5, en;q=0.9", "en-US"),
            ("en-AU", "en-US"),
            ("fr", "en-US"),
            ("", "en-US"),
            ("fr;q=1, zh-CN;q=0.2", "zh-CN"),
            ("en;q=0, zh", "zh-CN"),
            ("*", "en-US"),
            ("zh-TW, en-GB;q=0.1", "en-GB"),
        ] {
            assert_eq!(pick(&tags, &ranges(header)), Some(chosen), "{header}");
        }
        assert_eq!(pick(&[], &ranges("en")), None);
    }
}
