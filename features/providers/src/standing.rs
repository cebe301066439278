//! Where a provider stands with the management platform, and who may move it: it applies, tries everything in the sandbox,
//! passes the conformance check, asks to go live; the authority admits, refuses, suspends with a reason and resumes.
use base::{Actor, Error, Result, Role, person::Code};
use serde::{Deserialize, Serialize};
use serde_json::json;
use site::{Site, Visitor};

use crate::{
    provider::Provider,
    store::kept,
    store_relations::{self as store},
    store_signs, waiting,
};

/// Who decides on providers, at the top of a tree.
pub(crate) const KEEPERS: &[Role] = &[Role::Authority];
/// Who sees how providers do.
pub(crate) const READERS: &[Role] = &[Role::Authority, Role::Support, Role::Auditor, Role::SystemAdmin];
/// Who looks after a provider.
pub(crate) const OPERATORS: &[Role] = &[Role::Provider];

/// Where a provider stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Standing {
    /// It asked to join.
    Applied,
    /// It may not join, for now.
    Refused,
    /// It has keys and tries them; nothing counts.
    Sandbox,
    /// It passed the check and asks to go live; nothing counts yet.
    Asking,
    /// What it reports counts.
    Live,
    /// What it reports is kept back until the reason is mended.
    Suspended,
}

impl Code for Standing {}

impl Standing {
    /// Whether its keys open anything.
    pub fn has_keys(self) -> bool {
        !matches!(self, Self::Applied | Self::Refused)
    }

    /// Whether it is only trying.
    pub fn is_trial(self) -> bool {
        matches!(self, Self::Sandbox | Self::Asking)
    }
}

/// A step that the authority decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Decision {
    /// From an application into the sandbox.
    Admit,
    /// An application is refused.
    Refuse,
    /// From the sandbox to live.
    Open,
    /// Back into the sandbox, to mend something.
    Return,
    /// Nothing counts until it is resumed.
    Suspend,
    /// It counts again.
    Resume,
}

impl Code for Decision {}

impl Decision {
    /// Where it leads from a standing; none where it does not apply.
    pub fn leads(self, from: Standing) -> Option<Standing> {
        match (self, from) {
            (Self::Admit, Standing::Applied) | (Self::Return, Standing::Asking) => Some(Standing::Sandbox),
            (Self::Refuse, Standing::Applied) => Some(Standing::Refused),
            (Self::Open, Standing::Asking) | (Self::Resume, Standing::Suspended) => Some(Standing::Live),
            (Self::Suspend, Standing::Live) => Some(Standing::Suspended),
            _ => None,
        }
    }

    /// Whether it takes something away and so is said with a reason.
    pub fn needs_reason(self) -> bool {
        matches!(self, Self::Refuse | Self::Return | Self::Suspend)
    }

    /// What may be decided where a provider stands.
    pub fn at(standing: Standing) -> Vec<Self> {
        let all = [Self::Admit, Self::Refuse, Self::Open, Self::Return, Self::Suspend, Self::Resume];
        all.into_iter().filter(|d| d.leads(standing).is_some()).collect()
    }
}

/// Refuses everyone but the authority at the top of a tree: a provider serves all below.
pub(crate) fn admit_keeper(actor: &Actor) -> Result<()> {
    let is_top = |path: &str| path.matches('/').count() == 2;
    if actor.scope(KEEPERS).paths.iter().any(|p| is_top(p)) { Ok(()) } else { Err(Error::denied()) }
}

/// Whether the actor decides on providers.
pub(crate) fn is_keeper(actor: &Actor) -> bool {
    admit_keeper(actor).is_ok()
}

