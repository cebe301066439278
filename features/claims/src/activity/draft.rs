//! The claimant's side: write, change, hand in, take back, appeal. An administrator may file for a person (代办).
use base::{Actor, Error, PersonId, Result, Role, Year, day};
use db::Tx;
use org::Person;
use serde_json::json;
use site::Site;

use super::{Claim, Facts, Typed, refuse_closed, said};
use crate::{
    late, review,
    state::{APPEAL, FIRST, Level, State},
    store::{claims, events},
};

/// Who files for people below.
const FILERS: &[Role] = &[Role::UnitAdmin, Role::Authority];

/// A claim to be written.
#[derive(Clone, Debug, Default)]
pub struct NewClaim<'a> {
    /// The training year.
    pub year: Option<Year>,
    /// What it states.
    pub typed: Typed<'a>,
    /// The evidence.
    pub files: Vec<String>,
    /// Whether to hand it in at once.
    pub submit: bool,
    /// For whom, where an administrator files for someone.
    pub person: Option<PersonId>,
}

/// Writes a claim, and hands it in if asked to.
pub async fn create(site: &Site, actor: &Actor, new: &NewClaim<'_>) -> Result<Claim> {
    let year = new.year.ok_or_else(|| Error::invalid("year", "required"))?;
    let in_force = hours::in_force(&site.db, year).await?;
    refuse_closed(site, &in_force.policy)?;
    let facts = Facts::read(&in_force.policy, &new.typed, day::day_of(site.now()))?;
    let tx = site.db.begin().await?;
    let person = for_whom(&tx, actor, new.person).await?;
    let mut claim = Claim {
        id: site.new_id::<base::id::of::Entry>().to_string(),
        person: person.id,
        filed_by: actor.person,
        facts,
        approved_hours: None,
        evidence: None,
        policy: in_force.version,
        state: State::Draft,
        stage: FIRST,
        level: Level::Unit,
        above: None,
        entry: None,
        submitted_at: None,
    };
    claims::insert(&tx, &claim, site.now()).await?;
    cite(&tx, &mut claim, &new.files).await?;
    if new.submit {
        hand_in(site, &tx, actor, (&mut claim, &person)).await?;
    }
    if person.id != actor.person {
        let letter = late::filed_letter(site, &person, &claim.id, &claim.facts.title, "claims");
        messages::post(site, &tx, &[letter]).await?;
    }
    claims::save(&tx, &claim, site.now()).await?;
    note(site, &tx, actor, ("claim.create", &claim, &person)).await?;
    tx.commit().await?;
    Ok(claim)
}

/// The person of a claim: the actor, or someone whom the actor administers.
pub(crate) async fn for_whom(tx: &Tx, actor: &Actor, person: Option<PersonId>) -> Result<Person> {
    let person = org::person(tx, person.unwrap_or(actor.person)).await?;
    if person.id != actor.person && !actor.scope(FILERS).holds(&person.path) {
        return Err(Error::not_found());
    }
    Ok(person)
}

/// The person, if the actor may file for them.
pub(crate) async fn for_another(site: &Site, actor: &Actor, person: PersonId) -> Result<Person> {
    let person = org::person(&site.db, person).await?;
    let may = person.id == actor.person || actor.scope(FILERS).holds(&person.path);
    if may { Ok(person) } else { Err(Error::not_found()) }
}

/// Changes a draft or a returned claim.
pub async fn change(
    site: &Site,
    actor: &Actor,
    id: &str,
    typed: &Typed<'_>,
    files: Option<&[String]>,
) -> Result<Claim> {
    let tx = site.db.begin().await?;
    let (mut claim, person) = own(&tx, actor, id).await?;
    if !claim.state.is_open() {
        return Err(Error::conflict("claim_not_open"));
    }
    let in_force = hours::in_force(&tx, claim.facts.year).await?;
    refuse_closed(site, &in_force.policy)?;
    claim.facts = Facts::read(&in_force.policy, typed, day::day_of(site.now()))?;
    claim.policy = in_force.version;
    if let Some(files) = files {
        cite(&tx, &mut claim, files).await?;
    }
    claims::save(&tx, &claim, site.now()).await?;
    note(site, &tx, actor, ("claim.change", &claim, &person)).await?;
    tx.commit().await?;
    Ok(claim)
}

/// Hands a draft or a returned claim in.
pub async fn submit(site: &Site, actor: &Actor, id: &str) -> Result<Claim> {
    let tx = site.db.begin().await?;
    let (mut claim, person) = own(&tx, actor, id).await?;
    if claim.state == State::Submitted {
        return Ok(claim);
    }
    if !claim.state.is_open() {
        return Err(Error::conflict("claim_not_open"));
    }
    hand_in(site, &tx, actor, (&mut claim, &person)).await?;
    claims::save(&tx, &claim, site.now()).await?;
    note(site, &tx, actor, ("claim.submit", &claim, &person)).await?;
    tx.commit().await?;
    Ok(claim)
}

