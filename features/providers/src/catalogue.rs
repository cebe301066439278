//! The merged catalogue: each provider's courses, fetched from it and kept; facts that hours depend on never change.
use base::{Error, Fen, Result, Subject, person::Code};
use db::params;
use outside::http::{Call, Method};
use serde::Deserialize;
use site::Site;

use crate::{
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

#[derive(Deserialize)]
struct Item {
    id: String,
    title: String,
    subject: String,
    #[serde(default)]
    topic: String,
    price: Fen,
    free: bool,
    lectures: Vec<Lecture>,
}

#[derive(Deserialize)]
struct Lecture {
    seconds: f64,
}

/// Fetches every provider's catalogue; one that does not answer is tried again by its job.
pub async fn sync_all(site: &Site) -> Result<()> {
    for provider in store::all(&site.db).await? {
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
    let answer = site.http.send(call).await?;
    if answer.status != 200 {
        return Err(Error::internal(format!("{name} answered {} to its catalogue", answer.status)));
    }
    let answer: Answer = serde_json::from_slice(&answer.body).map_err(Error::internal)?;
    if answer.items.len() > MOST_COURSES {
        return Err(Error::internal(format!("{name} lists more than {MOST_COURSES} courses")));
    }
    write(site, &provider, answer.items).await
}

async fn write(site: &Site, provider: &Provider, items: Vec<Item>) -> Result<()> {
    let now = site.now();
    let rows = items.iter().filter(|i| Subject::from_code(&i.subject).is_some()).map(|i| {
        let id: base::EntryId = site.new_id();
        // Lengths are whole seconds of at most a year; a hostile number becomes zero and counts nothing.
        let total: f64 = i.lectures.iter().map(|l| l.seconds.floor()).sum();
        let seconds =
            if total.is_finite() && (0.0..31_536_000.0).contains(&total) { whole_seconds(total) } else { 0 };
        params![id, provider.id, i.id, i.title, i.subject, i.topic, seconds, i.price, i.free, true, now]
    });
    let rows = rows.collect();
    let tx = site.db.begin().await?;
    store::write_courses(&tx, provider.id, rows, now).await?;
    tx.commit().await
}

#[expect(clippy::cast_possible_truncation, reason = "the caller checked the range")]
fn whole_seconds(total: f64) -> i64 {
    total as i64
}
