//! Identity papers: the resident identity card, and what people without one show.
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Day, Gender, IdNumber, id_number::IdNumberFault, person::Code};

/// 证件类型.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaperKind {
    /// 居民身份证
    #[default]
    ResidentId,
    /// 港澳台居民居住证
    ResidencePermit,
    /// 外国人永久居留身份证
    ForeignPermit,
    /// 护照
    Passport,
}

impl Code for PaperKind {}

/// A paper with its number, which fits its kind.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Paper {
    kind: PaperKind,
    number: String,
}

impl Paper {
    /// Reads a number of that kind: half-width, upper case, without spaces; whatever has a check character is checked.
    pub fn parse(kind: PaperKind, text: &str) -> Result<Self, IdNumberFault> {
        let number = folded(text);
        match kind {
            PaperKind::ResidentId => IdNumber::parse(&number).map(|_| ())?,
            PaperKind::ResidencePermit => checked(&number, &["81", "82", "83"])?,
            PaperKind::ForeignPermit if number.len() == 18 => checked(&number, &["9"])?,
            PaperKind::ForeignPermit => old_permit(&number)?,
            PaperKind::Passport => passport(&number)?,
        }
        Ok(Self { kind, number })
    }

    /// Reads a number whose kind nobody stated: what begins like a permit is one, all else a resident identity card.
    pub fn guess(text: &str) -> Result<Self, IdNumberFault> {
        let number = folded(text);
        let kind = match (number.len(), number.as_bytes()) {
            (18, [b'8', b'1'..=b'3', ..]) => PaperKind::ResidencePermit,
            (18, [b'9', ..]) => PaperKind::ForeignPermit,
            _ => PaperKind::ResidentId,
        };
        Self::parse(kind, text)
    }

    /// Reads what someone typed who may mean any paper.
    pub fn any(text: &str) -> Option<Self> {
        let others = [PaperKind::ForeignPermit, PaperKind::Passport];
        Self::guess(text).ok().or_else(|| others.into_iter().find_map(|k| Self::parse(k, text).ok()))
    }

    /// The kind.
    pub fn kind(&self) -> PaperKind {
        self.kind
    }

    /// The number as it is compared and sealed.
    pub fn number(&self) -> &str {
        &self.number
    }

    /// Gender and birth date, where the number carries them.
    pub fn carries(&self) -> Option<(Gender, Day)> {
        IdNumber::parse(&self.number).ok().map(|n| (n.gender(), n.birth_date()))
    }

    /// First three and last four characters; of a short number the first and the last two (domain §9).
    pub fn masked(&self) -> String {
        let n = &self.number;
        let (head, tail) = if n.len() >= 15 { (3, 4) } else { (1, 2) };
        let stars = n.len().saturating_sub(head + tail);
        let (front, back) =
            (n.get(..head).unwrap_or(""), n.get(n.len().saturating_sub(tail)..).unwrap_or(""));
        format!("{front}{}{back}", "*".repeat(stars))
    }
}

/// Never the number itself: debug output ends up in logs.
impl std::fmt::Debug for Paper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.masked())
    }
}

fn folded(text: &str) -> String {
    let half = text.chars().map(crate::person::half_width);
    half.filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_uppercase()).collect()
}

fn checked(number: &str, prefixes: &[&str]) -> Result<(), IdNumberFault> {
    if !prefixes.iter().any(|p| number.starts_with(p)) {
        return Err(IdNumberFault::Form);
    }
    IdNumber::parse(number).map(|_| ())
}

/// The permit before 2023: three letters of the country and twelve digits.
fn old_permit(number: &str) -> Result<(), IdNumberFault> {
    let (letters, digits) = number.split_at_checked(3).ok_or(IdNumberFault::Form)?;
    let fits = letters.bytes().all(|b| b.is_ascii_uppercase())
        && digits.len() == 12
        && digits.bytes().all(|b| b.is_ascii_digit());
    if fits { Ok(()) } else { Err(IdNumberFault::Form) }
}

fn passport(number: &str) -> Result<(), IdNumberFault> {
    let fits = (5..=17).contains(&number.len())
        && number.bytes().all(|b| b.is_ascii_alphanumeric())
        && number.bytes().any(|b| b.is_ascii_digit());
    if fits { Ok(()) } else { Err(IdNumberFault::Form) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_check(body: &str) -> String {
        format!("{body}{}", crate::id_number::check_character(body).unwrap())
    }

    #[test]
    fn each_kind_has_its_form() {
        let resident = with_check("11010519491231002");
        assert_eq!(Paper::guess(&resident).unwrap().kind(), PaperKind::ResidentId);
        let hong_kong = with_check("81000019800501001");
        let permit = Paper::guess(&hong_kong).unwrap();
        assert_eq!(permit.kind(), PaperKind::ResidencePermit);
        assert_eq!(permit.carries(), Some((Gender::Male, jiff::civil::date(1980, 5, 1))));
        assert_eq!(Paper::parse(PaperKind::ResidencePermit, &resident), Err(IdNumberFault::Form));
        assert!(Paper::parse(PaperKind::ForeignPermit, "usa110180050112").is_ok());
        let passport = Paper::parse(PaperKind::Passport, " ｅ1234 5678 ").unwrap();
        assert_eq!((passport.number(), passport.masked().as_str()), ("E12345678", "E******78"));
        assert_eq!(passport.carries(), None);
        assert_eq!(Paper::parse(PaperKind::Passport, "护照123"), Err(IdNumberFault::Form));
        assert_eq!(
            Paper::guess(&resident).unwrap().masked(),
            "110***********002X".replace("002X", &resident[14..])
        );
    }
}
