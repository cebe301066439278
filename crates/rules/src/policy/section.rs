//! A strict reader of one TOML table: every getter takes its key away and notes what is wrong with it; what is left
//! at the end is unknown. Getters answer a harmless value after a problem, so that one pass finds all of them.
use std::cell::RefCell;
use std::rc::Rc;

use base::{Day, Fen, Hours, person::Code};
use toml::de::{DeTable, DeValue};

use super::problem::{PolicyProblem, Why};

type Spot<'t> = toml::Spanned<DeValue<'t>>;

/// Where problems are gathered, and where lines begin.
pub(super) struct Notes {
    line_starts: Vec<usize>,
    problems: RefCell<Vec<PolicyProblem>>,
}

impl Notes {
    pub(super) fn new(text: &str) -> Rc<Self> {
        let breaks = text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i + 1);
        Rc::new(Self {
            line_starts: std::iter::once(0).chain(breaks).collect(),
            problems: RefCell::default(),
        })
    }

    pub(super) fn line(&self, offset: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= offset)
    }

    pub(super) fn add(&self, line: usize, key: String, reason: Why) {
        self.problems.borrow_mut().push(PolicyProblem { line, key, reason });
    }

    /// Everything noted so far, by line.
    pub(super) fn problems(&self) -> Vec<PolicyProblem> {
        let mut problems = self.problems.borrow().clone();
        problems.sort_by_key(|p| p.line);
        problems
    }
}

/// One table, its keys not yet taken.
pub(super) struct Section<'t> {
    notes: Rc<Notes>,
    path: String,
    line: usize,
    entries: Vec<(String, usize, Spot<'t>)>,
}

impl<'t> Section<'t> {
    pub(super) fn new(notes: &Rc<Notes>, path: String, line: usize, table: DeTable<'t>) -> Self {
        let entries = table
            .into_iter()
            .map(|(key, value)| (key.get_ref().to_string(), notes.line(key.span().start), value))
            .collect();
        Self { notes: Rc::clone(notes), path, line, entries }
    }

    /// The line where the table, or one of its keys that was not taken yet, stands.
    pub(super) fn line_of(&self, key: &str) -> usize {
        self.entries.iter().find(|(k, ..)| k == key).map_or(self.line, |(_, line, _)| *line)
    }

    /// Whether the key is there; for keys that may be left out.
    pub(super) fn has(&self, key: &str) -> bool {
        self.entries.iter().any(|(k, ..)| k == key)
    }

    /// Notes a problem with a key.
    pub(super) fn blame(&self, line: usize, key: &str, reason: Why) {
        self.notes.add(line, self.dotted(key), reason);
    }

    /// A text that is not empty.
    pub(super) fn text(&mut self, key: &str) -> String {
        let text = self.typed(key, "a string", |v| v.as_str().map(|s| s.trim().to_owned()));
        self.valued(key, text, "a string that is not empty", |s| (!s.is_empty()).then_some(s))
    }

    /// A decimal of hours, as a string of at most two decimals.
    pub(super) fn hours(&mut self, key: &str) -> Hours {
        self.decimal(key, |s| Hours::parse(s).filter(|_| !s.starts_with('-')))
    }

    /// Hours above zero.
    pub(super) fn some_hours(&mut self, key: &str) -> Hours {
        self.decimal(key, |s| Hours::parse(s).filter(|h| *h > Hours::ZERO))
    }

    /// A decimal of days.
    pub(super) fn days(&mut self, key: &str) -> crate::Days {
        self.decimal(key, crate::Days::parse)
    }

    /// An amount of yuan.
    pub(super) fn yuan(&mut self, key: &str) -> Fen {
        self.decimal(key, |s| Fen::parse(s).filter(|_| !s.starts_with('-')))
    }

    /// A code of an enumeration.
    pub(super) fn code<T: Code>(&mut self, key: &str, expected: &'static str, default: T) -> T {
        let line = self.line_of(key);
        let text = self.typed(key, "a string", |v| v.as_str().map(str::to_owned));
        let Some((text, _)) = text else { return default };
        T::from_code(&text).unwrap_or_else(|| {
            self.blame(line, key, Why::Value { expected });
            default
        })
    }

    /// A whole number from 1 to `most`.
    pub(super) fn count(&mut self, key: &str, most: u32) -> u32 {
        let fits = |n| u32::try_from(n).ok().filter(|n| (1..=most).contains(n));
        let number = self.integer(key);
        self.valued(key, number, "a whole number above 0 and not absurdly large", fits)
    }

    /// A percentage, none and all among them.
    pub(super) fn percent(&mut self, key: &str) -> u32 {
        let fits = |n| u32::try_from(n).ok().filter(|n| *n <= 100);
        let number = self.integer(key);
        self.valued(key, number, "a whole number from 0 to 100", fits)
    }

    fn integer(&mut self, key: &str) -> Option<(i64, usize)> {
        self.typed(key, "an integer", |v| {
            v.as_integer().and_then(|i| i64::from_str_radix(i.as_str(), i.radix()).ok())
        })
    }

