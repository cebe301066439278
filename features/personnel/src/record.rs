//! The printed record of a check: A4, as PDF/A, with the numbers of all checks and fields for signature and seal.
use base::{Error, Result};
use documents::{Identity, Manuscript, Typesetter};
use serde_json::{Value, json};
use site::Site;

use crate::{batch::Checked, store::BatchRow};

/// The Typst source of the record.
pub const TEMPLATE: &str = include_str!("../documents/check/record.typ");
/// Sample data for it.
pub const SAMPLE: &str = include_str!("../documents/check/sample.json");

/// Sets the record of a list.
pub(crate) async fn print(
    site: &Site,
    typesetter: Typesetter,
    batch: &BatchRow,
    checks: &[(Checked, bool)],
) -> Result<Vec<u8>> {
    let mut data = data(site, batch, checks);
    let made_at = base::day::from_millis(batch.checked_at);
    if let (Value::Object(members), Some(year)) = (&mut data, base::Year::new(batch.year)) {
        let rules = hours::words_on(site, year, made_at).await?;
        members.insert("rules".to_owned(), Value::String(rules));
    }
    let ident = format!("personnel-check-{}", batch.id);
    let work = move || {
        let manuscript = Manuscript { template: TEMPLATE, data: &data, files: &[] };
        typesetter.pdf(&manuscript, &Identity { ident: &ident, made_at }).map_err(Error::internal)
    };
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
}

fn data(site: &Site, batch: &BatchRow, checks: &[(Checked, bool)]) -> Value {
    let row = |(c, revoked): &(Checked, bool)| {
        json!({"no": c.check_no, "name": c.name, "place": c.department.as_ref().unwrap_or(&c.unit),
            "allowed": c.allowed && !revoked, "revoked": revoked, "reason": c.reason})
    };
    json!({
        "business": site.texts.get(&format!("business-{}", batch.business)), "year": batch.year,
        "by": batch.by_name, "at": site::dates::minute(base::day::from_millis(batch.checked_at)),
        "rows": checks.iter().map(row).collect::<Vec<_>>(),
        "note": site.settings.notice,
    })
}
