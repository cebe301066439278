//! Pages: check one person or a pasted or imported list, look at the answers, print the record.
use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::{HeaderValue, header},
    response::IntoResponse,
};
use base::{Error, Result, person::Code};
use documents::Typesetter;
use rules::policy::Business;
use serde::Deserialize;
use site::{Access, Form, Frame, Reply, Routes, Site, Upload, Visitor, dates, html, see_other};

use crate::{
    CHECKERS, TOKEN_MAKERS, api,
    batch::{self, Checked, Question},
    list::{self, Unresolved},
    record, store,
};

pub(crate) fn routes(typesetter: &Typesetter) -> Routes {
    let typesetter = typesetter.clone();
    Routes::new()
        .get("/checks", Access::Roles(CHECKERS), form)
        .post("/checks", Access::Roles(CHECKERS), submit)
        .get("/checks/tokens", Access::Roles(TOKEN_MAKERS), tokens)
        .post("/checks/tokens", Access::Roles(TOKEN_MAKERS), make_token)
        .post("/checks/tokens/{id}/end", Access::Roles(TOKEN_MAKERS), end_token)
        .get("/checks/{id}", Access::Roles(CHECKERS), result)
        .get("/checks/{id}/record.pdf", Access::Roles(CHECKERS), move |site, visitor, path| {
            printed(typesetter.clone(), site, visitor, path)
        })
}

struct Line {
    id: String,
    title: String,
    at: String,
    by: String,
    allowed: i64,
    refused: i64,
    revoked: i64,
}

#[derive(Template)]
#[template(path = "personnel/checks.html")]
struct FormPage {
    frame: Frame,
    business: String,
    businesses: Vec<(String, String)>,
    year: String,
    list: String,
    problem: String,
    recent: Vec<Line>,
    may_make_tokens: bool,
}

#[derive(Deserialize)]
struct Prefilled {
    list: Option<String>,
    year: Option<String>,
}

async fn form(State(site): State<Site>, visitor: Visitor, Query(q): Query<Prefilled>) -> Reply {
    let year = q.year.unwrap_or_else(|| site.desk_year().to_string());
    let typed = (String::new(), year, q.list.unwrap_or_default());
    html(&form_page(&site, &visitor, typed, String::new()).await?)
}

async fn form_page(
    site: &Site,
    visitor: &Visitor,
    (business, year, list): (String, String, String),
    problem: String,
) -> Result<FormPage> {
    let named = |b: Business| (b.code(), site.texts.get(&format!("business-{}", b.code())));
    let line = |b: store::BatchRow| Line {
        title: format!("{} · {}", site.texts.get(&format!("business-{}", b.business)), b.year),
        at: dates::minute(base::day::from_millis(b.checked_at)),
        by: b.by_name,
        allowed: b.allowed,
        refused: b.refused,
        revoked: b.revoked,
        id: b.id,
    };
    let recent = store::recent(&site.db, &visitor.actor.scope(CHECKERS)).await?;
    Ok(FormPage {
        frame: Frame::of(site, visitor, "/checks", "page-checks"),
        business,
        businesses: Business::ALL.into_iter().map(named).collect(),
        year,
        list,
        problem,
        recent: recent.into_iter().map(line).collect(),
        may_make_tokens: visitor.actor.has(TOKEN_MAKERS),
    })
}

async fn submit(State(site): State<Site>, visitor: Visitor, upload: Upload) -> Reply {
    let typed = |name: &str| upload.field(name).unwrap_or("").to_owned();
    match check(&site, &visitor, &upload).await {
        Ok(batch) => Ok(see_other(&format!("/checks/{}", batch.id))),
        Err(Error::Refused(p)) if p.kind == base::Kind::Invalid => {
            let texts: Vec<String> =
                p.fields.iter().map(|f| site.texts.get(&format!("field-{}", f.code))).collect();
            let problem =
                if texts.is_empty() { site.texts.get(&format!("error-{}", p.code)) } else { texts.join(" ") };
            let typed = (typed("business"), typed("year"), typed("list"));
            html(&form_page(&site, &visitor, typed, problem).await?)
        }
        Err(e) => Err(e.into()),
    }
}

