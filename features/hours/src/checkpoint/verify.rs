//! Recomputes all checkpoints in bounded memory: signatures, their order, the leaves against the entries, the last root,
//! and what the audit trail says was made last.
use base::Result;
use site::Site;

use super::{Content, DEED, Digest, bucket_of, deed_object, documents, hash_of, roots, seconds, tree, upper};
use crate::{
    store_checkpoints::{self as store, Sealed},
    verify::Break,
};

/// Walks all checkpoints; counts them, or names the first that does not hold.
pub(crate) async fn verify(site: &Site) -> Result<Result<i64, Break>> {
    let (mut no, mut previous, mut last) = (0, String::new(), None::<Sealed>);
    loop {
        let page = store::after(&site.db, no).await?;
        if page.is_empty() {
            break;
        }
        for sealed in page {
            let wrong = faults(site, &sealed, no + 1, &previous);
            if let Some(what) = wrong {
                return Ok(Err(Break::checkpoint(sealed.no, what)));
            }
            if let Err(broken) = leaves(site, &sealed).await? {
                return Ok(Err(broken));
            }
            (no, previous) = (sealed.no, hash_of(&sealed.content));
            last = Some(sealed);
        }
    }
    let noted = audit::last_object(&site.db, DEED).await?;
    if noted != last.as_ref().map(deed_object) {
        return Ok(Err(Break::checkpoint(no + 1, "the last checkpoints are missing")));
    }
    let Some(last) = last else { return Ok(Ok(0)) };
    Ok(whole(site, &last).await?.map_or(Ok(no), Err))
}

fn faults(site: &Site, sealed: &Sealed, no: i64, previous: &str) -> Option<&'static str> {
    let content: Option<Content> = serde_json::from_str(&sealed.content).ok();
    let Some(content) = content else { return Some("it cannot be read") };
    let key = site.keys.public_key_of(&sealed.key_id);
    let signed =
        key.is_some_and(|key| secrets::verify_with(&key, sealed.content.as_bytes(), &sealed.signature));
    let is_as_signed = signed
        && (content.no, content.day.as_str()) == (sealed.no, sealed.day.as_str())
        && seconds(&content) == Some(sealed.at);
    let buckets = read_buckets(&sealed.buckets);
    match () {
        () if sealed.no != no => Some("a checkpoint is missing before it"),
        () if !is_as_signed => Some("it was changed"),
        () if content.previous != previous => Some("it does not follow the checkpoint before it"),
        () if buckets.is_none_or(|b| secrets::hex(&upper(&b)) != content.root) => {
            Some("its buckets were changed")
        }
        () => None,
    }
}

/// The roots under a checkpoint's root, from their stored form.
pub(super) fn read_buckets(text: &str) -> Option<Vec<tree::Hash>> {
    let bytes = secrets::from_hex(text)?;
    Some(bytes.chunks(32).filter_map(|c| c.try_into().ok()).collect())
}

/// The leaves that a checkpoint added: each is an entry that stands, and together they are the signed ones.
async fn leaves(site: &Site, sealed: &Sealed) -> Result<Result<(), Break>> {
    let (mut after, mut count, mut digest) = (String::new(), 0, Digest::default());
    loop {
        let page = store::leaves_of(&site.db, sealed.no, &after).await?;
        let Some(end) = page.last() else { break };
        after.clone_from(&end.person_id);
        for leaf in page {
            let is_placed = leaf.bucket == bucket_of(&leaf.person_id);
            if leaf.entry_hash.as_deref() != Some(leaf.hash.as_str()) || !is_placed {
                let what = "a checkpoint has another entry in its place";
                return Ok(Err(Break { person: leaf.person_id, seq: leaf.seq, what }));
            }
            digest.take(&leaf.person_id, leaf.seq, &leaf.hash);
            count += 1;
        }
    }
    let content: Option<Content> = serde_json::from_str(&sealed.content).ok();
    let holds = |c: &Content| c.changed == count && c.changed_digest == digest.end();
    let Some(content) = content.filter(holds) else {
        return Ok(Err(Break::checkpoint(sealed.no, "its leaves were changed")));
    };
    let holds = documents::hold(&site.db, &content, &sealed.document_runs).await?;
    Ok(if holds { Ok(()) } else { Err(Break::checkpoint(sealed.no, "its documents were changed")) })
}

/// The last root over all chains.
async fn whole(site: &Site, last: &Sealed) -> Result<Option<Break>> {
    let (buckets, ..) = roots(&site.db, last.no).await?;
    let holds = tree::written(&buckets).concat() == last.buckets;
    Ok((!holds).then(|| Break::checkpoint(last.no, "its root does not follow from its leaves")))
}
