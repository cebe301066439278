//! What a payment gateway does, whoever runs it: a page at which one pays, notices that come later, money back on request,
//! and answers to what became of a payment whose notices never came.
use base::{Fen, Result};
use db::Tx;
use serde::{Deserialize, Serialize};
use site::Site;

/// What a notice tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// The gateway's id of it; the same id is the same notice.
    pub id: String,
    /// The payment it speaks of.
    pub payment: String,
    /// Of money given back: which refund. Those from before refunds had ids name the payment.
    #[serde(default)]
    pub refund: Option<String>,
    /// What it tells.
    pub kind: Kind,
    /// How much.
    pub amount: Fen,
}

/// Money that is asked back: all of a payment, or a part.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Back<'a> {
    /// Our id of it; asking again under the same id is one refund.
    pub refund: &'a str,
    pub payment: &'a str,
    pub amount: Fen,
}

/// What a gateway hears in reply.
pub(crate) struct Heard {
    pub content_type: &'static str,
    pub body: &'static str,
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

    /// What the gateway takes as the word that a notice was taken; after anything else it sends the notice again.
    fn heard(&self) -> Heard;

    /// Asks for money back; the answer comes as a notice.
    fn refund(&self, site: &Site, tx: &Tx, back: &Back<'_>) -> impl Future<Output = Result<()>> + Send;

    /// Asks what became of a payment: the notices that there are of it, whether they arrived or not.
    fn ask(&self, site: &Site, payment: &str) -> impl Future<Output = Result<Vec<Notice>>> + Send;
}
