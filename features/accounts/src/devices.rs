//! The person's own sessions: where the account is signed in, where it was, and ending them.
use base::{Error, Result};
use db::params;
use sea_orm::FromQueryResult;
use serde_json::json;
use site::{Site, Visitor};

use crate::{
    ended::{self, SessionsEnded},
    sessions,
};

/// A session as its owner sees it.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Seen {
    pub id: String,
    pub via: String,
    pub network: String,
    pub agent: String,
    pub created_at: i64,
    pub last_operation_at: i64,
    pub ended_at: Option<i64>,
    pub end_reason: Option<String>,
}

/// The newest thirty sessions of the visitor's account.
pub(crate) async fn own(site: &Site, visitor: &Visitor) -> Result<Vec<Seen>> {
    let own = sessions::own(site, visitor).await?;
    let sql = "SELECT id, via, network, agent, created_at, last_operation_at, ended_at, end_reason FROM sessions \
               WHERE account_id = $1 ORDER BY created_at DESC, id DESC LIMIT 30";
    db::all(&site.db, sql, params![own.account]).await
}

/// The newest wrong tries at the account's door.
pub(crate) async fn failures(site: &Site, visitor: &Visitor) -> Result<Vec<audit::Happened>> {
    let own = sessions::own(site, visitor).await?;
    audit::happened(&site.db, "sign_in.failed", &own.account.to_string()).await
}

/// Ends one session of the visitor's account; another's is not found.
pub(crate) async fn end(site: &Site, visitor: &Visitor, id: &str) -> Result<()> {
    let own = sessions::own(site, visitor).await?;
    let tx = site.db.begin().await?;
    let sql = "UPDATE sessions SET ended_at = $1, end_reason = 'signed_out_elsewhere' \
               WHERE id = $2 AND account_id = $3 AND ended_at IS NULL";
    if db::execute(&tx, sql, params![site.now(), id, own.account]).await? == 0 {
        return Err(Error::not_found());
    }
    ended::tell(site, &tx, &SessionsEnded::One(id.parse()?)).await?;
    record(site, &tx, visitor, id).await?;
    tx.commit().await
}

/// Ends every session of the visitor's account but this one.
pub(crate) async fn end_others(site: &Site, visitor: &Visitor) -> Result<()> {
    let own = sessions::own(site, visitor).await?;
    let tx = site.db.begin().await?;
    let reason = "signed_out_elsewhere";
    sessions::end_others(site, &tx, own.account, visitor.actor.session, reason).await?;
    record(site, &tx, visitor, "others").await?;
    tx.commit().await
}

async fn record(site: &Site, tx: &db::Tx, visitor: &Visitor, which: &str) -> Result<()> {
    let deed = audit::Deed {
        actor: Some(visitor.actor.person),
        action: "session.end",
        object: which,
        unit_path: "",
        details: json!({}),
    };
    audit::record(site, tx, deed).await
}
