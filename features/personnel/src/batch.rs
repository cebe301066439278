//! Checks as they are made and recorded: one person or a list, each with a number of its own.
use base::{Actor, Error, Id, Instant, PersonId, Result, Year, id::of, person::Code, random};
use certificates::Revoked;
use induction::Owed;
use rules::policy::Business;
use serde::{Deserialize, Serialize};
use serde_json::json;
use site::Site;

use crate::{
    CHECKERS,
    check::{self, Missing, Outcome, Verdict},
    list::Unresolved,
    store,
};

/// A check as answered and recorded.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub(crate) struct Checked {
    pub check_no: String,
    pub person: PersonId,
    pub name: String,
    pub unit: String,
    pub department: Option<String>,
    pub business: String,
    /// The year that was asked for.
    pub year: i16,
    /// The year whose certificate counted.
    pub counted_year: i16,
    pub allowed: bool,
    /// `certificate`, `exempt`, `not_obliged`, `not_satisfied`, `profile_incomplete`, `exempt_not_accepted`,
    /// `not_obliged_not_accepted` or `induction_missing`.
    pub outcome: String,
    pub certificate_no: Option<String>,
    /// The kind of exemption.
    pub exemption: Option<String>,
    pub missing: Missing,
    /// What the profile lacks.
    pub missing_fields: Vec<String>,
    /// The 40 hours of 岗前培训 (for `regularization`) or 转岗培训 (for `transfer`), where the person owes them.
    #[serde(default)]
    pub induction: Option<Induction>,
    /// The answer in a sentence.
    pub reason: String,
    pub policy: String,
    pub checked_at: String,
}

/// 岗前 or 转岗培训 of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub(crate) struct Induction {
    /// `entry` or `transfer`.
    pub kind: String,
    pub since: String,
    /// The last day for it.
    pub due: String,
    pub required: String,
    /// On record.
    pub hours: String,
    pub satisfied: bool,
}

impl From<&Owed> for Induction {
    fn from(o: &Owed) -> Self {
        Self {
            kind: o.kind.code(),
            since: o.since.to_string(),
            due: o.due.to_string(),
            required: o.required().to_string(),
            hours: o.hours.to_string(),
            satisfied: o.is_done(),
        }
    }
}

/// A list that was checked; a single person is a list of one.
pub(crate) struct Batch {
    pub id: Id<of::Entry>,
    pub business: Business,
    pub year: Year,
    pub unit_path: String,
    pub by: PersonId,
    pub at: Instant,
    pub checks: Vec<Checked>,
    pub unresolved: Vec<Unresolved>,
}

/// What is asked of whom.
pub(crate) struct Question {
    pub business: Business,
    pub year: Year,
    pub people: Vec<PersonId>,
    pub unresolved: Vec<Unresolved>,
}

/// Checks the people and records it. Someone outside of the actor's scope is nobody.
pub(crate) async fn check(site: &Site, actor: &Actor, question: Question) -> Result<Batch> {
    let scope = actor.scope(CHECKERS);
    let unit_path = scope.paths.first().cloned().ok_or_else(Error::denied)?;
    let mut checks = Vec::with_capacity(question.people.len());
    for id in &question.people {
        let person = org::person(&site.db, *id).await?;
        if !scope.holds(&person.path) {
            return Err(Error::not_found());
        }
        let verdict = check::verdict(site, &person, question.year, question.business).await?;
        checks.push(checked(site, &person, &question, verdict));
    }
    let batch = Batch {
        id: site.new_id(),
        business: question.business,
        year: question.year,
        unit_path,
        by: actor.person,
        at: site.now(),
        checks,
        unresolved: question.unresolved,
    };
    record(site, &batch).await?;
    Ok(batch)
}

