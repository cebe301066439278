//! Fixed-point text: the one reader and the two writers of numbers with two decimals.

/// Reads a decimal with at most two decimals into hundredths; `None` for anything else (signs other than a leading
/// `-`, exponents, spaces, a third decimal, or a value beyond 10¹⁵).
pub fn parse(text: &str) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    if !plain(whole) || !plain(fraction) || fraction.len() > 2 || whole.len() > 13 {
        return None;
    }
    let fraction: i64 = match fraction.len() {
        1 => fraction.parse::<i64>().ok()? * 10,
        _ => fraction.parse().ok()?,
    };
    let value = whole.parse::<i64>().ok()? * 100 + fraction;
    Some(if negative { -value } else { value })
}

/// Writes hundredths without needless zeros: `3000` is `30`, `10` is `0.1`, `8991` is `89.91`.
pub fn short(value: i64, out: &mut impl std::fmt::Write) -> std::fmt::Result {
    let (sign, v) = (if value < 0 { "-" } else { "" }, value.unsigned_abs());
    match (v / 100, v % 100) {
        (whole, 0) => write!(out, "{sign}{whole}"),
        (whole, f) if f % 10 == 0 => write!(out, "{sign}{whole}.{}", f / 10),
        (whole, f) => write!(out, "{sign}{whole}.{f:02}"),
    }
}

/// Writes hundredths with both decimals, as money is written: `14400` is `144.00`.
pub fn full(value: i64, out: &mut impl std::fmt::Write) -> std::fmt::Result {
    let (sign, v) = (if value < 0 { "-" } else { "" }, value.unsigned_abs());
    write!(out, "{sign}{}.{:02}", v / 100, v % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_only_plain_decimals_of_two_places() {
        for (text, value) in
            [("0", 0), ("30", 3000), ("0.1", 10), ("21.6", 2160), ("-1.05", -105), ("0.00", 0)]
        {
            assert_eq!(parse(text), Some(value), "{text}");
        }
        for text in ["", ".5", "5.", "1.234", "1e2", "+1", " 1", "1 ", "１", "--1", "99999999999999"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
