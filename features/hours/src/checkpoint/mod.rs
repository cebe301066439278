//! Daily signed checkpoints over all chains: a Merkle root over every person's head, under buckets so that a proof reads
//! one of them; each checkpoint names the hash of the one before, and the audit trail keeps the last one's.
mod documents;
mod proof;
pub(crate) mod tree;
mod verify;

use base::{Error, PersonId, Result, day};
use db::Tx;
use serde::{Deserialize, Serialize};
use serde_json::json;
use site::Site;

use crate::store_checkpoints::{self as store, Leaf, Sealed};

pub use documents::{Root, Vouched, published, vouch, vouched};
pub use proof::{Proof, Proven, check_proof, prove};
pub(crate) use verify::verify;

/// Heads are spread over so many buckets by the last two digits of the person's id, which are random.
const BUCKETS: usize = 256;
/// The audit action whose object names the checkpoint made.
pub(crate) const DEED: &str = "ledger.checkpoint";

/// What a checkpoint states and is signed for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Content {
    /// `xueshi-hours-1`
    pub ledger: String,
    /// From 1, without gaps.
    pub no: i64,
    /// The day on which it was made.
    pub day: String,
    /// When, RFC 3339.
    pub at: String,
    /// How many people have a chain.
    pub chains: i64,
    /// How many entries the chains have in all.
    pub entries: i64,
    /// The Merkle root over all heads.
    pub root: String,
    /// How many heads changed since the checkpoint before.
    pub changed: i64,
    /// The hash over the changed heads.
    pub changed_digest: String,
    /// How many documents it vouches for: those made since the checkpoint before.
    #[serde(default)]
    pub documents: i64,
    /// The Merkle root over their SHA-256; empty for none.
    #[serde(default)]
    pub documents_root: String,
    /// The hash of the content before; empty for the first.
    pub previous: String,
}

/// A checkpoint that was made.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Checkpoint {
    /// What it states.
    #[serde(flatten)]
    pub content: Content,
    /// The text that was signed.
    pub signed: String,
    /// The signature.
    pub signature: String,
    /// The key's id.
    pub key_id: String,
}

impl TryFrom<Sealed> for Checkpoint {
    type Error = Error;
    fn try_from(s: Sealed) -> Result<Self> {
        let content = serde_json::from_str(&s.content).map_err(Error::internal)?;
        Ok(Self { content, signed: s.content, signature: s.signature, key_id: s.key_id })
    }
}

/// The newest checkpoints, newest first.
pub async fn recent(site: &Site, limit: i64) -> Result<Vec<Checkpoint>> {
    store::newest(&site.db, limit).await?.into_iter().map(Checkpoint::try_from).collect()
}

/// Makes today's checkpoint, unless some node made it already.
pub async fn make(site: &Site) -> Result<Option<Checkpoint>> {
    let today = day::day_of(site.now());
    let tx = site.db.begin().await?;
    if !store::claim_day(&tx, "checkpoint", today, site.now()).await? {
        return Ok(None);
    }
    let before = store::newest(&tx, 1).await?.into_iter().next();
    let no = before.as_ref().map_or(1, |b| b.no + 1);
    let (changed, changed_digest) = add_leaves(site, &tx, no).await?;
    let (buckets, chains, entries) = roots(&tx, no).await?;
    let documents = documents::gather(&tx, no).await?;
    let content = Content {
        ledger: "xueshi-hours-1".to_owned(),
        no,
        day: today.to_string(),
        at: day::rfc3339(site.now()),
        chains,
        entries,
        root: secrets::hex(&upper(&buckets)),
        changed,
        changed_digest,
        documents: documents.count,
        documents_root: documents.root,
        previous: before.map(|b| hash_of(&b.content)).unwrap_or_default(),
    };
    let signed = serde_json::to_string(&content).map_err(Error::internal)?;
    let signature = site.keys.sign(signed.as_bytes());
    let sealed = Sealed {
        no,
        day: content.day.clone(),
        at: seconds(&content).ok_or_else(|| Error::internal("a time that does not read"))?,
        content: signed,
        buckets: tree::written(&buckets).concat(),
        document_runs: documents.runs,
        signature: signature.value,
        key_id: signature.key_id,
    };
    store::insert(&tx, &sealed).await?;
    note(site, &tx, &sealed).await?;
    tx.commit().await?;
    Ok(Some(sealed.try_into()?))
}

