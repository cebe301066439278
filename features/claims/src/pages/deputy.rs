//! 副审 of a unit in the browser: who takes over what waits longer than three days, chosen among those who review there.
use askama::Template;
use axum::extract::{Path, State as Given};
use base::Error;
use serde::Deserialize;
use site::{Access, Form, Frame, Reply, Routes, Site, Visitor, html, see_other};

use super::review::in_words;
use crate::{
    circumstance::{self, Candidate, NAMERS},
    late::DEPUTY_DAYS,
    review::LATE_DAYS,
};

pub(super) fn routes() -> Routes {
    Routes::new().get("/units/{code}/review-deputy", Access::Roles(NAMERS), shown).post(
        "/units/{code}/review-deputy",
        Access::Roles(NAMERS),
        name,
    )
}

#[derive(Template)]
#[template(path = "claims/deputy.html")]
struct DeputyPage {
    frame: Frame,
    unit: org::Unit,
    /// The id of the one who is named; empty for nobody.
    named: String,
    candidates: Vec<Candidate>,
    deputy_days: i64,
    late_days: i64,
    error: String,
}

async fn page(site: &Site, visitor: &Visitor, code: &str, error: String) -> Reply {
    let found = circumstance::deputyship(site, &visitor.actor, code).await?;
    html(&DeputyPage {
        frame: Frame::of(site, visitor, "/reviews", "page-review-deputy"),
        unit: found.unit,
        named: found.named.map(|n| n.id).unwrap_or_default(),
        candidates: found.candidates,
        deputy_days: DEPUTY_DAYS,
        late_days: LATE_DAYS,
        error,
    })
}

async fn shown(Given(site): Given<Site>, visitor: Visitor, Path(code): Path<String>) -> Reply {
    page(&site, &visitor, &code, String::new()).await
}

#[derive(Deserialize)]
struct NameForm {
    /// Empty for nobody.
    deputy: String,
}

async fn name(
    Given(site): Given<Site>,
    visitor: Visitor,
    Path(code): Path<String>,
    Form(f): Form<NameForm>,
) -> Reply {
    let deputy = if f.deputy.is_empty() { None } else { Some(f.deputy.parse()?) };
    match circumstance::name_deputy(&site, &visitor.actor, &code, deputy).await {
        Ok(()) => Ok(see_other(&format!("/units/{code}/review-deputy"))),
        Err(e @ Error::Refused(_)) if e.code() != "not_found" => {
            let Some(error) = in_words(&site, &e) else { return Err(e.into()) };
            page(&site, &visitor, &code, error).await
        }
        Err(e) => Err(e.into()),
    }
}
