//! Every statement on the audit trail.
use base::Result;
use db::{Conn, Db, Tx, params};
use sea_orm::FromQueryResult;
use site::Site;

use crate::Deed;

/// An entry as stored.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Entry {
    pub seq: i64,
    pub at: i64,
    pub actor: Option<String>,
    pub action: String,
    pub object: String,
    pub unit_path: String,
    pub details: String,
    pub address: String,
    pub role: Option<String>,
    /// The path of the unit where the role is held.
    pub place: String,
    /// On behalf of whom.
    pub behalf: Option<String>,
    pub prev_hash: String,
    pub hash: String,
}

/// The end of the chain.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Head {
    pub seq: i64,
    pub hash: String,
    pub mac: String,
}

impl Entry {
    /// The hash over everything the entry says and the hash before it.
    pub(crate) fn computed_hash(&self) -> String {
        let mut all = vec![serde_json::json!([
            self.prev_hash,
            self.seq,
            self.at,
            self.actor,
            self.action,
            self.object,
            self.unit_path,
            self.details,
            self.address,
            self.role,
        ])];
        // Entries from before roles had places hash as they did.
        if !self.place.is_empty() || self.behalf.is_some() {
            all.push(serde_json::json!([self.place, self.behalf]));
        }
        let text: Vec<String> = all.iter().map(ToString::to_string).collect();
        secrets::sha256_hex(text.join("").as_bytes())
    }
}

/// The MAC that keeps a cut-off tail from passing as the end.
pub(crate) fn head_mac(site: &Site, seq: i64, hash: &str) -> String {
    site.keys.mac("audit-head", &[&seq.to_be_bytes(), hash.as_bytes()])
}

pub(crate) async fn append(site: &Site, tx: &Tx, deed: Deed<'_>) -> Result<()> {
    let create =
        "INSERT INTO audit_head (one, seq, hash, mac) VALUES (1, 0, '', '') ON CONFLICT (one) DO NOTHING";
    db::execute(tx, create, vec![]).await?;
    let lock = format!("SELECT seq, hash, mac FROM audit_head WHERE one = 1{}", db::dialect::for_update(tx));
    let head: Head = db::one(tx, &lock, vec![]).await?;
    let caller = site::caller();
    let acting = caller.acting_at(deed.unit_path);
    let mut entry = Entry {
        seq: head.seq + 1,
        at: base::day::millis(site.now()),
        actor: deed.actor.map(|p| p.to_string()),
        action: deed.action.to_owned(),
        object: deed.object.to_owned(),
        unit_path: deed.unit_path.to_owned(),
        details: deed.details.to_string(),
        address: caller.network(),
        role: acting.map(|a| a.role.clone()),
        place: acting.map(|a| a.place.clone()).unwrap_or_default(),
        behalf: acting.and_then(|a| a.behalf).map(|p| p.to_string()),
        prev_hash: head.hash,
        hash: String::new(),
    };
    entry.hash = entry.computed_hash();
    insert(tx, &entry).await?;
    let mac = head_mac(site, entry.seq, &entry.hash);
    let sql = "UPDATE audit_head SET seq = $1, hash = $2, mac = $3 WHERE one = 1";
    db::execute(tx, sql, params![entry.seq, entry.hash, mac]).await?;
    Ok(())
}

async fn insert(conn: &impl Conn, e: &Entry) -> Result<()> {
    let sql = "INSERT INTO audit_entries (seq, at, actor, action, object, unit_path, details, address, role, place, behalf, prev_hash, hash) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    let Entry {
        seq,
        at,
        actor,
        action,
        object,
        unit_path,
        details,
        address,
        role,
        place,
        behalf,
        prev_hash,
        hash,
    } = e;
    let values = params![
        seq, at, actor, action, object, unit_path, details, address, role, place, behalf, prev_hash, hash
    ];
    db::execute(conn, sql, values).await?;
    Ok(())
}

pub(crate) async fn head(db: &Db) -> Result<Option<Head>> {
    db::maybe(db, "SELECT seq, hash, mac FROM audit_head WHERE one = 1", vec![]).await
}

/// Up to 1,000 entries after a sequence number, in order.
pub(crate) async fn after(db: &Db, seq: i64) -> Result<Vec<Entry>> {
    let sql = "SELECT seq, at, actor, action, object, unit_path, details, address, role, place, behalf, prev_hash, hash FROM audit_entries \
               WHERE seq > $1 ORDER BY seq LIMIT 1000";
    db::all(db, sql, params![seq]).await
}
