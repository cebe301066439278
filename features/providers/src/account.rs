//! The monthly statement of account: what a provider says that it reported for a month, beside what is counted here, with
//! every difference listed on both sides.
use std::collections::BTreeMap;

use base::{Error, Fen, FieldProblem, Hours, Kind, Result, day};
use serde::{Deserialize, Serialize};
use serde_json::json;
use site::Site;
use utoipa::ToSchema;

use crate::{
    provider::Provider,
    store_accounts::{self as store, Difference, Ours, Sums},
};

/// A month has at most so many records of a provider in one statement.
const MOST: usize = 50_000;
/// An answer lists at most so many differences, and where the rest begins; their number is always said.
pub(crate) const LISTED: i64 = 1000;

/// Which of a month's differences are listed: so many, after a place that an earlier answer named.
#[derive(Clone, Copy)]
pub(crate) struct Part<'a> {
    pub after: &'a str,
    pub most: i64,
}

impl Part<'static> {
    /// The numbers alone.
    pub(crate) const NONE: Self = Self { after: "", most: 0 };
    /// From the first one on.
    const FIRST: Self = Self { after: "", most: LISTED };
}

/// A record as the provider has it.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Record {
    /// The completion's id.
    pub id: String,
    pub course: String,
    pub hours: Hours,
    pub fee: Fen,
}

/// A month's statement.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Statement {
    pub records: Vec<Record>,
}

/// Both sides of a number.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Sides {
    pub theirs: String,
    pub ours: String,
}

/// A month's account with its differences.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Account {
    pub month: String,
    pub records: Sides,
    pub hours: Sides,
    pub fees: Sides,
    /// How many differences there are; at most a thousand are listed at a time.
    pub differing: i64,
    pub differences: Vec<Difference>,
    /// What `after` asks for the rest with; none where nothing is left.
    pub next: Option<String>,
    /// When the statement was compared; none where the provider has sent none yet.
    pub compared_at: Option<String>,
}

