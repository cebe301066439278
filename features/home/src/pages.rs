//! The first page: where do I stand and what next; for administrators, how their people stand. And help.
use askama::Template;
use axum::{
    extract::{Query, State},
    http::{HeaderMap, header},
};
use base::{Error, Hours, Role, Year, day};
use certificates::Certificate;
use hours::{AsOf, Standing};
use rules::explain;
use serde::Deserialize;
use site::{Access, Frame, Reply, Routes, Site, Visitor, Years, dates, html, see_other};
use supervision::Brief;

use crate::{
    help,
    store::{self, Counts},
};

const ADMINISTRATORS: &[Role] = &[Role::UnitAdmin, Role::Authority];

pub(crate) fn routes() -> Routes {
    Routes::new().get("/", Access::SignedIn, first).get("/me", Access::SignedIn, my_year).get(
        "/help",
        Access::Public,
        help,
    )
}

#[derive(Deserialize)]
struct YearQuery {
    year: Option<String>,
}

async fn first(state: State<Site>, visitor: Visitor, query: Query<YearQuery>) -> Reply {
    let is_provider = visitor.actor.grants.iter().all(|g| g.role == Role::Provider);
    if visitor.actor.has(ADMINISTRATORS) {
        desk(state, visitor, query).await
    } else if is_provider && !visitor.actor.grants.is_empty() {
        // Whoever only looks after a course platform has no year of their own.
        Ok(see_other("/provider"))
    } else {
        my_year(state, visitor, query).await
    }
}

/// A subject's bar.
struct Bar {
    label: String,
    earned: Hours,
    required: Hours,
}

impl Bar {
    fn is_asked(&self) -> bool {
        self.required > Hours::ZERO
    }
    fn is_full(&self) -> bool {
        self.earned >= self.required
    }
    fn shown(&self) -> String {
        format!("{} / {}", self.earned, self.required)
    }
}

#[derive(Template)]
#[template(path = "home/year.html")]
struct YearPage {
    frame: Frame,
    year: Year,
    years: Years,
    deadline: String,
    days_left: i64,
    open_until: Option<String>,
    providers: Vec<providers::Card>,
    news: News,
    /// Of those whom a head of department looks after.
    brief: Option<Brief>,
    /// What is to be known of a year that takes no more entries.
    closed: String,
    view: Option<View>,
}

/// What waits to be read.
struct News {
    notices: Vec<notices::Headline>,
    messages: i64,
}

/// So many notices stand on the first page.
const MOST_NOTICES: i64 = 3;

async fn news(site: &Site, visitor: &Visitor) -> Result<News, Error> {
    Ok(News {
        notices: notices::unread(site, &visitor.actor, MOST_NOTICES).await?,
        messages: messages::unread(&site.db, visitor.actor.person).await?,
    })
}

/// A trainee's year, ready to be drawn.
struct View {
    standing: Standing,
    bars: Vec<Bar>,
    outer: u8,
    inner: u8,
    sentences: Vec<String>,
    certificate: Option<Certificate>,
    waits_for_profile: bool,
    waiting: Hours,
    as_of: String,
    /// That a course finished now counts in the next year.
    courses: String,
}

async fn my_year(State(site): State<Site>, visitor: Visitor, Query(q): Query<YearQuery>) -> Reply {
    let year = hours::opening_year(&site, visitor.actor.person, q.year.as_deref()).await?;
    let view = match hours::standing(&site.db, visitor.actor.person, year).await {
        Ok(standing) => Some(view(&site, standing).await?),
        Err(e) if e.code() == "profile_incomplete" => None,
        Err(e) => return Err(e.into()),
    };
    let in_force = hours::in_force(&site.db, year).await?;
    let closes_on = in_force.policy.closes_on;
    let today = day::day_of(site.now());
    let deadline = view.as_ref().map_or(year.last_day(), |v| v.standing.deadline());
    let is_open_still = today > deadline && today <= closes_on;
    let path = if visitor.actor.has(ADMINISTRATORS) { "/me" } else { "/" };
    let page = YearPage {
        frame: Frame::of(&site, &visitor, path, "page-home"),
        year,
        years: hours::years(&site).await?,
        deadline: dates::long(&site.texts, deadline),
        days_left: dates::days_between(today, deadline),
        open_until: is_open_still.then(|| dates::long(&site.texts, closes_on)),
        providers: providers::cards(&site).await?,
        news: news(&site, &visitor).await?,
        closed: view.as_ref().map_or_else(String::new, |v| v.standing.closed_words(&site)),
        brief: if path == "/" { supervision::brief(&site, &visitor.actor, Some(year)).await? } else { None },
        view,
    };
    let mut response = html(&page)?;
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, providers::form_policy(&site).await?);
    Ok(response)
}

