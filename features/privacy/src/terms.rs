//! When rows of the inventory go: the numbers that the page names and the nightly work keeps to, what refers to such rows,
//! and which tables are ended by those who write them.
use base::{Day, Error, Result};

/// Until when rows are kept, by a column of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Term {
    /// So many days after the time in the column.
    Days(&'static str, i32),
    /// So many months after it.
    Months(&'static str, i32),
    /// So many years after it.
    Years(&'static str, i32),
    /// So many of each owner, the newest by the time in the column.
    Newest(&'static str, i32),
}

impl Term {
    /// The number that the page says.
    pub fn number(self) -> i32 {
        match self {
            Self::Days(_, n) | Self::Months(_, n) | Self::Years(_, n) | Self::Newest(_, n) => n,
        }
    }

    /// The day before which a row's time is over.
    pub(crate) fn before(self, today: Day) -> Result<Day> {
        let span = jiff::Span::new();
        let span = match self {
            Self::Days(_, n) => span.days(n),
            Self::Months(_, n) => span.months(n),
            Self::Years(_, n) => span.years(n),
            Self::Newest(..) => span,
        };
        today.checked_sub(span).map_err(Error::internal)
    }
}

/// A foreign key to a table whose rows go.
#[derive(Debug)]
pub struct Reference {
    /// The table that is referred to, by its id.
    pub of: &'static str,
    /// The table that refers to it.
    pub by: &'static str,
    /// By which column.
    pub column: &'static str,
    /// Whether its rows go along. If not, they have a term of their own, and what they refer to waits for it.
    pub goes_along: bool,
}

/// Every foreign key to a table whose rows go; a story compares them with the schema.
pub const REFERENCES: &[Reference] = &[
    Reference { of: "tickets", by: "ticket_messages", column: "ticket_id", goes_along: false },
    Reference { of: "sessions", by: "openid_logins", column: "session_id", goes_along: false },
    // Codes of a minute and tokens of ten: long over.
    Reference { of: "openid_logins", by: "openid_codes", column: "login_id", goes_along: true },
    Reference { of: "openid_logins", by: "openid_tokens", column: "login_id", goes_along: true },
];

/// Tables whose rows go when something happens and not by their age: each with the file that deletes them then.
pub const ELSEWHERE: &[(&str, &str)] = &[
    ("year_results", "features/statistics/src/store.rs"),
    ("figure_members", "features/statistics/src/store_figures.rs"),
    ("supervision_members", "features/supervision/src/store_kept.rs"),
    ("provider_learned", "features/providers/src/store_trace.rs"),
    ("provider_kept", "features/providers/src/store/kept.rs"),
];

#[cfg(test)]
mod tests {
    use super::Term;

    #[test]
    fn a_term_goes_back_by_the_calendar() {
        let before = |term: Term, today: &str| term.before(today.parse().unwrap()).unwrap().to_string();
        assert_eq!(before(Term::Days("at", 7), "2026-11-28"), "2026-11-21");
        assert_eq!(before(Term::Months("at", 6), "2026-08-31"), "2026-02-28");
        assert_eq!(before(Term::Years("at", 3), "2028-02-29"), "2025-02-28");
    }
}
