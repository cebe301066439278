//! The receipt of a paid order, and the red one that takes it back: laid out as the national digital invoice, as PDF for people and
//! with its elements as XML for programs. In the sandbox they are marked as no tax documents.
use askama::Template;
use base::{Error, Fen, Hours, PersonId, Result, day};
use db::Tx;
use documents::{Identity, Manuscript, Typesetter};
use serde_json::json;
use site::Site;

use crate::{
    billing, capitals,
    store::{self, Order, State},
    store_bills::{self, Charge, Issued},
};

const TEMPLATE: &str = include_str!("../documents/receipt.typ");
/// Training outside degrees is taxed at 3 % under the simple method; prices include it.
const TAX_PERCENT: i64 = 3;

/// What a receipt says. The amounts of one that takes another back are below zero.
pub(crate) struct Receipt {
    pub order: Order,
    pub invoice: Issued,
    pub lines: Vec<Charge>,
    pub seller: String,
    /// The number of the receipt that takes another back, which is then `invoice`.
    pub red: Option<String>,
    /// The amount in all, in capitals.
    pub capitals: String,
}

/// The receipt of the learner's paid order. One that was paid before orders got their number with the payment gets it now.
pub(crate) async fn receipt(site: &Site, learner: PersonId, id: &str) -> Result<Receipt> {
    let tx = site.db.begin().await?;
    let order = store::hold_of(&tx, id, learner).await?;
    if order.state != State::Paid {
        return Err(Error::conflict("order_not_paid"));
    }
    let mut invoice = holding(&tx, id).await?;
    if invoice.is_none() {
        billing::issue(site, &tx, &order).await?;
        invoice = holding(&tx, id).await?;
    }
    let invoice = invoice.ok_or_else(Error::not_found)?;
    let lines = store_bills::lines(&tx, &invoice).await?;
    tx.commit().await?;
    let capitals = capitals::write(&site.texts, invoice.amount);
    Ok(Receipt { order, invoice, lines, seller: site.brand.name.clone(), red: None, capitals })
}

/// The receipt that takes one of the learner's order back: the same lines below zero.
pub(crate) async fn red(site: &Site, learner: PersonId, (id, number): (&str, &str)) -> Result<Receipt> {
    let tx = site.db.begin().await?;
    let order = store::hold_of(&tx, id, learner).await?;
    let invoices = store_bills::of_order(&tx, id).await?;
    let invoice = invoices.into_iter().find(|i| i.number == number && i.cancelled_at.is_some());
    let invoice = invoice.ok_or_else(Error::not_found)?;
    let mut lines = store_bills::lines(&tx, &invoice).await?;
    for line in &mut lines {
        line.fee = Fen::new(-line.fee.fen());
    }
    let red = billing::red_number(site, &tx, &invoice).await?;
    tx.commit().await?;
    let capitals = capitals::write(&site.texts, Fen::new(-invoice.amount.fen()));
    Ok(Receipt { order, invoice, lines, seller: site.brand.name.clone(), red: Some(red), capitals })
}

/// The invoice of an order that holds.
async fn holding(tx: &Tx, order: &str) -> Result<Option<Issued>> {
    Ok(store_bills::of_order(tx, order).await?.pop().filter(|i| i.cancelled_at.is_none()))
}

impl Receipt {
    fn number(&self) -> &str {
        self.red.as_deref().unwrap_or(&self.invoice.number)
    }

    /// When it was issued, in milliseconds since 1970.
    fn at(&self) -> i64 {
        let red = self.red.as_ref().and(self.invoice.cancelled_at);
        red.unwrap_or(self.invoice.issued_at)
    }

    fn issued_on(&self) -> String {
        day::day_of(day::from_millis(self.at())).to_string()
    }

    /// As the national format writes instants: `2026-11-28 14:10:05`.
    fn issued_at(&self) -> String {
        day::rfc3339(day::from_millis(self.at())).chars().take(19).collect::<String>().replace('T', " ")
    }

    fn total(&self) -> Fen {
        self.lines.iter().map(|l| l.fee).sum()
    }

    fn tax(&self) -> Fen {
        self.lines.iter().map(Charge::tax).sum()
    }

    fn net(&self) -> Fen {
        Fen::new(self.total().fen() - self.tax().fen())
    }
}

impl Charge {
    /// The tax that is in it, to the fen.
    fn tax(&self) -> Fen {
        let fee = self.fee.fen();
        let tax = (fee.abs() * TAX_PERCENT * 2 + 100 + TAX_PERCENT) / (2 * (100 + TAX_PERCENT));
        Fen::new(tax * fee.signum())
    }

    fn net(&self) -> Fen {
        Fen::new(self.fee.fen() - self.tax().fen())
    }

    /// How many hours; below zero of what is taken back, whose price stays above.
    fn quantity(&self) -> Option<String> {
        let hours = self.hours.filter(|h| *h > Hours::ZERO)?;
        Some(if self.fee < Fen::ZERO { format!("-{hours}") } else { hours.to_string() })
    }

    /// What an hour costs without tax, with eight decimals.
    fn unit_price(&self) -> Option<String> {
        const DECIMALS: i64 = 100_000_000;
        let hours = self.hours.filter(|h| *h > Hours::ZERO)?;
        let price = self.net().fen().abs() * DECIMALS / hours.hundredths();
        Some(format!("{}.{:08}", price / DECIMALS, price % DECIMALS))
    }
}

#[derive(Template)]
#[template(path = "orders/receipt.xml")]
struct Xml<'a> {
    receipt: &'a Receipt,
    percent: i64,
}

/// The receipt as XML.
pub(crate) fn xml(receipt: &Receipt) -> Result<String> {
    Xml { receipt, percent: TAX_PERCENT }.render().map_err(Error::internal)
}

/// The receipt as PDF; the same receipt gives the same bytes.
pub(crate) async fn pdf(receipt: &Receipt) -> Result<Vec<u8>> {
    let line = |l: &Charge| json!({"title": l.title, "quantity": l.quantity(), "price": l.unit_price(), "net": l.net(), "tax": l.tax()});
    let data = json!({
        "number": receipt.number(), "seller": receipt.seller, "issued_on": receipt.issued_on(),
        "buyer": receipt.order.buyer.title, "tax_number": receipt.order.buyer.tax_number,
        "items": receipt.lines.iter().map(line).collect::<Vec<_>>(), "net": receipt.net(), "tax": receipt.tax(),
        "total": receipt.total(), "capitals": receipt.capitals, "percent": TAX_PERCENT, "order": receipt.order.id,
        "takes_back": receipt.red.as_ref().map(|_| &receipt.invoice.number),
    });
    let (number, made_at) = (receipt.number().to_owned(), receipt.at());
    let work = move || {
        let typesetter = Typesetter::load().map_err(Error::internal)?;
        let manuscript = Manuscript { template: TEMPLATE, data: &data, files: &[] };
        let identity = Identity { ident: &number, made_at: day::from_millis(made_at) };
        typesetter.pdf(&manuscript, &identity).map_err(Error::internal)
    };
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
}
