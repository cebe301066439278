//! The outbox file: one JSON object a line in `DATA_DIR/outbox/sms.jsonl`.
use std::{
    io::Write,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use base::{Error, Instant, Result, day};
use futures::future::BoxFuture;

use super::{Message, SmsGateway};

/// Appends messages to a file.
pub struct Outbox {
    path: PathBuf,
    one_at_a_time: Arc<Mutex<()>>,
}

impl Outbox {
    /// An outbox in the folder, which is made if absent.
    pub fn new(data_dir: &Path) -> std::io::Result<Self> {
        let folder = data_dir.join("outbox");
        std::fs::create_dir_all(&folder)?;
        Ok(Self { path: folder.join("sms.jsonl"), one_at_a_time: Arc::default() })
    }
}

impl SmsGateway for Outbox {
    fn send(&self, at: Instant, message: Message) -> BoxFuture<'_, Result<()>> {
        let line = serde_json::json!({
            "at": day::rfc3339(at), "to": message.to.as_str(), "purpose": message.purpose,
            "text": message.text, "code": message.code,
        });
        let (path, turn) = (self.path.clone(), Arc::clone(&self.one_at_a_time));
        Box::pin(async move {
            let write = move || append(&path, &turn, &format!("{line}\n"));
            tokio::task::spawn_blocking(write).await.map_err(Error::internal)?
        })
    }
}

fn append(path: &Path, turn: &Mutex<()>, line: &str) -> Result<()> {
    let _guard = turn.lock().map_err(|_| Error::internal("outbox lock"))?;
    let mut file =
        std::fs::OpenOptions::new().create(true).append(true).open(path).map_err(Error::internal)?;
    file.write_all(line.as_bytes()).map_err(Error::internal)
}
