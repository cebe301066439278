//! Renaming, moving and merging units. The rows of the tree say how it is now; every change leaves a row of history, so
//! that who was where on which day can be told for any day. Rights follow at once: paths of whatever can still be
//! acted on are moved along, while the audit trail keeps the place where something was done (security item 34).
use base::{Actor, Day, Error, PersonId, Result, Role, UnitId, day};
use db::Tx;
use serde::Deserialize;
use serde_json::json;
use site::Site;
use utoipa::ToSchema;

use crate::{
    PROFILE_CHANGED, UNITS_MOVED, Unit, UnitKind, history::Placement, store, store_history, store_people,
    store_units, store_units::Recorded, unit,
};

/// Who changes the tree.
pub(crate) const PLANNERS: &[Role] = &[Role::Authority, Role::SystemAdmin];

/// When and why a unit changes.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Grounds {
    /// The day from which it holds; today if left out, never in the future.
    pub from: Option<String>,
    /// The decision that it follows.
    pub reason: String,
}

impl Grounds {
    fn day(&self, site: &Site) -> Result<Day> {
        let today = day::day_of(site.now());
        let Some(text) = self.from.as_deref().map(str::trim).filter(|t| !t.is_empty()) else {
            return Ok(today);
        };
        let from: Day = text.parse().map_err(|_| Error::invalid("from", "date_form"))?;
        if from > today { Err(Error::invalid("from", "day_in_future")) } else { Ok(from) }
    }

    fn reason(&self) -> Result<&str> {
        crate::assist::reason(&self.reason)
    }
}

/// A unit under a lock that the actor may change, with the day from which the change holds.
async fn admitted(site: &Site, tx: &Tx, actor: &Actor, (code, why): (&str, &Grounds)) -> Result<(Unit, Day)> {
    why.reason()?;
    let from = why.day(site)?;
    let unit = unit::by_code(tx, code).await?;
    if !actor.scope(PLANNERS).holds(&unit.path) {
        return Err(Error::not_found());
    }
    store::hold_unit(tx, unit.id).await?;
    let unit = store::unit_by_id(tx, unit.id).await?;
    if store_units::is_ended(tx, unit.id).await? {
        return Err(Error::conflict("unit_ended"));
    }
    if store_units::last_change(tx, unit.id).await?.is_some_and(|last| from < last) {
        return Err(Error::invalid("from", "from_before_last"));
    }
    Ok((unit, from))
}

fn recorded<'a>(
    site: &Site,
    actor: &Actor,
    from: Day,
    (what, why): (&'static str, &'a Grounds),
) -> Recorded<'a> {
    Recorded { from, reason: what, note: why.reason.trim(), by: actor.person, at: site.now() }
}

/// Gives a unit another name; what it was called before stays in its history and on what was printed.
pub(crate) async fn rename(
    site: &Site,
    actor: &Actor,
    code: &str,
    (name, why): (&str, &Grounds),
) -> Result<Unit> {
    let name = name.trim();
    if !(1..=100).contains(&name.chars().count()) || name.chars().any(char::is_control) {
        return Err(Error::invalid("name", "wrong_value"));
    }
    let tx = site.db.begin().await?;
    let (unit, from) = admitted(site, &tx, actor, (code, why)).await?;
    store_units::begin_history(&tx, &unit.path).await?;
    store_units::set_name(&tx, unit.id, name).await?;
    store_units::record(&tx, unit.id, &recorded(site, actor, from, ("renamed", why))).await?;
    let details = json!({"before": unit.name, "after": name, "from": from.to_string(), "reason": why.reason});
    deed(site, &tx, actor, ("unit.rename", &unit), details).await?;
    tx.commit().await?;
    Ok(Unit { name: name.to_owned(), ..unit })
}

/// Puts a unit, with all below it, under another one.
pub(crate) async fn relocate(
    site: &Site,
    actor: &Actor,
    code: &str,
    (parent, why): (&str, &Grounds),
) -> Result<Unit> {
    let tx = site.db.begin().await?;
    let (unit, from) = admitted(site, &tx, actor, (code, why)).await?;
    let parent = receiving(&tx, actor, ("parent", parent)).await?;
    if parent.path.starts_with(&unit.path) {
        return Err(Error::invalid("parent", "unit_below_itself"));
    }
    if parent.kind > unit.kind || parent.kind == UnitKind::Department {
        return Err(Error::invalid("parent", "kind_place"));
    }
    let path = format!("{}{}/", parent.path, unit.code);
    if unit.kind == UnitKind::Department && path != unit.path {
        // Its people belong to the unit: they go by transfers, or with the whole unit.
        return Err(Error::invalid("parent", "department_stays"));
    }
    if path == unit.path {
        return Err(Error::conflict("unit_there_already"));
    }
    store_units::begin_history(&tx, &unit.path).await?;
    store_units::set_parent(&tx, unit.id, parent.id).await?;
    store_units::rewrite_paths(&tx, &unit.path, &path).await?;
    store_units::record_below(&tx, &path, &recorded(site, actor, from, ("moved", why))).await?;
    let details = json!({"before": unit.path, "after": path, "from": from.to_string(), "reason": why.reason});
    deed(site, &tx, actor, ("unit.move", &unit), details).await?;
    site.enqueue_once(&tx, UNITS_MOVED, &unit.code, &unit.code).await?;
    tx.commit().await?;
    Ok(Unit { path, ..unit })
}

