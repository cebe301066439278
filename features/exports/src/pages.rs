//! The page between a list and its workbook: what for.
use askama::Template;
use axum::{
    Router,
    extract::{Query, State},
    http::HeaderMap,
};
use base::Error;
use serde::Deserialize;
use site::{Access, Form, Frame, Reply, Routes, Site, Visitor, html};

use crate::{
    api::{made, title},
    api_list::Address,
};

pub(crate) fn routes(lists: &Router) -> Routes {
    let lists = lists.clone();
    Routes::new().get("/export", Access::SignedIn, page).post(
        "/export",
        Access::SignedIn,
        move |site, visitor, headers, form| submit(lists.clone(), site, visitor, headers, form),
    )
}

#[derive(Template)]
#[template(path = "exports/export.html")]
struct ExportPage {
    frame: Frame,
    name: String,
    filter: String,
    list: String,
    back: String,
    error: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ExportForm {
    list: String,
    purpose: String,
    back: String,
}

fn build(site: &Site, visitor: &Visitor, f: ExportForm) -> base::Result<ExportPage> {
    let address = Address::read(&f.list)?;
    Ok(ExportPage {
        frame: Frame::of(site, visitor, "/export", "page-export"),
        name: title(site, &address),
        filter: address.filter.iter().map(|(_, v)| v.as_str()).collect::<Vec<_>>().join(" "),
        list: f.list,
        back: site::local_path(Some(&f.back)),
        error: String::new(),
    })
}

async fn page(State(site): State<Site>, visitor: Visitor, Query(f): Query<ExportForm>) -> Reply {
    html(&build(&site, &visitor, f)?)
}

async fn submit(
    lists: Router,
    State(site): State<Site>,
    visitor: Visitor,
    headers: HeaderMap,
    Form(f): Form<ExportForm>,
) -> Reply {
    match made(&site, &visitor, (&lists, &headers), (&f.list, &f.purpose)).await {
        Ok(workbook) => Ok(workbook),
        Err(Error::Refused(p)) if !p.fields.is_empty() => {
            let code = p.fields.first().map_or("wrong_value", |field| field.code);
            let mut page = build(&site, &visitor, f)?;
            page.error = site.texts.get(&format!("field-{code}"));
            html(&page)
        }
        Err(e) => Err(e.into()),
    }
}
