//! What must hold in a record whatever it was built from (domain §5, last point).
use super::{Credit, Record, RecordError, Source};
use crate::assess::Seen;
use crate::policy::Policy;

/// Refuses a record that no assessment may rest on.
pub fn check(policy: &Policy, record: &Record<'_>) -> Result<(), RecordError> {
    if record.year != policy.year {
        let found = i64::from(record.year.number());
        return Err(RecordError::OtherYear { found, policy: policy.year.number() });
    }
    if !record.person.level.fits(record.person.category) {
        return Err(RecordError::Level(record.person.level.to_string()));
    }
    if record.make_up.is_some_and(|until| until > policy.make_up_limit) {
        return Err(RecordError::MakeUp(policy.make_up_limit));
    }
    let mut ids = Seen::default();
    for credit in &record.credits {
        if !ids.insert(&*credit.id) {
            return Err(RecordError::SameId(credit.id.to_string()));
        }
        check_credit(credit)?;
    }
    Ok(())
}

fn check_credit(credit: &Credit<'_>) -> Result<(), RecordError> {
    let id = || credit.id.to_string();
    let negative = |key| Err(RecordError::Negative { credit: id(), key });
    match &credit.source {
        Source::Course { fee, .. } if fee.fen() < 0 => negative("fee"),
        Source::UnitTraining { period, days, .. } => {
            let calendar = period.days().saturating_mul(100);
            let possible = days.is_half_days() && days.hundredths() <= calendar;
            if possible { Ok(()) } else { Err(RecordError::Days(id())) }
        }
        Source::Activity(a) if a.quantity <= 0 => Err(RecordError::Quantity(id())),
        Source::Activity(a) if a.rank < 1 => Err(RecordError::Rank(id())),
        Source::Activity(a) if a.approved_hours.is_some_and(|h| h.hundredths() < 0) => {
            negative("approved_hours")
        }
        Source::Course { .. } | Source::Activity(_) => Ok(()),
    }
}
