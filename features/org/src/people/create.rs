//! Adding one person by hand, with the account that comes along.
use std::collections::BTreeSet;

use base::{Error, FieldProblem, Result, Role, UnitId};
use db::Tx;
use serde_json::json;
use site::{Site, Visitor};

use super::{Stated, stated::Read};
use crate::{
    MANAGERS, Person, Unit, UnitKind, may_manage,
    person::{NewPerson, Stamp, record},
    profile, store, store_people, unit,
};

/// Adds a person to a unit that the visitor manages; a person who is in any roster already is a conflict.
pub(crate) async fn create(site: &Site, visitor: &Visitor, stated: &Stated) -> Result<Person> {
    let read = stated.read(base::day::day_of(site.now()))?;
    let tx = site.db.begin().await?;
    let (unit, department) = place(&tx, visitor, stated.unit.as_deref()).await?;
    let mut new = complete(site, read)?;
    new.facts.department = new.facts.department.or(department);
    let named: BTreeSet<String> = new.facts.department.iter().cloned().collect();
    let departments = unit::departments(site, &tx, &unit, &named).await?;
    let by = visitor.actor.person;
    let stamp = Stamp { unit: unit.id, now: site.now(), by: Some(by) };
    store_people::insert_people(site, &tx, std::slice::from_ref(&new), &departments, stamp).await?;
    account(site, &tx, &new, unit.id, visitor).await?;
    profile::added(site, &tx, &[new.id]).await?;
    let person = store::person(&tx, new.id).await?;
    let details = json!({"after": masked(&person)});
    record(site, &tx, by, ("person.create", &person), details).await?;
    tx.commit().await?;
    Ok(person)
}

async fn account(site: &Site, tx: &Tx, new: &NewPerson, unit: UnitId, visitor: &Visitor) -> Result<()> {
    accounts::create_named(site, tx, &[(new.account, new.id)]).await?;
    if let Some(paper) = &new.paper {
        accounts::index_id_numbers(site, tx, &[(new.account, paper.clone())]).await?;
    }
    accounts::grant_many(site, tx, &[new.id], (Role::Staff, unit), Some(visitor.actor.person)).await
}

/// The unit of the code, or the only one that the visitor manages; a department's people belong to the unit above it.
async fn place(tx: &Tx, visitor: &Visitor, code: Option<&str>) -> Result<(Unit, Option<String>)> {
    let unit = if let Some(code) = code {
        unit::by_code(tx, code).await?
    } else {
        let mut held = visitor.actor.grants.iter().filter(|g| MANAGERS.contains(&g.role));
        let grant = held.next().ok_or_else(Error::denied)?;
        if held.any(|g| g.unit != grant.unit) {
            return Err(Error::invalid("unit", "required"));
        }
        store::unit_by_id(tx, grant.unit).await?
    };
    if !may_manage(&visitor.actor, &unit.path) {
        return Err(Error::not_found());
    }
    if unit.kind != UnitKind::Department {
        return Ok((unit, None));
    }
    let above = store::unit_above(tx, unit.id).await?.ok_or_else(Error::not_found)?;
    Ok((above, Some(unit.name)))
}

fn complete(site: &Site, read: Read) -> Result<NewPerson> {
    let missing = [
        ("name", read.name.is_none()),
        ("id_number", read.paper.is_none()),
        ("gender", read.paper.is_some() && read.gender.is_none()),
        ("birth_date", read.paper.is_some() && read.birth_date.is_none()),
    ];
    let problem = |(field, _): &(&str, bool)| FieldProblem { field: (*field).to_owned(), code: "required" };
    let problems: Vec<FieldProblem> = missing.iter().filter(|(_, is)| *is).map(problem).collect();
    let Read { name: Some(name), paper: Some(paper), gender, birth_date, facts, .. } = read else {
        return Err(Error::invalid_fields(problems));
    };
    if !problems.is_empty() {
        return Err(Error::invalid_fields(problems));
    }
    Ok(NewPerson {
        id: site.new_id(),
        account: site.new_id(),
        name,
        paper: Some(paper),
        gender,
        birth_date,
        facts,
    })
}

/// A person's facts for the audit trail: numbers masked.
pub(super) fn masked(p: &Person) -> serde_json::Value {
    json!({
        "name": p.name, "id_type": p.id_type, "id_number": p.id_number_masked, "gender": p.gender,
        "birth_date": p.birth_date.map(|d| d.to_string()), "unit": p.unit, "department": p.department,
        "category": p.category, "level": p.level, "status": p.status, "establishment": p.establishment,
        "retirement": p.retirement, "joined_on": p.joined_on.map(|d| d.to_string()), "staff_no": p.staff_no,
    })
}
