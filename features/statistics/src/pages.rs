//! The figures as a page: a chart, its table, and the people behind each number.
use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Query, State};
use base::{Error, Hours, Result, Scope, Year, day, person::Code};
use serde::Deserialize;
use serde_json::{Value, json};
use site::{Access, Frame, Page, Paging, Reply, Routes, Site, Visitor, Years, html};

use crate::{
    READERS,
    api::StatsQuery,
    as_of,
    contribution::Dim,
    figures::{self, By, Row},
    kept,
    outcome::State as Outcome,
    picture::{self, Beside, drawn, percents},
    store_people::{self as store, Behind, Someone},
};

pub(crate) fn routes() -> Routes {
    Routes::new().get("/statistics", Access::Roles(READERS), overview).get(
        "/statistics/people",
        Access::Roles(READERS),
        people,
    )
}

/// A chart shows so many bars; the table shows all.
const BARS: usize = 20;
/// A page of units holds so many.
const UNITS: i64 = 200;

#[derive(Template)]
#[template(path = "statistics/overview.html")]
struct OverviewPage {
    frame: Frame,
    year: Year,
    years: Years,
    by: By,
    unit: String,
    /// Looked at, with the way back up.
    place: String,
    above: String,
    as_of: String,
    /// Where a past year finds everyone; empty for one that runs.
    grounds: String,
    all: Row,
    rows: Vec<Row>,
    /// Last year's percentages by key.
    before: BTreeMap<String, i64>,
    beside: Option<Beside>,
    chart: String,
    chart_words: String,
    next: Option<String>,
}

impl OverviewPage {
    fn choices(&self) -> [By; 13] {
        By::ALL
    }

    fn is_by(&self, by: &By) -> bool {
        self.by == *by
    }

    fn is_of_learning(&self) -> bool {
        self.by.is_of_learning()
    }

    fn address(&self, by: &By, year: &Year) -> String {
        format!("/statistics?year={year}&by={}&unit={}", by.code(), self.unit)
    }

    /// The address of the same figures up to the year.
    fn of_year(&self) -> String {
        format!("/statistics?by={}&unit={}&year=", self.by.code(), self.unit)
    }

    /// Where the figures of a line's own parts are, if it has any.
    fn inside(&self, row: &Row) -> String {
        let has = matches!(self.by, By::Below | By::City | By::County)
            && !row.key.is_empty()
            && row.key != self.unit;
        if has { format!("/statistics?year={}&by=below&unit={}", self.year, row.key) } else { String::new() }
    }

    fn people(&self, row: &Row, state: &str) -> String {
        if matches!(self.by, By::Topic | By::Month | By::Hour) {
            return String::new();
        }
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("year", &self.year.to_string()).append_pair("by", &self.by.code());
        query.append_pair("unit", &self.unit).append_pair("key", &row.key).append_pair("state", state);
        format!("/statistics/people?{}", query.finish())
    }

    fn before(&self, row: &Row) -> String {
        self.before.get(&row.key).map_or_else(String::new, |percent| format!("{percent} %"))
    }

    fn hours(&self, row: &Row) -> String {
        row.hours.unwrap_or(Hours::ZERO).to_string()
    }

    fn export(&self) -> String {
        format!("/statistics/overview.xlsx?year={}&by={}&unit={}", self.year, self.by.code(), self.unit)
    }

    fn charts(&self) -> String {
        format!("/statistics/charts?year={}&unit={}", self.year, self.unit)
    }
}

/// The rows of a page, with the sum of all and where the next page begins. Units of many people come page by page.
async fn page_of(
    site: &Site,
    scope: &Scope,
    (year, by): (Year, By),
    after: &str,
) -> Result<(Vec<Row>, Row, Option<String>)> {
    let dim = match by {
        By::Unit => Dim::Own,
        _ => Dim::Desk,
    };
    if matches!(by, By::Unit | By::Department) && kept::are_wanted(site, scope, year).await? {
        let found = kept::units(site, (year, dim), scope, (after, UNITS + 1)).await?;
        let page = Page::of(found, UNITS, |r| r.key.clone());
        let all = Row { entries: None, hours: None, ..kept::all(site, scope, year).await? };
        return Ok((page.items, all, page.next));
    }
    let rows = figures::rows(site, scope, year, by).await?;
    let all =
        if by.is_of_learning() { kept::all(site, scope, year).await? } else { figures::together(&rows) };
    Ok((rows, all, None))
}

