//! Forms on A4 with fields for signature and seal: 学时认定表, 免训审批表, a person's and a unit's 年度台账; and the stamped
//! scans that are attached to them.
mod api;
mod form;
mod of_case;
mod of_year;
mod pages;
mod pages_publication;
mod publication;
mod scan;

pub use form::{SAMPLE, TEMPLATE};
pub use publication::{manual, standard};

use documents::Typesetter;
use site::Routes;

/// The slice's routes.
pub fn routes(typesetter: &Typesetter) -> Routes {
    api::routes(typesetter).and(pages_publication::routes(typesetter)).and(pages::routes())
}
