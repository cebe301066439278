//! The password rules (notice 三.5; manual 情况1–3): every code that applies, in the order people are shown them.
mod literal;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

pub use literal::from_json_literal;

/// Common passwords, folded, one a line.
const COMMON: &str = include_str!("../../data/common-passwords.txt");

const SHORTEST: usize = 8;
const LONGEST: usize = 128;
const SHORTEST_ACCOUNT: usize = 4;

/// Why a password is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// It holds a sign that nobody sees or that turns the text around.
    ControlChar,
    /// More than 128 code points.
    TooLong,
    /// Fewer than 8 code points.
    TooShort,
    /// No `0`–`9`.
    NoDigit,
    /// No `A`–`Z`.
    NoUpper,
    /// No `a`–`z`.
    NoLower,
    /// No ASCII punctuation.
    NoSpecial,
    /// Three neighbouring digits that count up or down.
    DigitRun,
    /// Three equal neighbouring digits.
    DigitRepeat,
    /// It contains the account name, the phone number or the end of the ID number.
    ContainsAccount,
    /// It is on the list of common passwords.
    Common,
}

impl base::person::Code for Reason {}

impl Reason {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::ControlChar => "control_char",
            Self::TooLong => "too_long",
            Self::TooShort => "too_short",
            Self::NoDigit => "no_digit",
            Self::NoUpper => "no_upper",
            Self::NoLower => "no_lower",
            Self::NoSpecial => "no_special",
            Self::DigitRun => "digit_run",
            Self::DigitRepeat => "digit_repeat",
            Self::ContainsAccount => "contains_account",
            Self::Common => "common",
        }
    }
}

/// Whose password it is; parts that are unknown are left out.
#[derive(Clone, Copy, Debug, Default)]
pub struct Context<'a> {
    /// The account name.
    pub account: Option<&'a str>,
    /// The bound phone number.
    pub phone: Option<&'a str>,
    /// The ID number.
    pub id_number: Option<&'a str>,
    /// The person's name in pinyin, written together.
    pub name_pinyin: Option<&'a str>,
}

/// What is hashed, and what the rules look at: NFC of the input, nothing trimmed, no case changed.
pub fn normalize(password: &str) -> String {
    password.nfc().collect()
}

/// All reasons against a password; none means that it is good.
pub fn check(password: &str, context: &Context<'_>) -> Vec<Reason> {
    let p = normalize(password);
    let f = fold(&p);
    let length = p.chars().count();
    let has = |class: fn(&char) -> bool| p.chars().any(|c| class(&c));
    [
        (Reason::ControlChar, p.chars().any(is_control)),
        (Reason::TooLong, length > LONGEST),
        (Reason::TooShort, length < SHORTEST),
        (Reason::NoDigit, !has(char::is_ascii_digit)),
        (Reason::NoUpper, !has(char::is_ascii_uppercase)),
        (Reason::NoLower, !has(char::is_ascii_lowercase)),
        (Reason::NoSpecial, !has(char::is_ascii_punctuation)),
        (Reason::DigitRun, has_three(&f, |a, b, c| a + 1 == b && b + 1 == c || a == b + 1 && b == c + 1)),
        (Reason::DigitRepeat, has_three(&f, |a, b, c| a == b && b == c)),
        (Reason::ContainsAccount, contains_account(&f, context)),
        (Reason::Common, COMMON.lines().any(|common| common == f)),
    ]
    .into_iter()
    .filter_map(|(reason, applies)| applies.then_some(reason))
    .collect()
}

/// Full-width forms become half-width and upper case lower, so that neither hides a run, a name or a common password.
fn fold(text: &str) -> String {
    text.chars().map(|c| base::person::half_width(c).to_ascii_lowercase()).collect()
}

fn is_control(c: char) -> bool {
    matches!(c,
        '\0'..='\u{1F}' | '\u{7F}'..='\u{9F}' | '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}'
        | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
        | '\u{E0000}'..='\u{E007F}')
}

/// Whether three neighbouring digits are so: anything between two digits ends the run, and 9 and 0 are no neighbours.
fn has_three(folded: &str, so: impl Fn(u8, u8, u8) -> bool) -> bool {
    folded.as_bytes().windows(3).any(|three| match three {
        [a, b, c] => three.iter().all(u8::is_ascii_digit) && so(*a, *b, *c),
        _ => false,
    })
}

fn contains_account(folded: &str, context: &Context<'_>) -> bool {
    let long = |word: &String| word.chars().count() >= SHORTEST_ACCOUNT;
    let account = context.account.map(fold).filter(long);
    let name = context.name_pinyin.map(fold).filter(long);
    let phone = context.phone.map(fold);
    let id_end = context.id_number.map(fold).map(|id| {
        let skip = id.chars().count().saturating_sub(6);
        id.chars().skip(skip).collect::<String>()
    });
    [account, name, phone, id_end]
        .into_iter()
        .flatten()
        .any(|part| !part.is_empty() && folded.contains(&part))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTEXT: Context<'_> = Context {
        account: Some("wangfang07"),
        phone: Some("15475802648"),
        id_number: Some("430199198510274639"),
        name_pinyin: None,
    };

    fn codes(password: &str) -> Vec<&'static str> {
        check(password, &CONTEXT).into_iter().map(Reason::code).collect()
    }

    #[test]
    fn a_name_in_pinyin_is_refused_whatever_its_case() {
        let context = Context { name_pinyin: Some("wangfang"), ..Context::default() };
        assert_eq!(check("WangFang@29", &context), [Reason::ContainsAccount]);
        assert!(check("WangJun@29", &context).is_empty());
    }

    #[test]
    fn item_18_the_published_vectors_agree() {
        let mut rows = 0;
        for row in include_str!("../../tests/cases/password.tsv").lines().filter(|l| !l.starts_with('#')) {
            let columns: Vec<_> = row.split('\t').collect();
            let password: String = serde_json::from_str(columns[0]).unwrap();
            let found = codes(&password);
            let expected: Vec<_> = columns[3].split(',').filter(|c| *c != "-").collect();
            assert_eq!(found, expected, "{row}");
            assert_eq!(found.first().copied().unwrap_or("-"), columns[2], "{row}");
            assert_eq!(found.is_empty(), columns[1] == "ok", "{row}");
            rows += 1;
        }
        assert!(rows > 150);
    }

    #[test]
    fn nine_and_zero_are_no_neighbours() {
        for password in ["Aa!!!890", "Aa!!!901", "Aa!!!098", "Aa!!!109", "Aa!1-2-3", "Aa!1a2b3"] {
            assert_eq!(codes(password), Vec::<&str>::new(), "{password}");
        }
    }

    #[test]
    fn full_width_digits_hide_no_run_and_count_for_no_class() {
        assert_eq!(codes("Aab!xyz１２３"), ["no_digit", "digit_run"]);
    }

    #[test]
    fn unknown_parts_of_the_context_match_nothing() {
        assert!(
            check("Aa1!aaaa", &Context { account: Some("aa1"), phone: Some(""), ..Context::default() })
                .is_empty()
        );
    }

    #[test]
    fn codes_are_the_serde_names() {
        use base::person::Code;
        for code in ["control_char", "too_long", "no_special", "digit_repeat", "contains_account", "common"] {
            assert_eq!(Reason::from_code(code).map(Reason::code), Some(code));
        }
    }
}
