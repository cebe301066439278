//! The monthly brief: on the first of a month every head of department gets how the people of the department stand. Nobody
//! subscribes to it; it says its numbers in the message itself and leads to the people behind them.
use base::{Result, Year};
use messages::Letter;
use serde::{Deserialize, Serialize};
use site::Site;

use crate::{
    contribution::Dim,
    figures::Row,
    monthly,
    store_reports::{self as store, Headed},
};

/// The job of one page of heads; it puts the next page's into the queue.
pub(crate) const BRIEF: &str = "statistics.brief";
/// So many get theirs in one transaction.
const AT_ONCE: i64 = 500;

/// Which month, as `2026-10`, and after which grant of the role.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Part {
    period: String,
    after: String,
}

/// Puts the month's first part into the queue.
pub(crate) async fn begin(site: &Site) -> Result<()> {
    let period = monthly::last_month(site);
    site.enqueue_once(&site.db, BRIEF, &Part { period: period.clone(), after: String::new() }, &period).await
}

/// Sends one part. What was sent once is not sent again, however often this runs.
pub(crate) async fn run(site: Site, part: Part) -> Result<()> {
    let year: Year = monthly::year_of(&part.period)?;
    let heads = store::heads(&site.db, (year, Dim::All), (&part.after, AT_ONCE)).await?;
    let Some(last) = heads.last() else { return Ok(()) };
    let next = Part { period: part.period.clone(), after: last.grant_id.clone() };
    let letters = heads.iter().map(|h| letter(&site, h, &part.period)).collect::<Result<Vec<_>>>()?;
    let tx = site.db.begin().await?;
    messages::post(&site, &tx, &letters).await?;
    site.enqueue(&tx, BRIEF, &next).await?;
    tx.commit().await
}

fn letter(site: &Site, h: &Headed, period: &str) -> Result<Letter> {
    let [people, done, under_way, not_begun, exempt] =
        [h.people, h.done, h.under_way, h.not_begun, h.exempt].map(|n| n.to_string());
    let rate =
        Row { people: h.people, done: h.done, exempt: h.exempt, ..Row::default() }.percent().to_string();
    let words = [
        ("unit", h.name.as_str()),
        ("period", period),
        ("people", &people),
        ("done", &done),
        ("rate", &rate),
        ("under_way", &under_way),
        ("not_begun", &not_begun),
        ("exempt", &exempt),
    ];
    Ok(Letter {
        to: h.person_id.parse()?,
        kind: "report",
        text: site.texts.with("stats-brief", &words),
        link: format!("/supervision?unit={}", h.code),
        once: Some(format!("brief:{period}:{}:{}", h.code, h.person_id)),
    })
}
