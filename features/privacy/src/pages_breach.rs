//! 泄露影响报告: asked for with days and names, looked at, taken away as a workbook.
use askama::Template;
use axum::extract::State;
use base::Error;
use serde::Deserialize;
use site::{Access, Form, Frame, Reply, Routes, Site, Visitor, html};

use crate::{
    api_breach::workbook,
    breach::{self, Question, REPORTERS, Report},
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/privacy/breach-report", Access::Roles(REPORTERS), page)
        .post("/privacy/breach-report", Access::Roles(REPORTERS), submit)
        .costly()
}

/// So many lines of each part are shown on the page; the workbook holds all.
const SHOWN: usize = 50;

#[derive(Default, Deserialize)]
#[serde(default)]
struct ReportForm {
    from: String,
    to: String,
    units: String,
    people: String,
    accounts: String,
    purpose: String,
    /// `look`, or `xlsx` for the workbook.
    shape: String,
}

#[derive(Template)]
#[template(path = "privacy/breach.html")]
struct BreachPage {
    frame: Frame,
    form: ReportForm,
    /// Red lines by field.
    wrong: Vec<(String, String)>,
    report: Option<Report>,
    /// What the page leaves to the workbook.
    more_people: usize,
    more_deeds: usize,
}

impl BreachPage {
    /// An instant to the minute, as people read it.
    fn time(&self, at: &str) -> String {
        at.get(..16).unwrap_or(at).replace('T', " ")
    }

    fn said(&self, field: &str) -> &str {
        self.wrong.iter().find(|(f, _)| f == field).map_or("", |(_, text)| text)
    }
}

/// Names as people write them down: parted by spaces, commas or lines.
fn names(text: &str) -> Vec<String> {
    let is_between = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '，' | '；' | '、');
    text.split(is_between).filter(|t| !t.is_empty()).map(str::to_owned).collect()
}

fn build(site: &Site, visitor: &Visitor, form: ReportForm, report: Option<Report>) -> BreachPage {
    let rest = |all: usize| all.saturating_sub(SHOWN);
    BreachPage {
        frame: Frame::of(site, visitor, "/privacy/breach-report", "page-breach"),
        form,
        wrong: vec![],
        more_people: report.as_ref().map_or(0, |r| rest(r.people.len())),
        more_deeds: report.as_ref().map_or(0, |r| rest(r.deeds.len())),
        report,
    }
}

async fn page(State(site): State<Site>, visitor: Visitor) -> Reply {
    html(&build(&site, &visitor, ReportForm::default(), None))
}

async fn submit(State(site): State<Site>, visitor: Visitor, Form(form): Form<ReportForm>) -> Reply {
    let asked = Question {
        from: form.from.clone(),
        to: form.to.clone(),
        units: names(&form.units),
        people: names(&form.people),
        accounts: names(&form.accounts),
        purpose: form.purpose.clone(),
    };
    match breach::report(&site, &visitor, &asked).await {
        Ok(report) if form.shape == "xlsx" => Ok(workbook(&site, report).await?),
        Ok(report) => html(&build(&site, &visitor, form, Some(report))),
        Err(Error::Refused(p)) if !p.fields.is_empty() => {
            let said =
                |f: &base::FieldProblem| (f.field.clone(), site.texts.get(&format!("field-{}", f.code)));
            let wrong = p.fields.iter().map(said).collect();
            html(&BreachPage { wrong, ..build(&site, &visitor, form, None) })
        }
        Err(e) => Err(e.into()),
    }
}
