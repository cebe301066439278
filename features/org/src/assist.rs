//! Helping a person's account: who may, and on which grounds. Administrators act within their subtrees on accounts of
//! lower rank; customer service acts after an identity check that is recorded (manual, 情况3 方法2; security item 25).
use base::{Actor, Error, Kind, PersonId, Result, Role, day};
use serde::{Deserialize, Serialize};
use serde_json::json;
use site::{Site, Visitor};
use utoipa::ToSchema;

use crate::{MANAGERS, Person, person::record, store};

/// After so many failed checks in a day customer service helps this person no more that day.
const FAILED_CHECKS: i64 = 3;
const DAY_MS: i64 = 24 * 3_600_000;

/// What customer service asked the caller; the system compares and never shows.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IdentityCheck {
    /// The ID number's last six characters, as the caller said them.
    pub(crate) id_number_last6: Option<String>,
    /// The day of joining, as the caller said it.
    pub(crate) joined_on: Option<String>,
    /// The birth date, as the caller said it.
    pub(crate) birth_date: Option<String>,
    /// The independent second proof: `call_back` on the unit's registered line, or `unit_admin` who confirmed it.
    pub(crate) proof: String,
    /// Who confirmed, or which line was called.
    #[serde(default)]
    pub(crate) note: String,
}

/// The person, if the visitor may help this account now; a foreign one is not found.
pub(crate) async fn admit(
    site: &Site,
    visitor: &Visitor,
    id: PersonId,
    check: Option<&IdentityCheck>,
) -> Result<Person> {
    let person = store::person(&site.db, id).await?;
    let actor = &visitor.actor;
    let manages = actor.scope(MANAGERS).holds(&person.path);
    let serves = actor.scope(&[Role::Support]).holds(&person.path);
    if !manages && !serves {
        return Err(Error::not_found());
    }
    let held = accounts::held(&site.db, id).await?;
    let weighty: Vec<_> = held.into_iter().filter(|g| g.role != Role::Staff).collect();
    if id == actor.person || !actor.outranks(&weighty) {
        return Err(Error::denied());
    }
    if !manages {
        let check = check.ok_or_else(|| Error::refused(Kind::Denied, "identity_check_required"))?;
        pass(site, actor, &person, check).await?;
    }
    Ok(person)
}

/// Compares what the caller said, and records that it was compared: which facts, with which result, by whom.
async fn pass(site: &Site, actor: &Actor, person: &Person, check: &IdentityCheck) -> Result<()> {
    if !matches!(check.proof.as_str(), "call_back" | "unit_admin") || check.note.trim().is_empty() {
        return Err(Error::invalid("identity_check", "second_proof"));
    }
    let since = day::millis(site.now()) - DAY_MS;
    if store::failed_identity_checks(&site.db, person.id, since).await? >= FAILED_CHECKS {
        return Err(Error::refused(Kind::TooMany, "identity_checks_closed").retry_after(86_400));
    }
    let facts = compared(site, person, check).await?;
    let names: Vec<&str> = facts.iter().map(|(name, _)| *name).collect();
    let is_passed = facts.len() >= 2 && facts.iter().all(|(_, agrees)| *agrees);
    let tx = site.db.begin().await?;
    let note: String = check.note.chars().take(200).collect();
    let row =
        store::IdentityCheck { person: person.id, agent: actor.person, proof: &check.proof, note: &note };
    store::insert_identity_check(site, &tx, &row, (&names.join(","), is_passed)).await?;
    let details = json!({"compared": names, "proof": check.proof, "passed": is_passed});
    record(site, &tx, actor.person, ("identity.check", person), details).await?;
    tx.commit().await?;
    if is_passed { Ok(()) } else { Err(Error::refused(Kind::Denied, "identity_check_failed")) }
}

async fn compared(site: &Site, person: &Person, check: &IdentityCheck) -> Result<Vec<(&'static str, bool)>> {
    let mut facts = vec![];
    let number = store::id_number(site, &site.db, person.id).await?;
    if let Some(said) = &check.id_number_last6 {
        let said = said.trim().to_uppercase();
        let agrees = number.is_some_and(|n| said.chars().count() == 6 && n.ends_with(&said));
        facts.push(("id_number_last6", agrees));
    }
    let agrees = |said: &str, known: Option<base::Day>| known.is_some_and(|d| d.to_string() == said.trim());
    if let Some(said) = &check.joined_on {
        facts.push(("joined_on", agrees(said, person.joined_on)));
    }
    if let Some(said) = &check.birth_date {
        facts.push(("birth_date", agrees(said, person.birth_date)));
    }
    Ok(facts)
}

/// A reason as it is kept; an empty or endless one is refused.
pub(crate) fn reason(text: &str) -> Result<&str> {
    let text = text.trim();
    let fits = (1..=200).contains(&text.chars().count());
    if fits { Ok(text) } else { Err(Error::invalid("reason", "required")) }
}
