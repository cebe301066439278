//! What a checkpoint vouches for beside the chains: documents that were made from the ledger, such as certificates. Each
//! is put down by its SHA-256 when it is made; the next checkpoint signs the Merkle root over all that wait, so that a
//! document can carry a short proof of its own.
use std::collections::{BTreeMap, BTreeSet, HashMap};

use base::{Error, Result};
use db::{Conn, Db, Tx};

use super::{Content, tree, verify::read_buckets};
use crate::store_documents::{self as store, Placed};

/// So many neighbouring places make a run, whose root a checkpoint keeps. A power of two, so that the tree over the
/// runs' roots is the tree over all places (RFC 6962 splits at powers of two).
const RUN: usize = 256;

/// That a checkpoint holds a document: where, and the hashes beside the way to the root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vouched {
    /// The checkpoint's number.
    pub checkpoint: i64,
    /// The day on which it was made.
    pub day: String,
    /// How many documents it holds.
    pub size: u32,
    /// The document's place among them, from 0.
    pub place: u32,
    /// The hashes beside the way from the document to the root, the lowest first.
    pub hashes: Vec<[u8; 32]>,
}

/// A checkpoint's root over documents, as it is published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root {
    /// The checkpoint's number.
    pub checkpoint: i64,
    /// The day on which it was made.
    pub day: String,
    /// How many documents it holds.
    pub size: u32,
    /// The root.
    pub root: [u8; 32],
}

/// What a new checkpoint holds of documents.
#[derive(Default)]
pub(super) struct Gathered {
    pub count: i64,
    /// The root as hex; empty where there are none.
    pub root: String,
    pub runs: String,
}

/// Puts documents down for the next checkpoint, by the SHA-256 of what they say as hex.
pub async fn vouch(conn: &impl Conn, digests: &[String]) -> Result<()> {
    store::insert(conn, digests).await
}

/// The proofs of those of the documents that a checkpoint holds.
pub async fn vouched(conn: &impl Conn, digests: &[String]) -> Result<HashMap<String, Vouched>> {
    let wanted: BTreeSet<&str> = digests.iter().map(String::as_str).collect();
    let mut runs: BTreeMap<(i64, i64), Vec<Placed>> = BTreeMap::new();
    for placed in store::runs_of(conn, digests).await? {
        runs.entry((placed.checkpoint, placed.run)).or_default().push(placed);
    }
    let numbers: BTreeSet<i64> = runs.keys().map(|(no, _)| *no).collect();
    let holding = store::holding(conn, &numbers.into_iter().collect::<Vec<_>>()).await?;
    let mut found = HashMap::new();
    for ((no, run), mut places) in runs {
        // Looked up in portions, a run can have come more than once.
        places.sort_by_key(|p| p.place);
        places.dedup_by_key(|p| p.place);
        let held = holding.get(&no).ok_or_else(|| Error::internal("a document's checkpoint is missing"))?;
        let content: Content = serde_json::from_str(&held.content).map_err(Error::internal)?;
        let way = Way::of(&places, (run, &held.document_runs))?;
        for (n, placed) in places.iter().enumerate().filter(|(_, p)| wanted.contains(p.digest.as_str())) {
            found.insert(placed.digest.clone(), way.proof(n, placed.place, &content));
        }
    }
    Ok(found)
}

/// The roots of the checkpoints that hold documents, newest first.
pub async fn published(conn: &impl Conn) -> Result<Vec<Root>> {
    let read = |held: store::Holding| {
        let content: Content = serde_json::from_str(&held.content).map_err(Error::internal)?;
        let root = tree::read_one(&content.documents_root).ok_or_else(|| Error::internal("no root"))?;
        let size = u32::try_from(content.documents).map_err(Error::internal)?;
        Ok(Root { checkpoint: content.no, day: content.day, size, root })
    };
    store::published(conn).await?.into_iter().map(read).collect()
}

/// The two parts of the way to the root, shared by a run's documents.
struct Way {
    leaves: Vec<tree::Hash>,
    upper: Vec<tree::Hash>,
}

impl Way {
    fn of(places: &[Placed], (run, runs): (i64, &str)) -> Result<Self> {
        let damaged = || Error::internal("a checkpoint's documents do not read");
        let leaves = places.iter().map(leaf).collect::<Option<Vec<_>>>().ok_or_else(damaged)?;
        let roots = read_buckets(runs).ok_or_else(damaged)?;
        Ok(Self { leaves, upper: tree::path(&roots, usize::try_from(run).map_err(Error::internal)?) })
    }

