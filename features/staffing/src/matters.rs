//! What is still open of a person: listed before someone is released, and settled before two records become one.
use base::{PersonId, Result};
use db::Conn;
use sea_orm::FromQueryResult;
use serde::Serialize;
use utoipa::ToSchema;

/// Something under way.
#[derive(Clone, Debug, Serialize, ToSchema, FromQueryResult)]
pub(crate) struct Matter {
    /// `claim`, `exemption`, `reimbursement`, `training` or `correction`.
    pub kind: String,
    pub id: String,
    pub title: String,
    /// 0 where it belongs to no year.
    pub year: i64,
    pub state: String,
}

/// What is open of a person, the oldest year first.
pub(crate) async fn of(conn: &impl Conn, person: PersonId) -> Result<Vec<Matter>> {
    crate::store::matters(conn, person).await
}
