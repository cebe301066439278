//! Taking in an upload: judge, clean, seal, remember whose it is.
use base::{Error, Id, Kind as Refusal, PersonId, Result, day, person::Code};
use serde_json::json;
use site::{Site, UploadedFile};

use crate::{
    Kind, clean, dated, kind,
    retention::{self, Area, Removed},
    scan::{self, SCAN, Scan},
    shelf, store, store_retention,
};

/// A file that was taken in.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Its id.
    pub id: String,
    /// The hash of what was handed in.
    pub sha256: String,
}

/// What there is of a file for a report that goes on without what is gone.
#[derive(Debug)]
pub enum Content {
    /// Its bytes.
    Kept(Kind, Vec<u8>),
    /// Its time was over.
    Removed(Removed),
    /// It is not known to be clean: the code of why it is not handed out.
    Doubtful(&'static str),
}

/// What one person may keep.
const MOST_BYTES: i64 = 500 * 1024 * 1024;
const MOST_FILES: i64 = 500;
const MOST_NAME: usize = 120;

/// Takes in a checked upload; the same file of the same person is the same one.
pub async fn accept(site: &Site, owner: PersonId, file: UploadedFile) -> Result<Stored> {
    let kind = kind::agreed(&file.name, file.declared.as_deref(), &file.bytes)?;
    if kind.is_voucher() {
        return Err(Error::invalid("file", "file_kind"));
    }
    keep(site, owner, (kind, file)).await
}

/// Takes in an accounting voucher: also the XML or OFD of an electronic invoice.
pub async fn accept_voucher(site: &Site, owner: PersonId, file: UploadedFile) -> Result<(Kind, Stored)> {
    let kind = kind::agreed(&file.name, file.declared.as_deref(), &file.bytes)?;
    Ok((kind, keep(site, owner, (kind, file)).await?))
}

/// The kind and the bytes of the owner's own file.
pub async fn original(site: &Site, owner: PersonId, id: &str) -> Result<Option<(Kind, Vec<u8>)>> {
    let Some(found) = store::by_id(&site.db, id).await?.filter(|f| f.owner_id == owner.to_string()) else {
        return Ok(None);
    };
    let kind = Kind::from_code(&found.kind).ok_or_else(|| Error::internal("unknown kind of file"))?;
    Ok(Some((kind, found.bytes(site).await?)))
}

/// A file whose reader the caller has looked at.
pub async fn content(site: &Site, id: &str) -> Result<Content> {
    let found = store::by_id(&site.db, id).await?.ok_or_else(Error::not_found)?;
    if let Some(at) = found.removed_at {
        let area = Area::from_code(&found.area).ok_or_else(|| Error::internal("unknown shelf"))?;
        return Ok(Content::Removed(retention::removed(site, area, day::from_millis(at))));
    }
    if let Err(doubt) = scan::refuse_doubtful(&found, false) {
        return Ok(Content::Doubtful(doubt.code()));
    }
    let kind = Kind::from_code(&found.kind).ok_or_else(|| Error::internal("unknown kind of file"))?;
    Ok(Content::Kept(kind, found.bytes(site).await?))
}

async fn keep(site: &Site, owner: PersonId, (kind, file): (Kind, UploadedFile)) -> Result<Stored> {
    let sha256 = secrets::sha256_hex(&file.bytes);
    let known = store::own_by_hash(&site.db, owner, &sha256).await?;
    if let Some(id) = &known
        && store::by_id(&site.db, id).await?.is_some_and(|f| f.removed_at.is_none())
    {
        return Ok(Stored { id: id.clone(), sha256 });
    }
    let size = i64::try_from(file.bytes.len()).unwrap_or(i64::MAX);
    let used = store::used(&site.db, owner).await?;
    if used.files >= MOST_FILES || used.bytes.saturating_add(size) > MOST_BYTES {
        return Err(Error::refused(Refusal::TooLarge, "file_quota"));
    }
    let scan = scan::look(site, &file.bytes).await?;
    let dated = dated::of(&file.bytes);
    let kept = clean::clean(kind, file.bytes).await?;
    let kept_sha256 = secrets::sha256_hex(&kept);
    shelf::put(site, (&kept_sha256, Area::Evidence), &kept).await?;
    let id: Id<base::id::of::Entry> = site.new_id();
    let row = store::NewFile {
        id: id.to_string(),
        owner,
        sha256: sha256.clone(),
        kept_sha256,
        kind,
        name: plain_name(&file.name),
        bytes: i64::try_from(kept.len()).unwrap_or(i64::MAX),
        scan,
        dated,
    };
    let tx = site.db.begin().await?;
    store::insert(&tx, &row, site.now()).await?;
    if let Some(id) = &known {
        store_retention::revive(&tx, id, site.now()).await?;
    }
    let person = org::person(&tx, owner).await?;
    let deed = audit::Deed {
        actor: Some(owner),
        action: "file.upload",
        object: &row.id,
        unit_path: &person.path,
        details: json!({"sha256": sha256, "kind": kind, "bytes": row.bytes}),
    };
    audit::record(site, &tx, deed).await?;
    if scan == Scan::Waiting {
        site.enqueue(&tx, SCAN, &row.id).await?;
    }
    tx.commit().await?;
    let id = store::own_by_hash(&site.db, owner, &sha256).await?.unwrap_or(row.id);
    Ok(Stored { id, sha256 })
}

/// The name without folders, controls and signs that turn the direction of writing.
fn plain_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or("");
    let is_hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    let plain: String = last.chars().filter(|c| !is_hidden(*c)).collect();
    let skipped = plain.chars().count().saturating_sub(MOST_NAME);
    plain.chars().skip(skipped).collect()
}

#[cfg(test)]
mod tests {
    use super::plain_name;

    #[test]
    fn item_42_names_lose_folders_and_hidden_signs_and_keep_their_extension() {
        assert_eq!(plain_name("C:\\x\\证书.pdf"), "证书.pdf");
        assert_eq!(plain_name("../../etc/a\u{202e}fdp.pdf"), "afdp.pdf");
        assert_eq!(plain_name(&format!("{}.png", "x".repeat(300))).rsplit('.').next(), Some("png"));
    }
}
