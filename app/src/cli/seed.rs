//! `xueshi seed`: a synthetic province for load tests, the same for the same seed: tree, people, credits of one year.
//! People come in by the roster import, credits by the ledger; what follows from them is made anew at the end.
use std::fmt::Write as _;

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use base::{Clock, Error, Hours, Instant, Random, Result, Scope, Subject, SystemRandom, Year};
use clap::Args;
use hours::NewCredit;
use org::{NewUnit, Unit, UnitKind};
use serde::Deserialize;
use serde_json::{Value, json};
use site::Site;

use super::{Done, Fault, block_on, check::print};
use crate::{
    compose::{self, Nature},
    config::Config,
};

#[derive(Args)]
pub(crate) struct Seed {
    /// How many people.
    #[arg(long)]
    people: usize,
    /// Spread over how many units.
    #[arg(long)]
    units: usize,
    /// The same seed makes the same province.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Words from `demo/seed.toml`.
#[derive(Deserialize)]
struct Words {
    header: String,
    province: String,
    city: String,
    county: String,
    unit: String,
    course: String,
    training: String,
    surnames: Vec<String>,
    given: Vec<String>,
    departments: Vec<String>,
    posts: Vec<(String, String)>,
    statuses: Vec<String>,
}

/// Numbers that follow from a seed (SplitMix64). For invented data only: whoever knows the seed knows them all.
struct Seeded(AtomicU64);

impl Seeded {
    fn next(&self) -> u64 {
        const STEP: u64 = 0x9E37_79B9_7F4A_7C15;
        let mut z = self.0.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn pick<'a, T>(&self, from: &'a [T]) -> Result<&'a T> {
        let place = usize::try_from(self.next() % u64::try_from(from.len().max(1)).unwrap_or(1)).unwrap_or(0);
        from.get(place).ok_or_else(|| Error::internal("seed.toml has an empty list"))
    }
}

impl Random for Seeded {
    fn fill(&self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(8) {
            chunk.iter_mut().zip(self.next().to_le_bytes()).for_each(|(to, from)| *to = from);
        }
    }
}

/// A time that stands still, so that ids follow from the seed.
struct Still(Instant);

impl Clock for Still {
    fn now(&self) -> Instant {
        self.0
    }
}

/// The year that gets credits, and when they were written.
const YEAR: i64 = 2026;
const WRITTEN: &str = "2026-06-30T12:00:00+08:00";

pub(super) fn run(seed: &Seed) -> Done {
    let config = Config::load(None)?;
    let words: Words = toml::from_str(include_str!("../../demo/seed.toml"))?;
    if seed.units == 0 || seed.people == 0 {
        return Err(Fault("--people and --units must be at least 1".into()));
    }
    block_on(async {
        // The keys come from the system's randomness and never from the seed.
        compose::hub_site(&config, &Nature { random: Arc::new(SystemRandom), ..Nature::default() }, None)
            .await?;
        let random = Arc::new(Seeded(AtomicU64::new(seed.seed)));
        let clock = Arc::new(Still(WRITTEN.parse()?));
        let nature = Nature { clock, random: Arc::clone(&random) as Arc<dyn Random> };
        let site = compose::hub_site(&config, &nature, None).await?;
        let everyone = Scope { paths: vec!["/".to_owned()] };
        if !org::trainees_after(&site.db, &everyone, "", 1).await?.is_empty() {
            return Err(Fault("there are people already; seed an empty installation".into()));
        }
        let mut province = Province { site, words, random, next: 0 };
        for n in 0..seed.units {
            let share = seed.people / seed.units + usize::from(n < seed.people % seed.units);
            province.unit(n, share).await?;
        }
        let year = Year::new(YEAR).ok_or_else(|| Fault("no year".into()))?;
        statistics::rebuild(&province.site, year).await?;
        jobs::forget(&province.site.db, org::PEOPLE_ADDED).await?;
        print(format!("{} people in {} units", seed.people, seed.units).as_bytes())
    })
}

/// The province in the making.
struct Province {
    site: Site,
    words: Words,
    random: Arc<Seeded>,
    /// The number of the next person.
    next: usize,
}

/// A unit's people come in so many at a time.
const ROSTER: usize = 2000;

