//! JSON as it was sent: the order of keys and the digits of numbers stay, and a key given twice is refused.
use std::{borrow::Cow, collections::HashSet, fmt};

/// Deeper nesting is refused, so that no document exhausts the stack.
const DEEPEST: usize = 96;
/// Up to so many members are compared pairwise; more go through a set.
const FEW: usize = 12;

/// A JSON value; texts borrow from what was read where nothing was escaped.
#[derive(Clone, Debug, PartialEq)]
pub enum Json<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, with the digits that were sent.
    Number(Cow<'a, str>),
    /// A string.
    Text(Cow<'a, str>),
    /// An array.
    List(Vec<Json<'a>>),
    /// An object, in the order of its keys.
    Object(Members<'a>),
}

/// The members of an object in their order.
pub type Members<'a> = Vec<(Cow<'a, str>, Json<'a>)>;

/// Why a text is no JSON that is taken here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonError {
    /// The byte where reading stopped.
    pub at: usize,
    /// What is wrong there.
    pub what: String,
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.what, self.at)
    }
}

impl<'a> Json<'a> {
    /// A text.
    pub fn from_text(text: impl Into<Cow<'a, str>>) -> Self {
        Self::Text(text.into())
    }

    /// An object of these members.
    pub fn object<const N: usize>(members: [(&'a str, Self); N]) -> Self {
        Self::Object(members.into_iter().map(|(k, v)| (Cow::Borrowed(k), v)).collect())
    }

    /// The member of that name.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.members().iter().find(|(k, _)| k == key).map(|(_, v)| v)
    }

    /// The string in the member of that name.
    pub fn text_of(&self, key: &str) -> Option<&str> {
        self.get(key).and_then(Self::as_text)
    }

    /// The string.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::List(_) | Self::Object(_) => None,
        }
    }

    /// The number.
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Self::Number(digits) => digits.parse().ok(),
            Self::Null | Self::Bool(_) | Self::Text(_) | Self::List(_) | Self::Object(_) => None,
        }
    }

    /// The members; none where it is no object.
    pub fn members(&self) -> &[(Cow<'a, str>, Self)] {
        match self {
            Self::Object(members) => members,
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::Text(_) | Self::List(_) => &[],
        }
    }

    /// The items; none where it is no array.
    pub fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::Text(_) | Self::Object(_) => &[],
        }
    }

    /// Puts a member in the place of one of that name, or at the end.
    pub fn put(&mut self, key: &'a str, value: Self) {
        if let Self::Object(members) = self {
            match members.iter_mut().find(|(k, _)| k == key) {
                Some((_, held)) => *held = value,
                None => members.push((Cow::Borrowed(key), value)),
            }
        }
    }

    /// Takes members away.
    pub fn remove(&mut self, keys: &[&str]) {
        if let Self::Object(members) = self {
            members.retain(|(k, _)| !keys.contains(&k.as_ref()));
        }
    }

    /// Appends its text.
    pub fn write(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Number(digits) => out.push_str(digits),
            Self::Text(text) => write_text(text, out),
            Self::List(items) => {
                out.push('[');
                for (n, item) in items.iter().enumerate() {
                    if n > 0 {
                        out.push(',');
                    }
                    item.write(out);
                }
                out.push(']');
            }
            Self::Object(members) => {
                out.push('{');
                for (n, (key, value)) in members.iter().enumerate() {
                    if n > 0 {
                        out.push(',');
                    }
                    write_text(key, out);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }
}

impl fmt::Display for Json<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = String::new();
        self.write(&mut out);
        f.write_str(&out)
    }
}

/// Appends a string with its quotes.
pub(crate) fn write_text(text: &str, out: &mut String) {
    out.push('"');
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        let escape = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0..0x20 => "",
            _ => continue,
        };
        out.push_str(text.get(from..at).unwrap_or_default());
        if escape.is_empty() {
            out.push_str("\\u00");
            out.push(if byte < 16 { '0' } else { '1' });
            out.push(char::from_digit(u32::from(byte & 15), 16).unwrap_or('0'));
        } else {
            out.push_str(escape);
        }
        from = at + 1;
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out.push('"');
}

