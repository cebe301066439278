//! Heartbeats as players send them, only more often: learners learn the longest free lecture, and afterwards each is asked
//! whether everything that was acknowledged is there. A client is a connection with one beat under way; since one
//! learner may send only so many beats a second, a client speaks for several in turn.
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::{sync::Semaphore, task::JoinSet};

use super::{
    Bounds,
    http::{Line, post_head},
    seen::Seen,
};
use crate::{
    cli::{Done, Fault, print_line},
    compose::{self, Nature},
    config::Config,
};

/// A learner is allowed 20 beats a second: so long lies at least between two of one learner.
const SHORTEST_PAUSE_MS: u32 = 55;
const SHORTEST_PAUSE: Duration = Duration::from_millis(SHORTEST_PAUSE_MS as u64);
/// Without a rate there are learners for so many beats a second, more than a machine takes.
const MOST_RATE: u32 = 60_000;

/// What every client does.
struct Plan {
    host: String,
    lecture: String,
    pause: Duration,
    length: Duration,
    openings: Semaphore,
    start: tokio::sync::Barrier,
}

/// What is read of an answer.
#[derive(Deserialize)]
struct Progress {
    credited: f64,
}

/// One learner of a client.
struct Learner {
    token: String,
    /// What each of the learner's beats begins with.
    head: String,
    seq: u64,
    credited: f64,
    spoke: Option<Instant>,
}

pub(super) async fn run(config: &Config, bounds: &Bounds) -> Done {
    // Which of the platforms it is does not matter: only its database is used, for learners to play with.
    let site = compose::provider_site(config, &Nature::default(), "webtrn").await?;
    let host = bounds.url.socket_addrs(|| None)?.first().ok_or("the address has no host")?.to_string();
    let lecture = longest(&host).await?;
    let each = learners_each(bounds);
    let tokens = link::rehearse(&site, bounds.clients as usize * each).await?;
    let pause = bounds.rate.map_or(Duration::ZERO, |rate| {
        Duration::from_secs_f64(f64::from(bounds.clients) / f64::from(rate.max(1)))
    });
    let plan = Arc::new(Plan {
        host,
        lecture,
        pause,
        length: Duration::from_secs(u64::from(bounds.seconds)),
        openings: Semaphore::new(16),
        start: tokio::sync::Barrier::new(bounds.clients as usize),
    });
    let mut clients = JoinSet::new();
    for (n, tokens) in (0_u32..).zip(tokens.chunks(each)) {
        let (plan, tokens) = (Arc::clone(&plan), tokens.to_vec());
        clients.spawn(async move { client(&plan, tokens, n).await });
    }
    let mut all = Seen::default();
    while let Some(seen) = clients.join_next().await {
        all.add(seen??);
    }
    print_line(&all.summary(bounds, "beats").to_string())?;
    Ok(())
}

/// How many learners a client speaks for, so that it never waits for one of them.
fn learners_each(bounds: &Bounds) -> usize {
    let rate = bounds.rate.unwrap_or(MOST_RATE).min(MOST_RATE);
    let wanted = (rate * SHORTEST_PAUSE_MS).div_ceil(1_000);
    usize::try_from(wanted.div_ceil(bounds.clients.max(1))).unwrap_or(1).max(1)
}

/// The longest lecture that costs nothing.
async fn longest(host: &str) -> Result<String, Fault> {
    let answer = Line::open(host, "").await?.call("GET", "/api/v1/courses", "").await?;
    let courses: Value = serde_json::from_slice(&answer.body)?;
    let free = courses
        .get("items")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter(|c| c.get("free") == Some(&Value::Bool(true)));
    let lectures = free.flat_map(|c| c.get("lectures").and_then(Value::as_array).into_iter().flatten());
    let found = lectures.max_by_key(|l| l.get("seconds").and_then(Value::as_i64));
    let id = found.and_then(|l| l.get("id").and_then(Value::as_str)).map(str::to_owned);
    id.ok_or_else(|| Fault("the platform has no free course".into()))
}

async fn client(plan: &Plan, tokens: Vec<String>, number: u32) -> Result<Seen, Fault> {
    let opened = open(plan, tokens).await;
    plan.start.wait().await;
    let (mut line, mut learners) = opened?;
    let mut seen = Seen::default();
    // Players do not beat in step.
    tokio::time::sleep(plan.pause * (number % 997) / 997).await;
    let begun = Instant::now();
    for turn in 0_u32.. {
        let place = turn as usize % learners.len().max(1);
        let Some(learner) = learners.get_mut(place).filter(|_| begun.elapsed() < plan.length) else { break };
        let rested = learner.spoke.map_or(Duration::ZERO, |at| SHORTEST_PAUSE.saturating_sub(at.elapsed()));
        // The rate is kept on the whole: a late beat does not put off the next one.
        let wait = (plan.pause * turn).saturating_sub(begun.elapsed()).max(rested);
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        beat(plan, &mut line, (learner, begun), &mut seen).await?;
    }
    for learner in &learners {
        seen.lost += u64::from(!is_whole(plan, &mut line, learner).await?);
    }
    Ok(seen)
}

/// One beat of a learner, who has watched since `begun`.
async fn beat(
    plan: &Plan,
    line: &mut Line,
    (learner, begun): (&mut Learner, Instant),
    seen: &mut Seen,
) -> Result<(), Fault> {
    learner.seq += 1;
    let (seq, position) = (learner.seq, begun.elapsed().as_secs_f64());
    let body = format!(r#"{{"seq":{seq},"position":{position:.3},"playing":true,"visible":true}}"#);
    let sent = Instant::now();
    learner.spoke = Some(sent);
    match line.post(&learner.head, &body).await {
        Ok(answer) if answer.status == 200 => {
            seen.answered(sent);
            learner.credited += serde_json::from_slice::<Progress>(&answer.body)?.credited;
        }
        Ok(_) => seen.errors += 1,
        Err(_) => {
            seen.errors += 1;
            *line = Line::open(&plan.host, &learner.token).await?;
        }
    }
    Ok(())
}

/// Whether everything that was acknowledged to the learner is there.
async fn is_whole(plan: &Plan, line: &mut Line, learner: &Learner) -> Result<bool, Fault> {
    line.speak_for(&plan.host, &learner.token);
    let coverage = format!("/api/v1/lectures/{}/coverage", plan.lecture);
    let kept: Value = serde_json::from_slice(&line.call("GET", &coverage, "").await?.body)?;
    let covered = kept.get("covered").and_then(Value::as_f64);
    Ok(covered.is_some_and(|covered| covered + 0.01 >= learner.credited))
}

/// Opens a learning session for each learner; not all at once, since each is a transaction of its own.
async fn open(plan: &Plan, tokens: Vec<String>) -> Result<(Line, Vec<Learner>), Fault> {
    let _one = plan.openings.acquire().await?;
    let mut line = Line::open(&plan.host, "").await?;
    let body = json!({"lecture": plan.lecture}).to_string();
    let mut learners = Vec::with_capacity(tokens.len());
    for token in tokens {
        line.speak_for(&plan.host, &token);
        let answer = line.call("POST", "/api/v1/learning-sessions", &body).await?;
        let opened: Value = serde_json::from_slice(&answer.body)?;
        let id = opened.get("id").and_then(Value::as_str);
        let id = id.ok_or_else(|| Fault(format!("no learning session: {opened}")))?;
        let head = post_head(&plan.host, &token, &format!("/api/v1/learning-sessions/{id}/progress"));
        learners.push(Learner { token, head, seq: 0, credited: 0.0, spoke: None });
    }
    Ok((line, learners))
}
