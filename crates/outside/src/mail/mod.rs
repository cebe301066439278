//! Mail. The default transport appends to an outbox file (contract), which production refuses for a platform that mails;
//! the other one hands over to a server by SMTP.
mod outbox;
mod smtp;

use base::{Instant, Result};
use futures::future::BoxFuture;

pub use outbox::Outbox;
pub use smtp::{Safety, Server, Smtp};

/// A letter to one address.
#[derive(Clone, Debug)]
pub struct Letter {
    /// To whom.
    pub to: String,
    /// Why: a word such as `notice`, for the outbox and the log.
    pub purpose: String,
    /// The subject.
    pub subject: String,
    /// What the person reads, plain text.
    pub text: String,
}

/// Sends letters; returning `Ok` means that the next server accepted.
pub trait MailTransport: Send + Sync {
    /// Hands the letter over.
    fn send(&self, at: Instant, letter: Letter) -> BoxFuture<'_, Result<()>>;
}

/// Whether a text can be an address of mail: one that this program is ready to send to.
pub fn is_address(text: &str) -> bool {
    let has_domain = text.rsplit_once('@').is_some_and(|(_, domain)| domain.contains('.'));
    text.len() <= 254 && has_domain && text.parse::<lettre::Address>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::is_address;

    #[test]
    fn an_address_has_a_person_and_a_domain_and_nothing_that_ends_a_line() {
        assert!(is_address("teacher@college.edu.cn"));
        for wrong in ["", "teacher", "a@b", "a@b.cn\r\nBcc: c@d.cn", "a b@c.cn", "@c.cn"] {
            assert!(!is_address(wrong), "{wrong}");
        }
    }
}