/// Reads a whole text.
pub fn parse(text: &str) -> Result<Json<'_>, JsonError> {
    let mut reader = Reader { text, at: 0 };
    reader.space();
    let value = reader.value(0)?;
    reader.space();
    if reader.at < text.len() { Err(reader.stop("something follows the JSON value")) } else { Ok(value) }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn stop(&self, what: impl Into<String>) -> JsonError {
        JsonError { at: self.at, what: what.into() }
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn value(&mut self, depth: usize) -> Result<Json<'a>, JsonError> {
        if depth > DEEPEST {
            return Err(self.stop("nested too deeply"));
        }
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.list(depth),
            Some(b'"') => self.string().map(Json::Text),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Json::Bool(true)),
            Some(b'f') => self.word("false", Json::Bool(false)),
            Some(b'n') => self.word("null", Json::Null),
            Some(_) => Err(self.stop("no JSON value")),
            None => Err(self.stop("the JSON ends too early")),
        }
    }

    fn word(&mut self, word: &str, value: Json<'a>) -> Result<Json<'a>, JsonError> {
        if !self.text.get(self.at..).is_some_and(|rest| rest.starts_with(word)) {
            return Err(self.stop("no JSON value"));
        }
        self.at += word.len();
        Ok(value)
    }

    fn list(&mut self, depth: usize) -> Result<Json<'a>, JsonError> {
        let mut items = vec![];
        self.at += 1;
        self.space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Json::List(items));
        }
        loop {
            self.space();
            items.push(self.value(depth + 1)?);
            self.space();
            if self.closes(b']')? {
                return Ok(Json::List(items));
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Json<'a>, JsonError> {
        let mut members: Members<'a> = vec![];
        let mut seen: HashSet<Cow<'a, str>> = HashSet::new();
        self.at += 1;
        self.space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Json::Object(members));
        }
        loop {
            self.space();
            if self.peek() != Some(b'"') {
                return Err(self.stop("a key is expected"));
            }
            let key = self.string()?;
            if is_repeated(&key, &members, &mut seen) {
                return Err(self.stop(format!("the key {key:?} is given twice")));
            }
            self.space();
            if self.peek() != Some(b':') {
                return Err(self.stop("a colon is expected"));
            }
            self.at += 1;
            self.space();
            members.push((key, self.value(depth + 1)?));
            self.space();
            if self.closes(b'}')? {
                return Ok(Json::Object(members));
            }
        }
    }

    /// Whether the bracket closes here; else a comma must lead on.
    fn closes(&mut self, bracket: u8) -> Result<bool, JsonError> {
        match self.peek() {
            Some(b',') => {
                self.at += 1;
                Ok(false)
            }
            Some(found) if found == bracket => {
                self.at += 1;
                Ok(true)
            }
            Some(_) | None => Err(self.stop("a comma or a closing bracket is expected")),
        }
    }

    fn digits(&mut self) -> Result<(), JsonError> {
        let from = self.at;
        while self.peek().is_some_and(|b| b.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at == from { Err(self.stop("a digit is expected")) } else { Ok(()) }
    }

    fn number(&mut self) -> Result<Json<'a>, JsonError> {
        let from = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(Json::Number(Cow::Borrowed(self.text.get(from..self.at).unwrap_or_default())))
    }

    fn string(&mut self) -> Result<Cow<'a, str>, JsonError> {
        self.at += 1;
        let mut made = String::new();
        let mut from = self.at;
        loop {
            match self.peek() {
                Some(b'"') => {
                    let rest = self.text.get(from..self.at).unwrap_or_default();
                    self.at += 1;
                    if made.is_empty() {
                        return Ok(Cow::Borrowed(rest));
                    }
                    made.push_str(rest);
                    return Ok(Cow::Owned(made));
                }
                Some(b'\\') => {
                    made.push_str(self.text.get(from..self.at).unwrap_or_default());
                    self.at += 1;
                    made.push(self.escape()?);
                    from = self.at;
                }
                Some(0..0x20) => return Err(self.stop("a control character in a string")),
                Some(_) => self.at += 1,
                None => return Err(self.stop("the JSON ends too early")),
            }
        }
    }

    fn escape(&mut self) -> Result<char, JsonError> {
        let escaped = self.peek();
        self.at += 1;
        Ok(match escaped {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(),
            Some(_) | None => return Err(self.stop("an escape that JSON does not know")),
        })
    }

    fn unicode(&mut self) -> Result<char, JsonError> {
        let high = self.hex4()?;
        if !(0xd800..0xdc00).contains(&high) {
            return char::from_u32(high).ok_or_else(|| self.stop("half of a surrogate pair"));
        }
        if !self.text.get(self.at..).is_some_and(|rest| rest.starts_with("\\u")) {
            return Err(self.stop("half of a surrogate pair"));
        }
        self.at += 2;
        let low = self.hex4()?;
        if !(0xdc00..0xe000).contains(&low) {
            return Err(self.stop("half of a surrogate pair"));
        }
        char::from_u32(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00))
            .ok_or_else(|| self.stop("half of a surrogate pair"))
    }

    fn hex4(&mut self) -> Result<u32, JsonError> {
        let digits = self.text.get(self.at..self.at + 4).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
        let Some(digits) = digits else { return Err(self.stop("four hexadecimal digits are expected")) };
        self.at += 4;
        u32::from_str_radix(digits, 16).map_err(|_| self.stop("four hexadecimal digits are expected"))
    }
}

