//! The page of those who have not activated yet: invite, print, invite again.
use askama::Template;
use axum::extract::{Query, State};
use base::{Error, day};
use documents::Typesetter;
use serde::Deserialize;
use site::{Access, Form, Frame, Page, Paging, Reply, Routes, Site, Visitor, dates, html};

use crate::{
    MANAGERS,
    api::printed,
    invite::{self, Invited, Whom},
    store::{self, Tally, Waiting},
};

pub(crate) fn routes(typesetter: &Typesetter) -> Routes {
    let typesetter = typesetter.clone();
    Routes::new().get("/activations", Access::Roles(MANAGERS), list).post(
        "/activations",
        Access::Roles(MANAGERS),
        move |site, visitor, form| act(typesetter.clone(), site, visitor, form),
    )
}

#[derive(Template)]
#[template(path = "activation/list.html")]
struct ListPage {
    frame: Frame,
    unit: String,
    /// The list's address in the API, for its export.
    list: String,
    tally: Tally,
    waiting: Page<Waiting>,
    invited: Option<Invited>,
    error: String,
}

impl ListPage {
    fn time(&self, at: &Option<i64>) -> String {
        at.map(|at| dates::minute(day::from_millis(at))).unwrap_or_default()
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ListQuery {
    unit: String,
    after: Option<String>,
}

async fn build(site: &Site, visitor: &Visitor, unit: &str, after: Option<String>) -> base::Result<ListPage> {
    let scope = invite::places(site, visitor, Some(unit)).await?;
    let paging = Paging { after, limit: Some(50) };
    let found = store::page(&site.db, &scope, &paging).await?;
    Ok(ListPage {
        frame: Frame::of(site, visitor, "/activations", "page-activations"),
        unit: unit.to_owned(),
        list: format!("/api/v1/activations?unit={}", site::encoded(unit)),
        tally: store::tally(&site.db, &scope).await?,
        waiting: Page::of(found, paging.limit(), |w| w.person.to_string()),
        invited: None,
        error: String::new(),
    })
}

async fn list(State(site): State<Site>, visitor: Visitor, Query(q): Query<ListQuery>) -> Reply {
    html(&build(&site, &visitor, &q.unit, q.after).await?)
}

/// The form: all below the unit, or one person's button.
#[derive(Default, Deserialize)]
#[serde(default)]
struct ActForm {
    action: String,
    unit: String,
    person: String,
}

async fn act(
    typesetter: Typesetter,
    State(site): State<Site>,
    visitor: Visitor,
    Form(f): Form<ActForm>,
) -> Reply {
    let people = Some(vec![f.person.clone()]).filter(|_| !f.person.is_empty());
    let whom = Whom { unit: Some(f.unit.clone()), people };
    let done = match f.action.as_str() {
        "print" => match printed(&site, &visitor, typesetter, &whom).await {
            Ok(response) => return Ok(response),
            Err(failure) => Err(failure.0),
        },
        _ => invite::by_message(&site, &visitor, &whom).await,
    };
    let mut page = build(&site, &visitor, &f.unit, None).await?;
    match done {
        Ok(invited) => page.invited = Some(invited),
        Err(Error::Refused(p)) => {
            page.error = site.texts.refusal(&p);
        }
        Err(e) => return Err(e.into()),
    }
    html(&page)
}
