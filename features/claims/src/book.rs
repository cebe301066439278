//! Booking a unit training: everyone at once, once each; the booker's own row and the spouse's wait for another
//! administrator (domain §6: nobody decides on an own claim).
use std::collections::{HashMap, HashSet};

use base::{Actor, EntryId, Error, Hours, PersonId, Result, Role, UnitId, day};
use db::Conn;
use hours::bulk;
use org::Person;
use rules::{Days, learning::Interval};
use serde_json::json;
use site::Site;

use crate::{
    BOOKERS,
    attended::{Attendee, Training},
    review,
    store::{
        self,
        trainings::{self, NewRow},
    },
    training::{Plan, RowState, Whom},
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
    /// Why not, or not all of it.
    pub reason: Option<&'static str>,
    /// Where it stands.
    pub state: RowState,
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
    let ids: HashSet<PersonId> = match &plan.whom {
        Whom::Unit => return Ok(below),
        Whom::People(ids) => ids.iter().copied().collect(),
        Whom::Stays(stays) => stays.iter().map(|(person, _)| *person).collect(),
    };
    let hosted = org::hosted_under(conn, &path, plan.period.from).await?;
    let known: HashSet<PersonId> = below.iter().map(|p| p.id).collect();
    below.extend(hosted.into_iter().filter(|p| !known.contains(&p.id)));
    let chosen: Vec<Person> = below.into_iter().filter(|p| ids.contains(&p.id)).collect();
    if ids.is_empty() || chosen.len() != ids.len() {
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
    let training = Training::of(&tx, &id, plan).await?;
    let open = open(&people, plan, &trainings::rows(&tx, &id).await?);
    let near = review::near(&tx, actor).await?;
    let (own, others): (Vec<Attendee>, Vec<Attendee>) =
        open.into_iter().partition(|p| near.contains(&p.person));
    let mut rows = training.credit(site, &tx, (&others, actor.person)).await?;
    rows.extend(own.iter().map(waiting));
    trainings::write_rows(&tx, &id, &rows, (actor.person, now)).await?;
    let hours = training.hours(plan.days);
    let credited = rows.iter().filter(|r| r.state == RowState::Credited).count();
    let deed = audit::Deed {
        actor: Some(actor.person),
        action: "training.book",
        object: &id,
        unit_path: &place.path,
        details: json!({"title": plan.title, "from": plan.period.from.to_string(), "to": plan.period.to.to_string(),
            "hours": hours, "credited": credited, "booked_before": !is_new}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await?;
    // Read behind the booking: nobody else waits to write for it.
    let rows = outcomes(site, &training, (&people, actor.person)).await?;
    Ok(Booking { id: id.clone(), booked_before: !is_new, hours, rows })
}

/// Whom this booking may credit, with the stays of those who signed in and out.
fn open(people: &[Person], plan: &Plan, before: &[trainings::Row]) -> Vec<Attendee> {
    let closed: HashSet<PersonId> = before.iter().filter(|r| !r.state.is_open()).map(|r| r.person).collect();
    let stays: HashMap<PersonId, Interval> = match &plan.whom {
        Whom::Stays(stays) => stays.iter().copied().collect(),
        Whom::Unit | Whom::People(_) => HashMap::new(),
    };
    let open = people.iter().filter(|p| !closed.contains(&p.id));
    // Who signed in and out was there in that stay, also where the training is booked once more from a list.
    let known: HashMap<PersonId, Interval> =
        before.iter().filter_map(|r| Some((r.person, r.stay?))).collect();
    let stay = |p: &Person| stays.get(&p.id).or_else(|| known.get(&p.id)).copied();
    open.map(|p| Attendee { person: p.id, stay: stay(p) }).collect()
}

fn waiting(own: &Attendee) -> NewRow {
    NewRow { person: own.person, state: RowState::Waiting, entry: None, days: Days::ZERO, stay: own.stay }
}

/// What of a booking does not count by the rules, and why: a day that another training holds, for one.
type Less = HashMap<PersonId, (Hours, &'static str)>;

/// What became of each of these people.
async fn outcomes(
    site: &Site,
    training: &Training<'_>,
    (people, by): (&[Person], PersonId),
) -> Result<Vec<Row>> {
    let rows = trainings::rows(&site.db, training.id).await?;
    let less = uncounted(site, training.plan, &rows).await?;
    let mut rows: HashMap<PersonId, trainings::Row> = rows.into_iter().map(|r| (r.person, r)).collect();
    Ok(people.iter().filter_map(|p| Some(outcome(training, rows.remove(&p.id)?, (&less, by)))).collect())
}

/// Whose row of the training does not count in full, from the year as it stands now.
async fn uncounted(site: &Site, plan: &Plan, rows: &[trainings::Row]) -> Result<Less> {
    let conn = &site.db;
    let of = hours::grounds(conn, plan.year()?, day::day_of(site.now())).await?;
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

fn outcome(training: &Training<'_>, row: trainings::Row, (less, by): (&Less, PersonId)) -> Row {
    let (credited, reason) = match row.state {
        RowState::Waiting if row.person == by => (Hours::ZERO, Some("own_decision")),
        RowState::Waiting => (Hours::ZERO, Some("another_decides")),
        RowState::Reversed => (Hours::ZERO, Some("reversed")),
        RowState::Overlap => (Hours::ZERO, Some("overlap")),
        RowState::Credited => {
            let is_less = row.days < training.full(row.stay);
            let booked = (training.hours(row.days), is_less.then_some("overlap"));
            less.get(&row.person).map_or(booked, |(counted, why)| (*counted, Some(*why)))
        }
    };
    Row { person: row.person, name: row.name, credited, reason, state: row.state }
}