/// Takes a claim back before it is decided.
pub async fn withdraw(site: &Site, actor: &Actor, id: &str) -> Result<Claim> {
    let tx = site.db.begin().await?;
    let (mut claim, person) = own(&tx, actor, id).await?;
    if claim.state == State::Withdrawn {
        return Ok(claim);
    }
    if !matches!(claim.state, State::Submitted | State::Draft | State::Returned) {
        return Err(Error::conflict("claim_decided"));
    }
    claim.state = State::Withdrawn;
    files::open_links(&tx, &claim.id, false).await?;
    happened(site, &tx, actor, (&claim, "withdrawn", "")).await?;
    claims::save(&tx, &claim, site.now()).await?;
    note(site, &tx, actor, ("claim.withdraw", &claim, &person)).await?;
    tx.commit().await?;
    Ok(claim)
}

/// Asks the level above to look at a refused claim again.
pub async fn appeal(site: &Site, actor: &Actor, id: &str, reason: &str) -> Result<Claim> {
    let reason = said(reason, "reason")?;
    let tx = site.db.begin().await?;
    let (mut claim, person) = own(&tx, actor, id).await?;
    if claim.state != State::Rejected {
        return Err(Error::conflict("claim_not_rejected"));
    }
    refuse_closed(site, &hours::in_force(&tx, claim.facts.year).await?.policy)?;
    let refused = events::of(&tx, &[&claim.id]).await?;
    let place = refused.iter().rev().find(|e| e.what == "rejected").and_then(|e| e.by_path.clone());
    if claim.stage == APPEAL && place.as_deref().is_some_and(review::is_top) {
        return Err(Error::conflict("no_level_above"));
    }
    (claim.state, claim.stage, claim.level) = (State::Submitted, APPEAL, Level::Authority);
    (claim.above, claim.submitted_at) = (place, Some(site.now()));
    happened(site, &tx, actor, (&claim, "appealed", &reason)).await?;
    claims::save(&tx, &claim, site.now()).await?;
    note(site, &tx, actor, ("claim.appeal", &claim, &person)).await?;
    tx.commit().await?;
    Ok(claim)
}

/// The claim, held, if it is the actor's own or one that the actor filed.
async fn own(tx: &Tx, actor: &Actor, id: &str) -> Result<(Claim, Person)> {
    let claim = claims::hold(tx, id).await?;
    if claim.person != actor.person && claim.filed_by != actor.person {
        return Err(Error::not_found());
    }
    let person = org::person(tx, claim.person).await?;
    Ok((claim, person))
}

async fn cite(tx: &Tx, claim: &mut Claim, list: &[String]) -> Result<()> {
    let link = files::Link { kind: "claim", object: &claim.id, person: claim.person, owner: claim.filed_by };
    files::link(tx, &link, list).await?;
    let first = files::cited(tx, &[&claim.id]).await?.into_iter().next();
    claim.evidence = first.map(|f| format!("sha256:{}", f.sha256));
    Ok(())
}

/// Puts the claim before its first reviewer, its hours by the standard in force now.
async fn hand_in(site: &Site, tx: &Tx, actor: &Actor, (claim, person): (&mut Claim, &Person)) -> Result<()> {
    let in_force = hours::in_force(tx, claim.facts.year).await?;
    refuse_closed(site, &in_force.policy)?;
    let item = in_force.policy.item(&claim.facts.item).ok_or_else(|| Error::invalid("item", "claim_item"))?;
    if claim.filed_by != claim.person && claim.evidence.is_none() {
        // 代办: the paper that the person signed is scanned (domain §6).
        return Err(Error::invalid("files", "scan_required"));
    }
    if item.evidence_required && claim.evidence.is_none() {
        return Err(Error::invalid("files", "evidence_required"));
    }
    claim.facts.hours = item.hours(claim.facts.quantity, claim.facts.rank);
    claim.facts.subject = item.subject;
    claim.policy = in_force.version;
    (claim.state, claim.stage, claim.above) = (State::Submitted, FIRST, None);
    claim.level = review::first_level(tx, person).await?;
    claim.approved_hours = None;
    claim.submitted_at = Some(site.now());
    files::open_links(tx, &claim.id, true).await?;
    happened(site, tx, actor, (claim, "submitted", "")).await
}

async fn happened(
    site: &Site,
    tx: &Tx,
    actor: &Actor,
    (claim, what, remark): (&Claim, &'static str, &str),
) -> Result<()> {
    let event = events::New {
        case: &claim.id,
        what,
        stage: claim.stage,
        by: Some(actor.person),
        path: None,
        hours: Some(claim.facts.hours),
        remark,
        policy: &claim.policy,
    };
    events::insert(tx, site.now(), &event).await
}

pub(super) async fn note(
    site: &Site,
    tx: &Tx,
    actor: &Actor,
    (action, claim, person): (&'static str, &Claim, &Person),
) -> Result<()> {
    let deed = audit::Deed {
        actor: Some(actor.person),
        action,
        object: &claim.id,
        unit_path: &person.path,
        details: json!({"person": claim.person, "year": claim.facts.year, "item": claim.facts.item,
            "hours": claim.effective_hours(), "state": claim.state, "stage": claim.stage,
            "for_another": claim.filed_by != claim.person}),
    };
    audit::record(site, tx, deed).await
}
