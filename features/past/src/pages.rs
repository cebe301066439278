//! The past in the browser: pick a day, see a unit's figures or a person's year as of its checkpoint.
use askama::Template;
use axum::extract::{Path, Query, State};
use base::{Day, Error, Hours, PersonId, Result, Year, person::Code};
use hours::{
    Moment, Standing,
    story::{self, Line},
};
use site::{Access, Frame, Reply, Routes, Site, Visitor, Years, dates, html};
use statistics::Row;

use crate::{
    READERS,
    asked::{self, Asked},
    figures::{self, Figures, One, Wanted},
};

pub(crate) fn routes() -> Routes {
    Routes::new().get("/past", Access::Roles(READERS), units).get("/me/past", Access::SignedIn, mine).get(
        "/people/{id}/past",
        Access::SignedIn,
        of_person,
    )
}

/// So many people stand on a page.
const PAGE: i64 = 50;

/// A refusal to be shown on the page: a day that is not past or not sealed yet.
fn said(site: &Site, error: Error) -> Result<String> {
    let Error::Refused(p) = &error else { return Err(error) };
    let is_told = !p.fields.is_empty()
        || matches!(p.code, "day_not_sealed" | "profile_incomplete" | "policy_not_published");
    if is_told { Ok(site.texts.refusal(p)) } else { Err(error) }
}

#[derive(Template)]
#[template(path = "past/units.html")]
struct UnitsPage {
    frame: Frame,
    unit: String,
    year: Year,
    years: Years,
    on: String,
    last: Day,
    error: String,
    is_in_the_making: bool,
    seen: Option<Seen>,
}

/// What a moment shows of a scope.
struct Seen {
    then: Moment,
    /// That last year's rules held then; empty where the year had its own.
    rules: String,
    at: String,
    all: Row,
    rows: Vec<Row>,
    people: Vec<One>,
    next: Option<String>,
}

impl UnitsPage {
    fn address(&self, path: &str, unit: &str) -> String {
        format!("{path}?unit={unit}&year={}&on={}", self.year, self.on)
    }

    fn state(&self, one: &One) -> String {
        self.frame.word("stats-state", &one.outcome.state.code())
    }

    fn person(&self, one: &One) -> String {
        format!("/people/{}/past?year={}&on={}", one.id, self.year, self.on)
    }
}

async fn units(State(site): State<Site>, visitor: Visitor, Query(q): Query<Asked>) -> Reply {
    let scope = q.scope(&site, &visitor.actor).await?;
    let yesterday = base::day::day_of(site.now()).yesterday().map_err(Error::internal)?;
    let mut page = UnitsPage {
        frame: Frame::of(&site, &visitor, "/past", "page-past"),
        unit: q.unit.clone().unwrap_or_default(),
        year: q.year(&site).unwrap_or_else(|_| site.desk_year()),
        years: hours::years(&site).await?,
        on: q.on.clone().filter(|d| !d.is_empty()).unwrap_or_else(|| yesterday.to_string()),
        last: yesterday,
        error: String::new(),
        is_in_the_making: false,
        seen: None,
    };
    let then = match q.moment(&site).await {
        Ok(then) => then,
        Err(e) => {
            page.error = said(&site, e)?;
            return html(&page);
        }
    };
    let wanted = Wanted { on: q.on(&site)?.to_string(), year: page.year, paths: scope.paths.clone() };
    match figures::of(&site, &wanted, &then).await {
        Ok(Figures::Made(rows)) => {
            let mut all = Row::default();
            for row in &rows {
                all.add(row);
            }
            let found = figures::people(&site, (&scope, page.year), (q.after(), PAGE), &then).await?;
            let next = found.last.filter(|_| found.people.len() == usize::try_from(PAGE).unwrap_or(0));
            let at = dates::minute(then.at);
            let rules = hours::in_force_at(&site.db, page.year, &then).await?.words_then(&site);
            page.seen = Some(Seen { then, rules, at, all, rows, people: found.people, next });
        }
        Ok(Figures::InTheMaking) => page.is_in_the_making = true,
        Err(e) => page.error = said(&site, e)?,
    }
    html(&page)
}

#[derive(Template)]
#[template(path = "past/person.html")]
struct PersonPage {
    frame: Frame,
    name: String,
    path: String,
    back: String,
    year: Year,
    years: Years,
    on: String,
    last: Day,
    error: String,
    story: Option<Story>,
}

struct Story {
    then: Moment,
    /// That last year's rules held then; empty where the year had its own.
    rules: String,
    at: String,
    standing: Standing,
    lines: Vec<Line>,
    sentences: Vec<String>,
}

impl Story {
    fn short(&self) -> Hours {
        self.standing.assessment.shortfall.total
    }
}

async fn mine(State(site): State<Site>, visitor: Visitor, Query(q): Query<Asked>) -> Reply {
    let me = visitor.actor.person;
    shown(&site, &visitor, me, &q).await
}

async fn of_person(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(q): Query<Asked>,
) -> Reply {
    let person = asked::person(&site, &visitor.actor, id.parse()?).await?;
    shown(&site, &visitor, person, &q).await
}

async fn shown(site: &Site, visitor: &Visitor, person: PersonId, q: &Asked) -> Reply {
    let is_own = person == visitor.actor.person;
    let yesterday = base::day::day_of(site.now()).yesterday().map_err(Error::internal)?;
    let place = if is_own { "/hours" } else { "/people" };
    let mut page = PersonPage {
        frame: Frame::of(site, visitor, place, "page-past"),
        name: org::person(&site.db, person).await?.name,
        path: if is_own { "/me/past".to_owned() } else { format!("/people/{person}/past") },
        back: if is_own { "/hours".to_owned() } else { format!("/people/{person}") },
        year: q.year_of(site, person).await.unwrap_or_else(|_| site.desk_year()),
        years: hours::years(site).await?,
        on: q.on.clone().filter(|d| !d.is_empty()).unwrap_or_else(|| yesterday.to_string()),
        last: yesterday,
        error: String::new(),
        story: None,
    };
    match story(site, person, page.year, q).await {
        Ok(story) => page.story = Some(story),
        Err(e) => page.error = said(site, e)?,
    }
    html(&page)
}

async fn story(site: &Site, person: PersonId, year: Year, q: &Asked) -> Result<Story> {
    let then = q.moment(site).await?;
    let standing = hours::standing_at(&site.db, person, year, &then).await?;
    let lines = story::lines(site, &standing).await?;
    let sentences = rules::explain::year(&standing.policy, &standing.assessment);
    let sentences = sentences.iter().map(|s| story::sentence(site, s)).collect();
    let rules = hours::in_force_at(&site.db, year, &then).await?.words_then(site);
    Ok(Story { at: dates::minute(then.at), then, rules, standing, lines, sentences })
}
