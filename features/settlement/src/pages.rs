//! Pages of settlement: all statements, and one with its lines and what was said on them.
use std::collections::HashMap;

use askama::Template;
use axum::{
    extract::{Path, Query, State as Shared},
    http::{HeaderValue, header},
    response::IntoResponse,
};
use base::{Error, Fen, Problems, Result, Year, day, person::Code};
use serde::Deserialize;
use site::{Access, Form, Frame, Reply, Routes, Site, Visitor, Years, dates, html, see_other};

use crate::{
    DOUBTERS, KEEPERS, VIEWERS,
    api::{self, Shown, seen, signed},
    draw, holds_at_top, settle,
    sight::Side,
    statement::{State, Terms},
    store,
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/settlements", Access::Roles(VIEWERS), list)
        .post("/settlements", Access::Roles(KEEPERS), draw_up)
        .post("/settlements/terms", Access::Roles(KEEPERS), set_terms)
        .get("/settlements/{id}", Access::Roles(VIEWERS), one)
        .get("/settlements/{id}/lines.xlsx", Access::Roles(VIEWERS), exported)
        .post("/settlements/{id}/dispute", Access::Roles(DOUBTERS), dispute)
        .post("/settlements/{id}/decide", Access::Roles(KEEPERS), decide)
        .post("/settlements/{id}/confirm", Access::Roles(KEEPERS), confirm)
        .post("/settlements/{id}/release", Access::Roles(KEEPERS), release)
        .post("/settlements/{id}/pay", Access::Roles(KEEPERS), pay)
}

/// So many lines stand on a page.
const PAGE: i64 = 100;
/// So many lines go into a spreadsheet.
const MOST_EXPORTED: i64 = 200_000;

struct Item {
    id: String,
    title: String,
    month: String,
    state: String,
    kind: &'static str,
    payment: String,
}

/// A platform with what an hour of it is worth.
struct Rates {
    name: String,
    title: String,
    public: String,
    professional: String,
    percent: i64,
}

#[derive(Template)]
#[template(path = "settlement/list.html")]
struct ListPage {
    frame: Frame,
    year: Year,
    years: Years,
    items: Vec<Item>,
    rates: Vec<Rates>,
    is_keeper: bool,
    month: String,
    problem: String,
}

fn kind(state: State) -> &'static str {
    match state {
        State::Open => "waiting",
        State::Suspended => "danger",
        State::Confirmed => "primary",
        State::Paid => "done",
    }
}

fn problem(site: &Site, p: &Problems) -> String {
    let texts: Vec<String> = p.fields.iter().map(|f| site.texts.get(&format!("field-{}", f.code))).collect();
    if texts.is_empty() { site.texts.get(&format!("error-{}", p.code)) } else { texts.join(" ") }
}

/// The year of a statement's month.
fn year_of(s: &store::Statement) -> Option<Year> {
    s.month.get(..4).and_then(|year| year.parse().ok())
}

async fn list_page(site: &Site, visitor: &Visitor, (year, problem): (Year, String)) -> Result<ListPage> {
    let found = seen(site, visitor).await?;
    let mut years: Vec<Year> = found.iter().filter_map(year_of).collect();
    years.extend([site.this_year(), site.desk_year()]);
    let item = |s: store::Statement| Item {
        state: site.texts.get(&format!("settlement-state-{}", s.state.code())),
        kind: kind(s.state),
        payment: [s.paid_on, s.payment_reference].into_iter().flatten().collect::<Vec<_>>().join(" "),
        id: s.id,
        title: s.title,
        month: s.month,
    };
    let is_keeper = holds_at_top(&visitor.actor, KEEPERS);
    let mut rates = vec![];
    if is_keeper {
        for p in store::providers(&site.db).await? {
            let terms = store::terms(&site.db, &p.id).await?;
            rates.push(Rates {
                public: terms.map_or_else(String::new, |t| t.public_rate.to_string()),
                professional: terms.map_or_else(String::new, |t| t.professional_rate.to_string()),
                percent: terms.map_or(5, |t| t.suspend_percent),
                name: p.name,
                title: p.title,
            });
        }
    }
    let last_month = day::day_of(site.now()).first_of_month().yesterday().map_err(Error::internal)?;
    Ok(ListPage {
        frame: Frame::of(site, visitor, "/settlements", "page-settlements"),
        items: found.into_iter().filter(|s| year_of(s) == Some(year)).map(item).collect(),
        year,
        years: Years::plain(site, years),
        rates,
        is_keeper,
        month: last_month.strftime("%Y-%m").to_string(),
        problem,
    })
}

#[derive(Deserialize)]
struct OfYear {
    year: Option<String>,
}

async fn list(Shared(site): Shared<Site>, visitor: Visitor, Query(q): Query<OfYear>) -> Reply {
    let year = q.year.and_then(|y| y.parse().ok()).unwrap_or_else(|| site.desk_year());
    html(&list_page(&site, &visitor, (year, String::new())).await?)
}

#[derive(Deserialize)]
struct DrawForm {
    provider: String,
    month: String,
}

