//! A unit's first roster as rows, for an installation that is being filled: every row is read and checked as in an import,
//! and what the import would write is handed out for [`db::load_rows`]. Nothing is asked of the database, because neither
//! the unit nor its people are there yet.
use std::collections::{BTreeSet, HashMap};

use accounts::NewAccount;
use base::{AccountId, Error, Paper, PersonId, Result, Role, Status, UnitId};
use site::Site;

use super::{Plan, Progress, file, plan};
use crate::{
    Unit,
    person::{NewPerson, Stamp},
    store, store_people,
};

/// A new unit's departments by name, as its rosters name them.
#[derive(Default)]
pub struct Departments(HashMap<String, UnitId>);

/// The people of a new unit's roster.
pub struct Arrivals {
    /// What is to be loaded after the unit itself.
    pub rows: Vec<db::Rows>,
    /// Those who are on post.
    pub on_post: Vec<PersonId>,
}

/// Reads a roster of people who are all new; `known` are the unit's departments so far, and `name` gives each person's
/// account a name that no other has.
pub fn arrivals(
    site: &Site,
    (unit, known): (&Unit, &mut Departments),
    roster: &[u8],
    mut name: impl FnMut() -> String,
) -> Result<Arrivals> {
    let sheet = file::read_now(roster)?;
    let mut read = Plan::default();
    let rows = plan::read_all(site, &sheet, &mut read, &Progress::default());
    if let Some(e) = read.errors.first() {
        return Err(Error::internal(format!("row {}: {} {}", e.row, e.column, e.code)));
    }
    let people: Vec<NewPerson> = rows.into_iter().map(|r| plan::new_person(site, r)).collect();
    let named: BTreeSet<&str> = people.iter().filter_map(|p| p.facts.department.as_deref()).collect();
    let units = departments(site, (unit, &mut *known), &named);
    let stamp = Stamp { unit: unit.id, now: site.now(), by: None };
    let loaded = store_people::loaded(site, &people, &known.0, stamp)?;
    let own = |p: &NewPerson| NewAccount { id: p.account, person: p.id, name: name() };
    let own: Vec<NewAccount> = people.iter().map(own).collect();
    let papers: Vec<(AccountId, Paper)> =
        people.iter().filter_map(|p| Some((p.account, p.paper.clone()?))).collect();
    let accounts = accounts::loaded(site, (&own, &papers), (Role::Staff, unit.id));
    let is_on_post = |p: &&NewPerson| p.facts.status.is_none_or(|s| s == Status::OnPost);
    Ok(Arrivals {
        on_post: people.iter().filter(is_on_post).map(|p| p.id).collect(),
        rows: std::iter::once(units).chain(loaded).chain(accounts).collect(),
    })
}

/// The rows of a unit's departments that are not known yet; then they are.
fn departments(site: &Site, (unit, known): (&Unit, &mut Departments), named: &BTreeSet<&str>) -> db::Rows {
    let mut rows = vec![];
    for name in named.iter().filter(|name| !known.0.contains_key(**name)).copied().collect::<Vec<_>>() {
        let id = site.new_id();
        known.0.insert(name.to_owned(), id);
        let number = i64::try_from(known.0.len()).unwrap_or(i64::MAX);
        rows.push(store::department_row(unit, (id, name), number, site.now()));
    }
    db::Rows { table: "units", columns: store::UNIT_COLUMNS, rows }
}

/// The row of a unit below another, or at the top, for [`db::load_rows`].
pub fn unit_row(site: &Site, unit: &Unit, parent: Option<UnitId>) -> db::Rows {
    let row = store::unit_row(unit, parent, site.now());
    db::Rows { table: "units", columns: store::UNIT_COLUMNS, rows: vec![row] }
}
