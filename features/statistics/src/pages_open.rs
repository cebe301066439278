//! Open data as a page and as files that anyone may take.
use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::{HeaderValue, header},
    response::IntoResponse,
};
use base::{Error, Year};
use hours::AsOf;
use site::{Access, Frame, Reply, Routes, Site, Visitor, Years, html};

use crate::{
    api::StatsQuery,
    open_data::{self, OpenData},
};

pub(crate) fn routes() -> Routes {
    Routes::new().get("/open-data", Access::Public, page).get("/open-data/{file}", Access::Public, file)
}

#[derive(Template)]
#[template(path = "statistics/open.html")]
struct OpenPage {
    frame: Frame,
    year: Year,
    years: Years,
    as_of: String,
    data: OpenData,
}

async fn page(State(site): State<Site>, visitor: Option<Visitor>, Query(q): Query<StatsQuery>) -> Reply {
    let year = q.year(&site)?;
    let frame = match &visitor {
        Some(visitor) => Frame::of(&site, visitor, "/open-data", "page-open-data"),
        None => Frame::plain(&site, &site.texts.get("page-open-data")),
    };
    html(&OpenPage {
        frame,
        year,
        years: hours::years(&site).await?,
        as_of: AsOf::of_many(&site, year, site.now()).await?.words(&site),
        data: open_data::of(&site, year).await?,
    })
}

/// `2026.json` or `2026.csv`.
async fn file(State(site): State<Site>, Path(file): Path<String>) -> Reply {
    let (year, kind) = file.split_once('.').ok_or_else(Error::not_found)?;
    let year: Year = year.parse().map_err(|()| Error::not_found())?;
    let data = open_data::of(&site, year).await?;
    let (kind, bytes) = match kind {
        "json" => ("application/json", serde_json::to_vec(&data).map_err(Error::internal)?),
        "csv" => ("text/csv; charset=utf-8", open_data::csv(&data)?),
        _ => return Err(Error::not_found().into()),
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600")),
    ];
    Ok((headers, bytes).into_response())
}
