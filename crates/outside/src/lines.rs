//! Files to which outboxes append, one line at a time.
use std::{
    io::Write,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use base::{Error, Result};

/// A file of lines in the outbox folder.
pub(crate) struct Lines {
    path: PathBuf,
    one_at_a_time: Arc<Mutex<()>>,
}

impl Lines {
    /// A file in `DATA_DIR/outbox`, which is made if absent.
    pub(crate) fn new(data_dir: &Path, name: &str) -> std::io::Result<Self> {
        let folder = data_dir.join("outbox");
        std::fs::create_dir_all(&folder)?;
        Ok(Self { path: folder.join(name), one_at_a_time: Arc::default() })
    }

    /// What appends a line; it blocks.
    pub(crate) fn writer(&self, line: String) -> impl FnOnce() -> Result<()> + Send + 'static {
        let (path, turn) = (self.path.clone(), Arc::clone(&self.one_at_a_time));
        move || {
            let _guard = turn.lock().map_err(|_| Error::internal("outbox lock"))?;
            let mut file =
                std::fs::OpenOptions::new().create(true).append(true).open(path).map_err(Error::internal)?;
            file.write_all(format!("{line}\n").as_bytes()).map_err(Error::internal)
        }
    }
}
