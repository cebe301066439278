//! The ledger as a story: what counted, what did not and why, what is missing, what to do next. Changing the year or the
//! filter swaps only the part under the title; without script the whole page comes.
mod policies;

use std::collections::HashMap;

use askama::Template;
use axum::{
    extract::{Query, State},
    http::HeaderMap,
};
use base::{Hours, Year, person::Code};
use rules::explain::{self, Sentence};
use serde::Deserialize;
use serde_json::{Value, json};
use site::{Access, Frame, Reply, Routes, Site, Visitor, html};

use crate::{
    entry::EntryKind,
    policy,
    standing::{Standing, standing},
    store,
};

pub(crate) fn routes() -> Routes {
    Routes::new().get("/hours", Access::SignedIn, ledger_page).and(policies::routes())
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

/// One entry in words.
struct Line {
    id: String,
    title: String,
    source: String,
    subject: String,
    on: String,
    hours: String,
    counted: String,
    is_full: bool,
    is_reversed: bool,
    why: String,
    clause: String,
    hash: String,
}

impl Line {
    fn is_shown(&self, show: &Show) -> bool {
        match show {
            Show::All => true,
            Show::Counted => self.is_full,
            Show::Uncounted => !self.is_full,
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
}

#[derive(Template)]
#[template(path = "hours/ledger.html")]
struct LedgerPage {
    frame: Frame,
    year: Year,
    years: Vec<Year>,
    show: Show,
    is_provisional: bool,
    story: Option<Story>,
}

/// The same part alone, for htmx.
#[derive(Template)]
#[template(path = "hours/_year.html")]
struct YearPart {
    frame: Frame,
    year: Year,
    years: Vec<Year>,
    show: Show,
    is_provisional: bool,
    story: Option<Story>,
}

async fn ledger_page(
    State(site): State<Site>,
    visitor: Visitor,
    headers: HeaderMap,
    Query(q): Query<YearQuery>,
) -> Reply {
    let year = q.year.and_then(|y| y.parse().ok()).unwrap_or_else(|| site.this_year());
    let show = q.show.and_then(|s| Show::from_code(&s)).unwrap_or_default();
    let story = match standing(&site.db, visitor.actor.person, year).await {
        Ok(standing) => Some(story(&site, standing).await?),
        Err(e) if e.code() == "profile_incomplete" => None,
        Err(e) => return Err(e.into()),
    };
    let is_provisional = policy::in_force(&site.db, year).await?.is_provisional;
    let years = policy::published_years(&site.db).await?;
    let frame = Frame::of(&site, &visitor, "/hours", "page-hours");
    if headers.get("HX-Request-Type").is_some_and(|kind| kind == "partial") {
        return html(&YearPart { frame, year, years, show, is_provisional, story });
    }
    html(&LedgerPage { frame, year, years, show, is_provisional, story })
}

async fn story(site: &Site, standing: Standing) -> base::Result<Story> {
    let providers = store::provider_titles(&site.db).await?;
    let mut lines = lines(site, &standing, &providers)?;
    lines.extend(reversed(site, &standing, &providers));
    let missing = explain::year(&standing.policy, &standing.assessment);
    let missing = missing.iter().map(|s| sentence(site, s)).collect();
    let months = months(&standing)?;
    let (chart, chart_words) = chart(&months, standing.policy.required.total);
    Ok(Story { standing, lines, missing, months, chart, chart_words })
}

fn sentence(site: &Site, sentence: &Sentence<'_>) -> String {
    let args: Vec<(&str, &str)> = sentence.args.iter().map(|(k, v)| (*k, v.as_str())).collect();
    site.texts.with(sentence.code, &args)
}

fn source(site: &Site, providers: &HashMap<String, String>, source: &str) -> String {
    providers.get(source).cloned().unwrap_or_else(|| site.texts.get(&format!("source-{source}")))
}

fn lines(site: &Site, standing: &Standing, providers: &HashMap<String, String>) -> base::Result<Vec<Line>> {
    let text = standing.record.to_string();
    let record = rules::record::read(&text, &standing.policy).map_err(base::Error::internal)?;
    let entries: HashMap<String, &crate::Entry> =
        standing.entries.iter().map(|e| (e.id.to_string(), e)).collect();
    let line = |(credit, result): (&rules::record::Credit<'_>, &rules::assess::CreditResult<'_>)| {
        let entry = entries.get(&*credit.id)?;
        let why = explain::credit(&standing.policy, credit, result);
        Some(Line {
            id: credit.id.to_string(),
            title: entry.title.clone(),
            source: source(site, providers, &entry.source),
            subject: site.texts.get(&format!("subject-{}", entry.subject.code())),
            on: credit.day().to_string(),
            hours: result.hours.to_string(),
            counted: result.counted.to_string(),
            is_full: result.reason.is_none(),
            is_reversed: false,
            why: sentence(site, &why),
            clause: why.clause.to_owned(),
            hash: entry.hash.chars().take(12).collect(),
        })
    };
    Ok(record.credits.iter().zip(&standing.assessment.credits).filter_map(line).collect())
}

/// Credits that were taken back, each with the reason that the reversal gives.
fn reversed(site: &Site, standing: &Standing, providers: &HashMap<String, String>) -> Vec<Line> {
    let reversals = standing.entries.iter().filter(|e| e.kind == EntryKind::Reversal);
    let line = |e: &crate::Entry| {
        let facts: Value = serde_json::from_str(&e.facts).unwrap_or_default();
        let reason = facts.get("reason").and_then(Value::as_str).unwrap_or_default();
        Line {
            id: e.id.to_string(),
            title: e.title.clone(),
            source: source(site, providers, &e.source),
            subject: site.texts.get(&format!("subject-{}", e.subject.code())),
            on: base::day::day_of(e.at).to_string(),
            hours: e.hours.to_string(),
            counted: "0".to_owned(),
            is_full: false,
            is_reversed: true,
            why: site.texts.with("credit_reversed", &[("reason", reason)]),
            clause: String::new(),
            hash: e.hash.chars().take(12).collect(),
        }
    };
    reversals.map(line).collect()
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

/// The year as a line against what is required: the chart's option, and the same in words.
fn chart(months: &[Month], required: Hours) -> (String, String) {
    let number = |h: Hours| h.to_string().parse::<f64>().unwrap_or(0.0);
    let values: Vec<f64> = months.iter().map(|m| number(m.total)).collect();
    let names: Vec<String> = months.iter().map(|m| m.month.to_string()).collect();
    let words: Vec<String> = months.iter().map(|m| format!("{}: {}", m.month, m.total)).collect();
    let option = json!({
        "tooltip": {"trigger": "axis"},
        "xAxis": {"type": "category", "data": names},
        "yAxis": {"type": "value", "min": 0},
        "series": [{"type": "line", "step": "end", "areaStyle": {"opacity": 0.08}, "data": values,
            "markLine": {"silent": true, "symbol": "none", "data": [{"yAxis": number(required)}]}}],
    });
    (option.to_string().replace('<', "\\u003c"), words.join(", "))
}