impl Province {
    async fn unit(&mut self, n: usize, people: usize) -> Result<()> {
        let (city, county) = (n % 14 + 1, n % 126 + 1);
        let name = |pattern: &str, n: usize| pattern.replace("{n}", &n.to_string());
        let chain = [
            ("43".to_owned(), self.words.province.clone(), UnitKind::Province),
            (format!("43{city:02}"), name(&self.words.city, city), UnitKind::City),
            (
                format!("43{city:02}{:02}", county % 90 + 1),
                name(&self.words.county, county),
                UnitKind::County,
            ),
            (
                format!("43{city:02}{:02}{:05}", county % 90 + 1, n + 1),
                name(&self.words.unit, n + 1),
                UnitKind::Unit,
            ),
        ];
        let tx = self.site.db.begin().await?;
        let mut unit = None;
        for (code, name, kind) in chain {
            unit = Some(org::ensure(&self.site, &tx, NewUnit { code, name, kind }).await?);
        }
        tx.commit().await?;
        let unit = unit.ok_or_else(|| Error::internal("no unit"))?;
        let mut left = people;
        while left > 0 {
            let some = left.min(ROSTER);
            let roster = self.roster(some)?;
            let outcome =
                org::import_file(&self.site, &unit, roster.into_bytes(), org::How::default()).await?;
            if let Some(e) = outcome.errors.first() {
                return Err(Error::internal(format!("row {}: {} {}", e.row, e.column, e.code)));
            }
            left -= some;
        }
        self.credits(&unit).await
    }

    /// A roster of the next people in the contract's columns.
    fn roster(&mut self, people: usize) -> Result<String> {
        let mut text = format!("{}\n", self.words.header);
        for _ in 0..people {
            let (w, random) = (&self.words, &self.random);
            let name = format!("{}{}", random.pick(&w.surnames)?, random.pick(&w.given)?);
            let (category, level) = random.pick(&w.posts)?;
            let (department, status) = (random.pick(&w.departments)?, random.pick(&w.statuses)?);
            let joined = format!("{}-09-01", 1995 + random.next() % 28);
            let number = id_number("430102", self.next)?;
            let phone = 13_000_000_000_u64 + u64::try_from(self.next).unwrap_or(0);
            writeln!(text, "{name},{number},{category},{level},{department},{joined},{phone},{status}")
                .map_err(Error::internal)?;
            self.next += 1;
        }
        Ok(text)
    }

    /// Up to six courses and sometimes a training for everyone of the unit who is on post.
    async fn credits(&self, unit: &Unit) -> Result<()> {
        let people = org::trainees_under(&self.site.db, &unit.path).await?;
        for part in people.chunks(ROSTER) {
            let mut credits = vec![];
            for person in part {
                for n in 0..self.random.next() % 7 {
                    credits.push(self.course(person.id, n)?);
                }
                if self.random.next().is_multiple_of(3) {
                    credits.push(self.training(person.id)?);
                }
            }
            let tx = self.site.db.begin().await?;
            hours::credit_untold(&self.site, &tx, credits).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    fn course(&self, person: base::PersonId, n: u64) -> Result<NewCredit> {
        let subject = if n.is_multiple_of(3) { Subject::Public } else { Subject::Professional };
        let minutes = 400 + 40 * (self.random.next() % 20);
        let completed_on =
            format!("{YEAR}-{:02}-{:02}", 1 + self.random.next() % 6, 1 + self.random.next() % 28);
        let facts = json!({"kind": "course", "provider": "seed", "course": format!("seed:{n}"), "subject": subject,
            "minutes": minutes, "completed_on": completed_on, "fee": "0.00"});
        let title = self.words.course.replace("{n}", &(n + 1).to_string());
        let hours = Hours::from_hundredths(i64::try_from(minutes * 100 / 40).unwrap_or(0));
        credit(person, ("seed", &format!("seed:course:{n}:{person}")), title, (subject, hours), facts)
    }

    fn training(&self, person: base::PersonId) -> Result<NewCredit> {
        let facts = json!({"kind": "unit_training", "from": format!("{YEAR}-05-11"), "to": format!("{YEAR}-05-13"),
            "days": "3", "subject": "professional"});
        let amount = (Subject::Professional, Hours::whole(24));
        let key = format!("seed:training:{person}");
        credit(person, ("unit_training", &key), self.words.training.clone(), amount, facts)
    }
}

fn credit(
    person: base::PersonId,
    (source, source_key): (&str, &str),
    title: String,
    (subject, hours): (Subject, Hours),
    facts: Value,
) -> Result<NewCredit> {
    let Value::Object(facts) = facts else { return Err(Error::internal("facts are no object")) };
    Ok(NewCredit {
        person,
        year: Year::new(YEAR).ok_or_else(|| Error::internal("no year"))?,
        source: source.to_owned(),
        source_key: source_key.to_owned(),
        title,
        subject,
        hours,
        facts,
        evidence: None,
        decided_by: None,
    })
}

/// An invented ID number of an area: a birthday for every thousand people, with a check character that holds.
pub(super) fn id_number(area: &str, n: usize) -> Result<String> {
    let day = i64::try_from(n / 1000).unwrap_or(0) * 7 % 11_000;
    let born =
        jiff::civil::date(1967, 1, 2).checked_add(jiff::Span::new().days(day)).map_err(Error::internal)?;
    let body = format!("{area}{}{:03}", born.strftime("%Y%m%d"), n % 1000);
    let check = base::id_number::check_character(&body).ok_or_else(|| Error::internal("an ID number"))?;
    Ok(format!("{body}{check}"))
}
