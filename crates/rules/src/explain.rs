//! What a sentence about a result needs: a stable code, the clause it rests on and its arguments. The sentences
//! themselves are texts of the locale; none stands here.
use base::{Hours, Subject};
use serde::Serialize;

use crate::assess::{Assessment, CreditResult, Reason, shortfall};
use crate::policy::{Clause, Policy};
use crate::record::{Credit, Source};

/// One sentence to be: the locale has a text for the code with these arguments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sentence<'p> {
    /// A stable code, such as `credit_item_cap` or `year_public_short`.
    pub code: &'static str,
    /// The clause of the year's documents.
    pub clause: &'p str,
    /// Arguments by name, numbers as decimal strings.
    pub args: Vec<(&'static str, String)>,
}

/// Why a credit counts as it does.
pub fn credit<'p>(policy: &'p Policy, credit: &Credit<'_>, result: &CreditResult<'_>) -> Sentence<'p> {
    let (code, clause) = match (result.reason, &credit.source) {
        (Some(reason), _) => (refused_code(reason), reason.clause()),
        (None, Source::Course { .. }) => ("credit_course", Clause::Course),
        (None, Source::UnitTraining { .. }) => ("credit_unit_training", Clause::UnitTraining),
        (None, Source::Activity(_)) if result.hours == Hours::ZERO => ("credit_no_hours", Clause::Activity),
        (None, Source::Activity(_)) => ("credit_activity", Clause::Activity),
    };
    let mut args = vec![
        ("hours", result.hours.to_string()),
        ("counted", result.counted.to_string()),
        ("lost", result.hours.less(result.counted).to_string()),
        ("year", policy.year.to_string()),
    ];
    source_args(policy, credit, &mut args);
    Sentence { code, clause: policy.clauses.of(clause), args }
}

fn refused_code(reason: Reason) -> &'static str {
    match reason {
        Reason::OutsideYear => "credit_outside_year",
        Reason::BelowMinimum => "credit_below_minimum",
        Reason::DuplicateCourse => "credit_duplicate_course",
        Reason::Overlap => "credit_overlap",
        Reason::ItemUnknown => "credit_item_unknown",
        Reason::DuplicateAchievement => "credit_duplicate_achievement",
        Reason::ItemCap => "credit_item_cap",
        Reason::OffsetCap => "credit_offset_cap",
    }
}

fn source_args(policy: &Policy, credit: &Credit<'_>, args: &mut Vec<(&'static str, String)>) {
    args.push(("on", credit.day().to_string()));
    match &credit.source {
        Source::Course { minutes, .. } => {
            args.push(("minutes", minutes.to_string()));
            args.push(("minutes_per_hour", policy.measure.minutes_per_hour.to_string()));
            args.push(("step", policy.measure.step.to_string()));
        }
        Source::UnitTraining { days, .. } => {
            args.push(("days", days.to_string()));
            args.push(("hours_per_day", policy.measure.hours_per_day.to_string()));
        }
        Source::Activity(activity) => {
            args.push(("quantity", Hours::from_hundredths(activity.quantity).to_string()));
            args.push(("rank", activity.rank.to_string()));
            args.push(("offset_cap", policy.measure.offset_cap.to_string()));
            if let Some(item) = policy.item(&activity.item) {
                args.push(("item", item.name.clone()));
                args.push(("item_cap", item.cap.to_string()));
            }
        }
    }
}

/// What the year's result rests on, the most important first: why nothing is asked, or what is missing.
pub fn year<'p>(policy: &'p Policy, assessment: &Assessment<'_>) -> Vec<Sentence<'p>> {
    let sentence = |code, clause, args| Sentence { code, clause: policy.clauses.of(clause), args };
    if assessment.exempt {
        return vec![sentence("year_exempt", Clause::Exemption, vec![])];
    }
    if assessment.certificate {
        let args = vec![("total", assessment.earned.total.to_string())];
        return vec![sentence("year_done", Clause::Certificate, args)];
    }
    let missing = shortfall(policy, &assessment.earned);
    if !assessment.obliged {
        // Nothing is missing of what is asked; who learns all the same reads what a certificate would take.
        let args = vec![
            ("public", missing.public.to_string()),
            ("professional", missing.professional.to_string()),
            ("total", missing.total.to_string()),
        ];
        return vec![
            sentence("year_not_obliged", Clause::Obliged, vec![]),
            sentence("year_voluntary", Clause::Certificate, args),
        ];
    }
    let mut sentences = vec![];
    let days_done = assessment.earned.days >= policy.required.days;
    for (subject, hours) in [(Subject::Public, missing.public), (Subject::Professional, missing.professional)]
    {
        let code = match (subject, days_done) {
            (Subject::Public, false) => "year_public_short",
            (Subject::Professional, false) => "year_professional_short",
            (Subject::Public, true) => "year_days_but_public_short",
            (Subject::Professional, true) => "year_days_but_professional_short",
        };
        if hours > Hours::ZERO {
            let days = assessment.earned.days.to_string();
            sentences.push(sentence(
                code,
                Clause::Required,
                vec![("hours", hours.to_string()), ("days", days)],
            ));
        }
    }
    if missing.total > Hours::ZERO {
        let args = vec![("hours", missing.total.to_string())];
        sentences.push(sentence("year_total_short", Clause::Required, args));
    }
    sentences
}
