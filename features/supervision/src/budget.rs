//! What a unit may spend on reminders by SMS in a calendar year. A budget stops reminders, never codes.
use base::{Actor, Error, Fen, Result, Role, UnitId, Year};
use db::Conn;
use org::UnitKind;
use serde_json::json;
use site::Site;

use crate::{SUPERVISORS, store_reminders as store};

/// Who sets a budget, within the own subtree.
pub(crate) const KEEPERS: &[Role] = &[Role::UnitAdmin, Role::Authority];
/// What one message of the operator costs unless the unit's contract says otherwise.
pub(crate) const USUAL_PRICE: Fen = Fen::new(5);

/// A unit's budget of a year.
#[derive(Clone, Debug)]
pub(crate) struct Budget {
    pub unit: UnitId,
    pub name: String,
    pub path: String,
    pub total: Fen,
    pub spent: Fen,
    /// Of one message of the operator.
    pub price: Fen,
}

impl Budget {
    /// What is left.
    pub fn left(&self) -> Fen {
        Fen::new((self.total.fen() - self.spent.fen()).max(0))
    }
}

/// The budget that a supervisor's reminders are paid from: of the highest place held; a department's is its unit's.
pub(crate) async fn of_actor(conn: &impl Conn, actor: &Actor, year: Year) -> Result<Budget> {
    let held = actor.grants.iter().filter(|g| SUPERVISORS.contains(&g.role));
    let place = held.min_by_key(|g| g.path.len()).ok_or_else(Error::denied)?;
    let unit = org::by_code(conn, &place.unit_code).await?;
    let unit = match (unit.kind, above(&unit.path)) {
        (UnitKind::Department, Some(code)) => org::by_code(conn, code).await?,
        _ => unit,
    };
    of_unit(conn, &unit, year).await
}

/// The code of the unit over a path's last one.
fn above(path: &str) -> Option<&str> {
    path.trim_end_matches('/').rsplit('/').nth(1).filter(|code| !code.is_empty())
}

/// A unit's budget; nothing where none is set.
pub(crate) async fn of_unit(conn: &impl Conn, unit: &org::Unit, year: Year) -> Result<Budget> {
    let set = store::budget(conn, unit.id, year).await?;
    let (total, price) = set.unwrap_or((Fen::ZERO, USUAL_PRICE));
    let spent = store::spent(conn, unit.id, year).await?;
    Ok(Budget { unit: unit.id, name: unit.name.clone(), path: unit.path.clone(), total, spent, price })
}

/// The budget of a unit in the actor's subtree.
pub(crate) async fn seen(site: &Site, actor: &Actor, code: &str, year: Year) -> Result<Budget> {
    let unit = org::by_code(&site.db, code).await?;
    if !actor.scope(KEEPERS).holds(&unit.path) {
        return Err(Error::not_found());
    }
    of_unit(&site.db, &unit, year).await
}

/// Sets the budget of a unit in the actor's subtree.
pub(crate) async fn set(
    site: &Site,
    actor: &Actor,
    (code, year): (&str, Year),
    (total, price): (Fen, Fen),
) -> Result<Budget> {
    let before = seen(site, actor, code, year).await?;
    let tx = site.db.begin().await?;
    store::set_budget(&tx, (before.unit, year), (total, price), (actor.person, site.now())).await?;
    let deed = audit::Deed {
        actor: Some(actor.person),
        action: "sms_budget.set",
        object: code,
        unit_path: &before.path,
        details: json!({"year": year, "yuan": total, "before": before.total, "per_segment": price}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await?;
    Ok(Budget { total, price, ..before })
}

#[cfg(test)]
mod tests {
    use super::above;

    #[test]
    fn a_department_lies_under_its_unit() {
        assert_eq!(above("/43/430100/43010001/43010001-001/"), Some("43010001"));
        assert_eq!(above("/43/"), None);
    }
}
