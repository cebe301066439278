//! The course page of the management platform, and the way to a provider.
use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::{HeaderValue, header},
};
use base::{Fen, Subject, Year};
use serde::Deserialize;
use site::{Access, Form, Frame, Reply, Routes, Site, Visitor, Years, html, see_other};

use crate::{
    catalogue::{CourseListed, courses_with, listed},
    launch, mapping,
    provider::{Card, cards},
    store,
    topics::{self, Covered, Topics},
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
    /// What of its price can be reimbursed in the year, where something can.
    back: Option<Fen>,
    /// Where it was learned in the year already.
    learned: Option<String>,
    /// Whether it is a public course that the year counts in the professional subject.
    is_outside: bool,
}

#[derive(Template)]
#[template(path = "providers/courses.html")]
struct CoursesPage {
    frame: Frame,
    year: Year,
    years: Years,
    /// Of a year that is over: where a course finished now counts; empty for any other.
    counts_next: String,
    lines: Vec<Line>,
    providers: Vec<Card>,
    /// What is left of the year's allowance; none for whom the rules do not know enough of.
    left: Option<Fen>,
    /// How far the year's topics are covered.
    topics: Vec<Covered>,
    /// What was looked for; empty is everything.
    q: String,
    /// Where the list goes on.
    next: Option<String>,
}

/// A page shows so many courses.
const SHOWN: usize = 200;

#[derive(Deserialize)]
struct Looking {
    #[serde(default)]
    q: String,
    #[serde(default)]
    after: String,
    year: Option<String>,
}

impl Looking {
    /// The courses of a page of the list, or those with every word in title, topic, teacher or provider.
    async fn found(&self, site: &Site) -> base::Result<(Vec<CourseListed>, Option<String>)> {
        let most = i64::try_from(SHOWN).unwrap_or(i64::MAX);
        let words: Vec<String> = self.q.split_whitespace().take(8).map(str::to_owned).collect();
        if !words.is_empty() {
            return Ok((courses_with(site, (&words, words.len()), most).await?, None));
        }
        let page = listed(site, &self.after, most).await?;
        let next = page.last().filter(|_| page.len() == SHOWN).map(|c| c.id.clone());
        Ok((page, next))
    }
}

/// The year that the page tells of: as asked, else the one in which a course counts that is finished now. Not last year in
/// January, for no course counts in it any more, unless the visitor makes it up.
async fn year_of(site: &Site, visitor: &Visitor, asked: Option<&str>) -> base::Result<Year> {
    if let Some(year) = asked.and_then(|y| y.parse().ok()) {
        return Ok(year);
    }
    let open = hours::making_up(&site.db, visitor.actor.person, base::day::day_of(site.now())).await?;
    Ok(open.map_or_else(|| site.this_year(), |open| open.year))
}

async fn courses(State(site): State<Site>, visitor: Visitor, Query(looking): Query<Looking>) -> Reply {
    let shown = year_of(&site, &visitor, looking.year.as_deref()).await?;
    let year = Topics::of(&site, shown).await?;
    let standing = match hours::standing(&site.db, visitor.actor.person, shown).await {
        Ok(standing) => Some(standing),
        Err(e) if e.code() == "profile_incomplete" => None,
        Err(e) => return Err(e.into()),
    };
    let left = standing.as_ref().map(left_of_allowance);
    let taken = match &standing {
        Some(standing) => mapping::taken(&site, &standing.record).await?,
        None => vec![],
    };
    let topics = topics::covered(&site, &year, standing.as_ref()).await?;
    let line = |course: CourseListed| {
        let hours = year.policy.course_hours(course.minutes);
        let counts_as = year.subject(&course);
        let is_counted = hours > base::Hours::ZERO;
        let hours = if is_counted {
            site.texts.with("hours-worth", &[("hours", &hours.to_string())])
        } else {
            site.texts.get("hours-below-step")
        };
        // What gives no hours is no counted course, and nothing of it comes back (domain §5).
        let is_paid_back = counts_as == Subject::Professional && !course.is_free && is_counted;
        let code = course.code();
        Line {
            back: left.map(|left| left.min(course.price)).filter(|b| is_paid_back && *b > Fen::ZERO),
            learned: taken.iter().find(|t| t.head == code).map(|t| t.at.clone()),
            is_outside: counts_as != course.subject,
            course,
            hours,
        }
    };
    let (found, next) = looking.found(&site).await?;
    let lines = found.into_iter().map(line).collect();
    let frame = Frame::of(&site, &visitor, "/courses", "page-courses");
    let page = CoursesPage {
        frame,
        year: shown,
        years: hours::years(&site).await?,
        counts_next: standing.as_ref().map(|s| s.courses_words(&site)).unwrap_or_default(),
        lines,
        providers: cards(&site).await?,
        left,
        topics,
        q: looking.q,
        next,
    };
    let mut response = html(&page)?;
    let policy = form_policy(&site).await?;
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    Ok(response)
}

/// What is left of the allowance of the year (domain §5): before enrolling one sees what comes back.
fn left_of_allowance(standing: &hours::Standing) -> Fen {
    let counted =
        |id: &str| standing.assessment.credits.iter().any(|c| c.id == id && c.counted > base::Hours::ZERO);
    let fee = |c: &serde_json::Value| {
        let text = |key: &str| c.get(key).and_then(serde_json::Value::as_str).unwrap_or("");
        let is_charged = text("subject") == "professional" && counted(text("id"));
        Fen::parse(text("fee")).filter(|_| is_charged).unwrap_or(Fen::ZERO)
    };
    let credits = standing.record.get("credits").and_then(serde_json::Value::as_array);
    let used: Fen = credits.into_iter().flatten().map(fee).sum();
    Fen::new((standing.assessment.fees.allowance.fen() - used.fen()).max(0))
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
