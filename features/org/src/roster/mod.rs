//! The roster: reading a file as people send it, checking every cell, writing all of it or nothing.
mod apply;
mod cells;
mod plan;
mod words;

use base::{Error, PersonId, Result};
use site::Site;

pub use cells::lines;
pub(crate) use plan::{Change, Plan};

use crate::Unit;

/// A wrong cell, as the spreadsheet numbers its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellError {
    /// The row, from 1.
    pub row: usize,
    /// The column's code, such as `id_number`.
    pub column: &'static str,
    /// A stable code.
    pub code: &'static str,
}

/// What an import did or would do.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Rows with data.
    pub rows: usize,
    /// People who are new.
    pub created: usize,
    /// People who change.
    pub updated: usize,
    /// What is wrong; with any, nothing is written.
    pub errors: Vec<CellError>,
}

/// Reads and checks a file against a unit's roster; writes nothing.
pub(crate) async fn plan(site: &Site, unit: &Unit, file: Vec<u8>) -> Result<Plan> {
    let table = tokio::task::spawn_blocking(move || cells::read(&file)).await.map_err(Error::internal)??;
    plan::make(site, unit, table).await
}

/// Imports a file into a unit: all or nothing. `by` is none for the command line.
pub async fn import_file(
    site: &Site,
    unit: &Unit,
    file: Vec<u8>,
    (is_dry_run, by): (bool, Option<PersonId>),
) -> Result<Outcome> {
    let plan = plan(site, unit, file).await?;
    let outcome = plan.outcome();
    if !is_dry_run && plan.errors.is_empty() {
        apply::write(site, unit, plan, by).await?;
    }
    Ok(outcome)
}
