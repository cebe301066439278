//! What a payment gateway does, whoever runs it: a page at which one pays, notices that come later, refunds on request.
use base::{Fen, Result};
use db::Tx;
use serde::{Deserialize, Serialize};
use site::Site;

/// What a notice tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The money has come in.
    Paid,
    /// The money has been given back.
    Refunded,
}

impl Kind {
    /// As it is stored.
    pub fn code(self) -> &'static str {
        match self {
            Self::Paid => "paid",
            Self::Refunded => "refunded",
        }
    }
}

/// A notice whose signature held.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Notice {
    /// The gateway's id of it; the same id is the same notice.
    pub id: String,
    /// The payment it speaks of.
    pub payment: String,
    pub kind: Kind,
    pub amount: Fen,
}

/// A request's headers, their names in lower case.
pub(crate) type Headers = [(String, String)];

/// A payment gateway.
pub(crate) trait Gateway {
    /// Where the learner pays: a page of the gateway, or one of ours that asks it for a code to scan.
    fn page(&self, payment: &str) -> String;

    /// The notice of a request; none where the signature is not the gateway's. Gateways sign over several headers, and some
    /// seal the body.
    fn read(&self, site: &Site, headers: &Headers, body: &[u8]) -> Option<Notice>;

    /// Asks for the money to be given back; the answer comes as a notice.
    fn refund(&self, site: &Site, tx: &Tx, payment: &str) -> impl Future<Output = Result<()>> + Send;
}
