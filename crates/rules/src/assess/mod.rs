//! One record under one policy: what counts, what does not and why, and what that makes of the year.
//! Pure and total: any record gets an answer, the same one every time.
mod count;
mod evidence;
mod lines;
mod person;
mod reason;
mod seen;

use std::borrow::Cow;

use base::{Fen, Hours, Year};
use serde::Serialize;
use utoipa::ToSchema;

pub use evidence::{Files, assess_with_files};
pub use lines::{LONGEST, Line, run_line};
pub use person::{is_obliged, leave_days, near_retirement, retires_on};
pub use reason::Reason;
pub(crate) use seen::Seen;

use crate::Days;
use crate::policy::{DaysReplace, ExemptionKind, Policy};
use crate::record::Record;

/// The result for one record; its keys in JSON are the contract's, in the contract's order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Assessment<'a> {
    /// The record's id.
    pub id: Cow<'a, str>,
    /// The training year.
    pub year: Year,
    /// Whether the person must train in the year.
    pub obliged: bool,
    /// The kinds of exemption that the facts allow to ask for.
    pub exemption_eligible: Vec<ExemptionKind>,
    /// Whether an exemption was approved.
    pub exempt: bool,
    /// What is asked of the person; nothing of whoever is exempt or not obliged.
    pub required: Demand,
    /// What was counted.
    pub earned: Earned,
    /// What is missing from `required`.
    pub shortfall: Shortfall,
    /// Whether nothing more is to be done.
    pub satisfied: bool,
    /// Whether the full requirement was met by training.
    pub certificate: bool,
    /// Fees and their reimbursement.
    pub fees: FeeResult,
    /// Each credit's result, in the record's order.
    pub credits: Vec<CreditResult<'a>>,
}

impl Assessment<'_> {
    /// Whether anything is asked of the person: not of whoever is exempt or not obliged.
    pub fn is_asked(&self) -> bool {
        self.obliged && !self.exempt
    }
}

/// Hours and days that are asked of a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Demand {
    /// In all.
    pub total: Hours,
    /// Of the public subject.
    pub public: Hours,
    /// Of the professional subject.
    pub professional: Hours,
    /// Days that stand for the total.
    pub days: Days,
}

/// Hours and days that were counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Earned {
    /// In all.
    pub total: Hours,
    /// Of the public subject.
    pub public: Hours,
    /// Of the professional subject.
    pub professional: Hours,
    /// Days of unit training and of activities measured in days.
    pub days: Days,
}

/// Hours that are missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Shortfall {
    /// In all.
    pub total: Hours,
    /// Of the public subject.
    pub public: Hours,
    /// Of the professional subject.
    pub professional: Hours,
}

/// Fees and their reimbursement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct FeeResult {
    /// Paid for counted courses.
    pub charged: Fen,
    /// What could be reimbursed.
    pub allowance: Fen,
    /// What is reimbursed.
    pub reimbursable: Fen,
}

/// What became of one credit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct CreditResult<'a> {
    /// The credit's id.
    pub id: Cow<'a, str>,
    /// Its hours, after a reviewer's reduction and before caps.
    pub hours: Hours,
    /// What counts of them.
    pub counted: Hours,
    /// Why not all of them count.
    pub reason: Option<Reason>,
}

/// Assesses a record. The policy is taken as the year's; [`crate::record::check`] refuses what does not fit it.
pub fn assess<'r>(policy: &Policy, record: &'r Record<'_>) -> Assessment<'r> {
    let counted = count::count(policy, record);
    let obliged = record.relief.is_none() && is_obliged(policy, &record.person);
    let exempt = record.exemption.is_some_and(|e| e.approved);
    let earned = counted.earned();
    let missing = shortfall(policy, &earned);
    let met = missing == Shortfall::default();
    let asked = obliged && !exempt;
    let certificate = met && !exempt;
    let allowance = policy.allowance(counted.offset, policy.fees.cap);
    Assessment {
        id: Cow::Borrowed(&*record.id),
        year: record.year,
        obliged,
        exemption_eligible: person::eligible(policy, record),
        exempt,
        required: if asked { demand(policy) } else { Demand::default() },
        earned,
        shortfall: if asked { missing } else { Shortfall::default() },
        satisfied: met || !asked,
        certificate,
        fees: FeeResult {
            charged: counted.charged,
            allowance,
            reimbursable: if certificate { counted.charged_professional.min(allowance) } else { Fen::ZERO },
        },
        credits: counted.results,
    }
}

fn demand(policy: &Policy) -> Demand {
    let r = &policy.required;
    Demand { total: r.total, public: r.public, professional: r.professional, days: r.days }
}

/// What is missing from the full requirement, whoever it is asked of: a certificate and its refusal go by it (notice
/// 三.1). Days stand for the total, and by the policy's choice for the professional minimum.
pub fn shortfall(policy: &Policy, earned: &Earned) -> Shortfall {
    let r = &policy.required;
    let days_done = r.days > Days::ZERO && earned.days >= r.days;
    let by_days = days_done && r.days_replace == DaysReplace::ProfessionalMinimum;
    let unless = |done: bool, missing: Hours| if done { Hours::ZERO } else { missing };
    Shortfall {
        total: unless(days_done, r.total.less(earned.total)),
        public: r.public.less(earned.public),
        professional: unless(by_days, r.professional.less(earned.professional)),
    }
}

impl Assessment<'_> {
    /// The same, independent of the record it was made from.
    pub fn into_owned(self) -> Assessment<'static> {
        let credits = self.credits.into_iter().map(CreditResult::into_owned).collect();
        Assessment {
            id: Cow::Owned(self.id.into_owned()),
            credits,
            year: self.year,
            obliged: self.obliged,
            exemption_eligible: self.exemption_eligible,
            exempt: self.exempt,
            required: self.required,
            earned: self.earned,
            shortfall: self.shortfall,
            satisfied: self.satisfied,
            certificate: self.certificate,
            fees: self.fees,
        }
    }
}

impl CreditResult<'_> {
    /// The same, independent of the record it was made from.
    pub fn into_owned(self) -> CreditResult<'static> {
        CreditResult {
            id: Cow::Owned(self.id.into_owned()),
            hours: self.hours,
            counted: self.counted,
            reason: self.reason,
        }
    }
}
