//! Where a person stands in a year: the ledger's entries as a record, assessed by the year's policy. Derived anew each
//! time; no balance is stored.
use std::{collections::HashSet, sync::Arc};

use base::{Day, Error, PersonId, Result, Year, day};
use db::Conn;
use org::Person;
use rules::{
    Assessment, Policy, Record,
    assess::{Files, assess_with_files},
    record::Source,
};
use serde_json::{Value, json};
use site::Site;

use crate::{
    entry::{Entry, EntryKind, Facts},
    moment::Moment,
    noted,
    policy::{self, Grounds, InForce},
    store,
    store_circumstances::{Circumstances, circumstances},
    store_past,
};

/// A person's year.
pub struct Standing {
    /// The person.
    pub person: Person,
    /// The rules applied.
    pub policy: Arc<Policy>,
    /// Their version, such as `2023.1`.
    pub policy_version: String,
    /// The result.
    pub assessment: Assessment<'static>,
    /// All entries of the year, reversed ones and reversals too.
    pub entries: Vec<Entry>,
    /// The record that `xueshi assess` reads and that gives the same numbers.
    pub record: Value,
    /// All evidence of the credits, of which the record names one hash each.
    pub files: Files,
}

impl Standing {
    /// The last day to complete the year: 12-31, or the end of an approved make-up after it.
    pub fn deadline(&self) -> Day {
        let last = self.assessment.year.last_day();
        let until = self.record.pointer("/make_up/until").and_then(Value::as_str);
        until.and_then(rules::record::parse_day).map_or(last, |until| until.max(last))
    }

    /// Whether last year's rules were applied, because the year had none of its own (暂按上年政策, domain §1).
    pub fn is_provisional(&self) -> bool {
        !policy::is_of_year(&self.policy_version, self.assessment.year)
    }

    /// For people who look at the year: that it takes no more entries, not even as a make-up; empty while it does.
    pub fn closed_words(&self, site: &Site) -> String {
        let closed = self.policy.closes_on.max(self.deadline());
        if day::day_of(site.now()) <= closed {
            return String::new();
        }
        let (year, closed) = (self.assessment.year.to_string(), closed.to_string());
        site.texts.with("year-closed", &[("year", &year), ("closed", &closed)])
    }

    /// For people who look at a year that is over and still open: that a course finished now counts in the next one; empty
    /// otherwise.
    pub fn courses_words(&self, site: &Site) -> String {
        let today = day::day_of(site.now());
        if today <= self.deadline() || today > self.policy.closes_on {
            return String::new();
        }
        let (year, next) = (self.assessment.year.to_string(), today.year().to_string());
        let closes = self.policy.closes_on.to_string();
        site.texts.with("courses-next-year", &[("year", &year), ("next", &next), ("closes", &closes)])
    }

    /// What the same year comes to by other rules of it.
    pub fn by(&self, policy: &Policy) -> Result<Assessment<'static>> {
        let line = self.record.to_string();
        let mut read = rules::record::read(&line, policy).map_err(Error::internal)?;
        Ok(assess_with_files(policy, &mut read, &self.files).into_owned())
    }
}

/// Assesses a person's year; `profile_incomplete` for someone whom the rules do not know enough of.
pub async fn standing(conn: &impl Conn, person: PersonId, year: Year) -> Result<Standing> {
    let in_force = policy::in_force(conn, year).await?;
    // A past year's unit and status are those of its last day, this year's those of today (domain §1): the last ones known.
    let person = org::person_seen(conn, person, &policy::past(&in_force.policy)).await?;
    let entries = store::entries(conn, person.id, year).await?;
    let around = circumstances(conn, person.id, year).await?;
    assessed((person, year), in_force, entries, around)
}

/// A person's year as it stood at a checkpoint: by the entries that the checkpoint holds, and by the facts, circumstances
/// and rules that were known then. The same checkpoint gives the same answer at any later time.
pub async fn standing_at(conn: &impl Conn, person: PersonId, year: Year, then: &Moment) -> Result<Standing> {
    let Grounds { in_force, view } = policy::grounds_at(conn, year, then).await?;
    let person = org::person_seen(conn, person, &view).await?;
    let mut entries = store::entries(conn, person.id, year).await?;
    let reached = store_past::reached(conn, &[person.id], then.checkpoint).await?;
    let reached = reached.get(&person.id).copied().unwrap_or(0);
    entries.retain(|e| e.seq <= reached);
    let around = store_past::circumstances_of(conn, &[person.id], year, then).await?.remove(&person.id);
    assessed((person, year), in_force, entries, around.unwrap_or_default())
}