async fn check(site: &Site, visitor: &Visitor, upload: &Upload) -> Result<batch::Batch> {
    let business = api::business(upload.field("business"))?;
    let year = api::year(site, upload.field("year"))?;
    let lines = match &upload.file {
        Some(file) => list::of_rows(org::lines(&file.bytes)?),
        None => list::of_text(upload.field("list").unwrap_or("")),
    };
    let (people, unresolved) = list::resolve(site, &visitor.actor.scope(CHECKERS), &lines).await?;
    let question = Question { business, year, people, unresolved };
    batch::check(site, &visitor.actor, question).await
}

#[derive(Template)]
#[template(path = "personnel/result.html")]
struct ResultPage {
    frame: Frame,
    batch: store::BatchRow,
    at: String,
    checks: Vec<(Checked, bool)>,
    unresolved: Vec<Unresolved>,
}

async fn result(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let batch = store::batch(&site.db, &visitor.actor.scope(CHECKERS), &id).await?;
    let checks = store::checks(&site.db, &batch.id).await?;
    let page = ResultPage {
        frame: Frame::of(&site, &visitor, "/checks", "page-checks"),
        at: dates::minute(base::day::from_millis(batch.checked_at)),
        unresolved: serde_json::from_str(&batch.unresolved).map_err(Error::internal)?,
        batch,
        checks,
    };
    html(&page)
}

async fn printed(
    typesetter: Typesetter,
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Reply {
    let batch = store::batch(&site.db, &visitor.actor.scope(CHECKERS), &id).await?;
    let checks = store::checks(&site.db, &batch.id).await?;
    let bytes = record::print(&site, typesetter, &batch, &checks).await?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/pdf")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("inline; filename=\"check-record.pdf\"")),
    ];
    Ok((headers, bytes).into_response())
}

/// A token for an HR system as its list shows it.
struct TokenLine {
    id: String,
    name: String,
    unit: String,
    by: String,
    until: String,
    used: String,
    is_open: bool,
}

#[derive(Template)]
#[template(path = "personnel/tokens.html")]
struct TokensPage {
    frame: Frame,
    tokens: Vec<TokenLine>,
    /// The new one, shown once.
    fresh: String,
    problem: String,
}

async fn tokens_page(site: &Site, visitor: &Visitor, fresh: String, problem: String) -> Result<TokensPage> {
    let now = base::day::millis(site.now());
    let minute = |millis: i64| dates::minute(base::day::from_millis(millis));
    let line = |t: accounts::ProgramToken| TokenLine {
        is_open: t.ended_at.is_none() && t.expires_at > now,
        id: t.id,
        name: t.name,
        unit: t.unit,
        by: t.maker,
        until: minute(t.expires_at),
        used: t.used_at.map(minute).unwrap_or_default(),
    };
    let listed = accounts::program_tokens(&site.db, &visitor.actor, TOKEN_MAKERS).await?;
    let frame = Frame::of(site, visitor, "/checks", "page-check-tokens");
    Ok(TokensPage { frame, tokens: listed.into_iter().map(line).collect(), fresh, problem })
}

async fn tokens(State(site): State<Site>, visitor: Visitor) -> Reply {
    html(&tokens_page(&site, &visitor, String::new(), String::new()).await?)
}

#[derive(Deserialize)]
struct TokenForm {
    name: String,
    days: String,
}

async fn make_token(State(site): State<Site>, visitor: Visitor, Form(f): Form<TokenForm>) -> Reply {
    let days = f.days.trim().parse().unwrap_or(0);
    match api::new_token(&site, &visitor, (&f.name, None, days)).await {
        Ok(token) => html(&tokens_page(&site, &visitor, token, String::new()).await?),
        Err(Error::Refused(p)) if p.kind == base::Kind::Invalid => {
            let texts = p.fields.iter().map(|f| site.texts.get(&format!("field-{}", f.code)));
            let problem = texts.collect::<Vec<_>>().join(" ");
            html(&tokens_page(&site, &visitor, String::new(), problem).await?)
        }
        Err(e) => Err(e.into()),
    }
}

async fn end_token(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    accounts::end_program_token(&site, &visitor.actor, &id, TOKEN_MAKERS).await?;
    Ok(see_other("/checks/tokens"))
}