/// Whether the key came before in this object.
#[expect(clippy::ptr_arg, reason = "the key goes into the set as it is, borrowed or owned")]
fn is_repeated<'a>(key: &Cow<'a, str>, members: &Members<'a>, seen: &mut HashSet<Cow<'a, str>>) -> bool {
    if members.len() < FEW {
        return members.iter().any(|(k, _)| k == key);
    }
    if seen.is_empty() {
        seen.extend(members.iter().map(|(k, _)| k.clone()));
    }
    !seen.insert(key.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_and_order_stay_as_sent() {
        for text in
            [r#"{"b":1.0,"a":[0.12123434,1e3,-0,12345678901234567890],"c":"中\"\\/ü"}"#, "[]", "{}", "\"\""]
        {
            assert_eq!(parse(text).unwrap().to_string(), text);
        }
        assert_eq!(parse(r#""\u4e2d\ud83d\ude00\u0000\/""#).unwrap().as_text(), Some("中😀\0/"));
        assert_eq!(parse(r#""\u0000\u001f""#).unwrap().to_string(), r#""\u0000\u001f""#);
    }

    #[test]
    fn what_is_no_json_or_repeats_a_key_is_refused() {
        let many: String = (0..40).map(|n| format!("\"k{n}\":1,")).collect();
        for text in [
            "",
            "{",
            "[1,]",
            "{\"a\":1,}",
            "01",
            "1.",
            "+1",
            "nul",
            "\"\u{1}\"",
            r#""\x""#,
            r#""\ud800""#,
            r#"{"a":1,"a":2}"#,
            r#"{"a":{"b":1,"\u0062":2}}"#,
            "1 2",
            "{a:1}",
            "'a'",
            "NaN",
            &format!("{{{many}\"k7\":1}}"),
            &"[".repeat(200),
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn it_agrees_with_serde_json(text in r#"[\[\]{}:,"a\\u0 1.e-]{0,24}"#) {
            let theirs: Result<serde_json::Value, _> = serde_json::from_str(&text);
            // Theirs takes repeated keys and refuses numbers beyond floats.
            match parse(&text) {
                Ok(ours) => prop_assert!(theirs.is_ok() || ours.to_string().contains('e'), "{}", text),
                Err(e) => prop_assert!(theirs.is_err() || e.what.contains("twice"), "{}: {}", text, e),
            }
        }

        #[test]
        fn strings_survive(text in "\\PC{0,20}") {
            let mut written = String::new();
            write_text(&text, &mut written);
            let read = parse(&written).unwrap();
            prop_assert_eq!(read.as_text(), Some(text.as_str()));
        }
    }
}
