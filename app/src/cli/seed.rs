//! `xueshi seed`: a synthetic province for load tests, the same for the same seed: tree, people, credits of one year.
//! People go through the checks of a roster and credits are chained as any other, but what comes of them is loaded in
//! portions: while the database takes one, the next is made. What follows from all of it is made at the end.
use std::{
    collections::{HashMap, VecDeque},
    fmt::Write as _,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

use base::{
    Clock, Day, Error, Hours, Instant, PersonId, Random, Result, Scope, Subject, SystemRandom, Year, day,
};
use clap::Args;
use hours::{InForce, NewCredit};
use org::{Departments, NewUnit, Unit, UnitKind};
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
    /// How many credits those on post have on average; together they come to some hundred hours.
    #[arg(long, default_value_t = 16)]
    entries_per_person: u64,
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

/// A time that moves only when told, so that ids follow from the seed and in the order in which they are made.
struct Told(AtomicI64);

impl Told {
    fn tell(&self, millis: i64) {
        self.0.store(millis, Ordering::Relaxed);
    }
}

impl Clock for Told {
    fn now(&self) -> Instant {
        day::from_millis(self.0.load(Ordering::Relaxed))
    }
}

/// The year that gets credits, and when the first and the last are written: each unit at a time of its own.
const YEAR: i64 = 2026;
const FIRST: &str = "2026-01-10T09:00:00+08:00";
const LAST: &str = "2026-11-20T21:00:00+08:00";

pub(super) fn run(seed: &Seed) -> Done {
    let config = Config::load(None)?;
    if seed.units == 0 || seed.people == 0 || seed.entries_per_person == 0 {
        return Err(Fault("--people, --units and --entries-per-person must be at least 1".into()));
    }
    block_on(async {
        let province = Province::begin(&config, seed).await?;
        let site = province.site.clone();
        fill(province, portions(seed)).await?;
        told(&site, seed.people).await?;
        // What was loaded is counted before anything else is asked, or the database plans as for empty tables.
        db::analyze(&site.db).await?;
        statistics::rebuild(&site, year()?).await?;
        supervision::count(&site, year()?).await?;
        print(format!("{} people in {} units", seed.people, seed.units).as_bytes())
    })
}

/// Makes and loads portion after portion: one is made while the one before is being loaded.
async fn fill(province: Province, mut portions: VecDeque<Portion>) -> Result<()> {
    let db = province.site.db.clone();
    let mut made = portions.pop_front().map(|portion| province.make(portion));
    while let Some(making) = made {
        let (province, rows) = making.await.map_err(Error::internal)??;
        made = portions.pop_front().map(|portion| province.make(portion));
        db::load_rows(&db, rows).await?;
    }
    Ok(())
}

/// The trail says who came in.
async fn told(site: &Site, people: usize) -> Result<()> {
    let tx = site.db.begin().await?;
    let deed = audit::Deed {
        actor: None,
        action: "roster.import",
        object: PROVINCE,
        unit_path: &format!("/{PROVINCE}/"),
        details: json!({"rows": people, "created": people, "updated": 0}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await
}

/// Units with how many of their people, loaded at once.
type Portion = Vec<(usize, usize)>;

/// So many people are loaded at once; more of one unit come in several portions.
const AT_ONCE: usize = 1500;

/// Spreads the people over the units.
fn portions(seed: &Seed) -> VecDeque<Portion> {
    let (mut all, mut open, mut held) = (VecDeque::new(), vec![], 0);
    for unit in 0..seed.units {
        let mut left = seed.people / seed.units + usize::from(unit < seed.people % seed.units);
        loop {
            let some = left.min(AT_ONCE - held);
            open.push((unit, some));
            (left, held) = (left - some, held + some);
            if held == AT_ONCE {
                all.push_back(std::mem::take(&mut open));
                held = 0;
            }
            if left == 0 {
                break;
            }
        }
    }
    all.extend((!open.is_empty()).then_some(open));
    all
}

/// The province's code.
const PROVINCE: &str = "43";

/// The province in the making.
struct Province {
    site: Site,
    words: Words,
    random: Arc<Seeded>,
    clock: Arc<Told>,
    policy: InForce,
    entries_per_person: u64,
    /// When the first unit's credits are written, and how many milliseconds later those of the next.
    times: (i64, i64),
    /// The number of the next person.
    next: usize,
    /// Units by code.
    places: HashMap<String, Unit>,
    /// The departments of the last unit.
    departments: (usize, Departments),
}

type Made = tokio::task::JoinHandle<Result<(Province, Vec<db::Rows>)>>;

impl Province {
    /// Opens an empty installation.
    async fn begin(config: &Config, seed: &Seed) -> Result<Self, Fault> {
        // The keys come from the system's randomness and never from the seed.
        compose::hub_site(config, &Nature { random: Arc::new(SystemRandom), ..Nature::default() }, None)
            .await?;
        let random = Arc::new(Seeded(AtomicU64::new(seed.seed)));
        let (first, last): (Instant, Instant) = (FIRST.parse()?, LAST.parse()?);
        let first = day::millis(first);
        let step = (day::millis(last) - first) / i64::try_from(seed.units)?;
        let clock = Arc::new(Told(AtomicI64::new(first)));
        let nature = Nature {
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            random: Arc::clone(&random) as Arc<dyn Random>,
        };
        let site = compose::hub_site(config, &nature, None).await?;
        let everyone = Scope { paths: vec!["/".to_owned()] };
        if !org::trainees_seen(&site.db, (&everyone, &org::Viewpoint::TODAY), ("", 1)).await?.is_empty() {
            return Err(Fault("there are people already; seed an empty installation".into()));
        }
        let policy = hours::in_force(&site.db, year()?).await?;
        Ok(Self {
            site,
            words: toml::from_str(include_str!("../../demo/seed.toml"))?,
            random,
            clock,
            policy,
            entries_per_person: seed.entries_per_person,
            times: (first, step),
            next: 0,
            places: HashMap::new(),
            departments: (usize::MAX, Departments::default()),
        })
    }

    /// Makes a portion on a thread of its own.
    fn make(mut self, portion: Portion) -> Made {
        tokio::task::spawn_blocking(move || {
            let rows = self.portion(&portion)?;
            Ok((self, rows))
        })
    }

    fn portion(&mut self, portion: &[(usize, usize)]) -> Result<Vec<db::Rows>> {
        let mut rows = vec![];
        for (unit, people) in portion {
            self.clock.tell(self.times.0 + self.times.1 * i64::try_from(*unit).map_err(Error::internal)?);
            let unit = self.unit(*unit, &mut rows)?;
            if *people == 0 {
                continue;
            }
            let roster = self.roster(*people)?;
            let before = self.next - people;
            let departments = &mut self.departments.1;
            let mut numbers = before..;
            let name = || account(numbers.next().unwrap_or_default());
            let arrived = org::arrivals(&self.site, (&unit, departments), roster.as_bytes(), name)?;
            rows.extend(arrived.rows);
            let credits = self.credits(&arrived.on_post)?;
            rows.extend(hours::first_entries(&self.site, &self.policy, credits));
        }
        Ok(db::Rows::together(rows))
    }

    /// A unit by its number, with what is above it; what is new is among the rows then.
    fn unit(&mut self, n: usize, rows: &mut Vec<db::Rows>) -> Result<Unit> {
        let (city, county) = (n % 14 + 1, n % 126 + 1);
        let name = |pattern: &str, n: usize| pattern.replace("{n}", &n.to_string());
        let chain = [
            (PROVINCE.to_owned(), self.words.province.clone(), UnitKind::Province),
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
        let mut above: Option<Unit> = None;
        for (code, name, kind) in chain {
            let unit = if let Some(known) = self.places.get(&code) {
                known.clone()
            } else {
                let unit =
                    org::placed(&self.site, NewUnit { code: code.clone(), name, kind }, above.as_ref());
                rows.push(org::unit_row(&self.site, &unit, above.as_ref().map(|u| u.id)));
                self.places.insert(code, unit.clone());
                unit
            };
            above = Some(unit);
        }
        if self.departments.0 != n {
            self.departments = (n, Departments::default());
        }
        above.ok_or_else(|| Error::internal("no unit"))
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

    /// Courses, and sometimes a training, for people on post: from none to twice the average.
    fn credits(&self, people: &[PersonId]) -> Result<Vec<NewCredit>> {
        let mut credits = vec![];
        for person in people {
            let wanted = self.random.next() % (2 * self.entries_per_person + 1);
            let is_trained = wanted > 0 && self.random.next().is_multiple_of(3);
            for n in 0..wanted - u64::from(is_trained) {
                credits.push(self.course(*person, n)?);
            }
            if is_trained {
                credits.push(self.training(*person)?);
            }
        }
        Ok(credits)
    }

    fn course(&self, person: PersonId, n: u64) -> Result<NewCredit> {
        let subject = if n.is_multiple_of(3) { Subject::Public } else { Subject::Professional };
        let lessons = (96 / self.entries_per_person).max(1);
        let minutes = (1 + self.random.next() % (2 * lessons)) * self.policy.policy.measure.minutes_per_hour;
        let provider = format!("seed-{}", 1 + n % 3);
        let facts = json!({"kind": "course", "provider": provider, "course": format!("seed:{n}"), "subject": subject,
            "minutes": minutes, "completed_on": self.day(0)?.to_string(), "fee": "0.00"});
        let title = self.words.course.replace("{n}", &(n + 1).to_string());
        let hours = self.policy.policy.course_hours(minutes);
        let key = format!("seed:{person}:course:{n}");
        credit(person, (&provider, &key), title, (subject, hours), facts)
    }

    fn training(&self, person: PersonId) -> Result<NewCredit> {
        let from = self.day(2)?;
        let to = from.checked_add(jiff::Span::new().days(2)).map_err(Error::internal)?;
        let facts = json!({"kind": "unit_training", "from": from.to_string(), "to": to.to_string(), "days": "3",
            "subject": "professional"});
        let amount = (Subject::Professional, Hours::whole(24));
        let key = format!("seed:{person}:training");
        credit(person, ("unit_training", &key), self.words.training.clone(), amount, facts)
    }

    /// Some day of the year, at least so many before the credits are written.
    fn day(&self, before: i64) -> Result<Day> {
        let first = year()?.first_day();
        let today = day::day_of(self.site.now());
        let passed = i64::from(today.day_of_year()) - before;
        let some = self.random.next() % u64::try_from(passed.max(1)).map_err(Error::internal)?;
        let some = i64::try_from(some).map_err(Error::internal)?;
        first.checked_add(jiff::Span::new().days(some)).map_err(Error::internal)
    }
}

/// The name of the account of a person by number: no two are the same, because the factor has no divisor in common with
/// the number of names.
fn account(n: usize) -> String {
    const NAMES: u64 = 1_000_000_000_000;
    const FACTOR: u64 = 387_420_489;
    let number = u64::try_from(n).unwrap_or(0) % NAMES;
    format!("xs{:012}", (number + 1) * FACTOR % NAMES)
}

fn year() -> Result<Year> {
    Year::new(YEAR).ok_or_else(|| Error::internal("no year"))
}

fn credit(
    person: PersonId,
    (source, source_key): (&str, &str),
    title: String,
    (subject, hours): (Subject, Hours),
    facts: Value,
) -> Result<NewCredit> {
    let Value::Object(facts) = facts else { return Err(Error::internal("facts are no object")) };
    Ok(NewCredit {
        person,
        year: year()?,
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
