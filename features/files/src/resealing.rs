//! After a new sealing key: the files that older keys sealed are sealed anew, one after the other, each whole or not at all
//! (security item 51).
use base::Result;
use site::Site;

use crate::{retention::Area, shelf};

/// What came of a folder of files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resealed {
    /// Sealed anew.
    pub changed: u64,
    /// Not to be opened; they need the key that sealed them, or are damaged.
    pub left: u64,
}

/// Seals the files of one of 256 folders anew, both of common and of medical evidence.
pub async fn reseal(site: &Site, folder: u8) -> Result<Resealed> {
    let head = format!("{folder:02x}");
    let mut done = Resealed::default();
    for area in [Area::Evidence, Area::Medical] {
        for sha256 in shelf::listed(site, area, &head).await? {
            match shelf::seal_anew(site, &sha256, area).await {
                Ok(is_changed) => done.changed += u64::from(is_changed),
                Err(e) => {
                    tracing::warn!(file = %sha256, error = %e, "a file cannot be sealed anew");
                    done.left += 1;
                }
            }
        }
    }
    Ok(done)
}
