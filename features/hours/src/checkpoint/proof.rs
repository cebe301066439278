//! A proof that an entry is in the ledger: the entry and what followed it up to the head that a checkpoint saw, the way
//! from that head to the root, and the signed checkpoint. Checked without any database.
use base::{EntryId, Error, PersonId, Result, day};
use serde::{Deserialize, Serialize};
use site::Site;

use super::{BUCKETS, Content, bucket_of, bucket_place, hash_leaf, tree, verify::read_buckets};
use crate::{
    entry::{Entry, Written},
    store, store_checkpoints,
};

/// A proof, as it is downloaded.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// `xueshi-ledger-proof-1`
    pub format: String,
    /// The entry, and the person's entries after it up to the head.
    pub entries: Vec<Written>,
    /// The way from the head to the root.
    pub path: Way,
    /// The text of the checkpoint that was signed.
    pub checkpoint: String,
    /// The signature over it.
    pub signature: String,
    /// The id of the key.
    pub key_id: String,
    /// The public key, URL-safe base64.
    pub public_key: String,
}

/// A way through the two levels of the tree.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Way {
    /// The head's place in its bucket.
    pub place: usize,
    /// How many heads the bucket has.
    pub size: usize,
    /// The hashes beside the way in the bucket, the lowest first.
    pub hashes: Vec<String>,
    /// The hashes beside the way from the bucket to the root.
    pub upper: Vec<String>,
}

/// What a proof shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proven {
    /// The entry's id.
    pub entry: String,
    /// What was learned.
    pub title: String,
    /// Its hours.
    pub hours: String,
    /// When it was written.
    pub at: String,
    /// The checkpoint's number.
    pub checkpoint: i64,
    /// The checkpoint's day.
    pub day: String,
    /// The SHA-256 of the public key that it was checked with.
    pub fingerprint: String,
}

const FORMAT: &str = "xueshi-ledger-proof-1";

/// The proof of a person's own entry, by the first checkpoint that holds it.
pub async fn prove(site: &Site, person: PersonId, entry: EntryId) -> Result<Proof> {
    let first = store::entry(&site.db, person, entry).await?;
    let leaf = store_checkpoints::leaf_covering(&site.db, person, first.seq).await?;
    let leaf = leaf.ok_or_else(|| Error::conflict("not_checkpointed_yet"))?;
    let entries = store::chain_between(&site.db, person, (first.seq, leaf.seq)).await?;
    let sealed = store_checkpoints::by_no(&site.db, leaf.checkpoint).await?;
    let bucket = store_checkpoints::bucket_at(&site.db, &bucket_of(&leaf.person_id), sealed.no).await?;
    let place = bucket.iter().position(|l| l.person_id == leaf.person_id);
    let place = place.ok_or_else(|| Error::internal("a leaf is not in its bucket"))?;
    let hashes: Vec<tree::Hash> = bucket.iter().map(hash_leaf).collect();
    let roots = read_buckets(&sealed.buckets).ok_or_else(|| Error::internal("buckets do not read"))?;
    let roots: Vec<tree::Hash> = roots.iter().map(tree::bucket_leaf).collect();
    // The checkpoint may be of before the present key.
    let public_key = site.keys.public_key_of(&sealed.key_id);
    let public_key = public_key.ok_or_else(|| Error::internal("a checkpoint of an unknown key"))?;
    Ok(Proof {
        format: FORMAT.to_owned(),
        entries: entries.iter().map(Written::from).collect(),
        path: Way {
            place,
            size: hashes.len(),
            hashes: tree::written(&tree::path(&hashes, place)),
            upper: tree::written(&tree::path(&roots, bucket_place(person))),
        },
        checkpoint: sealed.content,
        signature: sealed.signature,
        key_id: sealed.key_id,
        public_key: secrets::base64url(&public_key),
    })
}

/// Checks a proof under a public key, or under the one that it carries; says what does not hold.
pub fn check_proof(text: &str, pinned: Option<[u8; 32]>) -> Result<Proven, &'static str> {
    let proof: Proof = serde_json::from_str(text).map_err(|_| "the file is no proof")?;
    if proof.format != FORMAT {
        return Err("the file is no proof of this kind");
    }
    let carried: Option<[u8; 32]> =
        secrets::from_base64url(&proof.public_key).and_then(|k| k.try_into().ok());
    let key = pinned.or(carried).ok_or("the public key does not read")?;
    if pinned.is_some() && pinned != carried {
        return Err("it was signed with another key");
    }
    if proof.key_id != secrets::key_id(&key) {
        return Err("the key's id is another key's");
    }
    if !secrets::verify_with(&key, proof.checkpoint.as_bytes(), &proof.signature) {
        return Err("the checkpoint's signature does not hold");
    }
    let content: Content =
        serde_json::from_str(&proof.checkpoint).map_err(|_| "the checkpoint does not read")?;
    let (first, head) = chain(&proof.entries)?;
    if climb(&proof.path, &head).as_deref() != Some(content.root.as_str()) {
        return Err("the way does not lead to the checkpoint's root");
    }
    Ok(Proven {
        entry: first.id.to_string(),
        hours: first.hours.to_string(),
        at: day::rfc3339(first.at),
        title: first.title,
        checkpoint: content.no,
        day: content.day,
        fingerprint: secrets::sha256_hex(&key),
    })
}

/// The first and the last of entries that follow one another unchanged.
fn chain(entries: &[Written]) -> Result<(Entry, Entry), &'static str> {
    let mut read: Vec<Entry> = vec![];
    for written in entries {
        let entry = Entry::try_from(written.clone()).map_err(|_| "an entry does not read")?;
        if entry.computed_hash() != entry.hash {
            return Err("an entry was changed");
        }
        let follows = read.last().is_none_or(|before| {
            before.person == entry.person && before.hash == entry.prev_hash && before.seq + 1 == entry.seq
        });
        if !follows {
            return Err("the entries do not follow one another");
        }
        read.push(entry);
    }
    let first = read.first().cloned().ok_or("there is no entry")?;
    let head = read.pop().ok_or("there is no entry")?;
    Ok((first, head))
}

/// The root that a head leads to, as hex.
fn climb(way: &Way, head: &Entry) -> Option<String> {
    let leaf = tree::leaf(&head.person.to_string(), head.seq, &head.hash);
    let bucket = tree::climb(leaf, (way.place, way.size), &tree::read(&way.hashes)?)?;
    let place = (bucket_place(head.person), BUCKETS);
    let root = tree::climb(tree::bucket_leaf(&bucket), place, &tree::read(&way.upper)?)?;
    Some(secrets::hex(&root))
}
