//! Public courses and the year's topics (notice 二). A course that names none of them counts as public only with the
//! authority's mark for that year; else it counts in the professional subject, whose themes people choose themselves.
//! What was booked before a mark, or before it was taken back, stays as it was booked.
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use base::{Error, Hours, PersonId, Result, Subject, Year};
use rules::policy::Policy;
use serde::Serialize;
use serde_json::{Value, json};
use site::{Site, Visitor};
use utoipa::ToSchema;

use crate::{
    catalogue::CourseListed,
    standing,
    store::{self as courses, CourseRow, topics as store},
};

/// Public courses of a year, by topic and outside of them.
#[derive(Serialize, ToSchema)]
pub(crate) struct PublicCourses {
    pub year: i16,
    pub topics: Vec<Taught>,
    /// They count in the professional subject.
    pub outside: Vec<Outside>,
    /// They count as public by the authority's mark.
    pub marked: Vec<Outside>,
}

/// A topic with how many listed courses teach it.
#[derive(Serialize, ToSchema)]
pub(crate) struct Taught {
    pub name: String,
    pub courses: usize,
}

/// A public course that names none of the year's topics.
#[derive(Serialize, ToSchema)]
pub(crate) struct Outside {
    pub id: String,
    pub provider: String,
    pub title: String,
    /// As the provider wrote it.
    pub topic: String,
    pub minutes: u64,
    /// Why it counts as public; empty without a mark.
    pub reason: String,
}

/// A topic of the public subject in someone's year.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Covered {
    /// The topic; empty for courses that the authority marked.
    pub name: String,
    /// Counted in the year.
    pub hours: Hours,
    /// Courses that counted.
    pub learned: usize,
    /// Courses that can be taken.
    pub courses: usize,
}

/// What decides in which subject a year counts a course.
pub(crate) struct Topics {
    pub policy: Arc<Policy>,
    /// The courses marked for the year, with the reasons.
    marks: HashMap<String, String>,
}

impl Topics {
    pub async fn of(site: &Site, year: Year) -> Result<Self> {
        let policy = hours::in_force(&site.db, year).await?.policy;
        Ok(Self { policy, marks: store::marks(&site.db, year).await? })
    }

    /// Whether a public course counts in the professional subject.
    pub fn is_outside(&self, (id, subject, topic): (&str, Subject, &str)) -> bool {
        subject == Subject::Public && names_none(&self.policy, topic) && !self.marks.contains_key(id)
    }

    /// The subject in which the year counts a course.
    pub fn subject(&self, course: &CourseListed) -> Subject {
        let is_outside = self.is_outside((&course.id, course.subject, &course.topic));
        if is_outside { Subject::Professional } else { course.subject }
    }
}

/// A year whose policy lists no topics leaves the subject to the providers.
fn names_none(policy: &Policy, topic: &str) -> bool {
    !policy.topics.is_empty() && policy.topic(topic).is_none()
}

/// The subject in which a year counts one course.
pub(crate) async fn subject(site: &Site, course: &CourseListed, policy: &Policy) -> Result<Subject> {
    let asks = course.subject == Subject::Public && names_none(policy, &course.topic);
    if asks && !store::is_marked(&site.db, &course.id, policy.year).await? {
        return Ok(Subject::Professional);
    }
    Ok(course.subject)
}

fn outside(row: CourseRow, reason: &str) -> Outside {
    Outside {
        id: row.id,
        provider: row.provider_title,
        title: row.title,
        topic: row.topic,
        minutes: u64::try_from(row.seconds / 60).unwrap_or(0),
        reason: reason.to_owned(),
    }
}

/// The public courses of a year as those who oversee providers see them.
pub(crate) async fn public_courses(site: &Site, visitor: &Visitor, year: Year) -> Result<PublicCourses> {
    if !visitor.actor.has(standing::READERS) {
        return Err(Error::denied());
    }
    let topics = Topics::of(site, year).await?;
    let mut count: HashMap<&str, usize> = HashMap::new();
    let (mut without, mut marked) = (vec![], vec![]);
    for row in store::public_courses(&site.db, year).await? {
        match (topics.policy.topic(&row.topic), topics.marks.get(&row.id)) {
            (Some(topic), _) => *count.entry(topic).or_default() += 1,
            (None, Some(reason)) => marked.push(outside(row, reason)),
            (None, None) if topics.policy.topics.is_empty() => {}
            (None, None) => without.push(outside(row, "")),
        }
    }
    let taught = |name: &String| Taught {
        name: name.clone(),
        courses: count.get(name.as_str()).copied().unwrap_or_default(),
    };
    let listed = topics.policy.topics.iter().map(taught).collect();
    Ok(PublicCourses { year: year.number(), topics: listed, outside: without, marked })
}

