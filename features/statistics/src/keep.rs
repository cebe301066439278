//! Keeping the figures whole: built for a year that has none, made good every night for what nobody told (a unit that moved,
//! a day that came), and compared with everyone's members.
use std::{collections::HashSet, time::Duration};

use base::{Day, PersonId, Result, Year, day};
use serde::{Deserialize, Serialize};
use site::Site;

use crate::{
    brief,
    contribution::{Cell, Measures, Sums},
    monthly, recount, store_figures as store, store_read as read,
};

/// The job of one night; it puts the next one's into the queue.
pub(crate) const NIGHTLY: &str = "statistics.nightly";
/// Twenty minutes past midnight, after the checkpoints have begun.
const AT_SECONDS: i64 = 1200;
/// So many people are counted in one transaction.
const AT_ONCE: i64 = 1000;

/// Which night.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Night {
    day: String,
}

/// Puts today's run into the queue. Called when a node starts; run twice, it changes nothing the second time.
pub async fn schedule(site: &Site) -> Result<()> {
    enqueue(site, day::day_of(site.now())).await
}

async fn enqueue(site: &Site, day: Day) -> Result<()> {
    let at = day::from_millis(day::millis(day::start_of(day)) + AT_SECONDS * 1000);
    let day = day.to_string();
    site.enqueue_at(&site.db, (NIGHTLY, &day), &Night { day: day.clone() }, at).await
}

/// The night's work.
pub(crate) async fn nightly(site: Site, _night: Night) -> Result<()> {
    if let Ok(tomorrow) = day::day_of(site.now()).tomorrow() {
        enqueue(&site, tomorrow).await?;
    }
    catch_up_all(&site).await?;
    if day::day_of(site.now()).day() == 1 {
        monthly::begin(&site).await?;
        brief::begin(&site).await?;
    }
    Ok(())
}

/// Counts everyone anew who stands in the figures of some year otherwise than the facts say.
pub(crate) async fn catch_up_all(site: &Site) -> Result<()> {
    for year in years(site).await? {
        catch_up(site, year).await?;
    }
    Ok(())
}

/// The figures of a year are made so long before it begins: a province's first pages of a new year cannot wait for them.
const AHEAD: Duration = Duration::from_hours(7 * 24);

/// Years whose figures are kept: those with rules, and this one, which may go by last year's; in its last week the next one.
pub(crate) async fn years(site: &Site) -> Result<Vec<Year>> {
    let mut years = hours::published_years(&site.db).await?;
    for year in [Some(site.this_year()), Year::new(day::day_of(site.now() + AHEAD).year().into())] {
        let Some(year) = year.filter(|y| !years.contains(y)) else { continue };
        match hours::in_force(&site.db, year).await {
            Ok(_) => years.push(year),
            // Rules of two years ago do not hold: the other years are kept nevertheless.
            Err(e) if e.code() == "policy_not_published" => {}
            Err(e) => return Err(e),
        }
    }
    Ok(years)
}

/// Counts everyone of a year whose facts differ from what stands of them; answers how many.
pub async fn catch_up(site: &Site, year: Year) -> Result<usize> {
    let is_new = store::begin_year(&site.db, year).await?;
    let of = hours::grounds(&site.db, year, day::day_of(site.now())).await?;
    let (mut after, mut count) = (String::new(), 0);
    loop {
        let tx = site.db.begin().await?;
        let people = store::drifted(&tx, &of, (&after, AT_ONCE)).await?;
        let Some(last) = people.last() else { break };
        after = last.to_string();
        count += people.len();
        recount::recount(&tx, &people, &of).await?;
        tx.commit().await?;
    }
    if !is_new && count > 0 {
        tracing::info!(%year, count, "figures caught up with facts that no job had told");
    }
    store::finish_year(&site.db, year, site.now()).await?;
    Ok(count)
}

/// A figure that is not the sum of its people, or a person who stands otherwise in it than the facts say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Drift {
    /// The cell (unit, thing, key), what is kept and what it should be.
    Cell(Box<(Cell, Measures, Measures)>),
    /// Whose part.
    Member(PersonId),
}

