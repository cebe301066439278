//! Lists to take away: a spreadsheet of the people behind a number, and whom to call because no SMS reaches them.
use askama::Template;
use axum::{
    extract::{Query, State},
    http::{HeaderValue, header},
    response::IntoResponse,
};
use base::{Error, Hours, PersonId, Result};
use serde::Deserialize;
use serde_json::json;
use sheets::{Book, Mark};
use site::{Access, Form, Frame, Reply, Routes, Site, Visitor, Years, dates, html};

use crate::{
    SUPERVISORS,
    api::Asked,
    overview::{self, Moment, Which},
    remind::MOST_PEOPLE,
    store::{self, Behind, Someone},
};

/// A spreadsheet holds so many people; a province is exported by units.
const MOST_ROWS: i64 = 50_000;
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/supervision/people.xlsx", Access::Roles(SUPERVISORS), export)
        .get("/supervision/calls", Access::Roles(SUPERVISORS), calls)
        .post("/supervision/calls", Access::Roles(SUPERVISORS), calls_after_password)
        .verifies_credential()
}

async fn behind(site: &Site, visitor: &Visitor, q: &Asked, limit: i64) -> Result<Vec<Someone>> {
    let moment = Moment::of(site, q.year(site)?).await?;
    let scope = overview::scope(site, &visitor.actor, q.unit.as_deref()).await?;
    let which = Which::read(q.which.as_deref())?;
    let is_kept = statistics::are_many(site, &scope, moment.of.year()).await?;
    let behind = Behind { is_kept, key: q.key.as_deref().unwrap_or(""), which, chosen: &[] };
    store::people(&site.db, &scope, &moment, &behind, ("", limit)).await
}

/// Everyone behind a number, as many as can be reminded at once.
pub(crate) async fn whole(site: &Site, visitor: &Visitor, q: &Asked) -> Result<Vec<Someone>> {
    let most = i64::try_from(MOST_PEOPLE).unwrap_or(i64::MAX);
    let mut found = behind(site, visitor, q, most + 1).await?;
    if found.len() > MOST_PEOPLE {
        return Err(Error::conflict("too_many_people"));
    }
    // Whom the last hour counted may have finished since, and is not reminded.
    let which = Which::read(q.which.as_deref())?;
    found.retain(|someone| which.is_none_or(|which| someone.is_of(which)));
    Ok(found)
}

