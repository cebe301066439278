//! The person's side: ask, mend, take back, appeal, give an approved exemption back.
use base::{Actor, Error, PersonId, Result, Year, person::Code};
use db::Tx;
use org::Person;
use rules::policy::ExemptionKind;
use site::Site;

use super::{Exemption, Step, ground, happened, seal, year_changed};
use crate::{
    activity::{for_whom, refuse_closed, said},
    late, review,
    state::{APPEAL, FIRST, Level, State},
    store::{events, exemptions},
};

/// An exemption to be asked for.
#[derive(Clone, Debug)]
pub struct NewExemption<'a> {
    /// The training year.
    pub year: Year,
    /// On what ground.
    pub kind: ExemptionKind,
    /// Why.
    pub reason: &'a str,
    /// The evidence.
    pub files: Vec<String>,
    /// For whom, where an administrator files for someone.
    pub person: Option<PersonId>,
}

/// Asks for an exemption; one at a time for a person and year.
pub async fn file(site: &Site, actor: &Actor, new: &NewExemption<'_>) -> Result<Exemption> {
    let in_force = hours::in_force(&site.db, new.year).await?;
    refuse_closed(site, &in_force.policy)?;
    if !in_force.policy.exemption_kinds.contains(&new.kind) {
        return Err(Error::invalid("kind", "exemption_kind"));
    }
    if new.reason.trim().is_empty() {
        return Err(Error::invalid("reason", "comment_required"));
    }
    let tx = site.db.begin().await?;
    let person = for_whom(&tx, actor, new.person).await?;
    let id = site.new_id::<base::id::of::Entry>().to_string();
    let mut exemption = Exemption {
        reason_sealed: seal(site, &id, new.reason)?,
        id,
        person: person.id,
        filed_by: actor.person,
        year: new.year,
        kind: new.kind,
        policy: in_force.version,
        state: State::Submitted,
        stage: FIRST,
        level: Level::Unit,
        above: None,
        submitted_at: Some(site.now()),
    };
    exemption.level = level(&tx, &exemption, &person).await?;
    if !exemptions::insert(&tx, &exemption, site.now()).await? {
        return Err(Error::conflict("exemption_exists"));
    }
    if person.id != actor.person {
        if new.files.is_empty() {
            return Err(Error::invalid("files", "scan_required"));
        }
        let title = site.texts.get(&format!("exemption-{}", exemption.kind.code()));
        let letter = late::filed_letter(site, &person, &exemption.id, &title, "exemptions");
        messages::post(site, &tx, &[letter]).await?;
    }
    cite(&tx, &exemption, &new.files).await?;
    files::open_links(&tx, &exemption.id, true).await?;
    let step = step(("submitted", "exemption.submit"), actor, &person, "");
    happened(site, &tx, &exemption, &step).await?;
    tx.commit().await?;
    Ok(exemption)
}

/// `other` is decided by the level above the unit (domain §4), and so is an administrator's own.
async fn level(tx: &Tx, exemption: &Exemption, person: &Person) -> Result<Level> {
    if exemption.kind == ExemptionKind::Other {
        return Ok(Level::Authority);
    }
    review::first_level(tx, person).await
}

/// Hands a returned request in again, mended.
pub async fn submit(
    site: &Site,
    actor: &Actor,
    id: &str,
    (reason, files): (Option<&str>, Option<&[String]>),
) -> Result<Exemption> {
    let tx = site.db.begin().await?;
    let (mut exemption, person) = own(&tx, actor, id).await?;
    if !exemption.state.is_open() {
        return Err(Error::conflict("claim_not_open"));
    }
    refuse_closed(site, &hours::in_force(&tx, exemption.year).await?.policy)?;
    if let Some(reason) = reason {
        exemption.reason_sealed = seal(site, id, reason)?;
    }
    match files {
        Some(files) => cite(&tx, &exemption, files).await?,
        None => ground::gather(&tx, &exemption).await?,
    }
    (exemption.state, exemption.stage, exemption.above) = (State::Submitted, FIRST, None);
    exemption.level = level(&tx, &exemption, &person).await?;
    exemption.submitted_at = Some(site.now());
    files::open_links(&tx, id, true).await?;
    let step = step(("submitted", "exemption.submit"), actor, &person, "");
    done(site, tx, exemption, &step).await
}

