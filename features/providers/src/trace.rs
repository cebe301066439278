//! "Why has this course not arrived": each learned course on its way from learned over sent, received and mapped to
//! counted, with times and whose turn it is. What a provider knows is asked of it and kept; asking also lets it send again.
use std::collections::{BTreeSet, HashMap, HashSet};

use base::{Error, PersonId, Result, Year, day};
use serde::{Deserialize, Serialize};
use site::Site;
use utoipa::ToSchema;

use crate::{
    complete::uncounted,
    outward,
    provider::ProviderId,
    store,
    store_trace::{self as rows, Learned},
};

/// The job that asks a provider about a person.
pub(crate) const PULL: &str = "providers.pull";
/// A provider's answer names at most so many courses.
const MOST: usize = 500;

/// Whom to ask about whom.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Pull {
    provider: String,
    person: String,
}

/// A stage that was reached, and when.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Stage {
    /// `learned`, `sent`, `received`, `mapped` or `counted`.
    pub stage: &'static str,
    pub at: Option<String>,
    pub is_reached: bool,
}

/// A learned course on its way.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Arrival {
    pub provider: String,
    pub provider_title: String,
    pub course: String,
    pub title: String,
    pub stages: Vec<Stage>,
    /// `learner`, `provider`, `authority` or `nobody`: who has to do something.
    pub turn: &'static str,
    /// Why it does not go on; a code, or empty.
    pub reason: String,
    /// How much of it is learned, in percent.
    pub percent: i64,
    /// When the provider was asked last; none where it was not.
    pub asked_at: Option<String>,
}

/// The courses of a person, the latest first.
pub(crate) async fn of(site: &Site, person: PersonId) -> Result<Vec<Arrival>> {
    let joined = rows::of_person(&site.db, person).await?;
    let void = void(site, person, &joined).await?;
    Ok(joined.into_iter().map(|row| arrival(row, &void)).collect())
}

/// Why completions that were booked count nothing in their year, such as a course that was learned before, by what the
/// ledger names as their evidence.
async fn void(
    site: &Site,
    person: PersonId,
    joined: &[rows::Joined],
) -> Result<HashMap<String, &'static str>> {
    let booked = joined.iter().filter(|row| row.status == "counted").filter_map(|row| row.completed_at);
    let years: BTreeSet<i16> = booked.map(|ms| day::day_of(day::from_millis(ms)).year()).collect();
    let mut void = HashMap::new();
    for year in years.into_iter().filter_map(|y| Year::new(i64::from(y))) {
        let found = uncounted::in_year(site, person, year).await?;
        void.extend(found.into_iter().filter_map(|u| Some((u.evidence?, u.reason))));
    }
    Ok(void)
}

fn arrival(row: rows::Joined, void: &HashMap<String, &'static str>) -> Arrival {
    let text = |ms: i64| day::rfc3339(day::from_millis(ms));
    let why_void = void.get(&format!("completion:{}:{}", row.provider, row.completion));
    let is_booked = row.status == "counted";
    let is_counted = is_booked && why_void.is_none();
    // What is kept back lies with the provider alone; that it counted, or was refused, is believed of our own answer only.
    let is_received = row.received_at.is_some() || row.told_status == "kept";
    // What is kept back is looked at anew when it comes again, its course too.
    let is_mapped = matches!(row.status.as_str(), "counted" | "refused")
        && row.reason.as_deref() != Some("course_unknown");
    let reached = [
        ("learned", row.completed_at, row.completed_at.is_some() || row.received_at.is_some()),
        ("sent", row.sent_at.or(row.received_at), row.sent_at.is_some() || is_received),
        ("received", row.received_at, is_received),
        ("mapped", row.received_at, is_mapped),
        ("counted", row.received_at, is_counted),
    ];
    let stages = reached.map(|(stage, at, is_reached)| Stage {
        stage,
        at: at.filter(|_| is_reached).map(text),
        is_reached,
    });
    let reason = match why_void {
        Some(why) => (*why).to_owned(),
        None => row.reason.clone().unwrap_or_else(|| row.told_reason.clone()),
    };
    let (turn, reason) = turn(&row, is_booked, is_received, reason);
    Arrival {
        provider: row.provider,
        provider_title: row.provider_title,
        course: row.course,
        title: row.title,
        stages: stages.to_vec(),
        turn,
        reason,
        percent: row.percent,
        asked_at: row.asked_at.map(text),
    }
}

