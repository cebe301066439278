//! Statements on orders, items, payments and notices.
use base::{Error, Fen, Hours, Instant, PersonId, Result, SessionId};
use catalogue::Course;
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;

use crate::gateway::Kind;

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The cart.
    Open,
    /// A payment was begun.
    Paying,
    /// Paid.
    Paid,
    /// The money is on its way back.
    Refunding,
    /// Given back.
    Refunded,
    /// Given up.
    Closed,
}

const STATES: [State; 6] =
    [State::Open, State::Paying, State::Paid, State::Refunding, State::Refunded, State::Closed];

impl State {
    /// As it is stored.
    pub fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Paying => "paying",
            Self::Paid => "paid",
            Self::Refunding => "refunding",
            Self::Refunded => "refunded",
            Self::Closed => "closed",
        }
    }
}

/// A course in an order.
#[derive(Clone, Debug)]
pub struct Item {
    /// The course.
    pub course: String,
    /// Its title when it was ordered.
    pub name: String,
    /// Its hours.
    pub hours: Hours,
    /// What it costs, for everyone together.
    pub fee: Fen,
    /// For how many people of a group, and how many of them gave it back; 0 where it is the learner's own.
    pub seats: i64,
    pub(crate) seats_back: i64,
    /// Whether learning has begun.
    pub is_begun: bool,
    /// Whether newcomers may still take the course.
    pub(crate) is_offered: bool,
    /// Whether the course was withdrawn, so that nobody begins it any more.
    pub(crate) is_withdrawn: bool,
    /// Whether its money goes back, or has gone.
    pub refund: Option<Returned>,
}

impl Item {
    /// The title with the number of people, as it was ordered.
    pub fn title(&self) -> String {
        self.titled(self.seats)
    }

    /// The title with the number of those who kept it.
    pub(crate) fn kept_title(&self) -> String {
        self.titled(self.seats - self.seats_back)
    }

    /// The hours of all who kept it, as an invoice counts them.
    pub(crate) fn kept_hours(&self) -> Hours {
        Hours::from_hundredths(self.hours.hundredths() * (self.seats - self.seats_back).max(1))
    }

    fn titled(&self, people: i64) -> String {
        if self.seats == 0 { self.name.clone() } else { format!("{} × {people}", self.name) }
    }

    /// What of its money went back, or is on its way.
    pub(crate) fn returned(&self) -> Fen {
        match self.refund {
            Some(_) => self.fee,
            None => Fen::new(self.fee.fen() / self.seats.max(1) * self.seats_back),
        }
    }

    /// What is paid for and was not given back.
    pub(crate) fn kept(&self) -> Fen {
        Fen::new(self.fee.fen() - self.returned().fen())
    }
}

/// How far the money of a course is on its way back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Returned {
    /// It was asked for.
    Asked,
    /// It has arrived.
    Done,
}

impl Returned {
    /// As orders in that state are called.
    pub fn code(self) -> &'static str {
        match self {
            Self::Asked => "refunding",
            Self::Done => "refunded",
        }
    }
}

/// An order.
#[derive(Clone, Debug)]
pub struct Order {
    /// Its id.
    pub id: String,
    /// Where it stands.
    pub state: State,
    /// Its courses.
    pub items: Vec<Item>,
    pub(crate) created_at: i64,
    pub(crate) paid_at: Option<i64>,
    pub(crate) buyer: Buyer,
    /// The payment that paid it.
    pub(crate) payment: Option<String>,
    /// Whether it is for chosen people.
    pub is_group: bool,
}

impl Order {
    /// What it costs in all.
    pub fn total(&self) -> Fen {
        self.items.iter().map(|i| i.fee).sum()
    }

    /// The courses that newcomers may no longer take: an order with such a one cannot be paid.
    pub(crate) fn gone(&self) -> Vec<&str> {
        self.items.iter().filter(|i| !i.is_offered).map(|i| i.course.as_str()).collect()
    }

    /// Whether everything in it was withdrawn.
    pub(crate) fn is_withdrawn(&self) -> bool {
        self.items.iter().all(|i| i.is_withdrawn)
    }

    /// What was not given back.
    pub(crate) fn kept(&self) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(|i| i.refund.is_none())
    }

    /// What of the money went back, or is on its way.
    pub fn returned(&self) -> Fen {
        self.items.iter().map(Item::returned).sum()
    }
}