/// A unit in the actor's subtree into which something goes.
async fn receiving(tx: &Tx, actor: &Actor, (field, code): (&str, &str)) -> Result<Unit> {
    let unit = unit::by_code(tx, code).await?;
    if !actor.scope(PLANNERS).holds(&unit.path) {
        return Err(Error::not_found());
    }
    store::hold_unit(tx, unit.id).await?;
    if store_units::is_ended(tx, unit.id).await? {
        return Err(Error::invalid(field, "unit_ended"));
    }
    store::unit_by_id(tx, unit.id).await
}

/// What a merge of units did.
#[derive(Clone, Debug)]
pub(crate) struct Merged {
    pub into: Unit,
    pub people: usize,
    /// Roles other than 职工 that ended with the unit.
    pub roles_ended: u64,
}

/// Lets a unit go into another: its people, departments and open matters go there, its roles end, its history stays.
pub(crate) async fn merge(
    site: &Site,
    actor: &Actor,
    code: &str,
    (into, why): (&str, &Grounds),
) -> Result<Merged> {
    let tx = site.db.begin().await?;
    let (unit, from) = admitted(site, &tx, actor, (code, why)).await?;
    let into = receiving(&tx, actor, ("into", into)).await?;
    if into.path.starts_with(&unit.path) || unit.path.starts_with(&into.path) {
        return Err(Error::invalid("into", "unit_below_itself"));
    }
    if unit.kind != into.kind {
        return Err(Error::invalid("into", "kind_place"));
    }
    let above = |unit: &Unit| unit.path.strip_suffix(&format!("{}/", unit.code)).map(str::to_owned);
    if unit.kind == UnitKind::Department && above(&unit) != above(&into) {
        return Err(Error::invalid("into", "department_stays"));
    }
    let record = recorded(site, actor, from, ("merged", why));
    store_units::begin_history(&tx, &unit.path).await?;
    let departments = departments(&tx, (&unit, &into), &record).await?;
    let people = people(site, &tx, (&unit, &into, from), (&departments, actor.person)).await?;
    let roles_ended = accounts::move_staff(site, &tx, (unit.id, into.id), actor.person).await?;
    store_units::end(&tx, unit.id, into.id, from).await?;
    store_units::rewrite_copies(&tx, &unit.path, &into.path).await?;
    store_units::record(&tx, unit.id, &record).await?;
    let details = json!({"into": into.code, "people": people, "from": from.to_string(), "reason": why.reason,
        "roles_ended": roles_ended});
    deed(site, &tx, actor, ("unit.merge", &unit), details).await?;
    site.enqueue_once(&tx, UNITS_MOVED, &unit.code, &unit.code).await?;
    tx.commit().await?;
    Ok(Merged { into, people, roles_ended })
}

/// Moves what stands directly below the unit; a department whose name the other has already goes into that one.
/// Answers where the people of each department go.
async fn departments(
    tx: &Tx,
    (unit, into): (&Unit, &Unit),
    record: &Recorded<'_>,
) -> Result<Vec<(UnitId, UnitId)>> {
    let theirs = store::departments(tx, into.id).await?;
    let mut joined = vec![];
    for below in store_units::directly_below(tx, unit.id).await? {
        store_units::begin_history(tx, &below.path).await?;
        if let Some(same) = theirs.get(&below.name).filter(|_| below.kind == UnitKind::Department) {
            let target = store::unit_by_id(tx, *same).await?;
            store_units::end(tx, below.id, target.id, record.from).await?;
            store_units::rewrite_copies(tx, &below.path, &target.path).await?;
            store_units::record(tx, below.id, record).await?;
            joined.push((below.id, target.id));
        } else {
            let path = format!("{}{}/", into.path, below.code);
            store_units::set_parent(tx, below.id, into.id).await?;
            store_units::rewrite_paths(tx, &below.path, &path).await?;
            store_units::record_below(tx, &path, record).await?;
        }
    }
    Ok(joined)
}

/// Places the unit's people at the other, from the day of the merge on.
async fn people(
    site: &Site,
    tx: &Tx,
    (unit, into, from): (&Unit, &Unit, Day),
    (departments, by): (&[(UnitId, UnitId)], PersonId),
) -> Result<usize> {
    // A department's people stay in their unit and go into the other department.
    let is_department = unit.kind == UnitKind::Department;
    let joined = [(unit.id, into.id)];
    let departments = if is_department { joined.as_slice() } else { departments };
    let people = store_people::all_of(tx, unit).await?;
    let ids: Vec<PersonId> = people.iter().map(|p| p.id).collect();
    let last_days = store_history::last_days(tx, &ids).await?;
    let placement = |p: &crate::Person| {
        let last = last_days.get(&p.id).copied();
        let to = |d: UnitId| departments.iter().find(|(gone, _)| *gone == d).map_or(d, |(_, to)| *to);
        Placement {
            unit: if is_department { p.unit } else { into.id },
            department: p.department_id.map(to),
            ..Placement::of(p, Some(last.map_or(from, |l| l.max(from))), "merged")
        }
    };
    let placements: Vec<Placement> = people.iter().map(placement).collect();
    store_history::append(tx, &placements, Some(by), site.now()).await?;
    let moved = (!is_department).then_some((unit.id, into.id));
    store_people::place_all(tx, moved, departments, site.now()).await?;
    site.enqueue_many(tx, PROFILE_CHANGED, &ids).await?;
    Ok(ids.len())
}

async fn deed(
    site: &Site,
    tx: &Tx,
    actor: &Actor,
    (action, unit): (&'static str, &Unit),
    details: serde_json::Value,
) -> Result<()> {
    let deed =
        audit::Deed { actor: Some(actor.person), action, object: &unit.code, unit_path: &unit.path, details };
    audit::record(site, tx, deed).await
}
