//! The ledger as a story: what counted, what did not and why, what is missing, what to do next. Changing the year or the
//! filter swaps only the part under the title; without script the whole page comes.
mod checkpoints;
mod policies;

use askama::Template;
use axum::{
    extract::{Query, State},
    http::HeaderMap,
};
use base::{Hours, Year, person::Code};
use rules::explain;
use serde::Deserialize;
use serde_json::json;
use site::{Access, Frame, Reply, Routes, Site, Visitor, Years, html};

use crate::{
    as_of::AsOf,
    policy,
    standing::{Standing, opening_year, standing},
    store_circumstances::waiting_hours,
    story::{self, Line, sentence},
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/hours", Access::SignedIn, ledger_page)
        .and(checkpoints::routes())
        .and(policies::routes())
}

#[derive(Deserialize)]
struct YearQuery {
    year: Option<String>,
    show: Option<String>,
}

/// Which entries are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Show {
    /// All of them.
    #[default]
    All,
    /// Those that count in full.
    Counted,
    /// Those that do not count, or not in full.
    Uncounted,
}

impl Code for Show {}

impl Show {
    fn is(self, code: &str) -> bool {
        self.code() == code
    }
}

impl Show {
    fn shows(self, line: &Line) -> bool {
        match self {
            Self::All => true,
            Self::Counted => line.is_full,
            Self::Uncounted => !line.is_full,
        }
    }
}

/// The hours reached by the end of a month.
struct Month {
    month: i8,
    total: Hours,
}

/// The part that changes with the year and the filter.
struct Story {
    standing: Standing,
    lines: Vec<Line>,
    missing: Vec<String>,
    months: Vec<Month>,
    chart: String,
    chart_words: String,
    as_of: String,
    /// Claimed and not decided yet.
    waiting: Hours,
    /// That a course finished now counts in the next year.
    courses: String,
}

#[derive(Template)]
#[template(path = "hours/ledger.html")]
struct LedgerPage {
    frame: Frame,
    year: Year,
    years: Years,
    show: Show,
    /// What is to be known of a year that takes no more entries.
    closed: String,
    story: Option<Story>,
}

/// The same part alone, for htmx.
#[derive(Template)]
#[template(path = "hours/_year.html")]
struct YearPart {
    frame: Frame,
    year: Year,
    years: Years,
    show: Show,
    /// What is to be known of a year that takes no more entries.
    closed: String,
    story: Option<Story>,
}

async fn ledger_page(
    State(site): State<Site>,
    visitor: Visitor,
    headers: HeaderMap,
    Query(q): Query<YearQuery>,
) -> Reply {
    let year = opening_year(&site, visitor.actor.person, q.year.as_deref()).await?;
    let show = q.show.and_then(|s| Show::from_code(&s)).unwrap_or_default();
    let story = match standing(&site.db, visitor.actor.person, year).await {
        Ok(standing) => Some(story(&site, standing).await?),
        Err(e) if e.code() == "profile_incomplete" => None,
        Err(e) => return Err(e.into()),
    };
    let closed = story.as_ref().map_or_else(String::new, |s| s.standing.closed_words(&site));
    let years = policy::years(&site).await?;
    let frame = Frame::of(&site, &visitor, "/hours", "page-hours");
    if headers.get("HX-Request-Type").is_some_and(|kind| kind == "partial") {
        return html(&YearPart { frame, year, years, show, closed, story });
    }
    html(&LedgerPage { frame, year, years, show, closed, story })
}

async fn story(site: &Site, standing: Standing) -> base::Result<Story> {
    let lines = story::lines(site, &standing).await?;
    let missing = explain::year(&standing.policy, &standing.assessment);
    let missing = missing.iter().map(|s| sentence(site, s)).collect();
    let months = months(&standing)?;
    let (chart, chart_words) = chart(&months, standing.assessment.required.total);
    let (person, year) = (standing.person.id, standing.assessment.year);
    let as_of = AsOf::of_person(site, person, year).await?.words(site);
    let waiting = waiting_hours(&site.db, person, year).await?;
    let courses = standing.courses_words(site);
    Ok(Story { standing, lines, missing, months, chart, chart_words, as_of, waiting, courses })
}

/// The sum of counted hours by the end of each month; what a make-up brought after the year belongs to its last month.
fn months(standing: &Standing) -> base::Result<Vec<Month>> {
    let text = standing.record.to_string();
    let record = rules::record::read(&text, &standing.policy).map_err(base::Error::internal)?;
    let last = standing.assessment.year.last_day();
    let mut total = Hours::ZERO;
    let counted: Vec<(i8, Hours)> = record
        .credits
        .iter()
        .zip(&standing.assessment.credits)
        .map(|(credit, result)| (credit.day().min(last).month(), result.counted))
        .collect();
    let month = |month: i8| {
        let of_month = counted.iter().filter(|(m, _)| *m == month);
        total = of_month.fold(total, |sum, (_, hours)| sum.plus(*hours));
        Month { month, total }
    };
    Ok((1..=12).map(month).collect())
}

/// The year as a line against what is required, if anything is: the chart's option, and the same in words.
fn chart(months: &[Month], required: Hours) -> (String, String) {
    let number = |h: Hours| h.to_string().parse::<f64>().unwrap_or(0.0);
    let values: Vec<f64> = months.iter().map(|m| number(m.total)).collect();
    let names: Vec<String> = months.iter().map(|m| m.month.to_string()).collect();
    let words: Vec<String> = months.iter().map(|m| format!("{}: {}", m.month, m.total)).collect();
    // The line of what is required is always in the picture.
    let most = months.iter().map(|m| m.total).fold(required, Hours::max).hundredths() / 1000 * 10 + 10;
    let asked = if required > Hours::ZERO { json!([{"yAxis": number(required)}]) } else { json!([]) };
    let option = json!({
        "tooltip": {"trigger": "axis"},
        "xAxis": {"type": "category", "data": names},
        "yAxis": {"type": "value", "min": 0, "max": most},
        "series": [{"type": "line", "step": "end", "areaStyle": {"opacity": 0.08}, "data": values,
            "markLine": {"silent": true, "symbol": "none", "data": asked}}],
    });
    (option.to_string().replace('<', "\\u003c"), words.join(", "))
}
