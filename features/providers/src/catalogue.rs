//! The merged catalogue: each provider's courses, fetched from it and kept; facts that hours depend on never change.
use base::{Error, Fen, Result, Subject, person::Code};
use db::params;
use outside::http::{Call, Method};
use serde::Deserialize;
use site::Site;

use crate::{
    outward,
    provider::Provider,
    store::{self, CourseRow},
};

/// The job that fetches a provider's catalogue.
pub(crate) const SYNC: &str = "providers.sync_catalogue";
/// More courses than this from one provider are refused.
const MOST_COURSES: usize = 5000;

/// A course as lists and pages show it.
#[derive(Clone, Debug)]
pub struct CourseListed {
    /// The management platform's id.
    pub id: String,
    /// The provider's short name.
    pub provider: String,
    /// The provider's full name.
    pub provider_title: String,
    /// The provider's id of it.
    pub course: String,
    /// The title.
    pub title: String,
    /// The subject.
    pub subject: Subject,
    /// The year's topic, or the field.
    pub topic: String,
    /// Its length, in whole minutes.
    pub minutes: u64,
    /// The price in all.
    pub price: Fen,
    /// Whether it costs nothing.
    pub is_free: bool,
    /// Who teaches it, or empty.
    pub teacher: String,
    /// The code of the course that it is the same as; empty is itself.
    pub canonical: String,
}

impl CourseListed {
    /// What a year counts once: the course that this one is the same as.
    pub fn code(&self) -> String {
        if self.canonical.is_empty() {
            format!("{}:{}", self.provider, self.course)
        } else {
            self.canonical.clone()
        }
    }
}

impl TryFrom<CourseRow> for CourseListed {
    type Error = Error;
    fn try_from(r: CourseRow) -> Result<Self> {
        Ok(Self {
            subject: Subject::from_code(&r.subject)
                .ok_or_else(|| Error::internal("unknown subject of a course"))?,
            minutes: u64::try_from(r.seconds / 60).unwrap_or(0),
            price: Fen::new(r.price),
            is_free: r.free,
            id: r.id,
            provider: r.provider,
            provider_title: r.provider_title,
            course: r.course,
            title: r.title,
            topic: r.topic,
            teacher: r.teacher,
            canonical: r.canonical,
        })
    }
}

/// Courses after a cursor, by id.
pub async fn listed(site: &Site, after: &str, limit: i64) -> Result<Vec<CourseListed>> {
    store::courses(&site.db, after, limit).await?.into_iter().map(CourseListed::try_from).collect()
}

/// Up to `most` listed courses in whose title or topic at least so many of the words stand.
pub async fn courses_with(site: &Site, words: (&[String], usize), most: i64) -> Result<Vec<CourseListed>> {
    store::courses_with(&site.db, words, most).await?.into_iter().map(CourseListed::try_from).collect()
}

#[derive(Deserialize)]
struct Answer {
    items: Vec<Item>,
}

/// A course as providers list it (contract, "On a provider").
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Item {
    pub id: String,
    pub title: String,
    subject: String,
    #[serde(default)]
    topic: String,
    #[serde(default)]
    teacher: String,
    price: Fen,
    free: bool,
    lectures: Vec<Lecture>,
}

#[derive(Clone, Debug, Deserialize)]
struct Lecture {
    seconds: f64,
}

/// Fetches every provider's catalogue; one that does not answer is tried again by its job.
pub async fn sync_all(site: &Site) -> Result<()> {
    let all = store::all(&site.db).await?;
    for provider in all.into_iter().filter(|p| p.standing.has_keys()) {
        site.enqueue_once(&site.db, SYNC, &provider.name, &provider.name).await?;
    }
    Ok(())
}

/// Fetches one provider's catalogue.
pub(crate) async fn sync(site: &Site, name: &str) -> Result<()> {
    let provider = store::by_name(&site.db, name).await?;
    let call = Call {
        method: Method::GET,
        url: format!("{}/api/v1/courses", provider.site_url),
        headers: vec![("accept".into(), "application/json".into())],
        body: vec![],
    };
    let answer = outward::call(site, &provider.id.to_string(), call).await?;
    if answer.status != 200 {
        return Err(Error::internal(format!("{name} answered {} to its catalogue", answer.status)));
    }
    let answer: Answer = serde_json::from_slice(&answer.body).map_err(Error::internal)?;
    if answer.items.len() > MOST_COURSES {
        return Err(Error::internal(format!("{name} lists more than {MOST_COURSES} courses")));
    }
    write(site, &provider, &answer.items, true).await
}

/// Reads one course of a list; the code of what is wrong with it.
pub(crate) fn judge(item: &serde_json::Value) -> std::result::Result<Item, &'static str> {
    let item: Item = serde_json::from_value(item.clone()).map_err(|_| "course_unreadable")?;
    if item.id.is_empty() || item.id.chars().count() > 100 {
        return Err("course_id");
    }
    if item.title.trim().is_empty() || item.title.chars().count() > 200 {
        return Err("course_title");
    }
    if Subject::from_code(&item.subject).is_none() {
        return Err("course_subject");
    }
    if item.price < Fen::ZERO || item.free != (item.price == Fen::ZERO) {
        return Err("course_price");
    }
    if total_seconds(&item) < 60 {
        return Err("course_length");
    }
    Ok(item)
}

/// Writes courses of a provider; a whole catalogue takes what it does not name off the list.
pub(crate) async fn write(site: &Site, provider: &Provider, items: &[Item], is_whole: bool) -> Result<()> {
    let now = site.now();
    let rows = items.iter().filter(|i| Subject::from_code(&i.subject).is_some()).map(|i| {
        let id: base::EntryId = site.new_id();
        let seconds = total_seconds(i);
        params![
            id,
            provider.id,
            i.id,
            i.title,
            i.subject,
            i.topic,
            i.teacher,
            seconds,
            i.price,
            i.free,
            true,
            now
        ]
    });
    let rows = rows.collect();
    let tx = site.db.begin().await?;
    store::write_courses(&tx, rows).await?;
    if is_whole {
        store::unlist_others(&tx, provider.id, now).await?;
    }
    tx.commit().await
}

/// Lengths are whole seconds of at most a year; a hostile number becomes zero and counts nothing.
fn total_seconds(item: &Item) -> i64 {
    let total: f64 = item.lectures.iter().map(|l| l.seconds.floor()).sum();
    if total.is_finite() && (0.0..31_536_000.0).contains(&total) { whole_seconds(total) } else { 0 }
}

#[expect(clippy::cast_possible_truncation, reason = "the caller checked the range")]
fn whole_seconds(total: f64) -> i64 {
    total as i64
}
