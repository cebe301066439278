//! The forms as PDF.
use axum::{
    extract::{Path, Query, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use base::{Error, PersonId, Result, Role, Year};
use documents::Typesetter;
use serde::Deserialize;
use site::{Access, Reply, Routes, Site, Visitor};

use crate::{form, of_case, of_year};

const READERS: &[Role] = &[Role::UnitAdmin, Role::Hr, Role::Authority, Role::Auditor];

pub(crate) fn routes(typesetter: &Typesetter) -> Routes {
    let [of_claim, of_exemption, of_unit, of_me, of_person] = std::array::from_fn(|_| typesetter.clone());
    Routes::new()
        .get("/claims/{id}/form.pdf", Access::SignedIn, move |s, v, p| claim(of_claim.clone(), s, v, p))
        .get("/exemptions/{id}/form.pdf", Access::SignedIn, move |s, v, p| {
            exemption(of_exemption.clone(), s, v, p)
        })
        .get("/yearbooks/{code}/form.pdf", Access::Roles(READERS), move |s, v, p, q| {
            unit(of_unit.clone(), s, v, p, q)
        })
        .get("/me/form.pdf", Access::SignedIn, move |s, v, q| mine(of_me.clone(), s, v, q))
        .get("/people/{id}/form.pdf", Access::Roles(READERS), move |s, v, p, q| {
            person(of_person.clone(), s, v, p, q)
        })
}

#[derive(Deserialize)]
pub(crate) struct OfYear {
    year: Option<String>,
    no: Option<i64>,
}

impl OfYear {
    pub(crate) fn year(&self, site: &Site) -> Result<Year> {
        let Some(text) = self.year.as_deref().filter(|y| !y.is_empty()) else { return Ok(site.desk_year()) };
        text.parse().map_err(|()| Error::invalid("year", "wrong_value"))
    }

    /// As [`Self::year`], on a person's own paper: without a year the one that the own pages open on.
    pub(crate) async fn year_of(&self, site: &Site, person: PersonId) -> Result<Year> {
        if self.year.as_deref().is_none_or(str::is_empty) {
            return hours::opening_year(site, person, None).await;
        }
        self.year(site)
    }

    pub(crate) fn no(&self) -> i64 {
        self.no.unwrap_or(0)
    }
}

async fn claim(t: Typesetter, State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let set = of_case::of_claim(&site, &visitor.actor, &id).await?;
    Ok(pdf(form::print(t, &set, (format!("claim-{id}"), site.now())).await?))
}

async fn exemption(
    t: Typesetter,
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Reply {
    let set = of_case::of_exemption(&site, &visitor.actor, &id).await?;
    Ok(pdf(form::print(t, &set, (format!("exemption-{id}"), site.now())).await?))
}

async fn unit(
    t: Typesetter,
    State(site): State<Site>,
    visitor: Visitor,
    Path(code): Path<String>,
    Query(q): Query<OfYear>,
) -> Reply {
    let (year, no) = (q.year(&site)?, q.no());
    let set = of_year::of_unit(&site, &visitor.actor, (&code, year, no)).await?;
    Ok(pdf(form::print(t, &set, (format!("yearbook-{code}-{year}-{no}"), site.now())).await?))
}

async fn mine(t: Typesetter, State(site): State<Site>, visitor: Visitor, Query(q): Query<OfYear>) -> Reply {
    let me = visitor.actor.person;
    let set = of_year::of_person(&site, me, q.year_of(&site, me).await?).await?;
    Ok(pdf(form::print(t, &set, (format!("year-{me}"), site.now())).await?))
}

async fn person(
    t: Typesetter,
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(q): Query<OfYear>,
) -> Reply {
    let person = org::person(&site.db, id.parse()?).await?;
    if !visitor.actor.scope(READERS).holds(&person.path) {
        return Err(Error::not_found().into());
    }
    let set = of_year::of_person(&site, person.id, q.year(&site)?).await?;
    Ok(pdf(form::print(t, &set, (format!("year-{id}"), site.now())).await?))
}

/// A PDF as an answer.
pub(crate) fn pdf(bytes: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/pdf")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("inline; filename=\"form.pdf\"")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, bytes).into_response()
}
