//! The front page: what this platform teaches, and for a learner what the year still lacks and what to take next.
use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use base::Result;
use catalogue::{AskNeeds, Coming, Course, Needs, Topic, Wanted};
use serde::Deserialize;
use site::{Access, Frame, Reply, Routes, Site, Visitor, html};

use crate::{recommend, store_completions};

pub(crate) fn routes(needs: &AskNeeds) -> Routes {
    let ask = Arc::clone(needs);
    let front = move |State(site): State<Site>, visitor: Option<Visitor>, Query(asked): Query<Asked>| {
        let ask = Arc::clone(&ask);
        async move { front(&site, &ask, visitor, asked).await }
    };
    Routes::new().get("/", Access::Public, front)
}

/// What the learner's year lacks, and what is worth taking.
struct Lacking {
    needs: Arc<Needs>,
    public: Vec<Course>,
    professional: Vec<Course>,
}

#[derive(Template)]
#[template(path = "learning/front.html")]
struct FrontPage {
    frame: Frame,
    courses: Vec<Course>,
    wanted: Wanted,
    coming: Vec<Coming>,
    lacking: Option<Lacking>,
    topics: Vec<Topic>,
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    q: String,
    #[serde(default)]
    subject: String,
    #[serde(default)]
    free: String,
}

async fn front(site: &Site, ask: &AskNeeds, visitor: Option<Visitor>, asked: Asked) -> Reply {
    let frame = match &visitor {
        Some(visitor) => Frame::of(site, visitor, "/", "page-provider-courses"),
        None => Frame::plain(site, &site.texts.get("page-provider-courses")),
    };
    let all = catalogue::all(&site.db).await?;
    let done = done(site, visitor.as_ref()).await?;
    let is_done = |c: &Course| done.contains(&c.id);
    let needs = match &visitor {
        Some(visitor) => ask(site.clone(), visitor.actor.person).await,
        None => None,
    };
    let names = needs.as_ref().map_or_else(catalogue::topic_names, |n| n.topics.clone());
    let topics = catalogue::by_topic(&names, &all, is_done);
    let worth = |needs: &Needs, subject| -> Vec<Course> {
        recommend::worth(&all, needs, subject, is_done).into_iter().cloned().collect()
    };
    let lacking = needs.map(|needs| Lacking {
        public: worth(&needs, "public"),
        professional: worth(&needs, "professional"),
        needs,
    });
    let wanted = Wanted { words: asked.q, subject: asked.subject, free: !asked.free.is_empty() };
    let courses = all.into_iter().filter(|c| c.is_offered() && wanted.fits(c)).collect();
    let coming = catalogue::coming(&site.db).await?;
    html(&FrontPage { frame, courses, wanted, coming, lacking, topics })
}

/// The courses that the visitor completed for this year.
async fn done(site: &Site, visitor: Option<&Visitor>) -> Result<Vec<String>> {
    let Some(visitor) = visitor else { return Ok(vec![]) };
    let done = store_completions::of_learner(&site.db, visitor.actor.person).await?;
    let year = i64::from(site.this_year().number());
    Ok(done.into_iter().filter(|d| d.year == year).map(|d| d.course_id).collect())
}