/// Who the invoice is for; nothing for the learner in person.
#[derive(Clone, Debug, Default)]
pub(crate) struct Buyer {
    pub title: String,
    pub tax_number: String,
}

/// A payment.
pub(crate) struct Payment {
    pub id: String,
    pub order: String,
    pub amount: Fen,
    pub state: String,
}

#[derive(FromQueryResult)]
struct OrderRow {
    id: String,
    state: String,
    created_at: i64,
    paid_at: Option<i64>,
    buyer: Option<String>,
    tax_number: Option<String>,
    payment_id: Option<String>,
    is_group: bool,
}

#[derive(FromQueryResult)]
struct ItemRow {
    order_id: String,
    course_id: String,
    title: String,
    hours: i64,
    fee: i64,
    begun_at: Option<i64>,
    withdrawn_at: Option<i64>,
    replaced_at: Option<i64>,
    refund_id: Option<String>,
    refunded_at: Option<i64>,
    seats: i64,
    seats_back: i64,
}

#[derive(FromQueryResult)]
struct Named {
    id: String,
}

const ORDER: &str =
    "SELECT id, state, created_at, paid_at, buyer, tax_number, payment_id, is_group FROM orders";

async fn whole(conn: &impl Conn, rows: Vec<OrderRow>) -> Result<Vec<Order>> {
    if rows.is_empty() {
        return Ok(vec![]);
    }
    let ids = rows.iter().flat_map(|r| params![r.id]).collect();
    let list = db::in_list(1, rows.len());
    let sql = format!(
        "SELECT i.order_id, i.course_id, i.title, i.hours, i.fee, i.begun_at, i.refund_id, r.done_at AS refunded_at, \
         c.withdrawn_at, c.replaced_at, COALESCE(s.seats, 0) AS seats, COALESCE(s.back, 0) AS seats_back \
         FROM order_items i JOIN courses c ON c.id = i.course_id LEFT JOIN refunds r ON r.id = i.refund_id \
         LEFT JOIN (SELECT order_id, course_id, COUNT(*) AS seats, COUNT(refund_id) AS back FROM order_seats WHERE order_id IN ({list}) GROUP BY order_id, course_id) s \
         ON s.order_id = i.order_id AND s.course_id = i.course_id WHERE i.order_id IN ({list}) ORDER BY i.title, i.course_id"
    );
    let items = db::all::<ItemRow>(conn, &sql, ids).await?;
    rows.into_iter().map(|row| read(row, &items)).collect()
}

fn read(row: OrderRow, items: &[ItemRow]) -> Result<Order> {
    let state = STATES.into_iter().find(|s| s.code() == row.state);
    let item = |i: &ItemRow| Item {
        course: i.course_id.clone(),
        name: i.title.clone(),
        hours: Hours::from_hundredths(i.hours),
        fee: Fen::new(i.fee),
        seats: i.seats,
        seats_back: i.seats_back,
        is_begun: i.begun_at.is_some(),
        is_offered: i.withdrawn_at.is_none() && i.replaced_at.is_none(),
        is_withdrawn: i.withdrawn_at.is_some(),
        refund: i.refund_id.as_ref().map(|_| i.refunded_at.map_or(Returned::Asked, |_| Returned::Done)),
    };
    Ok(Order {
        state: state.ok_or_else(|| Error::internal("unknown state of an order"))?,
        items: items.iter().filter(|i| i.order_id == row.id).map(item).collect(),
        id: row.id,
        created_at: row.created_at,
        paid_at: row.paid_at,
        buyer: Buyer { title: row.buyer.unwrap_or_default(), tax_number: row.tax_number.unwrap_or_default() },
        payment: row.payment_id,
        is_group: row.is_group,
    })
}

async fn first(conn: &impl Conn, rows: Vec<OrderRow>) -> Result<Order> {
    whole(conn, rows).await?.pop().ok_or_else(Error::not_found)
}

/// The learner's order.
pub(crate) async fn order(conn: &impl Conn, id: &str, learner: PersonId) -> Result<Order> {
    let sql = format!("{ORDER} WHERE id = $1 AND learner_id = $2");
    first(conn, db::all(conn, &sql, params![id, learner]).await?).await
}

