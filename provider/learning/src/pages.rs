//! The pages of learning: a course, what the learner has learned.
use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use base::{Error, PersonId, Result, day};
use catalogue::{AskNeeds, Course, Needs};
use site::{Access, Frame, Reply, Routes, Site, Visitor, dates, html, see_other};

use crate::{
    enrol,
    outlook::{self, Outlook},
    quiz::{self, Stage},
    standing,
    standing::CourseStanding,
    store_completions,
    store_completions::Done,
    store_enrolments,
};

pub(crate) fn routes(needs: &AskNeeds) -> Routes {
    let ask = Arc::clone(needs);
    let course = move |State(site): State<Site>, visitor: Option<Visitor>, Path(id): Path<String>| {
        let ask = Arc::clone(&ask);
        async move { course(&site, &ask, visitor, &id).await }
    };
    Routes::new()
        .get("/courses/{id}", Access::Public, course)
        .post("/courses/{id}/enroll", Access::SignedIn, enrol_in)
        .get("/me", Access::SignedIn, me)
}

#[derive(Template)]
#[template(path = "learning/course.html")]
struct CoursePage {
    frame: Frame,
    standing: CourseStanding,
    is_enrolled: bool,
    stage: Stage,
    outlook: Outlook,
    needs: Option<Arc<Needs>>,
    /// The last day to learn a withdrawn course.
    open_until: Option<String>,
    /// Whether the completion of this year was confirmed; none where there is no completion.
    confirmed: Option<bool>,
}

async fn course(site: &Site, ask: &AskNeeds, visitor: Option<Visitor>, id: &str) -> Reply {
    let course = catalogue::course(&site.db, id).await?;
    let learner = visitor.as_ref().map(|v| v.actor.person);
    let mut frame = match &visitor {
        Some(visitor) => Frame::of(site, visitor, "/", "page-provider-courses"),
        None => Frame::plain(site, ""),
    };
    frame.title.clone_from(&course.title);
    let (is_enrolled, stage) = match learner {
        Some(learner) => place(site, learner, &course).await?,
        None => (false, Stage::NoQuiz),
    };
    let needs = match learner {
        Some(learner) => ask(site.clone(), learner).await,
        None => None,
    };
    let confirmed = match learner {
        Some(learner) => store_completions::confirmed(&site.db, learner, &course.id).await?,
        None => None,
    };
    let reached = standing::reached(site, learner).await?;
    let open_until = course.open_until().map(dates::minute);
    let standing = standing::of(course, &reached, "");
    let is_done = stage == Stage::Complete || (stage == Stage::NoQuiz && standing.is_complete());
    let outlook = outlook::of(site.now(), standing.seconds_left(), is_done);
    html(&CoursePage { frame, standing, is_enrolled, stage, outlook, needs, open_until, confirmed })
}

impl CoursePage {
    /// The subject in which the year counts the course, as far as the management platform has said.
    fn subject(&self) -> &str {
        let course = &self.standing.course;
        self.needs.as_ref().map_or(course.subject.as_str(), |needs| needs.subject(course))
    }

    fn is_outside(&self) -> bool {
        self.subject() != self.standing.course.subject
    }

    /// Where the course was learned this year.
    fn learned_at(&self) -> Option<&str> {
        self.needs.as_ref()?.learned_at(&self.standing.course.id)
    }
}

/// Whether the learner is enrolled, and how far with the quiz.
async fn place(site: &Site, learner: PersonId, course: &Course) -> Result<(bool, Stage)> {
    let Some(round) = enrol::round(site, learner, course).await? else {
        return Ok((false, Stage::NoQuiz));
    };
    let done = store_completions::of_learner(&site.db, learner).await?;
    let is_done = done.iter().any(|d| d.course_id == course.id && d.round == round);
    Ok((true, quiz::stage(site, learner, course, is_done).await?))
}

async fn enrol_in(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let course = match enrol::enrol(&site, visitor.actor.person, &id).await {
        Err(Error::Refused(p)) if p.code == "payment_required" => {
            let order = p.extra.get("order").and_then(|o| o.get("url")).and_then(serde_json::Value::as_str);
            return Ok(see_other(order.unwrap_or("/orders")));
        }
        enrolled => enrolled?,
    };
    let first = course.lectures.first().map(|l| format!("/lectures/{}", l.id));
    Ok(see_other(&first.unwrap_or_else(|| format!("/courses/{}", course.id))))
}

/// What became of a completed course at the management platform.
struct Told {
    completed_on: String,
    status: String,
    reason: String,
    is_confirmed: bool,
}

struct Learned {
    standing: CourseStanding,
    told: Option<Told>,
}

#[derive(Template)]
#[template(path = "learning/me.html")]
struct MePage {
    frame: Frame,
    courses: Vec<Learned>,
}

async fn me(State(site): State<Site>, visitor: Visitor) -> Reply {
    let learner = visitor.actor.person;
    let enrolled = store_enrolments::courses(&site.db, learner).await?;
    let reached = standing::reached(&site, Some(learner)).await?;
    let done = store_completions::of_learner(&site.db, learner).await?;
    let mut all = catalogue::all(&site.db).await?;
    let mut courses = Vec::with_capacity(enrolled.len());
    for id in enrolled {
        let Some(at) = all.iter().position(|c| c.id == id) else { continue };
        let course = all.swap_remove(at);
        let round = enrol::round(&site, learner, &course).await?;
        let told = done.iter().find(|d| d.course_id == id && Some(d.round) == round).map(|d| told(&site, d));
        courses.push(Learned { standing: standing::of(course, &reached, ""), told });
    }
    html(&MePage { frame: Frame::of(&site, &visitor, "/me", "page-my-learning"), courses })
}

fn told(site: &Site, done: &Done) -> Told {
    let code = done.reason.as_deref().unwrap_or("");
    let key = format!("provider-reason-{code}");
    let reason = if site.texts.has(&key) { site.texts.get(&key) } else { code.to_owned() };
    let completed_on = dates::long(&site.texts, day::day_of(day::from_millis(done.completed_at)));
    Told { completed_on, status: done.status.clone(), reason, is_confirmed: done.confirmed_at.is_some() }
}
