//! The outbox file: one JSON object a line in `DATA_DIR/outbox/mail.jsonl`.
use std::path::Path;

use base::{Error, Instant, Result, day};
use futures::future::BoxFuture;

use super::{Letter, MailTransport};
use crate::lines::Lines;

/// Appends letters to a file.
pub struct Outbox(Lines);

impl Outbox {
    /// An outbox in the folder, which is made if absent.
    pub fn new(data_dir: &Path) -> std::io::Result<Self> {
        Lines::new(data_dir, "mail.jsonl").map(Self)
    }
}

impl MailTransport for Outbox {
    fn send(&self, at: Instant, letter: Letter) -> BoxFuture<'_, Result<()>> {
        let line = serde_json::json!({
            "at": day::rfc3339(at), "to": letter.to, "purpose": letter.purpose, "subject": letter.subject,
            "text": letter.text,
        });
        let write = self.0.writer(line.to_string());
        Box::pin(async move { tokio::task::spawn_blocking(write).await.map_err(Error::internal)? })
    }
}
