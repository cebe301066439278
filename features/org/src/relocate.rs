//! Moving one person to another unit, or one record into another of the same human, for the slice that decides so; in the
//! caller's transaction and under the caller's audit entry.
use std::collections::BTreeSet;

use base::{Day, Error, PersonId, Result, Status, day};
use db::Tx;
use site::Site;

use crate::{
    PROFILE_CHANGED, Person, Unit, history::Placement, people, store, store_history, store_people,
    store_people::Update, store_units, unit,
};

/// Where a person goes.
#[derive(Clone, Copy, Debug)]
pub struct Relocation<'a> {
    /// The unit.
    pub unit: &'a Unit,
    /// The department by name; made if it is new.
    pub department: Option<&'a str>,
    /// From this day on.
    pub from: Day,
    /// Who recorded it.
    pub by: PersonId,
}

/// Places a held person at another unit: a new placement, roles at the old unit ended, staff of the new one. Hours,
/// certificates and everything else of the person stay theirs.
pub async fn relocate(site: &Site, tx: &Tx, person: &Person, to: &Relocation<'_>) -> Result<Person> {
    if store_units::is_ended(tx, to.unit.id).await? {
        return Err(Error::invalid("unit", "unit_ended"));
    }
    people::may_leave(tx, person).await?;
    let from = people::since(site, tx, person.id, Some(to.from)).await?;
    let named: BTreeSet<String> = to.department.iter().map(|d| (*d).to_owned()).collect();
    let departments = unit::departments(site, tx, to.unit, &named).await?;
    let old = store::unit_by_id(tx, person.unit).await?;
    let after = Person {
        unit: to.unit.id,
        department_id: to.department.and_then(|d| departments.get(d)).copied(),
        staff_no: None,
        status: Status::OnPost,
        ..person.clone()
    };
    let placement = Placement::of(&after, Some(from), "transferred");
    store_history::append(tx, &[placement], Some(to.by), site.now()).await?;
    store_people::update_people(site, tx, &[Update { after, contact_phone: None }], site.now()).await?;
    accounts::rehome(site, tx, person.id, (&old.path, to.unit.id), to.by).await?;
    site.enqueue(tx, PROFILE_CHANGED, &person.id).await?;
    store::person(tx, person.id).await
}

/// Lets one record go into another of the same human: its number and former numbers lead to the one that stays, nobody
/// signs in with it, and it counts nowhere. Its row and placements stay.
pub async fn absorb(site: &Site, tx: &Tx, (kept, gone): (&Person, &Person), by: PersonId) -> Result<()> {
    people::may_leave(tx, gone).await?;
    let last = store_history::of_person(tx, gone.id).await?.last().and_then(|p| p.from);
    let today = day::day_of(site.now());
    let after = Person { status: Status::Left, ..gone.clone() };
    let placement = Placement::of(&after, Some(last.map_or(today, |l| l.max(today))), "merged");
    store_history::append(tx, &[placement], Some(by), site.now()).await?;
    store_people::update_people(site, tx, &[Update { after, contact_phone: None }], site.now()).await?;
    store_people::absorb(site, tx, (kept.id, gone.id)).await?;
    accounts::close(site, tx, gone.id, by).await
}
