//! What is wrong with a policy file: the line, the dotted key and the reason, all of them at once.
use std::fmt;

/// One problem of a policy file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyProblem {
    /// The line, from 1.
    pub line: usize,
    /// The dotted key, such as `items[3].cap`; empty where the file cannot be read at all.
    pub key: String,
    /// The reason.
    pub reason: Why,
}

impl fmt::Display for PolicyProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.key.is_empty() {
            return write!(f, "line {}: {}", self.line, self.reason);
        }
        write!(f, "line {}: {}: {}", self.line, self.key, self.reason)
    }
}

impl std::error::Error for PolicyProblem {}

/// Why a key is refused. The codes are stable; pages have their own texts for them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// The file is no TOML.
    #[error("not TOML: {0}")]
    Syntax(String),
    /// The key means nothing here.
    #[error("unknown key")]
    Unknown,
    /// The key must be there.
    #[error("missing")]
    Missing,
    /// The value has another type.
    #[error("must be {expected}")]
    Type {
        /// What it must be.
        expected: &'static str,
    },
    /// The value has the right type and is still impossible.
    #[error("must be {expected}")]
    Value {
        /// What it must be.
        expected: &'static str,
    },
    /// The same thing twice.
    #[error("given twice")]
    Duplicate,
}

impl Why {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Syntax(_) => "syntax",
            Self::Unknown => "unknown_key",
            Self::Missing => "missing",
            Self::Type { .. } => "wrong_type",
            Self::Value { .. } => "wrong_value",
            Self::Duplicate => "duplicate",
        }
    }
}
