//! Statements on the seats of group orders: who may learn what, and whether it was taken.
use base::{Instant, PersonId, Result};
use db::{Conn, Tx, Value, params};
use sea_orm::FromQueryResult;

/// A person's seats.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Seat {
    pub place: i64,
    pub name: String,
    pub taken_at: Option<i64>,
    /// In how many courses; what was given back is not counted.
    pub courses: i64,
}

/// Marks an order as one for a group, whose courses are fixed.
pub(crate) async fn open(tx: &Tx, id: &str, (learner, now): (PersonId, Instant)) -> Result<()> {
    let sql = "INSERT INTO orders (id, learner_id, state, created_at, is_group) VALUES ($1, $2, 'paying', $3, TRUE)";
    db::execute(tx, sql, params![id, learner, now]).await?;
    Ok(())
}

/// Seats for a person: one in each course, all under one code.
pub(crate) async fn insert(
    tx: &Tx,
    order: &str,
    courses: &[String],
    people: &[(i64, String, String)],
) -> Result<()> {
    let seat = |(place, name, hash): &(i64, String, String)| -> Vec<Vec<Value>> {
        courses.iter().map(|course| params![order, course, hash, *place, name]).collect()
    };
    let columns = ["order_id", "course_id", "code_hash", "place", "name"];
    db::insert_rows(tx, "order_seats", &columns, people.iter().flat_map(seat).collect(), "").await?;
    Ok(())
}

/// The seats of an order, a person each.
pub(crate) async fn of_order(conn: &impl Conn, order: &str) -> Result<Vec<Seat>> {
    let sql = "SELECT s.place, s.name, MAX(s.taken_at) AS taken_at, \
               CAST(SUM(CASE WHEN s.refund_id IS NULL AND i.refund_id IS NULL THEN 1 ELSE 0 END) AS BIGINT) AS courses FROM order_seats s \
               JOIN order_items i ON i.order_id = s.order_id AND i.course_id = s.course_id WHERE s.order_id = $1 \
               GROUP BY s.place, s.name ORDER BY s.place LIMIT 500";
    db::all(conn, sql, params![order]).await
}

/// What a code stands for.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Claimed {
    pub order_id: String,
    pub course_id: String,
    pub name: String,
    pub learner_id: Option<String>,
    pub learner_name: String,
}

/// The seats under a code, with the name of the learner who asks.
pub(crate) async fn claimed(tx: &Tx, hash: &str, learner: PersonId) -> Result<Vec<Claimed>> {
    let sql = "SELECT s.order_id, s.course_id, s.name, s.learner_id, n.name AS learner_name FROM order_seats s \
               JOIN orders o ON o.id = s.order_id JOIN learners n ON n.id = $2 \
               JOIN order_items i ON i.order_id = s.order_id AND i.course_id = s.course_id \
               WHERE s.code_hash = $1 AND o.state = 'paid' AND i.refund_id IS NULL AND s.refund_id IS NULL ORDER BY s.course_id";
    db::all(tx, sql, params![hash, learner]).await
}

/// Whether the learner has taken a seat of the order under another code.
pub(crate) async fn has_other(tx: &Tx, (order, hash): (&str, &str), learner: PersonId) -> Result<bool> {
    let sql = "SELECT COUNT(*) FROM order_seats WHERE order_id = $1 AND code_hash <> $2 AND learner_id = $3 AND refund_id IS NULL";
    Ok(db::count(tx, sql, params![order, hash, learner]).await? > 0)
}

/// Takes the seats under a code, which nobody has taken.
pub(crate) async fn take(tx: &Tx, hash: &str, learner: PersonId, now: Instant) -> Result<()> {
    let sql = "UPDATE order_seats SET learner_id = $1, taken_at = $2 WHERE code_hash = $3 AND learner_id IS NULL AND refund_id IS NULL";
    db::execute(tx, sql, params![learner, now, hash]).await?;
    Ok(())
}

/// Spends a taken seat on a round of the course; false where there is none.
pub(crate) async fn entitle(tx: &Tx, learner: PersonId, (course, round): (&str, i64)) -> Result<bool> {
    let sql = "UPDATE order_seats SET round = $3 WHERE course_id = $2 AND refund_id IS NULL AND code_hash = (SELECT s.code_hash FROM order_seats s \
               JOIN orders o ON o.id = s.order_id JOIN order_items i ON i.order_id = s.order_id AND i.course_id = s.course_id \
               WHERE s.learner_id = $1 AND s.course_id = $2 AND s.round IS NULL AND i.refund_id IS NULL AND s.refund_id IS NULL AND o.state = 'paid' ORDER BY s.taken_at LIMIT 1)";
    Ok(db::execute(tx, sql, params![learner, course, round]).await? == 1)
}

/// Whether a paid order holds a seat for this round of the course.
pub(crate) async fn holds(conn: &impl Conn, learner: PersonId, (course, round): (&str, i64)) -> Result<bool> {
    let sql = "SELECT COUNT(*) FROM order_seats s JOIN orders o ON o.id = s.order_id \
               JOIN order_items i ON i.order_id = s.order_id AND i.course_id = s.course_id WHERE s.learner_id = $1 \
               AND s.course_id = $2 AND s.round = $3 AND i.refund_id IS NULL AND s.refund_id IS NULL AND o.state = 'paid'";
    Ok(db::count(conn, sql, params![learner, course, round]).await? > 0)
}

/// The order in whose seat, paid for by somebody else, the round is learned.
pub(crate) async fn order_of(
    tx: &Tx,
    learner: PersonId,
    (course, round): (&str, i64),
) -> Result<Option<String>> {
    #[derive(FromQueryResult)]
    struct Named {
        order_id: String,
    }
    let sql = "SELECT order_id FROM order_seats WHERE learner_id = $1 AND course_id = $2 AND round = $3 AND refund_id IS NULL LIMIT 1";
    Ok(db::maybe::<Named>(tx, sql, params![learner, course, round]).await?.map(|o| o.order_id))
}

/// Notes that learning in a seat has begun.
pub(crate) async fn begin(
    tx: &Tx,
    learner: PersonId,
    (course, round): (&str, i64),
    now: Instant,
) -> Result<()> {
    let sql = "UPDATE order_seats SET begun_at = COALESCE(begun_at, $1) WHERE learner_id = $2 AND course_id = $3 AND round = $4";
    db::execute(tx, sql, params![now, learner, course, round]).await?;
    Ok(())
}
