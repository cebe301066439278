//! The demo's accounts, kept beside its data so that a later start can name them again.
use std::{io::Write, os::unix::fs::OpenOptionsExt, path::Path};

use base::{Error, Result};
use serde::{Deserialize, Serialize};

/// An account of the demo.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct DemoAccount {
    pub account: String,
    pub password: String,
    pub role: String,
    pub unit: String,
    /// Whether it needs no forced step.
    pub ready: bool,
    /// Whose it is and what to see with it.
    pub about: String,
}

const FILE: &str = "accounts.json";

pub(super) fn read(data: &Path) -> Option<Vec<DemoAccount>> {
    serde_json::from_slice(&std::fs::read(data.join(FILE)).ok()?).ok()
}

pub(super) fn write(data: &Path, accounts: &[DemoAccount]) -> Result<()> {
    let text = serde_json::to_string_pretty(accounts).map_err(Error::internal)?;
    write_private(&data.join(FILE), &text)
}

/// Writes a file that only its owner reads.
pub(super) fn write_private(path: &Path, text: &str) -> Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(Error::internal)?;
    }
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .map_err(Error::internal)?;
    file.write_all(text.as_bytes()).map_err(Error::internal)
}