    /// A boolean.
    pub(super) fn flag(&mut self, key: &str) -> bool {
        let read = |v: &DeValue<'_>| match v {
            DeValue::Boolean(value) => Some(*value),
            _ => None,
        };
        self.typed(key, "true or false", read).is_some_and(|(v, _)| v)
    }

    /// A calendar day as TOML writes it, without quotes.
    pub(super) fn day(&mut self, key: &str) -> Day {
        let text = self.typed(key, "a date such as 2026-12-31, without quotes", |v| {
            v.as_datetime().map(ToString::to_string)
        });
        self.valued(key, text, "a date such as 2026-12-31, without a time", |s| crate::record::parse_day(&s))
    }

    /// A day of any year, `"07-01"`, given back in that year.
    pub(super) fn month_day(&mut self, key: &str, year: i16) -> Day {
        let text = self.typed(key, "a string", |v| v.as_str().map(str::to_owned));
        let parse = |s: String| crate::record::parse_day(&format!("{year:04}-{s}"));
        self.valued(key, text, "a month and a day such as \"07-01\"", parse)
    }

    /// A list of texts that holds at least one and none twice.
    pub(super) fn texts(&mut self, key: &str) -> Vec<String> {
        let line = self.line_of(key);
        let list = self.texts_with_repeats(key);
        if list.iter().enumerate().any(|(i, text)| list.iter().take(i).any(|t| t == text)) {
            self.blame(line, key, Why::Duplicate);
        }
        list
    }

    /// A list of texts that holds at least one.
    pub(super) fn texts_with_repeats(&mut self, key: &str) -> Vec<String> {
        let list = self.typed(key, "a list of strings", |v| {
            v.as_array()?.iter().map(|v| v.get_ref().as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()
        });
        let whole = |list: Vec<String>| {
            let empty = list.is_empty() || list.iter().any(|t| t.trim().is_empty());
            (!empty).then_some(list)
        };
        self.valued(key, list, "a list of strings that are not empty", whole)
    }

    /// The table under a key. Where there is none, that is noted once, and nothing of what it should hold.
    pub(super) fn section(&mut self, key: &str) -> Section<'t> {
        let path = self.dotted(key);
        match self.take(key) {
            Some((DeValue::Table(table), line)) => return Self::new(&self.notes, path, line, table),
            Some((_, line)) => self.blame(line, key, Why::Type { expected: "a table" }),
            None => {}
        }
        Self { notes: Rc::clone(&self.notes), path, line: 0, entries: vec![] }
    }

    /// The tables of a list, `[[items]]`.
    pub(super) fn sections(&mut self, key: &str) -> Vec<Section<'t>> {
        let line = self.line_of(key);
        let list = match self.take(key) {
            Some((DeValue::Array(list), _)) => list,
            Some(_) => {
                self.blame(line, key, Why::Type { expected: "a list of tables" });
                return vec![];
            }
            None => return vec![],
        };
        let mut sections = vec![];
        for (i, entry) in list.into_iter().enumerate() {
            let line = self.notes.line(entry.span().start);
            let name = format!("{key}[{i}]");
            match entry.into_inner() {
                DeValue::Table(table) => {
                    sections.push(Self::new(&self.notes, self.dotted(&name), line, table));
                }
                _ => self.blame(line, &name, Why::Type { expected: "a table" }),
            }
        }
        sections
    }

    /// Notes every key that nobody took.
    pub(super) fn end(self) {
        for (key, line, _) in &self.entries {
            self.blame(*line, key, Why::Unknown);
        }
    }

    fn decimal<T: Default>(&mut self, key: &str, parse: impl Fn(&str) -> Option<T>) -> T {
        let text = self.typed(key, "a decimal in quotes, such as \"0.1\"", |v| v.as_str().map(str::to_owned));
        self.valued(key, text, "a decimal of at most two places that is possible here", |s| parse(&s))
    }

    /// The value of a key, if it has the type; otherwise that is noted.
    fn typed<T>(
        &mut self,
        key: &str,
        expected: &'static str,
        read: impl Fn(&DeValue<'_>) -> Option<T>,
    ) -> Option<(T, usize)> {
        let (value, line) = self.take(key)?;
        let read = read(&value);
        if read.is_none() {
            self.blame(line, key, Why::Type { expected });
        }
        read.map(|v| (v, line))
    }

    fn valued<S, T: Default>(
        &self,
        key: &str,
        found: Option<(S, usize)>,
        expected: &'static str,
        accept: impl Fn(S) -> Option<T>,
    ) -> T {
        let Some((value, line)) = found else { return T::default() };
        accept(value).unwrap_or_else(|| {
            self.blame(line, key, Why::Value { expected });
            T::default()
        })
    }

    fn take(&mut self, key: &str) -> Option<(DeValue<'t>, usize)> {
        let Some(place) = self.entries.iter().position(|(k, ..)| k == key) else {
            // A table that is missing was blamed already: line 0 marks it.
            if self.line > 0 {
                self.blame(self.line, key, Why::Missing);
            }
            return None;
        };
        let (_, line, value) = self.entries.remove(place);
        Some((value.into_inner(), line))
    }

    fn dotted(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }
}
