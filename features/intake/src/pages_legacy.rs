//! Years before the ledger in the browser: the own ones, and those of someone whose records one keeps, with their source.
use askama::Template;
use axum::extract::{Path, State};
use base::PersonId;
use serde::Deserialize;
use site::{Access, Form, Frame, Reply, Routes, Site, Visitor, html, see_other};

use crate::{
    KEEPERS,
    legacy::{self, Legacy},
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/me/legacy", Access::SignedIn, mine)
        .get("/people/{id}/legacy", Access::Roles(KEEPERS), of_person)
        .post("/legacy-years/{id}/end", Access::Roles(KEEPERS), end)
}

#[derive(Template)]
#[template(path = "intake/legacy.html")]
struct LegacyPage {
    frame: Frame,
    name: String,
    person: PersonId,
    is_keeper: bool,
    rows: Vec<Row>,
}

/// A year with the scan of its source.
struct Row {
    l: Legacy,
    scan: Option<files::Cited>,
}

async fn mine(State(site): State<Site>, visitor: Visitor) -> Reply {
    let me = visitor.actor.person;
    shown(&site, &visitor, me).await
}

async fn of_person(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    shown(&site, &visitor, id.parse()?).await
}

async fn shown(site: &Site, visitor: &Visitor, person: PersonId) -> Reply {
    let found = legacy::of(site, &visitor.actor, person).await?;
    let scans = legacy::scans(site, &found).await?;
    let row = |l: Legacy| Row { scan: scans.iter().find(|c| c.object == l.id).cloned(), l };
    let is_keeper = legacy::keeps(site, &visitor.actor, person).await?;
    html(&LegacyPage {
        frame: Frame::of(site, visitor, if is_keeper { "/people" } else { "/hours" }, "page-legacy"),
        name: org::person(&site.db, person).await?.name,
        person,
        is_keeper,
        rows: found.into_iter().map(row).collect(),
    })
}

#[derive(Deserialize)]
struct EndForm {
    person: String,
    reason: String,
}

async fn end(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(f): Form<EndForm>,
) -> Reply {
    legacy::end(&site, &visitor.actor, &id, &f.reason).await?;
    let person: PersonId = f.person.parse()?;
    Ok(see_other(&format!("/people/{person}/legacy")))
}
