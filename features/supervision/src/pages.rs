//! Supervision as pages: the numbers by unit, and the list behind each, which prints as a list of who to talk to.
use askama::Template;
use axum::extract::{Query, State};
use base::{Hours, Year};
use site::{Access, Frame, Page, Reply, Routes, Site, Visitor, Years, html};

use crate::{
    SUPERVISORS,
    api::{self, Asked},
    budget::KEEPERS,
    overview::{self, Row},
    store::Someone,
};

pub(crate) fn routes() -> Routes {
    Routes::new().get("/supervision", Access::Roles(SUPERVISORS), overview_page).get(
        "/supervision/people",
        Access::Roles(SUPERVISORS),
        people_page,
    )
}

/// An address with its query written as addresses are.
fn address(path: &str, pairs: &[(&str, &str)]) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(pairs.iter().filter(|(_, value)| !value.is_empty()));
    format!("{path}?{}", query.finish())
}

/// An address that a year's number completes.
fn up_to_year(path: &str, pairs: &[(&str, &str)]) -> String {
    let start = address(path, pairs);
    format!("{}year=", if start.ends_with('?') { start } else { format!("{start}&") })
}

#[derive(Template)]
#[template(path = "supervision/overview.html")]
struct OverviewPage {
    frame: Frame,
    year: Year,
    years: Years,
    unit: String,
    as_of: String,
    all: Row,
    rows: Vec<Row>,
    is_by_subtree: bool,
    is_keeper: bool,
}

impl OverviewPage {
    /// The address of the same numbers up to the year.
    fn of_year(&self) -> String {
        up_to_year("/supervision", &[("unit", &self.unit)])
    }

    fn people(&self, row: &Row, which: &str) -> String {
        let year = self.year.to_string();
        let (unit, key) = match (self.is_by_subtree, row.unit.is_empty()) {
            (true, false) => (row.unit.as_str(), ""),
            _ => (self.unit.as_str(), row.unit.as_str()),
        };
        address(
            "/supervision/people",
            &[("year", year.as_str()), ("unit", unit), ("key", key), ("which", which)],
        )
    }

    /// Where the numbers of what lies below a row are.
    fn inside(&self, row: &Row) -> String {
        if !self.is_by_subtree {
            return String::new();
        }
        address("/supervision", &[("year", &self.year.to_string()), ("unit", &row.unit)])
    }

    fn range(&self, row: &Row) -> String {
        if row.late_low == row.late_high {
            row.late_low.to_string()
        } else {
            format!("{}–{}", row.late_low, row.late_high)
        }
    }

    fn open(&self, row: &Row) -> i64 {
        row.late_high - row.late_low
    }
}

async fn overview_page(State(site): State<Site>, visitor: Visitor, Query(q): Query<Asked>) -> Reply {
    let year = q.year(&site)?;
    let mut frame = Frame::of(&site, &visitor, "/supervision", "page-supervision");
    if let (Some(people), Some(texted)) = (q.reminded, q.texted) {
        let words = [("people", people.to_string()), ("texted", texted.to_string())];
        let words: Vec<(&str, &str)> = words.iter().map(|(k, v)| (*k, v.as_str())).collect();
        frame = frame.with_flash("done", site.texts.with("supervise-reminded", &words));
    }
    let scope = overview::scope(&site, &visitor.actor, q.unit.as_deref()).await?;
    let shown = overview::shown(&site, &scope, year).await?;
    let as_of = overview::as_of(&site, &scope, year, &shown).await?;
    html(&OverviewPage {
        frame,
        year,
        years: hours::years(&site).await?,
        unit: q.unit.unwrap_or_default(),
        as_of: as_of.words(&site),
        all: shown.all,
        rows: shown.rows,
        is_by_subtree: shown.is_by_subtree,
        is_keeper: visitor.actor.has(KEEPERS),
    })
}

#[derive(Template)]
#[template(path = "supervision/people.html")]
struct PeoplePage {
    frame: Frame,
    year: Year,
    /// Reminders are of this year's hours.
    may_remind: bool,
    /// Trainings are booked by administrators.
    may_book: bool,
    unit: String,
    key: String,
    which: String,
    years: Years,
    as_of: String,
    /// The address of the same list up to the year.
    of_year: String,
    people: Page<Someone>,
    back: String,
    next: String,
    export: String,
    calls: String,
}

impl PeoplePage {
    fn hours(&self, hundredths: &i64) -> String {
        Hours::from_hundredths(*hundredths).to_string()
    }

    fn title(&self) -> String {
        self.frame.word("supervise", if self.which.is_empty() { "all" } else { &self.which })
    }
}

async fn people_page(State(site): State<Site>, visitor: Visitor, Query(q): Query<Asked>) -> Reply {
    let people = api::behind(&site, &visitor, &q).await?;
    let year = q.year(&site)?;
    let text = year.to_string();
    let said = |value: &Option<String>| value.clone().unwrap_or_default();
    let (unit, key, which) = (said(&q.unit), said(&q.key), said(&q.which));
    let after = said(&people.next);
    let pairs =
        [("year", text.as_str()), ("unit", &unit), ("key", &key), ("which", &which), ("after", &after)];
    let scope = overview::scope(&site, &visitor.actor, q.unit.as_deref()).await?;
    html(&PeoplePage {
        frame: Frame::of(&site, &visitor, "/supervision", "page-supervision-people"),
        year,
        years: hours::years(&site).await?,
        as_of: statistics::as_of(&site, &scope, year).await?.words(&site),
        of_year: up_to_year("/supervision/people", &pairs[1..4]),
        people,
        back: address("/supervision", &[("year", &text), ("unit", &unit)]),
        next: address("/supervision/people", &pairs),
        export: address("/supervision/people.xlsx", &pairs[..4]),
        calls: address("/supervision/calls", &pairs[..4]),
        may_remind: year == site.this_year(),
        may_book: visitor.actor.has(KEEPERS),
        unit: unit.clone(),
        key: key.clone(),
        which: which.clone(),
    })
}
