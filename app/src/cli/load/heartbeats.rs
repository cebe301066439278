//! Heartbeats as players send them, only more often: each client is a learner of its own who learns the longest free
//! lecture, and afterwards asks whether everything that was acknowledged is there.
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tokio::{sync::Semaphore, task::JoinSet};

use super::{Bounds, http::Line, seen::Seen};
use crate::{
    cli::{Done, Fault, print_line},
    compose::{self, Nature},
    config::Config,
};

/// A learner is allowed 20 beats a second, so a client waits at least so long.
const SHORTEST_PAUSE: Duration = Duration::from_millis(55);

/// What every client does.
struct Plan {
    host: String,
    lecture: String,
    pause: Duration,
    length: Duration,
    openings: Semaphore,
    start: tokio::sync::Barrier,
}

pub(super) async fn run(config: &Config, bounds: &Bounds) -> Done {
    // Which of the platforms it is does not matter: only its database is used, for learners to play with.
    let site = compose::provider_site(config, &Nature::default(), "webtrn").await?;
    let tokens = link::rehearse(&site, bounds.clients as usize).await?;
    let host = bounds.url.socket_addrs(|| None)?.first().ok_or("the address has no host")?.to_string();
    let lecture = longest(&host).await?;
    let pause = bounds.rate.map_or(Duration::ZERO, |rate| {
        Duration::from_secs_f64(f64::from(bounds.clients) / f64::from(rate.max(1)))
    });
    let plan = Arc::new(Plan {
        host,
        lecture,
        pause: pause.max(SHORTEST_PAUSE),
        length: Duration::from_secs(u64::from(bounds.seconds)),
        openings: Semaphore::new(16),
        start: tokio::sync::Barrier::new(tokens.len()),
    });
    let mut clients = JoinSet::new();
    for (n, token) in (0_u32..).zip(tokens) {
        let plan = Arc::clone(&plan);
        clients.spawn(async move { client(&plan, &token, n).await });
    }
    let mut all = Seen::default();
    while let Some(seen) = clients.join_next().await {
        all.add(seen??);
    }
    print_line(&all.summary(bounds, "beats").to_string())?;
    Ok(())
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

async fn client(plan: &Plan, token: &str, number: u32) -> Result<Seen, Fault> {
    let opened = open(plan, token).await;
    plan.start.wait().await;
    let (mut line, session) = opened?;
    let mut seen = Seen::default();
    let begun = Instant::now();
    // Players do not beat in step.
    tokio::time::sleep(plan.pause * (number % 997) / 997).await;
    let (path, mut seq, mut credited) = (format!("/api/v1/learning-sessions/{session}/progress"), 0_u64, 0.0);
    while begun.elapsed() < plan.length {
        seq += 1;
        let position = begun.elapsed().as_secs_f64();
        let body = format!(r#"{{"seq":{seq},"position":{position:.3},"playing":true,"visible":true}}"#);
        let sent = Instant::now();
        match line.call("POST", &path, &body).await {
            Ok(answer) if answer.status == 200 => {
                seen.answered(sent);
                let answer: Value = serde_json::from_slice(&answer.body)?;
                credited += answer.get("credited").and_then(Value::as_f64).unwrap_or(0.0);
            }
            Ok(_) => seen.errors += 1,
            Err(_) => {
                seen.errors += 1;
                line = Line::open(&plan.host, token).await?;
            }
        }
        tokio::time::sleep(plan.pause.saturating_sub(sent.elapsed())).await;
    }
    let coverage = format!("/api/v1/lectures/{}/coverage", plan.lecture);
    let kept: Value = serde_json::from_slice(&line.call("GET", &coverage, "").await?.body)?;
    let is_whole =
        kept.get("covered").and_then(Value::as_f64).is_some_and(|covered| covered + 0.01 >= credited);
    seen.lost += u64::from(!is_whole);
    Ok(seen)
}

/// Opens a learning session; not all at once, since each is a transaction of its own.
async fn open(plan: &Plan, token: &str) -> Result<(Line, String), Fault> {
    let _one = plan.openings.acquire().await?;
    let mut line = Line::open(&plan.host, token).await?;
    let body = json!({"lecture": plan.lecture}).to_string();
    let answer = line.call("POST", "/api/v1/learning-sessions", &body).await?;
    let opened: Value = serde_json::from_slice(&answer.body)?;
    let id = opened
        .get("id")
        .and_then(Value::as_str)
        .ok_or_else(|| Fault(format!("no learning session: {opened}")))?;
    Ok((line, id.to_owned()))
}
