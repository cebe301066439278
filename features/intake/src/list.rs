//! What every list has in common: where it may reach, what is wrong with it, and what came of it.
use base::{Actor, Error, Result, Scope};
use org::CellError;
use serde::Serialize;
use site::Site;

use crate::KEEPERS;

/// What a list did, or would do.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// Rows read.
    pub rows: usize,
    /// Rows written.
    pub created: usize,
    /// Rows that say what is on record already.
    pub known: usize,
    pub errors: Vec<CellError>,
}

/// A wrong cell in words.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Wrong {
    pub row: usize,
    pub column: String,
    pub code: String,
    pub message: String,
}

impl Wrong {
    pub(crate) fn of(site: &Site, e: &CellError) -> Self {
        Self {
            row: e.row,
            column: e.column.to_owned(),
            code: e.code.to_owned(),
            message: site.texts.with(&format!("cell-{}", e.code), &[("about", &e.about)]),
        }
    }

    /// The column's name.
    pub(crate) fn name(&self, site: &Site) -> String {
        let names = site.texts.get(&format!("listcol-{}", self.column));
        names.split(' ').next().unwrap_or_default().to_owned()
    }
}

/// The place a list is for: a unit's subtree, or everything the actor keeps.
pub(crate) async fn scope(site: &Site, actor: &Actor, unit: Option<&str>) -> Result<Scope> {
    let held = actor.scope(KEEPERS);
    let Some(code) = unit.filter(|u| !u.is_empty()) else { return Ok(held) };
    let unit = org::by_code(&site.db, code).await?;
    if held.holds(&unit.path) { Ok(Scope { paths: vec![unit.path] }) } else { Err(Error::not_found()) }
}

pub(crate) fn wrong(row: usize, column: &'static str, code: &'static str) -> CellError {
    CellError::new(row, column, code)
}
