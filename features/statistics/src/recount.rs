//! People counted anew: what stands of them in the figures is taken off and what is true now put on, in one transaction
//! that holds their rows. Whatever changed, and however often this runs, the figures end up the same.
use std::collections::{BTreeSet, HashMap};

use base::{PersonId, Result, Year, day, person::Code};
use db::{Conn, Tx};
use hours::Grounds;
use serde_json::Value;

use crate::{
    contribution::{self, Contribution, Learned, Place, Standing, Sums},
    outcome::State,
    store_figures::{self as store, Fact, Line, Member},
};

/// Counts people of a year anew.
pub(crate) async fn recount(tx: &Tx, people: &[PersonId], of: &Grounds) -> Result<()> {
    let year = of.year();
    if people.is_empty() || !store::is_built(tx, year).await? {
        return Ok(());
    }
    let before = store::hold_members(tx, people, year).await?;
    let after = members(tx, people, of).await?;
    let (mut sums, mut changed) = (Sums::default(), vec![]);
    for (person, member) in after {
        let old = before.get(&person);
        if old == Some(&member) {
            continue;
        }
        if let Some(old) = old {
            put(&mut sums, old, -1)?;
        }
        put(&mut sums, &member, 1)?;
        changed.push((person, member));
    }
    store::add(tx, year, sums.changes()).await?;
    store::save_members(tx, year, &changed).await
}

/// Adds a member's cells; nothing for who is counted nowhere.
pub(crate) fn put(sums: &mut Sums, member: &Member, times: i64) -> Result<()> {
    if member.state.is_empty() {
        return Ok(());
    }
    let cells = Contribution::read(&member.counted)?;
    sums.put(&member.place, State::from_code(&member.state), &cells, times);
    Ok(())
}

/// How people stand in the figures by their facts, results and ledgers.
pub(crate) async fn members(
    conn: &impl Conn,
    people: &[PersonId],
    of: &Grounds,
) -> Result<Vec<(PersonId, Member)>> {
    let facts = store::facts(conn, people, of).await?;
    let mut lines = store::lines(conn, people, of.year()).await?;
    let courses: BTreeSet<String> = lines.values().flatten().filter_map(|l| course(&l.facts)).collect();
    let topics = store::topics(conn, &courses).await?;
    let mut found = vec![];
    for person in people {
        let Some(fact) = facts.get(person) else { continue };
        let lines = lines.remove(person).unwrap_or_default();
        found.push((*person, member(fact, &lines, (&topics, of.year()))?));
    }
    Ok(found)
}

/// The topics of courses by provider and course.
type Topics = HashMap<(String, String), String>;

fn member(fact: &Fact, lines: &[Line], (topics, year): (&Topics, Year)) -> Result<Member> {
    let standing = match (fact.is_obliged, fact.is_contract) {
        (true, _) => Standing::Obliged {
            state: State::from_code(&fact.state).unwrap_or(State::NotBegun),
            total: fact.total_hours,
        },
        (false, true) => Standing::Contract,
        (false, false) => return Ok(Member { seq: fact.seq, ..Member::default() }),
    };
    let learned = learned(lines, (topics, year));
    let place = Place {
        path: fact.place.clone(),
        own: fact.own.clone(),
        category: fact.category.clone().unwrap_or_default(),
        level: fact.level.clone().unwrap_or_default(),
    };
    let counted = Contribution::of(&standing, &place, &learned).written()?;
    let (state, band) = match standing {
        Standing::Obliged { state, total } => (state.code(), contribution::band(total).to_string()),
        Standing::Contract => (CONTRACT.to_owned(), String::new()),
    };
    Ok(Member { place, state, band, seq: fact.seq, counted })
}

/// The state of a member who is counted apart.
pub(crate) const CONTRACT: &str = "contract";

fn text<'a>(facts: &'a Value, key: &str) -> Option<&'a str> {
    facts.get(key).and_then(Value::as_str)
}

fn course(facts: &Value) -> Option<String> {
    text(facts, "course").map(str::to_owned)
}

/// The credits that stand: what is taken back is gone, or less where only a part was.
fn learned(lines: &[Line], (topics, year): (&Topics, Year)) -> Vec<Learned> {
    let mut taken: HashMap<&str, i64> = HashMap::new();
    for line in lines {
        if let Some(id) = &line.reverses {
            *taken.entry(id).or_default() += line.hours.abs();
        }
    }
    let stands = |line: &&Line| {
        let whole = taken.get(line.id.as_str()).is_none_or(|t| *t < line.hours);
        line.reverses.is_none() && whole
    };
    let read = |line: &Line| {
        let course = course(&line.facts);
        let key = |c: String| (line.source.clone(), c);
        let day = ["completed_on", "to", "on"].iter().find_map(|k| text(&line.facts, k)).unwrap_or("");
        Learned {
            provider: line.source.clone(),
            subject: line.subject.clone(),
            topic: course.clone().and_then(|c| topics.get(&key(c)).cloned()).unwrap_or_default(),
            month: month_of(day, year),
            hour: course.is_some().then(|| hour_of(line.at)),
            hours: line.hours - taken.get(line.id.as_str()).copied().unwrap_or(0),
        }
    };
    lines.iter().filter(stands).map(read).collect()
}

/// The month in which a credit counts, as `03`. What is made up belongs to the year that it makes up: learned after that
/// year it stands in its last month, as in the person's own picture.
fn month_of(day: &str, year: Year) -> String {
    let is_after = day.get(..4).and_then(|y| y.parse().ok()).is_some_and(|y: i16| y > year.number());
    if is_after { "12".to_owned() } else { day.get(5..7).unwrap_or("").to_owned() }
}

/// The hour of the day in Shanghai, as `21`.
fn hour_of(millis: i64) -> String {
    day::rfc3339(day::from_millis(millis)).get(11..13).unwrap_or("").to_owned()
}
