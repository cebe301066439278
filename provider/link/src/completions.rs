//! Completed courses on their way to the management platform: signed, sent until answered, the answer kept. Sending one
//! twice is harmless; it is counted once there.
use std::time::Duration;

use base::{Error, Result};
use learning::{Answer, Completion};
use serde::{Deserialize, Serialize};
use site::Site;

use crate::hub::{self, Hub};

/// The kind of the job that sends whatever still waits.
pub(crate) const CATCH_UP_JOB: &str = "link.catch_up";

#[derive(Serialize, Deserialize)]
pub(crate) struct CatchUp {}

#[derive(Serialize)]
struct Interval {
    from: String,
    to: String,
}

#[derive(Serialize)]
struct Item {
    id: String,
    subject_id: String,
    course: String,
    minutes: i64,
    started_at: String,
    completed_at: String,
    intervals: Vec<Interval>,
    fee: base::Fen,
}

#[derive(Serialize)]
struct Message {
    completions: Vec<Item>,
}

#[derive(Deserialize)]
struct Said {
    id: String,
    status: String,
    #[serde(default)]
    reason: Option<String>,
}

#[derive(Deserialize)]
struct Answers {
    items: Vec<Said>,
}

/// Enqueues the sending of invoices that wait and of completions that have waited for ten minutes; for the start and whenever the management
/// platform is seen to answer, since a job's own tries come to an end.
pub async fn catch_up(site: &Site) -> Result<()> {
    let before = site.now() - Duration::from_mins(10);
    if learning::has_waiting(&site.db, before).await? || !orders::untold(&site.db, None).await?.is_empty() {
        enqueue_all(site).await?;
    }
    Ok(())
}

/// Enqueues the sending of everything that waits.
pub(crate) async fn enqueue_all(site: &Site) -> Result<()> {
    site.enqueue_once(&site.db, CATCH_UP_JOB, &CatchUp {}, "all").await
}

/// Sends one completion, or up to 100 that wait. Fails, and so is tried again, unless every one has been answered.
pub(crate) async fn send(site: &Site, hub: &Hub, id: Option<&str>) -> Result<()> {
    let waiting = learning::waiting(&site.db, id).await?;
    if waiting.is_empty() {
        return Ok(());
    }
    let ids: Vec<String> = waiting.iter().map(|c| c.id.clone()).collect();
    let message = Message { completions: waiting.into_iter().map(item).collect() };
    let answer = hub.post(site, "/api/v1/provider/completions", &message).await;
    let trouble = match &answer {
        Ok(answer) if answer.status == 200 => String::new(),
        Ok(answer) => hub::code(answer),
        Err(e) => e.code().to_owned(),
    };
    learning::sent(&site.db, &ids, &trouble, site.now()).await?;
    let answer = answer?;
    let answers = match answer.status {
        200 => accepted(&answer.body, &ids)?,
        // What the message says is at fault: saying it again would not help.
        400 | 409 | 413 | 422 => refused(ids.clone(), &hub::code(&answer)),
        // Keys, clocks, addresses and load are at fault, and can be mended without the learner losing anything.
        status => return Err(Error::internal(format!("completions: {status} {}", hub::code(&answer)))),
    };
    let all_answered = answers.len() == ids.len();
    learning::answered(&site.db, &answers, site.now()).await?;
    if all_answered { Ok(()) } else { Err(Error::internal("completions: not every one was answered")) }
}

/// The answers to what was sent; an unknown status is no answer.
fn accepted(body: &[u8], ids: &[String]) -> Result<Vec<Answer>> {
    let answers: Answers = serde_json::from_slice(body).map_err(Error::internal)?;
    let is_known =
        |s: &Said| ids.contains(&s.id) && matches!(s.status.as_str(), "counted" | "kept" | "refused");
    let known = answers.items.into_iter().filter(is_known);
    Ok(known.map(|s| Answer { id: s.id, status: s.status, reason: s.reason }).collect())
}

fn refused(ids: Vec<String>, code: &str) -> Vec<Answer> {
    let one = |id| Answer { id, status: "refused".to_owned(), reason: Some(code.to_owned()) };
    ids.into_iter().map(one).collect()
}

fn item(c: Completion) -> Item {
    // To the millisecond: rounded, stretches that follow each other would overlap or lack what a course needs.
    let interval = |s: learning::Stretch| Interval { from: s.from.to_string(), to: s.to.to_string() };
    Item {
        id: c.id,
        subject_id: c.subject_id,
        course: c.course,
        minutes: c.minutes,
        started_at: c.started_at.to_string(),
        completed_at: c.completed_at.to_string(),
        intervals: c.intervals.into_iter().filter(|s| s.from < s.to).map(interval).collect(),
        fee: c.fee,
    }
}
