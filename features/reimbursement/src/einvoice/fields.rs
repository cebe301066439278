//! The facts of an invoice in its XML, whichever of the formats' names they stand under.
use base::{Day, Fen};
use roxmltree::{Document, Node};

use super::{Original, Unusable};

/// The number: of a 数电票, and of an older invoice beside its code.
const NUMBER: [&str; 3] = ["InvoiceNumber", "InvoiceNo", "EIid"];
const CODE: [&str; 1] = ["InvoiceCode"];
const DAY: [&str; 3] = ["IssueTime", "IssueDate", "RequestTime"];
const AMOUNT: [&str; 2] = ["TotalTax-includedAmount", "TaxInclusiveTotalAmount"];
const BUYER: [&str; 1] = ["BuyerName"];
const BUYER_TAX_NUMBER: [&str; 2] = ["BuyerIdNum", "BuyerTaxID"];

/// Reads the facts; declared entities are refused by the parser's setting.
pub(super) fn read(text: &str) -> Result<Original, Unusable> {
    let document = Document::parse(text).map_err(|_| Unusable::Unreadable)?;
    let root = document.root_element();
    let found = |names: &[&str]| first(root, names).ok_or(Unusable::Unreadable);
    let amount = found(&AMOUNT)?;
    if amount.starts_with('-') {
        return Err(Unusable::Red);
    }
    Ok(Original {
        number: format!("{}{}", first(root, &CODE).unwrap_or_default(), found(&NUMBER)?),
        day: day(&found(&DAY)?).ok_or(Unusable::Unreadable)?,
        amount: Fen::parse(&amount).ok_or(Unusable::Unreadable)?,
        buyer: found(&BUYER)?,
        buyer_tax_number: first(root, &BUYER_TAX_NUMBER).unwrap_or_default(),
    })
}

/// The text of the first element of one of the names, in the names' order.
fn first(root: Node<'_, '_>, names: &[&str]) -> Option<String> {
    let of = |name: &&str| {
        let mut elements = root.descendants().filter(|n| n.is_element() && n.tag_name().name() == *name);
        elements.find_map(|n| n.text().map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned))
    };
    names.iter().find_map(of)
}

/// `2023-11-02 09:30:00`, `2023年11月02日` or `20231102`.
pub(super) fn day(text: &str) -> Option<Day> {
    let digits: String = text.chars().filter(char::is_ascii_digit).take(8).collect();
    let (year, rest) = digits.split_at_checked(4)?;
    let (month, day) = rest.split_at_checked(2)?;
    rules::record::parse_day(&format!("{year}-{month}-{day}"))
}
