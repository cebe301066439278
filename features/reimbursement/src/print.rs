//! 报销单: the claim on A4 with fields for signatures and seal.
use base::{Error, Result};
use documents::{Identity, Manuscript, Typesetter};
use serde_json::{Value, json};
use site::{Site, dates};

use crate::{
    claim::{Claim, Decided},
    invoice::Invoice,
};

/// The Typst source of the form.
pub const TEMPLATE: &str = include_str!("../documents/form/reimbursement.typ");
/// Sample data for it.
pub const SAMPLE: &str = include_str!("../documents/form/sample.json");

/// Sets the form.
pub(crate) async fn print(
    site: &Site,
    typesetter: Typesetter,
    (claim, invoices, decided): (&Claim, &[Invoice], &[Decided]),
) -> Result<Vec<u8>> {
    let mut data = data(site, claim, invoices, decided);
    if let Value::Object(members) = &mut data {
        let rules = hours::words_on(site, claim.year, claim.submitted_at).await?;
        members.insert("rules".to_owned(), Value::String(rules));
    }
    let (ident, made_at) = (format!("reimbursement-{}-{}", claim.id, decided.len()), claim.submitted_at);
    let work = move || {
        let manuscript = Manuscript { template: TEMPLATE, data: &data, files: &[] };
        typesetter.pdf(&manuscript, &Identity { ident: &ident, made_at }).map_err(Error::internal)
    };
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
}

fn data(site: &Site, claim: &Claim, invoices: &[Invoice], decided: &[Decided]) -> Value {
    let invoice = |i: &Invoice| json!({"number": i.number, "date": i.day.to_string(), "amount": i.amount, "buyer": i.buyer});
    let step = |d: &&Decided| {
        json!({"stage": site.texts.get(&format!("reimbursement-stage-{}", d.stage)),
            "decision": site.texts.get(&format!("reimbursement-decision-{}", d.decision)),
            "by": d.by_words(site), "at": dates::minute(d.at), "comment": d.comment})
    };
    let a = &claim.amounts;
    json!({
        "id": claim.id, "year": claim.year, "name": claim.name, "unit": claim.unit_name, "department": claim.department,
        "certificate": claim.certificate_no, "submitted": dates::minute(claim.submitted_at),
        "state": site.texts.get(&claim.state_key()),
        "invoices": invoices.iter().map(invoice).collect::<Vec<_>>(),
        "paid": a.paid, "allowance": a.allowance, "reimbursable": a.reimbursable,
        "steps": decided.iter().filter(|d| d.round == claim.round).map(|d| step(&d)).collect::<Vec<_>>(),
        "note": site.settings.notice,
    })
}