/// When a checkpoint was made, in milliseconds since 1970: whole seconds, so that all of it is signed.
fn seconds(content: &Content) -> Option<i64> {
    content.at.parse().ok().map(day::millis)
}

async fn note(site: &Site, tx: &Tx, sealed: &Sealed) -> Result<()> {
    let deed = audit::Deed {
        actor: None,
        action: DEED,
        object: &deed_object(sealed),
        unit_path: "",
        details: json!({"day": sealed.day}),
    };
    audit::record(site, tx, deed).await
}

/// What the audit trail calls a checkpoint.
fn deed_object(sealed: &Sealed) -> String {
    format!("{}:{}", sealed.no, hash_of(&sealed.content))
}

fn hash_of(content: &str) -> String {
    secrets::sha256_hex(content.as_bytes())
}

/// Writes a leaf for every chain whose head is not a leaf yet; answers how many and the hash over them.
async fn add_leaves(site: &Site, tx: &Tx, no: i64) -> Result<(i64, String)> {
    let (mut after, mut count, mut digest) = (String::new(), 0, Digest::default());
    loop {
        let heads = store::new_heads(site, tx, &after).await?;
        let Some(last) = heads.last() else { return Ok((count, digest.end())) };
        after.clone_from(&last.person);
        for head in &heads {
            if !head.holds {
                return Err(Error::internal(format!("the head of {} was changed", head.person)));
            }
            digest.take(&head.person, head.head.seq, &head.head.hash);
            count += 1;
        }
        store::insert_leaves(tx, &heads, no).await?;
    }
}

/// A running hash over leaves in the order of people.
#[derive(Default)]
struct Digest([u8; 32]);

impl Digest {
    fn take(&mut self, person: &str, seq: i64, hash: &str) {
        self.0 = secrets::sha256(&[&self.0, &tree::leaf(person, seq, hash)]);
    }

    fn end(&self) -> String {
        secrets::hex(&self.0)
    }
}

/// The root of every bucket at a checkpoint, with the number of chains and of entries; one bucket in memory at a time.
async fn roots(conn: &impl db::Conn, no: i64) -> Result<(Vec<tree::Hash>, i64, i64)> {
    let (mut buckets, mut chains, mut entries) = (Vec::with_capacity(BUCKETS), 0_i64, 0_i64);
    for n in 0..BUCKETS {
        let leaves = store::bucket_at(conn, &bucket_name(n), no).await?;
        let hashes: Vec<tree::Hash> = leaves.iter().map(hash_leaf).collect();
        chains += i64::try_from(leaves.len()).unwrap_or(i64::MAX);
        entries += leaves.iter().map(|l| l.seq).sum::<i64>();
        buckets.push(tree::root(&hashes));
    }
    Ok((buckets, chains, entries))
}

fn upper(buckets: &[tree::Hash]) -> tree::Hash {
    tree::root(&buckets.iter().map(tree::bucket_leaf).collect::<Vec<_>>())
}

fn hash_leaf(leaf: &Leaf) -> tree::Hash {
    tree::leaf(&leaf.person_id, leaf.seq, &leaf.hash)
}

fn bucket_name(n: usize) -> String {
    format!("{n:02x}")
}

/// The bucket of a person: the last two digits of the id.
pub(crate) fn bucket_of(person: &str) -> String {
    person.get(person.len().saturating_sub(2)..).unwrap_or("00").to_owned()
}

/// The place of a person's bucket.
fn bucket_place(person: PersonId) -> usize {
    usize::from_str_radix(&bucket_of(&person.to_string()), 16).unwrap_or(0)
}
