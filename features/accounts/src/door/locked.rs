//! The accounts that are locked now, with the networks that the wrong entries came from, for whoever is asked for help
//! (security 3.4). Nothing of it says anything to the door.
use base::{Instant, Result, Role, Scope, day};
use site::{Paging, Site, Visitor};

use crate::store::locked as store;

/// Who sees them, each in the own subtree.
pub(crate) const HELPERS: &[Role] = &[Role::UnitAdmin, Role::Authority, Role::Support, Role::SystemAdmin];
/// Who may know people's names here; for whoever only operates the program they are masked (security item 36).
const KNOWING: &[Role] = &[Role::UnitAdmin, Role::Authority, Role::Support];
/// The failures of a lock are not older than the window that they count in, and the lock itself.
const WINDOW_MS: i64 = 60 * 60_000;

/// A locked account.
#[derive(Clone, Debug)]
pub(crate) struct Locked {
    pub account_id: String,
    pub person: String,
    pub account: String,
    pub name: String,
    pub unit: String,
    pub until: Instant,
    /// Wrong passwords and codes of the last hour.
    pub failures: i64,
    /// The networks of wrong passwords in the last hour with their number, the busiest first.
    pub networks: Vec<(String, i64)>,
}

/// A page of the locked accounts in the visitor's subtrees, by account.
pub(crate) async fn list(site: &Site, visitor: &Visitor, paging: &Paging) -> Result<Vec<Locked>> {
    let scope = visitor.actor.scope(HELPERS);
    let knows = visitor.actor.scope(KNOWING);
    let now = site.now();
    let rows = store::locked(&site.db, &scope, now, paging).await?;
    let ids: Vec<String> = rows.iter().map(|r| r.account_id.clone()).collect();
    let since = day::from_millis(day::millis(now) - WINDOW_MS);
    let mut failures = store::failures(&site.db, &ids, since).await?;
    let mut networks = audit::networks(&site.db, "sign_in.failed", &ids, since).await?;
    let of = |row: store::Row| -> Result<Locked> {
        Ok(Locked {
            failures: failures.remove(&row.account_id).unwrap_or(0),
            networks: networks.remove(&row.account_id).unwrap_or_default(),
            name: called(&knows, &row),
            until: Instant::from_microsecond(row.locked_until).map_err(base::Error::internal)?,
            account_id: row.account_id,
            person: row.person_id,
            account: row.account,
            unit: row.unit,
        })
    };
    rows.into_iter().map(of).collect()
}

fn called(knows: &Scope, row: &store::Row) -> String {
    if knows.holds(&row.path) { row.name.clone() } else { base::name::masked(&row.name) }
}
