//! What one sees in any list, as a workbook: the list itself is asked, page by page, as the visitor who exports, so that
//! nobody exports what nobody may see. Texts stay texts (security item 41), and each export is in the trail with the list,
//! its filter, the number of rows and the purpose.
mod api;
mod api_list;
mod pages;
mod words;
mod workbook;

pub use api::docs;
pub use api_list::Lists;

use site::Routes;

/// The slice's routes; `lists` answers the lists of the JSON API behind their own guards.
pub fn routes(lists: &Lists) -> Routes {
    api::routes(lists).and(pages::routes(lists))
}
