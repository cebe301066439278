//! The course page of the management platform, and the way to a provider.
use askama::Template;
use axum::{
    extract::{Path, State},
    http::{HeaderValue, header},
};
use serde::Deserialize;
use site::{Access, Form, Frame, Reply, Routes, Site, Visitor, html, see_other};

use crate::{
    catalogue::{CourseListed, listed},
    launch,
    provider::{Card, cards},
    store,
};

pub(crate) fn routes() -> Routes {
    Routes::new().get("/courses", Access::SignedIn, courses).post(
        "/providers/{name}/launch",
        Access::SignedIn,
        open_provider,
    )
}

struct Line {
    course: CourseListed,
    hours: String,
}

#[derive(Template)]
#[template(path = "providers/courses.html")]
struct CoursesPage {
    frame: Frame,
    lines: Vec<Line>,
    providers: Vec<Card>,
}

async fn courses(State(site): State<Site>, visitor: Visitor) -> Reply {
    let policy = hours::in_force(&site.db, site.this_year()).await?.policy;
    let line = |course: CourseListed| {
        let hours = policy.course_hours(course.minutes);
        let hours = if hours == base::Hours::ZERO {
            site.texts.get("hours-below-step")
        } else {
            site.texts.with("hours-worth", &[("hours", &hours.to_string())])
        };
        Line { course, hours }
    };
    let lines = listed(&site, "", 200).await?.into_iter().map(line).collect();
    let frame = Frame::of(&site, &visitor, "/courses", "page-courses");
    let mut response = html(&CoursesPage { frame, lines, providers: cards(&site).await? })?;
    let policy = form_policy(&site).await?;
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    Ok(response)
}

#[derive(Deserialize)]
struct Target {
    #[serde(default)]
    to: String,
}

async fn open_provider(
    State(site): State<Site>,
    visitor: Visitor,
    Path(name): Path<String>,
    Form(form): Form<Target>,
) -> Reply {
    let url = launch::launch(&site, &visitor, &name, Some(form.to.as_str())).await?;
    Ok(see_other(&url))
}

/// A form that is redirected to a provider needs the provider in `form-action`: the registered addresses and no other.
pub async fn form_policy(site: &Site) -> base::Result<HeaderValue> {
    let origins: Vec<String> = store::all(&site.db).await?.into_iter().map(|p| p.site_url).collect();
    let policy = format!(
        "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; img-src 'self' data:; \
         form-action 'self' {}",
        origins.join(" ")
    );
    HeaderValue::from_str(&policy).map_err(base::Error::internal)
}
