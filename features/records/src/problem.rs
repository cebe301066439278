//! Why a statement is not taken: the place in it, and what is wrong there.
use std::fmt;

/// A refusal that its sender can act on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The place, such as `statements[3].verb.id`.
    pub path: String,
    /// What is wrong there.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() { f.write_str(&self.what) } else { write!(f, "{}: {}", self.path, self.what) }
    }
}

/// A place in a document, made without allocation on the way down.
#[derive(Clone, Copy)]
pub struct Place<'p> {
    parent: Option<&'p Place<'p>>,
    step: Step<'p>,
}

#[derive(Clone, Copy)]
enum Step<'p> {
    Key(&'p str),
    Index(usize),
}

impl<'p> Place<'p> {
    /// The document itself, by the name that problems give it; may be empty.
    pub fn root(name: &'p str) -> Self {
        Self { parent: None, step: Step::Key(name) }
    }

    /// A member of it.
    pub fn key(&'p self, key: &'p str) -> Self {
        Self { parent: Some(self), step: Step::Key(key) }
    }

    /// An item of it.
    pub fn index(&'p self, index: usize) -> Self {
        Self { parent: Some(self), step: Step::Index(index) }
    }

    /// A problem here.
    pub fn problem(&self, what: impl Into<String>) -> Problem {
        Problem { path: self.to_string(), what: what.into() }
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let before = self.parent.map(ToString::to_string).unwrap_or_default();
        match self.step {
            Step::Index(n) => write!(f, "{before}[{n}]"),
            Step::Key(key) if before.is_empty() => f.write_str(key),
            Step::Key(key) => write!(f, "{before}.{key}"),
        }
    }
}
