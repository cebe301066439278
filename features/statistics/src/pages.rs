//! The figures as a page: a chart, its table, and the people behind each number.
use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Query, State};
use base::{Error, Hours, Year, person::Code};
use serde::Deserialize;
use serde_json::json;
use site::{Access, Frame, Page, Paging, Reply, Routes, Site, Visitor, dates, html};

use crate::{
    READERS,
    api::StatsQuery,
    figures::{self, By, Row},
    outcome::State as Outcome,
    store::{self, Behind, Someone},
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

#[derive(Template)]
#[template(path = "statistics/overview.html")]
struct OverviewPage {
    frame: Frame,
    year: Year,
    years: Vec<Year>,
    by: By,
    unit: String,
    as_of: String,
    all: Row,
    rows: Vec<Row>,
    /// Last year's percentages by key.
    before: BTreeMap<String, i64>,
    chart: String,
    chart_words: String,
}

impl OverviewPage {
    fn choices(&self) -> [By; 6] {
        By::ALL
    }

    fn is_by(&self, by: &By) -> bool {
        self.by == *by
    }

    fn address(&self, by: &By, year: &Year) -> String {
        format!("/statistics?year={year}&by={}&unit={}", by.code(), self.unit)
    }

    fn people(&self, row: &Row, state: &str) -> String {
        let (year, by, unit) = (self.year, self.by.code(), &self.unit);
        format!("/statistics/people?year={year}&by={by}&unit={unit}&key={}&state={state}", row.key)
    }

    fn before(&self, row: &Row) -> String {
        self.before.get(&row.key).map_or_else(String::new, |percent| format!("{percent} %"))
    }

    fn export(&self) -> String {
        format!("/statistics/overview.xlsx?year={}&by={}&unit={}", self.year, self.by.code(), self.unit)
    }
}

async fn overview(State(site): State<Site>, visitor: Visitor, Query(q): Query<StatsQuery>) -> Reply {
    let (year, by) = (q.year(&site)?, q.by()?);
    let scope = figures::scope(&site, &visitor.actor, q.unit.as_deref()).await?;
    let rows = figures::rows(&site, &scope, year, by).await?;
    let mut all = Row::default();
    for row in &rows {
        all.add(row);
    }
    let (chart, chart_words) = chart(&rows);
    html(&OverviewPage {
        frame: Frame::of(&site, &visitor, "/statistics", "page-statistics"),
        year,
        years: hours::published_years(&site.db).await?,
        by,
        unit: q.unit.unwrap_or_default(),
        as_of: dates::minute(site.now()),
        all,
        before: figures::percent_before(&site, &scope, year, by).await?,
        rows,
        chart,
        chart_words,
    })
}

/// The rows that need looking after most, as an option of the chart and in words.
fn chart(rows: &[Row]) -> (String, String) {
    let mut shown: Vec<&Row> = rows.iter().filter(|r| r.people > r.exempt).collect();
    shown.sort_by_key(|r| r.percent());
    shown.truncate(BARS);
    let words: Vec<String> = shown.iter().map(|r| format!("{} {} %", r.name, r.percent())).collect();
    shown.reverse();
    let names: Vec<&str> = shown.iter().map(|r| r.name.as_str()).collect();
    let values: Vec<i64> = shown.iter().map(|r| r.percent()).collect();
    let option = json!({
        "xAxis": {"type": "value", "max": 100, "axisLabel": {"formatter": "{value} %"}},
        "yAxis": {"type": "category", "data": names},
        "series": [{"type": "bar", "data": values, "label": {"show": true, "position": "right", "formatter": "{c} %"}}],
    });
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
    state: String,
    people: Page<Someone>,
    back: String,
    next: String,
}

impl PeoplePage {
    fn hours(&self, hundredths: &i64) -> String {
        Hours::from_hundredths(*hundredths).to_string()
    }

    fn word(&self, kind: &str, code: &Option<String>) -> String {
        code.as_ref().map_or_else(String::new, |code| self.frame.word(kind, code))
    }
}

async fn people(State(site): State<Site>, visitor: Visitor, Query(q): Query<PeopleQuery>) -> Reply {
    let asked = StatsQuery { unit: q.unit.clone(), year: q.year.clone(), by: q.by.clone() };
    let (year, by) = (asked.year(&site)?, asked.by()?);
    let scope = figures::scope(&site, &visitor.actor, q.unit.as_deref()).await?;
    let state = match q.state.as_deref().filter(|s| !s.is_empty()) {
        None => None,
        Some(code) => Some(Outcome::from_code(code).ok_or_else(|| Error::invalid("state", "wrong_value"))?),
    };
    let key = q.key.unwrap_or_default();
    let latest_join = hours::in_force(&site.db, year).await?.policy.latest_join;
    let behind = Behind { year, latest_join, by, key: &key, state };
    let paging = Paging { after: q.after, limit: Some(50) };
    let found = store::people(&site.db, &scope, &behind, &paging).await?;
    let people = Page::of(found, paging.limit(), |p| p.id.clone());
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("year", &year.to_string()).append_pair("by", &by.code());
    query.append_pair("unit", q.unit.as_deref().unwrap_or(""));
    let back = format!("/statistics?{}", query.finish());
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("year", &year.to_string()).append_pair("by", &by.code()).append_pair("key", &key);
    query
        .append_pair("unit", q.unit.as_deref().unwrap_or(""))
        .append_pair("state", q.state.as_deref().unwrap_or(""));
    query.append_pair("after", people.next.as_deref().unwrap_or(""));
    let next = format!("/statistics/people?{}", query.finish());
    let state = q.state.unwrap_or_default();
    html(&PeoplePage {
        frame: Frame::of(&site, &visitor, "/statistics", "page-statistics-people"),
        year,
        state,
        people,
        back,
        next,
    })
}
