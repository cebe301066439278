//! Money back, course by course, and of a group person by person: while it was not begun and the order is seven days young,
//! or after the course was withdrawn. Where something of the order stays, its invoice is taken back and one over the rest is
//! issued. What someone was learning of it ends in the same transaction.
use std::{
    collections::{BTreeSet, HashMap, HashSet},
    pin::Pin,
};

use audit::Deed;
use base::{Error, Fen, PersonId, Result, day};
use db::{Conn, Tx};
use serde_json::json;
use site::Site;

use crate::{
    billing,
    cashier::Cashier,
    gateway::{Back, Gateway, Notice},
    questions,
    store::{self, Item, Order, Payment, State},
    store_refunds::{self, OpenSeats},
    store_seats,
};

/// So long a paid course that was not begun can be given back.
const WITHIN_MS: i64 = 7 * 86_400_000;

/// Ends what is being learned of what a refund gives back, in the refund's transaction; refuses where it was completed
/// meanwhile. Learning is known to the slice above.
pub type EndLearning = for<'a> fn(&'a Site, &'a Tx, &'a str) -> Ending<'a>;

/// What [`EndLearning`] answers.
pub type Ending<'a> = Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>>;

/// The courses of the order that can be given back now.
pub(crate) async fn open(site: &Site, conn: &impl Conn, order: &Order) -> Result<HashSet<String>> {
    if order.state != State::Paid {
        return Ok(HashSet::new());
    }
    let is_soon = is_soon(site, order);
    let begun = if order.is_group { store_refunds::begun(conn, &order.id).await? } else { HashSet::new() };
    let mut open = store_refunds::withdrawn(conn, &order.id).await?;
    let untouched = order.items.iter().filter(|i| is_soon && !i.is_begun && !begun.contains(&i.course));
    open.extend(untouched.map(|i| i.course.clone()));
    open.retain(|course| order.kept().any(|i| i.course == *course));
    Ok(open)
}

fn is_soon(site: &Site, order: &Order) -> bool {
    order.paid_at.is_some_and(|at| day::millis(site.now()) - at < WITHIN_MS)
}

/// What each person of a group brings back now, by name; nothing of those whose seats stay.
pub(crate) async fn open_seats(
    site: &Site,
    conn: &impl Conn,
    order: &Order,
) -> Result<HashMap<String, OpenSeats>> {
    if order.state != State::Paid || !order.is_group {
        return Ok(HashMap::new());
    }
    let open = store_refunds::open_seats(conn, &order.id, is_soon(site, order)).await?;
    Ok(open.into_iter().map(|s| (s.name.clone(), s)).collect())
}

/// Asks for the money of these people's seats back: of each the courses that nobody has begun. All of them or nothing.
pub(crate) async fn ask_for(
    site: &Site,
    buyer: PersonId,
    id: &str,
    people: &[String],
    end: EndLearning,
) -> Result<()> {
    let tx = site.db.begin().await?;
    store_refunds::hold_learners(&tx, id).await?;
    let order = store::hold_of(&tx, id, buyer).await?;
    if order.state != State::Paid {
        return Err(Error::conflict("order_not_paid"));
    }
    let people: BTreeSet<&str> = people.iter().map(|p| p.trim()).collect();
    let seats = store_seats::of_order(&tx, id).await?;
    // One moment for what is offered and what is marked.
    let is_soon = is_soon(site, &order);
    let open = store_refunds::open_seats(&tx, id, is_soon).await?;
    if people.is_empty() {
        return Err(Error::invalid("people", "required"));
    }
    for person in &people {
        let seat = seats.iter().find(|s| s.name == *person);
        let seat = seat.ok_or_else(|| Error::invalid("people", "wrong_value"))?;
        if seat.courses == 0 {
            return Err(Error::conflict("refund_asked"));
        }
    }
    let of = |person: &&str| open.iter().find(|s| s.name == **person);
    let wanted: Option<Vec<&OpenSeats>> = people.iter().map(of).collect();
    let wanted = wanted.ok_or_else(|| Error::conflict("refund_too_late"))?;
    let amount = Fen::new(wanted.iter().map(|s| s.amount).sum());
    let refund = give_back(site, &tx, (paying(&order)?, amount)).await?;
    let people: Vec<&str> = people.into_iter().collect();
    store_refunds::mark_seats(&tx, (id, &refund), &people, is_soon).await?;
    end(site, &tx, &refund).await?;
    close_up(site, &tx, id).await?;
    let said = json!({"amount": amount, "people": people.len()});
    audit::record(site, &tx, Deed::here(Some(buyer), "order.refund", id, said)).await?;
    tx.commit().await
}

/// The payment that paid an order.
fn paying(order: &Order) -> Result<&str> {
    order.payment.as_deref().ok_or_else(|| Error::internal("a paid order without payment"))
}

/// After something of a paid order was given back: its state where nothing is left, and its invoice.
async fn close_up(site: &Site, tx: &Tx, id: &str) -> Result<()> {
    let order = store::hold(tx, id).await?;
    if order.kept().next().is_none() {
        store::move_to(tx, id, State::Paid, State::Refunding).await?;
    }
    billing::reduce(site, tx, &order).await
}

/// Asks for the money of these courses back, or of all that is left; all of what was asked or nothing.
pub(crate) async fn ask(
    site: &Site,
    learner: PersonId,
    id: &str,
    courses: Option<&[String]>,
    end: EndLearning,
) -> Result<()> {
    let tx = site.db.begin().await?;
    store_refunds::hold_learners(&tx, id).await?;
    let order = store::hold_of(&tx, id, learner).await?;
    if order.state != State::Paid {
        return Err(Error::conflict("order_not_paid"));
    }
    let wanted = wanted(&order, courses)?;
    let open = open(site, &tx, &order).await?;
    if wanted.iter().any(|i| !open.contains(&i.course)) {
        return Err(Error::conflict("refund_too_late"));
    }
    let refund = part(site, &tx, (&order, paying(&order)?), (&wanted, Some(learner))).await?;
    end(site, &tx, &refund).await?;
    tx.commit().await
}

/// Gives courses of a paid order back, at someone's wish or by itself; answers the refund.
async fn part(
    site: &Site,
    tx: &Tx,
    (order, payment): (&Order, &str),
    (items, by): (&[&Item], Option<PersonId>),
) -> Result<String> {
    let amount = items.iter().map(|i| i.kept()).sum();
    let refund = give_back(site, tx, (payment, amount)).await?;
    let courses: Vec<&str> = items.iter().map(|i| i.course.as_str()).collect();
    store_refunds::mark(tx, &order.id, &courses, &refund).await?;
    close_up(site, tx, &order.id).await?;
    let said = json!({"amount": amount, "courses": courses});
    audit::record(site, tx, Deed::here(by, "order.refund", &order.id, said)).await?;
    Ok(refund)
}

/// Invoices an order whose money has just come in. What of it was withdrawn since the payment was begun nobody has begun
/// to learn: the money for that goes back by itself.
pub(crate) async fn take_in(site: &Site, tx: &Tx, order: &Order, payment: &Payment) -> Result<()> {
    let withdrawn: Vec<&Item> = order.kept().filter(|i| i.is_withdrawn).collect();
    if withdrawn.is_empty() {
        return billing::issue(site, tx, order).await;
    }
    part(site, tx, (order, &payment.id), (&withdrawn, None)).await.map(|_| ())
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
