//! Claims and exemptions that wait too long: after three days the unit's deputy takes over, after seven the level above;
//! the one who waits is told each time. A daily job, done once on any number of nodes.
use std::collections::HashMap;

use base::{Day, PersonId, Result, Role, UnitId, day, person::Code};
use messages::Letter;
use org::Person;
use serde::{Deserialize, Serialize};
use site::{Site, dates};

use crate::{
    review::{CASE_REVIEWERS, LATE_DAYS, REVIEWERS},
    state::{Level, State},
    store::{
        claims,
        events::{self, Event, New},
        late::{self, Waiting},
    },
};

/// The job of one day.
pub(crate) const DAILY: &str = "claims.late";
/// What waits longer than so many days goes to the deputy.
pub(crate) const DEPUTY_DAYS: i64 = 3;
/// Half past seven in the morning, before the desks open.
const AT_SECONDS: i64 = 27_000;
const DAY_MS: i64 = 86_400_000;
/// So many cases are gone over in one transaction.
const PORTION: i64 = 200;

/// What waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Matter {
    Claim,
    Exemption,
}

impl Matter {
    /// Who decides it; medical evidence is not for every reviewer.
    fn deciders(self) -> &'static [Role] {
        match self {
            Self::Claim => REVIEWERS,
            Self::Exemption => CASE_REVIEWERS,
        }
    }

    /// Where the one who takes it over finds it, and where its person does.
    fn links(self, id: &str) -> (String, String) {
        match self {
            Self::Claim => (format!("/reviews/{id}"), format!("/claims/{id}")),
            Self::Exemption => (format!("/exemptions/{id}"), format!("/exemptions/{id}")),
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Claim => "claim",
            Self::Exemption => "exemption",
        }
    }
}

/// Which day.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Daily {
    day: String,
}

/// Puts today's run into the queue. Called when a node starts.
pub async fn schedule(site: &Site) -> Result<()> {
    enqueue(site, day::day_of(site.now())).await
}

async fn enqueue(site: &Site, day: Day) -> Result<()> {
    let at = day::from_millis(day::millis(day::start_of(day)) + AT_SECONDS * 1000);
    let day = day.to_string();
    site.enqueue_at(&site.db, (DAILY, &day), &Daily { day: day.clone() }, at).await
}

/// The day's work; a repetition finds it done.
pub(crate) async fn run(site: &Site, _day: Daily) -> Result<()> {
    if let Ok(tomorrow) = day::day_of(site.now()).tomorrow() {
        enqueue(site, tomorrow).await?;
    }
    for matter in [Matter::Claim, Matter::Exemption] {
        raise(site, matter, ("to_deputy", DEPUTY_DAYS)).await?;
        raise(site, matter, ("to_above", LATE_DAYS)).await?;
    }
    Ok(())
}

