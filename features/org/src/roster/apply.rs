//! Writing a checked roster: departments, people, accounts, changes, in one transaction.
use std::collections::{BTreeSet, HashMap};

use accounts::NewAccount;
use base::{AccountId, IdNumber, PersonId, Result, Role, UnitId};
use db::Tx;
use serde_json::json;
use site::Site;

use super::plan::{Change, Plan};
use crate::{PROFILE_CHANGED, Person, Unit, person::Stamp, store};

/// Writes the plan; a roster that another import overtook fails on its unique numbers and changes nothing.
pub(crate) async fn write(site: &Site, unit: &Unit, plan: Plan, by: Option<PersonId>) -> Result<()> {
    let tx = site.db.begin().await?;
    let departments = departments(site, &tx, unit, &plan).await?;
    let stamp = Stamp { unit: unit.id, now: site.now() };
    store::insert_people(site, &tx, &plan.created, &departments, stamp).await?;
    let new_accounts: Vec<NewAccount> = plan
        .created
        .iter()
        .map(|p| NewAccount { id: p.account, ..NewAccount::generated(site, p.id) })
        .collect();
    accounts::create_many(site, &tx, &new_accounts).await?;
    let numbers: Vec<(AccountId, IdNumber)> =
        plan.created.iter().filter_map(|p| Some((p.account, p.id_number.clone()?))).collect();
    accounts::index_id_numbers(site, &tx, &numbers).await?;
    let people: Vec<PersonId> = plan.created.iter().map(|p| p.id).collect();
    accounts::grant_many(site, &tx, &people, (Role::Staff, unit.id), by).await?;
    for change in &plan.changed {
        update(site, &tx, change, &departments).await?;
    }
    let deed = audit::Deed {
        actor: by,
        action: "roster.import",
        object: &unit.code,
        unit_path: &unit.path,
        details: json!({"rows": plan.rows, "created": plan.created.len(), "updated": plan.changed.len()}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await
}

/// The unit's departments by name; those that the roster names first are made.
async fn departments(site: &Site, tx: &Tx, unit: &Unit, plan: &Plan) -> Result<HashMap<String, UnitId>> {
    let known = store::departments(tx, unit.id).await?;
    let named = plan.created.iter().map(|p| &p.facts).chain(plan.changed.iter().map(|c| &c.facts));
    let missing: BTreeSet<String> =
        named.filter_map(|f| f.department.clone()).filter(|d| !known.contains_key(d)).collect();
    if missing.is_empty() {
        return Ok(known);
    }
    store::insert_departments(tx, site, unit, &missing.into_iter().collect::<Vec<_>>()).await?;
    store::departments(tx, unit.id).await
}

async fn update(site: &Site, tx: &Tx, change: &Change, departments: &HashMap<String, UnitId>) -> Result<()> {
    let facts = &change.facts;
    let after = Person {
        name: change.name.clone(),
        category: facts.category,
        level: facts.level,
        status: facts.status,
        joined_on: facts.joined_on,
        ..change.before.clone()
    };
    let department = facts.department.as_ref().and_then(|d| departments.get(d)).copied();
    store::update_person(tx, &after, department, site.now()).await?;
    site.enqueue(tx, PROFILE_CHANGED, &after.id).await
}
