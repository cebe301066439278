//! Statements at a Learning Record Store over HTTP only, so that ours and another are driven by one program. What was
//! acknowledged last to each client is asked for afterwards.
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use clap::Args;
use tokio::task::JoinSet;

use super::{Bounds, http::Line, seen::Seen};
use crate::cli::{Done, Fault, print_line};

/// The courses of a provider, and how many of them each learner takes.
const COURSES: u64 = 300;
const TAKEN: u64 = 10;
/// What the questions are asked by, in turn.
const KINDS: [&str; 4] = ["agent", "agent_and_activity", "verb", "activity"];
const VERBS: [&str; 4] = ["initialized", "completed", "passed", "terminated"];

/// Which store, and what is done there.
#[derive(Args)]
pub(crate) struct Store {
    #[command(flatten)]
    pub(super) bounds: Bounds,
    /// The name for Basic authentication.
    #[arg(long)]
    username: String,
    /// The secret for it, which may begin with any sign.
    #[arg(long, allow_hyphen_values = true)]
    password: String,
    /// Statements in a request.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
    batch: u32,
    /// Ask for statements by learner, activity and verb instead of writing them.
    #[arg(long)]
    queries: bool,
    /// Learners whose statements are written or asked for. A store that grows with its people has as many of each.
    #[arg(long, default_value_t = 5000, value_parser = clap::value_parser!(u32).range(1..))]
    learners: u32,
    /// Stop each client after so many requests.
    #[arg(long)]
    requests: Option<u64>,
}

/// What every client does.
struct Plan {
    host: String,
    path: String,
    head: String,
    batch: u64,
    clients: u64,
    learners: u64,
    is_asking: bool,
    length: Duration,
    requests: u64,
    /// What sets the ids of this run apart.
    run: u64,
}

pub(super) async fn run(store: &Store) -> Done {
    let bounds = &store.bounds;
    let host = bounds.url.socket_addrs(|| None)?.first().ok_or("the address has no host")?.to_string();
    let basic = STANDARD.encode(format!("{}:{}", store.username, store.password));
    let plan = Arc::new(Plan {
        host,
        path: format!("{}/statements", bounds.url.path().trim_end_matches('/')),
        head: format!("authorization: Basic {basic}\r\nx-experience-api-version: 1.0.3\r\n"),
        batch: u64::from(store.batch),
        clients: u64::from(bounds.clients),
        learners: u64::from(store.learners),
        is_asking: store.queries,
        length: Duration::from_secs(u64::from(bounds.seconds)),
        requests: store.requests.unwrap_or(u64::MAX),
        run: u64::from_le_bytes(base::random::bytes::<8>(&base::SystemRandom)),
    });
    let begun = Instant::now();
    let mut clients = JoinSet::new();
    for number in 0..u64::from(bounds.clients) {
        let plan = Arc::clone(&plan);
        clients.spawn(async move { client(&plan, number).await });
    }
    let (mut all, mut statements) = (Seen::default(), 0_u64);
    let mut each: [Seen; 4] = Default::default();
    while let Some(joined) = clients.join_next().await {
        let (kinds, moved) = joined??;
        for (kind, seen) in each.iter_mut().zip(kinds) {
            all.micros.extend(&seen.micros);
            all.errors += seen.errors;
            all.lost += seen.lost;
            kind.add(seen);
        }
        statements += moved;
    }
    let took = begun.elapsed().as_secs_f64();
    let mut summary = all.summary(bounds, "requests");
    if let Some(object) = summary.as_object_mut() {
        object.insert("seconds".to_owned(), ((took * 100.0).round() / 100.0).into());
        object.insert("batch".to_owned(), store.batch.into());
        object.insert("statements".to_owned(), statements.into());
        let rate = f64::from(u32::try_from(statements).unwrap_or(u32::MAX)) / took;
        object.insert("statements_a_second".to_owned(), rate.round().into());
        if store.queries {
            let by = KINDS.iter().zip(&mut each).map(|(kind, seen)| ((*kind).to_owned(), seen.in_short()));
            object.insert("by".to_owned(), serde_json::Value::Object(by.collect()));
        }
    }
    print_line(&summary.to_string())?;
    Ok(())
}