#[derive(Deserialize)]
struct OverviewQuery {
    unit: Option<String>,
    year: Option<String>,
    by: Option<String>,
    after: Option<String>,
}

async fn overview(State(site): State<Site>, visitor: Visitor, Query(q): Query<OverviewQuery>) -> Reply {
    let asked = StatsQuery { unit: q.unit.clone(), year: q.year, by: q.by };
    let year = asked.year(&site)?;
    let scope = figures::scope(&site, &visitor.actor, q.unit.as_deref()).await?;
    let is_large = kept::are_wanted(&site, &scope, year).await?;
    let by = if asked.by.is_none() && is_large { By::Below } else { asked.by()? };
    let place = kept::place(&site, &scope).await?;
    let (rows, all, next) = page_of(&site, &scope, (year, by), q.after.as_deref().unwrap_or("")).await?;
    let next = next.map(|after| {
        format!(
            "/statistics?year={year}&by={}&unit={}&after={after}",
            by.code(),
            asked.unit.as_deref().unwrap_or("")
        )
    });
    let (chart, chart_words) = chart(&rows, by);
    html(&OverviewPage {
        frame: Frame::of(&site, &visitor, "/statistics", "page-statistics"),
        year,
        years: hours::years(&site).await?,
        by,
        unit: q.unit.unwrap_or_default(),
        above: place.as_ref().map(|u| above(&visitor, u, year)).unwrap_or_default(),
        beside: match &place {
            Some(unit) => picture::beside(&site, unit, year).await?,
            None => None,
        },
        place: place.map(|u| u.name).unwrap_or_default(),
        as_of: as_of::of(&site, &scope, year).await?.words(&site),
        grounds: hours::grounds(&site.db, year, day::day_of(site.now())).await?.words(&site),
        all,
        before: if by.is_of_learning() || next.is_some() {
            BTreeMap::new()
        } else {
            figures::percent_before(&site, &scope, year, by).await?
        },
        rows,
        chart,
        chart_words,
        next,
    })
}

/// The way up, where the visitor may look there.
fn above(visitor: &Visitor, unit: &org::Unit, year: Year) -> String {
    let path = unit.path.trim_end_matches('/');
    let Some((parent, _)) = path.rsplit_once('/') else { return String::new() };
    let parent = format!("{parent}/");
    if !visitor.actor.scope(READERS).holds(&parent) {
        return String::new();
    }
    kept::code_of(&parent)
        .map_or_else(String::new, |code| format!("/statistics?year={year}&by=below&unit={code}"))
}

/// The rows that need looking after most, as an option of the chart and in words; learning in its own order.
fn chart(rows: &[Row], by: By) -> (String, String) {
    let is_hours = by.is_of_learning();
    let hours = |r: &Row| r.hours.unwrap_or(Hours::ZERO);
    let mut shown: Vec<&Row> = rows.iter().filter(|r| is_hours || r.people > r.exempt).collect();
    if !is_hours && by != By::Band {
        shown.sort_by_key(|r| r.percent());
        shown.truncate(BARS);
    }
    let word = |r: &Row| if is_hours { hours(r).to_string() } else { format!("{} %", r.percent()) };
    let words: Vec<String> = shown.iter().map(|r| format!("{} {}", r.name, word(r))).collect();
    shown.reverse();
    let names: Vec<&str> = shown.iter().map(|r| r.name.as_str()).collect();
    let value = |r: &Row| drawn(if is_hours { hours(r).hundredths() } else { r.percent() }, is_hours);
    let values: Vec<Value> = shown.iter().map(|r| value(r)).collect();
    let (axis, unit) = if is_hours { (json!({"type": "value"}), "") } else { (percents(), " %") };
    let label = json!({"show": true, "position": "right", "formatter": format!("{{c}}{unit}")});
    let option = json!({"xAxis": axis, "yAxis": {"type": "category", "data": names},
        "series": [{"type": "bar", "data": values, "label": label}]});
    // `<` could end the script element that carries the option.
    (option.to_string().replace('<', "\\u003c"), words.join("; "))
}

