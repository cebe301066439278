//! What changes a year besides credits: leaves entered by the person or an administrator, and approved make-ups.
use base::{Actor, Day, Error, FieldProblem, Kind, Period, PersonId, Result, Role, Year, person::Code};
use db::Tx;
use hours::YearChanged;
use org::Person;
use rules::record::LeaveKind;
use serde_json::json;
use site::Site;

use crate::{
    activity::said,
    exempt, more_time, review,
    store::leaves::{self, MakeUp},
};

/// A leave on record.
#[derive(Clone, Debug)]
pub struct Leave {
    /// Its id.
    pub id: String,
    /// Whose.
    pub person: PersonId,
    /// Which one.
    pub kind: LeaveKind,
    /// From when to when, both included.
    pub period: Period,
    /// The person, or who else entered it.
    pub entered_by: PersonId,
}

impl Leave {
    /// Whether it stands on the person's own word. What someone else entered as well is not the person's to take away.
    pub fn is_own_entry(&self) -> bool {
        self.entered_by == self.person
    }
}

/// A leave as typed.
#[derive(Clone, Copy, Debug)]
pub struct Typed<'a> {
    /// `sick` or `maternity`.
    pub kind: &'a str,
    /// The first day.
    pub from: &'a str,
    /// The last day.
    pub to: &'a str,
}

/// Who enters leaves for people below.
const KEEPERS: &[Role] = &[Role::UnitAdmin, Role::Hr, Role::Authority];
/// Longer than any leave there is, in days.
pub const MOST_DAYS: i64 = 800;

async fn whose(conn: &impl db::Conn, actor: &Actor, person: Option<PersonId>) -> Result<Person> {
    let person = org::person(conn, person.unwrap_or(actor.person)).await?;
    if person.id != actor.person && !actor.scope(KEEPERS).holds(&person.path) {
        return Err(Error::not_found());
    }
    Ok(person)
}

/// Leaves of the actor, or of a person below.
pub async fn of(site: &Site, actor: &Actor, person: Option<PersonId>) -> Result<Vec<Leave>> {
    let person = whose(&site.db, actor, person).await?;
    leaves::of_person(&site.db, person.id).await
}

