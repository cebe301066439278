//! Which courses of different providers are the same: suggested by title and teacher, confirmed by the authority. What is
//! the same counts once a year, whether it was learned before the confirmation or after it.
pub(crate) mod joined;
pub(crate) mod parted;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use base::{Error, PersonId, Result, Year};
use serde::Serialize;
use serde_json::{Value, json};
use site::{Site, Visitor};
use utoipa::ToSchema;

use joined::Joined;
use parted::Parted;

use crate::{
    catalogue::CourseListed,
    similar::{self, Looked, Pair},
    standing, store,
    store_mapping::{self, Mapped},
};

/// So many courses are compared with each other.
const MOST: i64 = 20_000;
/// So many suggestions are shown.
const SHOWN: usize = 100;

/// A course of a suggestion or a group.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Side {
    pub id: String,
    pub provider: String,
    pub title: String,
    pub teacher: String,
    pub minutes: u64,
}

/// Two courses that may be the same.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Suggestion {
    pub one: Side,
    pub other: Side,
    /// How alike they are, in percent.
    pub percent: u8,
    /// What speaks against it: `teacher`, `year` (of the edition), `part` (one of them is numbered), `length`.
    pub differs: Vec<&'static str>,
}

/// Courses that are the same, under the code that counts.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Group {
    pub code: String,
    pub courses: Vec<Side>,
}

fn side(c: &CourseListed) -> Side {
    Side {
        id: c.id.clone(),
        provider: c.provider_title.clone(),
        title: c.title.clone(),
        teacher: c.teacher.clone(),
        minutes: c.minutes,
    }
}

/// Suggestions that nobody has decided on, the most alike first.
pub(crate) async fn suggestions(site: &Site, visitor: &Visitor) -> Result<Vec<Suggestion>> {
    if !visitor.actor.has(standing::READERS) {
        return Err(Error::denied());
    }
    let rows = store::courses(&site.db, "", MOST).await?;
    let courses = rows.into_iter().map(CourseListed::try_from).collect::<Result<Vec<_>>>()?;
    let different = store_mapping::differences(&site.db).await?;
    let courses = Arc::new(courses);
    let compared = Arc::clone(&courses);
    let pairs = tokio::task::spawn_blocking(move || pairs(&compared)).await.map_err(Error::internal)?;
    let mut found = vec![];
    for pair in pairs {
        let (Some(one), Some(other)) = (courses.get(pair.one), courses.get(pair.other)) else { continue };
        let is_decided = one.code() == other.code() || different.contains(&ordered(&one.id, &other.id));
        if !is_decided {
            found.push(suggestion((one, other), pair));
        }
        if found.len() == SHOWN {
            break;
        }
    }
    Ok(found)
}

/// Thousands of courses take their time, which no request waits for on a thread of others.
fn pairs(courses: &[CourseListed]) -> Vec<Pair> {
    let subjects: Vec<String> = courses.iter().map(|c| base::person::Code::code(&c.subject)).collect();
    let looked: Vec<Looked<'_>> = courses
        .iter()
        .zip(&subjects)
        .map(|(c, subject)| Looked { title: &c.title, teacher: &c.teacher, provider: &c.provider, subject })
        .collect();
    similar::pairs(&looked)
}

fn suggestion((one, other): (&CourseListed, &CourseListed), pair: Pair) -> Suggestion {
    let mut differs = pair.differs;
    if one.minutes != other.minutes {
        differs.push("length");
    }
    Suggestion { one: side(one), other: side(other), percent: pair.percent, differs }
}

/// Groups of courses that are the same.
pub(crate) async fn groups(site: &Site, visitor: &Visitor) -> Result<Vec<Group>> {
    if !visitor.actor.has(standing::READERS) {
        return Err(Error::denied());
    }
    let mut groups: Vec<Group> = vec![];
    for row in store_mapping::mapped(&site.db).await? {
        let Mapped { code, id, provider, title, teacher, seconds } = row;
        let minutes = u64::try_from(seconds / 60).unwrap_or(0);
        let side = Side { id, provider, title, teacher, minutes };
        match groups.last_mut().filter(|g| g.code == code) {
            Some(group) => group.courses.push(side),
            None => groups.push(Group { code, courses: vec![side] }),
        }
    }
    Ok(groups)
}

/// The authority says that two courses are the same; saying it again changes nothing.
pub(crate) async fn join(site: &Site, visitor: &Visitor, (one, other): (&str, &str)) -> Result<()> {
    standing::admit_keeper(&visitor.actor)?;
    let tx = site.db.begin().await?;
    let one = CourseListed::try_from(store::course(&tx, one).await?)?;
    let other = CourseListed::try_from(store::course(&tx, other).await?)?;
    if one.subject != other.subject || one.provider == other.provider {
        return Err(Error::conflict("courses_not_alike"));
    }
    let (code, joined) = (one.code(), other.code());
    if code == joined {
        return Ok(());
    }
    store_mapping::join(&tx, &code, &joined).await?;
    site.enqueue(&tx, joined::JOINED, &Joined { code: code.clone(), by: visitor.actor.person }).await?;
    record(site, &tx, visitor, ("courses.join", &code, &joined)).await?;
    tx.commit().await
}