async fn draw_up(Shared(site): Shared<Site>, visitor: Visitor, Form(f): Form<DrawForm>) -> Reply {
    match draw::draw_up(&site, &visitor.actor, (&f.provider, &f.month)).await {
        Ok(id) => Ok(see_other(&format!("/settlements/{id}"))),
        Err(Error::Refused(p)) => {
            html(&list_page(&site, &visitor, (site.desk_year(), problem(&site, &p))).await?)
        }
        Err(e) => Err(e.into()),
    }
}

#[derive(Deserialize)]
struct TermsForm {
    provider: String,
    public_rate: String,
    professional_rate: String,
    suspend_percent: String,
}

async fn set_terms(Shared(site): Shared<Site>, visitor: Visitor, Form(f): Form<TermsForm>) -> Reply {
    let saved = async {
        let rate =
            |text: &str| Fen::parse(text.trim()).ok_or_else(|| Error::invalid("rate", "settlement_rate"));
        let percent = f.suspend_percent.trim().parse();
        let terms = Terms {
            public_rate: rate(&f.public_rate)?,
            professional_rate: rate(&f.professional_rate)?,
            suspend_percent: percent.map_err(|_| Error::invalid("suspend_percent", "settlement_percent"))?,
        };
        draw::set_terms(&site, &visitor.actor, &f.provider, terms).await
    };
    match saved.await {
        Ok(()) => Ok(see_other("/settlements")),
        Err(Error::Refused(p)) => {
            html(&list_page(&site, &visitor, (site.desk_year(), problem(&site, &p))).await?)
        }
        Err(e) => Err(e.into()),
    }
}

struct Line {
    place: i64,
    at: String,
    name: String,
    title: String,
    subject: String,
    hours: String,
    rate: Fen,
    amount: Fen,
    state: String,
    kind: &'static str,
    is_disputed: bool,
    may_be_disputed: bool,
    remarks: Vec<String>,
}

#[derive(Template)]
#[template(path = "settlement/one.html")]
struct OnePage {
    frame: Frame,
    s: Shown,
    title: String,
    state: String,
    kind: &'static str,
    suspended: String,
    lines: Vec<Line>,
    next: Option<i64>,
    only_disputed: bool,
    is_open: bool,
    may_dispute: bool,
    /// Whether the platform's own people look.
    is_platform: bool,
    is_keeper: bool,
    problem: String,
    today: String,
}

#[derive(Deserialize, Default)]
struct Reading {
    after: Option<i64>,
    only: Option<String>,
}

async fn one_page(
    site: &Site,
    visitor: &Visitor,
    id: &str,
    (q, problem): (&Reading, String),
) -> Result<OnePage> {
    let (statement, side) = settle::see(site, &visitor.actor, id).await?;
    let is_platform = side != Side::Top;
    let sums = store::sums(&site.db, id).await?;
    let only = q.only.as_deref().filter(|o| *o == "disputed");
    let mut found = store::lines(&site.db, id, (q.after.unwrap_or(0), PAGE + 1), only).await?;
    let is_more = found.len() > usize::try_from(PAGE).unwrap_or(usize::MAX);
    if is_more {
        found.pop();
    }
    let mut said: HashMap<i64, Vec<String>> = HashMap::new();
    let ends = (found.first().map_or(0, |l| l.place), found.last().map_or(0, |l| l.place));
    for r in store::remarks(&site.db, id, ends).await? {
        let kind = site.texts.get(&format!("settlement-remark-{}", r.kind));
        let at = dates::minute(day::from_millis(r.said_at));
        let by = if is_platform { String::new() } else { format!("{}, ", r.name) };
        said.entry(r.place).or_default().push(format!("{kind} {} ({by}{at})", r.text));
    }
    let is_open = matches!(statement.state, State::Open | State::Suspended);
    let next = found.last().filter(|_| is_more).map(|l| l.place);
    let suspended = statement.suspended_because.as_deref().filter(|_| statement.state == State::Suspended);
    Ok(OnePage {
        frame: Frame::of(site, visitor, "/settlements", "page-settlements"),
        title: statement.title.clone(),
        state: site.texts.get(&format!("settlement-state-{}", api::code(statement.state))),
        kind: kind(statement.state),
        suspended: suspended.map(|key| site.texts.get(key)).unwrap_or_default(),
        lines: found.into_iter().map(|l| line(site, l, (is_platform, &mut said))).collect(),
        next,
        only_disputed: only.is_some(),
        is_open,
        may_dispute: is_open && (is_platform || holds_at_top(&visitor.actor, KEEPERS)),
        is_platform,
        is_keeper: holds_at_top(&visitor.actor, KEEPERS),
        s: Shown::of(&statement, &sums),
        problem,
        today: day::day_of(site.now()).to_string(),
    })
}

