//! Slips on A4, eight a page and a new page for each department, to be cut and handed over.
use std::collections::BTreeMap;

use base::{Error, Result, day};
use documents::{Identity, Manuscript, Typesetter};
use serde_json::{Value, json};
use site::Site;

use crate::invite::Slip;

/// The Typst source of the slips.
pub const TEMPLATE: &str = include_str!("../documents/slips.typ");
/// Sample data for it.
pub const SAMPLE: &str = include_str!("../documents/sample.json");

/// Sets the slips.
pub(crate) async fn print(
    site: &Site,
    typesetter: Typesetter,
    groups: &BTreeMap<(String, String), Vec<Slip>>,
) -> Result<Vec<u8>> {
    let data = data(site, groups);
    let made_at = site.now();
    let ident = format!("activation-slips-{}", day::millis(made_at));
    let work = move || {
        let manuscript = Manuscript { template: TEMPLATE, data: &data, files: &[] };
        typesetter.pdf(&manuscript, &Identity { ident: &ident, made_at }).map_err(Error::internal)
    };
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
}

fn data(site: &Site, groups: &BTreeMap<(String, String), Vec<Slip>>) -> Value {
    let until = day::from_millis(day::millis(site.now()) + accounts::VALID_DAYS * 86_400_000);
    let slip = |s: &Slip| {
        json!({"name": s.of.name, "staff_no": s.of.staff_no, "account": s.account, "code": accounts::shown(&s.code),
            "number": s.of.id_number_masked})
    };
    let group = |((unit, department), slips): (&(String, String), &Vec<Slip>)| json!({"unit": unit, "department": department, "slips": slips.iter().map(slip).collect::<Vec<_>>()});
    json!({
        "site": site.settings.public_url, "until": site::dates::minute(until),
        "groups": groups.iter().map(group).collect::<Vec<_>>(), "note": site.settings.notice,
    })
}
