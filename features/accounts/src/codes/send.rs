//! Messages on their way: sealed in a job, so that no code and no phone stands in the job table.
use base::{Error, Instant, Phone, Result};
use db::Tx;
use outside::sms::Message;
use serde::{Deserialize, Serialize};
use site::Site;

/// The job that hands a message to the gateway.
pub(crate) const SEND: &str = "accounts.sms";

/// What a message needs.
#[derive(Serialize, Deserialize)]
pub(crate) struct Letter {
    to: String,
    purpose: String,
    code: Option<String>,
    /// Further words of the text: name and value.
    words: Vec<(String, String)>,
}

impl Letter {
    /// A message with a code.
    pub(super) fn code(to: &Phone, purpose: &str, code: String) -> Self {
        Self { to: to.as_str().to_owned(), purpose: purpose.to_owned(), code: Some(code), words: vec![] }
    }

    /// A message that tells something.
    pub(crate) fn notice(to: &Phone, kind: &str, words: Vec<(String, String)>) -> Self {
        Self { to: to.as_str().to_owned(), purpose: kind.to_owned(), code: None, words }
    }
}

/// Puts the message into the queue, in the caller's transaction.
pub(crate) async fn deliver(site: &Site, tx: &Tx, letter: Letter) -> Result<()> {
    let plain = serde_json::to_string(&letter).map_err(Error::internal)?;
    site.enqueue(tx, SEND, &site.keys.seal("jobs.sms", &plain, &*site.random)?).await
}

/// As [`deliver`], for many that go out at a time.
pub(crate) async fn deliver_at(site: &Site, tx: &Tx, letters: &[Letter], at: Instant) -> Result<()> {
    let seal = |letter: &Letter| -> Result<String> {
        let plain = serde_json::to_string(letter).map_err(Error::internal)?;
        site.keys.seal("jobs.sms", &plain, &*site.random)
    };
    let sealed = letters.iter().map(seal).collect::<Result<Vec<String>>>()?;
    site.enqueue_many_at(tx, SEND, &sealed, at).await
}

/// Hands a message to the gateway.
pub(crate) async fn send(site: Site, sealed: String) -> Result<()> {
    let plain = site.keys.open_sealed("jobs.sms", &sealed)?;
    let letter: Letter = serde_json::from_str(&plain).map_err(Error::internal)?;
    let to = Phone::parse(&letter.to).ok_or_else(|| Error::internal("a message to no phone"))?;
    let mut words: Vec<(&str, &str)> = letter.words.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    words.extend(letter.code.as_deref().map(|code| ("code", code)));
    let text = site.texts.with(&format!("sms-{}", letter.purpose), &words);
    site.sms.send(site.now(), Message { to, purpose: letter.purpose, text, code: letter.code }).await
}
