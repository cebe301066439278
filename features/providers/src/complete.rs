//! Completions that a provider reports become hours: once each, however often they are sent.
pub(crate) mod regained;
pub(crate) mod uncounted;
mod when;

use std::sync::Arc;

use base::{Day, Error, FieldProblem, Hours, Instant, Kind, PersonId, Result, Subject, Year, day};
use db::Tx;
use hours::{Booked, NewCredit, When};
use rules::policy::Policy;
use serde::{Deserialize, Serialize};
use serde_json::json;
use site::Site;
use utoipa::ToSchema;

use crate::{
    catalogue::CourseListed,
    mapping,
    provider::Provider,
    quota, selfcheck,
    standing::Standing,
    store::{self, Received, kept},
    store_signs, topics,
};

/// A batch holds at most so many.
const MOST: usize = 500;

/// A learned course, as a provider reports it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Completion {
    /// The provider's id of it; the same id is the same completion.
    pub id: String,
    pub subject_id: String,
    pub course: String,
    pub minutes: u64,
    pub started_at: String,
    pub completed_at: String,
    #[serde(default)]
    pub intervals: Vec<Interval>,
    #[schema(value_type = String)]
    pub fee: base::Fen,
    /// Why what a statement says makes no hours; never in what is sent by signed calls.
    #[serde(skip)]
    pub wrong: Option<&'static str>,
}

/// A stretch of wall-clock time in which was learned.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Interval {
    pub from: String,
    pub to: String,
}

/// What became of one completion.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Outcome {
    pub id: String,
    /// `counted`, `kept` (it may count later, or is booked and counts nothing beside others) or `refused`.
    pub status: String,
    pub reason: Option<String>,
    /// Whether it stands in the ledger.
    #[serde(skip)]
    pub is_booked: bool,
}

/// Takes a batch; each completion has an answer of its own.
pub(crate) async fn take(site: &Site, provider: &Provider, batch: &[Completion]) -> Result<Vec<Outcome>> {
    if batch.len() > MOST {
        let field = FieldProblem { field: "completions".into(), code: "too_many_items" };
        return Err(Error::refused(Kind::Invalid, "invalid").with_fields(vec![field]));
    }
    quota::completions(site, provider, batch.len()).await?;
    let mut outcomes = Vec::with_capacity(batch.len());
    for completion in batch {
        outcomes.push(take_one(site, provider, completion).await?);
    }
    Ok(outcomes)
}

fn outcome(completion: &Completion, status: &str, reason: Option<&str>) -> Outcome {
    let (status, reason) = (status.to_owned(), reason.map(str::to_owned));
    Outcome { id: completion.id.clone(), is_booked: status == "counted", status, reason }
}

/// The answer to what was received: booked is not yet counted.
async fn answer(
    site: &Site,
    completion: &Completion,
    (status, reason, entry): (&str, Option<&str>, Option<&str>),
) -> Result<Outcome> {
    let received = outcome(completion, status, reason);
    let Some(entry) = entry.filter(|_| received.is_booked) else { return Ok(received) };
    // It is received by now, whatever else goes wrong.
    let why = uncounted::why(site, entry.parse()?).await.unwrap_or_else(|e| {
        tracing::error!(%entry, error = %e, "whether a completion counts is not known");
        None
    });
    Ok(match why {
        Some(why) => Outcome { status: "kept".to_owned(), reason: Some(why.to_owned()), ..received },
        None => received,
    })
}