/// The authority's decision on a provider.
pub(crate) async fn decide(
    site: &Site,
    visitor: &Visitor,
    name: &str,
    (decision, reason): (Decision, &str),
) -> Result<Standing> {
    admit_keeper(&visitor.actor)?;
    let reason = reason.trim();
    if decision.needs_reason() && reason.is_empty() {
        return Err(Error::invalid("reason", "required"));
    }
    if reason.chars().count() > 500 {
        return Err(Error::invalid("reason", "too_long_text"));
    }
    let tx = site.db.begin().await?;
    let provider = store::locked(&tx, name).await?;
    let to = decision.leads(provider.standing).ok_or_else(|| Error::conflict("provider_standing"))?;
    if decision == Decision::Open && store_signs::last_pass(&tx, provider.id).await?.is_none() {
        return Err(Error::conflict("provider_no_pass"));
    }
    move_to(site, &tx, (&provider, Some(visitor)), (to, reason)).await?;
    tx.commit().await?;
    Ok(to)
}

/// An operator asks to go live; possible with a pass of the conformance check.
pub(crate) async fn ask(site: &Site, visitor: &Visitor) -> Result<()> {
    let tx = site.db.begin().await?;
    let own = operated(&tx, &visitor.actor).await?;
    let provider = store::locked(&tx, &own.name).await?;
    if provider.standing != Standing::Sandbox {
        return Err(Error::conflict("provider_standing"));
    }
    // What was returned to be mended is checked anew.
    let since = store::facts(&tx, provider.id).await?.standing_at;
    if store_signs::last_pass(&tx, provider.id).await?.is_none_or(|pass| pass.at < since) {
        return Err(Error::conflict("provider_no_pass"));
    }
    move_to(site, &tx, (&provider, Some(visitor)), (Standing::Asking, "")).await?;
    tx.commit().await
}

/// Moves a provider, tells its operators and leaves a trace. Without a visitor a rule moved it.
pub(crate) async fn move_to(
    site: &Site,
    tx: &db::Tx,
    (provider, visitor): (&Provider, Option<&Visitor>),
    (to, reason): (Standing, &str),
) -> Result<()> {
    store::move_standing(tx, provider.id, (to, reason), site.now()).await?;
    if to == Standing::Live {
        kept::resumed(tx, provider.id).await?;
        waiting::rouse(site, tx, provider.id).await?;
    }
    let said = site.texts.get(&format!("provider-told-{}", to.code().replace('_', "-")));
    let mut text = format!("{} {said}", provider.title);
    if !reason.is_empty() {
        text = format!("{text} {reason}");
    }
    let letter = |to| messages::Letter {
        to,
        kind: "provider",
        text: text.clone(),
        link: "/provider".to_owned(),
        once: None,
    };
    let operators = store::operators(tx, provider.id).await?;
    messages::post(site, tx, &operators.into_iter().map(letter).collect::<Vec<_>>()).await?;
    let deed = audit::Deed {
        actor: visitor.map(|v| v.actor.person),
        action: "provider.standing",
        object: &provider.name,
        unit_path: "",
        details: json!({"from": provider.standing, "to": to, "reason": reason}),
    };
    audit::record(site, tx, deed).await
}

