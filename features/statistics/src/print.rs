//! A report on paper: A4, as PDF/A, from its snapshot alone; the same report gives the same bytes.
use base::{Error, Result};
use documents::{Identity, Manuscript, Typesetter};
use serde_json::{Map, Value};

use crate::{report, store_reports::Report};

/// The Typst source of the report.
pub const TEMPLATE: &str = include_str!("../documents/report/report.typ");
/// Sample data for it.
pub const SAMPLE: &str = include_str!("../documents/report/sample.json");

/// Sets a report.
pub(crate) async fn print(typesetter: Typesetter, report: Report) -> Result<Vec<u8>> {
    let mut data: Map<String, Value> = serde_json::from_str(&report.content).map_err(Error::internal)?;
    data.insert("sha256".to_owned(), Value::from(report.sha256.clone()));
    let data = Value::Object(data);
    let ident = format!("statistics-report-{}", report.id);
    let work = move || {
        let manuscript = Manuscript { template: TEMPLATE, data: &data, files: &[] };
        let identity = Identity { ident: &ident, made_at: report::at(&report) };
        typesetter.pdf(&manuscript, &identity).map_err(Error::internal)
    };
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
}
