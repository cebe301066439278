//! What is done with orders: courses into the cart, paying, giving up, and what a paid item entitles to.
use base::{Error, Fen, Hours, Kind, PersonId, Result};
use catalogue::Course;
use db::{Conn, Tx};
use serde::Serialize;
use serde_json::json;
use site::Site;
use utoipa::ToSchema;

use crate::{
    cashier::Cashier,
    gateway::Gateway,
    questions,
    store::{self, Buyer, Order, Returned, State},
    store_seats as seats,
};

/// Puts a course that costs into the learner's open order; the same again finds it there.
pub async fn place(site: &Site, learner: PersonId, course: &Course) -> Result<Order> {
    let tx = site.db.begin().await?;
    let id = match store::unpaid_with(&tx, learner, &course.id).await? {
        Some(id) => id,
        None => store::cart(&tx, site.new_id(), learner, site.now()).await?,
    };
    store::add(&tx, &id, learner, course).await?;
    tx.commit().await?;
    store::order(&site.db, &id, learner).await
}

/// The order as problem documents and the API show it.
#[derive(Serialize, ToSchema)]
pub struct Summary {
    id: String,
    /// `open`, `paying`, `paid`, `refunding`, `refunded` or `closed`.
    state: &'static str,
    total: Fen,
    /// What of the money went back, or is on its way.
    returned: Fen,
    /// Its page.
    url: String,
    /// Whether it is for chosen people.
    group: bool,
    items: Vec<Charged>,
}

/// A course of an order.
#[derive(Serialize, ToSchema)]
struct Charged {
    course: String,
    title: String,
    hours: Hours,
    fee: Fen,
    returned: Fen,
    /// How far its money is on its way back; null where it is not.
    refund: Option<&'static str>,
}

/// An order as it is shown.
pub fn summary(order: &Order) -> Summary {
    let item = |i: &store::Item| Charged {
        course: i.course.clone(),
        title: i.title(),
        hours: i.hours,
        fee: i.fee,
        returned: i.returned(),
        refund: i.refund.map(Returned::code),
    };
    Summary {
        id: order.id.clone(),
        state: order.state.code(),
        total: order.total(),
        returned: order.returned(),
        url: format!("/orders/{}", order.id),
        group: order.is_group,
        items: order.items.iter().map(item).collect(),
    }
}

/// Takes a course out of the open order.
pub(crate) async fn remove(site: &Site, learner: PersonId, id: &str, course: &str) -> Result<()> {
    let tx = site.db.begin().await?;
    let order = store::hold_of(&tx, id, learner).await?;
    if order.state != State::Open {
        return Err(Error::conflict("order_not_open"));
    }
    store::remove(&tx, id, course).await?;
    tx.commit().await
}

/// Begins a payment; from then on the order's items stay as they are. Answers the payment and where to pay. What newcomers
/// may no longer take is not sold either.
pub(crate) async fn pay(site: &Site, learner: PersonId, id: &str, buyer: Buyer) -> Result<(String, String)> {
    let buyer = checked(buyer)?;
    let is_titled = !buyer.title.is_empty();
    let tx = site.db.begin().await?;
    let order = store::hold_of(&tx, id, learner).await?;
    if !matches!(order.state, State::Open | State::Paying) || order.items.is_empty() {
        return Err(Error::conflict("order_not_open"));
    }
    let gone = order.gone();
    if !gone.is_empty() {
        return Err(Error::refused(Kind::Gone, "course_withdrawn").with("courses", json!(gone)));
    }
    // The invoice of a group is the unit's.
    if order.is_group && !is_titled {
        return Err(Error::invalid("title", "required"));
    }
    store::begin_payment(&tx, id, &buyer).await?;
    let number: base::JobId = site.new_id();
    let payment = number.to_string();
    store::insert_payment(&tx, &payment, (id, order.total()), site.now()).await?;
    questions::later(site, &tx, &payment, None).await?;
    tx.commit().await?;
    let page = Cashier.page(&payment);
    Ok((payment, page))
}

/// The buyer's facts as invoices want them: a unit has a title and a tax number of 15, 18 or 20 characters.
fn checked(buyer: Buyer) -> Result<Buyer> {
    let title = buyer.title.trim().to_owned();
    let tax_number = buyer.tax_number.trim().to_uppercase();
    if title.chars().count() > 100 {
        return Err(Error::invalid("title", "wrong_value"));
    }
    let is_number =
        matches!(tax_number.len(), 15 | 18 | 20) && tax_number.bytes().all(|b| b.is_ascii_alphanumeric());
    if !tax_number.is_empty() && !is_number {
        return Err(Error::invalid("tax_number", "tax_number_wrong"));
    }
    if !tax_number.is_empty() && title.is_empty() {
        return Err(Error::invalid("title", "required"));
    }
    Ok(Buyer { title, tax_number })
}

/// Gives up an order that is not paid.
pub(crate) async fn close(site: &Site, learner: PersonId, id: &str) -> Result<()> {
    let tx = site.db.begin().await?;
    let order = store::hold_of(&tx, id, learner).await?;
    if !matches!(order.state, State::Open | State::Paying) {
        return Err(Error::conflict("order_not_open"));
    }
    store::move_to(&tx, id, order.state, State::Closed).await?;
    tx.commit().await
}

/// Whether a paid order holds this round of the course.
pub async fn holds(conn: &impl Conn, learner: PersonId, course: &str, round: i64) -> Result<bool> {
    let held = (course, round);
    Ok(store::holds(conn, learner, held).await? || seats::holds(conn, learner, held).await?)
}

/// Spends a paid item on a round of the course; answers what it cost the learner: nothing where the unit paid for the
/// seat. None where nothing was paid.
pub async fn entitle(tx: &Tx, learner: PersonId, course: &str, round: i64) -> Result<Option<Fen>> {
    if let Some(fee) = store::entitle(tx, learner, (course, round)).await? {
        return Ok(Some(fee));
    }
    Ok(seats::entitle(tx, learner, (course, round)).await?.then_some(Fen::ZERO))
}

/// Notes that learning has begun, after which the order cannot be given back. False where it just was.
pub async fn begin(site: &Site, tx: &Tx, learner: PersonId, round: (&str, i64)) -> Result<bool> {
    let own = store::order_of(tx, learner, round).await?;
    let seat = seats::order_of(tx, learner, round).await?;
    let Some(order) = own.or(seat) else { return Ok(false) };
    store::hold(tx, &order).await?;
    if !holds(tx, learner, round.0, round.1).await? {
        return Ok(false);
    }
    store::begin(tx, learner, round, site.now()).await?;
    seats::begin(tx, learner, round, site.now()).await?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invoice_of_a_unit_wants_title_and_tax_number() {
        let buyer =
            |title: &str, number: &str| checked(Buyer { title: title.into(), tax_number: number.into() });
        assert!(buyer("", "").is_ok());
        assert_eq!(buyer("湖南某学院", " 12430000448765432x ").unwrap().tax_number, "12430000448765432X");
        for (title, number) in [("", "12430000448765432X"), ("某学院", "123"), ("某学院", "一二三四五六")]
        {
            assert!(buyer(title, number).is_err(), "{number}");
        }
    }
}
