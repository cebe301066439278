//! Reports: the figures of an instant kept as a snapshot with its hash. What is printed comes from the snapshot alone, so
//! the same id gives the same document.
use base::{Actor, Error, Id, Instant, PersonId, Result, Scope, Year, day, id::of};
use hours::AsOf;
use serde::{Deserialize, Serialize};
use serde_json::json;
use site::Site;

use crate::{
    figures, kept,
    picture::{self, Section},
    store_reports::{self as store, Report},
};

/// Why a report was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// Someone asked for it.
    Asked,
    /// The first of a month.
    Month,
    /// The year is over, or told as a whole: 年度报告.
    Year,
}

impl base::person::Code for Kind {}

/// What a report says; everything that its document shows.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Content {
    pub id: String,
    pub title: String,
    pub unit: String,
    pub year: i16,
    pub as_of: String,
    /// Label and number, such as 应参训 30.
    pub summary: Vec<(String, String)>,
    /// On what the numbers rest.
    pub method: String,
    pub sections: Vec<Section>,
    /// The demo's marking, if any.
    pub note: Option<String>,
}

/// What a report is made of.
pub(crate) struct Order<'a> {
    pub kind: Kind,
    pub unit: &'a org::Unit,
    pub year: Year,
    /// The month of a monthly report as `2026-10`; empty for others.
    pub period: &'a str,
    pub by: Option<PersonId>,
}

/// Makes a report now.
pub(crate) async fn make(site: &Site, order: &Order<'_>) -> Result<Report> {
    let scope = Scope { paths: vec![order.unit.path.clone()] };
    let id: Id<of::Entry> = site.new_id();
    let content = content(site, order, (&id.to_string(), &scope)).await?;
    let text = serde_json::to_string(&content).map_err(Error::internal)?;
    let report = Report {
        id: id.to_string(),
        kind: base::person::Code::code(&order.kind),
        unit: order.unit.code.clone(),
        unit_path: order.unit.path.clone(),
        year: i64::from(order.year.number()),
        period: order.period.to_owned(),
        sha256: secrets::sha256_hex(text.as_bytes()),
        content: text,
        made_by: order.by.map(|p| p.to_string()),
        at: day::millis(site.now()),
    };
    let tx = site.db.begin().await?;
    if !store::insert(&tx, &report).await? {
        tx.commit().await?;
        return store::of_period(&site.db, &report.unit, order.period).await;
    }
    let deed = audit::Deed {
        actor: order.by,
        action: "statistics.report",
        object: &report.id,
        unit_path: &report.unit_path,
        details: json!({"kind": report.kind, "year": report.year, "sha256": report.sha256}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await?;
    Ok(report)
}

async fn content(site: &Site, order: &Order<'_>, (id, scope): (&str, &Scope)) -> Result<Content> {
    let all = kept::all(site, scope, order.year).await?;
    let texts = &site.texts;
    let (year, kind) = (order.year.to_string(), base::person::Code::code(&order.kind));
    let words = [("year", year.as_str()), ("period", order.period)];
    let entry = |key: &str, value: String| (texts.get(&format!("stats-sum-{key}")), value);
    let contract = kept::by_key(site, scope, order.year, crate::Dim::Contract).await?;
    let contract: i64 = contract.iter().map(|r| r.people).sum();
    Ok(Content {
        id: id.to_owned(),
        title: texts.with(&format!("stats-report-{kind}"), &words),
        unit: order.unit.name.clone(),
        year: order.year.number(),
        as_of: AsOf::of_many(site, order.year, site.now()).await?.full_words(site),
        summary: vec![
            entry("people", all.people.to_string()),
            entry("done", all.done.to_string()),
            entry("percent", format!("{} %", all.percent())),
            entry("under_way", all.under_way.to_string()),
            entry("not_begun", all.not_begun.to_string()),
            entry("exempt", all.exempt.to_string()),
            entry("hours", all.hours.unwrap_or(base::Hours::ZERO).to_string()),
            entry("contract", contract.to_string()),
        ],
        method: texts.get("stats-report-method"),
        sections: picture::sections(site, scope, order.year).await?,
        note: site.settings.notice.clone(),
    })
}

/// A report of the actor's own places.
pub(crate) async fn seen(site: &Site, actor: &Actor, id: &str) -> Result<(Report, Content)> {
    let report = store::by_id(&site.db, id).await?.ok_or_else(Error::not_found)?;
    if !actor.scope(crate::READERS).holds(&report.unit_path) {
        return Err(Error::not_found());
    }
    let content = serde_json::from_str(&report.content).map_err(Error::internal)?;
    Ok((report, content))
}

/// The unit that a report is asked for: the one named, or the highest one that the actor looks after.
pub(crate) async fn unit(site: &Site, actor: &Actor, code: Option<&str>) -> Result<org::Unit> {
    let scope = figures::scope(site, actor, code).await?;
    let tops = kept::tops(&scope);
    let code = tops.first().ok_or_else(Error::not_found)?;
    org::by_code(&site.db, code).await
}

/// When a report was made.
pub(crate) fn at(report: &Report) -> Instant {
    day::from_millis(report.at)
}
