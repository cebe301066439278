//! The database: SQLite or PostgreSQL behind one set of calls. SQL text is portable (see docs/decisions.md); the few
//! differences are named in [`dialect`]. Only `store*` files of slices call the query functions.
mod among;
mod append_only;
mod connect;
pub mod dialect;
mod failure;
mod former;
mod insert;
mod load;
mod migrate;
mod param;
mod query;
mod rows;
mod snapshot;

pub use among::{People, among};
pub use append_only::protect;
pub use connect::{Conn, Db, Tx};
pub use dialect::clock_seconds;
pub use former::{Former, keep_former};
pub use insert::{at_least, containing, in_list, in_scope, insert_rows, replace_values, value_rows};
pub use load::{Rows, analyze, load as load_rows};
pub use migrate::{Schema, is_current, migrate};
pub use param::{Param, Value};
pub use query::{all, count, execute, maybe, one};
pub use rows::{Source, insert_rows_evenly, sources};
pub use sea_orm::FromQueryResult;
pub use snapshot::{load, snapshot, sqlite_file};
