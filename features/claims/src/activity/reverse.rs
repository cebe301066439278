//! Taking an approved claim back: a reversal in the ledger, with reason, by a second person.
use base::{Actor, Error, Result};
use hours::Reversal;
use site::Site;

use super::{Claim, draft::note, said};
use crate::{
    review::{self, REVERSERS},
    state::State,
    store::{claims, events},
};

/// Reverses an approved claim; whoever approved it may not.
pub async fn reverse(site: &Site, actor: &Actor, id: &str, reason: &str) -> Result<Claim> {
    let reason = said(reason, "reason")?;
    let tx = site.db.begin().await?;
    let mut claim = claims::hold(&tx, id).await?;
    let person = org::person(&tx, claim.person).await?;
    review::refuse_own(&tx, actor, person.id).await?;
    let grants = actor.grants.iter().filter(|g| REVERSERS.contains(&g.role));
    let place = grants.map(|g| g.path.clone()).find(|path| person.path.starts_with(path.as_str()));
    let place = place.ok_or_else(Error::not_found)?;
    let Some(entry) = claim.entry.filter(|_| claim.state == State::Approved) else {
        return Err(Error::conflict("claim_not_approved"));
    };
    let before = events::of(&tx, &[&claim.id]).await?;
    review::may_take_back(&tx, actor, (&person, &before)).await?;
    hours::reverse(site, &tx, entry, Reversal { reason: &reason, by: actor.person }).await?;
    claim.state = State::Reversed;
    let event = events::New {
        case: id,
        what: "reversed",
        stage: claim.stage,
        by: Some(actor.person),
        path: Some(&place),
        hours: Some(claim.effective_hours()),
        remark: &reason,
        policy: &claim.policy,
    };
    events::insert(&tx, site.now(), &event).await?;
    claims::save(&tx, &claim, site.now()).await?;
    note(site, &tx, actor, ("claim.reverse", &claim, &person)).await?;
    tx.commit().await?;
    Ok(claim)
}
