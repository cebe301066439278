//! Writing a checked roster: departments, people, accounts, changes, in one transaction.
use std::collections::{BTreeSet, HashMap};

use base::{AccountId, Error, Paper, PersonId, Result, Role, UnitId, day};
use db::Tx;
use serde_json::json;
use site::Site;

use super::{Progress, plan, plan::Plan};
use crate::{
    PROFILE_CHANGED, Person, Unit,
    history::{self, Placement},
    person::{NewPerson, Stamp},
    profile, store_history, store_people,
    store_people::Update,
    unit,
};

/// So many new people are written at once: their rows and seals are held only so long.
const PORTION: usize = 4_000;

/// Writes the plan in the caller's transaction, in which it was made.
pub(crate) async fn write(
    site: &Site,
    tx: &Tx,
    unit: &Unit,
    plan: Plan,
    (by, progress): (Option<PersonId>, &Progress),
) -> Result<()> {
    let leaving: Vec<PersonId> = plan::leaving(&plan).iter().map(|p| p.id).collect();
    if !store_history::only_administrators(tx, &leaving).await?.is_empty() {
        return Err(Error::conflict("last_administrator"));
    }
    let departments = departments(site, tx, unit, &plan).await?;
    let stamp = Stamp { unit: unit.id, now: site.now(), by };
    let details = json!({"rows": plan.rows, "created": plan.created.len(),
        "updated": plan.changed.iter().filter(|c| c.is_written()).count()});
    let people: Vec<NewPerson> = plan.created.into_iter().map(|n| n.person).collect();
    for (n, portion) in people.chunks(PORTION).enumerate() {
        progress.at("writing", n * PORTION, people.len() + 1);
        store_people::insert_people(site, tx, portion, &departments, stamp).await?;
        accounts_of(site, tx, portion, unit.id, by).await?;
        profile::added(site, tx, &portion.iter().map(|p| p.id).collect::<Vec<_>>()).await?;
    }
    progress.at("writing", people.len(), people.len() + 1);
    let changed = plan.changed.into_iter().filter(plan::Change::is_written);
    let updates = changed.map(|c| {
        let department = c.after.department.as_ref().and_then(|d| departments.get(d)).copied();
        let after = Person { department_id: department.or(c.after.department_id), ..c.after };
        (c.before, Update { after, contact_phone: c.contact_phone })
    });
    update(site, tx, updates.collect(), by).await?;
    let deed = audit::Deed {
        actor: by,
        action: "roster.import",
        object: &unit.code,
        unit_path: &unit.path,
        details,
    };
    audit::record(site, tx, deed).await
}

/// The accounts of new people: with a name, found by the paper's number, staff of the unit.
async fn accounts_of(
    site: &Site,
    tx: &Tx,
    people: &[NewPerson],
    unit: UnitId,
    by: Option<PersonId>,
) -> Result<()> {
    let wanted: Vec<(AccountId, PersonId)> = people.iter().map(|p| (p.account, p.id)).collect();
    accounts::create_named(site, tx, &wanted).await?;
    let numbers: Vec<(AccountId, Paper)> =
        people.iter().filter_map(|p| Some((p.account, p.paper.clone()?))).collect();
    accounts::index_id_numbers(site, tx, &numbers).await?;
    let people: Vec<PersonId> = people.iter().map(|p| p.id).collect();
    accounts::grant_many(site, tx, &people, (Role::Staff, unit), by).await
}

/// The unit's departments by name; those that the roster names first are made.
async fn departments(site: &Site, tx: &Tx, unit: &Unit, plan: &Plan) -> Result<HashMap<String, UnitId>> {
    let new = plan.created.iter().filter_map(|n| n.person.facts.department.clone());
    let changed = plan.changed.iter().filter_map(|c| c.after.department.clone());
    unit::departments(site, tx, unit, &new.chain(changed).collect::<BTreeSet<_>>()).await
}

async fn update(site: &Site, tx: &Tx, changes: Vec<(Person, Update)>, by: Option<PersonId>) -> Result<()> {
    let today = day::day_of(site.now());
    let moved = changes.iter().filter(|(before, u)| history::has_moved(before, &u.after));
    let placements: Vec<Placement> =
        moved.map(|(_, u)| Placement::of(&u.after, Some(today), "imported")).collect();
    store_history::append(tx, &placements, by, site.now()).await?;
    let updates: Vec<Update> = changes.into_iter().map(|(_, u)| u).collect();
    store_people::update_people(site, tx, &updates, site.now()).await?;
    let ids: Vec<PersonId> = updates.iter().map(|u| u.after.id).collect();
    site.enqueue_many(tx, PROFILE_CHANGED, &ids).await
}
