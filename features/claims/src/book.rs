//! Booking a unit training: everyone at once, once each; the booker's own row waits for another administrator
//! (domain §6: nobody decides on an own claim).
use std::collections::HashMap;

use base::{Actor, EntryId, Error, Hours, PersonId, Result, Role, UnitId, day};
use db::Conn;
use hours::{Booked, NewCredit, bulk};
use org::Person;
use serde_json::json;
use site::Site;

use crate::{
    BOOKERS,
    store::{self, trainings},
    training::{Plan, Whom},
};

/// What became of one person's row.
#[derive(Clone, Debug)]
pub struct Row {
    /// Who.
    pub person: PersonId,
    /// The name.
    pub name: String,
    /// The hours credited by this training.
    pub credited: Hours,
    /// Why not.
    pub reason: Option<&'static str>,
}

/// What a booking did.
#[derive(Clone, Debug)]
pub struct Booking {
    /// The training's id.
    pub id: String,
    /// Whether this training had been booked before; nothing is then credited twice.
    pub booked_before: bool,
    /// The hours of each person.
    pub hours: Hours,
    /// Every person's row.
    pub rows: Vec<Row>,
}

/// A place where the booker acts.
pub(crate) struct Place {
    pub unit: UnitId,
    pub path: String,
}

/// Where the actor books: the unit of the administrator's role.
pub(crate) fn place(actor: &Actor) -> Result<Place> {
    let grants = actor.grants.iter().filter(|g| BOOKERS.contains(&g.role));
    let grant = grants.min_by_key(|g| g.role != Role::UnitAdmin).ok_or_else(Error::denied)?;
    Ok(Place { unit: grant.unit, path: grant.path.clone() })
}

/// Whom the plan means, all of them below the booker; by name also those seconded to the booker's unit on the
/// training's first day, whose home unit goes on reviewing and reporting.
pub(crate) async fn people(conn: &impl Conn, actor: &Actor, plan: &Plan) -> Result<Vec<Person>> {
    let path = place(actor)?.path;
    let mut below = org::trainees_under(conn, &path).await?;
    let Whom::People(ids) = &plan.whom else { return Ok(below) };
    let hosted = org::hosted_under(conn, &path, plan.period.from).await?;
    let known: std::collections::HashSet<PersonId> = below.iter().map(|p| p.id).collect();
    below.extend(hosted.into_iter().filter(|p| !known.contains(&p.id)));
    let chosen: Vec<Person> = below.into_iter().filter(|p| ids.contains(&p.id)).collect();
    let is_known = |id: &PersonId| chosen.iter().any(|p| p.id == *id);
    if ids.is_empty() || !ids.iter().all(is_known) {
        return Err(Error::invalid("people", "training_people"));
    }
    Ok(chosen)
}