/// A client's requests by their kind, and how many statements were acknowledged to it or given in answers.
async fn client(plan: &Plan, number: u64) -> Result<([Seen; 4], u64), Fault> {
    let mut line = Line::with_head(&plan.host, &plan.head).await?;
    let mut kinds: [Seen; 4] = Default::default();
    let (mut moved, mut count, mut last) = (0, 0_u64, None);
    let begun = Instant::now();
    while begun.elapsed() < plan.length && count < plan.requests {
        let (method, path, body, id) = request(plan, number, count);
        let [first, second, third, fourth] = &mut kinds;
        let seen = match count % 4 {
            0 => first,
            1 => second,
            2 => third,
            _ => fourth,
        };
        count += 1;
        let sent = Instant::now();
        match line.call(method, &path, &body).await {
            Ok(answer) if answer.status == 200 => {
                seen.answered(sent);
                moved += if plan.is_asking { held(&answer.body) } else { plan.batch };
                last = id;
            }
            Ok(_) => seen.errors += 1,
            Err(_) => {
                seen.errors += 1;
                line = Line::with_head(&plan.host, &plan.head).await?;
            }
        }
    }
    if let Some(id) = last {
        let path = format!("{}?statementId={id}", plan.path);
        let is_there = line.call("GET", &path, "").await.is_ok_and(|answer| answer.status == 200);
        let [first, ..] = &mut kinds;
        first.lost += u64::from(!is_there);
    }
    Ok((kinds, moved))
}

/// How many statements an answer holds: each has one time at which it was stored.
fn held(answer: &[u8]) -> u64 {
    let text = std::str::from_utf8(answer).unwrap_or_default();
    u64::try_from(text.matches("\"stored\":").count()).unwrap_or(u64::MAX)
}

/// The next request of a client; for one that writes, the id of its last statement.
fn request(plan: &Plan, client: u64, count: u64) -> (&'static str, String, String, Option<String>) {
    if plan.is_asking {
        return ("GET", question(plan, client + count * plan.clients, count % 4), String::new(), None);
    }
    // Clients take turns, so that the statements of all are one row of numbers.
    let first = (count * plan.clients + client) * plan.batch;
    let id = |n: u64| uuid(plan.run, (client << 40) + count * plan.batch + n);
    let mut body = String::with_capacity(700 * usize::try_from(plan.batch).unwrap_or(1) + 2);
    if plan.batch > 1 {
        body.push('[');
    }
    for n in 0..plan.batch {
        if n > 0 {
            body.push(',');
        }
        body.push_str(&statement(&id(n), &what(plan, first + n)));
    }
    if plan.batch > 1 {
        body.push(']');
    }
    ("POST", plan.path.clone(), body, Some(id(plan.batch - 1)))
}

/// Who did what.
struct What {
    learner: u64,
    course: u64,
    verb: &'static str,
}

/// The statement of a number. Learners take turns, so that those of each are spread over the whole store; each goes
/// through the own courses again and again.
fn what(plan: &Plan, n: u64) -> What {
    let (learner, turn) = (n % plan.learners, n / plan.learners);
    let verb = usize::try_from((learner + turn / TAKEN) % 4).unwrap_or(0);
    let verb = VERBS.get(verb).copied().unwrap_or("completed");
    What { learner, course: (learner * 7 + turn % TAKEN * 31) % COURSES, verb }
}

