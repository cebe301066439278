//! Who was where with which status from which day (domain §1): every change of unit, department, status, category,
//! level or establishment adds a placement; for a past year the one of its last day holds.
use std::collections::HashSet;

use base::{Category, Day, Establishment, Instant, Level, PersonId, Result, Status, UnitId};
use db::{Conn, People};

use crate::{Person, store, store_history, store_units};

/// A placement to be written.
#[derive(Clone, Debug)]
pub(crate) struct Placement {
    pub person: PersonId,
    /// From this day; none is the beginning.
    pub from: Option<Day>,
    pub unit: UnitId,
    pub department: Option<UnitId>,
    pub status: Status,
    pub category: Option<Category>,
    pub level: Option<Level>,
    pub establishment: Establishment,
    /// Why: a code such as `changed`.
    pub reason: &'static str,
}

/// A placement as it was recorded.
#[derive(Clone, Debug)]
pub struct Placed {
    /// From this day; none is the beginning.
    pub from: Option<Day>,
    /// The unit.
    pub unit: UnitId,
    /// The unit's name.
    pub unit_name: String,
    /// The department.
    pub department_id: Option<UnitId>,
    /// The department's name.
    pub department: Option<String>,
    /// 在岗状态
    pub status: Status,
    /// 岗位类别
    pub category: Option<Category>,
    /// 岗位等级
    pub level: Option<Level>,
    /// 编制
    pub establishment: Establishment,
    /// Why: a code.
    pub reason: String,
    /// Who recorded it, by name.
    pub recorded_by: Option<String>,
    /// When it was recorded.
    pub recorded_at: Instant,
}

impl Placement {
    /// Where the person is, from that day on.
    pub(crate) fn of(p: &Person, from: Option<Day>, reason: &'static str) -> Self {
        Self {
            person: p.id,
            from,
            unit: p.unit,
            department: p.department_id,
            status: p.status,
            category: p.category,
            level: p.level,
            establishment: p.establishment,
            reason,
        }
    }
}

/// Whether a placement has to be recorded for the change.
pub(crate) fn has_moved(before: &Person, after: &Person) -> bool {
    let place = |p: &Person| (p.unit, p.department_id, p.status, p.category, p.level, p.establishment);
    place(before) != place(after)
}

/// The placement that held on a day; before the first known one, the first holds.
pub fn on(placements: &[Placed], day: Day) -> Option<&Placed> {
    let begun = |p: &&Placed| p.from.is_none_or(|from| from <= day);
    let first = placements.first()?.from;
    placements.iter().rfind(begun).or_else(|| placements.iter().rfind(|p| p.from == first))
}

/// The person with unit (as it was called then), status and establishment of a day, the rest as it is now.
pub async fn person_on(conn: &impl Conn, id: PersonId, day: Day) -> Result<Person> {
    let person = store::person(conn, id).await?;
    let placements = store_history::of_person(conn, id).await?;
    let mut person = as_on(person, &placements, day);
    if let Some(name) = store_units::names_on(conn, &[person.unit], day).await?.remove(&person.unit) {
        person.unit_name = name;
    }
    Ok(person)
}

/// As [`person_on`] for people who were read already.
pub async fn people_on(conn: &impl Conn, people: Vec<Person>, day: Day) -> Result<Vec<Person>> {
    let ids: Vec<PersonId> = people.iter().map(|p| p.id).collect();
    let placements = store_history::of_people(conn, &ids).await?;
    let of = |p: Person| {
        let own = placements.get(&p.id).map_or(&[][..], Vec::as_slice);
        as_on(p, own, day)
    };
    let mut people: Vec<Person> = people.into_iter().map(of).collect();
    let units: HashSet<UnitId> = people.iter().map(|p| p.unit).collect();
    let names = store_units::names_on(conn, &units.into_iter().collect::<Vec<_>>(), day).await?;
    for person in &mut people {
        if let Some(name) = names.get(&person.unit) {
            person.unit_name.clone_from(name);
        }
    }
    Ok(people)
}

/// As [`people_on`], by the placements that were recorded before an instant: what was known then of that day.
pub async fn people_on_known(
    conn: &impl Conn,
    people: Vec<Person>,
    day: Day,
    known_at: Instant,
) -> Result<Vec<Person>> {
    let ids: Vec<PersonId> = people.iter().map(|p| p.id).collect();
    let mut placements = store_history::of_people(conn, &ids).await?;
    let of = |p: Person| {
        let mut own = placements.remove(&p.id).unwrap_or_default();
        own.retain(|placed| placed.recorded_at < known_at);
        as_on(p, &own, day)
    };
    Ok(people.into_iter().map(of).collect())
}

/// Those of these people whose facts of a past day may be others than today's.
pub async fn moved(conn: &impl Conn, people: People<'_>) -> Result<HashSet<PersonId>> {
    store_history::moved(conn, people).await
}

fn as_on(person: Person, placements: &[Placed], day: Day) -> Person {
    let Some(placed) = on(placements, day) else { return person };
    Person {
        unit: placed.unit,
        unit_name: placed.unit_name.clone(),
        department: placed.department.clone(),
        department_id: placed.department_id,
        status: placed.status,
        establishment: placed.establishment,
        ..person
    }
}
