//! Certificate numbers (domain §9): province, year, nine random digits, an ISO 7064 MOD 11-10 check digit over all
//! fifteen before it. Written with dashes, read with or without.
use std::fmt;

use base::{Random, Year, random};

/// A number whose check digit holds: `43-2023-582301947-9`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Number(String);

impl Number {
    /// A new number; the nine digits are random, so numbers cannot be counted up.
    pub fn draw(province: &str, year: Year, source: &dyn Random) -> Self {
        let body = format!("{province:0>2}{year}{}", random::digits(source, 9));
        let check = check_digit(&body);
        Self(format!("{body}{check}"))
    }

    /// Reads a number as typed or scanned; `None` when it is none, a wrong check digit included.
    pub fn parse(text: &str) -> Option<Self> {
        let folded = text.chars().map(base::person::half_width);
        let digits: String = folded.filter(|c| !c.is_whitespace() && *c != '-').collect();
        let (body, last) = digits.split_at_checked(15)?;
        let is_plain = digits.len() == 16 && digits.bytes().all(|b| b.is_ascii_digit());
        (is_plain && last == check_digit(body).to_string()).then_some(Self(digits))
    }

    /// Without dashes, as QR codes carry it.
    pub fn compact(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = |range| self.0.get(range).unwrap_or("");
        write!(f, "{}-{}-{}-{}", part(0..2), part(2..6), part(6..15), part(15..16))
    }
}

/// ISO 7064, hybrid system MOD 11,10.
fn check_digit(body: &str) -> u32 {
    let product = body.chars().filter_map(|c| c.to_digit(10)).fold(10, |product, digit| {
        let sum = match (product + digit) % 10 {
            0 => 10,
            sum => sum,
        };
        sum * 2 % 11
    });
    (11 - product) % 10
}

#[cfg(test)]
mod tests {
    use base::SystemRandom;

    use super::*;

    #[test]
    fn the_standards_example_and_the_domains_hold() {
        // ISO 7064's own example for MOD 11,10: 0794 has the check digit 5.
        assert_eq!(check_digit("0794"), 5);
        let number = Number::parse("43-2023-582301947-9");
        assert_eq!(number.map(|n| n.to_string()).as_deref(), Some("43-2023-582301947-9"));
    }

    #[test]
    fn one_wrong_digit_is_no_number() {
        let number = Number::draw("43", Year::new(2023).unwrap(), &SystemRandom);
        assert_eq!(Number::parse(number.compact()), Some(number.clone()));
        let digits: Vec<char> = number.compact().chars().collect();
        for place in 0..16 {
            for other in '0'..='9' {
                let mut changed = digits.clone();
                changed[place] = other;
                let text: String = changed.iter().collect();
                assert_eq!(Number::parse(&text).is_some(), other == digits[place], "{text}");
            }
        }
    }
}
