//! Statements for the card that pages at the door show.
use base::{Result, SessionId};
use db::{Conn, params};
use sea_orm::FromQueryResult;

use crate::Contact;

/// The id of the unit of a session's person.
pub(crate) async fn unit_of(conn: &impl Conn, session: SessionId) -> Result<String> {
    #[derive(FromQueryResult)]
    struct Row {
        unit_id: String,
    }
    let sql = "SELECT p.unit_id FROM sessions s JOIN accounts a ON a.id = s.account_id \
               JOIN people p ON p.id = a.person_id WHERE s.id = $1";
    Ok(db::one::<Row>(conn, sql, params![session]).await?.unit_id)
}

/// The card of a unit; where it has none, of the unit above.
pub(crate) async fn card_of(conn: &impl Conn, unit: &str) -> Result<Option<Contact>> {
    let sql = "SELECT k.name AS unit, c.office, c.names, c.telephone, c.hours FROM units u \
               JOIN contact_cards c ON c.unit_id = u.id OR c.unit_id = u.parent_id JOIN units k ON k.id = c.unit_id \
               WHERE u.id = $1 ORDER BY CASE WHEN c.unit_id = u.id THEN 0 ELSE 1 END LIMIT 1";
    db::maybe(conn, sql, params![unit]).await
}
