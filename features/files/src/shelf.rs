//! The bytes on disk: sealed, each under the hash of what it holds, outside of what the web serves (security item 40).
use std::path::PathBuf;

use base::{Error, Result};
use site::Site;
use tokio::fs;

fn place(site: &Site, sha256: &str) -> PathBuf {
    let (folder, name) = sha256.split_at_checked(2).unwrap_or(("", sha256));
    site.settings.files.join(folder).join(name)
}

fn bound(sha256: &str) -> String {
    format!("files.content:{sha256}")
}

/// Puts bytes away under their hash. The same bytes lie there once, whoever brought them.
pub(crate) async fn put(site: &Site, sha256: &str, bytes: &[u8]) -> Result<()> {
    let path = place(site, sha256);
    if fs::try_exists(&path).await.map_err(Error::internal)? {
        return Ok(());
    }
    let sealed = site.keys.seal_bytes(&bound(sha256), bytes, &*site.random)?;
    let folder = path.parent().ok_or_else(|| Error::internal("a file without a folder"))?;
    fs::create_dir_all(folder).await.map_err(Error::internal)?;
    let draft = folder.join(format!(".{}", secrets::fresh_token(&*site.random)));
    fs::write(&draft, sealed).await.map_err(Error::internal)?;
    fs::File::open(&draft).await.map_err(Error::internal)?.sync_all().await.map_err(Error::internal)?;
    fs::rename(&draft, &path).await.map_err(Error::internal)
}

/// The bytes of a hash; an error if they are not what they were.
pub(crate) async fn take(site: &Site, sha256: &str) -> Result<Vec<u8>> {
    let sealed = fs::read(place(site, sha256)).await.map_err(Error::internal)?;
    let bytes = site.keys.open_bytes(&bound(sha256), &sealed)?;
    if secrets::sha256_hex(&bytes) != sha256 {
        return Err(Error::internal(format!("file {sha256} is damaged")));
    }
    Ok(bytes)
}
