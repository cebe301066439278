//! Who may decide a case: in scope, at its level, never the own one, never twice (domain §6, security item 35).
use std::collections::HashSet;

use base::{Actor, Error, Instant, Kind, PersonId, Result, Role, day};
use db::Conn;
use org::Person;

use crate::{
    state::{APPEAL, Level},
    store::{events::Event, watching},
};

/// Who sees and decides claims; a head of department reviews first in the own department (security, section 6).
pub(crate) const REVIEWERS: &[Role] =
    &[Role::UnitAdmin, Role::Reviewer, Role::Authority, Role::DepartmentHead];
/// Who sees and decides exemptions, as claims (contract); a head of department does not, because they may be medical.
pub(crate) const CASE_REVIEWERS: &[Role] = &[Role::UnitAdmin, Role::Reviewer, Role::Authority];
/// Who takes back what was approved.
pub(crate) const REVERSERS: &[Role] = &[Role::UnitAdmin, Role::Authority];

/// A claim that waits longer than so many days goes up: the level above finds it among its own.
pub(crate) const LATE_DAYS: i64 = 7;

/// What was handed in before this has gone up.
pub(crate) fn late_before(now: Instant) -> Instant {
    day::from_millis(day::millis(now) - LATE_DAYS * 86_400_000)
}

/// A case as the question who may decide it needs it.
pub(crate) struct Case<'a> {
    pub person: &'a Person,
    pub filed_by: PersonId,
    pub stage: i64,
    pub level: Level,
    /// An appeal goes beyond this place.
    pub above: Option<&'a str>,
    pub roles: &'static [Role],
    pub events: &'a [Event],
}

/// Lets the actor decide, or says why not; answers the place of the role that decides.
pub(crate) async fn admit(conn: &impl Conn, actor: &Actor, case: &Case<'_>) -> Result<String> {
    refuse_own(conn, actor, case.person.id).await?;
    if !actor.scope(case.roles).holds(&case.person.path) {
        return Err(Error::not_found());
    }
    if case.filed_by != case.person.id && accounts::is_party(conn, actor, &[case.filed_by]).await? {
        return Err(Error::refused(Kind::Denied, "filed_decision"));
    }
    let place = place(actor, case).ok_or_else(|| Error::refused(Kind::Denied, "level_above_decides"))?;
    let before = deciders(case);
    if accounts::is_party(conn, actor, &before).await? {
        return Err(Error::refused(Kind::Denied, "decided_before"));
    }
    Ok(place)
}

/// Nobody decides on an own case, under whichever account, nor on that of the spouse, where one is on record.
pub async fn refuse_own(conn: &impl Conn, actor: &Actor, person: PersonId) -> Result<()> {
    if accounts::is_party(conn, actor, &[person]).await? {
        return Err(Error::refused(Kind::Denied, "own_decision"));
    }
    if near(conn, actor).await?.contains(&person) {
        return Err(Error::refused(Kind::Denied, "spouse_decision"));
    }
    Ok(())
}

/// An approval is taken back by another person than the one who approved, and never from below the place that approved: an
/// appeal, a second level and what the level above decides would be void otherwise (domain §4, §6).
pub(crate) async fn may_take_back(
    conn: &impl Conn,
    actor: &Actor,
    (person, events): (&Person, &[Event]),
) -> Result<()> {
    let approvals: Vec<&Event> = events.iter().filter(|e| e.what == "approved").collect();
    let approvers: Vec<PersonId> = approvals.iter().filter_map(|e| e.by_person).collect();
    if accounts::is_party(conn, actor, &approvers).await? {
        return Err(Error::refused(Kind::Denied, "second_person"));
    }
    let approved_at = approvals.last().and_then(|e| e.by_path.as_deref()).unwrap_or_default();
    let grants = actor.grants.iter().filter(|g| REVERSERS.contains(&g.role));
    let mut places = grants.map(|g| g.path.as_str()).filter(|path| person.path.starts_with(path));
    // By depth, not by path: the unit may have moved, or the person, since then.
    let depth = |path: &str| path.matches('/').count();
    let is_high_enough = |path: &str| approved_at.is_empty() || depth(path) <= depth(approved_at);
    if places.any(is_high_enough) { Ok(()) } else { Err(Error::refused(Kind::Denied, "level_above_decides")) }
}

/// The place of the role with which the actor decides at the case's level.
fn place(actor: &Actor, case: &Case<'_>) -> Option<String> {
    let is_level = |role: Role| match case.level {
        Level::Unit => case.roles.contains(&role),
        Level::Authority => role == Role::Authority,
    };
    let grants = actor.grants.iter().filter(|g| is_level(g.role) && case.person.path.starts_with(&g.path));
    let grants = grants.filter(|g| case.above.is_none_or(|place| is_beyond(&g.path, place)));
    grants.map(|g| g.path.clone()).max_by_key(String::len)
}

/// Whether a place stands above another; nothing stands above the top, so there another person of the top decides.
pub(crate) fn is_beyond(place: &str, other: &str) -> bool {
    other.starts_with(place) && (place.len() < other.len() || is_top(other))
}

/// Whether nothing stands above a place.
pub(crate) fn is_top(place: &str) -> bool {
    place.matches('/').count() <= 2
}

/// Who decided before and may not again: in this round, at another level in any; for an appeal anyone who ever did.
fn deciders(case: &Case<'_>) -> Vec<PersonId> {
    let is_decision = |e: &Event| matches!(e.what.as_str(), "passed" | "approved" | "rejected" | "returned");
    let round = case.events.iter().rposition(|e| e.what == "submitted").unwrap_or(0);
    let bars = |(n, e): &(usize, &Event)| {
        is_decision(e) && (case.stage == APPEAL || *n >= round || e.stage != case.stage)
    };
    case.events.iter().enumerate().filter(bars).filter_map(|(_, e)| e.by_person).collect()
}

/// On whom the actor decides nothing (domain §6): every own record, those acted for, and the spouse of each.
pub async fn near(conn: &impl Conn, actor: &Actor) -> Result<HashSet<PersonId>> {
    let records = accounts::records_of(conn, actor).await?;
    let spouses = watching::spouses_of(conn, &records).await?;
    Ok(records.into_iter().chain(spouses).collect())
}

/// Whether someone's own claim must go to the level above: who administers the own unit.
pub(crate) async fn first_level(conn: &impl Conn, person: &Person) -> Result<Level> {
    let held = accounts::held(conn, person.id).await?;
    let administers = |g: &base::Grant| {
        matches!(g.role, Role::UnitAdmin | Role::Authority) && person.path.starts_with(&g.path)
    };
    Ok(if held.iter().any(administers) { Level::Authority } else { Level::Unit })
}

#[cfg(test)]
mod tests {
    use super::is_beyond;

    #[test]
    fn an_appeal_goes_above_the_place_that_refused_and_stays_only_at_the_top() {
        for (place, other, expected) in [
            ("/43/4301/", "/43/4301/01/", true),
            ("/43/", "/43/4301/01/", true),
            ("/43/4301/01/", "/43/4301/01/", false),
            ("/43/4302/", "/43/4301/01/", false),
            ("/43/", "/43/", true),
        ] {
            assert_eq!(is_beyond(place, other), expected, "{place} {other}");
        }
    }
}
