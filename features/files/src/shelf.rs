//! The bytes on disk: sealed, each under the hash of what it holds, outside of what the web serves (security item 40).
use std::path::PathBuf;

use base::{Error, Result};
use site::Site;
use tokio::fs;

use crate::retention::Area;

fn place(site: &Site, sha256: &str, area: Area) -> PathBuf {
    let (folder, name) = sha256.split_at_checked(2).unwrap_or(("", sha256));
    let shelf = match area {
        Area::Evidence => site.settings.files.clone(),
        Area::Medical => site.settings.files.join("medical"),
    };
    shelf.join(folder).join(name)
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
    let draft = folder.join(format!(".{}", secrets::fresh_token(&*site.random)));
    fs::write(&draft, sealed).await.map_err(Error::internal)?;
    fs::File::open(&draft).await.map_err(Error::internal)?.sync_all().await.map_err(Error::internal)?;
    fs::rename(&draft, &path).await.map_err(Error::internal)
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