/// Whose turn it is, and why.
fn turn(row: &rows::Joined, is_booked: bool, is_received: bool, reason: String) -> (&'static str, String) {
    if is_booked {
        return ("nobody", reason);
    }
    if row.completed_at.is_none() && row.received_at.is_none() {
        return ("learner", "not_finished".to_owned());
    }
    if !is_received {
        let is_claimed = matches!(row.told_status.as_str(), "counted" | "refused");
        return ("provider", if is_claimed { "claimed" } else { "not_sent" }.to_owned());
    }
    match reason.as_str() {
        "policy_not_published" | "provider_suspended" | "year_closed" => ("authority", reason),
        "overlap" => ("nobody", reason),
        _ => ("provider", reason),
    }
}

/// A person's records are asked for anew: every provider where the person is known is asked.
pub(crate) async fn pull_all(site: &Site, person: PersonId) -> Result<usize> {
    let known = rows::providers_of(&site.db, person).await?;
    let tx = site.db.begin().await?;
    for provider in &known {
        let pull = Pull { provider: provider.clone(), person: person.to_string() };
        outward::ask(site, &tx, provider, (PULL, &pull, &format!("{provider}:{person}"))).await?;
        rows::open_dispute(&tx, provider, person, site.now()).await?;
    }
    tx.commit().await?;
    Ok(known.len())
}

#[derive(Serialize)]
struct Question {
    subject_id: String,
    /// Whether what was not answered yet should be sent again.
    resend: bool,
}

#[derive(Deserialize)]
struct Answer {
    items: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    id: String,
    course: String,
    title: String,
    percent: i64,
    completed_at: Option<String>,
    sent_at: Option<String>,
    status: String,
    #[serde(default)]
    reason: Option<String>,
}

/// Asks a provider what a person learned there and lets it send what is missing. Fails, and so is tried again, while the
/// provider does not answer.
pub(crate) async fn pull(site: Site, job: Pull) -> Result<()> {
    let id: ProviderId = job.provider.parse()?;
    let person: PersonId = job.person.parse()?;
    let provider = store::by_id(&site.db, id).await?;
    let Some(subject_id) = rows::subject(&site.db, id, person).await? else { return Ok(()) };
    let question = Question { subject_id, resend: true };
    let answer = outward::post_signed(&site, &provider, "/api/v1/hub/learned", &question).await?;
    match answer.status {
        200 => {}
        // A provider that does not know the question need not be asked again; what it sends by itself is seen all the same.
        404 | 405 => return Ok(()),
        status => {
            return Err(Error::internal(format!("{} answered {status} about a learner", provider.name)));
        }
    }
    let answer: Answer = serde_json::from_slice(&answer.body).map_err(Error::internal)?;
    let mut seen = HashSet::new();
    let learned = answer.items.into_iter().take(MOST).map(learned);
    let items = learned.filter(|l| seen.insert(l.id.clone())).collect::<Vec<_>>();
    let tx = site.db.begin().await?;
    rows::replace(&tx, (id, person), &items, site.now()).await?;
    rows::close_disputes(&tx, (id, person), site.now()).await?;
    tx.commit().await
}

fn learned(item: Item) -> Learned {
    let millis = |text: Option<String>| text.and_then(|t| t.parse().ok()).map(day::millis);
    let short = |text: String| text.chars().filter(|c| !c.is_control()).take(200).collect::<String>();
    Learned {
        id: short(item.id),
        course: short(item.course),
        title: short(item.title),
        percent: item.percent.clamp(0, 100),
        completed_at: millis(item.completed_at),
        sent_at: millis(item.sent_at),
        status: item.status.chars().take(20).collect(),
        reason: item.reason.unwrap_or_default().chars().take(100).collect(),
    }
}
