//! Short messages. The default gateway appends to an outbox file (contract); production refuses it.
use std::{io::Write, path::PathBuf, sync::Mutex};

use base::{Error, Instant, Phone, Result, day};

/// A message to a telephone.
#[derive(Clone, Debug)]
pub struct Message {
    /// To whom.
    pub to: Phone,
    /// Why: one of the purposes of the contract.
    pub purpose: String,
    /// What the person reads.
    pub text: String,
    /// The code in it, if it carries one.
    pub code: Option<String>,
}

/// Sends messages; returning `Ok` means that the gateway accepted.
pub trait SmsGateway: Send + Sync {
    /// Hands the message over.
    fn send(&self, at: Instant, message: &Message) -> Result<()>;
}

/// Appends one JSON object a line to `DATA_DIR/outbox/sms.jsonl`.
pub struct Outbox {
    path: PathBuf,
    one_at_a_time: Mutex<()>,
}

impl Outbox {
    /// An outbox in the folder, which is made if absent.
    pub fn new(data_dir: &std::path::Path) -> std::io::Result<Self> {
        let folder = data_dir.join("outbox");
        std::fs::create_dir_all(&folder)?;
        Ok(Self { path: folder.join("sms.jsonl"), one_at_a_time: Mutex::new(()) })
    }
}

impl SmsGateway for Outbox {
    fn send(&self, at: Instant, message: &Message) -> Result<()> {
        let line = serde_json::json!({
            "at": day::rfc3339(at), "to": message.to.as_str(), "purpose": message.purpose,
            "text": message.text, "code": message.code,
        });
        let _guard = self.one_at_a_time.lock().map_err(|_| Error::internal("outbox lock"))?;
        let mut file = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.path)
            .map_err(Error::internal)?;
        file.write_all(format!("{line}\n").as_bytes()).map_err(Error::internal)
    }
}
