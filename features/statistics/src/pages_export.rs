//! The figures as a spreadsheet.
use axum::{
    extract::{Query, State},
    http::{HeaderValue, header},
    response::IntoResponse,
};
use base::{Result, day, person::Code};
use serde_json::json;
use sheets::{Book, Mark};
use site::{Access, Reply, Routes, Site, Visitor};

use crate::{
    READERS,
    api::StatsQuery,
    as_of,
    figures::{self, Row},
};

pub(crate) const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

pub(crate) fn routes() -> Routes {
    Routes::new().get("/statistics/overview.xlsx", Access::Roles(READERS), export).costly()
}

/// The table of the page; who took it away is recorded.
async fn export(State(site): State<Site>, visitor: Visitor, Query(q): Query<StatsQuery>) -> Reply {
    let (year, by) = (q.year(&site)?, q.by()?);
    let scope = figures::scope(&site, &visitor.actor, q.unit.as_deref()).await?;
    let rows = figures::rows(&site, &scope, year, by).await?;
    let as_of = as_of::of(&site, &scope, year).await?.sheet_line(&site);
    let grounds = hours::grounds(&site.db, year, day::day_of(site.now())).await?.words(&site);
    let bytes = sheet(&site, &rows, [&as_of, &grounds])?;
    let tx = site.db.begin().await?;
    let deed = audit::Deed {
        actor: Some(visitor.actor.person),
        action: "statistics.export",
        object: q.unit.as_deref().unwrap_or(""),
        unit_path: scope.paths.first().map_or("", String::as_str),
        details: json!({"filter": {"year": year, "by": by.code()}, "rows": rows.len()}),
    };
    audit::record(&site, &tx, deed).await?;
    tx.commit().await?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(XLSX)),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"statistics.xlsx\"")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((headers, bytes).into_response())
}

fn sheet(site: &Site, rows: &[Row], foot: [&str; 2]) -> Result<Vec<u8>> {
    let mut book = Book::new(&site.texts.get("page-statistics"));
    let heads = site.texts.get("stats-export-heads");
    let is_of_learning = rows.iter().any(|r| r.hours.is_some());
    for (column, head) in (0..).zip(heads.split(' ')).take(if is_of_learning { 10 } else { 8 }) {
        book.text((0, column), head, Mark::Head)?;
    }
    for (n, r) in (1..).zip(rows) {
        book.text((n, 0), &r.key, Mark::None)?;
        book.text((n, 1), &r.name, Mark::None)?;
        let numbers = [r.people, r.done, r.under_way, r.not_begun, r.exempt, r.percent()];
        for (column, number) in (2..).zip(numbers) {
            book.number((n, column), counted(number))?;
        }
        if let Some((entries, hours)) = r.entries.zip(r.hours) {
            book.number((n, 8), counted(entries))?;
            book.number((n, 9), counted(hours.hundredths()) / 100.0)?;
        }
    }
    for (n, line) in (rows.len() + 2..).zip(foot) {
        book.text((n, 0), line, Mark::None)?;
    }
    book.finish()
}

/// A count as a spreadsheet's number; a province's people are far below 2⁵³.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2⁵³")]
fn counted(number: i64) -> f64 {
    number as f64
}
