//! The authority's page of public courses: the year's topics, what lies outside of them, and its marks.
use askama::Template;
use axum::extract::{Path, Query, State};
use base::{Error, Year};
use serde::Deserialize;
use site::{Access, Form, Frame, Reply, Routes, Site, Visitor, Years, html, see_other};

use crate::{
    standing::{self, KEEPERS, READERS},
    topics::{self, PublicCourses},
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/public-courses", Access::Roles(READERS), page)
        .post("/public-courses/{id}/mark", Access::Roles(KEEPERS), mark)
        .post("/public-courses/{id}/unmark", Access::Roles(KEEPERS), unmark)
}

#[derive(Template)]
#[template(path = "providers/public_courses.html")]
struct PublicPage {
    frame: Frame,
    years: Years,
    found: PublicCourses,
    is_keeper: bool,
}

#[derive(Deserialize)]
struct Asked {
    year: Option<String>,
}

async fn shown(site: &Site, visitor: &Visitor, year: Year) -> base::Result<PublicPage> {
    Ok(PublicPage {
        frame: Frame::of(site, visitor, "/providers", "page-public-courses"),
        years: hours::years(site).await?,
        found: topics::public_courses(site, visitor, year).await?,
        is_keeper: standing::is_keeper(&visitor.actor),
    })
}

async fn page(State(site): State<Site>, visitor: Visitor, Query(asked): Query<Asked>) -> Reply {
    let year = asked.year.and_then(|y| y.parse().ok()).unwrap_or_else(|| site.desk_year());
    html(&shown(&site, &visitor, year).await?)
}

#[derive(Deserialize)]
struct MarkForm {
    year: String,
    #[serde(default)]
    reason: String,
}

impl MarkForm {
    fn year(&self) -> base::Result<Year> {
        self.year.parse().map_err(|()| Error::invalid("year", "wrong_value"))
    }
}

async fn mark(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(form): Form<MarkForm>,
) -> Reply {
    let year = form.year()?;
    let marked = topics::mark(&site, &visitor, (&id, year), &form.reason).await;
    done(&site, &visitor, year, marked).await
}

async fn unmark(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(form): Form<MarkForm>,
) -> Reply {
    let year = form.year()?;
    let unmarked = topics::unmark(&site, &visitor, (&id, year)).await;
    done(&site, &visitor, year, unmarked).await
}

/// Back to the page, with what was refused above it.
async fn done(site: &Site, visitor: &Visitor, year: Year, result: base::Result<()>) -> Reply {
    match result {
        Ok(()) => Ok(see_other(&format!("/public-courses?year={year}"))),
        Err(Error::Refused(problem)) => {
            let mut page = shown(site, visitor, year).await?;
            page.frame = page.frame.with_refusal(&problem);
            html(&page)
        }
        Err(e) => Err(e.into()),
    }
}
