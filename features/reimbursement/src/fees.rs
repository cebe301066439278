//! What courses of a year cost, line by line: charged, given back, paid by the unit, and what of it may be reimbursed.
use std::collections::{HashMap, HashSet};

use base::{Fen, Hours, Subject, person::Code};
use hours::{EntryKind, Standing, bulk};
use rules::Assessment;

/// A course that cost something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub title: String,
    pub provider: String,
    pub course: String,
    pub day: String,
    pub fee: Fen,
    /// The credit was taken back, and the fee with it.
    pub is_refunded: bool,
    /// The unit paid for it.
    pub is_unit_paid: bool,
    pub counted: Hours,
    pub subject: Subject,
}

/// The fees of a person's year.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fees(pub Vec<Line>);

impl Fees {
    /// From the ledger; `unit_paid` are the courses that the unit paid for, as `provider:course` ids.
    pub(crate) fn of(standing: &Standing, unit_paid: &[String]) -> Self {
        let reversed: HashSet<&str> = standing.entries.iter().filter_map(|e| e.reverses.as_deref()).collect();
        let counted: HashMap<&str, Hours> =
            standing.assessment.credits.iter().map(|c| (c.id.as_ref(), c.counted)).collect();
        let line = |e: &hours::Entry| {
            let facts: hours::Facts = serde_json::from_str(&e.facts).ok()?;
            let text = |key: &str| facts.get(key).and_then(serde_json::Value::as_str).unwrap_or("");
            let fee = Fen::parse(text("fee")).filter(|f| *f > Fen::ZERO)?;
            let id = e.id.to_string();
            Some(Line {
                title: e.title.clone(),
                provider: text("provider").to_owned(),
                course: text("course").to_owned(),
                day: text("completed_on").to_owned(),
                fee,
                is_refunded: reversed.contains(id.as_str()),
                is_unit_paid: unit_paid.iter().any(|c| c == text("course")),
                counted: counted.get(id.as_str()).copied().unwrap_or(Hours::ZERO),
                subject: e.subject,
            })
        };
        Self(standing.entries.iter().filter(|e| e.kind == EntryKind::Credit).filter_map(line).collect())
    }

    /// What was given back.
    pub(crate) fn refunded(&self) -> Fen {
        self.sum(|l| l.is_refunded)
    }

    /// What the unit itself paid.
    pub(crate) fn unit_paid(&self) -> Fen {
        self.sum(|l| l.is_unit_paid && !l.is_refunded)
    }

    /// Paid by the person for counted professional courses (domain §5).
    pub(crate) fn own_professional(&self) -> Fen {
        self.sum(|l| {
            l.subject == Subject::Professional && l.counted > Hours::ZERO && !l.is_unit_paid && !l.is_refunded
        })
    }

    fn sum(&self, which: impl Fn(&Line) -> bool) -> Fen {
        self.0.iter().filter(|l| which(l)).map(|l| l.fee).sum()
    }
}

/// As [`Fees::own_professional`], where many are assessed together.
pub(crate) fn own_professional(
    case: &bulk::Case,
    assessment: &Assessment<'_>,
    is_unit_paid: impl Fn(&str) -> bool,
) -> Fen {
    let counts = assessment.credits.iter().filter(|c| c.counted > Hours::ZERO);
    let counted: HashSet<&str> = counts.map(|c| c.id.as_ref()).collect();
    let fee = |(id, facts): (&str, &str)| {
        let facts: hours::Facts = serde_json::from_str(facts).ok()?;
        let text = |key: &str| facts.get(key).and_then(serde_json::Value::as_str).unwrap_or("");
        let is_own = counted.contains(id)
            && text("subject") == Subject::Professional.code()
            && !is_unit_paid(text("course"));
        Fen::parse(text("fee")).filter(|_| is_own)
    };
    case.credits().filter_map(fee).sum()
}
