//! The standard and the manual as downloads.
use axum::extract::{Query, State};
use documents::Typesetter;
use site::{Access, Reply, Routes, Site};

use crate::{
    api::{OfYear, pdf},
    publication::{manual, standard},
};

pub(crate) fn routes(typesetter: &Typesetter) -> Routes {
    let [of_standard, of_manual] = std::array::from_fn(|_| typesetter.clone());
    Routes::new()
        .get("/standard.pdf", Access::SignedIn, move |s, q| standard_page(of_standard.clone(), s, q))
        .costly()
        .get("/manual.pdf", Access::Public, move |s| manual_page(of_manual.clone(), s))
        .costly()
}

async fn standard_page(t: Typesetter, State(site): State<Site>, Query(q): Query<OfYear>) -> Reply {
    let year = q.year(&site)?;
    Ok(pdf(standard(&site, t, year, site.now()).await?))
}

async fn manual_page(t: Typesetter, State(site): State<Site>) -> Reply {
    Ok(pdf(manual(&site, t, site.now()).await?))
}
