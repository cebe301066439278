//! Possible duplicates side by side, and what was put together.
use askama::Template;
use axum::extract::{Query, State};
use base::{Error, day};
use serde::Deserialize;
use site::{Form, Frame, Page, Paging, Reply, Site, Visitor, dates, html, see_other};

use crate::{
    AUTHORITIES, duplicate,
    store_identity::{self as store, Done, Pair},
};

#[derive(Template)]
#[template(path = "staffing/duplicates.html")]
struct DuplicatesPage {
    frame: Frame,
    pairs: Page<Pair>,
    done: Vec<Done>,
    error: String,
}

impl DuplicatesPage {
    fn time(&self, d: &Done) -> String {
        dates::minute(day::from_millis(d.merged_at))
    }
}

#[derive(Default, Deserialize)]
pub(super) struct ListQuery {
    after: Option<String>,
}

async fn build(site: &Site, visitor: &Visitor, after: Option<String>) -> base::Result<DuplicatesPage> {
    let paging = Paging { after, limit: Some(30) };
    let scope = visitor.actor.scope(AUTHORITIES);
    let found = store::pairs(&site.db, &scope, &paging).await?;
    Ok(DuplicatesPage {
        frame: Frame::of(site, visitor, "/duplicates", "page-duplicates"),
        pairs: Page::of(found, paging.limit(), |p| p.first_id.clone()),
        done: store::merges(&site.db, &scope, &Paging { after: None, limit: Some(30) }).await?,
        error: String::new(),
    })
}

pub(super) async fn list(State(site): State<Site>, visitor: Visitor, Query(q): Query<ListQuery>) -> Reply {
    html(&build(&site, &visitor, q.after).await?)
}

#[derive(Deserialize)]
pub(super) struct MergeForm {
    keep: String,
    first: String,
    second: String,
    reason: String,
}

pub(super) async fn merge(State(site): State<Site>, visitor: Visitor, Form(f): Form<MergeForm>) -> Reply {
    let gone = if f.keep == f.first { &f.second } else { &f.first };
    let pair = (f.keep.parse()?, gone.parse()?);
    match duplicate::merge(&site, &visitor, pair, &f.reason).await {
        Ok(_) => Ok(see_other("/duplicates")),
        Err(Error::Refused(p)) if p.kind != base::Kind::NotFound => {
            let mut page = build(&site, &visitor, None).await?;
            page.error = site.texts.refusal(&p);
            html(&page)
        }
        Err(e) => Err(e.into()),
    }
}
