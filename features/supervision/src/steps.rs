//! The automatic steps before 12-31 (data, kept by the authority at the top): each tells each person once, in small portions that any
//! node may go on with.
use std::collections::HashMap;

use base::{Day, Fen, Hours, PersonId, Result, UnitId, Year, day};
use db::Tx;
use hours::Grounds;
use messages::Letter;
use rules::reminders::{self, Step, Told};
use serde::{Deserialize, Serialize};
use site::Site;

use crate::{
    kept as kept_numbers, remind,
    store_reminders::{self as kept, Sent},
    store_steps::{self as store, Unfinished},
};

/// The job of one day; it puts the next day's into the queue.
pub(crate) const DAILY: &str = "supervision.daily";
/// A portion of a step.
pub(crate) const PORTION: &str = "supervision.step";
/// Nine in the morning, within the hours of reminders.
const AT_SECONDS: i64 = 9 * 3600;
/// So many people are told in one transaction.
const AT_ONCE: i64 = 500;

/// Which day.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Morning {
    day: String,
}

/// People of a step after one of them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Portion {
    year: Year,
    days: i64,
    after: String,
}

/// Puts today's run into the queue; where it was done already nobody is told twice. Called when a node starts.
pub async fn schedule(site: &Site) -> Result<()> {
    kept_numbers::schedule(site).await?;
    enqueue(site, day::day_of(site.now())).await
}

async fn enqueue(site: &Site, day: Day) -> Result<()> {
    let at = day::from_millis(day::millis(day::start_of(day)) + AT_SECONDS * 1000);
    let day = day.to_string();
    site.enqueue_at(&site.db, (DAILY, &day), &Morning { day: day.clone() }, at).await
}

/// The morning's work: the day's step begins, if it has one.
pub(crate) async fn run(site: Site, _morning: Morning) -> Result<()> {
    let today = day::day_of(site.now());
    if let Ok(tomorrow) = today.tomorrow() {
        enqueue(&site, tomorrow).await?;
    }
    let year = site.this_year();
    let days = reminders::days_until(today, year.last_day());
    if reminders::step_on(&store::steps(&site.db).await?, days).is_none() {
        return Ok(());
    }
    let first = Portion { year, days, after: String::new() };
    site.enqueue_once(&site.db, PORTION, &first, &format!("{year}:{days}:")).await
}

/// Tells a portion of the people, and queues the next one in the same transaction.
pub(crate) async fn portion(site: Site, p: Portion) -> Result<()> {
    let Some(step) = reminders::step_on(&store::steps(&site.db).await?, p.days) else { return Ok(()) };
    let of = hours::grounds(&site.db, p.year, day::day_of(site.now())).await?;
    let tx = site.db.begin().await?;
    let people = store::unfinished(&tx, &of, (&p.after, AT_ONCE), p.days).await?;
    match people.last() {
        Some(last) => {
            let next = Portion { after: last.id.clone(), ..p.clone() };
            site.enqueue_once(&tx, PORTION, &next, &format!("{}:{}:{}", p.year, p.days, last.id)).await?;
        }
        None => tell_leaders(&site, &tx, &of, step).await?,
    }
    let fresh: Vec<&Unfinished> = people.iter().filter(|u| !u.told).collect();
    if !fresh.is_empty() {
        tell(&site, &tx, (p.year, step, of.in_force.policy.required.total), &fresh).await?;
    }
    tx.commit().await
}

/// What someone misses.
fn short(u: &Unfinished, required: Hours) -> Hours {
    u.short_hours.map_or(required, Hours::from_hundredths)
}

async fn tell(
    site: &Site,
    tx: &Tx,
    (year, step, required): (Year, Step, Hours),
    people: &[&Unfinished],
) -> Result<()> {
    let mut letters = vec![];
    for u in people {
        let (year, days, short) = (year.to_string(), step.days.to_string(), short(u, required).to_string());
        let words = [("year", year.as_str()), ("days", days.as_str()), ("short", short.as_str())];
        letters.push(Letter {
            to: u.id.parse()?,
            kind: "step",
            text: site.texts.with("remind-step", &words),
            link: "/me".to_owned(),
            once: Some(format!("step:{year}:{days}:{}", u.id)),
        });
    }
    messages::post(site, tx, &letters).await?;
    let texted = if step.by_sms { text(site, tx, required, people).await? } else { HashMap::new() };
    let mut sent = vec![];
    for u in people {
        let person: PersonId = u.id.parse()?;
        let (segments, cost) =
            texted.get(&person).map_or((None, Fen::ZERO), |(segments, cost)| (Some(*segments), *cost));
        let payer = u.unit_id.parse()?;
        sent.push(Sent { person, batch: None, step: Some(step.days), segments, cost, payer });
    }
    kept::insert(site, tx, &sent).await
}

/// Texts those with a bound phone as long as their unit's budget lasts; gives the parts and the cost of each.
async fn text(
    site: &Site,
    tx: &Tx,
    required: Hours,
    people: &[&Unfinished],
) -> Result<HashMap<PersonId, (usize, Fen)>> {
    let ids = people.iter().map(|u| u.id.parse()).collect::<Result<Vec<PersonId>, _>>()?;
    let reachable = accounts::reachable(tx, &ids).await?;
    let units = people.iter().map(|u| u.unit_id.parse()).collect::<Result<Vec<UnitId>, _>>()?;
    let mut left = kept::left_of(tx, &units, site.this_year()).await?;
    let (mut to, mut texted) = (vec![], HashMap::new());
    for ((u, person), unit) in people.iter().zip(&ids).zip(&units) {
        let Some((rest, price)) = left.get_mut(unit).filter(|_| reachable.contains(person)) else { continue };
        let words = remind::sms_words(site, &u.name, short(u, required));
        let segments = reminders::segments(&remind::sms_text(site, &words));
        let cost = i64::try_from(segments).unwrap_or(i64::MAX).saturating_mul(*price);
        if cost > *rest {
            continue;
        }
        *rest -= cost;
        texted.insert(*person, (segments, Fen::new(cost)));
        to.push((*person, words));
    }
    let at = reminders::sms_at(site.now(), |_| true).unwrap_or_else(|| site.now());
    accounts::text(site, tx, accounts::Texting { purpose: "reminder", at, to }).await?;
    Ok(texted)
}

/// Tells department heads, and from three days on unit administrators, how many of theirs are behind.
async fn tell_leaders(site: &Site, tx: &Tx, of: &Grounds, step: Step) -> Result<()> {
    let mut found = vec![];
    if step.told != Told::Person {
        found.extend(store::behind_by_head(tx, of).await?);
    }
    if step.told == Told::Unit {
        found.extend(store::behind_by_administrator(tx, of).await?);
    }
    let mut letters = vec![];
    for f in found {
        let (year, days, people) = (of.year().to_string(), step.days.to_string(), f.people.to_string());
        let words = [
            ("year", year.as_str()),
            ("days", days.as_str()),
            ("unit", &f.unit),
            ("people", people.as_str()),
        ];
        letters.push(Letter {
            to: f.leader.parse()?,
            kind: "behind",
            text: site.texts.with("remind-behind", &words),
            link: "/supervision".to_owned(),
            once: Some(format!("behind:{year}:{days}:{}:{}", f.leader, f.code)),
        });
    }
    messages::post(site, tx, &letters).await.map(|_| ())
}
