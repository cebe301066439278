//! The ledger as a story: what counted, what did not and why.
use std::collections::HashMap;

use askama::Template;
use axum::extract::{Query, State};
use base::Year;
use rules::explain;
use serde::Deserialize;
use site::{Access, Frame, Reply, Routes, Site, Visitor, html};

use crate::{
    policy,
    standing::{Standing, standing},
    store,
};

pub(crate) fn routes() -> Routes {
    Routes::new().get("/hours", Access::SignedIn, ledger_page)
}

#[derive(Deserialize)]
struct YearQuery {
    year: Option<String>,
}

/// One entry in words.
struct Line {
    title: String,
    source: String,
    subject: String,
    on: String,
    hours: String,
    counted: String,
    is_full: bool,
    why: String,
    clause: String,
    hash: String,
}

#[derive(Template)]
#[template(path = "hours/ledger.html")]
struct LedgerPage {
    frame: Frame,
    year: Year,
    years: Vec<Year>,
    standing: Option<Standing>,
    lines: Vec<Line>,
}

async fn ledger_page(State(site): State<Site>, visitor: Visitor, Query(q): Query<YearQuery>) -> Reply {
    let year = q.year.and_then(|y| y.parse().ok()).unwrap_or_else(|| site.this_year());
    let years = policy::published_years(&site.db).await?;
    let found = standing(&site.db, visitor.actor.person, year).await;
    let standing = match found {
        Ok(standing) => Some(standing),
        Err(e) if e.code() == "profile_incomplete" => None,
        Err(e) => return Err(e.into()),
    };
    let providers = store::provider_titles(&site.db).await?;
    let lines = standing.as_ref().map(|s| lines(&site, s, &providers)).transpose()?.unwrap_or_default();
    let frame = Frame::of(&site, &visitor, "/hours", "page-hours");
    html(&LedgerPage { frame, year, years, standing, lines })
}

fn lines(site: &Site, standing: &Standing, providers: &HashMap<String, String>) -> base::Result<Vec<Line>> {
    let text = standing.record.to_string();
    let record = rules::record::read(&text, &standing.policy).map_err(base::Error::internal)?;
    let line = |(credit, result): (&rules::record::Credit<'_>, &rules::assess::CreditResult<'_>)| {
        let entry = standing.entries.iter().find(|e| e.id.to_string() == credit.id)?;
        let sentence = explain::credit(&standing.policy, credit, result);
        let args: Vec<(&str, &str)> = sentence.args.iter().map(|(k, v)| (*k, v.as_str())).collect();
        Some(Line {
            title: entry.title.clone(),
            source: providers
                .get(&entry.source)
                .cloned()
                .unwrap_or_else(|| site.texts.get(&format!("source-{}", entry.source))),
            subject: site.texts.get(&format!("subject-{}", base::person::Code::code(&entry.subject))),
            on: credit.day().to_string(),
            hours: result.hours.to_string(),
            counted: result.counted.to_string(),
            is_full: result.reason.is_none(),
            why: site.texts.with(sentence.code, &args),
            clause: sentence.clause.to_owned(),
            hash: entry.hash.chars().take(12).collect(),
        })
    };
    Ok(record.credits.iter().zip(&standing.assessment.credits).filter_map(line).collect())
}