async fn recorded(
    site: &Site,
    visitor: &Visitor,
    q: &Asked,
    (action, rows): (&'static str, usize),
) -> Result<()> {
    let scope = overview::scope(site, &visitor.actor, q.unit.as_deref()).await?;
    let tx = site.db.begin().await?;
    let deed = audit::Deed {
        actor: Some(visitor.actor.person),
        action,
        object: q.key.as_deref().or(q.unit.as_deref()).unwrap_or(""),
        unit_path: scope.paths.first().map_or("", String::as_str),
        details: json!({"filter": {"which": q.which, "year": q.year}, "rows": rows}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await
}

async fn export(State(site): State<Site>, visitor: Visitor, Query(q): Query<Asked>) -> Reply {
    let people = behind(&site, &visitor, &q, MOST_ROWS).await?;
    recorded(&site, &visitor, &q, ("supervision.export", people.len())).await?;
    let scope = overview::scope(&site, &visitor.actor, q.unit.as_deref()).await?;
    let as_of = statistics::as_of(&site, &scope, q.year(&site)?).await?.sheet_line(&site);
    let bytes = sheet(&site, &people, &as_of)?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(XLSX)),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"supervision.xlsx\"")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((headers, bytes).into_response())
}

fn sheet(site: &Site, people: &[Someone], as_of: &str) -> Result<Vec<u8>> {
    let mut book = Book::new(&site.texts.get("supervision-export-sheet"));
    let heads = site.texts.get("supervision-export-heads");
    for (column, head) in (0..).zip(heads.split(' ')) {
        book.text((0, column), head, Mark::Head)?;
    }
    let word = |kind: &str, code: &str| {
        if code.is_empty() { String::new() } else { site.texts.get(&format!("{kind}-{code}")) }
    };
    for (row, p) in (1..).zip(people) {
        let department = p.department.clone().unwrap_or_default();
        let texts = [
            (0, p.name.clone()),
            (1, p.unit.clone()),
            (2, department),
            (3, word("stats-state", &p.state)),
            (4, word("supervise", &p.problem)),
            (8, word("outlook", &p.outlook)),
        ];
        for (column, text) in texts {
            book.text((row, column), &text, Mark::None)?;
        }
        let numbers = [(5, p.total_hours), (6, p.recent_hours), (7, p.short_hours)];
        for (column, hundredths) in numbers {
            book.number((row, column), in_hours(hundredths))?;
        }
    }
    book.text((people.len() + 2, 0), as_of, Mark::None)?;
    book.finish()
}

/// Hours as a spreadsheet's number; hundredths up to 2⁵³ stay exact.
#[expect(clippy::cast_precision_loss, reason = "hours of a year are far below 2⁵³ hundredths")]
fn in_hours(hundredths: i64) -> f64 {
    hundredths as f64 / 100.0
}

/// Someone to be called.
struct Call {
    name: String,
    place: String,
    short: String,
    phone: String,
}

#[derive(Template)]
#[template(path = "supervision/calls.html")]
struct CallsPage {
    frame: Frame,
    year: base::Year,
    years: Years,
    today: String,
    calls: Vec<Call>,
    /// Why nothing is shown: numbers in clear want the password fresh (security item 50).
    closed: String,
}

async fn calls(State(site): State<Site>, visitor: Visitor, Query(q): Query<Asked>) -> Reply {
    called(&site, &visitor, &q, "").await
}

#[derive(Deserialize)]
struct PasswordForm {
    #[serde(default)]
    password: String,
}

async fn calls_after_password(
    State(site): State<Site>,
    visitor: Visitor,
    Query(q): Query<Asked>,
    Form(f): Form<PasswordForm>,
) -> Reply {
    called(&site, &visitor, &q, &f.password).await
}

async fn called(site: &Site, visitor: &Visitor, q: &Asked, password: &str) -> Reply {
    let mut page = CallsPage {
        frame: Frame::of(site, visitor, "/supervision", "page-calls"),
        year: q.year(site)?,
        years: hours::years(site).await?,
        today: dates::minute(site.now()),
        calls: vec![],
        closed: String::new(),
    };
    match accounts::fresh(site, visitor, Some(password)).await {
        Ok(()) => page.calls = unreached(site, visitor, q).await?,
        Err(Error::Refused(p)) => page.closed = site.texts.refusal(&p),
        Err(e) => return Err(e.into()),
    }
    html(&page)
}

/// Whom no SMS reaches, with numbers in clear; that they were shown is in the trail.
async fn unreached(site: &Site, visitor: &Visitor, q: &Asked) -> Result<Vec<Call>> {
    let people = whole(site, visitor, q).await?;
    let ids = people.iter().map(|p| p.id.parse()).collect::<Result<Vec<PersonId>, _>>()?;
    let reachable = accounts::reachable(&site.db, &ids).await?;
    let phones = org::contact_phones(site, &site.db, &ids).await?;
    let unreached = people
        .into_iter()
        .zip(ids)
        .filter(|(p, id)| !reachable.contains(id) && matches!(p.state.as_str(), "under_way" | "not_begun"));
    let call = |(p, id): (Someone, PersonId)| Call {
        name: p.name,
        place: p.department.map_or_else(|| p.unit.clone(), |d| format!("{} · {d}", p.unit)),
        short: Hours::from_hundredths(p.short_hours).to_string(),
        phone: phones.get(&id).cloned().unwrap_or_default(),
    };
    let calls: Vec<Call> = unreached.map(call).collect();
    recorded(site, visitor, q, ("supervision.calls", calls.len())).await?;
    Ok(calls)
}
