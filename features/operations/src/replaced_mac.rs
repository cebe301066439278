//! Another key for MACs, after a leak (security item 51), while no program of the platform runs. Forms, captchas, leases and
//! tickets of before end with it. The heads of the chains are vouched for anew, those alone that the key in use vouches for;
//! broken off, it goes on where it was.
use std::{collections::BTreeMap, path::PathBuf};

use base::{Error, Result};
use secrets::NextMac;
use serde::Serialize;
use serde_json::json;
use site::Site;

use crate::{
    rotation::record,
    store_rotation::{self as store, Head},
};

/// The heads of one portion.
const ROWS: i64 = 2000;

/// What came of it.
#[derive(Debug, Serialize)]
pub struct Replacement {
    /// Heads that stand under the new key.
    pub heads: u64,
    /// Secrets that were given out and hold no more, by `table.column`: their owners get new ones.
    pub void: BTreeMap<&'static str, u64>,
    /// The replaced key, to be destroyed.
    pub replaced: PathBuf,
}

/// Replaces the key. The caller has compared the chains with their checkpoints, unless it was begun before.
pub async fn replace_mac(site: &Site) -> Result<Replacement> {
    if !site.keys.is_replacing_mac() {
        record(site, "keys.replace_mac", json!({})).await?;
    }
    let next = site.keys.next_mac(&*site.random).map_err(Error::internal)?;
    let mut heads = 0;
    let mut after = String::new();
    loop {
        let rows = store::heads_after(&site.db, &after, ROWS).await?;
        let Some(last) = rows.last() else { break };
        after.clone_from(&last.person_id);
        heads += vouched(site, &next, &rows).await?;
    }
    trail(site, &next).await?;
    let void = store::resting_on_mac(&site.db, site.now()).await?;
    let replaced = site.keys.replace_mac().map_err(Error::internal)?;
    Ok(Replacement { heads, void, replaced })
}

/// Vouches for a portion of heads; answers how many stand under the new key.
async fn vouched(site: &Site, next: &NextMac, rows: &[Head]) -> Result<u64> {
    let mut anew = vec![];
    for row in rows {
        let parts: &[&[u8]] = &[row.person_id.as_bytes(), &row.seq.to_be_bytes(), row.hash.as_bytes()];
        if let Some(mac) = under(site, next, ("hour-head", parts), &row.mac)? {
            anew.push((row.person_id.clone(), mac));
        }
    }
    let tx = site.db.begin().await?;
    store::write_macs(&tx, &anew).await?;
    tx.commit().await?;
    Ok(rows.len() as u64)
}

async fn trail(site: &Site, next: &NextMac) -> Result<()> {
    let tx = site.db.begin().await?;
    if let Some(head) = store::trail_head(&tx).await? {
        let parts: &[&[u8]] = &[&head.seq.to_be_bytes(), head.hash.as_bytes()];
        if let Some(mac) = under(site, next, ("audit-head", parts), &head.mac)? {
            store::write_trail_mac(&tx, &mac).await?;
        }
    }
    tx.commit().await
}

/// The MAC under the new key; none where it stands there already. What neither key vouches for is not sealed by us.
fn under(
    site: &Site,
    next: &NextMac,
    (purpose, parts): (&str, &[&[u8]]),
    mac: &str,
) -> Result<Option<String>> {
    let anew = next.mac(purpose, parts);
    if anew == mac {
        return Ok(None);
    }
    let holds = site.keys.mac_holds(purpose, parts, mac);
    if holds { Ok(Some(anew)) } else { Err(Error::conflict("head_altered")) }
}