/// By learner; by learner and one of the courses; by verb; by activity.
fn question(plan: &Plan, n: u64, kind: u64) -> String {
    // Any of the statements, and none near the one asked for before.
    let any = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    let What { learner, course, verb } = what(plan, any);
    let learner = format!(r#"{{"account":{{"homePage":"https://hub.example","name":"learner-{learner}"}}}}"#);
    let activity = format!("https://provider.example/courses/{course}");
    let verb = format!("http://adlnet.gov/expapi/verbs/{verb}");
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    match kind {
        0 => query.append_pair("agent", &learner),
        1 => query.append_pair("agent", &learner).append_pair("activity", &activity),
        2 => query.append_pair("verb", &verb),
        _ => query.append_pair("activity", &activity),
    };
    query.append_pair("limit", "20");
    format!("{}?{}", plan.path, query.finish())
}

/// A version 8 UUID (RFC 9562) of the run and a number.
fn uuid(run: u64, n: u64) -> String {
    format!(
        "{:08x}-{:04x}-8{:03x}-8{:03x}-{:012x}",
        run >> 32,
        (run >> 16) & 0xffff,
        (run >> 4) & 0xfff,
        (n >> 48) & 0xfff,
        n & 0xffff_ffff_ffff
    )
}

/// A statement as course platforms send them.
fn statement(id: &str, what: &What) -> String {
    let What { learner, course, verb } = what;
    format!(
        r#"{{"id":"{id}","actor":{{"objectType":"Agent","account":{{"homePage":"https://hub.example","name":"learner-{learner}"}}}},"verb":{{"id":"http://adlnet.gov/expapi/verbs/{verb}","display":{{"en-US":"{verb}"}}}},"object":{{"objectType":"Activity","id":"https://provider.example/courses/{course}","definition":{{"type":"http://adlnet.gov/expapi/activities/course","name":{{"en-US":"Course {course}"}}}}}},"result":{{"completion":true,"duration":"PT45M"}},"timestamp":"2026-11-24T03:00:00.000Z"}}"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(batch: u64, is_asking: bool) -> Plan {
        let length = Duration::from_secs(1);
        let (host, path, head) = (String::new(), "/xapi/statements".to_owned(), String::new());
        let run = 0x0123_4567_89ab_cdef;
        Plan { host, path, head, batch, clients: 4, learners: 50, is_asking, length, requests: 1, run }
    }

    #[test]
    fn statements_are_json_and_their_ids_differ() {
        let (_, _, body, last) = request(&plan(100, false), 3, 7);
        let statements: Vec<serde_json::Value> = serde_json::from_str(&body).unwrap();
        let ids: std::collections::HashSet<&str> =
            statements.iter().map(|s| s["id"].as_str().unwrap()).collect();
        assert_eq!((statements.len(), ids.len()), (100, 100));
        assert_eq!(statements[99]["id"].as_str(), last.as_deref());
        assert!(ids.iter().all(|id| ::records::format::is_uuid(id)));
    }

    #[test]
    fn questions_name_what_was_written() {
        let asked = (0..4).map(|n| request(&plan(1, true), 0, n).1).collect::<Vec<_>>();
        assert!(asked[0].contains("agent=") && asked[1].contains("activity=") && asked[2].contains("verb="));
        assert_eq!(held(br#"{"statements":[{"stored":"x"},{"stored":"y"}]}"#), 2);
    }

    #[test]
    fn every_learner_has_a_page_of_each_own_course() {
        let plan = plan(100, false);
        let clients = (0..plan.clients).flat_map(|client| (0..25).map(move |count| (client, count)));
        let mut of = std::collections::HashMap::new();
        for (client, count) in clients {
            let statements: Vec<serde_json::Value> =
                serde_json::from_str(&request(&plan, client, count).2).unwrap();
            for s in statements {
                let (learner, course) = (&s["actor"]["account"]["name"], &s["object"]["id"]);
                *of.entry((learner.to_string(), course.to_string())).or_insert(0) += 1;
            }
        }
        assert_eq!(of.len(), 500, "ten courses each");
        assert!(of.values().all(|n| *n == 20), "two hundred statements of each learner");
    }
}