/// Books the training for everyone it means, in one transaction; not before its last day.
pub async fn book(site: &Site, actor: &Actor, plan: &Plan) -> Result<Booking> {
    plan.check_ended(day::day_of(site.now()))?;
    let people = people(&site.db, actor, plan).await?;
    let place = place(actor)?;
    let (now, new_id) = (site.now(), site.new_id::<base::id::of::Entry>().to_string());
    let tx = site.db.begin().await?;
    let header = store::Header { id: &new_id, unit: place.unit, plan, by: actor.person, now };
    let (id, is_new) = store::ensure_training(&tx, &header).await?;
    let hours = plan.hours(&tx).await?;
    let before = store::rows(&tx, &id).await?;
    let is_open = |p: &&Person| before.get(&p.id).is_none_or(|state| state == "waiting");
    let (own, others): (Vec<&Person>, Vec<&Person>) =
        people.iter().filter(is_open).partition(|p| p.id == actor.person);
    let credits =
        others.iter().map(|p| credit((plan, hours), &id, p.id, actor.person)).collect::<Result<Vec<_>>>()?;
    let booked = hours::credit_many(site, &tx, credits).await?;
    let mut rows: Vec<(PersonId, &'static str, Option<String>)> = others
        .iter()
        .zip(booked)
        .map(|(p, b)| {
            let (Booked::New(entry) | Booked::Before(entry)) = b;
            (p.id, "credited", Some(entry.to_string()))
        })
        .collect();
    rows.extend(own.iter().map(|p| (p.id, "waiting", None)));
    store::write_rows(&tx, &id, &rows, (actor.person, now)).await?;
    let deed = audit::Deed {
        actor: Some(actor.person),
        action: "training.book",
        object: &id,
        unit_path: &place.path,
        details: json!({"title": plan.title, "from": plan.period.from.to_string(), "to": plan.period.to.to_string(),
            "hours": hours, "credited": others.len(), "booked_before": !is_new}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await?;
    // Read behind the booking: nobody else waits to write for it.
    let less = uncounted(site, plan, &id).await?;
    let reversed: Vec<PersonId> =
        before.iter().filter(|(_, state)| *state == "reversed").map(|(person, _)| *person).collect();
    let rows = people.iter().map(|p| outcome(hours, p, (&own, &reversed, &less))).collect();
    Ok(Booking { id, booked_before: !is_new, hours, rows })
}

/// What of a booking does not count by the rules, and why: a day that another training holds, for one.
type Less = HashMap<PersonId, (Hours, &'static str)>;

/// Whose row of the training does not count in full, from the year as it stands now.
async fn uncounted(site: &Site, plan: &Plan, training: &str) -> Result<Less> {
    let conn = &site.db;
    let of = hours::grounds(conn, plan.year()?, day::day_of(site.now())).await?;
    let rows = trainings::rows(conn, training).await?;
    let entries: HashMap<PersonId, EntryId> =
        rows.iter().filter_map(|row| Some((row.person, row.entry?))).collect();
    let people: Vec<PersonId> = entries.keys().copied().collect();
    let mut less = Less::new();
    for page in people.chunks(usize::try_from(bulk::PAGE).unwrap_or(1)) {
        for case in bulk::cases_of(conn, page, &of).await? {
            let (Some(year), Some(entry)) = (case.assess(&of.in_force.policy)?, entries.get(&case.person.id))
            else {
                continue;
            };
            let result = year.credits.iter().find(|c| *c.id == entry.to_string());
            if let Some((counted, reason)) = result.and_then(|c| Some((c.counted, c.reason?.code()))) {
                less.insert(case.person.id, (counted, reason));
            }
        }
    }
    Ok(less)
}

fn outcome(hours: Hours, person: &Person, (own, reversed, less): (&[&Person], &[PersonId], &Less)) -> Row {
    let waits = own.iter().any(|o| o.id == person.id).then_some("own_decision");
    let (credited, reason) = match waits.or_else(|| reversed.contains(&person.id).then_some("reversed")) {
        Some(reason) => (Hours::ZERO, Some(reason)),
        None => less.get(&person.id).map_or((hours, None), |(counted, why)| (*counted, Some(*why))),
    };
    Row { person: person.id, name: person.name.clone(), credited, reason }
}

pub(crate) fn credit(
    (plan, hours): (&Plan, Hours),
    training: &str,
    person: PersonId,
    by: PersonId,
) -> Result<NewCredit> {
    let facts = json!({
        "kind": "unit_training", "from": plan.period.from.to_string(), "to": plan.period.to.to_string(),
        "days": plan.days.to_string(), "subject": plan.subject,
    });
    let serde_json::Value::Object(facts) = facts else { return Err(Error::internal("facts are no object")) };
    Ok(NewCredit {
        person,
        year: plan.year()?,
        source: "unit_training".to_owned(),
        source_key: format!("unit_training:{training}:{person}"),
        title: plan.title.clone(),
        subject: plan.subject,
        hours,
        facts,
        evidence: Some(format!("training:{training}")),
        decided_by: Some(by),
    })
}
