//! Publishing: films that are missing are made, courses that are missing are written. What is published stays as it is,
//! so a later start finds everything and is quick. A course whose films are not there yet is announced as coming.
use std::path::{Path, PathBuf};

use base::{Error, Fen, Result};
use documents::Typesetter;
use site::Site;
use tokio::{fs, task::JoinHandle};

use crate::{
    Coming, Course, Kind, Lecture, Question, change,
    lectures::{self, CourseSource, QuestionSource, Theme, Workshop},
    price,
    store::{self, Origin},
    store_coming, store_questions,
};

/// Publishes the provider's courses; `provider` is the slug of its content. The first course is there when this answers;
/// the films of the others are made by the task that is given back, one course after another.
pub async fn publish(
    site: &Site,
    typesetter: &Typesetter,
    provider: &str,
    media_dir: &Path,
) -> Result<JoinHandle<()>> {
    let press = Press {
        site: site.clone(),
        workshop: Workshop::open(typesetter.clone()).await,
        theme: lectures::theme(provider).map_err(Error::internal)?,
        media_dir: media_dir.to_owned(),
    };
    fs::create_dir_all(media_dir).await.map_err(Error::internal)?;
    let mut sources = lectures::courses(provider).map_err(Error::internal)?;
    let order: Vec<String> = sources.iter().map(|c| c.id.clone()).collect();
    store_coming::announce(&site.db, &order, &waiting(&sources)).await?;
    // Short courses first, so that the long ones keep nobody waiting; the list shows the provider's own order.
    sources.sort_by_key(|c| (order.first() != Some(&c.id), c.characters()));
    let mut sources = sources.into_iter();
    if let Some(first) = sources.next() {
        press.publish(&first, &order).await?;
    }
    let rest: Vec<CourseSource> = sources.collect();
    Ok(tokio::spawn(async move {
        for source in &rest {
            if let Err(error) = press.publish(source, &order).await {
                tracing::error!(course = source.id, %error, "a course could not be made");
            }
        }
    }))
}

/// What courses are made with.
struct Press {
    site: Site,
    workshop: Workshop,
    theme: Theme,
    media_dir: PathBuf,
}

impl Press {
    /// Makes the films that are missing and publishes the course; what is published stays as it is.
    async fn publish(&self, source: &CourseSource, order: &[String]) -> Result<()> {
        let place = order.iter().position(|id| *id == source.id).map_or(0, |n| n + 1);
        let place = i64::try_from(place).unwrap_or(0);
        let mut made = Vec::with_capacity(source.lectures.len());
        for (lecture, number) in source.lectures.iter().zip(1_i64..) {
            let film = lectures::make(&self.workshop, source, lecture, &self.theme, &self.media_dir)
                .await
                .map_err(Error::internal)?;
            store_coming::made(&self.site.db, &source.id, number).await?;
            made.push(Lecture {
                id: lecture.id.clone(),
                course: source.id.clone(),
                place: number,
                title: lecture.title.clone(),
                seconds: i64::from(film.seconds),
                kind: Kind::Film,
                detail: String::new(),
            });
        }
        let tx = self.site.db.begin().await?;
        let is_new = store::insert(&tx, &course(source, made), place, self.site.now()).await?;
        store_questions::insert_questions(&tx, &source.id, &bank(source)).await?;
        store::withdraw_others(&tx, order, self.site.now()).await?;
        if is_new {
            change::changed(&self.site, &tx).await?;
        }
        tx.commit().await
    }
}

/// The courses as they are announced before their films are there.
fn waiting(sources: &[CourseSource]) -> Vec<Coming> {
    let one = |c: &CourseSource| Coming {
        id: c.id.clone(),
        title: c.title.clone(),
        lectures: i64::try_from(c.lectures.len()).unwrap_or(0),
        made: 0,
    };
    sources.iter().map(one).collect()
}

fn bank(source: &CourseSource) -> Vec<Question> {
    let one = |(q, n): (&QuestionSource, usize)| {
        let (correct, wrong) = q.options.split_first()?;
        let id = format!("{}-q{n}", source.id);
        Some(Question { id, prompt: q.prompt.clone(), correct: correct.clone(), wrong: wrong.to_vec() })
    };
    source.questions.iter().zip(1..).filter_map(one).collect()
}

fn course(source: &CourseSource, lectures: Vec<Lecture>) -> Course {
    let seconds: i64 = lectures.iter().map(|l| l.seconds).sum();
    let hours = price::hours(u64::try_from(seconds / 60).unwrap_or(0));
    let price = price(hours, i64::from(source.rate_fen));
    Course {
        id: source.id.clone(),
        title: source.title.clone(),
        subject: source.subject.as_str().to_owned(),
        topic: source.topic.clone(),
        teacher: source.teacher.clone(),
        price,
        free: price == Fen::ZERO,
        paper_size: i64::from(source.paper),
        audience: source.audience.clone(),
        origin: Origin::Delivered,
        withdrawn_at: None,
        replaced_at: None,
        lectures,
    }
}
