//! The recognition standard as a page to read and to print.
use askama::Template;
use axum::extract::{Query, State as Given};
use base::{Hours, Year, person::Code};
use rules::policy::Item;
use serde::Deserialize;
use site::{Access, Frame, Reply, Routes, Site, Visitor, Years, html};

pub(super) fn routes() -> Routes {
    Routes::new().get("/standard", Access::SignedIn, standard)
}

#[derive(Deserialize)]
struct YearQuery {
    year: Option<String>,
}

#[derive(Template)]
#[template(path = "claims/standard.html")]
struct StandardPage {
    frame: Frame,
    year: Year,
    years: Years,
    title: String,
    document: String,
    version: String,
    offset_cap: Hours,
    groups: Vec<(String, Vec<Row>)>,
}

struct Row {
    code: String,
    name: String,
    hours: String,
    per: String,
    cap: Hours,
    subject: String,
    second_review: bool,
    evidence: String,
}

async fn standard(Given(site): Given<Site>, visitor: Visitor, Query(q): Query<YearQuery>) -> Reply {
    let year = hours::opening_year(&site, visitor.actor.person, q.year.as_deref()).await?;
    let in_force = hours::in_force(&site.db, year).await?;
    let policy = &in_force.policy;
    let row = |i: &Item| Row {
        code: i.code.clone(),
        name: i.name.clone(),
        hours: i.hours.iter().map(Hours::to_string).collect::<Vec<_>>().join(" / "),
        per: site.texts.get(&format!("per-{}", i.per.code())),
        cap: i.cap,
        subject: site.texts.get(&format!("subject-{}", i.subject.code())),
        second_review: i.second_review,
        evidence: i.evidence.clone(),
    };
    let mut groups: Vec<(String, Vec<Row>)> = vec![];
    for item in policy.items() {
        match groups.iter_mut().find(|(name, _)| *name == item.category) {
            Some((_, rows)) => rows.push(row(item)),
            None => groups.push((item.category.clone(), vec![row(item)])),
        }
    }
    html(&StandardPage {
        frame: Frame::of(&site, &visitor, "/standard", "page-standard"),
        year,
        years: hours::years(&site).await?,
        title: policy.standard.clone(),
        document: in_force.document(&site),
        offset_cap: policy.measure.offset_cap,
        version: in_force.version,
        groups,
    })
}
