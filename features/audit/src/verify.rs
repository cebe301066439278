//! Recomputes the chain: finds a changed, removed, inserted or cut-off entry.
use base::Result;
use site::Site;

use crate::store;

/// Where the chain breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Break {
    /// The first broken entry.
    pub seq: i64,
    /// What is wrong with it.
    pub what: &'static str,
}

/// Walks the whole trail in bounded memory; `Ok(Err(break))` names the first broken entry, `Ok(Ok(n))` counts them.
pub async fn verify(site: &Site) -> Result<Result<i64, Break>> {
    let (mut seq, mut hash) = (0, String::new());
    loop {
        let entries = store::after(&site.db, seq).await?;
        if entries.is_empty() {
            break;
        }
        for entry in entries {
            let what = match () {
                () if entry.seq != seq + 1 => Some("an entry is missing before it"),
                () if entry.prev_hash != hash => Some("it does not follow the entry before it"),
                () if entry.computed_hash() != entry.hash => Some("its content was changed"),
                () => None,
            };
            if let Some(what) = what {
                return Ok(Err(Break { seq: entry.seq, what }));
            }
            (seq, hash) = (entry.seq, entry.hash);
        }
    }
    let Some(head) = store::head(&site.db).await? else {
        return Ok(if seq == 0 { Ok(0) } else { Err(Break { seq, what: "the head is missing" }) });
    };
    let holds = head.seq == seq && head.hash == hash && head.mac == store::head_mac(site, seq, &hash);
    Ok(if holds || (seq == 0 && head.seq == 0) {
        Ok(seq)
    } else {
        Err(Break { seq: seq + 1, what: "the last entries are missing" })
    })
}