/// The authority says that two courses differ; they are not suggested again.
pub(crate) async fn differ(site: &Site, visitor: &Visitor, (one, other): (&str, &str)) -> Result<()> {
    standing::admit_keeper(&visitor.actor)?;
    let (one, other) = ordered(one, other);
    let tx = site.db.begin().await?;
    let (first, second) = (store::course(&tx, &one).await?, store::course(&tx, &other).await?);
    let decided_by = visitor.actor.person.to_string();
    store_mapping::differ(&tx, (&one, &other), &decided_by, site.now()).await?;
    record(site, &tx, visitor, ("courses.differ", &own(&first), &own(&second))).await?;
    tx.commit().await
}

/// The authority takes a course out of its group. What people had of it under the group counts by itself again.
pub(crate) async fn part(site: &Site, visitor: &Visitor, id: &str) -> Result<()> {
    standing::admit_keeper(&visitor.actor)?;
    let tx = site.db.begin().await?;
    let row = store::course(&tx, id).await?;
    let (own, course) = (own(&row), CourseListed::try_from(row)?);
    if course.canonical.is_empty() {
        return Err(Error::conflict("course_is_itself"));
    }
    let parted =
        Parted { courses: store_mapping::members(&tx, &course.canonical).await?, by: visitor.actor.person };
    store_mapping::part(&tx, id).await?;
    site.enqueue(&tx, parted::PARTED, &parted).await?;
    record(site, &tx, visitor, ("courses.part", &course.canonical, &own)).await?;
    tx.commit().await
}

/// A course that a year holds already.
pub(crate) struct Taken {
    /// The code it was booked under.
    pub code: String,
    /// The code that counts today.
    pub head: String,
    /// The full name of the provider where it was learned.
    pub at: String,
}

/// The courses that a year's record holds already.
pub(crate) async fn taken(site: &Site, record: &Value) -> Result<Vec<Taken>> {
    let booked = booked(record);
    let codes: HashSet<String> = booked.iter().map(|(code, _)| code.clone()).collect();
    let heads = heads(&site.db, &codes).await?;
    let providers = store::all(&site.db).await?;
    let one = |(code, provider): (String, String)| Taken {
        head: heads.get(&code).unwrap_or(&code).clone(),
        at: providers.iter().find(|p| p.name == provider).map_or(provider, |p| p.title.clone()),
        code,
    };
    Ok(booked.into_iter().map(one).collect())
}

/// Codes and providers of the courses in a record.
fn booked(record: &Value) -> Vec<(String, String)> {
    let text = |v: &Value, name: &str| v.get(name).and_then(Value::as_str).map(str::to_owned);
    let credits = record.get("credits").and_then(Value::as_array).into_iter().flatten();
    credits
        .filter(|c| text(c, "kind").as_deref() == Some("course"))
        .filter_map(|c| Some((text(c, "course")?, text(c, "provider")?)))
        .collect()
}

/// The codes that count for the given ones today: an entry from before a confirmation keeps the code it was made under.
pub(crate) async fn heads(conn: &impl db::Conn, codes: &HashSet<String>) -> Result<HashMap<String, String>> {
    let rows = store::topics::by_codes(conn, codes).await?;
    let head = |row| {
        let course = CourseListed::try_from(row)?;
        Ok((format!("{}:{}", course.provider, course.course), course.code()))
    };
    rows.into_iter().map(head).collect()
}

/// The code under which a course counts for a person: its group's, or the one of the group that the year holds already,
/// so that it counts once whether it was learned before the confirmation or after it.
pub(crate) async fn code_for(
    site: &Site,
    (person, year): (PersonId, Year),
    course: &CourseListed,
) -> Result<String> {
    let code = course.code();
    if course.canonical.is_empty() && !store::topics::has_same(&site.db, &code).await? {
        return Ok(code);
    }
    let record = match hours::standing(&site.db, person, year).await {
        Ok(standing) => standing.record,
        Err(e) if e.code() == "profile_incomplete" => return Ok(code),
        Err(e) => return Err(e),
    };
    let codes: HashSet<String> = booked(&record).into_iter().map(|(code, _)| code).collect();
    if codes.contains(&code) {
        return Ok(code);
    }
    let heads = heads(&site.db, &codes).await?;
    let mut same: Vec<String> =
        heads.into_iter().filter(|(_, head)| *head == code).map(|(own, _)| own).collect();
    same.sort_unstable();
    Ok(same.into_iter().next().unwrap_or(code))
}

/// The code of a course by itself.
fn own(row: &store::CourseRow) -> String {
    format!("{}:{}", row.provider, row.course)
}

fn ordered(one: &str, other: &str) -> (String, String) {
    if one <= other { (one.to_owned(), other.to_owned()) } else { (other.to_owned(), one.to_owned()) }
}

async fn record(
    site: &Site,
    tx: &db::Tx,
    visitor: &Visitor,
    (action, one, other): (&'static str, &str, &str),
) -> Result<()> {
    let deed = audit::Deed {
        actor: Some(visitor.actor.person),
        action,
        object: one,
        unit_path: "",
        details: json!({"other": other}),
    };
    audit::record(site, tx, deed).await
}
