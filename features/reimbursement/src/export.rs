//! The approved claims as a spreadsheet for finance. Texts are text cells with the quote prefix, so that no name or
//! number is taken for a formula (security item 41); amounts are numbers.
use base::{Actor, Error, Result, Year};
use rust_xlsxwriter::{Format, Workbook};
use serde_json::json;
use site::Site;

use crate::{
    FINANCE,
    claim::Claim,
    follow,
    state::State,
    store_books,
    transfer::{self, LeftOut},
};

/// The approved and unpaid claims of a year in the actor's scope, and whom it leaves out because the claim comes to less
/// now; the export is recorded with filter, rows and purpose.
pub(crate) async fn approved(
    site: &Site,
    actor: &Actor,
    year: Year,
    purpose: &str,
) -> Result<(Vec<u8>, Vec<LeftOut>)> {
    let scope = actor.scope(FINANCE);
    let claims = store_books::in_states(&site.db, &scope, year, &[State::Approved]).await?;
    let (claims, lower) = transfer::payable(site, &claims).await?;
    let file = sheet(site, &claims)?;
    let tx = site.db.begin().await?;
    follow::later(site, &tx, &lower).await?;
    let deed = audit::Deed {
        actor: Some(actor.person),
        action: "reimbursement.export",
        object: &year.to_string(),
        unit_path: scope.paths.first().map_or("", String::as_str),
        details: json!({"filter": {"year": year, "state": "approved"}, "rows": claims.len(), "purpose": purpose}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await?;
    Ok((file, lower.into_iter().map(LeftOut::lower).collect()))
}

fn sheet(site: &Site, claims: &[&Claim]) -> Result<Vec<u8>> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let text = Format::new().set_quote_prefix().set_num_format("@");
    let money = Format::new().set_num_format("0.00");
    let heads = site.texts.get("reimbursement-export-heads");
    for (column, head) in (0_u16..).zip(heads.split(' ')) {
        sheet.write_string_with_format(0, column, head, &text).map_err(Error::internal)?;
    }
    for (row, c) in (1_u32..).zip(claims) {
        let place = c.department.as_deref().unwrap_or("");
        let staff_no = c.staff_no.as_deref().unwrap_or("");
        let texts = [&c.id, &c.name, &c.unit_name, place, &c.year.to_string(), &c.certificate_no, staff_no];
        for (column, value) in (0_u16..).zip(texts) {
            sheet.write_string_with_format(row, column, value, &text).map_err(Error::internal)?;
        }
        for (column, amount) in (7_u16..).zip([c.amounts.paid, c.amounts.allowance, c.amounts.reimbursable]) {
            sheet.write_number_with_format(row, column, yuan(amount), &money).map_err(Error::internal)?;
        }
    }
    book.save_to_buffer().map_err(Error::internal)
}

/// Yuan as a spreadsheet's number; fen up to 2⁵³ stay exact to the fen.
#[expect(clippy::cast_precision_loss, reason = "amounts of claims are far below 2^53 fen")]
fn yuan(amount: base::Fen) -> f64 {
    amount.fen() as f64 / 100.0
}
