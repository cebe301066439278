//! The standard and the manual as downloads.
use axum::extract::{Query, State};
use documents::Typesetter;
use site::{Access, Reply, Routes, Site, Visitor};

use crate::{
    api::{OfYear, pdf},
    publication::{manual, standard},
};

pub(crate) fn routes(typesetter: &Typesetter) -> Routes {
    let [of_standard, of_manual] = std::array::from_fn(|_| typesetter.clone());
    Routes::new()
        .get("/standard.pdf", Access::SignedIn, move |s, v, q| standard_page(of_standard.clone(), s, v, q))
        .costly()
        .get("/manual.pdf", Access::Public, move |s| manual_page(of_manual.clone(), s))
        .costly()
}

async fn standard_page(
    t: Typesetter,
    State(site): State<Site>,
    visitor: Visitor,
    Query(q): Query<OfYear>,
) -> Reply {
    let year = q.year_of(&site, visitor.actor.person).await?;
    Ok(pdf(standard(&site, t, year, site.now()).await?))
}

async fn manual_page(t: Typesetter, State(site): State<Site>) -> Reply {
    Ok(pdf(manual(&site, t, site.now()).await?))
}
