//! The merged catalogue: each provider's courses, fetched from it and kept; facts that hours depend on never change.
use base::{Error, Fen, Result, Subject, day, person::Code};
use db::{Conn, params};
use outside::http::{Call, Method};
use serde::Deserialize;
use serde_json::Value;
use site::Site;

use crate::{
    outward,
    provider::Provider,
    standing::Standing,
    store::{self, CourseRow},
    waiting,
};

/// The job that fetches a provider's catalogue.
pub(crate) const SYNC: &str = "providers.sync_catalogue";
/// More courses than this from one provider are refused.
const MOST_COURSES: usize = 20_000;
/// A list has at most so many pages.
const MOST_PAGES: usize = 100;

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

/// A list page by page (contract, "HTTP").
#[derive(Deserialize)]
struct Answer {
    items: Vec<Value>,
    #[serde(default)]
    next: Option<String>,
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
        refresh(site, &site.db, &provider).await?;
    }
    Ok(())
}

/// Has one provider's catalogue fetched soon.
pub(crate) async fn refresh(site: &Site, conn: &impl Conn, provider: &Provider) -> Result<()> {
    outward::ask(site, conn, &provider.id.to_string(), (SYNC, &provider.name, &provider.name)).await
}

/// Fetches one provider's catalogue. A course that is not in order is left out, and spoils no other.
pub(crate) async fn sync(site: &Site, name: &str) -> Result<()> {
    let provider = store::by_name(&site.db, name).await?;
    let items = read_all(site, &provider).await?;
    let items = items.map_err(|problem| Error::internal(format!("the catalogue of {name}: {problem}")))?;
    let good: Vec<Item> = items.iter().filter_map(|item| judge(item).ok()).collect();
    if good.len() < items.len() {
        tracing::warn!(provider = name, left_out = items.len() - good.len(), "courses that are not in order");
    }
    write(site, &provider, &good, List { name: None, is_whole: true }).await
}

/// What a provider lists, or the code of what is wrong with its answer.
pub(crate) async fn read_all(
    site: &Site,
    provider: &Provider,
) -> Result<std::result::Result<Vec<Value>, String>> {
    let (mut items, mut after) = (vec![], None::<String>);
    for _ in 0..MOST_PAGES {
        let mut url = format!("{}/api/v1/courses", provider.site_url);
        if let Some(after) = &after {
            let query =
                url::form_urlencoded::Serializer::new(String::new()).append_pair("after", after).finish();
            url = format!("{url}?{query}");
        }
        let headers = vec![("accept".into(), "application/json".into())];
        let call = Call { method: Method::GET, url, headers, body: vec![] };
        let answer = outward::call(site, &provider.id.to_string(), call).await?;
        if answer.status != 200 {
            return Ok(Err(format!("http_{}", answer.status)));
        }
        let Ok(read) = serde_json::from_slice::<Value>(&answer.body) else {
            return Ok(Err("no_json".into()));
        };
        let Ok(page) = serde_json::from_value::<Answer>(read) else { return Ok(Err("no_items".into())) };
        items.extend(page.items);
        if items.len() > MOST_COURSES {
            return Ok(Err("too_many_courses".into()));
        }
        match page.next {
            Some(next) if after.as_ref() != Some(&next) => after = Some(next),
            _ => return Ok(Ok(items)),
        }
    }
    Ok(Err("too_many_courses".into()))
}

/// Reads one course of a list; the code of what is wrong with it.
pub(crate) fn judge(item: &Value) -> std::result::Result<Item, &'static str> {
    let item: Item = serde_json::from_value(item.clone()).map_err(|_| "course_unreadable")?;
    if item.id.is_empty() || item.id.chars().count() > 100 || item.id.chars().any(char::is_control) {
        return Err("course_id");
    }
    if item.title.trim().is_empty()
        || item.title.chars().count() > 200
        || [&item.title, &item.topic, &item.teacher].iter().any(|t| t.chars().any(char::is_control))
        || item.topic.chars().count().max(item.teacher.chars().count()) > 200
    {
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

/// The list that courses are named in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct List<'a> {
    /// The provider's name of a list in parts.
    pub name: Option<&'a str>,
    /// Whether it is complete with these, so that what no part of it named is taken off.
    pub is_whole: bool,
}

/// Writes courses of a provider, and takes off its list what a whole one does not name.
pub(crate) async fn write(site: &Site, provider: &Provider, items: &[Item], list: List<'_>) -> Result<()> {
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
    let began_at = match list.name {
        Some(name) => store::lists::begin(&tx, (provider.id, name), now).await?,
        None => day::millis(now),
    };
    store::write_courses(&tx, rows).await?;
    if list.is_whole {
        // Whatever was written since the list began is listed, whether by a part of it or because it was read meanwhile.
        store::lists::unlist_before(&tx, provider.id, began_at).await?;
        store::lists::end(&tx, provider.id, list.name.unwrap_or_default()).await?;
    }
    if provider.standing == Standing::Live {
        waiting::rouse(site, &tx, provider.id).await?;
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
