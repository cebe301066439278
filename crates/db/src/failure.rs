//! What a failed statement means for whoever waits: a database that is not there is a moment's trouble, never a reason to
//! go on without it (security item 13).
use base::{Error, Kind};
use sea_orm::{DbErr, RuntimeErr, sqlx};

/// A database that does not answer is `Unavailable`; anything else is a failure of ours.
pub(crate) fn failure(error: DbErr) -> Error {
    if is_absent(&error) {
        tracing::error!(error = %error, "the database does not answer");
        return Error::refused(Kind::Unavailable, "database_unavailable").retry_after(5);
    }
    Error::internal(error)
}

fn is_absent(error: &DbErr) -> bool {
    match error {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => true,
        DbErr::Exec(RuntimeErr::SqlxError(e)) | DbErr::Query(RuntimeErr::SqlxError(e)) => {
            matches!(**e, sqlx::Error::Io(_) | sqlx::Error::PoolClosed | sqlx::Error::PoolTimedOut)
        }
        _ => false,
    }
}
