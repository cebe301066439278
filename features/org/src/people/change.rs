//! Changing one person by hand. Posts and service are the unit's to state; who someone is changes by hand only until
//! the person has signed in, afterwards by a correction with evidence and a second person.
use std::collections::BTreeSet;

use base::{Day, Error, Level, Paper, PersonId, Phone, Result, Status, day};
use db::Tx;
use serde_json::{Value, json};
use site::{Site, Visitor};

use super::{
    Stated,
    create::masked,
    stated::{Read, read_paper},
};
use crate::{
    PROFILE_CHANGED, Person, history, history::Placement, may_manage, person::record, store, store_history,
    store_people, store_people::Update, unit,
};

/// Changes what is stated about a person whom the visitor manages; nobody changes the own record.
pub(crate) async fn change(site: &Site, visitor: &Visitor, id: PersonId, stated: &Stated) -> Result<Person> {
    if stated.unit.is_some() {
        return Err(Error::invalid("unit", "unknown_field"));
    }
    let read = stated.read(day::day_of(site.now()))?;
    let tx = site.db.begin().await?;
    let before = admitted(&tx, visitor, id).await?;
    let after = applied(site, &tx, &before, &read).await?;
    if is_someone_else(&before, &after) || read.paper.is_some() {
        identify(site, &tx, (&before, &after), read.paper.as_ref()).await?;
    }
    let written = Written { before, after, contact_phone: read.facts.contact_phone, from: read.from };
    let person = write(site, &tx, visitor, written).await?;
    tx.commit().await?;
    Ok(person)
}

/// Confirms the category and level that the person entered (待确认).
pub(crate) async fn confirm_post(site: &Site, visitor: &Visitor, id: PersonId) -> Result<Person> {
    let tx = site.db.begin().await?;
    let before = admitted(&tx, visitor, id).await?;
    let after = Person { is_post_claimed: false, ..before.clone() };
    let written = Written { before, after, contact_phone: None, from: None };
    let person = write(site, &tx, visitor, written).await?;
    tx.commit().await?;
    Ok(person)
}

async fn admitted(tx: &Tx, visitor: &Visitor, id: PersonId) -> Result<Person> {
    let person = store::held_person(tx, id).await?;
    if !may_manage(&visitor.actor, &person.path) {
        return Err(Error::not_found());
    }
    if id == visitor.actor.person {
        return Err(Error::refused(base::Kind::Denied, "own_record"));
    }
    Ok(person)
}

/// The person with what is stated.
async fn applied(site: &Site, tx: &Tx, before: &Person, read: &Read) -> Result<Person> {
    let facts = &read.facts;
    let unit = store::unit_by_id(tx, before.unit).await?;
    let named: BTreeSet<String> = facts.department.iter().cloned().collect();
    let departments = unit::departments(site, tx, &unit, &named).await?;
    let found = facts.department.as_ref().and_then(|d| departments.get(d)).copied();
    let department_id = if read.clears_department { None } else { found.or(before.department_id) };
    let category = facts.category.or(before.category);
    let is_other = category != before.category && facts.level.is_none();
    let level = facts.level.or(before.level).filter(|l| !is_other || *l == Level::Ungraded);
    if let (Some(category), Some(level)) = (category, level)
        && !level.fits(category)
    {
        return Err(Error::invalid("level", "level_mismatch"));
    }
    Ok(Person {
        name: read.name.clone().unwrap_or_else(|| before.name.clone()),
        gender: read.gender.or(before.gender),
        birth_date: read.birth_date.or(before.birth_date),
        id_type: read.paper.as_ref().map_or(before.id_type, Paper::kind),
        department_id,
        category,
        level,
        is_post_claimed: before.is_post_claimed && facts.category.is_none() && facts.level.is_none(),
        status: facts.status.unwrap_or(before.status),
        establishment: facts.establishment.unwrap_or(before.establishment),
        retirement: facts.retirement.unwrap_or(before.retirement),
        joined_on: facts.joined_on.or(before.joined_on),
        staff_no: facts.staff_no.clone().or(before.staff_no.clone()).filter(|_| !read.clears_staff_no),
        ..before.clone()
    })
}