/// The learner's order, locked.
pub(crate) async fn hold_of(tx: &Tx, id: &str, learner: PersonId) -> Result<Order> {
    let sql = format!("{ORDER} WHERE id = $1 AND learner_id = $2{}", db::dialect::for_update(tx));
    first(tx, db::all(tx, &sql, params![id, learner]).await?).await
}

/// Anyone's order, locked; for notices.
pub(crate) async fn hold(tx: &Tx, id: &str) -> Result<Order> {
    let sql = format!("{ORDER} WHERE id = $1{}", db::dialect::for_update(tx));
    first(tx, db::all(tx, &sql, params![id]).await?).await
}

/// The learner's latest orders that hold anything.
pub(crate) async fn orders(conn: &impl Conn, learner: PersonId) -> Result<Vec<Order>> {
    let sql = format!("{ORDER} WHERE learner_id = $1 ORDER BY created_at DESC, id DESC LIMIT 200");
    let mut orders = whole(conn, db::all(conn, &sql, params![learner]).await?).await?;
    orders.retain(|o| !o.items.is_empty());
    Ok(orders)
}

/// The learner's unpaid order that holds the course. One that can no longer be paid, nor changed, is none.
pub(crate) async fn unpaid_with(tx: &Tx, learner: PersonId, course: &str) -> Result<Option<String>> {
    let sql = "SELECT o.id FROM orders o JOIN order_items i ON i.order_id = o.id WHERE o.learner_id = $1 \
               AND i.course_id = $2 AND NOT o.is_group AND (o.state = 'open' OR (o.state = 'paying' AND NOT EXISTS \
               (SELECT 1 FROM order_items n JOIN courses c ON c.id = n.course_id WHERE n.order_id = o.id \
               AND (c.withdrawn_at IS NOT NULL OR c.replaced_at IS NOT NULL)))) ORDER BY o.created_at DESC LIMIT 1";
    Ok(db::maybe::<Named>(tx, sql, params![learner, course]).await?.map(|o| o.id))
}

/// The learner's open order; a new one under `id` where there is none.
pub(crate) async fn cart(tx: &Tx, id: SessionId, learner: PersonId, now: Instant) -> Result<String> {
    let sql = "INSERT INTO orders (id, learner_id, state, created_at) VALUES ($1, $2, 'open', $3) ON CONFLICT DO NOTHING";
    db::execute(tx, sql, params![id, learner, now]).await?;
    let sql = "SELECT id FROM orders WHERE learner_id = $1 AND state = 'open'";
    Ok(db::one::<Named>(tx, sql, params![learner]).await?.id)
}

pub(crate) async fn add(tx: &Tx, order: &str, learner: PersonId, course: &Course) -> Result<()> {
    let sql = "INSERT INTO order_items (order_id, course_id, learner_id, title, hours, fee) \
               VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (order_id, course_id) DO NOTHING";
    let values = params![order, course.id, learner, course.title, course.hours(), course.price];
    db::execute(tx, sql, values).await?;
    Ok(())
}

/// Puts a course for so many people into a group order.
pub(crate) async fn add_for(
    tx: &Tx,
    order: &str,
    buyer: PersonId,
    (course, people): (&Course, i64),
) -> Result<()> {
    let sql = "INSERT INTO order_items (order_id, course_id, learner_id, title, hours, fee) VALUES ($1, $2, $3, $4, $5, $6)";
    let fee = Fen::new(course.price.fen() * people);
    db::execute(tx, sql, params![order, course.id, buyer, course.title, course.hours(), fee]).await?;
    Ok(())
}

pub(crate) async fn remove(tx: &Tx, order: &str, course: &str) -> Result<()> {
    let sql = "DELETE FROM order_items WHERE order_id = $1 AND course_id = $2";
    db::execute(tx, sql, params![order, course]).await?;
    Ok(())
}

pub(crate) async fn begin_payment(tx: &Tx, order: &str, buyer: &Buyer) -> Result<()> {
    let sql = "UPDATE orders SET state = 'paying', buyer = $1, tax_number = $2 WHERE id = $3";
    db::execute(tx, sql, params![buyer.title, buyer.tax_number, order]).await?;
    Ok(())
}

