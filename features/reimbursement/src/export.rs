//! The approved claims as a spreadsheet for finance. Texts are text cells with the quote prefix, so that no name or
//! number is taken for a formula (security item 41); amounts are numbers.
use base::{Actor, Error, Fen, Result, Year};
use rust_xlsxwriter::{Format, Workbook};
use serde_json::json;
use site::Site;

use crate::{
    FINANCE,
    claim::Claim,
    follow,
    transfer::{self, LeftOut},
};

/// The approved and unpaid claims of a year in the actor's scope, brought up to date, and whom it leaves out because the claim
/// comes to nothing now. What it names is noted where it is given out: where nobody is left out, or `is_anyway`. The export is recorded with filter, rows and purpose.
pub(crate) async fn approved(
    site: &Site,
    actor: &Actor,
    (year, purpose, is_anyway): (Year, &str, bool),
) -> Result<(Vec<u8>, Vec<LeftOut>)> {
    let scope = actor.scope(FINANCE);
    let claims = follow::payable(site, &scope, year).await?;
    let is_nothing = |c: &Claim| (c.amounts.reimbursable == Fen::ZERO).then_some(transfer::NOTHING);
    let (claims, left_out) = transfer::parted(claims, is_nothing);
    let tx = site.db.begin().await?;
    let is_given = left_out.is_empty() || is_anyway;
    let claims = if is_given { transfer::named(&tx, (&scope, year), claims).await? } else { claims };
    let file = sheet(site, &claims)?;
    let deed = audit::Deed {
        actor: Some(actor.person),
        action: "reimbursement.export",
        object: &year.to_string(),
        unit_path: scope.paths.first().map_or("", String::as_str),
        details: json!({"filter": {"year": year, "state": "approved"}, "rows": claims.len(), "purpose": purpose}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await?;
    Ok((file, left_out))
}

fn sheet(site: &Site, claims: &[Claim]) -> Result<Vec<u8>> {
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
fn yuan(amount: Fen) -> f64 {
    amount.fen() as f64 / 100.0
}