/// Takes a month's statement and compares it; a later one of the same month takes its place.
pub(crate) async fn take(
    site: &Site,
    provider: &Provider,
    month: &str,
    statement: &Statement,
) -> Result<Account> {
    let span = span(month)?;
    if statement.records.len() > MOST {
        let field = FieldProblem { field: "records".into(), code: "too_many_items" };
        return Err(Error::refused(Kind::Invalid, "invalid").with_fields(vec![field]));
    }
    let ours = store::ours(&site.db, provider.id, span, i64::try_from(MOST).unwrap_or(i64::MAX) + 1).await?;
    if ours.len() > MOST {
        return Err(Error::internal("a month with too many records to compare"));
    }
    let differences = compare(&statement.records, &ours);
    let sums = sums(&statement.records, &ours, differences.len());
    let tx = site.db.begin().await?;
    store::replace(&tx, (provider.id, month), &sums, &differences, site.now()).await?;
    let deed = audit::Deed {
        actor: None,
        action: "provider.account",
        object: &provider.name,
        unit_path: "",
        details: json!({"month": month, "records": statement.records.len(), "differing": differences.len()}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await?;
    of_month(site, provider, month, Part::FIRST).await
}

/// A month's account as it was last compared; before a statement has come, our side alone.
pub(crate) async fn of_month(
    site: &Site,
    provider: &Provider,
    month: &str,
    part: Part<'_>,
) -> Result<Account> {
    let span = span(month)?;
    let kept = store::account(&site.db, provider.id, month).await?;
    let compared_at = kept.as_ref().map(|k| day::rfc3339(day::from_millis(k.at)));
    let sums = match kept {
        Some(kept) => kept.sums,
        None => store::our_sums(&site.db, provider.id, span).await?,
    };
    let (differences, next) = listed(site, provider, month, part).await?;
    let hours = |hundredths| Hours::from_hundredths(hundredths).to_string();
    let fees = |fen| Fen::new(fen).to_string();
    Ok(Account {
        month: month.to_owned(),
        records: Sides { theirs: sums.their_records.to_string(), ours: sums.our_records.to_string() },
        hours: Sides { theirs: hours(sums.their_hours), ours: hours(sums.our_hours) },
        fees: Sides { theirs: fees(sums.their_fees), ours: fees(sums.our_fees) },
        differing: sums.differing,
        differences,
        next,
        compared_at,
    })
}

/// A part of a month's differences, and what names the place after it.
async fn listed(
    site: &Site,
    provider: &Provider,
    month: &str,
    part: Part<'_>,
) -> Result<(Vec<Difference>, Option<String>)> {
    // A kind of difference has no space in it; a record's number may.
    let after = part.after.rsplit_once(' ').unwrap_or((part.after, ""));
    let mut found = store::differences(&site.db, (provider.id, month), after, part.most + 1).await?;
    let is_more = i64::try_from(found.len()).unwrap_or(i64::MAX) > part.most;
    if is_more {
        found.pop();
    }
    let next = found.last().filter(|_| is_more).map(|d| format!("{} {}", d.id, d.difference));
    Ok((found, next))
}

/// The months around now for which there may be an account, the newest first.
pub(crate) fn months(site: &Site) -> Vec<String> {
    let today = day::day_of(site.now());
    let (year, month) = (i32::from(today.year()), i32::from(today.month()));
    let back = |n: i32| {
        let count = year * 12 + month - 1 - n;
        format!("{:04}-{:02}", count.div_euclid(12), count.rem_euclid(12) + 1)
    };
    (0..12).map(back).collect()
}

/// The milliseconds of a month `YYYY-MM`: from its first instant to the next month's.
fn span(month: &str) -> Result<(i64, i64)> {
    let wrong = || Error::invalid("month", "wrong_value");
    let first: base::Day = format!("{month}-01").parse().map_err(|_| wrong())?;
    if month.len() != 7 {
        return Err(wrong());
    }
    let last = first.last_of_month().tomorrow().map_err(|_| wrong())?;
    Ok((day::millis(day::start_of(first)), day::millis(day::start_of(last))))
}

fn sums(theirs: &[Record], ours: &[Ours], differing: usize) -> Sums {
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let counted = || ours.iter().filter(|o| o.is_counted());
    Sums {
        their_records: count(theirs.len()),
        their_hours: theirs.iter().map(|r| r.hours.hundredths()).sum(),
        their_fees: theirs.iter().map(|r| r.fee.fen()).sum(),
        our_records: count(counted().count()),
        our_hours: counted().map(|o| o.hours).sum(),
        our_fees: counted().map(|o| o.fee).sum(),
        differing: count(differing),
    }
}

/// What differs, record by record, in the order of their ids.
fn compare(theirs: &[Record], ours: &[Ours]) -> Vec<Difference> {
    let mut by_id: BTreeMap<&str, (Option<&Record>, Option<&Ours>)> = BTreeMap::new();
    let mut found = vec![];
    let difference = |id: &str, kind: &str, (theirs, ours): (String, String)| Difference {
        id: id.to_owned(),
        difference: kind.to_owned(),
        theirs,
        ours,
    };
    for record in theirs {
        let entry = by_id.entry(&record.id).or_default();
        if entry.0.replace(record).is_some() {
            found.push(difference(&record.id, "stated_twice", (record.hours.to_string(), String::new())));
        }
    }
    for record in ours {
        by_id.entry(&record.id).or_default().1 = Some(record);
    }
    for (id, sides) in by_id {
        match sides {
            (Some(t), None) => {
                found.push(difference(id, "not_received", (t.hours.to_string(), String::new())));
            }
            (None, Some(o)) if o.is_counted() => {
                let hours = Hours::from_hundredths(o.hours).to_string();
                found.push(difference(id, "not_stated", (String::new(), hours)));
            }
            (Some(t), Some(o)) if !o.is_counted() => {
                let reason = o.reason.clone().unwrap_or_else(|| o.status.clone());
                found.push(difference(id, "not_counted", (t.hours.to_string(), reason)));
            }
            (Some(t), Some(o)) => found.extend(
                of_both(t, o).into_iter().map(|(kind, theirs, ours)| difference(id, kind, (theirs, ours))),
            ),
            (None, Some(_) | None) => {}
        }
    }
    found
}

fn of_both(theirs: &Record, ours: &Ours) -> Vec<(&'static str, String, String)> {
    let (hours, fee) = (Hours::from_hundredths(ours.hours), Fen::new(ours.fee));
    let mut found = vec![];
    if theirs.course != ours.course {
        found.push(("course", theirs.course.clone(), ours.course.clone()));
    }
    if theirs.hours != hours {
        found.push(("hours", theirs.hours.to_string(), hours.to_string()));
    }
    if theirs.fee != fee {
        found.push(("fee", theirs.fee.to_string(), fee.to_string()));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(id: &str, hours: i64, fee: i64) -> Record {
        let (hours, fee) = (Hours::from_hundredths(hours), Fen::new(fee));
        Record { id: id.into(), course: "fire".into(), hours, fee }
    }

    fn ours(id: &str, status: &str, hours: i64) -> Ours {
        let reason = (status == "refused").then(|| "person_unknown".to_owned());
        Ours { id: id.into(), course: "fire".into(), status: status.into(), reason, hours, fee: 0 }
    }

    #[test]
    fn each_difference_is_named_with_both_sides() {
        let theirs = [
            record("a", 20, 0),
            record("b", 20, 100),
            record("c", 30, 0),
            record("d", 20, 0),
            record("e", 20, 0),
        ];
        let here = [
            ours("a", "counted", 20),
            ours("b", "counted", 20),
            ours("c", "counted", 20),
            ours("e", "refused", 0),
            ours("f", "counted", 50),
        ];
        let found = compare(&theirs, &here);
        let said: Vec<_> = found
            .iter()
            .map(|d| (d.id.as_str(), d.difference.as_str(), d.theirs.as_str(), d.ours.as_str()))
            .collect();
        assert_eq!(
            said,
            [
                ("b", "fee", "1.00", "0.00"),
                ("c", "hours", "0.3", "0.2"),
                ("d", "not_received", "0.2", ""),
                ("e", "not_counted", "0.2", "person_unknown"),
                ("f", "not_stated", "", "0.5"),
            ]
        );
        let sums = sums(&theirs, &here, found.len());
        assert_eq!((sums.their_records, sums.our_records, sums.our_hours), (5, 4, 110));
    }

    #[test]
    fn a_month_is_a_span() {
        assert!(
            span("2026-11").is_ok()
                && span("2026-13").is_err()
                && span("2026-1").is_err()
                && span("x").is_err()
        );
        let (from, to) = span("2026-02").unwrap();
        assert_eq!(to - from, 28 * 24 * 3_600_000);
    }
}
