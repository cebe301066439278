//! Finding a person by what a caller can say: name, account, 工号, ID number, bound phone or certificate number. Masked, few at a time, and the
//! search itself is in the trail. And what everyone asks about.
use base::{Error, Paper, Result, day};
use serde_json::json;
use site::{Site, Visitor};

use crate::{
    AGENTS,
    store::{self, Load},
};

/// A person found.
#[derive(Clone, Debug, sea_orm::FromQueryResult)]
pub(crate) struct Found {
    pub id: String,
    pub name: String,
    pub account: String,
    pub unit_name: String,
    pub id_number_masked: Option<String>,
}

/// At most ten people of the agent's subtree whom the clue fits.
pub(crate) async fn search(site: &Site, visitor: &Visitor, clue: &str) -> Result<Vec<Found>> {
    let clue = clue.trim();
    if clue.chars().count() < 2 {
        return Err(Error::invalid("q", "clue_too_short"));
    }
    let number = Paper::guess(clue).ok().map(|n| accounts::paper_lookups(site, &n));
    let phone = base::Phone::parse(clue).map(|p| accounts::phone_lookups(site, &p));
    let scope = visitor.actor.scope(AGENTS);
    let kind = match (&number, &phone) {
        (Some(_), _) => "id_number",
        (_, Some(_)) => "phone",
        _ => "name",
    };
    let lookups = number.or(phone).unwrap_or_default();
    let found = store::search(&site.db, &scope, clue, &lookups).await?;
    let tx = site.db.begin().await?;
    let deed = audit::Deed {
        actor: Some(visitor.actor.person),
        action: "support.search",
        object: kind,
        unit_path: scope.paths.first().map_or("", String::as_str),
        details: json!({"found": found.len()}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await?;
    Ok(found)
}

/// The load is that of so many days.
const LOAD_DAYS: i64 = 30;

/// What people have asked about in the last thirty days, the most asked first.
pub(crate) async fn load(site: &Site, visitor: &Visitor) -> Result<Vec<Load>> {
    let since = day::from_millis(day::millis(site.now()) - LOAD_DAYS * 86_400_000);
    store::load(&site.db, &visitor.actor.scope(AGENTS), (since, site.now())).await
}
