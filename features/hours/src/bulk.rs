//! The years of many people at once, read page by page in few statements: what figures, rebuilds and what-ifs go over.
//! A case gives the same record as [`crate::standing`], so the same numbers.
use std::collections::{HashMap, HashSet};

use base::{Error, PersonId, Result, Scope, Year};
use db::{Conn, People};
use org::Person;
use rules::{
    Assessment, Policy,
    assess::{Files, assess_with_files},
    record::RecordError,
};

use crate::{
    moment::Moment,
    noted,
    policy::{self, Grounds},
    standing::record_without_credits,
    store,
    store_circumstances::{Circumstances, circumstances_of},
    store_past,
};

/// So many people are read at once.
pub const PAGE: i64 = 1000;

/// A person with what the rules need of one year.
#[derive(Clone, Debug)]
pub struct Case {
    /// The person, as the year sees one: figures are grouped by this unit.
    pub person: Person,
    /// Ids and facts of the credits that stand.
    credits: Vec<(String, String)>,
    /// All their evidence, where one rests on several files.
    files: Files,
    around: Circumstances,
    has_moved: bool,
}

impl Case {
    /// Whether today's facts of the person alone do not tell the year: a credit, a leave, an exemption, a make-up, or
    /// another place, post or status at some time.
    pub fn has_history(&self) -> bool {
        let Circumstances { leaves, exemption, make_up, relief, retires_on } = &self.around;
        self.has_moved
            || !self.credits.is_empty()
            || !leaves.is_empty()
            || !exemption.is_null()
            || !make_up.is_null()
            || !relief.is_null()
            || !retires_on.is_null()
    }

    /// Ids and facts of the credits that stand, in the order of the chain.
    pub fn credits(&self) -> impl Iterator<Item = (&str, &str)> {
        self.credits.iter().map(|(id, facts)| (id.as_str(), facts.as_str()))
    }

    /// The record that is assessed; none for someone whom the rules do not know enough of.
    fn record(&self, year: Year) -> Option<String> {
        let mut text = record_without_credits(&self.person, year, self.around.clone()).ok()?.to_string();
        text.pop();
        text.push_str(",\"credits\":[");
        for (n, (id, facts)) in self.credits.iter().enumerate() {
            if n > 0 {
                text.push(',');
            }
            text.push_str("{\"id\":\"");
            text.push_str(id);
            text.push_str("\",");
            text.push_str(facts.get(1..).unwrap_or("}"));
        }
        text.push_str("]}");
        Some(text)
    }

    /// The year under a policy; none for someone whom the rules do not know enough of.
    pub fn assess(&self, policy: &Policy) -> Result<Option<Assessment<'static>>> {
        let Some(line) = self.record(policy.year) else { return Ok(None) };
        let mut read = rules::record::read(&line, policy).map_err(|e| self.unread(&e))?;
        Ok(Some(assess_with_files(policy, &mut read, &self.files).into_owned()))
    }

    /// What is made of the year under each of two policies; the record is read once.
    pub fn under_both<T>(
        &self,
        (one, other): (&Policy, &Policy),
        of: impl Fn(&Assessment<'_>) -> T,
    ) -> Result<Option<(T, T)>> {
        let Some(line) = self.record(one.year) else { return Ok(None) };
        let mut read = rules::record::read(&line, one).map_err(|e| self.unread(&e))?;
        rules::record::check(other, &read).map_err(|e| self.unread(&e))?;
        let before = of(&assess_with_files(one, &mut read, &self.files));
        Ok(Some((before, of(&assess_with_files(other, &mut read, &self.files)))))
    }

    fn unread(&self, error: &RecordError) -> Error {
        Error::internal(format!("the record of {} does not read: {error}", self.person.id))
    }
}

/// Up to [`PAGE`] people of a scope after an id, in order, each with the year.
pub async fn cases(conn: &impl Conn, scope: &Scope, of: &Grounds, after: &str) -> Result<Vec<Case>> {
    let people = org::trainees_seen(conn, (scope, &of.view), (after, PAGE)).await?;
    let Some(last) = people.last().map(|p| p.id) else { return Ok(vec![]) };
    let ids: Vec<PersonId> = people.iter().map(|p| p.id).collect();
    let is_everyone = scope.paths.iter().any(|path| path == "/");
    let page = if is_everyone { People::Between(after, last) } else { People::These(&ids) };
    with_their_years(conn, people, page, of.year()).await
}

/// As [`cases`], of these people, at most [`PAGE`].
pub async fn cases_of(conn: &impl Conn, people: &[PersonId], of: &Grounds) -> Result<Vec<Case>> {
    let seen = org::people_seen(conn, people, &of.view).await?;
    with_their_years(conn, seen, People::These(people), of.year()).await
}

async fn with_their_years(
    conn: &impl Conn,
    people: Vec<Person>,
    page: People<'_>,
    year: Year,
) -> Result<Vec<Case>> {
    let moved = org::moved(conn, page).await?;
    let mut credits = standing_credits(store::facts_among(conn, page, year).await?)?;
    let mut around = circumstances_of(conn, page, year).await?;
    let case = |person: Person| {
        let (credits, files) = credits.remove(&person.id).unwrap_or_default();
        let around = around.remove(&person.id).unwrap_or_default();
        Case { credits, files, around, has_moved: moved.contains(&person.id), person }
    };
    Ok(people.into_iter().map(case).collect())
}

/// As [`cases`], up to a limit, as everything stood at a checkpoint: by [`crate::standing_at`]'s rules, in few statements.
pub async fn cases_at(
    conn: &impl Conn,
    scope: &Scope,
    (year, after, limit): (Year, &str, i64),
    then: &Moment,
) -> Result<Vec<Case>> {
    let view = policy::grounds_at(conn, year, then).await?.view;
    let people = org::trainees_seen(conn, (scope, &view), (after, limit)).await?;
    let ids: Vec<PersonId> = people.iter().map(|p| p.id).collect();
    let reached = store_past::reached(conn, &ids, then.checkpoint).await?;
    let mut facts = store::facts_of(conn, &ids, year).await?;
    let reached: HashMap<String, i64> = reached.iter().map(|(p, seq)| (p.to_string(), *seq)).collect();
    facts.retain(|f| reached.get(&f.person_id).is_some_and(|seq| f.seq <= *seq));
    let mut credits = standing_credits(facts)?;
    let mut around = store_past::circumstances_of(conn, &ids, year, then).await?;
    let case = |person: Person| {
        let (credits, files) = credits.remove(&person.id).unwrap_or_default();
        let around = around.remove(&person.id).unwrap_or_default();
        Case { person, credits, files, around, has_moved: true }
    };
    Ok(people.into_iter().map(case).collect())
}

type Credits = HashMap<PersonId, (Vec<(String, String)>, Files)>;

/// The credits that stand, each person's in the order of the chain.
fn standing_credits(facts: Vec<store::EntryFacts>) -> Result<Credits> {
    let reversed: HashSet<String> = facts.iter().filter_map(|f| f.reverses.clone()).collect();
    let mut found: Credits = HashMap::new();
    for f in facts.into_iter().filter(|f| f.reverses.is_none() && !reversed.contains(&f.id)) {
        found.entry(f.person_id.parse()?).or_default().0.push((f.id, f.facts));
    }
    for (credits, files) in found.values_mut() {
        *files = noted::take_all(credits)?;
    }
    Ok(found)
}
