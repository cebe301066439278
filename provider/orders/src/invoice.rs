//! The receipt of a paid order: as PDF for people and as XML for programs. In the sandbox it is marked as no tax document.
use askama::Template;
use base::{Error, Fen, PersonId, Result, day};
use db::Tx;
use documents::{Identity, Manuscript, Typesetter};
use serde_json::json;
use site::Site;

use crate::{
    billing,
    store::{self, Item, Order, State},
    store_bills::{self, Issued},
};

const TEMPLATE: &str = include_str!("../documents/receipt.typ");
/// Training outside degrees is taxed at 3 % under the simple method; prices include it.
const TAX_PERCENT: i64 = 3;

/// What a receipt says.
pub(crate) struct Receipt {
    pub order: Order,
    pub invoice: Issued,
    pub seller: String,
    pub net: Fen,
    pub tax: Fen,
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
        billing::issue(site, &tx, id).await?;
        invoice = holding(&tx, id).await?;
    }
    tx.commit().await?;
    let invoice = invoice.ok_or_else(Error::not_found)?;
    let total = invoice.amount.fen();
    let tax = (total * TAX_PERCENT * 2 + 100 + TAX_PERCENT) / (2 * (100 + TAX_PERCENT));
    let (net, tax) = (Fen::new(total - tax), Fen::new(tax));
    Ok(Receipt { order, invoice, seller: site.brand.name.clone(), net, tax })
}

/// The invoice of an order that holds.
async fn holding(tx: &Tx, order: &str) -> Result<Option<Issued>> {
    Ok(store_bills::of_order(tx, order).await?.pop().filter(|i| !i.is_cancelled))
}

impl Receipt {
    /// The courses that it is over.
    fn items(&self) -> impl Iterator<Item = &Item> {
        self.order.kept()
    }

    fn issued_on(&self) -> String {
        day::day_of(day::from_millis(self.invoice.issued_at)).to_string()
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
    let items: Vec<_> =
        receipt.items().map(|i| json!({"title": i.title, "hours": i.hours, "fee": i.fee})).collect();
    let data = json!({
        "number": receipt.invoice.number, "seller": receipt.seller, "issued_on": receipt.issued_on(),
        "buyer": receipt.order.buyer.title, "tax_number": receipt.order.buyer.tax_number, "items": items,
        "net": receipt.net, "tax": receipt.tax, "total": receipt.invoice.amount, "percent": TAX_PERCENT,
        "order": receipt.order.id,
    });
    let (number, made_at) = (receipt.invoice.number.clone(), receipt.invoice.issued_at);
    let work = move || {
        let typesetter = Typesetter::load().map_err(Error::internal)?;
        let manuscript = Manuscript { template: TEMPLATE, data: &data, files: &[] };
        let identity = Identity { ident: &number, made_at: day::from_millis(made_at) };
        typesetter.pdf(&manuscript, &identity).map_err(Error::internal)
    };
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
}
