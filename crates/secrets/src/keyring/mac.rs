//! Another key for MACs, after a leak: made beside the one in use, which it replaces once what lasts stands under it.
use std::{fs, path::PathBuf};

use base::Random;

use super::{Keyring, KeyringError, maced, read_or_make};

const KEY: &str = "mac.key";
const NEXT: &str = "mac-next.key";
const LAST: &str = "mac-last.key";

/// A key that is to replace the one in use. Its debug output would show it, so there is none.
pub struct NextMac([u8; 32]);

impl NextMac {
    /// A MAC over the parts under this key.
    pub fn mac(&self, purpose: &str, parts: &[&[u8]]) -> String {
        maced(&self.0, purpose, parts)
    }
}

impl Keyring {
    /// Whether a replacement was begun and not ended.
    pub fn is_replacing_mac(&self) -> bool {
        self.folder().join(NEXT).exists()
    }

    /// The key that is to replace the one in use; the same again while that is not done.
    pub fn next_mac(&self, random: &dyn Random) -> Result<NextMac, KeyringError> {
        read_or_make(&self.folder().join(NEXT), random, true).map(NextMac)
    }

    /// Puts the next key in the place of the one in use, which this program keeps until it ends. Answers where the replaced
    /// one lies.
    pub fn replace_mac(&self) -> Result<PathBuf, KeyringError> {
        let folder = self.folder();
        let last = folder.join(LAST);
        let moved =
            fs::copy(folder.join(KEY), &last).and_then(|_| fs::rename(folder.join(NEXT), folder.join(KEY)));
        moved.map_err(|cause| KeyringError::File { path: folder.join(NEXT), cause })?;
        Ok(last)
    }
}
