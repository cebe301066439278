//! Planning an in-person training.
use base::{
    Actor, Day, Error, FieldProblem, Hours, Id, Instant, PersonId, Result, Subject, Year, day, id::of,
    person::Code,
};
use db::Conn;
use rules::Days;
use serde::Deserialize;
use serde_json::json;
use site::Site;
use utoipa::ToSchema;

use crate::{ORGANISERS, store};

/// A training as it is planned.
#[derive(Clone, Debug)]
pub(crate) struct Attendance {
    pub id: String,
    pub unit_name: String,
    pub unit_path: String,
    pub title: String,
    pub place: String,
    pub subject: Subject,
    pub from: Instant,
    pub to: Instant,
    /// At most so many days count.
    pub days: Days,
}

impl Attendance {
    /// Beginning and end in milliseconds.
    pub(crate) fn span(&self) -> (i64, i64) {
        (day::millis(self.from), day::millis(self.to))
    }

    /// The hours that its year's policy counts a day for.
    pub(crate) async fn hours_per_day(&self, conn: &impl Conn) -> Result<Hours> {
        hours_per_day(conn, day::day_of(self.from)).await
    }
}

async fn hours_per_day(conn: &impl Conn, on: Day) -> Result<Hours> {
    let year = Year::new(i64::from(Day::year(on))).ok_or_else(|| Error::invalid("date", "wrong_value"))?;
    Ok(hours::in_force(conn, year).await?.policy.measure.hours_per_day)
}

/// A training to be planned: on one day.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct NewAttendance {
    /// The code of the unit whose people, with everything below, may come.
    pub unit: String,
    /// The title.
    pub title: String,
    /// Where.
    pub place: String,
    /// `professional` unless given.
    pub subject: Option<String>,
    /// `YYYY-MM-DD`.
    pub date: String,
    /// `HH:MM` in Shanghai.
    pub from: String,
    /// `HH:MM`, later.
    pub to: String,
}

/// Plans a training for the people of a unit below the actor; gives its id.
pub(crate) async fn plan(site: &Site, actor: &Actor, new: &NewAttendance) -> Result<String> {
    let unit = org::by_code(&site.db, &new.unit).await?;
    if !actor.scope(ORGANISERS).holds(&unit.path) {
        return Err(Error::not_found());
    }
    let checked = check(site, new).await?;
    let id: Id<of::Entry> = site.new_id();
    let id = id.to_string();
    let tx = site.db.begin().await?;
    store::insert(&tx, &id, unit.id, &checked, (actor.person, site.now())).await?;
    let deed = audit::Deed {
        actor: Some(actor.person),
        action: "attendance.plan",
        object: &id,
        unit_path: &unit.path,
        details: json!({"title": checked.title, "from": day::rfc3339(checked.from), "to": day::rfc3339(checked.to)}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await?;
    Ok(id)
}

/// A plan that was checked.
pub(crate) struct Checked {
    pub title: String,
    pub place: String,
    pub subject: Subject,
    pub from: Instant,
    pub to: Instant,
    pub days: Days,
}

async fn check(site: &Site, new: &NewAttendance) -> Result<Checked> {
    let mut wrong = vec![];
    let mut say = |field: &str, code| wrong.push(FieldProblem { field: field.to_owned(), code });
    let (title, place) = (new.title.trim(), new.place.trim());
    if title.is_empty() || title.chars().count() > 200 {
        say("title", "training_title");
    }
    if place.chars().count() > 200 {
        say("place", "text_long");
    }
    let subject = match new.subject.as_deref().filter(|s| !s.is_empty()) {
        None => Some(Subject::Professional),
        Some(code) => Subject::from_code(code),
    };
    let (date, from, to) = (rules::record::parse_day(new.date.trim()), minutes(&new.from), minutes(&new.to));
    for (field, is_wrong) in [("date", date.is_none()), ("from", from.is_none()), ("to", to.is_none())] {
        if is_wrong {
            say(field, "wrong_value");
        }
    }
    if subject.is_none() {
        say("subject", "wrong_value");
    }
    if from.zip(to).is_some_and(|(from, to)| to <= from) {
        say("to", "ends_before_it_begins");
    }
    let (Some(subject), Some(date), Some(from), Some(to)) = (subject, date, from, to) else {
        return Err(Error::invalid_fields(wrong));
    };
    if !wrong.is_empty() {
        return Err(Error::invalid_fields(wrong));
    }
    let start = day::millis(day::start_of(date));
    let at = |minutes: i64| day::from_millis(start + minutes * 60_000);
    // One day at most, whatever its breaks.
    let per_day = hours_per_day(&site.db, date).await?;
    let days = rules::attendance::worth((to - from) * 60_000, Days::from_hundredths(100), per_day);
    let (title, place) = (title.to_owned(), place.to_owned());
    Ok(Checked { title, place, subject, from: at(from), to: at(to), days })
}

/// Minutes since midnight of `HH:MM`.
fn minutes(text: &str) -> Option<i64> {
    let (hours, minutes) = text.trim().split_once(':')?;
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    ((0..24).contains(&hours) && (0..60).contains(&minutes)).then_some(hours * 60 + minutes)
}

/// A training that the actor organises.
pub(crate) async fn own(site: &Site, actor: &Actor, id: &str) -> Result<Attendance> {
    let found = store::by_id(&site.db, id).await?.ok_or_else(Error::not_found)?;
    if actor.scope(ORGANISERS).holds(&found.unit_path) { Ok(found) } else { Err(Error::not_found()) }
}

/// A training that the actor may come to: of the own unit or one above, or one that the actor organises.
pub(crate) async fn open_to(site: &Site, actor: &Actor, id: &str) -> Result<Attendance> {
    let found = store::by_id(&site.db, id).await?.ok_or_else(Error::not_found)?;
    let person = org::person(&site.db, actor.person).await?;
    let may = person.path.starts_with(&found.unit_path) || actor.scope(ORGANISERS).holds(&found.unit_path);
    if may { Ok(found) } else { Err(Error::not_found()) }
}

/// A training as the calendar of whoever may come shows it.
pub struct Coming {
    /// Its id; the page to sign in is `/attend/{id}`.
    pub id: String,
    /// The title.
    pub title: String,
    /// Where; empty for unknown.
    pub place: String,
    /// When it begins.
    pub from: Instant,
    /// When it ends.
    pub to: Instant,
}

/// The trainings in person that someone may come to and that end after a moment, the earliest first.
pub async fn coming(site: &Site, person: PersonId, since: Instant) -> Result<Vec<Coming>> {
    let path = org::person(&site.db, person).await?.path;
    let coming = |a: Attendance| Coming { id: a.id, title: a.title, place: a.place, from: a.from, to: a.to };
    Ok(store::open_to(&site.db, &path, since).await?.into_iter().map(coming).collect())
}
