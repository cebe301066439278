//! Workbooks that the system writes. Texts stay texts: what a spreadsheet could take for a formula is marked as quoted
//! (security item 41), numbers stay numbers.
mod book;

pub use book::{Book, Mark, Place, is_formula_like};