/// Takes a request back before it is decided.
pub async fn withdraw(site: &Site, actor: &Actor, id: &str) -> Result<Exemption> {
    let tx = site.db.begin().await?;
    let (mut exemption, person) = own(&tx, actor, id).await?;
    if exemption.state == State::Withdrawn {
        return Ok(exemption);
    }
    if !matches!(exemption.state, State::Submitted | State::Returned) {
        return Err(Error::conflict("claim_decided"));
    }
    exemption.state = State::Withdrawn;
    files::open_links(&tx, id, false).await?;
    let step = step(("withdrawn", "exemption.withdraw"), actor, &person, "");
    done(site, tx, exemption, &step).await
}

/// Asks the level above to look at a refusal again.
pub async fn appeal(site: &Site, actor: &Actor, id: &str, reason: &str) -> Result<Exemption> {
    let reason = said(reason, "reason")?;
    let tx = site.db.begin().await?;
    let (mut exemption, person) = own(&tx, actor, id).await?;
    if exemption.state != State::Rejected {
        return Err(Error::conflict("claim_not_rejected"));
    }
    refuse_closed(site, &hours::in_force(&tx, exemption.year).await?.policy)?;
    let before = events::of(&tx, &[id]).await?;
    let place = before.iter().rev().find(|e| e.what == "rejected").and_then(|e| e.by_path.clone());
    if exemption.stage == APPEAL && place.as_deref().is_some_and(review::is_top) {
        return Err(Error::conflict("no_level_above"));
    }
    (exemption.state, exemption.stage, exemption.level) = (State::Submitted, APPEAL, Level::Authority);
    (exemption.above, exemption.submitted_at) = (place, Some(site.now()));
    if exemptions::is_taken(&tx, &exemption).await? {
        return Err(Error::conflict("exemption_exists"));
    }
    let step = step(("appealed", "exemption.appeal"), actor, &person, &reason);
    done(site, tx, exemption, &step).await
}

/// Gives an approved exemption back; the ordinary rule applies again (domain §4).
pub async fn give_back(site: &Site, actor: &Actor, id: &str) -> Result<Exemption> {
    let tx = site.db.begin().await?;
    let (mut exemption, person) = own(&tx, actor, id).await?;
    if exemption.person != actor.person {
        return Err(Error::not_found());
    }
    if exemption.state == State::GivenBack {
        return Ok(exemption);
    }
    if exemption.state != State::Approved {
        return Err(Error::conflict("exemption_not_approved"));
    }
    hours::refuse_closed(site, &tx, exemption.year).await?;
    exemption.state = State::GivenBack;
    year_changed(site, &tx, &exemption).await?;
    let step = step(("given_back", "exemption.give_back"), actor, &person, "");
    done(site, tx, exemption, &step).await
}

fn step<'a>(
    (what, action): (&'static str, &'static str),
    actor: &Actor,
    person: &'a Person,
    remark: &'a str,
) -> Step<'a> {
    Step { what, action, by: actor.person, path: None, remark, unit_path: &person.path }
}

async fn done(site: &Site, tx: Tx, exemption: Exemption, step: &Step<'_>) -> Result<Exemption> {
    happened(site, &tx, &exemption, step).await?;
    exemptions::save(&tx, &exemption, site.now()).await?;
    tx.commit().await?;
    Ok(exemption)
}

async fn own(tx: &Tx, actor: &Actor, id: &str) -> Result<(Exemption, Person)> {
    let exemption = exemptions::hold(tx, id).await?;
    if exemption.person != actor.person && exemption.filed_by != actor.person {
        return Err(Error::not_found());
    }
    let person = org::person(tx, exemption.person).await?;
    Ok((exemption, person))
}

/// Lets a request cite these files, and with them the evidence of the leaves that it rests on. Of what it cites already
/// whatever is named again stays, whoever brought it.
async fn cite(tx: &Tx, e: &Exemption, list: &[String]) -> Result<()> {
    if list.len() > files::MOST_FILES {
        return Err(Error::invalid("files", "files_most"));
    }
    let mut kept = files::cited(tx, &[&e.id]).await?;
    kept.retain(|k| list.contains(&k.id));
    kept.extend(ground::of_leaves(tx, e).await?);
    let own: Vec<String> = list.iter().filter(|id| !kept.iter().any(|k| k.id == **id)).cloned().collect();
    let link = ground::link(e);
    files::link(tx, &link, &own).await?;
    files::adopt(tx, &link, &kept).await
}