    fn proof(&self, n: usize, place: i64, content: &Content) -> Vouched {
        let number = |n: i64| u32::try_from(n).unwrap_or(u32::MAX);
        Vouched {
            checkpoint: content.no,
            day: content.day.clone(),
            size: number(content.documents),
            place: number(place),
            hashes: [tree::path(&self.leaves, n), self.upper.clone()].concat(),
        }
    }
}

/// The hash of a document as a leaf; `None` for a digest that is none.
fn leaf(placed: &Placed) -> Option<tree::Hash> {
    tree::read_one(&placed.digest).map(|digest| tree::document_leaf(&digest))
}

/// Gives every waiting document its place under a new checkpoint.
pub(super) async fn gather(tx: &Tx, no: i64) -> Result<Gathered> {
    let (mut runs, mut after) = (Runs::default(), String::new());
    loop {
        let digests = store::waiting(tx, &after).await?;
        let Some(last) = digests.last() else { return Ok(runs.end()) };
        after.clone_from(last);
        let mut placed = Vec::with_capacity(digests.len());
        for digest in digests {
            let one = Placed { checkpoint: no, place: runs.count, run: run_of(runs.count), digest };
            runs.take(leaf(&one).ok_or_else(|| Error::internal("a document's digest does not read"))?);
            placed.push(one);
        }
        store::insert_leaves(tx, &placed).await?;
    }
}

fn run_of(place: i64) -> i64 {
    place / i64::try_from(RUN).unwrap_or(1)
}

/// Collects leaves into runs; one run in memory at a time.
#[derive(Default)]
struct Runs {
    count: i64,
    open: Vec<tree::Hash>,
    roots: Vec<tree::Hash>,
}

impl Runs {
    fn take(&mut self, leaf: tree::Hash) {
        self.count += 1;
        self.open.push(leaf);
        if self.open.len() == RUN {
            self.roots.push(tree::root(&self.open));
            self.open.clear();
        }
    }

    fn end(mut self) -> Gathered {
        if !self.open.is_empty() {
            self.roots.push(tree::root(&self.open));
        }
        if self.roots.is_empty() {
            return Gathered::default();
        }
        let runs = tree::written(&self.roots).concat();
        Gathered { count: self.count, root: secrets::hex(&tree::root(&self.roots)), runs }
    }
}

/// Whether a checkpoint's documents are those that it signed.
pub(super) async fn hold(db: &Db, content: &Content, stored_runs: &str) -> Result<bool> {
    let mut runs = Runs::default();
    loop {
        let page = store::leaves_from(db, content.no, runs.count).await?;
        if page.is_empty() {
            break;
        }
        for placed in &page {
            let is_placed = placed.place == runs.count && placed.run == run_of(placed.place);
            let Some(leaf) = leaf(placed).filter(|_| is_placed) else { return Ok(false) };
            runs.take(leaf);
        }
    }
    let found = runs.end();
    Ok(found.count == content.documents && found.root == content.documents_root && found.runs == stored_runs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placed(n: usize) -> Placed {
        let digest = secrets::sha256_hex(n.to_string().as_bytes());
        let (place, run) = (i64::try_from(n).unwrap(), i64::try_from(n / RUN).unwrap());
        Placed { checkpoint: 1, place, run, digest }
    }

    #[test]
    fn the_tree_over_runs_is_the_tree_over_all_places() {
        for size in [1, 2, 255, 256, 257, 512, 700, 1025] {
            let all: Vec<Placed> = (0..size).map(placed).collect();
            let leaves: Vec<tree::Hash> = all.iter().map(|p| leaf(p).unwrap()).collect();
            let mut runs = Runs::default();
            for leaf in &leaves {
                runs.take(*leaf);
            }
            let gathered = runs.end();
            assert_eq!(gathered.root, secrets::hex(&tree::root(&leaves)), "{size}");
            for n in [0, size / 2, size - 1] {
                let run = n / RUN * RUN..size.min(n / RUN * RUN + RUN);
                let way = Way::of(&all[run.clone()], (all[n].run, &gathered.runs)).unwrap();
                let path = [tree::path(&way.leaves, n - run.start), way.upper].concat();
                assert_eq!(path, tree::path(&leaves, n), "{n} of {size}");
            }
        }
    }
}