pub(crate) async fn insert_payment(
    tx: &Tx,
    id: &str,
    (order, amount): (&str, Fen),
    now: Instant,
) -> Result<()> {
    let sql =
        "INSERT INTO payments (id, order_id, amount, state, created_at) VALUES ($1, $2, $3, 'pending', $4)";
    db::execute(tx, sql, params![id, order, amount, now]).await?;
    Ok(())
}

pub(crate) async fn payment(conn: &impl Conn, id: &str) -> Result<Payment> {
    #[derive(FromQueryResult)]
    struct Row {
        id: String,
        order_id: String,
        amount: i64,
        state: String,
    }
    let sql = "SELECT id, order_id, amount, state FROM payments WHERE id = $1";
    let row: Row = db::one(conn, sql, params![id]).await?;
    Ok(Payment { id: row.id, order: row.order_id, amount: Fen::new(row.amount), state: row.state })
}

/// Keeps a notice; false where it was kept before.
pub(crate) async fn note(tx: &Tx, (id, payment, kind): (&str, &str, Kind), now: Instant) -> Result<bool> {
    let sql = "INSERT INTO payment_notices (id, payment_id, kind, received_at) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (id) DO NOTHING";
    Ok(db::execute(tx, sql, params![id, payment, kind.code(), now]).await? == 1)
}

pub(crate) async fn settle_payment(tx: &Tx, id: &str, state: &str) -> Result<()> {
    db::execute(tx, "UPDATE payments SET state = $1 WHERE id = $2", params![state, id]).await?;
    Ok(())
}

pub(crate) async fn paid(tx: &Tx, order: &str, payment: &str, now: Instant) -> Result<()> {
    let sql = "UPDATE orders SET state = 'paid', paid_at = $1, payment_id = $2 WHERE id = $3";
    db::execute(tx, sql, params![now, payment, order]).await?;
    Ok(())
}

pub(crate) async fn move_to(tx: &Tx, order: &str, from: State, to: State) -> Result<()> {
    let sql = "UPDATE orders SET state = $1 WHERE id = $2 AND state = $3";
    db::execute(tx, sql, params![to.code(), order, from.code()]).await?;
    Ok(())
}

pub(crate) async fn holds(conn: &impl Conn, learner: PersonId, (course, round): (&str, i64)) -> Result<bool> {
    let sql = "SELECT COUNT(*) FROM order_items i JOIN orders o ON o.id = i.order_id WHERE i.learner_id = $1 \
               AND i.course_id = $2 AND i.round = $3 AND i.refund_id IS NULL AND o.state = 'paid' AND NOT o.is_group";
    Ok(db::count(conn, sql, params![learner, course, round]).await? > 0)
}

pub(crate) async fn entitle(tx: &Tx, learner: PersonId, (course, round): (&str, i64)) -> Result<Option<Fen>> {
    #[derive(FromQueryResult)]
    struct Paid {
        fee: i64,
    }
    let sql = "UPDATE order_items SET round = $3 WHERE course_id = $2 AND round IS NULL AND refund_id IS NULL \
               AND order_id = \
               (SELECT o.id FROM orders o JOIN order_items i ON i.order_id = o.id WHERE o.learner_id = $1 \
               AND o.state = 'paid' AND NOT o.is_group AND i.course_id = $2 AND i.round IS NULL AND i.refund_id IS NULL \
               ORDER BY o.paid_at LIMIT 1) RETURNING fee";
    Ok(db::maybe::<Paid>(tx, sql, params![learner, course, round]).await?.map(|p| Fen::new(p.fee)))
}

/// The order that paid for a round.
pub(crate) async fn order_of(
    tx: &Tx,
    learner: PersonId,
    (course, round): (&str, i64),
) -> Result<Option<String>> {
    let sql = "SELECT order_id AS id FROM order_items WHERE learner_id = $1 AND course_id = $2 AND round = $3 LIMIT 1";
    Ok(db::maybe::<Named>(tx, sql, params![learner, course, round]).await?.map(|o| o.id))
}

pub(crate) async fn begin(
    tx: &Tx,
    learner: PersonId,
    (course, round): (&str, i64),
    now: Instant,
) -> Result<()> {
    let sql = "UPDATE order_items SET begun_at = COALESCE(begun_at, $1) WHERE learner_id = $2 AND course_id = $3 AND round = $4";
    db::execute(tx, sql, params![now, learner, course, round]).await?;
    Ok(())
}
