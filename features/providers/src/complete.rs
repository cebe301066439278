//! Completions that a provider reports become hours: once each, however often they are sent.
use std::sync::Arc;

use base::{Error, FieldProblem, Hours, Instant, Kind, Result, Year, day};
use db::Tx;
use hours::{Booked, NewCredit, Occupying};
use rules::{
    learning::{self, Intervals},
    policy::Policy,
};
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
    /// `counted`, `kept` (it may count later) or `refused`.
    pub status: String,
    pub reason: Option<String>,
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
    Outcome { id: completion.id.clone(), status: status.to_owned(), reason: reason.map(str::to_owned) }
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
    if let Some(before) = store::answered(&site.db, provider.id, &completion.id).await? {
        if before.body_hash != hash {
            return Ok(outcome(completion, "refused", Some("id_reused")));
        }
        return Ok(outcome(completion, &before.status, before.reason.as_deref()));
    }
    let verdict = examine(site, provider, completion).await?;
    let mut received = Received {
        provider: provider.id,
        id: &completion.id,
        body_hash: &hash,
        body: &body,
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
        return Err(Error::conflict("request_in_progress"));
    }
    kept::forget(&tx, provider.id, &completion.id).await?;
    tx.commit().await?;
    Ok(outcome(completion, received.status, received.reason))
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

/// Credits what a completion is worth after overlaps.
async fn credit(site: &Site, tx: &Tx, worth: Worth, received: &mut Received<'_>) -> Result<()> {
    received.person = Some(worth.credit.person);
    let note = worth.note;
    let reduced = without_overlap(site, tx, worth).await?;
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

/// What a completion is worth by itself, before what was learned elsewhere at the same time is taken away.
struct Worth {
    credit: NewCredit,
    policy: Arc<Policy>,
    minutes: u64,
    stretches: Intervals,
    /// What the provider is told of a course that counts otherwise than it said.
    note: Option<&'static str>,
}

type Verdict = std::result::Result<Box<Worth>, (&'static str, &'static str)>;

/// What is left of a credit.
struct Reduced {
    /// None where nothing is left.
    credit: Option<NewCredit>,
    reason: Option<&'static str>,
}

/// Learning that overlaps at two sources counts once: the later record is reduced by the overlap, to the step (domain §3).
async fn without_overlap(site: &Site, tx: &Tx, worth: Worth) -> Result<Reduced> {
    let Worth { mut credit, policy, minutes, stretches, note: _ } = worth;
    let occupying = Occupying {
        person: credit.person,
        source: &credit.source,
        key: &credit.source_key,
        stretches: &stretches,
    };
    let left_of = |free: &Intervals| minutes.saturating_sub(overlap_minutes(&stretches, free));
    let is_worth = |free: &Intervals| policy.course_hours(left_of(free)) > Hours::ZERO;
    let free = hours::occupy(tx, &occupying, is_worth).await?;
    let overlap = overlap_minutes(&stretches, &free);
    if overlap == 0 {
        return Ok(Reduced { credit: Some(credit), reason: None });
    }
    let left = left_of(&free);
    credit.hours = policy.course_hours(left);
    if credit.hours <= Hours::ZERO {
        return Ok(Reduced { credit: None, reason: Some("overlap") });
    }
    credit.facts.insert("minutes".to_owned(), json!(left));
    let (title, minutes) = (credit.title.clone(), overlap.to_string());
    credit.title = site.texts.with("provider-overlap", &[("title", &title), ("minutes", &minutes)]);
    Ok(Reduced { credit: Some(credit), reason: Some("overlap") })
}

/// How much of the stretches was learned elsewhere, in minutes begun.
fn overlap_minutes(stretches: &Intervals, free: &Intervals) -> u64 {
    const MINUTE_MS: i64 = 60_000;
    let overlap = (stretches.total() - free.total()).max(0);
    u64::try_from((overlap + MINUTE_MS - 1) / MINUTE_MS).unwrap_or(u64::MAX)
}

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
    let stretches = match stretches(c, (started, completed)) {
        Ok(stretches) => stretches,
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
    let Some(year) = Year::new(i64::from(completed_on.year())) else {
        return Ok(Err(("refused", "time_unreadable")));
    };
    let policy = match open_policy(site, year).await? {
        Ok(policy) => policy,
        Err(why) => return Ok(Err(why)),
    };
    let subject = topics::subject(site, &course, &policy).await?;
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
    Ok(Ok(Box::new(Worth { credit, policy, minutes: course.minutes, stretches, note })))
}

/// The year's policy, or why nothing is booked in the year.
async fn open_policy(
    site: &Site,
    year: Year,
) -> Result<std::result::Result<Arc<Policy>, (&'static str, &'static str)>> {
    let policy = match hours::in_force(&site.db, year).await {
        Ok(in_force) => in_force.policy,
        Err(e) if e.code() == "policy_not_published" => return Ok(Err(("kept", "policy_not_published"))),
        Err(e) => return Err(e),
    };
    let is_closed = day::day_of(site.now()) > policy.closes_on;
    Ok(if is_closed { Err(("refused", "year_closed")) } else { Ok(policy) })
}

/// The stretches of a completion within its beginning and end, or what is wrong with one of them.
fn stretches(
    c: &Completion,
    (started, completed): (Instant, Instant),
) -> std::result::Result<Intervals, &'static str> {
    let (first, last) = (day::millis(started), day::millis(completed));
    let read = |i: &Interval| {
        let (Some(from), Some(to)) = (instant(&i.from), instant(&i.to)) else {
            return Err("time_unreadable");
        };
        let (from, to) = (day::millis(from), day::millis(to));
        // One that lies elsewhere would hide that something else was learned at the time.
        if to < from || to < first || from > last {
            return Err("intervals_wrong");
        }
        Ok(learning::Interval { from: from.max(first), to: to.min(last) })
    };
    c.intervals.iter().map(read).collect()
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

fn instant(text: &str) -> Option<Instant> {
    text.parse().ok()
}
