//! An incident from its record to the time given for it. Affected is who went to the provider while it was out, as the
//! launches here say, and whom the provider or the units list with course and day.
use base::{Actor, Day, Error, Instant, PersonId, Result, Scope, Year, day};
use claims::leave;
use org::{CellError, Column};
use serde_json::json;
use site::Site;

use crate::{KEEPERS, store};

/// An incident.
#[derive(Clone, Debug)]
pub(crate) struct Incident {
    pub id: String,
    pub unit_path: String,
    pub provider: String,
    pub title: String,
    pub from: Instant,
    pub to: Instant,
    pub recorded_by: String,
    pub affected: i64,
    /// The last day given, once time was given.
    pub until: Option<String>,
    pub year: Option<i64>,
    pub reason: Option<String>,
}

/// An incident as typed; times are `2026-12-30T20:00`, of Shanghai.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Typed<'a> {
    pub provider: &'a str,
    pub title: &'a str,
    pub from: &'a str,
    pub to: &'a str,
}

/// An outage of more days is no outage.
const MOST_DAYS: i64 = 31;

fn time(text: &str) -> Option<Instant> {
    let text = text.trim();
    let parsed: Option<Instant> = text.parse().ok();
    parsed.or_else(|| format!("{}:00+08:00", text.get(..16)?).parse().ok())
}

/// Records an incident in the actor's place, with everyone whom the launches show.
pub(crate) async fn record(site: &Site, actor: &Actor, typed: &Typed<'_>) -> Result<String> {
    let title = typed.title.trim();
    if title.is_empty() || title.chars().count() > 100 || title.chars().any(char::is_control) {
        return Err(Error::invalid("title", "incident_title"));
    }
    let (from, to) =
        time(typed.from).zip(time(typed.to)).ok_or_else(|| Error::invalid("from", "incident_time"))?;
    let length = day::millis(to) - day::millis(from);
    if length <= 0 || length > MOST_DAYS * 86_400_000 || to > site.now() {
        return Err(Error::invalid("to", "incident_time"));
    }
    let place = actor.grants.iter().find(|g| KEEPERS.contains(&g.role)).ok_or_else(Error::denied)?;
    let tx = site.db.begin().await?;
    if !store::has_provider(&tx, typed.provider.trim()).await? {
        return Err(Error::invalid("provider", "incident_provider"));
    }
    let id = site.new_id::<base::id::of::Entry>().to_string();
    let incident =
        store::New { id: &id, unit_path: &place.path, provider: typed.provider.trim(), title, from, to };
    store::insert(&tx, &incident, (actor.person, site.now())).await?;
    let scope = Scope { paths: vec![place.path.clone()] };
    let launched = store::launched(&tx, &scope, &incident).await?;
    let rows: Vec<store::Affected> = launched
        .into_iter()
        .map(|(person, at)| store::Affected {
            person,
            course: String::new(),
            day: day::day_of(at),
            how: "launch",
        })
        .collect();
    store::insert_people(&tx, &id, &rows).await?;
    note(
        site,
        &tx,
        actor,
        ("incident.record", &id, &place.path),
        json!({"title": title, "affected": rows.len()}),
    )
    .await?;
    tx.commit().await?;
    Ok(id)
}

/// An incident of the actor's places.
pub(crate) async fn one(site: &Site, actor: &Actor, id: &str) -> Result<Incident> {
    let incident = store::incident(&site.db, id).await?;
    if actor.scope(KEEPERS).holds(&incident.unit_path) { Ok(incident) } else { Err(Error::not_found()) }
}

const COLUMNS: &[Column] =
    &[Column { code: "course", is_needed: false }, Column { code: "day", is_needed: false }];

/// Adds people from a list with course and day; all or nothing. Answers how many rows were taken.
pub(crate) async fn add(
    site: &Site,
    actor: &Actor,
    id: &str,
    file: Vec<u8>,
) -> Result<(usize, Vec<CellError>)> {
    let incident = one(site, actor, id).await?;
    let scope = Scope { paths: vec![incident.unit_path.clone()] };
    let (rows, mut errors) = org::named_rows(site, &site.db, &scope, (file, COLUMNS)).await?;
    let usual = day::day_of(incident.from);
    let mut new = vec![];
    for row in &rows {
        let text = row.cell("day");
        let on: Option<Day> = if text.is_empty() { Some(usual) } else { rules::record::parse_day(text) };
        match on {
            Some(on) => new.push(store::Affected {
                person: row.person.id,
                course: row.cell("course").chars().take(100).collect(),
                day: on,
                how: "list",
            }),
            None => errors.push(CellError::new(row.number, "day", "training_day")),
        }
    }
    if !errors.is_empty() {
        return Ok((0, errors));
    }
    let tx = site.db.begin().await?;
    store::insert_people(&tx, id, &new).await?;
    note(site, &tx, actor, ("incident.list", id, &incident.unit_path), json!({"rows": new.len()})).await?;
    tx.commit().await?;
    Ok((new.len(), errors))
}

/// Gives everyone affected time until a day, all at once, as make-ups of the year; the actor's own waits for another.
/// Answers how many got it.
pub(crate) async fn extend(
    site: &Site,
    actor: &Actor,
    id: &str,
    (year, until, reason): (Year, &str, &str),
) -> Result<usize> {
    let until =
        rules::record::parse_day(until.trim()).ok_or_else(|| Error::invalid("until", "training_day"))?;
    let incident = one(site, actor, id).await?;
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > 500 {
        return Err(Error::invalid("reason", "comment_required"));
    }
    let tx = site.db.begin().await?;
    refuse_less(&tx, id, (year, until)).await?;
    let people: Vec<PersonId> = store::people_of(&tx, id).await?;
    if people.is_empty() {
        return Err(Error::conflict("incident_nobody"));
    }
    let named = (id, incident.title.as_str());
    let together = leave::Together { people: &people, year, until, reason, incident: named };
    let granted = leave::make_up_many(site, &tx, actor, &together).await?;
    store::set_extended(&tx, id, (year, until, reason), (actor.person, site.now())).await?;
    let details = json!({"year": year, "until": until.to_string(), "people": granted, "reason": reason});
    note(site, &tx, actor, ("incident.extend", id, &incident.unit_path), details).await?;
    tx.commit().await?;
    Ok(granted)
}

/// What an incident says of its time is what people have: time once given is not taken back by a second extension, so the
/// record names no day before it and no other year. The same day again is for who came onto the list later.
async fn refuse_less(tx: &db::Tx, id: &str, (year, until): (Year, Day)) -> Result<()> {
    let Some((given_year, given_until)) = store::given(tx, id).await? else { return Ok(()) };
    if given_year != i64::from(year.number()) {
        return Err(Error::conflict("incident_other_year"));
    }
    if until.to_string() < given_until {
        return Err(Error::conflict("incident_shorter"));
    }
    Ok(())
}

async fn note(
    site: &Site,
    tx: &db::Tx,
    actor: &Actor,
    (action, object, unit_path): (&'static str, &str, &str),
    details: serde_json::Value,
) -> Result<()> {
    let deed = audit::Deed { actor: Some(actor.person), action, object, unit_path, details };
    audit::record(site, tx, deed).await
}
