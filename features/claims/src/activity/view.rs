//! A claim with everything that its readers need: person, evidence, what happened, and who else handed the same in.
use base::{Actor, Error, Result, Role};
use db::Conn;
use files::{Cited, Elsewhere};
use org::Person;
use site::Site;

use super::Claim;
use crate::{
    review::REVIEWERS,
    state::State,
    store::{
        claims,
        events::{self, Event},
    },
};

/// A claim to be shown.
pub struct View {
    /// The claim.
    pub claim: Claim,
    /// Whose.
    pub person: Person,
    /// The evidence.
    pub files: Vec<Cited>,
    /// What happened.
    pub events: Vec<Event>,
    /// Who else handed the same evidence in; for reviewers only.
    pub elsewhere: Vec<Elsewhere>,
    /// Whether the visitor reads it as a reviewer.
    pub is_reviewer: bool,
}

/// Who reads claims below.
const READERS: &[Role] =
    &[Role::UnitAdmin, Role::Reviewer, Role::Authority, Role::DepartmentHead, Role::Auditor, Role::Hr];

/// A claim for its person, for who filed it, and for those who review or audit below.
pub async fn view(site: &Site, actor: &Actor, id: &str) -> Result<View> {
    let mut claim = claims::by_id(&site.db, id).await?;
    if claim.state == State::Submitted {
        // What a decision would give today, whatever the rules were when it was handed in.
        claim.follow(&hours::in_force(&site.db, claim.facts.year).await?);
    }
    let person = org::person(&site.db, claim.person).await?;
    let is_own = claim.person == actor.person || claim.filed_by == actor.person;
    if !is_own && (claim.state == State::Draft || !actor.scope(READERS).holds(&person.path)) {
        return Err(Error::not_found());
    }
    let is_reviewer = claim.person != actor.person && actor.scope(REVIEWERS).holds(&person.path);
    load(&site.db, claim, person, is_reviewer).await
}

async fn load(conn: &impl Conn, claim: Claim, person: Person, is_reviewer: bool) -> Result<View> {
    let id = claim.id.clone();
    let elsewhere = if is_reviewer { files::elsewhere(conn, &[&id]).await? } else { vec![] };
    Ok(View {
        files: files::cited(conn, &[&id]).await?,
        events: events::of(conn, &[&id]).await?,
        elsewhere,
        is_reviewer,
        claim,
        person,
    })
}