/// The authority lets a course outside the topics count as public in a year.
pub(crate) async fn mark(
    site: &Site,
    visitor: &Visitor,
    (id, year): (&str, Year),
    reason: &str,
) -> Result<()> {
    standing::admit_keeper(&visitor.actor)?;
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(Error::invalid("reason", "required"));
    }
    if reason.chars().count() > 500 {
        return Err(Error::invalid("reason", "too_long_text"));
    }
    let policy = hours::in_force(&site.db, year).await?.policy;
    let tx = site.db.begin().await?;
    let course = CourseListed::try_from(courses::course(&tx, id).await?)?;
    if course.subject != Subject::Public || !names_none(&policy, &course.topic) {
        return Err(Error::conflict("course_needs_no_mark"));
    }
    let by = visitor.actor.person.to_string();
    if store::mark(&tx, (id, year), reason, (&by, site.now())).await? {
        record(site, &tx, visitor, ("courses.mark_public", &course), (year, reason)).await?;
    }
    tx.commit().await
}

/// The authority takes its mark back; what was booked stays.
pub(crate) async fn unmark(site: &Site, visitor: &Visitor, (id, year): (&str, Year)) -> Result<()> {
    standing::admit_keeper(&visitor.actor)?;
    let tx = site.db.begin().await?;
    let course = CourseListed::try_from(courses::course(&tx, id).await?)?;
    if !store::unmark(&tx, id, year).await? {
        return Err(Error::not_found());
    }
    record(site, &tx, visitor, ("courses.unmark_public", &course), (year, "")).await?;
    tx.commit().await
}

async fn record(
    site: &Site,
    tx: &db::Tx,
    visitor: &Visitor,
    (action, course): (&'static str, &CourseListed),
    (year, reason): (Year, &str),
) -> Result<()> {
    let deed = audit::Deed {
        actor: Some(visitor.actor.person),
        action,
        object: &format!("{}:{}", course.provider, course.course),
        unit_path: "",
        details: json!({"year": year.number(), "reason": reason}),
    };
    audit::record(site, tx, deed).await
}

/// How far the topics of the public subject are covered in a person's year.
pub(crate) async fn covered_by(site: &Site, person: PersonId, year: Year) -> Result<Vec<Covered>> {
    let standing = match hours::standing(&site.db, person, year).await {
        Ok(standing) => Some(standing),
        Err(e) if e.code() == "profile_incomplete" => None,
        Err(e) => return Err(e),
    };
    covered(site, &Topics::of(site, year).await?, standing.as_ref()).await
}

/// How far a year covers the topics, at whatever provider.
pub(crate) async fn covered(
    site: &Site,
    topics: &Topics,
    standing: Option<&hours::Standing>,
) -> Result<Vec<Covered>> {
    let learned = standing.map(learned).unwrap_or_default();
    let codes: HashSet<String> = learned.keys().cloned().collect();
    let rows = store::by_codes(&site.db, &codes).await?;
    let offered = store::public_courses(&site.db, topics.policy.year).await?;
    let named = |topic: &str| topics.policy.topic(topic).map(str::to_owned).unwrap_or_default();
    let mut found: Vec<Covered> = topics.policy.topics.iter().map(|t| none(t)).collect();
    found.push(none(""));
    for row in &rows {
        let hours = learned.get(&format!("{}:{}", row.provider, row.course)).copied().unwrap_or_default();
        let name = named(&row.topic);
        if let Some(covered) = found.iter_mut().find(|c| c.name == name) {
            covered.hours = covered.hours.plus(hours);
            covered.learned += 1;
        }
    }
    for row in offered.iter().filter(|r| !topics.is_outside((&r.id, Subject::Public, &r.topic))) {
        let name = named(&row.topic);
        if let Some(covered) = found.iter_mut().find(|c| c.name == name) {
            covered.courses += 1;
        }
    }
    found.retain(|c| !c.name.is_empty() || c.courses > 0 || c.learned > 0);
    Ok(found)
}

fn none(name: &str) -> Covered {
    Covered { name: name.to_owned(), hours: Hours::ZERO, learned: 0, courses: 0 }
}

/// The public courses that count in a year, by code.
fn learned(standing: &hours::Standing) -> HashMap<String, Hours> {
    let counted: HashMap<&str, Hours> =
        standing.assessment.credits.iter().map(|c| (c.id.as_ref(), c.counted)).collect();
    let text = |c: &Value, key: &str| c.get(key).and_then(Value::as_str).map(str::to_owned);
    let mut learned = HashMap::new();
    for credit in standing.record.get("credits").and_then(Value::as_array).into_iter().flatten() {
        let is_public = text(credit, "subject").as_deref() == Some("public");
        let hours = text(credit, "id").and_then(|id| counted.get(id.as_str()).copied()).unwrap_or_default();
        if let Some(code) = text(credit, "course").filter(|_| is_public && hours > Hours::ZERO) {
            let sum = learned.entry(code).or_insert(Hours::ZERO);
            *sum = sum.plus(hours);
        }
    }
    learned
}
