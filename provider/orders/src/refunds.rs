//! Money back, course by course: while a course was not begun and the order is seven days young, or after the course was
//! withdrawn. Where something of the order stays, its invoice is taken back and one over the rest is issued.
use std::collections::HashSet;

use base::{Error, Fen, PersonId, Result, day};
use db::{Conn, Tx};
use site::Site;

use crate::{
    billing,
    cashier::Cashier,
    gateway::{Back, Gateway, Notice},
    questions,
    store::{self, Item, Order, Payment, State},
    store_refunds,
};

/// So long a paid course that was not begun can be given back.
const WITHIN_MS: i64 = 7 * 86_400_000;

/// The courses of the order that can be given back now.
pub(crate) async fn open(site: &Site, conn: &impl Conn, order: &Order) -> Result<HashSet<String>> {
    if order.state != State::Paid {
        return Ok(HashSet::new());
    }
    let is_soon = order.paid_at.is_some_and(|at| day::millis(site.now()) - at < WITHIN_MS);
    let begun = if order.is_group { store_refunds::begun(conn, &order.id).await? } else { HashSet::new() };
    let mut open = store_refunds::withdrawn(conn, &order.id).await?;
    let untouched = order.items.iter().filter(|i| is_soon && !i.is_begun && !begun.contains(&i.course));
    open.extend(untouched.map(|i| i.course.clone()));
    open.retain(|course| order.kept().any(|i| i.course == *course));
    Ok(open)
}

/// Asks for the money of these courses back, or of all that is left; all of what was asked or nothing.
pub(crate) async fn ask(site: &Site, learner: PersonId, id: &str, courses: Option<&[String]>) -> Result<()> {
    let tx = site.db.begin().await?;
    let order = store::hold_of(&tx, id, learner).await?;
    if order.state != State::Paid {
        return Err(Error::conflict("order_not_paid"));
    }
    let wanted = wanted(&order, courses)?;
    let open = open(site, &tx, &order).await?;
    if wanted.iter().any(|i| !open.contains(&i.course)) {
        return Err(Error::conflict("refund_too_late"));
    }
    let payment = order.payment.as_deref().ok_or_else(|| Error::internal("a paid order without payment"))?;
    let refund = give_back(site, &tx, (payment, wanted.iter().map(|i| i.fee).sum())).await?;
    let courses: Vec<&str> = wanted.iter().map(|i| i.course.as_str()).collect();
    store_refunds::mark(&tx, id, &courses, &refund).await?;
    if wanted.len() == order.kept().count() {
        store::move_to(&tx, id, State::Paid, State::Refunding).await?;
    }
    billing::reduce(site, &tx, id).await?;
    tx.commit().await
}

/// Which courses are meant: each is in the order, and has not been given back before.
fn wanted<'a>(order: &'a Order, courses: Option<&[String]>) -> Result<Vec<&'a Item>> {
    let Some(courses) = courses else { return Ok(order.kept().collect()) };
    if courses.is_empty() {
        return Err(Error::invalid("courses", "required"));
    }
    let distinct: HashSet<&String> = courses.iter().collect();
    let find = |course: &String| {
        let item = order.items.iter().find(|i| i.course == *course);
        let item = item.ok_or_else(|| Error::invalid("courses", "wrong_value"))?;
        if item.refund.is_some() { Err(Error::conflict("refund_asked")) } else { Ok(item) }
    };
    distinct.into_iter().map(find).collect()
}

/// Asks the gateway for money of a payment; answers the refund's id.
async fn give_back(site: &Site, tx: &Tx, (payment, amount): (&str, Fen)) -> Result<String> {
    let id: base::JobId = site.new_id();
    let id = id.to_string();
    let back = Back { refund: &id, payment, amount };
    store_refunds::insert(tx, &back, site.now()).await?;
    Cashier.refund(site, tx, &back).await?;
    questions::later(site, tx, payment, Some(&id)).await?;
    Ok(id)
}

/// A payment that nobody waits for goes back whole: the order was paid by another, or given up.
pub(crate) async fn whole(site: &Site, tx: &Tx, payment: &Payment) -> Result<()> {
    give_back(site, tx, (&payment.id, payment.amount)).await.map(|_| ())
}

/// Money went back, as the gateway says.
pub(crate) async fn settle(
    site: &Site,
    tx: &Tx,
    (order, payment): (&Order, &Payment),
    notice: &Notice,
) -> Result<()> {
    let id = notice.refund.as_deref().unwrap_or(&payment.id);
    let refund = store_refunds::one(tx, id).await?.filter(|r| r.payment == payment.id);
    let refund = refund.ok_or_else(Error::not_found)?;
    if refund.amount != notice.amount {
        return Err(Error::invalid("amount", "wrong_value"));
    }
    store_refunds::done(tx, id, site.now()).await?;
    if store_refunds::given_back(tx, &payment.id).await? >= payment.amount {
        store::settle_payment(tx, &payment.id, "refunded").await?;
    }
    if order.state == State::Refunding && !store_refunds::is_open(tx, &order.id).await? {
        store::move_to(tx, &order.id, State::Refunding, State::Refunded).await?;
    }
    Ok(())
}