/// Enters a leave.
pub async fn enter(
    site: &Site,
    actor: &Actor,
    person: Option<PersonId>,
    (typed, files): (&Typed<'_>, &[String]),
) -> Result<Leave> {
    let (kind, period) = read(typed)?;
    let tx = site.db.begin().await?;
    let person = whose(&tx, actor, person).await?;
    let id = site.new_id::<base::id::of::Entry>().to_string();
    let leave = Leave { id, person: person.id, kind, period, entered_by: actor.person };
    leaves::insert(&tx, &leave, site.now()).await?;
    let link = files::Link { kind: "leave", object: &leave.id, person: person.id, owner: actor.person };
    files::link(&tx, &link, files).await?;
    files::open_links(&tx, &leave.id, true).await?;
    exempt::add(&tx, &leave).await?;
    changed(site, &tx, actor, ("leave.enter", &leave, &person)).await?;
    tx.commit().await?;
    Ok(leave)
}

fn read(typed: &Typed<'_>) -> Result<(LeaveKind, Period)> {
    let mut problems = vec![];
    let mut wrong = |field: &str, code| problems.push(FieldProblem { field: field.to_owned(), code });
    let kind = LeaveKind::from_code(typed.kind);
    if kind.is_none() {
        wrong("kind", "wrong_value");
    }
    let mut day = |field: &str, text: &str| {
        let day = rules::record::parse_day(text.trim()).filter(|d| Year::new(i64::from(d.year())).is_some());
        if day.is_none() {
            wrong(field, "training_day");
        }
        day
    };
    let (from, to) = (day("from", typed.from), day("to", typed.to));
    let period = from.zip(to).and_then(|(f, t)| Period::new(f, t)).filter(|p| p.days() <= MOST_DAYS);
    if from.is_some() && to.is_some() && period.is_none() {
        wrong("to", "training_order");
    }
    kind.zip(period).filter(|_| problems.is_empty()).ok_or_else(|| Error::invalid_fields(problems))
}

/// A leave of a list, checked.
#[derive(Clone, Debug)]
pub struct NewLeave {
    /// Whose.
    pub person: PersonId,
    /// Which one.
    pub kind: LeaveKind,
    /// From when to when.
    pub period: Period,
}

/// Enters the leaves of a list whose people the caller has found in the actor's places, all in one transaction; what is
/// on record already is left alone, but is no longer the person's own entry. Answers how many are new and how many were
/// known.
pub async fn enter_many(
    site: &Site,
    actor: &Actor,
    new: &[NewLeave],
    is_dry_run: bool,
) -> Result<(usize, usize)> {
    let tx = site.db.begin().await?;
    let people: Vec<PersonId> = new.iter().map(|l| l.person).collect();
    let before = leaves::of_people(&tx, &people).await?;
    let same = |a: &Leave, b: &NewLeave| a.person == b.person && a.kind == b.kind && a.period == b.period;
    let fresh: Vec<&NewLeave> = new.iter().filter(|n| !before.iter().any(|b| same(b, n))).collect();
    let known = new.len() - fresh.len();
    let is_confirmed =
        |b: &&Leave| b.is_own_entry() && b.person != actor.person && new.iter().any(|n| same(b, n));
    let confirmed: Vec<&Leave> = before.iter().filter(is_confirmed).collect();
    if is_dry_run {
        return Ok((fresh.len(), known));
    }
    let rows: Vec<Leave> = fresh
        .iter()
        .map(|n| Leave {
            id: site.new_id::<base::id::of::Entry>().to_string(),
            person: n.person,
            kind: n.kind,
            period: n.period,
            entered_by: actor.person,
        })
        .collect();
    leaves::insert_many(&tx, &rows, site.now()).await?;
    leaves::confirm(&tx, &confirmed, actor.person).await?;
    for leave in &rows {
        years_changed(site, &tx, leave).await?;
    }
    let scope = actor.scope(KEEPERS);
    let deed = audit::Deed {
        actor: Some(actor.person),
        action: "leave.import",
        object: "",
        unit_path: scope.paths.first().map_or("", String::as_str),
        details: json!({"rows": rows.len(), "known": known, "confirmed": confirmed.len()}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await?;
    Ok((rows.len(), known))
}

/// Takes a leave off the record; the row stays, ended. What others entered its person does not take away, and what an
/// approved exemption rests on nobody does. Whose leave somebody else took away is told.
pub async fn end(site: &Site, actor: &Actor, id: &str) -> Result<()> {
    let tx = site.db.begin().await?;
    let leave = leaves::hold(&tx, id).await?;
    let person = whose(&tx, actor, Some(leave.person)).await?;
    let is_own = person.id == actor.person;
    if is_own && !leave.is_own_entry() {
        return Err(Error::refused(Kind::Denied, "leave_of_unit"));
    }
    if exempt::holds(&tx, &leave).await? {
        return Err(Error::conflict("leave_exempts"));
    }
    leaves::end(&tx, id, site.now()).await?;
    changed(site, &tx, actor, ("leave.end", &leave, &person)).await?;
    if !is_own {
        messages::post(site, &tx, &[removed(site, &leave)]).await?;
    }
    tx.commit().await
}

fn removed(site: &Site, leave: &Leave) -> messages::Letter {
    let kind = site.texts.get(&format!("leave-{}", leave.kind.code()));
    let (from, to) = (leave.period.from.to_string(), leave.period.to.to_string());
    let words = [("kind", kind.as_str()), ("from", from.as_str()), ("to", to.as_str())];
    messages::Letter {
        to: leave.person,
        kind: "leave_removed",
        text: site.texts.with("leave-taken-away", &words),
        link: format!("/exemptions?year={}", leave.period.to.year()),
        once: None,
    }
}

async fn changed(
    site: &Site,
    tx: &Tx,
    actor: &Actor,
    (action, leave, person): (&'static str, &Leave, &Person),
) -> Result<()> {
    let deed = audit::Deed {
        actor: Some(actor.person),
        action,
        object: &leave.id,
        unit_path: &person.path,
        details: json!({"person": person.id, "from": leave.period.from.to_string(), "to": leave.period.to.to_string()}),
    };
    audit::record(site, tx, deed).await?;
    years_changed(site, tx, leave).await
}

async fn years_changed(site: &Site, tx: &Tx, leave: &Leave) -> Result<()> {
    for number in leave.period.from.year()..=leave.period.to.year() {
        if let Some(year) = Year::new(i64::from(number)) {
            hours::year_changed(site, tx, YearChanged { person: leave.person, year }).await?;
        }
    }
    Ok(())
}

/// Approves a make-up of a person's year; never the own one, never beyond the policy's last day (domain §4).
pub async fn make_up(
    site: &Site,
    actor: &Actor,
    (person, year): (PersonId, Year),
    (until, reason): (&str, &str),
) -> Result<Day> {
    let until =
        rules::record::parse_day(until.trim()).ok_or_else(|| Error::invalid("until", "training_day"))?;
    let reason = said(reason, "reason")?;
    let tx = site.db.begin().await?;
    let person = org::person(&tx, person).await?;
    review::refuse_own(&tx, actor, person.id).await?;
    if !actor.scope(&[Role::Authority]).holds(&person.path) {
        return Err(Error::not_found());
    }
    hours::refuse_closed(site, &tx, year).await?;
    let policy = hours::in_force(&tx, year).await?.policy;
    if until > policy.make_up_limit || until < year.first_day() {
        return Err(Error::invalid("until", "make_up_limit"));
    }
    let by = actor.person;
    let granted = MakeUp { person: person.id, year, until, reason: &reason, by };
    leaves::save_make_ups(site, &tx, &[granted], None).await?;
    let deed = audit::Deed {
        actor: Some(by),
        action: "make_up.approve",
        object: &person.id.to_string(),
        unit_path: &person.path,
        details: json!({"year": year, "until": until.to_string(), "reason": reason}),
    };
    audit::record(site, &tx, deed).await?;
    hours::year_changed(site, &tx, YearChanged { person: person.id, year }).await?;
    if until > year.last_day() {
        messages::post(site, &tx, &[more_time::approved(site, person.id, (year, until), &reason)]).await?;
    }
    tx.commit().await?;
    Ok(until)
}

/// Time given to many at once, for a recorded incident.
#[derive(Clone, Copy, Debug)]
pub struct Together<'a> {
    /// To whom.
    pub people: &'a [PersonId],
    /// Of which year.
    pub year: Year,
    /// Until when.
    pub until: Day,
    /// Why.
    pub reason: &'a str,
    /// The incident, and what it is called.
    pub incident: (&'a str, &'a str),
}

/// Grants make-ups to everyone at once, in the caller's transaction; the actor's own is left to another person. Whoever
/// has time beyond that day keeps it, everyone else is told once. Answers how many were granted.
pub async fn make_up_many(site: &Site, tx: &Tx, actor: &Actor, all: &Together<'_>) -> Result<usize> {
    hours::refuse_closed(site, tx, all.year).await?;
    let policy = hours::in_force(tx, all.year).await?.policy;
    if all.until > policy.make_up_limit || all.until <= all.year.last_day() {
        return Err(Error::invalid("until", "make_up_limit"));
    }
    let longer = leaves::beyond(tx, all.year, all.until).await?;
    let is_granted = |p: &&PersonId| **p != actor.person && !longer.contains(*p);
    let people: Vec<PersonId> = all.people.iter().filter(is_granted).copied().collect();
    let by = actor.person;
    for chunk in people.chunks(1000) {
        let grants: Vec<MakeUp<'_>> = chunk
            .iter()
            .map(|p| MakeUp { person: *p, year: all.year, until: all.until, reason: all.reason, by })
            .collect();
        leaves::save_make_ups(site, tx, &grants, Some(all.incident.0)).await?;
        let letters: Vec<messages::Letter> =
            chunk.iter().map(|p| more_time::by_incident(site, *p, all)).collect();
        messages::post(site, tx, &letters).await?;
        for person in chunk {
            hours::year_changed(site, tx, YearChanged { person: *person, year: all.year }).await?;
        }
    }
    Ok(people.len())
}
