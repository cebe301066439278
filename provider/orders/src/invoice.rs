//! The receipt of a paid order, and the red one that takes it back: as PDF for people and as XML for programs. In the sandbox
//! they are marked as no tax documents.
use askama::Template;
use base::{Error, Fen, PersonId, Result, day};
use db::Tx;
use documents::{Identity, Manuscript, Typesetter};
use serde_json::json;
use site::Site;

use crate::{
    billing,
    store::{self, Order, State},
    store_bills::{self, Charge, Issued},
};

const TEMPLATE: &str = include_str!("../documents/receipt.typ");
/// Training outside degrees is taxed at 3 % under the simple method; prices include it.
const TAX_PERCENT: i64 = 3;

/// What a receipt says.
pub(crate) struct Receipt {
    pub order: Order,
    pub invoice: Issued,
    pub lines: Vec<Charge>,
    pub seller: String,
    /// The number of the receipt that takes another back, which is then `invoice`.
    pub red: Option<String>,
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
    Ok(Receipt { order, invoice, lines, seller: site.brand.name.clone(), red: None })
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
    Ok(Receipt { order, invoice, lines, seller: site.brand.name.clone(), red: Some(red) })
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

    fn signed(&self, amount: Fen) -> Fen {
        if self.red.is_some() { Fen::new(-amount.fen()) } else { amount }
    }

    fn total(&self) -> Fen {
        self.signed(self.invoice.amount)
    }

    fn tax_of_all(&self) -> Fen {
        let total = self.invoice.amount.fen();
        Fen::new((total * TAX_PERCENT * 2 + 100 + TAX_PERCENT) / (2 * (100 + TAX_PERCENT)))
    }

    fn tax(&self) -> Fen {
        self.signed(self.tax_of_all())
    }

    fn net(&self) -> Fen {
        self.signed(Fen::new(self.invoice.amount.fen() - self.tax_of_all().fen()))
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
    let line = |l: &Charge| json!({"title": l.title, "hours": l.hours, "fee": l.fee});
    let data = json!({
        "number": receipt.number(), "seller": receipt.seller, "issued_on": receipt.issued_on(),
        "buyer": receipt.order.buyer.title, "tax_number": receipt.order.buyer.tax_number,
        "items": receipt.lines.iter().map(line).collect::<Vec<_>>(), "net": receipt.net(), "tax": receipt.tax(),
        "total": receipt.total(), "percent": TAX_PERCENT, "order": receipt.order.id,
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
