//! ID number and phones of one person in clear: for the roles whose work needs them, with a reason, after the password was
//! entered a short while ago, and with an entry in the trail that says which fields and why (security item 50).
use base::{Error, Kind, PersonId, Result, Role, day};
use serde::{Deserialize, Serialize};
use serde_json::json;
use site::{Site, Visitor};
use utoipa::ToSchema;

use crate::{Person, person::record, store, store_people};

/// Whose work needs whole numbers: contracts, insurance, filing.
pub(crate) const VIEWERS: &[Role] = &[Role::UnitAdmin, Role::Authority, Role::Hr];
/// So many a day raise an alarm in the trail; twice as many are refused.
const ALARM: i64 = 50;
const ACTION: &str = "person.clear_view";

/// What is wanted.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    /// Of `id_number`, `contact_phone`, `bound_phone`.
    pub fields: Vec<String>,
    /// What for.
    pub reason: String,
    /// Needed where the password was entered more than ten minutes ago.
    pub password: Option<String>,
}

/// The numbers in clear; those that were not asked for or are not known are left out.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub(crate) struct Clear {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact_phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bound_phone: Option<String>,
}

/// Shows what is wanted of a person in the visitor's subtree, and writes down that it was shown.
pub(crate) async fn show(site: &Site, visitor: &Visitor, id: PersonId, wanted: &Wanted) -> Result<Clear> {
    let reason = crate::assist::reason(&wanted.reason)?;
    let known = ["id_number", "contact_phone", "bound_phone"];
    if wanted.fields.is_empty() || !wanted.fields.iter().all(|f| known.contains(&f.as_str())) {
        return Err(Error::invalid("fields", "wrong_value"));
    }
    let person = store::person(&site.db, id).await?;
    if !visitor.actor.scope(VIEWERS).holds(&person.path) {
        return Err(Error::not_found());
    }
    accounts::fresh(site, visitor, wanted.password.as_deref()).await?;
    let since = day::start_of(day::day_of(site.now()));
    let by = visitor.actor.person;
    let before = audit::count_since(&site.db, by, (ACTION, since)).await?;
    if before >= 2 * ALARM {
        return Err(Error::refused(Kind::TooMany, "clear_views_closed").retry_after(86_400));
    }
    let clear = read(site, &person, &wanted.fields).await?;
    let tx = site.db.begin().await?;
    let details = json!({"fields": wanted.fields, "reason": reason, "today": before + 1});
    record(site, &tx, by, (ACTION, &person), details).await?;
    if before + 1 == ALARM {
        record(site, &tx, by, ("person.clear_view_alarm", &person), json!({"today": ALARM})).await?;
    }
    tx.commit().await?;
    Ok(clear)
}

async fn read(site: &Site, person: &Person, fields: &[String]) -> Result<Clear> {
    let wants = |field: &str| fields.iter().any(|f| f == field);
    let mut clear = Clear::default();
    if wants("id_number") {
        clear.id_number = store::id_number(site, &site.db, person.id).await?;
    }
    if wants("contact_phone") {
        clear.contact_phone =
            store_people::contact_phones(site, &site.db, &[person.id]).await?.remove(&person.id);
    }
    if wants("bound_phone") {
        clear.bound_phone = accounts::bound_phone(site, person.id).await?;
    }
    Ok(clear)
}