/// The year that a person's pages show: the one asked for, else this year; but until 01-31 last year, where it is
/// unfinished. The server's time decides.
pub async fn opening_year(site: &Site, person: PersonId, asked: Option<&str>) -> Result<Year> {
    if let Some(year) = asked.and_then(|text| text.parse().ok()) {
        return Ok(year);
    }
    let this = site.this_year();
    let Some(last) = Year::new(i64::from(this.number()) - 1) else { return Ok(this) };
    if site.desk_year() == this {
        return Ok(this);
    }
    match standing(&site.db, person, last).await {
        Ok(s) if !s.assessment.satisfied => Ok(last),
        Err(e) if !matches!(e.code(), "profile_incomplete" | "policy_not_published") => Err(e),
        Ok(_) | Err(_) => Ok(this),
    }
}

/// The year by the rules, from everything that is known of it.
fn assessed(
    (person, year): (Person, Year),
    in_force: InForce,
    entries: Vec<Entry>,
    around: Circumstances,
) -> Result<Standing> {
    let (mut record, files) = record(&person, year, &entries, around)?;
    let line = record.to_string();
    let mut read = rules::record::read(&line, &in_force.policy)
        .map_err(|e| Error::internal(format!("the record of {} does not read: {e}", person.id)))?;
    let assessment = assess_with_files(&in_force.policy, &mut read, &files).into_owned();
    name_evidence(&mut record, &read);
    Ok(Standing {
        person,
        policy: in_force.policy,
        policy_version: in_force.version,
        assessment,
        entries,
        record,
        files,
    })
}

/// Lets the written record name the hashes that the assessed one names.
fn name_evidence(written: &mut Value, read: &Record<'_>) {
    let credits = written.get_mut("credits").and_then(Value::as_array_mut).into_iter().flatten();
    for (written, read) in credits.zip(&read.credits) {
        if let (Some(evidence), Source::Activity(activity)) = (written.get_mut("evidence"), &read.source) {
            *evidence = json!(activity.evidence);
        }
    }
}

/// The record of the contract, from the person's facts, the credits that stand, and the circumstances.
fn record(person: &Person, year: Year, entries: &[Entry], around: Circumstances) -> Result<(Value, Files)> {
    let mut record = record_without_credits(person, year, around)?;
    let reversed: HashSet<&str> = entries.iter().filter_map(|e| e.reverses.as_deref()).collect();
    let (mut credits, mut files) = (vec![], Files::new());
    for e in entries
        .iter()
        .filter(|e| e.kind == EntryKind::Credit && !reversed.contains(e.id.to_string().as_str()))
    {
        let mut facts: Facts = serde_json::from_str(&e.facts).map_err(Error::internal)?;
        files.insert(e.id.to_string(), noted::take(&mut facts));
        facts.insert("id".to_owned(), json!(e.id));
        credits.push(Value::Object(facts));
    }
    if let Value::Object(members) = &mut record {
        members.insert("credits".to_owned(), Value::Array(credits));
    }
    Ok((record, files))
}

/// The record's part that is not in the ledger.
pub(crate) fn record_without_credits(person: &Person, year: Year, around: Circumstances) -> Result<Value> {
    let trainee = person
        .trainee()
        .map_err(|missing| Error::conflict("profile_incomplete").with("missing", json!(missing)))?;
    let mut record = json!({
        "id": person.id, "year": year,
        "person": {
            "name": person.name, "gender": trainee.gender, "birth_date": trainee.birth_date.to_string(),
            "category": trainee.category, "level": trainee.level, "retirement": trainee.retirement,
            "joined_on": trainee.joined_on.map(|d| d.to_string()), "status": trainee.status,
            "establishment": trainee.establishment,
        },
        "leaves": around.leaves, "exemption": around.exemption, "make_up": around.make_up,
    });
    if let (Value::Object(members), false) = (&mut record, around.relief.is_null()) {
        members.insert("relief".to_owned(), around.relief);
    }
    if let (Some(Value::Object(members)), false) = (record.get_mut("person"), around.retires_on.is_null()) {
        members.insert("retires_on".to_owned(), around.retires_on);
    }
    Ok(record)
}

/// The years in which a person has hours.
pub async fn years_of(conn: &impl Conn, person: PersonId) -> Result<Vec<Year>> {
    store::years_of(conn, person).await
}
