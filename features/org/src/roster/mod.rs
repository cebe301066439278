//! The roster: reading a file as people send it, checking every cell, writing all of it or nothing.
mod apply;
mod arrivals;
mod background;
mod csv;
pub(crate) mod dates;
mod file;
mod marked;
mod plan;
mod progress;
mod row;
mod sheet;
#[cfg(test)]
mod tests;
pub(crate) mod words;
mod xls;
mod xlsx;
mod zip_guard;

use base::{PersonId, Result};
use serde_json::json;
use site::Site;

pub use arrivals::{Arrivals, Departments, arrivals, unit_row};
pub(crate) use background::{IMPORT, Order, run};
pub(crate) use file::Format;
pub use file::lines;
pub(crate) use marked::{marked, word};
pub(crate) use plan::{Change, Plan};
pub use plan::{Difference, Options};
pub(crate) use progress::{Progress, begin, work_of};
pub(crate) use sheet::Sheet;

use crate::{Unit, store, store_people};

/// A wrong cell, as the spreadsheet numbers its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellError {
    /// The row, from 1.
    pub row: usize,
    /// The column's code, such as `id_number`.
    pub column: &'static str,
    /// A stable code.
    pub code: &'static str,
    /// What of the cell it is about, for the text; mostly nothing.
    pub about: String,
}

impl CellError {
    /// A wrong cell whose text needs nothing of the cell.
    pub fn new(row: usize, column: &'static str, code: &'static str) -> Self {
        Self { row, column, code, about: String::new() }
    }

    /// What is wrong, for people.
    pub fn text(&self, texts: &site::Texts) -> String {
        texts.with(&format!("field-{}", self.code), &[("about", &self.about)])
    }
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
    /// People whose rows say what is known.
    pub unchanged: usize,
    /// People on post whom the roster does not name.
    pub left_out: usize,
    /// The first thousand differences: row, name, what differs.
    pub differences: Vec<(usize, String, Difference)>,
    /// What is wrong; with any, nothing is written.
    pub errors: Vec<CellError>,
}

/// How a roster is imported.
#[derive(Clone, Debug, Default)]
pub struct How {
    /// Whether only to say what would happen.
    pub is_dry_run: bool,
    /// Who imports; none is the command line.
    pub by: Option<PersonId>,
    /// How what people entered themselves is treated.
    pub options: Options,
    /// The draft that this import completes.
    pub draft: Option<String>,
}

/// Reads and checks a file against a unit's roster; writes nothing.
pub(crate) async fn plan(site: &Site, unit: &Unit, file: Vec<u8>) -> Result<(Sheet, Plan)> {
    let sheet = file::read(file).await?;
    let plan = plan::make(site, &site.db, unit, &sheet, (Options::default(), &Progress::default())).await?;
    Ok((sheet, plan))
}

/// Imports a file into a unit: all or nothing.
pub async fn import_file(site: &Site, unit: &Unit, file: Vec<u8>, how: How) -> Result<Outcome> {
    let progress = how.draft.as_deref().map(Progress::of).unwrap_or_default();
    progress.at("reading", 0, 1);
    let sheet = file::read(file).await?;
    if how.is_dry_run {
        let plan = plan::make(site, &site.db, unit, &sheet, (how.options, &progress)).await?;
        return Ok(plan.outcome());
    }
    let tx = site.db.begin().await?;
    store::hold_unit(&tx, unit.id).await?;
    store_people::hold_people_of(&tx, unit.id).await?;
    let plan = plan::make(site, &tx, unit, &sheet, (how.options, &progress)).await?;
    drop(sheet);
    let outcome = plan.outcome();
    if outcome.errors.is_empty() {
        apply::write(site, &tx, unit, plan, (how.by, &progress)).await?;
        if let Some(draft) = &how.draft {
            let said = json!({"created": outcome.created, "updated": outcome.updated}).to_string();
            store::end_draft(&tx, draft, "done", &said).await?;
            progress::end(site, &tx, draft, Some(outcome.rows)).await?;
        }
        tx.commit().await?;
    }
    Ok(outcome)
}