/// Compares figures with their people and these with their facts; the first differences, up to a hundred.
pub async fn verify_figures(site: &Site, year: Year) -> Result<Vec<Drift>> {
    const MOST: usize = 100;
    if !store::is_whole(&site.db, year).await? {
        // Figures that are not made yet cannot be wrong.
        return Ok(vec![]);
    }
    let mut found: Vec<Drift> = stale(site, year).await?.into_iter().map(Drift::Member).collect();
    let mut open = Open::default();
    let (mut path, mut person) = (String::new(), String::new());
    while found.len() < MOST {
        let page = read::members_by_path(&site.db, year, (&path, &person), AT_ONCE).await?;
        let Some(last) = page.last() else { break };
        (path, person) = (last.1.place.path.clone(), last.0.to_string());
        for (_, member) in &page {
            open.enter(&member.place.path);
            recount::put(&mut open.sums, member, 1)?;
        }
        found.extend(compare(site, year, &mut open).await?);
    }
    open.enter("/");
    found.extend(compare(site, year, &mut open).await?);
    for unit in read::units_with_figures(&site.db, year).await? {
        if !open.seen.contains(&unit) {
            let cell = (unit, crate::Dim::All, String::new());
            found.push(Drift::Cell(Box::new((cell, Measures::default(), Measures::default()))));
        }
    }
    found.truncate(MOST);
    Ok(found)
}

/// Members who are not what their facts, results and ledgers make of them.
async fn stale(site: &Site, year: Year) -> Result<Vec<PersonId>> {
    let of = hours::grounds(&site.db, year, day::day_of(site.now())).await?;
    let mut found = store::drifted(&site.db, &of, ("", AT_ONCE)).await?;
    let mut after = String::new();
    loop {
        let kept = store::members_after(&site.db, year, (&after, AT_ONCE)).await?;
        let Some((last, _)) = kept.last() else { return Ok(found) };
        after = last.to_string();
        let people: Vec<PersonId> = kept.iter().map(|(p, _)| *p).collect();
        let true_ones = recount::members(&site.db, &people, &of).await?;
        let differs =
            |((person, kept), (_, is)): (&(PersonId, _), &(PersonId, _))| (kept != is).then_some(*person);
        found.extend(kept.iter().zip(&true_ones).filter_map(differs));
    }
}

/// Units whose people are being gone through in the order of paths, so that only a few sums are held at a time.
#[derive(Default)]
struct Open {
    sums: Sums,
    path: String,
    /// Units that no later person can belong to.
    closed: Vec<String>,
    seen: HashSet<String>,
}

impl Open {
    /// Goes on to the people of a path; what lies outside of it is closed.
    fn enter(&mut self, path: &str) {
        let now: HashSet<&str> = path.split('/').filter(|c| !c.is_empty()).collect();
        let left = self.path.split('/').filter(|c| !c.is_empty() && !now.contains(c)).map(str::to_owned);
        self.closed.extend(left);
        self.seen.extend(now.into_iter().map(str::to_owned));
        path.clone_into(&mut self.path);
    }

    /// The sums of the closed units.
    fn take_closed(&mut self) -> (Vec<String>, Sums) {
        let closed = std::mem::take(&mut self.closed);
        let names: HashSet<&String> = closed.iter().collect();
        let all = std::mem::take(&mut self.sums.0);
        let (done, rest) = all.into_iter().partition(|((unit, _, _), _)| names.contains(unit));
        self.sums.0 = rest;
        (closed, Sums(done))
    }
}

async fn compare(site: &Site, year: Year, open: &mut Open) -> Result<Vec<Drift>> {
    let (units, mut sums) = open.take_closed();
    let mut found = vec![];
    for part in units.chunks(500) {
        for (cell, kept) in read::cells_of(&site.db, year, part).await? {
            let is = sums.0.remove(&cell).unwrap_or_default();
            if kept != is {
                found.push(Drift::Cell(Box::new((cell, kept, is))));
            }
        }
    }
    let missing = sums.changes().into_iter();
    found.extend(missing.map(|(cell, is)| Drift::Cell(Box::new((cell, Measures::default(), is)))));
    Ok(found)
}

impl std::fmt::Display for Drift {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Cell(cell) => {
                let ((unit, dim, key), kept, is) = &**cell;
                write!(f, "figure {unit} {dim:?} {key}: {kept:?}, should be {is:?}")
            }
            Self::Member(person) => write!(f, "figures: {person} stands in them as before a change"),
        }
    }
}

/// Forgets a year's figures, so that they are made from nothing.
pub(crate) async fn forget(site: &Site, year: Year) -> Result<()> {
    let tx = site.db.begin().await?;
    store::clear(&tx, year).await?;
    store::begin_year(&tx, year).await?;
    tx.commit().await
}
