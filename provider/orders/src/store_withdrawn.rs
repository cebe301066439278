//! Statements on orders whose courses were withdrawn.
use base::Result;
use db::{Conn, params};

/// Whether all courses of the order were withdrawn and nobody has completed one of them in it.
pub(crate) async fn is_withdrawn(conn: &impl Conn, order: &str) -> Result<bool> {
    let sql = "SELECT COUNT(*) FROM order_items i JOIN courses c ON c.id = i.course_id WHERE i.order_id = $1 \
               AND (c.withdrawn_at IS NULL OR EXISTS (SELECT 1 FROM course_completions d WHERE d.course_id = i.course_id \
               AND d.learner_id = i.learner_id AND d.round = i.round) OR EXISTS (SELECT 1 FROM order_seats s \
               JOIN course_completions d ON d.course_id = s.course_id AND d.learner_id = s.learner_id AND d.round = s.round \
               WHERE s.order_id = i.order_id AND s.course_id = i.course_id))";
    Ok(db::count(conn, sql, params![order]).await? == 0)
}