/// Hands on what has waited so many days and was not handed on yet.
async fn raise(site: &Site, matter: Matter, (what, days): (&'static str, i64)) -> Result<()> {
    let before = day::from_millis(day::millis(site.now()) - days * DAY_MS);
    let mut after = String::new();
    loop {
        let tx = site.db.begin().await?;
        let waiting = late::waiting(&tx, matter, (what, before), (&after, PORTION)).await?;
        let Some(last) = waiting.last() else { return Ok(()) };
        after.clone_from(&last.id);
        let people: Vec<String> = waiting.iter().map(|w| w.person.clone()).collect();
        let places = claims::names(&tx, &people).await?;
        let holders = match what {
            "to_deputy" => deputies(&tx, matter, &waiting).await?,
            _ => above(&tx, &waiting, &places).await?,
        };
        for case in &waiting {
            let Some(takers) = holders.get(&case.id).filter(|t| !t.is_empty()) else { continue };
            hand_on(site, &tx, (matter, what, days), (case, takers)).await?;
        }
        tx.commit().await?;
    }
}

type Takers = Vec<(PersonId, String)>;

/// The deputies of the units where the cases wait, if they may decide them; nobody takes the own case over. What lies with
/// the authority already is not for a unit's deputy.
async fn deputies(tx: &db::Tx, matter: Matter, waiting: &[Waiting]) -> Result<HashMap<String, Takers>> {
    let units: Vec<UnitId> = waiting.iter().map(|w| w.unit.parse()).collect::<Result<_, _>>()?;
    let deputies = late::deputies(tx, &units, matter.deciders()).await?;
    let taker = |w: &Waiting| {
        let deputy = deputies.get(&w.unit).filter(|(id, _)| id.to_string() != w.person);
        deputy.filter(|_| w.level == Level::Unit.code()).cloned().into_iter().collect()
    };
    Ok(waiting.iter().map(|w| (w.id.clone(), taker(w))).collect())
}

/// The authorities of the nearest place above; of the one beyond it for what lies with an authority already.
async fn above(
    tx: &db::Tx,
    waiting: &[Waiting],
    places: &HashMap<String, (String, String)>,
) -> Result<HashMap<String, Takers>> {
    let mut paths: Vec<String> = places.values().flat_map(|(_, path)| prefixes(path)).collect();
    paths.sort();
    paths.dedup();
    let authorities = late::holding(tx, Role::Authority, &paths).await?;
    let takers = |w: &Waiting| {
        let path = places.get(&w.person).map_or("", |(_, path)| path.as_str());
        let mut places = prefixes(path).into_iter().rev().filter_map(|p| authorities.get(&p));
        let beyond = usize::from(w.level == Level::Authority.code());
        let mut takers: Takers = places.nth(beyond).cloned().unwrap_or_default();
        takers.retain(|(id, _)| id.to_string() != w.person);
        takers
    };
    Ok(waiting.iter().map(|w| (w.id.clone(), takers(w))).collect())
}

/// The paths of a place and of everything above it, the highest first.
fn prefixes(path: &str) -> Vec<String> {
    path.match_indices('/').skip(1).filter_map(|(at, _)| path.get(..=at)).map(str::to_owned).collect()
}

async fn hand_on(
    site: &Site,
    tx: &db::Tx,
    (matter, what, days): (Matter, &'static str, i64),
    (case, takers): (&Waiting, &Takers),
) -> Result<()> {
    let names: Vec<&str> = takers.iter().map(|(_, name)| name.as_str()).collect();
    let names = names.join(&site.texts.get("between-names"));
    let event = New {
        case: &case.id,
        what,
        stage: case.stage,
        by: None,
        path: None,
        hours: None,
        remark: &names,
        policy: &case.policy,
    };
    events::insert(tx, site.now(), &event).await?;
    let days = days.to_string();
    let words = [("days", days.as_str()), ("title", case.title.as_str()), ("names", names.as_str())];
    let (to_decide, own) = matter.links(&case.id);
    let letter = |to: PersonId, key: &str, link: &str, who: &str| Letter {
        to,
        kind: "claim_waits",
        text: site.texts.with(&format!("{}-{key}", matter.word()), &words),
        link: link.to_owned(),
        once: Some(format!("{what}:{}:{}:{who}", case.id, case.submitted_at)),
    };
    let mut letters: Vec<Letter> =
        takers.iter().map(|(to, _)| letter(*to, "waits-for-you", &to_decide, &to.to_string())).collect();
    letters.push(letter(case.person.parse()?, "handed-on", &own, "own"));
    messages::post(site, tx, &letters).await?;
    Ok(())
}

/// A claim filed for someone: the person is told.
pub(crate) fn filed_letter(site: &Site, person: &Person, id: &str, title: &str, kind: &str) -> Letter {
    Letter {
        to: person.id,
        kind: "claim_filed",
        text: site.texts.with("claim-filed-for-you", &[("title", title)]),
        link: format!("/{kind}/{id}"),
        once: Some(format!("filed:{id}")),
    }
}

/// With whom a case that waits lies and since when, in words, from what happened to it.
pub(crate) fn held(site: &Site, (state, level): (State, Level), events: &[Event]) -> Option<String> {
    let moves = ["submitted", "passed", "appealed", "to_deputy", "to_above"];
    let last = events.iter().rfind(|e| moves.contains(&e.what.as_str()));
    let event = last.filter(|_| state == State::Submitted)?;
    let key = match (event.what.as_str(), level) {
        ("to_deputy", _) => "claim-held-deputy",
        ("to_above", _) => "claim-held-above",
        (_, Level::Authority) => "claim-held-authority",
        (_, Level::Unit) => "claim-held-unit",
    };
    Some(site.texts.with(key, &[("at", &dates::minute(event.at)), ("names", &event.remark)]))
}

#[cfg(test)]
mod tests {
    use super::prefixes;

    #[test]
    fn a_place_lies_below_each_of_its_prefixes() {
        assert_eq!(prefixes("/43/4301/01/"), ["/43/", "/43/4301/", "/43/4301/01/"]);
        assert!(prefixes("").is_empty());
    }
}
