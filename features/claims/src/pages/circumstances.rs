//! A person's circumstances in the browser: leaves, make-ups, reliefs, the spouse; each with its form for who may.
use askama::Template;
use axum::extract::{Path, State as Given};
use base::{Error, PersonId, Result, Role, Year};
use serde::Deserialize;
use site::{Access, Form, Frame, Reply, Routes, Site, Visitor, Years, html, see_other};

use super::review::in_words;
use crate::{
    circumstance::{self, KEEPERS, Records},
    leave,
};

pub(super) fn routes() -> Routes {
    Routes::new().get("/people/{id}/circumstances", Access::Roles(KEEPERS), shown).post(
        "/people/{id}/circumstances",
        Access::Roles(KEEPERS),
        change,
    )
}

#[derive(Template)]
#[template(path = "claims/circumstances.html")]
struct CircumstancesPage {
    frame: Frame,
    records: Records,
    years: Years,
    is_authority: bool,
    error: String,
}

impl CircumstancesPage {
    fn kind(&self, leave: &leave::Leave) -> String {
        self.frame.word("leave", &Records::kind(leave))
    }
}

async fn page(site: &Site, visitor: &Visitor, id: PersonId, error: String) -> Reply {
    html(&CircumstancesPage {
        frame: Frame::of(site, visitor, "/people", "page-circumstances"),
        records: circumstance::records(site, &visitor.actor, id).await?,
        years: hours::years(site).await?,
        is_authority: visitor.actor.has(&[Role::Authority]),
        error,
    })
}

async fn shown(Given(site): Given<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    page(&site, &visitor, id.parse()?, String::new()).await
}

/// One form at a time; `what` says which.
#[derive(Default, Deserialize)]
#[serde(default)]
struct ChangeForm {
    what: String,
    year: String,
    kind: String,
    from: String,
    to: String,
    until: String,
    leave: String,
    document: String,
    reason: String,
    spouse: String,
}

async fn change(
    Given(site): Given<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(f): Form<ChangeForm>,
) -> Reply {
    let id: PersonId = id.parse()?;
    match changed(&site, &visitor, id, &f).await {
        Ok(()) => Ok(see_other(&format!("/people/{id}/circumstances"))),
        Err(e) => match in_words(&site, &e) {
            None => Err(e.into()),
            Some(said) => page(&site, &visitor, id, said).await,
        },
    }
}

async fn changed(site: &Site, visitor: &Visitor, id: PersonId, f: &ChangeForm) -> Result<()> {
    let actor = &visitor.actor;
    let year = || f.year.parse::<Year>().map_err(|()| Error::invalid("year", "wrong_value"));
    match f.what.as_str() {
        "leave" => {
            let typed = leave::Typed { kind: &f.kind, from: &f.from, to: &f.to };
            leave::enter(site, actor, Some(id), (&typed, &[])).await.map(|_| ())
        }
        "leave_end" => leave::end(site, actor, &f.leave).await,
        "make_up" => leave::make_up(site, actor, (id, year()?), (&f.until, &f.reason)).await.map(|_| ()),
        "relief" => circumstance::relieve(site, actor, (id, year()?), (&f.document, &f.reason)).await,
        "relief_end" => circumstance::end_relief(site, actor, (id, year()?)).await,
        "spouse" => {
            let spouse = f.spouse.trim();
            let person = if spouse.is_empty() { None } else { Some(named(site, spouse).await?) };
            circumstance::set_spouse(site, actor, id, person).await
        }
        _ => Err(Error::invalid("what", "wrong_value")),
    }
}

/// A person by account name.
async fn named(site: &Site, account: &str) -> Result<PersonId> {
    crate::store::watching::by_account(&site.db, account)
        .await?
        .ok_or_else(|| Error::invalid("spouse", "spouse_account"))
}
