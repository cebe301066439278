//! Why a record is refused as a whole (domain §5, last point).

/// The first thing found wrong with a record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// No JSON, an unknown, missing or doubled key, or a value of the wrong kind.
    #[error("{0}")]
    Unreadable(String),
    /// A key that means nothing for this kind of credit.
    #[error("credit {credit}: unknown key {key} for a credit of kind {kind}")]
    ForeignKey {
        /// The credit's id.
        credit: String,
        /// The credit's kind.
        kind: &'static str,
        /// The key.
        key: &'static str,
    },
    /// A key that this kind of credit needs.
    #[error("credit {credit}: {key} is missing")]
    MissingKey {
        /// The credit's id.
        credit: String,
        /// The key.
        key: &'static str,
    },
    /// Another year than the policy's.
    #[error("the year is {found}, the policy's is {policy}")]
    OtherYear {
        /// The record's.
        found: i64,
        /// The policy's.
        policy: i16,
    },
    /// A level that the category does not have.
    #[error("the category does not have the level {0}")]
    Level(String),
    /// A period that ends before it begins.
    #[error("{what}: from lies after to")]
    Period {
        /// Which one.
        what: String,
    },
    /// Days that are no positive number of halves, or more than the calendar has.
    #[error("credit {0}: days must be a positive multiple of 0.5 and not more than the calendar days")]
    Days(String),
    /// No quantity at all.
    #[error("credit {0}: quantity must be above 0")]
    Quantity(String),
    /// A rank before the first.
    #[error("credit {0}: rank must be 1 or more")]
    Rank(String),
    /// A negative amount or number of hours.
    #[error("credit {credit}: {key} must not be negative")]
    Negative {
        /// The credit's id.
        credit: String,
        /// The key.
        key: &'static str,
    },
    /// Two credits with one id.
    #[error("two credits have the id {0}")]
    SameId(String),
    /// A make-up that lasts too long.
    #[error("the make-up ends after {0}")]
    MakeUp(base::Day),
}
