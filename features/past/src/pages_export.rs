//! A unit's people as of a past day as a spreadsheet; the checkpoint stands in every line.
use axum::{
    extract::{Query, State},
    http::{HeaderValue, header},
    response::IntoResponse,
};
use base::{Error, Result, person::Code};
use hours::Moment;
use serde_json::json;
use sheets::{Book, Mark};
use site::{Access, Reply, Routes, Site, Visitor};

use crate::{
    READERS,
    asked::Asked,
    figures::{self, One},
};

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// A spreadsheet holds so many people; a province is exported by units.
const MOST: usize = 50_000;

pub(crate) fn routes() -> Routes {
    Routes::new().get("/past/people.xlsx", Access::Roles(READERS), export)
}

async fn export(State(site): State<Site>, visitor: Visitor, Query(q): Query<Asked>) -> Reply {
    let scope = q.scope(&site, &visitor.actor).await?;
    let (year, then) = (q.year(&site)?, q.moment(&site).await?);
    let (mut people, mut after) = (vec![], String::new());
    loop {
        let found = figures::people(&site, (&scope, year), (&after, hours::bulk::PAGE), &then).await?;
        let Some(last) = found.last else { break };
        after = last;
        people.extend(found.people);
        if people.len() > MOST {
            return Err(Error::conflict("export_by_units").into());
        }
    }
    let rules = hours::in_force_at(&site.db, year, &then).await?.words_then(&site);
    let bytes = sheet(&site, &people, (&then, &rules))?;
    let tx = site.db.begin().await?;
    let deed = audit::Deed {
        actor: Some(visitor.actor.person),
        action: "past.export",
        object: q.unit.as_deref().unwrap_or(""),
        unit_path: scope.paths.first().map_or("", String::as_str),
        details: json!({"filter": {"year": year, "checkpoint": then.checkpoint}, "rows": people.len()}),
    };
    audit::record(&site, &tx, deed).await?;
    tx.commit().await?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(XLSX)),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"past.xlsx\"")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((headers, bytes).into_response())
}

fn sheet(site: &Site, people: &[One], (then, rules): (&Moment, &str)) -> Result<Vec<u8>> {
    let mut book = Book::new(&site.texts.get("page-past"));
    for (column, head) in (0..).zip(site.texts.get("past-export-heads").split(' ')) {
        book.text((0, column), head, Mark::Head)?;
    }
    let as_of = site
        .texts
        .with("past-as-of", &[("no", &then.checkpoint.to_string()), ("at", &site::dates::minute(then.at))]);
    let as_of = if rules.is_empty() { as_of } else { format!("{as_of} {rules}") };
    for (n, one) in (1..).zip(people) {
        let o = &one.outcome;
        let cells = [
            one.name.clone(),
            one.unit_name.clone(),
            one.department.clone().unwrap_or_default(),
            site.texts.get(if o.obliged { "past-obliged" } else { "past-not_obliged" }),
            site.texts.get(&format!("stats-state-{}", o.state.code())),
            o.total.to_string(),
            o.public.to_string(),
            o.professional.to_string(),
            one.days.to_string(),
            as_of.clone(),
        ];
        for (column, text) in (0..).zip(&cells) {
            book.text((n, column), text, Mark::None)?;
        }
    }
    book.finish()
}
