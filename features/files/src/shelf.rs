//! The bytes on disk: sealed, each under the hash of what it holds, outside of what the web serves (security item 40).
use std::path::{Path, PathBuf};

use base::{Error, Result};
use site::Site;
use tokio::fs;

use crate::retention::Area;

fn shelf(site: &Site, area: Area) -> PathBuf {
    match area {
        Area::Evidence => site.settings.files.clone(),
        Area::Medical => site.settings.files.join("medical"),
    }
}

fn place(site: &Site, sha256: &str, area: Area) -> PathBuf {
    let (folder, name) = sha256.split_at_checked(2).unwrap_or(("", sha256));
    shelf(site, area).join(folder).join(name)
}

fn bound(sha256: &str) -> String {
    format!("files.content:{sha256}")
}

/// Puts bytes away under their hash. The same bytes lie there once, whoever brought them.
pub(crate) async fn put(site: &Site, (sha256, area): (&str, Area), bytes: &[u8]) -> Result<()> {
    let path = place(site, sha256, area);
    if fs::try_exists(&path).await.map_err(Error::internal)? {
        return Ok(());
    }
    let sealed = site.keys.seal_bytes(&bound(sha256), bytes, &*site.random)?;
    let folder = path.parent().ok_or_else(|| Error::internal("a file without a folder"))?;
    fs::create_dir_all(folder).await.map_err(Error::internal)?;
    let draft = draft(site, folder, &sealed).await?;
    fs::rename(&draft, &path).await.map_err(Error::internal)
}

/// Writes bytes under a name of no file, durably; a rename puts them in place whole or not at all.
async fn draft(site: &Site, folder: &Path, sealed: &[u8]) -> Result<PathBuf> {
    let draft = folder.join(format!(".{}", secrets::fresh_token(&*site.random)));
    fs::write(&draft, sealed).await.map_err(Error::internal)?;
    fs::File::open(&draft).await.map_err(Error::internal)?.sync_all().await.map_err(Error::internal)?;
    Ok(draft)
}

/// The bytes of a hash; an error if they are not what they were.
pub(crate) async fn take(site: &Site, sha256: &str, area: Area) -> Result<Vec<u8>> {
    let sealed = fs::read(place(site, sha256, area)).await.map_err(Error::internal)?;
    let bytes = site.keys.open_bytes(&bound(sha256), &sealed)?;
    if secrets::sha256_hex(&bytes) != sha256 {
        return Err(Error::internal(format!("file {sha256} is damaged")));
    }
    Ok(bytes)
}

/// Takes bytes away for good; what is not there is gone already.
pub(crate) async fn remove(site: &Site, sha256: &str, area: Area) -> Result<()> {
    match fs::remove_file(place(site, sha256, area)).await {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(Error::internal(e)),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// The hashes of everything in one of the 256 folders of an area, `00` to `ff`.
pub(crate) async fn listed(site: &Site, area: Area, head: &str) -> Result<Vec<String>> {
    let mut found = vec![];
    let mut entries = match fs::read_dir(shelf(site, area).join(head)).await {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(found),
        other => other.map_err(Error::internal)?,
    };
    while let Some(entry) = entries.next_entry().await.map_err(Error::internal)? {
        let name = entry.file_name();
        found.extend(name.to_str().filter(|n| !n.starts_with('.')).map(|n| format!("{head}{n}")));
    }
    Ok(found)
}

/// Seals a file anew if another key than the one in use sealed it; whether it did. One that is gone meanwhile stays gone.
pub(crate) async fn seal_anew(site: &Site, sha256: &str, area: Area) -> Result<bool> {
    let path = place(site, sha256, area);
    let sealed = match fs::read(&path).await {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        other => other.map_err(Error::internal)?,
    };
    let Some(anew) = site.keys.bytes_sealed_anew(&bound(sha256), &sealed, &*site.random)? else {
        return Ok(false);
    };
    let folder = path.parent().ok_or_else(|| Error::internal("a file without a folder"))?;
    let draft = draft(site, folder, &anew).await?;
    if fs::try_exists(&path).await.map_err(Error::internal)? {
        fs::rename(&draft, &path).await.map_err(Error::internal)?;
        return Ok(true);
    }
    fs::remove_file(&draft).await.map_err(Error::internal)?;
    Ok(false)
}
