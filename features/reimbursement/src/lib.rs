//! Reimbursement of training fees (notice 三.3): a claim of invoices for a satisfied year, decided by department, HR and
//! finance in turn, paid and booked back. Every invoice counts once in the province.
mod api;
mod api_money;
mod api_received;
mod bank;
mod blocks;
mod claim;
mod decide;
mod einvoice;
mod export;
mod fees;
mod follow;
mod health;
mod intake;
mod invoice;
mod money;
mod pages;
mod pay;
mod print;
mod received;
mod settings;
mod special;
mod state;
mod store;
mod store_bank;
mod store_blocks;
mod store_books;
mod store_follow;
mod store_received;
mod store_settings;
mod store_special;
mod store_unit_paid;
mod submit;
mod transfer;
mod unit_paid;
mod worth;

pub use api::docs;
pub use print::{SAMPLE, TEMPLATE};
pub use transfer::{Column, Encoding, Format, columns};

use base::Role;
use documents::Typesetter;
use hours::YEAR_CHANGED;
use site::{Routes, Site};

/// Who decides, each at the own stage and within the own subtree.
const DECIDERS: &[Role] = &[Role::DepartmentHead, Role::UnitAdmin, Role::Hr, Role::Finance];
/// Who keeps the books.
const FINANCE: &[Role] = &[Role::Finance];
/// Who may read the books.
const BOOK_READERS: &[Role] = &[Role::Finance, Role::UnitAdmin, Role::Authority, Role::Auditor];

/// The slice's routes; the printed form comes from the typesetter, the payment file has the given form.
pub fn routes(typesetter: &Typesetter, format: &Format) -> Routes {
    api::routes().and(api_money::routes()).and(api_received::routes()).and(pages::routes(typesetter, format))
}

/// The slice's background work: claims follow the years that they rest on.
pub fn jobs() -> jobs::Handlers<Site> {
    jobs::Handlers::default().on(YEAR_CHANGED, follow::year).on(follow::FOLLOW, follow::year)
}
