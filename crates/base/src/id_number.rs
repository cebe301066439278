//! Citizen ID numbers of GB 11643-1999.
use crate::{Day, Gender};

/// An 18-character ID number whose check character and birth date hold.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct IdNumber(String);

/// What is wrong with an ID number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdNumberFault {
    /// Not 17 digits and a digit or X.
    Form,
    /// The birth date is no date.
    Birth,
    /// The last character does not fit the others.
    Check,
}

const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECK: [char; 11] = ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'];

/// The check character of seventeen digits (GB 11643, ISO 7064 MOD 11-2); `None` for anything else.
pub fn check_character(body: &str) -> Option<char> {
    let digits: Vec<u32> = body.chars().map(|c| c.to_digit(10)).collect::<Option<_>>()?;
    let sum: u32 = digits.iter().zip(WEIGHTS).map(|(d, w)| d * w).sum();
    CHECK.get((sum % 11) as usize).copied().filter(|_| digits.len() == 17)
}

impl IdNumber {
    /// Reads a number: full-width folded, `x` made `X`, spaces dropped, check character and birth date verified.
    pub fn parse(text: &str) -> Result<Self, IdNumberFault> {
        let s: String = text
            .chars()
            .map(crate::person::half_width)
            .filter(|c| !c.is_whitespace())
            .map(|c| c.to_ascii_uppercase())
            .collect();
        let (body, last) = s.split_at_checked(17).ok_or(IdNumberFault::Form)?;
        let last_ok = last.len() == 1 && last.chars().all(|c| c.is_ascii_digit() || c == 'X');
        let expected = check_character(body).filter(|_| last_ok).ok_or(IdNumberFault::Form)?;
        let number = Self(s.clone());
        if number.birth().is_none() {
            return Err(IdNumberFault::Birth);
        }
        if last.starts_with(expected) { Ok(number) } else { Err(IdNumberFault::Check) }
    }

    fn birth(&self) -> Option<Day> {
        let part = |range| self.0.get(range).and_then(|s: &str| s.parse::<i16>().ok());
        let (year, month, day) = (part(6..10)?, part(10..12)?, part(12..14)?);
        let date = Day::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
        (year >= 1900).then_some(date)
    }

    /// The birth date that the number carries.
    pub fn birth_date(&self) -> Day {
        self.birth().unwrap_or(jiff::civil::date(1900, 1, 1))
    }

    /// The gender that the number carries: an odd 17th digit is a man's.
    pub fn gender(&self) -> Gender {
        let odd = self.0.as_bytes().get(16).is_some_and(|b| (b - b'0') % 2 == 1);
        if odd { Gender::Male } else { Gender::Female }
    }

    /// The eighteen characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `430***********4639`: the first three and the last four characters (domain §9).
    pub fn masked(&self) -> String {
        format!("{}***********{}", self.0.get(..3).unwrap_or(""), self.0.get(14..).unwrap_or(""))
    }
}

/// Never the number itself: debug output ends up in logs.
impl std::fmt::Debug for IdNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.masked())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_character_birth_date_and_gender_are_read() {
        let number = IdNumber::parse("430199198510274639");
        let valid = IdNumber::parse("11010519491231002x").unwrap();
        assert_eq!(valid.as_str(), "11010519491231002X");
        assert_eq!(valid.masked(), "110***********002X");
        assert_eq!(valid.gender(), Gender::Female);
        assert_eq!(valid.birth_date(), jiff::civil::date(1949, 12, 31));
        assert!(number.is_ok() || number == Err(IdNumberFault::Check));
        assert_eq!(IdNumber::parse("110105194912310021"), Err(IdNumberFault::Check));
        assert_eq!(IdNumber::parse("110105194913310020"), Err(IdNumberFault::Birth));
        assert_eq!(IdNumber::parse("12345"), Err(IdNumberFault::Form));
        assert_eq!(IdNumber::parse("１１０１０５１９４９１２３１００２Ｘ").unwrap(), valid);
    }
}
