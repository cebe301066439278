//! Every place where the two databases' SQL differs, by name. At most ten.
use sea_orm::{ConnectionTrait, DatabaseBackend};

use base::Result;

use crate::{Conn, count};

fn is_sqlite(conn: &impl Conn) -> bool {
    ConnectionTrait::get_database_backend(conn) == DatabaseBackend::Sqlite
}

/// Ends a SELECT whose rows the transaction will change. SQLite's write transaction holds everything already.
pub fn for_update(conn: &impl Conn) -> &'static str {
    if is_sqlite(conn) { "" } else { " FOR UPDATE" }
}

/// As [`for_update`] for rows that others refer to and that keep their keys: who only refers to one need not wait, so that
/// two transactions which hold a row and refer to another's in turn never wait for each other in a ring.
pub fn for_no_key_update(conn: &impl Conn) -> &'static str {
    if is_sqlite(conn) { "" } else { " FOR NO KEY UPDATE" }
}

/// As [`for_update`], passing over rows that another transaction holds.
pub fn skip_locked(conn: &impl Conn) -> &'static str {
    if is_sqlite(conn) { "" } else { " FOR UPDATE SKIP LOCKED" }
}

/// A migration as the embedded database reads it: what stands in `/*sqlite …*/` holds there and is a comment elsewhere. For
/// how rows lie on disk only: what they say is the same in both.
pub(crate) fn with_embedded_part(migration: &str) -> String {
    let mut parts = migration.split("/*sqlite");
    let portable = parts.next().unwrap_or_default().to_owned();
    parts.fold(portable, |sql, part| sql + &part.replacen("*/", "", 1))
}

/// The database server's clock, in whole seconds since 1970.
pub async fn clock_seconds(conn: &impl Conn) -> Result<i64> {
    let sql = if is_sqlite(conn) {
        "SELECT CAST(strftime('%s', 'now') AS BIGINT)"
    } else {
        "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) AS BIGINT)"
    };
    count(conn, sql, vec![]).await
}

#[cfg(test)]
mod tests {
    use super::with_embedded_part;

    #[test]
    fn what_is_for_the_embedded_database_is_read_there() {
        let file = "-- why\nCREATE TABLE a (b TEXT) /*sqlite WITHOUT ROWID*/;\n/* a remark */\n/*sqlite\nDROP TABLE c;\n*/";
        let there = "-- why\nCREATE TABLE a (b TEXT)  WITHOUT ROWID;\n/* a remark */\n\nDROP TABLE c;\n";
        assert_eq!(with_embedded_part(file), there);
    }
}
