//! Recomputes every chain of the ledger in bounded memory: finds a changed, removed, inserted, reordered or cut-off
//! entry.
use std::fmt;

use base::Result;
use site::Site;

use crate::{
    checkpoint,
    store::{self, Head},
};

/// Where a chain breaks; a checkpoint has no person and is named by its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Break {
    /// Whose chain.
    pub person: String,
    /// The first broken entry's place.
    pub seq: i64,
    /// What is wrong with it.
    pub what: &'static str,
}

impl Break {
    /// A checkpoint that does not hold.
    pub(crate) fn checkpoint(no: i64, what: &'static str) -> Self {
        Self { person: String::new(), seq: no, what }
    }
}

impl fmt::Display for Break {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.person.is_empty() {
            write!(f, "checkpoint {}: {}", self.seq, self.what)
        } else {
            write!(f, "hour ledger: person {} entry {}: {}", self.person, self.seq, self.what)
        }
    }
}

/// Walks all chains, then all heads, then all checkpoints; `Ok(Ok(n))` counts the entries.
pub async fn verify(site: &Site) -> Result<Result<i64, Break>> {
    let counted = match chains(site).await? {
        Ok(counted) => counted,
        Err(broken) => return Ok(Err(broken)),
    };
    if let Some(broken) = heads(site).await? {
        return Ok(Err(broken));
    }
    Ok(checkpoint::verify(site).await?.map(|_| counted))
}

async fn chains(site: &Site) -> Result<Result<i64, Break>> {
    let (mut person, mut last, mut counted) = (String::new(), Head::default(), 0);
    loop {
        let entries = store::chain_after(&site.db, (&person, last.seq)).await?;
        if entries.is_empty() {
            return Ok(Ok(counted));
        }
        for entry in entries {
            let owner = entry.person.to_string();
            if owner != person {
                (person, last) = (owner, Head::default());
            }
            let what = match () {
                () if entry.seq != last.seq + 1 => Some("an entry is missing before it"),
                () if entry.prev_hash != last.hash => Some("it does not follow the entry before it"),
                () if entry.computed_hash() != entry.hash => Some("its content was changed"),
                () => None,
            };
            if let Some(what) = what {
                return Ok(Err(Break { person, seq: entry.seq, what }));
            }
            last = Head { seq: entry.seq, hash: entry.hash };
            counted += 1;
        }
    }
}

async fn heads(site: &Site) -> Result<Option<Break>> {
    let mut person = String::new();
    loop {
        let heads = store::heads_after(site, &person).await?;
        let Some(end) = heads.last() else {
            let missing = store::without_head(&site.db).await?;
            return Ok(missing.map(|person| Break { person, seq: 1, what: "its head is missing" }));
        };
        person.clone_from(&end.person);
        let people: Vec<String> = heads.iter().map(|h| h.person.clone()).collect();
        let tails = store::tails(&site.db, &people).await?;
        for h in heads {
            let tail = tails.get(&h.person).cloned().unwrap_or_default();
            let is_fresh = h.head == Head::default() && tail == Head::default();
            if !is_fresh && (!h.holds || tail != h.head) {
                return Ok(Some(Break {
                    person: h.person,
                    seq: tail.seq + 1,
                    what: "the last entries are missing",
                }));
            }
        }
    }
}