#[derive(Deserialize)]
struct PeopleQuery {
    unit: Option<String>,
    year: Option<String>,
    by: Option<String>,
    key: Option<String>,
    state: Option<String>,
    after: Option<String>,
}

#[derive(Template)]
#[template(path = "statistics/people.html")]
struct PeoplePage {
    frame: Frame,
    year: Year,
    years: Years,
    as_of: String,
    /// Where a past year finds everyone; empty for one that runs.
    grounds: String,
    state: String,
    people: Page<Someone>,
    /// What the year asks for.
    required: Hours,
    back: String,
    next: String,
    /// The address of the same list up to the year.
    of_year: String,
}

impl PeoplePage {
    fn hours(&self, hundredths: &i64) -> String {
        Hours::from_hundredths(*hundredths).to_string()
    }

    /// What someone misses: all of it before anything was counted.
    fn short(&self, someone: &Someone) -> String {
        someone.short_hours.map_or(self.required, Hours::from_hundredths).to_string()
    }

    fn word(&self, kind: &str, code: &Option<String>) -> String {
        code.as_ref().map_or_else(String::new, |code| self.frame.word(kind, code))
    }
}

/// The path of the unit that a key names.
async fn path_of(site: &Site, by: By, key: &str) -> Result<Option<String>> {
    if key.is_empty() || !matches!(by, By::Unit | By::Department | By::City | By::County | By::Below) {
        return Ok(None);
    }
    Ok(Some(org::by_code(&site.db, key).await?.path))
}

async fn people(State(site): State<Site>, visitor: Visitor, Query(q): Query<PeopleQuery>) -> Reply {
    let asked = StatsQuery { unit: q.unit.clone(), year: q.year.clone(), by: q.by.clone() };
    let (year, by) = (asked.year(&site)?, asked.by()?);
    let scope = figures::scope(&site, &visitor.actor, q.unit.as_deref()).await?;
    let state = match q.state.as_deref().filter(|s| !s.is_empty()) {
        None => None,
        Some(code) => Some(Outcome::from_code(code).ok_or_else(|| Error::invalid("state", "wrong_value"))?),
    };
    let key = q.key.clone().unwrap_or_default();
    let path = path_of(&site, by, &key).await?;
    let of = hours::grounds(&site.db, year, day::day_of(site.now())).await?;
    let behind = Behind {
        of: &of,
        by,
        key: &key,
        path: path.as_deref(),
        state,
        is_kept: kept::are_wanted(&site, &scope, year).await?,
    };
    let paging = Paging { after: q.after.clone(), limit: Some(50) };
    let found = store::people(&site.db, &scope, &behind, &paging).await?;
    let people = Page::of(found, paging.limit(), |p| p.cursor(behind.is_kept));
    let (back, next, of_year) = addresses(&q, (year, by), people.next.as_deref());
    html(&PeoplePage {
        frame: Frame::of(&site, &visitor, "/statistics", "page-statistics-people"),
        year,
        years: hours::years(&site).await?,
        as_of: as_of::of(&site, &scope, year).await?.words(&site),
        grounds: of.words(&site),
        state: q.state.unwrap_or_default(),
        people,
        required: of.in_force.policy.required.total,
        back,
        next,
        of_year,
    })
}

/// Where the list comes from and goes on, and its address in another year up to that year.
fn addresses(q: &PeopleQuery, (year, by): (Year, By), after: Option<&str>) -> (String, String, String) {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("by", &by.code()).append_pair("unit", q.unit.as_deref().unwrap_or(""));
    let back = query.finish();
    let mut query = url::form_urlencoded::Serializer::new(back.clone());
    query.append_pair("key", q.key.as_deref().unwrap_or(""));
    query.append_pair("state", q.state.as_deref().unwrap_or(""));
    let same = query.finish();
    (
        format!("/statistics?year={year}&{back}"),
        format!("/statistics/people?year={year}&{same}&after={}", after.unwrap_or("")),
        format!("/statistics/people?{same}&year="),
    )
}
