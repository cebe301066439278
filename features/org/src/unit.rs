//! The unit tree: province › city › county › authority › unit › department. A unit's path lists the codes above it.
use std::collections::{BTreeSet, HashMap};

use base::{Actor, Error, FieldProblem, Result, Role, Scope, UnitId};
use db::{Conn, Tx};
use serde::{Deserialize, Serialize};
use serde_json::json;
use site::Site;

use crate::store;

/// 单位层级.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnitKind {
    /// 省
    Province,
    /// 市
    City,
    /// 县
    County,
    /// 主管部门
    Authority,
    /// 单位
    Unit,
    /// 部门
    Department,
}

impl base::person::Code for UnitKind {}

/// A place in the tree.
#[derive(Clone, Debug)]
pub struct Unit {
    /// Its id.
    pub id: UnitId,
    /// Its code, unique in the province.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: UnitKind,
    /// `/43/430100/43010001/`.
    pub path: String,
}

/// A unit to be made.
#[derive(Clone, Debug)]
pub struct NewUnit {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: UnitKind,
}

/// The unit of a code.
pub async fn by_code(conn: &impl Conn, code: &str) -> Result<Unit> {
    store::unit_by_code(conn, code).await?.ok_or_else(Error::not_found)
}

/// The unit of a code, for whoever may look at it or at a place below it; to others it does not exist (contract: a list
/// that is foreign answers 404, not an empty one).
pub(crate) async fn in_sight(conn: &impl Conn, scope: &Scope, code: &str) -> Result<Unit> {
    let unit = by_code(conn, code).await?;
    let is_above_own = scope.paths.iter().any(|own| own.starts_with(&unit.path));
    if scope.holds(&unit.path) || is_above_own { Ok(unit) } else { Err(Error::not_found()) }
}

/// Creates a unit below another; whoever does it must be an authority there (contract: at once, in its subtree).
pub async fn create(site: &Site, actor: &Actor, new: NewUnit, parent: &str) -> Result<Unit> {
    check(&new)?;
    let tx = site.db.begin().await?;
    let parent = by_code(&tx, parent).await?;
    if !actor.scope(&[Role::Authority, Role::SystemAdmin]).holds(&parent.path) {
        return Err(Error::not_found());
    }
    if parent.kind > new.kind || parent.kind == UnitKind::Department {
        return Err(Error::invalid("kind", "kind_place"));
    }
    if store::unit_by_code(&tx, &new.code).await?.is_some() {
        return Err(Error::conflict("unit_code_taken"));
    }
    let unit = place(site, &tx, new, Some(&parent)).await?;
    let deed = audit::Deed {
        actor: Some(actor.person),
        action: "unit.create",
        object: &unit.code,
        unit_path: &unit.path,
        details: json!({"name": unit.name, "parent": parent.code}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await?;
    Ok(unit)
}

/// The unit of the code, made if it is new: below the unit with the longest code that begins this one, as
/// administrative codes nest (docs/decisions.md), else at the top.
pub async fn ensure(site: &Site, tx: &Tx, new: NewUnit) -> Result<Unit> {
    if let Some(unit) = store::unit_by_code(tx, &new.code).await? {
        return Ok(unit);
    }
    check(&new)?;
    let prefixes: Vec<String> =
        (2..new.code.len()).rev().filter_map(|n| new.code.get(..n)).map(str::to_owned).collect();
    let parent = store::unit_by_longest_code(tx, &prefixes).await?;
    place(site, tx, new, parent.as_ref()).await
}

/// The unit's departments by name; those of `named` that are new are made.
pub(crate) async fn departments(
    site: &Site,
    tx: &Tx,
    unit: &Unit,
    named: &BTreeSet<String>,
) -> Result<HashMap<String, UnitId>> {
    if named.is_empty() {
        return Ok(HashMap::new());
    }
    store::hold_unit(tx, unit.id).await?;
    let known = store::departments(tx, unit.id).await?;
    let missing: Vec<String> = named.iter().filter(|d| !known.contains_key(*d)).cloned().collect();
    if missing.is_empty() {
        return Ok(known);
    }
    store::insert_departments(tx, site, unit, &missing).await?;
    store::departments(tx, unit.id).await
}

fn check(new: &NewUnit) -> Result<()> {
    let is_code =
        (2..=32).contains(&new.code.len()) && new.code.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let is_name =
        (1..=100).contains(&new.name.trim().chars().count()) && !new.name.chars().any(char::is_control);
    let wrong = |field: &str, code| FieldProblem { field: field.into(), code };
    let mut problems = vec![];
    problems.extend((!is_code).then(|| wrong("code", "unit_code")));
    problems.extend((!is_name).then(|| wrong("name", "wrong_value")));
    if problems.is_empty() { Ok(()) } else { Err(Error::invalid_fields(problems)) }
}

async fn place(site: &Site, tx: &Tx, new: NewUnit, parent: Option<&Unit>) -> Result<Unit> {
    let unit = placed(site, new, parent);
    store::insert_unit(tx, &unit, parent.map(|p| p.id), site.now()).await?;
    Ok(unit)
}

/// A new unit at its place: below another, or at the top.
pub fn placed(site: &Site, new: NewUnit, parent: Option<&Unit>) -> Unit {
    let above = parent.map_or("/", |p| p.path.as_str());
    let path = format!("{above}{}/", new.code);
    Unit { id: site.new_id(), code: new.code, name: new.name.trim().to_owned(), kind: new.kind, path }
}
