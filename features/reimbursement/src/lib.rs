//! Reimbursement of training fees (notice 三.3): a claim of invoices for a satisfied year, decided by department, HR and
//! finance in turn, paid and booked back. Every invoice counts once in the province.
mod api;
mod claim;
mod decide;
mod einvoice;
mod export;
mod intake;
mod invoice;
mod money;
mod pages;
mod pay;
mod print;
mod state;
mod store;
mod store_books;
mod submit;

pub use api::docs;
pub use print::{SAMPLE, TEMPLATE};

use base::Role;
use documents::Typesetter;
use site::Routes;

/// Who decides, each at the own stage and within the own subtree.
const DECIDERS: &[Role] = &[Role::DepartmentHead, Role::UnitAdmin, Role::Hr, Role::Finance];
/// Who keeps the books.
const FINANCE: &[Role] = &[Role::Finance];
/// Who may read the books.
const BOOK_READERS: &[Role] = &[Role::Finance, Role::UnitAdmin, Role::Authority, Role::Auditor];

/// The slice's routes; the printed form comes from the typesetter.
pub fn routes(typesetter: &Typesetter) -> Routes {
    api::routes().and(pages::routes(typesetter))
}
