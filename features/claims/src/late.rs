//! Claims that wait too long: after three days the unit's deputy takes over, after seven the level above; the one who
//! waits is told each time. A daily job, done once on any number of nodes.
use std::collections::HashMap;

use base::{Day, Instant, PersonId, Result, Role, UnitId, day};
use messages::Letter;
use org::Person;
use serde::{Deserialize, Serialize};
use site::Site;

use crate::{
    review::LATE_DAYS,
    store::{
        claims,
        events::{self, New},
        late::{self, Waiting},
    },
};

/// The job of one day.
pub(crate) const DAILY: &str = "claims.late";
/// A claim that waits longer than so many days goes to the deputy.
pub(crate) const DEPUTY_DAYS: i64 = 3;
/// Half past seven in the morning, before the desks open.
const AT_SECONDS: i64 = 27_000;
const DAY_MS: i64 = 86_400_000;
/// So many claims are gone over in one transaction.
const PORTION: i64 = 200;

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
    raise(site, ("to_deputy", DEPUTY_DAYS)).await?;
    raise(site, ("to_above", LATE_DAYS)).await
}

/// Hands on what has waited so many days and was not handed on yet.
async fn raise(site: &Site, (what, days): (&'static str, i64)) -> Result<()> {
    let before = day::from_millis(day::millis(site.now()) - days * DAY_MS);
    let mut after = String::new();
    loop {
        let tx = site.db.begin().await?;
        let waiting = late::waiting(&tx, (what, before), (&after, PORTION)).await?;
        let Some(last) = waiting.last() else { return Ok(()) };
        after.clone_from(&last.id);
        let people: Vec<String> = waiting.iter().map(|w| w.person.clone()).collect();
        let places = claims::names(&tx, &people).await?;
        let holders = holders(&tx, what, &waiting, &places).await?;
        for claim in &waiting {
            let Some(takers) = holders.get(&claim.id).filter(|t| !t.is_empty()) else { continue };
            hand_on(site, &tx, (what, days), (claim, takers)).await?;
        }
        tx.commit().await?;
    }
}

type Takers = Vec<(PersonId, String)>;

/// Who takes each claim over: the unit's deputy, or the authorities of the nearest place above.
async fn holders(
    tx: &db::Tx,
    what: &str,
    waiting: &[Waiting],
    places: &HashMap<String, (String, String)>,
) -> Result<HashMap<String, Takers>> {
    let mut found = HashMap::new();
    if what == "to_deputy" {
        let units: Vec<UnitId> = waiting.iter().map(|w| w.unit.parse()).collect::<Result<_, _>>()?;
        let deputies = late::deputies(tx, &units).await?;
        for w in waiting {
            let taker = deputies.get(&w.unit).filter(|(id, _)| id.to_string() != w.person);
            found.insert(w.id.clone(), taker.cloned().into_iter().collect());
        }
        return Ok(found);
    }
    let mut above: Vec<String> = vec![];
    for (_, path) in places.values() {
        above.extend(prefixes(path));
    }
    above.sort();
    above.dedup();
    let authorities = late::holding(tx, Role::Authority, &above).await?;
    for w in waiting {
        let path = places.get(&w.person).map_or("", |(_, path)| path.as_str());
        let nearest = prefixes(path).into_iter().rev().find_map(|p| authorities.get(&p).cloned());
        let mut takers: Takers = nearest.unwrap_or_default();
        takers.retain(|(id, _)| id.to_string() != w.person);
        found.insert(w.id.clone(), takers);
    }
    Ok(found)
}

/// The paths of a place and of everything above it, the highest first.
fn prefixes(path: &str) -> Vec<String> {
    path.match_indices('/').skip(1).filter_map(|(at, _)| path.get(..=at)).map(str::to_owned).collect()
}

async fn hand_on(
    site: &Site,
    tx: &db::Tx,
    (what, days): (&'static str, i64),
    (claim, takers): (&Waiting, &Takers),
) -> Result<()> {
    let names: Vec<&str> = takers.iter().map(|(_, name)| name.as_str()).collect();
    let names = names.join(&site.texts.get("between-names"));
    let event = New {
        case: &claim.id,
        what,
        stage: claim.stage,
        by: None,
        path: None,
        hours: None,
        remark: &names,
        policy: &claim.policy,
    };
    events::insert(tx, site.now(), &event).await?;
    let (days, title) = (days.to_string(), claim.title.as_str());
    let once = |who: &str| Some(format!("{what}:{}:{}:{who}", claim.id, claim.submitted_at));
    let mut letters: Vec<Letter> = takers
        .iter()
        .map(|(to, _)| Letter {
            to: *to,
            kind: "claim_waits",
            text: site.texts.with("claim-waits-for-you", &[("days", &days), ("title", title)]),
            link: format!("/reviews/{}", claim.id),
            once: once(&to.to_string()),
        })
        .collect();
    let told = [("days", days.as_str()), ("title", title), ("names", names.as_str())];
    letters.push(Letter {
        to: claim.person.parse()?,
        kind: "claim_waits",
        text: site.texts.with("claim-handed-on", &told),
        link: format!("/claims/{}", claim.id),
        once: once("own"),
    });
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

/// Since when, and with whom a submitted claim lies, from what happened to it.
pub(crate) fn held_since(events: &[events::Event]) -> Option<(&events::Event, Instant)> {
    let moves = ["submitted", "passed", "appealed", "to_deputy", "to_above"];
    events.iter().rfind(|e| moves.contains(&e.what.as_str())).map(|e| (e, e.at))
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