fn is_someone_else(before: &Person, after: &Person) -> bool {
    (&before.name, before.gender, before.birth_date) != (&after.name, after.gender, after.birth_date)
}

/// Writes who the person is: refused once the person has signed in, and where the number says otherwise.
async fn identify(
    site: &Site,
    tx: &Tx,
    (before, after): (&Person, &Person),
    paper: Option<&Paper>,
) -> Result<()> {
    let known = store::id_number(site, tx, before.id).await?;
    if paper.map(Paper::number) == known.as_deref() && !is_someone_else(before, after) {
        return Ok(());
    }
    let names = accounts::account_names(tx, &[before.id]).await?;
    if names.get(&before.id).is_some_and(|(_, is_phone_bound)| *is_phone_bound) {
        return Err(Error::conflict("correction_needed"));
    }
    if paper.is_none() {
        let carried = known.and_then(|n| read_paper(Some(before.id_type), &n).ok()).and_then(|p| p.carries());
        if carried.is_some_and(|(gender, _)| after.gender != Some(gender)) {
            return Err(Error::invalid("gender", "gender_mismatch"));
        }
        if carried.is_some_and(|(_, birth)| after.birth_date != Some(birth)) {
            return Err(Error::invalid("birth_date", "birth_mismatch"));
        }
    }
    store_people::update_identity(site, tx, after, paper).await
}

/// A change that was checked.
struct Written {
    before: Person,
    after: Person,
    contact_phone: Option<Phone>,
    from: Option<Day>,
}

async fn write(site: &Site, tx: &Tx, visitor: &Visitor, w: Written) -> Result<Person> {
    let by = visitor.actor.person;
    if w.before.status == Status::OnPost && w.after.status != Status::OnPost {
        may_leave(tx, &w.before).await?;
    }
    let (before, id) = (masked(&w.before), w.after.id);
    if history::has_moved(&w.before, &w.after) {
        let from = since(site, tx, id, w.from).await?;
        let placement = Placement::of(&w.after, Some(from), "changed");
        store_history::append(tx, &[placement], Some(by), site.now()).await?;
    }
    let update = Update { after: w.after, contact_phone: w.contact_phone };
    store_people::update_people(site, tx, &[update], site.now()).await?;
    let person = store::person(tx, id).await?;
    let (old, new) = differing(before, masked(&person));
    let details = json!({"before": old, "after": new, "from": w.from.map(|d| d.to_string())});
    record(site, tx, by, ("person.change", &person), details).await?;
    site.enqueue(tx, PROFILE_CHANGED, &id).await?;
    Ok(person)
}

/// A unit's last active administrator stays until another one is there.
pub(crate) async fn may_leave(tx: &Tx, person: &Person) -> Result<()> {
    let only = store_history::only_administrators(tx, &[person.id]).await?;
    if only.is_empty() { Ok(()) } else { Err(Error::conflict("last_administrator")) }
}

/// The day from which a change holds: not before the last one, so that the history stays in order.
pub(crate) async fn since(site: &Site, tx: &Tx, person: PersonId, from: Option<Day>) -> Result<Day> {
    let placements = store_history::of_person(tx, person).await?;
    let last = placements.last().and_then(|p| p.from);
    match (from, last) {
        (Some(from), Some(last)) if from < last => Err(Error::invalid("from", "from_before_last")),
        (Some(from), _) => Ok(from),
        (None, last) => Ok(last.map_or_else(|| day::day_of(site.now()), |l| l.max(day::day_of(site.now())))),
    }
}

/// Only the members that differ.
fn differing(before: Value, after: Value) -> (Value, Value) {
    let (Value::Object(before), Value::Object(after)) = (before, after) else {
        return (Value::Null, Value::Null);
    };
    let differs = |key: &String| before.get(key) != after.get(key);
    let part = |of: &serde_json::Map<String, Value>| -> Value {
        of.iter()
            .filter(|(k, _)| differs(k))
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    (part(&before), part(&after))
}
