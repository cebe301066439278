//! The page of a lecture: a film, a document or a package, with the learner's progress beside it.
use std::collections::HashMap;

use askama::Template;
use axum::{
    extract::{Path, State},
    http::{HeaderValue, header},
};
use base::{Error, PersonId, Result};
use catalogue::{Kind, Lecture};
use packages::{Outcome, Package, Ticket};
use serde::Deserialize;
use site::{Access, Frame, Reply, Routes, Site, Visitor, html, see_other};

use crate::{
    enrol,
    outlook::{self, Outlook},
    standing,
    standing::CourseStanding,
};

pub(crate) fn routes() -> Routes {
    Routes::new().get("/lectures/{id}", Access::SignedIn, lecture)
}

/// A part of a package, with what it says of itself.
struct Part {
    /// Its identifier in the package.
    id: String,
    title: String,
    source: String,
    status: String,
    score: String,
}

impl Part {
    fn is_said(&self) -> bool {
        !self.status.is_empty()
    }
}

#[derive(Template)]
#[template(path = "learning/lecture.html")]
struct LecturePage {
    frame: Frame,
    lecture: Lecture,
    next: Option<Lecture>,
    standing: CourseStanding,
    outlook: Outlook,
    /// A document's reading times, as JSON.
    pages: String,
    parts: Vec<Part>,
    content_origin: String,
    /// Seconds between two reports of the player.
    report_every: i64,
}

async fn lecture(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let learner = visitor.actor.person;
    let lecture = catalogue::lecture(&site.db, &id).await?;
    let course = catalogue::course(&site.db, &lecture.course).await?;
    let round = match enrol::ensure(&site, learner, &course).await {
        Err(Error::Refused(_)) => return Ok(see_other(&format!("/courses/{}", course.id))),
        passed => passed?,
    };
    let next = course.lectures.iter().find(|l| l.place == lecture.place + 1).cloned();
    let reached = standing::reached(&site, Some(learner)).await?;
    let mut frame = Frame::of(&site, &visitor, "/", "page-provider-courses");
    frame.title.clone_from(&lecture.title);
    let standing = standing::of(course, &reached, &lecture.id);
    let page = LecturePage {
        frame,
        next,
        outlook: outlook::of(site.now(), standing.seconds_left(), false),
        standing,
        pages: pages(&lecture),
        parts: parts(&site, (learner, round), &lecture).await?,
        content_origin: site.settings.content_url.clone().unwrap_or_default(),
        report_every: rules::learning::REPORT_EVERY / 1_000,
        lecture,
    };
    let mut response = html(&page)?;
    let content = site.settings.content_url.as_deref().unwrap_or_default();
    let policy = format!(
        "{}; media-src 'self' blob:; worker-src 'self' blob:; connect-src 'self'; frame-src 'self' {content}",
        site::POLICY
    );
    let policy = HeaderValue::from_str(&policy).map_err(Error::internal)?;
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    Ok(response)
}

#[derive(Deserialize)]
struct Paged {
    pages: Vec<i64>,
}

fn pages(lecture: &Lecture) -> String {
    let read: Option<Paged> = Some(&lecture.detail)
        .filter(|_| lecture.kind == Kind::Document)
        .and_then(|detail| serde_json::from_str(detail).ok());
    read.and_then(|p| serde_json::to_string(&p.pages).ok()).unwrap_or_default()
}

/// The parts of a package with the addresses at which they are played; none without an origin for them.
async fn parts(site: &Site, (learner, round): (PersonId, i64), lecture: &Lecture) -> Result<Vec<Part>> {
    if lecture.kind != Kind::Package {
        return Ok(vec![]);
    }
    let package: Package = serde_json::from_str(&lecture.detail).map_err(Error::internal)?;
    let said = packages::outcomes(&site.db, learner, &lecture.id, round).await?;
    let mut said: HashMap<String, Outcome> = said.into_iter().map(|o| (o.item.clone(), o)).collect();
    let ticket = Ticket { learner, lecture: lecture.id.clone(), round };
    let one = |item: packages::Item| {
        let source = packages::frame_source(site, &ticket, &item.id)?;
        let outcome = said.remove(&item.id);
        let (status, score) = outcome.map(|o| (o.status, o.score.unwrap_or_default())).unwrap_or_default();
        Some(Part { id: item.id, title: item.title, source, status, score })
    };
    Ok(package.items.into_iter().filter_map(one).collect())
}
