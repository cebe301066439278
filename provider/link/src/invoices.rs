//! Invoices of paid orders on their way to the management platform, where their people claim them without typing: signed,
//! sent until answered. Sending one twice is harmless; its number counts once there.
use base::{Error, Fen, Result};
use orders::{Bill, Told};
use serde::{Deserialize, Serialize};
use site::Site;

use crate::hub::{self, Hub};

#[derive(Serialize)]
struct Message<'a> {
    invoices: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Item<'a> {
    number: &'a str,
    subject_id: &'a str,
    date: &'a str,
    amount: Fen,
    buyer: &'a str,
    buyer_tax_number: &'a str,
    title: &'a str,
    group: bool,
    people: i64,
    cancelled: bool,
}

impl<'a> From<&'a Bill> for Item<'a> {
    fn from(b: &'a Bill) -> Self {
        Self {
            number: &b.number,
            subject_id: &b.subject_id,
            date: &b.date,
            amount: b.amount,
            buyer: &b.buyer,
            buyer_tax_number: &b.tax_number,
            title: &b.title,
            group: b.is_group,
            people: b.people,
            cancelled: b.is_cancelled,
        }
    }
}

#[derive(Deserialize)]
struct Answers {
    items: Vec<Said>,
}

#[derive(Deserialize)]
struct Said {
    number: String,
    status: String,
    #[serde(default)]
    reason: Option<String>,
}

/// Sends an order's invoice, or up to 100 that wait. Fails, and so is tried again, unless every one has been answered.
pub(crate) async fn send(site: &Site, hub: &Hub, order: Option<&str>) -> Result<()> {
    let bills = orders::untold(&site.db, order).await?;
    if bills.is_empty() {
        return Ok(());
    }
    let message = Message { invoices: bills.iter().map(Item::from).collect() };
    let answer = hub.post(site, "/api/v1/provider/invoices", &message).await?;
    let count = bills.len();
    let told = match answer.status {
        200 => answered(&answer.body, bills)?,
        // What the message says is at fault: saying it again would not help.
        400 | 409 | 413 | 422 => {
            let reason = hub::code(&answer);
            let one = |bill| Told { bill, status: "refused".to_owned(), reason: reason.clone() };
            bills.into_iter().map(one).collect()
        }
        status => return Err(Error::internal(format!("invoices: {status} {}", hub::code(&answer)))),
    };
    let all_answered = told.len() == count;
    orders::told(&site.db, &told).await?;
    if all_answered { Ok(()) } else { Err(Error::internal("invoices: not every one was taken")) }
}

/// The answers to what was sent; `kept` and unknown ones are none, so that the invoice is sent again.
fn answered(body: &[u8], bills: Vec<Bill>) -> Result<Vec<Told>> {
    let answers: Answers = serde_json::from_slice(body).map_err(Error::internal)?;
    let said = |bill: Bill| {
        let said = answers.items.iter().find(|s| s.number == bill.number)?;
        matches!(said.status.as_str(), "taken" | "refused").then(|| Told {
            status: said.status.clone(),
            reason: said.reason.clone().unwrap_or_default(),
            bill,
        })
    };
    Ok(bills.into_iter().filter_map(said).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bill(number: &str) -> Bill {
        Bill {
            number: number.into(),
            subject_id: "s-1".into(),
            date: "2026-11-23".into(),
            amount: Fen::new(14_400),
            buyer: String::new(),
            tax_number: String::new(),
            title: "课程".into(),
            is_group: false,
            people: 0,
            is_cancelled: false,
        }
    }

    #[test]
    fn what_is_kept_or_not_answered_is_sent_again() {
        let body = br#"{"items":[{"number":"1","status":"taken","reason":null},{"number":"2","status":"kept","reason":"sandbox"},
            {"number":"3","status":"refused","reason":"person_unknown"}]}"#;
        let told = answered(body, ["1", "2", "3", "4"].map(bill).to_vec()).unwrap();
        let told: Vec<_> = told.iter().map(|t| (t.bill.number.as_str(), t.status.as_str())).collect();
        assert_eq!(told, [("1", "taken"), ("3", "refused")]);
    }
}