/// The authority names who looks after a provider: an account with the role `provider` that looks after no other.
pub(crate) async fn appoint(site: &Site, visitor: &Visitor, name: &str, account: &str) -> Result<()> {
    admit_keeper(&visitor.actor)?;
    let tx = site.db.begin().await?;
    let provider = store::locked(&tx, name).await?;
    let person = store::holder_of_role(&tx, account.trim()).await?;
    let person = person.ok_or_else(|| Error::invalid("account", "wrong_value"))?;
    if store::of_operator(&tx, person).await?.is_some_and(|other| other.id != provider.id) {
        return Err(Error::conflict("provider_has_one"));
    }
    store::insert_operator(&tx, provider.id, person, site.now()).await?;
    let deed = audit::Deed {
        actor: Some(visitor.actor.person),
        action: "provider.appoint",
        object: &provider.name,
        unit_path: "",
        details: json!({"person": person}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await
}

/// Names who looks after a provider where nobody has decided yet: for a demo and for tests.
pub async fn seat(site: &Site, name: &str, person: base::PersonId) -> Result<()> {
    let provider = crate::store::by_name(&site.db, name).await?;
    store::insert_operator(&site.db, provider.id, person, site.now()).await
}

/// The provider that the actor looks after.
pub(crate) async fn operated(conn: &impl db::Conn, actor: &Actor) -> Result<Provider> {
    if !actor.has(OPERATORS) {
        return Err(Error::denied());
    }
    store::of_operator(conn, actor.person).await?.ok_or_else(Error::not_found)
}

/// The provider of that name, for its operators and for those who oversee providers; for others there is none.
pub(crate) async fn visible(conn: &impl db::Conn, actor: &Actor, name: &str) -> Result<Provider> {
    let provider = crate::store::by_name(conn, name).await?;
    if actor.has(READERS) {
        return Ok(provider);
    }
    let own = operated(conn, actor).await.map_err(|_| Error::not_found())?;
    if own.id == provider.id { Ok(provider) } else { Err(Error::not_found()) }
}

/// What another slice may know of the actor's provider.
#[derive(Clone, Debug)]
pub struct Own {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its site's origin, which the authority has seen.
    pub site: String,
    /// Where people come back to.
    pub redirect_uris: Vec<String>,
}

/// The provider that the actor looks after, if it may have keys.
pub async fn own(conn: &impl db::Conn, actor: &Actor) -> Result<Own> {
    let provider = operated(conn, actor).await?;
    if !provider.standing.has_keys() {
        return Err(Error::conflict("provider_standing"));
    }
    let facts = store::facts(conn, provider.id).await?;
    let redirect_uris = facts.redirect_uris.split_whitespace().map(str::to_owned).collect();
    let site = provider.site_url;
    Ok(Own { id: provider.id.to_string(), name: provider.name, site, redirect_uris })
}

/// The id of the provider that the actor looks after, if there is one.
pub async fn operated_id(conn: &impl db::Conn, actor: &Actor) -> Result<Option<String>> {
    if !actor.has(OPERATORS) {
        return Ok(None);
    }
    Ok(store::of_operator(conn, actor.person).await?.map(|p| p.id.to_string()))
}

/// Who looks after the provider of that id.
pub async fn operators_of(conn: &impl db::Conn, provider: &str) -> Result<Vec<base::PersonId>> {
    store::operators(conn, provider.parse()?).await
}

/// Whether people other than its own may sign in at the provider of that id: not while it is only trying.
pub async fn is_open(conn: &impl db::Conn, provider: &str) -> Result<bool> {
    let provider = crate::store::by_id(conn, provider.parse()?).await?;
    Ok(matches!(provider.standing, Standing::Live | Standing::Suspended))
}

/// Why a provider is suspended; none where it is not.
pub async fn suspension(conn: &impl db::Conn, provider: &str) -> Result<Option<String>> {
    let provider = crate::store::by_id(conn, provider.parse()?).await?;
    Ok((provider.standing == Standing::Suspended).then_some(provider.standing_reason))
}

/// Whether the person looks after the provider of that id.
pub async fn is_operated(conn: &impl db::Conn, provider: &str, person: base::PersonId) -> Result<bool> {
    let id: crate::provider::ProviderId = provider.parse()?;
    Ok(store::operators(conn, id).await?.contains(&person))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_goes_live_only_by_way_of_the_sandbox() {
        assert_eq!(Decision::Open.leads(Standing::Applied), None);
        assert_eq!(Decision::Open.leads(Standing::Sandbox), None, "it has to ask first");
        assert_eq!(Decision::Admit.leads(Standing::Applied), Some(Standing::Sandbox));
        assert_eq!(Decision::Open.leads(Standing::Asking), Some(Standing::Live));
        assert_eq!(Decision::at(Standing::Live), [Decision::Suspend]);
        assert_eq!(Decision::at(Standing::Suspended), [Decision::Resume]);
        assert!(Decision::Suspend.needs_reason() && !Decision::Resume.needs_reason());
    }
}
