//! A year as pictures with the tables behind them: what the page of charts draws, what the spreadsheet and the printed
//! report carry. All three come from the same sections, so that no number differs between them.
use base::{Hours, Result, Scope, Year};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use site::Site;

use crate::{
    figures::{self, By, Row},
    kept,
};

/// How a section is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Drawn {
    Funnel,
    Columns,
    Lines,
    Treemap,
    Bars,
}

/// A bar: what it stands for and how much that is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Bar {
    pub label: String,
    /// Hundredths of an hour, people or per cent.
    pub value: i64,
    pub shown: String,
    /// Last year's, where it is compared.
    #[serde(default)]
    pub before: Option<i64>,
    /// People, where the area tells them.
    #[serde(default)]
    pub people: Option<i64>,
}

/// A picture and its table.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Section {
    pub code: String,
    pub title: String,
    pub note: String,
    pub drawn: Drawn,
    pub bars: Vec<Bar>,
    pub heads: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

/// Everything told of a year in a scope.
pub(crate) async fn sections(site: &Site, scope: &Scope, year: Year) -> Result<Vec<Section>> {
    let of = |by| figures::rows(site, scope, year, by);
    let bands = of(By::Band).await?;
    let all = figures::together(&bands);
    let before = match Year::new(i64::from(year.number()) - 1) {
        Some(before) => kept::rows(site, scope, before, By::Month).await?,
        None => vec![],
    };
    let make = Make { site };
    let mut sections = vec![
        make.funnel(&all, &bands),
        make.people("bands", Drawn::Columns, &bands),
        make.months(&of(By::Month).await?, &before),
        make.learned("hours-of-day", Drawn::Columns, &of(By::Hour).await?),
    ];
    let counties = of(By::County).await?;
    if counties.len() > 1 {
        sections.push(make.rates("counties", Drawn::Treemap, &counties));
    }
    let below = of(By::Below).await?;
    if below.len() > 1 && counties.len() <= 1 {
        sections.push(make.rates("below", Drawn::Treemap, &below));
    }
    sections.push(make.rates("categories", Drawn::Bars, &of(By::Category).await?));
    sections.push(make.learned("providers", Drawn::Bars, &of(By::Provider).await?));
    sections.push(make.learned("topics", Drawn::Bars, &of(By::Topic).await?));
    sections.retain(|s| !s.rows.is_empty());
    Ok(sections)
}

/// How a place stands among those beside it: its rank from the top, of how many, and their rate together.
pub(crate) struct Beside {
    pub rank: usize,
    pub of: usize,
    pub percent: i64,
}

/// Compares a place with its siblings, without naming them.
pub(crate) async fn beside(site: &Site, unit: &org::Unit, year: Year) -> Result<Option<Beside>> {
    let above: Vec<&str> = unit.path.split('/').filter(|c| !c.is_empty()).collect();
    let Some(parent) = above.len().checked_sub(2).and_then(|n| above.get(n)) else { return Ok(None) };
    let rows = kept::directly_below(site, parent, year).await?;
    let Some(own) = rows.iter().find(|r| r.key == unit.code) else { return Ok(None) };
    let percent = figures::together(&rows).percent();
    let rank = rows.iter().filter(|r| r.percent() > own.percent()).count() + 1;
    Ok((rows.len() > 1).then_some(Beside { rank, of: rows.len(), percent }))
}

struct Make<'a> {
    site: &'a Site,
}

impl Make<'_> {
    fn section(&self, code: &str, drawn: Drawn, bars: Vec<Bar>, rows: Vec<Vec<String>>) -> Section {
        let text = |what: &str| self.site.texts.get(&format!("stats-{what}-{code}"));
        let heads = text("heads").split(' ').map(str::to_owned).collect();
        Section { code: code.to_owned(), title: text("title"), note: text("note"), drawn, bars, heads, rows }
    }

    fn funnel(&self, all: &Row, bands: &[Row]) -> Section {
        // From the fourth band on, half of the ninety hours are done.
        let half: i64 = bands.iter().filter(|r| r.key.as_str() >= "4").map(|r| r.people - r.exempt).sum();
        let steps = [
            ("asked", all.people - all.exempt),
            ("begun", all.done + all.under_way),
            ("half", half.max(all.done)),
            ("done", all.done),
        ];
        let bar = |(step, value): (&str, i64)| Bar {
            label: self.site.texts.get(&format!("stats-step-{step}")),
            value,
            shown: value.to_string(),
            before: None,
            people: None,
        };
        let bars: Vec<Bar> = steps.into_iter().map(bar).collect();
        let asked = (all.people - all.exempt).max(1);
        let row = |b: &Bar| vec![b.label.clone(), b.shown.clone(), format!("{} %", b.value * 100 / asked)];
        let rows = bars.iter().map(row).collect();
        self.section("funnel", Drawn::Funnel, bars, rows)
    }

    fn people(&self, code: &str, drawn: Drawn, rows: &[Row]) -> Section {
        let bar = |r: &Row| plain(&r.name, r.people, r.people.to_string());
        let line = |r: &Row| vec![r.name.clone(), r.people.to_string()];
        self.section(code, drawn, rows.iter().map(bar).collect(), rows.iter().map(line).collect())
    }

    fn rates(&self, code: &str, drawn: Drawn, rows: &[Row]) -> Section {
        let bar = |r: &Row| Bar {
            people: Some(r.people),
            ..plain(&r.name, r.percent(), format!("{} %", r.percent()))
        };
        let line = |r: &Row| {
            let numbers = [r.people, r.done, r.under_way, r.not_begun, r.exempt].map(|n| n.to_string());
            let mut line = vec![r.name.clone()];
            line.extend(numbers);
            line.push(format!("{} %", r.percent()));
            line
        };
        self.section(code, drawn, rows.iter().map(bar).collect(), rows.iter().map(line).collect())
    }

    fn learned(&self, code: &str, drawn: Drawn, rows: &[Row]) -> Section {
        let hours = |r: &Row| r.hours.unwrap_or(Hours::ZERO);
        let bar = |r: &Row| plain(&r.name, hours(r).hundredths(), hours(r).to_string());
        let line = |r: &Row| {
            let entries = r.entries.unwrap_or(0).to_string();
            vec![r.name.clone(), r.people.to_string(), entries, hours(r).to_string()]
        };
        self.section(code, drawn, rows.iter().map(bar).collect(), rows.iter().map(line).collect())
    }

    fn months(&self, rows: &[Row], before: &[Row]) -> Section {
        let of = |rows: &[Row], key: &str| {
            rows.iter().find(|r| r.key == key).and_then(|r| r.hours).unwrap_or(Hours::ZERO)
        };
        let keys: Vec<String> = (1..=12).map(|month| format!("{month:02}")).collect();
        let bar = |key: &String| {
            let now = of(rows, key);
            let label = self.site.texts.with("stats-month", &[("n", key.trim_start_matches('0'))]);
            let before = Some(of(before, key).hundredths());
            Bar { before, ..plain(&label, now.hundredths(), now.to_string()) }
        };
        let bars: Vec<Bar> = keys.iter().map(bar).collect();
        let line = |b: &Bar| {
            vec![b.label.clone(), b.shown.clone(), Hours::from_hundredths(b.before.unwrap_or(0)).to_string()]
        };
        let lines =
            if rows.is_empty() && before.is_empty() { vec![] } else { bars.iter().map(line).collect() };
        self.section("months", Drawn::Lines, bars, lines)
    }
}

