//! The outbox file: one JSON object a line in `DATA_DIR/outbox/sms.jsonl`.
use std::path::Path;

use base::{Error, Instant, Result, day};
use futures::future::BoxFuture;

use super::{Message, SmsGateway};
use crate::lines::Lines;

/// Appends messages to a file.
pub struct Outbox(Lines);

impl Outbox {
    /// An outbox in the folder, which is made if absent.
    pub fn new(data_dir: &Path) -> std::io::Result<Self> {
        Lines::new(data_dir, "sms.jsonl").map(Self)
    }
}

impl SmsGateway for Outbox {
    fn send(&self, at: Instant, message: Message) -> BoxFuture<'_, Result<()>> {
        let line = serde_json::json!({
            "at": day::rfc3339(at), "to": message.to.as_str(), "purpose": message.purpose,
            "text": message.text, "code": message.code,
        });
        let write = self.0.writer(line.to_string());
        Box::pin(async move { tokio::task::spawn_blocking(write).await.map_err(Error::internal)? })
    }
}