/// A line in words; a platform sees its own record's number where the authority sees the learner.
fn line(site: &Site, l: store::Shown, (is_platform, said): (bool, &mut HashMap<i64, Vec<String>>)) -> Line {
    Line {
        at: dates::minute(day::from_millis(l.at)),
        subject: site.texts.get(&store::subject_key(&l)),
        hours: signed(l.hours),
        rate: Fen::new(l.rate),
        amount: Fen::new(l.amount),
        kind: match l.state.as_str() {
            "disputed" => "waiting",
            "struck" => "danger",
            "kept" => "done",
            _ => "neutral",
        },
        is_disputed: l.state == "disputed",
        may_be_disputed: match l.state.as_str() {
            "plain" => true,
            "kept" => !is_platform,
            "struck" => is_platform,
            _ => false,
        },
        state: site.texts.get(&format!("settlement-line-{}", l.state)),
        remarks: said.remove(&l.place).unwrap_or_default(),
        place: l.place,
        name: if is_platform { l.record().to_owned() } else { l.name },
        title: l.title,
    }
}

async fn one(
    Shared(site): Shared<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(q): Query<Reading>,
) -> Reply {
    html(&one_page(&site, &visitor, &id, (&q, String::new())).await?)
}

/// Back to the statement, or the statement with what was refused.
async fn after(site: &Site, visitor: &Visitor, id: &str, done: Result<()>) -> Reply {
    match done {
        Ok(()) => Ok(see_other(&format!("/settlements/{id}"))),
        Err(Error::Refused(p)) if matches!(p.kind, base::Kind::Invalid | base::Kind::Conflict) => {
            html(&one_page(site, visitor, id, (&Reading::default(), problem(site, &p))).await?)
        }
        Err(e) => Err(e.into()),
    }
}

#[derive(Deserialize)]
struct LineForm {
    line: i64,
    #[serde(default)]
    decision: String,
    reason: String,
}

async fn dispute(
    Shared(site): Shared<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(f): Form<LineForm>,
) -> Reply {
    let done = settle::dispute(&site, &visitor.actor, (&id, f.line), &f.reason).await;
    after(&site, &visitor, &id, done).await
}

async fn decide(
    Shared(site): Shared<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(f): Form<LineForm>,
) -> Reply {
    let is_struck = match f.decision.as_str() {
        "strike" => true,
        "keep" => false,
        _ => return Err(Error::invalid("decision", "wrong_value").into()),
    };
    let done = settle::decide(&site, &visitor.actor, (&id, f.line), (is_struck, &f.reason)).await;
    after(&site, &visitor, &id, done).await
}

async fn confirm(Shared(site): Shared<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let done = settle::confirm(&site, &visitor.actor, &id).await;
    after(&site, &visitor, &id, done).await
}

#[derive(Deserialize)]
struct ReasonForm {
    reason: String,
}

async fn release(
    Shared(site): Shared<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(f): Form<ReasonForm>,
) -> Reply {
    let done = settle::release(&site, &visitor.actor, &id, &f.reason).await;
    after(&site, &visitor, &id, done).await
}

#[derive(Deserialize)]
struct PayForm {
    reference: String,
    #[serde(default)]
    paid_on: String,
}

async fn pay(
    Shared(site): Shared<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(f): Form<PayForm>,
) -> Reply {
    let on = Some(f.paid_on.trim()).filter(|t| !t.is_empty());
    let read = |t| rules::record::parse_day(t).ok_or_else(|| Error::invalid("paid_on", "payment_day"));
    let done = match on.map(read).transpose() {
        Ok(on) => settle::pay(&site, &visitor.actor, &id, (&f.reference, on)).await,
        Err(e) => Err(e),
    };
    after(&site, &visitor, &id, done).await
}

/// The lines as a spreadsheet; recorded in the trail.
async fn exported(Shared(site): Shared<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let (statement, _) = settle::see(&site, &visitor.actor, &id).await?;
    let lines = store::lines(&site.db, &id, (0, MOST_EXPORTED), None).await?;
    let mut book = sheets::Book::new(&statement.month);
    let heads = site.texts.get("settlement-heads");
    for (column, head) in heads.split(' ').enumerate() {
        book.text((0, column), head, sheets::Mark::Head)?;
    }
    for (row, l) in (1..).zip(&lines) {
        let cells = [
            l.place.to_string(),
            dates::minute(day::from_millis(l.at)),
            l.title.clone(),
            site.texts.get(&store::subject_key(l)),
            signed(l.hours),
            Fen::new(l.rate).to_string(),
            Fen::new(l.amount).to_string(),
            site.texts.get(&format!("settlement-line-{}", l.state)),
            l.entry_id.clone(),
        ];
        for (column, cell) in cells.iter().enumerate() {
            book.text((row, column), cell, sheets::Mark::None)?;
        }
    }
    let tx = site.db.begin().await?;
    let deed = audit::Deed {
        actor: Some(visitor.actor.person),
        action: "settlement.export",
        object: &id,
        unit_path: "",
        details: serde_json::json!({"rows": lines.len()}),
    };
    audit::record(&site, &tx, deed).await?;
    tx.commit().await?;
    let name = format!("attachment; filename=\"settlement-{}-{}.xlsx\"", statement.provider, statement.month);
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CONTENT_DISPOSITION, HeaderValue::from_str(&name).map_err(Error::internal)?),
    ];
    Ok((headers, book.finish()?).into_response())
}
