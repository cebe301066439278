//! The one small set of failures. A refusal carries a stable code; texts come from the locale, HTTP from `site`.
use std::fmt;

/// What kind of refusal it is; `site` maps each to one HTTP status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The request cannot be read.
    Malformed,
    /// Nobody is signed in, or the proof is wrong.
    Unauthenticated,
    /// Something must be paid first.
    Unpaid,
    /// Known, and not allowed.
    Denied,
    /// Nothing of that name, or nothing the visitor may know of.
    NotFound,
    /// The state forbids it.
    Conflict,
    /// It existed and is over.
    Gone,
    /// More bytes than are read.
    TooLarge,
    /// A body of another type than is read here.
    Unsupported,
    /// Fields are wrong.
    Invalid,
    /// The account is locked.
    Locked,
    /// Too soon or too often.
    TooMany,
    /// A part that is needed does not answer.
    Unavailable,
}

/// One field's problem: the field's name, a stable code and arguments for its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldProblem {
    /// The field as the request names it.
    pub field: String,
    /// A stable code; its text is `field-<code>` of the locale.
    pub code: &'static str,
}

/// A refusal: what the visitor can act on.
#[derive(Clone, Debug)]
pub struct Problems {
    /// The kind, which decides the status.
    pub kind: Kind,
    /// A stable code; its text is `error-<code>` of the locale.
    pub code: &'static str,
    /// What is wrong with single fields.
    pub fields: Vec<FieldProblem>,
    /// Seconds until it is worth trying again.
    pub retry_after: Option<u64>,
    /// Further members of the problem document.
    pub extra: serde_json::Map<String, serde_json::Value>,
}

/// Why something was not done.
#[derive(Debug)]
pub enum Error {
    /// Refused, with reasons for the visitor.
    Refused(Box<Problems>),
    /// A failure of the system: the operator finds it in the log, the visitor sees an apology.
    Internal(Box<dyn std::error::Error + Send + Sync>),
}

/// The result of whatever may be refused or fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// A refusal of that kind and code.
    pub fn refused(kind: Kind, code: &'static str) -> Self {
        Self::Refused(Box::new(Problems {
            kind,
            code,
            fields: vec![],
            retry_after: None,
            extra: serde_json::Map::new(),
        }))
    }

    /// Nothing there that the visitor may know of.
    pub fn not_found() -> Self {
        Self::refused(Kind::NotFound, "not_found")
    }

    /// Not allowed.
    pub fn denied() -> Self {
        Self::refused(Kind::Denied, "forbidden")
    }

    /// The state forbids it.
    pub fn conflict(code: &'static str) -> Self {
        Self::refused(Kind::Conflict, code)
    }

    /// One wrong field.
    pub fn invalid(field: impl Into<String>, code: &'static str) -> Self {
        Self::invalid_fields(vec![FieldProblem { field: field.into(), code }])
    }

    /// Wrong fields.
    pub fn invalid_fields(fields: Vec<FieldProblem>) -> Self {
        Self::refused(Kind::Invalid, "invalid").with_fields(fields)
    }

    /// A failure of the system.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(cause.into())
    }

    /// With field problems.
    pub fn with_fields(mut self, fields: Vec<FieldProblem>) -> Self {
        if let Self::Refused(p) = &mut self {
            p.fields = fields;
        }
        self
    }

    /// With the seconds after which to try again.
    pub fn retry_after(mut self, seconds: u64) -> Self {
        if let Self::Refused(p) = &mut self {
            p.retry_after = Some(seconds);
        }
        self
    }

    /// With another member of the problem document.
    pub fn with(mut self, key: &str, value: serde_json::Value) -> Self {
        if let Self::Refused(p) = &mut self {
            p.extra.insert(key.to_owned(), value);
        }
        self
    }

    /// The stable code; `internal` for failures of the system.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused(p) => p.code,
            Self::Internal(_) => "internal",
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(p) => write!(f, "refused: {}", p.code),
            Self::Internal(cause) => write!(f, "internal: {cause}"),
        }
    }
}

impl std::error::Error for Error {}