async fn view(site: &Site, standing: Standing) -> Result<View, Error> {
    let certificate = certificates::of_year(site, standing.person.id, standing.assessment.year).await?;
    // Of whoever is exempt or not obliged nothing is asked, and nothing is short.
    let required = standing.assessment.required;
    let is_asked = standing.assessment.is_asked();
    let percent = |earned: Hours, of: Hours| if is_asked { earned.percent_of(of) } else { 0 };
    let earned = &standing.assessment.earned;
    let bar = |subject: &str, earned, required| Bar {
        label: site.texts.get(&format!("subject-{subject}")),
        earned,
        required,
    };
    let bars = vec![
        bar("public", earned.public, required.public),
        bar("professional", earned.professional, required.professional),
    ];
    let text = |s: &explain::Sentence<'_>| {
        let args: Vec<(&str, &str)> = s.args.iter().map(|(k, v)| (*k, v.as_str())).collect();
        site.texts.with(s.code, &args)
    };
    let sentences = explain::year(&standing.policy, &standing.assessment).iter().map(text).collect();
    let waiting = hours::waiting_hours(&site.db, standing.person.id, standing.assessment.year).await?;
    let as_of = AsOf::of_person(site, standing.person.id, standing.assessment.year).await?;
    Ok(View {
        waiting,
        as_of: as_of.words(site),
        courses: standing.courses_words(site),
        outer: percent(earned.public, required.public),
        inner: percent(earned.professional, required.professional),
        waits_for_profile: standing.assessment.certificate && !standing.person.missing().is_empty(),
        bars,
        sentences,
        certificate,
        standing,
    })
}

#[derive(Template)]
#[template(path = "home/desk.html")]
struct DeskPage {
    frame: Frame,
    unit: String,
    years: Years,
    counts: Counts,
    brief: Option<Brief>,
    news: News,
    today: String,
    as_of: String,
}

async fn desk(State(site): State<Site>, visitor: Visitor, Query(q): Query<YearQuery>) -> Reply {
    let asked = q.year.and_then(|y| y.parse().ok());
    let brief = supervision::brief(&site, &visitor.actor, asked).await?;
    let scope = visitor.actor.scope(ADMINISTRATORS);
    let counts = match &brief {
        // Of many people the hourly numbers tell the same, without counting a province for a page.
        Some(b) if b.all.people > site.settings.counted_most => Counts {
            people: b.all.people,
            activated: b.all.people - b.all.never_signed_in - b.all.phone_unbound,
            incomplete: b.all.profile_incomplete,
        },
        _ => store::counts(&site.db, &scope).await?,
    };
    let today = dates::long(&site.texts, day::day_of(site.now()));
    let frame = Frame::of(&site, &visitor, "/", "page-desk");
    let news = news(&site, &visitor).await?;
    let as_of = match &brief {
        Some(b) => AsOf::of_many(&site, b.year, b.as_of).await?.words(&site),
        None => String::new(),
    };
    let years = hours::years(&site).await?;
    html(&DeskPage { frame, unit: visitor.unit.clone(), years, counts, brief, news, today, as_of })
}

#[derive(Template)]
#[template(path = "home/help.html")]
struct HelpPage {
    frame: Frame,
    answers: Vec<help::Answer>,
    contact: Option<accounts::Contact>,
}

async fn help(State(site): State<Site>, visitor: Option<Visitor>, headers: HeaderMap) -> Reply {
    let frame = match &visitor {
        Some(visitor) => Frame::of(&site, visitor, "/help", "page-help"),
        None => Frame::plain(&site, &site.texts.get("page-help")),
    };
    let contact = accounts::contact_here(&site, &headers).await?;
    html(&HelpPage { frame, answers: help::answers(&site), contact })
}