/// Ids are short text that can be stored and shown anywhere.
fn is_id(text: &str) -> bool {
    (1..=200).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

/// What a provider that is only trying reports is looked at as if it counted, and kept back.
async fn try_one(site: &Site, provider: &Provider, completion: &Completion, hash: &str) -> Result<Outcome> {
    let mark = format!("{}:{hash}", completion.id);
    let before = store_signs::all(&site.db, provider.id).await?;
    let shown = before.iter().find(|s| s.step == selfcheck::COMPLETION && s.holds).map(|s| s.detail.as_str());
    let is_repeated = shown == Some(mark.as_str());
    let is_same_id = shown.and_then(|s| s.rsplit_once(':')).is_some_and(|(id, _)| id == completion.id);
    if is_same_id && !is_repeated {
        selfcheck::saw(site, provider, (selfcheck::REPEAT, false, "id_reused")).await?;
        return Ok(outcome(completion, "refused", Some("id_reused")));
    }
    match examine(site, provider, completion).await? {
        Ok(_) => {
            if is_repeated {
                selfcheck::saw(site, provider, (selfcheck::REPEAT, true, &completion.id)).await?;
            }
            selfcheck::saw(site, provider, (selfcheck::COMPLETION, true, &mark)).await?;
            Ok(outcome(completion, "kept", Some("sandbox")))
        }
        Err((status, reason)) => {
            if !before.iter().any(|s| s.step == selfcheck::COMPLETION && s.holds) {
                selfcheck::saw(site, provider, (selfcheck::COMPLETION, false, reason)).await?;
            }
            Ok(outcome(completion, status, Some(reason)))
        }
    }
}

/// One completion, from a batch or from a statement; counted once however it comes.
pub(crate) async fn take_one(site: &Site, provider: &Provider, completion: &Completion) -> Result<Outcome> {
    if !is_id(&completion.id) || !is_id(&completion.subject_id) || !is_id(&completion.course) {
        return Ok(outcome(completion, "refused", Some("id_unreadable")));
    }
    let body = serde_json::to_string(completion).map_err(Error::internal)?;
    let hash = secrets::sha256_hex(body.as_bytes());
    match provider.standing {
        Standing::Live => {}
        Standing::Sandbox | Standing::Asking => return try_one(site, provider, completion, &hash).await,
        Standing::Suspended | Standing::Applied | Standing::Refused => {
            let tx = site.db.begin().await?;
            return kept_back(site, tx, (provider, completion), "provider_suspended").await;
        }
    }
    if let Some(before) = repeated(site, provider, completion, &hash).await? {
        return Ok(before);
    }
    match receive(site, provider, completion, (&body, &hash)).await {
        // Another version of the rules came into force in between: once more by that.
        Err(e) if e.code() == "policy_replaced" => receive(site, provider, completion, (&body, &hash)).await,
        received => received,
    }
}

async fn receive(
    site: &Site,
    provider: &Provider,
    completion: &Completion,
    (body, hash): (&str, &str),
) -> Result<Outcome> {
    let verdict = examine(site, provider, completion).await?;
    let mut received = Received {
        provider: provider.id,
        id: &completion.id,
        body_hash: hash,
        body,
        course: &completion.course,
        status: "counted",
        reason: None,
        person: None,
        entry: None,
        completed_at: instant(&completion.completed_at).map(day::millis),
        minutes: i64::try_from(completion.minutes).unwrap_or(i64::MAX),
        fee: completion.fee.fen(),
        hours: 0,
    };
    let tx = site.db.begin().await?;
    // Who is suspended in the middle of a batch is so from the next record on.
    if !store::is_live(&tx, provider.id).await? {
        return kept_back(site, tx, (provider, completion), "provider_suspended").await;
    }
    match verdict {
        Ok(worth) => credit(site, &tx, *worth, &mut received).await?,
        Err(("kept", reason)) => return kept_back(site, tx, (provider, completion), reason).await,
        Err((status, reason)) => {
            (received.status, received.reason) = (status, Some(reason));
            // Whose it was sees why it does not count.
            received.person = store::person_of(&tx, provider.id, &completion.subject_id).await?;
        }
    }
    if !store::keep(&tx, &received, site.now()).await? {
        // The same one came twice at once: the other is answered, and so is this.
        drop(tx);
        let before = repeated(site, provider, completion, hash).await?;
        return before.ok_or_else(|| Error::conflict("request_in_progress"));
    }
    kept::forget(&tx, provider.id, &completion.id).await?;
    tx.commit().await?;
    answer(site, completion, (received.status, received.reason, received.entry.as_deref())).await
}

/// What may be mended later is answered and noted for its learner, and not stored, so that sending it again is looked at anew.
async fn kept_back(
    site: &Site,
    tx: Tx,
    (provider, completion): (&Provider, &Completion),
    reason: &'static str,
) -> Result<Outcome> {
    if let Some(person) = store::person_of(&tx, provider.id, &completion.subject_id).await? {
        let completed_at = instant(&completion.completed_at).map(day::millis);
        let (id, course) = (completion.id.as_str(), completion.course.as_str());
        let note = kept::Note { provider: provider.id, id, person, course, reason, completed_at };
        kept::note(&tx, &note, site.now()).await?;
    }
    tx.commit().await?;
    Ok(outcome(completion, "kept", Some(reason)))
}

/// What was answered to the completion before; an id that stands for another content is refused.
async fn repeated(
    site: &Site,
    provider: &Provider,
    completion: &Completion,
    hash: &str,
) -> Result<Option<Outcome>> {
    let Some(before) = store::answered(&site.db, provider.id, &completion.id).await? else { return Ok(None) };
    if before.body_hash != hash {
        return Ok(Some(outcome(completion, "refused", Some("id_reused"))));
    }
    let said = (before.status.as_str(), before.reason.as_deref(), before.entry_id.as_deref());
    answer(site, completion, said).await.map(Some)
}

/// Credits what a completion is worth after overlaps.
async fn credit(site: &Site, tx: &Tx, worth: Worth, received: &mut Received<'_>) -> Result<()> {
    received.person = Some(worth.credit.person);
    let note = worth.note;
    let reduced = when::hold(site, tx, worth).await?;
    received.reason = reduced.reason.or(note);
    let Some(credit) = reduced.credit else {
        received.status = "refused";
        return Ok(());
    };
    received.hours = credit.hours.hundredths();
    let (Booked::New(entry) | Booked::Before(entry)) = hours::credit(site, tx, credit).await?;
    received.entry = Some(entry.to_string());
    Ok(())
}

/// What a completion is worth by itself, before the wall-clock law is looked at.
pub(crate) struct Worth {
    pub credit: NewCredit,
    pub policy: Arc<Policy>,
    pub minutes: u64,
    pub when: When,
    /// What the provider is told of a course that counts otherwise than it said.
    pub note: Option<&'static str>,
}

type Verdict = std::result::Result<Box<Worth>, (&'static str, &'static str)>;

/// The credit that a completion is worth, or why it is none.
async fn examine(site: &Site, provider: &Provider, c: &Completion) -> Result<Verdict> {
    if let Some(reason) = c.wrong {
        return Ok(Err(("refused", reason)));
    }
    let (Some(started), Some(completed)) = (instant(&c.started_at), instant(&c.completed_at)) else {
        return Ok(Err(("refused", "time_unreadable")));
    };
    if let Some(reason) = impossible(site, c, (started, completed)) {
        return Ok(Err(("refused", reason)));
    }
    let when = match when::read(c, (started, completed)) {
        Ok(when) => when,
        Err(reason) => return Ok(Err(("refused", reason))),
    };
    let Some(person) = store::person_of(&site.db, provider.id, &c.subject_id).await? else {
        return Ok(Err(("refused", "person_unknown")));
    };
    let Some(course) = store::provider_course(&site.db, provider.id, &c.course).await? else {
        return Ok(Err(("kept", "course_unknown")));
    };
    let course = CourseListed::try_from(course)?;
    if c.minutes != course.minutes {
        return Ok(Err(("refused", "minutes_differ")));
    }
    let completed_on = day::day_of(completed);
    let Place { year, policy, subject } = match place(site, person, (&course, completed_on)).await? {
        Ok(place) => place,
        Err(why) => return Ok(Err(why)),
    };
    let note = (subject != course.subject).then_some("topic_outside");
    let code = mapping::code_for(site, (person, year), &course).await?;
    let facts = json!({
        "kind": "course", "provider": provider.name, "course": code, "subject": subject,
        "minutes": course.minutes, "completed_on": completed_on.to_string(), "fee": c.fee,
    });
    let serde_json::Value::Object(facts) = facts else { return Err(Error::internal("facts are no object")) };
    let hours: Hours = policy.course_hours(course.minutes);
    let credit = NewCredit {
        person,
        year,
        source: provider.name.clone(),
        source_key: format!("course:{}:{}", provider.name, c.id),
        title: match note {
            Some(_) => site.texts.with("provider-outside-topics", &[("title", &course.title)]),
            None => course.title,
        },
        subject,
        hours,
        facts,
        evidence: Some(format!("completion:{}:{}", provider.name, c.id)),
        decided_by: None,
    };
    Ok(Ok(Box::new(Worth { credit, policy, minutes: course.minutes, when, note })))
}

/// Where a completion counts.
struct Place {
    year: Year,
    policy: Arc<Policy>,
    subject: Subject,
}

/// Why a completion counts nowhere, or not yet: the status and the reason.
type Why = (&'static str, &'static str);

/// The year, rules and subject by which a course counts: those of the day; or of the year before, while its learner makes
/// that up and it lacks such hours (domain §1, §4).
async fn place(
    site: &Site,
    person: PersonId,
    (course, on): (&CourseListed, Day),
) -> Result<std::result::Result<Place, Why>> {
    if let Some(open) = hours::making_up(&site.db, person, on).await?
        && let Ok(policy) = open_policy(site, open.year, Some(open.until)).await?
    {
        let subject = topics::subject(site, course, &policy).await?;
        if open.lacks(subject) {
            return Ok(Ok(Place { year: open.year, policy, subject }));
        }
    }
    let Some(year) = Year::new(i64::from(on.year())) else { return Ok(Err(("refused", "time_unreadable"))) };
    Ok(match open_policy(site, year, None).await? {
        Ok(policy) => {
            let subject = topics::subject(site, course, &policy).await?;
            Ok(Place { year, policy, subject })
        }
        Err(why) => Err(why),
    })
}

/// The year's policy, or why nothing is booked in the year; a make-up keeps it open for its holder.
async fn open_policy(
    site: &Site,
    year: Year,
    make_up: Option<Day>,
) -> Result<std::result::Result<Arc<Policy>, Why>> {
    let policy = match hours::in_force(&site.db, year).await {
        Ok(in_force) => in_force.policy,
        Err(e) if e.code() == "policy_not_published" => return Ok(Err(("kept", "policy_not_published"))),
        Err(e) => return Err(e),
    };
    let is_closed = day::day_of(site.now()) > policy.open_until(make_up);
    Ok(if is_closed { Err(("refused", "year_closed")) } else { Ok(policy) })
}

/// What no honest report says: learned in the future, or in less time than passed.
fn impossible(site: &Site, c: &Completion, (started, completed): (Instant, Instant)) -> Option<&'static str> {
    const CLOCKS_MS: i64 = 120_000;
    let (from, to) = (day::millis(started), day::millis(completed));
    if to > day::millis(site.now()) + CLOCKS_MS {
        return Some("in_the_future");
    }
    // A course is complete at 98 % of its seconds (domain §8), at no more than the speed of time.
    let least_ms = i64::try_from(c.minutes).unwrap_or(i64::MAX / 100_000).saturating_mul(60_000) / 100 * 98;
    (to - from < least_ms).then_some("faster_than_time")
}

/// A time by RFC 3339, whose offset has at most 23 hours.
pub(crate) fn instant(text: &str) -> Option<Instant> {
    let (_, time) = text.split_once(['T', 't', ' '])?;
    let offset =
        time.rsplit_once(['+', '-']).and_then(|(_, offset)| offset.get(..2)).and_then(|h| h.parse().ok());
    text.parse().ok().filter(|_| offset.is_none_or(|hours: u8| hours < 24))
}

#[cfg(test)]
mod tests {
    use super::instant;

    #[test]
    fn times_are_those_of_rfc_3339() {
        for good in ["2026-11-30T09:00:00Z", "2026-11-30T09:00:00.5+08:00", "2026-11-30T09:00:00-23:59"] {
            assert!(instant(good).is_some(), "{good}");
        }
        for bad in ["2026-11-30T09:00:00+25:00", "2026-11-30T09:00:00", "2026-11-30", "", "T"] {
            assert!(instant(bad).is_none(), "{bad}");
        }
    }
}
