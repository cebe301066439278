//! Mainland mobile numbers.

/// A mainland mobile number: 11 digits, `1` and a second digit from 3 to 9.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Phone(String);

impl Phone {
    /// Reads a number as people write it: spaces and dashes dropped, full-width digits folded, `+86`/`0086` removed.
    pub fn parse(text: &str) -> Option<Self> {
        let folded: String =
            text.chars().map(crate::person::half_width).filter(|c| !" -\u{3000}".contains(*c)).collect();
        let digits = folded.strip_prefix("+86").or_else(|| folded.strip_prefix("0086")).unwrap_or(&folded);
        let mut bytes = digits.bytes();
        let valid = digits.len() == 11
            && bytes.all(|b| b.is_ascii_digit())
            && digits.starts_with('1')
            && digits.as_bytes().get(1).is_some_and(|b| *b >= b'3');
        valid.then(|| Self(digits.to_owned()))
    }

    /// The eleven digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `154****2648`: the first three and the last four digits.
    pub fn masked(&self) -> String {
        format!("{}****{}", self.0.get(..3).unwrap_or(""), self.0.get(7..).unwrap_or(""))
    }
}

/// Never the number itself: debug output ends up in logs.
impl std::fmt::Debug for Phone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.masked())
    }
}