fn plain(label: &str, value: i64, shown: String) -> Bar {
    Bar { label: label.to_owned(), value, shown, before: None, people: None }
}

/// Hours from hundredths, as a chart draws them.
#[expect(clippy::cast_precision_loss, reason = "a chart's axis, not a figure")]
pub(crate) fn drawn(value: i64, is_hours: bool) -> Value {
    if is_hours { json!(value as f64 / 100.0) } else { json!(value) }
}

/// An axis of per cent: always the whole, so that a bar's length tells the same on every page, in steps that fit a phone.
pub(crate) fn percents() -> Value {
    json!({"type": "value", "min": 0, "max": 100, "interval": 25, "axisLabel": {"formatter": "{value} %"}})
}

/// The most areas that a tree-map shows; the table has all.
const AREAS: usize = 150;

impl Section {
    /// In words, for who cannot see the picture.
    pub(crate) fn words(&self) -> String {
        self.bars.iter().map(|b| format!("{} {}", b.label, b.shown)).collect::<Vec<_>>().join("; ")
    }

    fn is_of_hours(&self) -> bool {
        matches!(self.code.as_str(), "months" | "hours-of-day" | "providers" | "topics")
    }

    /// The option of the chart, safe inside a script element.
    pub(crate) fn option(&self, texts: &site::Texts) -> String {
        let names: Vec<&str> = self.bars.iter().map(|b| b.label.as_str()).collect();
        let values: Vec<Value> = self.bars.iter().map(|b| drawn(b.value, self.is_of_hours())).collect();
        let named = |name: &str, value: Value| json!({"name": name, "value": value});
        let option = match self.drawn {
            Drawn::Funnel => {
                let data: Vec<Value> = self
                    .bars
                    .iter()
                    .map(|b| named(&format!("{} {}", b.label, b.shown), json!(b.value)))
                    .collect();
                json!({"series": [{"type": "funnel", "data": data}]})
            }
            Drawn::Treemap => {
                let area = |b: &Bar| {
                    named(&format!("{} {}", b.label, b.shown), json!([b.people.unwrap_or(0), b.value]))
                };
                let data: Vec<Value> = self.bars.iter().take(AREAS).map(area).collect();
                json!({"series": [{"type": "treemap", "data": data}]})
            }
            Drawn::Columns => {
                json!({"xAxis": {"type": "category", "data": names}, "yAxis": {"type": "value"},
                "tooltip": {"trigger": "axis"}, "series": [{"type": "bar", "data": values}]})
            }
            Drawn::Bars => {
                let (mut names, mut values) = (names, values);
                names.reverse();
                values.reverse();
                let (axis, unit) =
                    if self.is_of_hours() { (json!({"type": "value"}), "") } else { (percents(), " %") };
                json!({"xAxis": axis, "yAxis": {"type": "category", "data": names},
                    "series": [{"type": "bar", "data": values,
                        "label": {"show": true, "position": "right", "formatter": format!("{{c}}{unit}")}}]})
            }
            Drawn::Lines => {
                let before: Vec<Value> =
                    self.bars.iter().map(|b| drawn(b.before.unwrap_or(0), true)).collect();
                json!({"xAxis": {"type": "category", "data": names}, "yAxis": {"type": "value"},
                    "tooltip": {"trigger": "axis"}, "series": [
                    {"type": "line", "name": texts.get("stats-this-year"), "data": values,
                     "endLabel": {"show": true, "formatter": "{a}"}},
                    {"type": "line", "name": texts.get("stats-last-year"), "data": before,
                     "endLabel": {"show": true, "formatter": "{a}"}}], "grid": {"left": 8, "right": 64, "top": 24, "bottom": 8, "containLabel": true}})
            }
        };
        option.to_string().replace('<', "\\u003c")
    }
}