async fn record(site: &Site, batch: &Batch) -> Result<()> {
    let tx = site.db.begin().await?;
    store::insert(&tx, batch).await?;
    let allowed = batch.checks.iter().filter(|c| c.allowed).count();
    let deed = audit::Deed {
        actor: Some(batch.by),
        action: "personnel.check",
        object: &batch.id.to_string(),
        unit_path: &batch.unit_path,
        details: json!({"business": batch.business, "year": batch.year, "people": batch.checks.len(),
            "allowed": allowed, "unresolved": batch.unresolved.len()}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await
}

fn checked(site: &Site, person: &org::Person, question: &Question, verdict: Verdict) -> Checked {
    Checked {
        check_no: draw_no(site),
        person: person.id,
        name: person.name.clone(),
        unit: person.unit_name.clone(),
        department: person.department.clone(),
        business: question.business.code(),
        year: question.year.number(),
        counted_year: verdict.year.number(),
        allowed: verdict.outcome.is_allowed(),
        outcome: verdict.outcome.code(),
        reason: reason(site, &verdict),
        induction: verdict.induction.as_ref().map(Induction::from),
        certificate_no: verdict.certificate_no,
        exemption: verdict.exemption,
        missing: verdict.missing,
        missing_fields: verdict.missing_fields,
        policy: verdict.policy,
        checked_at: base::day::rfc3339(site.now()),
    }
}

/// `HC-20261123-0123456789`: the day and ten random digits.
fn draw_no(site: &Site) -> String {
    let day = base::day::day_of(site.now()).strftime("%Y%m%d").to_string();
    format!("HC-{day}-{}", random::digits(&*site.random, 10))
}

fn reason(site: &Site, v: &Verdict) -> String {
    let year = v.year.to_string();
    let kind = v.exemption.as_deref().map(|k| site.texts.get(&format!("check-kind-{k}"))).unwrap_or_default();
    let words = [
        ("year", year.as_str()),
        ("no", v.certificate_no.as_deref().unwrap_or("")),
        ("kind", kind.as_str()),
        ("total", v.missing.total.as_str()),
        ("public", v.missing.public.as_str()),
        ("professional", v.missing.professional.as_str()),
    ];
    let key = match v.outcome {
        Outcome::Certificate => "check-certificate",
        Outcome::Exempt => "check-exempt",
        Outcome::ExemptNotAccepted => "check-exempt_not_accepted",
        Outcome::NotObliged => "check-not_obliged",
        Outcome::NotObligedNotAccepted => "check-not_obliged_not_accepted",
        Outcome::NotSatisfied => "check-not_satisfied",
        Outcome::ProfileIncomplete => "check-profile_incomplete",
        Outcome::InductionMissing => "check-induction_missing",
    };
    let told = v.induction.as_ref().map_or_else(String::new, |owed| told(site, owed));
    format!("{}{}{told}", site.texts.with(key, &words), still(site, v))
}

/// How the induction stands.
fn told(site: &Site, owed: &Owed) -> String {
    let kind = site.texts.get(&format!("induction-{}", owed.kind.code()));
    let (hours, short, due) = (owed.hours.to_string(), owed.short().to_string(), owed.due.to_string());
    let words = [("kind", kind.as_str()), ("hours", &hours), ("short", &short), ("due", &due)];
    let key = match () {
        () if owed.is_done() => "check-induction-done",
        () if base::day::day_of(site.now()) <= owed.due => "check-induction-open",
        () => "check-induction-late",
    };
    site.texts.with(key, &words)
}

/// What can still be done about a year that is not enough: until when, or a make-up.
fn still(site: &Site, v: &Verdict) -> String {
    let today = base::day::day_of(site.now());
    match (v.outcome, v.deadline) {
        (
            Outcome::NotSatisfied | Outcome::ExemptNotAccepted | Outcome::NotObligedNotAccepted,
            Some(until),
        ) if today <= until => site.texts.with("check-still", &[("until", &until.to_string())]),
        (Outcome::NotSatisfied, Some(_)) => site.texts.get("check-make_up"),
        _ => String::new(),
    }
}

/// Marks the checks that relied on a certificate which was revoked, and leaves word for those who made them.
pub(crate) async fn certificate_revoked(site: &Site, revoked: &Revoked) -> Result<()> {
    let tx = site.db.begin().await?;
    let (year, mut letters) = (revoked.year.to_string(), vec![]);
    for relied in store::mark_revoked(&tx, &revoked.no, site.now()).await? {
        let business = site.texts.get(&format!("business-{}", relied.business));
        let words = [("check", relied.no.as_str()), ("no", revoked.no.as_str()), ("year", year.as_str())];
        let words: Vec<(&str, &str)> = words
            .into_iter()
            .chain([("name", relied.name.as_str()), ("business", business.as_str())])
            .collect();
        letters.push(messages::Letter {
            to: relied.checked_by.parse()?,
            kind: "check",
            text: site.texts.with("check-undermined", &words),
            link: format!("/checks/{}", relied.batch_id),
            once: Some(format!("check-undermined:{}", relied.no)),
        });
        let deed = audit::Deed {
            actor: None,
            action: "personnel.check_undermined",
            object: &relied.no,
            unit_path: &relied.unit_path,
            details: json!({"certificate": revoked.no, "told": relied.checked_by, "reason": revoked.reason}),
        };
        audit::record(site, &tx, deed).await?;
    }
    messages::post(site, &tx, &letters).await?;
    tx.commit().await
}
