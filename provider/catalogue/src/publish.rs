//! Publishing: films that are missing are made, courses that are missing are written. What is published stays as it is,
//! so a later start finds everything and is quick.
use std::{collections::HashSet, path::Path};

use base::{Error, Fen, Result};
use documents::Typesetter;
use site::Site;
use tokio::fs;

use crate::{
    Course, Lecture,
    lectures::{self, CourseSource, Workshop},
    store,
};

/// Publishes the provider's courses; `provider` is the slug of its content.
pub async fn publish(site: &Site, typesetter: &Typesetter, provider: &str, media_dir: &Path) -> Result<()> {
    let sources = lectures::courses(provider).map_err(Error::internal)?;
    let theme = lectures::theme(provider).map_err(Error::internal)?;
    let published: HashSet<String> = store::all(&site.db).await?.into_iter().map(|c| c.id).collect();
    if is_ready(&sources, &published, media_dir).await {
        return Ok(());
    }
    fs::create_dir_all(media_dir).await.map_err(Error::internal)?;
    let workshop = Workshop::open(typesetter.clone()).await;
    let mut courses = Vec::with_capacity(sources.len());
    for source in &sources {
        let mut made = Vec::with_capacity(source.lectures.len());
        for (lecture, place) in source.lectures.iter().zip(1_i64..) {
            let film = lectures::make(&workshop, source, lecture, &theme, media_dir)
                .await
                .map_err(Error::internal)?;
            made.push(Lecture {
                id: lecture.id.clone(),
                course: source.id.clone(),
                place,
                title: lecture.title.clone(),
                seconds: i64::from(film.seconds),
            });
        }
        courses.push(course(source, made));
    }
    let tx = site.db.begin().await?;
    store::insert(&tx, &courses, site.now()).await?;
    tx.commit().await
}

/// Whether every course is published and every film is there.
async fn is_ready(sources: &[CourseSource], published: &HashSet<String>, media_dir: &Path) -> bool {
    if !sources.iter().all(|c| published.contains(&c.id)) {
        return false;
    }
    for lecture in sources.iter().flat_map(|c| &c.lectures) {
        if !fs::try_exists(media_dir.join(&lecture.id).join("index.m3u8")).await.unwrap_or(false) {
            return false;
        }
    }
    true
}

fn course(source: &CourseSource, lectures: Vec<Lecture>) -> Course {
    let seconds: i64 = lectures.iter().map(|l| l.seconds).sum();
    Course {
        id: source.id.clone(),
        title: source.title.clone(),
        subject: source.subject.as_str().to_owned(),
        topic: source.topic.clone(),
        teacher: source.teacher.clone(),
        price: price(seconds / 60, i64::from(source.rate_fen)),
        free: source.free,
        lectures,
    }
}

/// The rate is for 40 minutes; a short course costs its share, so that none that costs stands there at 0.00.
fn price(minutes: i64, rate_fen: i64) -> Fen {
    Fen::new((minutes * rate_fen / 40).max(i64::from(rate_fen > 0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_course_costs_its_rate_for_each_forty_minutes() {
        for (minutes, rate, yuan) in
            [(1440, 400, "144.00"), (1, 400, "0.10"), (0, 400, "0.01"), (1440, 0, "0.00")]
        {
            assert_eq!(price(minutes, rate).to_string(), yuan);
        }
    }
}
