//! A crowd at the management platform: invented people of a unit of their own, made in its database for the rehearsal
//! and signed out of everything after it. A production installation refuses them.
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use accounts::Participant;
use base::{Day, PersonId, Role, day};
use org::{NewUnit, Unit, UnitKind};
use serde::Deserialize;
use serde_json::Value;
use site::Site;
use tokio::task::JoinSet;

use super::{
    Bounds,
    http::{Answer, Line},
    seen::Seen,
};
use crate::{
    cli::{Done, Fault, print_line, seed},
    compose::{self, Nature},
    config::{Config, Mode},
};

/// Words from `demo/rehearsal.toml`.
#[derive(Deserialize)]
pub(super) struct Words {
    code: String,
    unit: String,
    header: String,
    row: String,
    /// A claim's title.
    pub claim: String,
}

/// What every client knows.
pub(super) struct Plan {
    host: String,
    pub words: Words,
    /// The password of all.
    pub secret: String,
    /// Today.
    pub today: Day,
    pause: Duration,
    length: Duration,
}

/// One client, one person.
pub(super) struct Client {
    /// Its place in the crowd.
    pub number: usize,
    /// Who it is.
    pub who: Participant,
    /// Whether it administers the unit; every twentieth does.
    pub is_administrator: bool,
}

/// One call, and what may come of it.
pub(super) struct Step {
    /// The method.
    pub method: &'static str,
    /// The path.
    pub path: String,
    /// The body, if one is sent.
    pub body: String,
    /// The statuses that are in order.
    pub expected: &'static [u16],
    /// Where a created thing must be found afterwards.
    pub kept_under: Option<&'static str>,
}

impl Step {
    /// Looks at a page.
    pub(super) fn look(path: impl Into<String>) -> Self {
        Self { method: "GET", path: path.into(), body: String::new(), expected: &[200], kept_under: None }
    }
}

/// What a client does as its n-th.
pub(super) type Steps = fn(&Plan, &Client, usize) -> Step;

pub(super) async fn run(config: &Config, bounds: &Bounds, steps: Steps) -> Done {
    if config.mode == Mode::Production {
        return Err(Fault(
            "a crowd of invented people is for installations that are not in production".into(),
        ));
    }
    let site = compose::hub_site(config, &Nature::default(), None).await?;
    let words: Words = toml::from_str(include_str!("../../../demo/rehearsal.toml"))?;
    let people = gather(&site, &words, bounds.clients as usize).await?;
    let outcome = act(&site, bounds, (words, &people), steps).await;
    accounts::end_rehearsal(&site, &people).await?;
    print_line(&outcome?.summary(bounds, "calls").to_string())?;
    Ok(())
}

/// The unit's people; those that an earlier rehearsal made come again.
async fn gather(site: &Site, words: &Words, count: usize) -> Result<Vec<PersonId>, Fault> {
    const ROSTER: usize = 2000;
    let tx = site.db.begin().await?;
    let new = NewUnit { code: words.code.clone(), name: words.unit.clone(), kind: UnitKind::Unit };
    let unit = org::ensure(site, &tx, new).await?;
    tx.commit().await?;
    let known = org::trainees_under(&site.db, &unit.path).await?.len();
    let numbers: Vec<usize> = (known..count).collect();
    for part in numbers.chunks(ROSTER) {
        let roster = roster(words, part)?;
        let outcome = org::import_file(site, &unit, roster.into_bytes(), org::How::default()).await?;
        if let Some(e) = outcome.errors.first() {
            return Err(Fault(format!("row {}: {} {}", e.row, e.column, e.code)));
        }
    }
    let people: Vec<PersonId> =
        org::trainees_under(&site.db, &unit.path).await?.into_iter().map(|p| p.id).take(count).collect();
    if people.len() < count {
        return Err(Fault(format!("a crowd has at most {} people", people.len())));
    }
    administrators(site, &unit, &people).await?;
    Ok(people)
}

fn roster(words: &Words, numbers: &[usize]) -> Result<String, Fault> {
    let mut text = format!("{}\n", words.header);
    for n in numbers {
        let (number, phone) = (seed::id_number("439000", *n)?, 13_900_000_000_u64 + *n as u64);
        let row = words.row.replace("{number}", &number).replace("{phone}", &phone.to_string());
        text.push_str(&row.replace("{n}", &n.to_string()));
        text.push('\n');
    }
    Ok(text)
}

const fn is_administrator(number: usize) -> bool {
    number.is_multiple_of(20)
}

async fn administrators(site: &Site, unit: &Unit, people: &[PersonId]) -> Result<(), Fault> {
    let tx = site.db.begin().await?;
    for (_, person) in people.iter().enumerate().filter(|(n, _)| is_administrator(*n)) {
        accounts::grant(site, &tx, *person, (Role::UnitAdmin, unit.id), None).await?;
    }
    tx.commit().await?;
    Ok(())
}

async fn act(
    site: &Site,
    bounds: &Bounds,
    (words, people): (Words, &[PersonId]),
    steps: Steps,
) -> Result<Seen, Fault> {
    let rehearsal = accounts::rehearse(site, people).await?;
    let host = bounds.url.socket_addrs(|| None)?.first().ok_or("the address has no host")?.to_string();
    let pause = bounds.rate.map_or(Duration::ZERO, |rate| {
        Duration::from_secs_f64(f64::from(bounds.clients) / f64::from(rate.max(1)))
    });
    let plan = Arc::new(Plan {
        host,
        words,
        secret: rehearsal.secret,
        today: day::day_of(site.now()),
        pause,
        length: Duration::from_secs(u64::from(bounds.seconds)),
    });
    let mut clients = JoinSet::new();
    for (number, who) in rehearsal.visitors.into_iter().enumerate() {
        let plan = Arc::clone(&plan);
        let is_administrator = people.iter().position(|p| *p == who.person).is_some_and(is_administrator);
        let client = Client { number, who, is_administrator };
        clients.spawn(async move { go(&plan, &client, steps).await });
    }
    let mut all = Seen::default();
    while let Some(seen) = clients.join_next().await {
        all.add(seen??);
    }
    Ok(all)
}

async fn go(plan: &Plan, client: &Client, steps: Steps) -> Result<Seen, Fault> {
    let mut line = Line::open(&plan.host, &client.who.token).await?;
    let (mut seen, mut made, begun) = (Seen::default(), vec![], Instant::now());
    // People do not click in step.
    tokio::time::sleep(plan.pause * u32::try_from(client.number % 997).unwrap_or(0) / 997).await;
    let mut n = 0;
    while begun.elapsed() < plan.length {
        let (step, sent) = (steps(plan, client, n), Instant::now());
        n += 1;
        match line.call(step.method, &step.path, &step.body).await {
            Ok(answer) if step.expected.contains(&answer.status) => {
                seen.answered(sent);
                made.extend(step.kept_under.and_then(|under| place(under, &answer)));
            }
            Ok(_) => seen.errors += 1,
            Err(_) => {
                seen.errors += 1;
                line = Line::open(&plan.host, &client.who.token).await?;
            }
        }
        tokio::time::sleep(plan.pause.saturating_sub(sent.elapsed())).await;
    }
    for path in made {
        seen.lost += u64::from(line.call("GET", &path, "").await?.status != 200);
    }
    Ok(seen)
}

/// Where the thing is that an answer says was made.
fn place(under: &str, answer: &Answer) -> Option<String> {
    let made: Value = serde_json::from_slice(&answer.body).ok()?;
    made.get("id").and_then(Value::as_str).map(|id| format!("{under}/{id}"))
}
