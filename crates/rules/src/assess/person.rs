//! What the facts say about a person: obliged or not, near retirement, long on leave (domain §§1, 4).
use base::{Day, Establishment, Period, Status};

use crate::policy::{ExemptionKind, Policy};
use crate::record::{Leave, Person, Record};

/// Whether the person must train in the policy's year (notice 一; domain §1).
pub fn is_obliged(policy: &Policy, person: &Person<'_>) -> bool {
    person.status == Status::OnPost
        && person.establishment == Establishment::Established
        && person.joined_on.is_none_or(|joined| joined <= policy.latest_join)
}

/// Whether that day of retirement is less than a year from the end of the policy's year (notice 三.4): it lies before
/// 12-31 of the next year, or has passed.
pub fn near_retirement(policy: &Policy, retires_on: Day) -> bool {
    retires_on.year() <= policy.year.number()
        || Day::new(policy.year.number().saturating_add(1), 12, 31).is_ok_and(|end| retires_on < end)
}

/// The day on which the person retires: the one that HR set, else that of reaching the statutory age.
pub fn retires_on(policy: &Policy, person: &Person<'_>) -> Day {
    let computed = || policy.retirement.day(person.gender, person.retirement, person.birth_date);
    person.retires_on.unwrap_or_else(computed)
}

/// Days of the year on leave: the union of all leaves, both ends included.
pub fn leave_days(policy: &Policy, leaves: &[Leave]) -> i64 {
    let (first, last) = (policy.year.first_day(), policy.year.last_day());
    let within = |l: &Leave| Period::new(l.period.from.max(first), l.period.to.min(last));
    let mut periods: Vec<Period> = leaves.iter().filter_map(within).collect();
    periods.sort_unstable_by_key(|p| p.from);
    let mut days = 0;
    let mut reached: Option<Day> = None;
    for period in periods {
        let fresh = match reached {
            Some(end) if end >= period.to => continue,
            Some(end) if end >= period.from => period.days() - Period { from: period.from, to: end }.days(),
            _ => period.days(),
        };
        days += fresh;
        reached = Some(period.to);
    }
    days
}

/// The exemptions that the facts allow to ask for; disability is never computed.
pub(super) fn eligible(policy: &Policy, record: &Record<'_>) -> Vec<ExemptionKind> {
    let person = &record.person;
    let mut kinds = Vec::new();
    if near_retirement(policy, retires_on(policy, person)) {
        kinds.push(ExemptionKind::NearRetirement);
    }
    if !record.leaves.is_empty() && leave_days(policy, &record.leaves) > i64::from(policy.leave_days) {
        kinds.push(ExemptionKind::Leave);
    }
    kinds.retain(|kind| policy.exemption_kinds.contains(kind));
    kinds
}
