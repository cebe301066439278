//! The adapter of the sandbox's cashier, as one of a real gateway would be: what is signed is checked, what is asked is
//! signed, and both go over HTTP.
use base::{Error, Kind as Refusal, Result};
use db::Tx;
use outside::http::{Call, Method};
use serde::{Deserialize, Serialize};
use site::Site;

use crate::{
    gateway::{Back, Gateway, Headers, Heard, Notice},
    till,
};

/// The header that holds a signature.
pub(crate) const SIGNATURE: &str = "x-cashier-signature";
/// The reply to a notice that was taken.
pub(crate) const TAKEN: Heard = Heard { content_type: "text/plain; charset=utf-8", body: "success" };

/// The cashier of the sandbox.
pub(crate) struct Cashier;

/// A question for a payment. The nonce comes back, so that an older answer is none.
#[derive(Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Question {
    pub payment: String,
    pub nonce: String,
}

/// The answer to a question.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Answer {
    pub nonce: String,
    pub payment: String,
    pub notices: Vec<Notice>,
}

/// An answer with its signature.
#[derive(Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Signed {
    /// The answer as text, as it was signed.
    pub answer: String,
    pub signature: String,
}

impl Gateway for Cashier {
    fn page(&self, payment: &str) -> String {
        format!("/cashier/{payment}")
    }

    fn read(&self, site: &Site, headers: &Headers, body: &[u8]) -> Option<Notice> {
        let signature = &headers.iter().find(|(name, _)| name == SIGNATURE)?.1;
        let is_ours = site.keys.mac_holds("cashier", &[body], signature);
        serde_json::from_slice(body).ok().filter(|_| is_ours)
    }

    fn heard(&self) -> Heard {
        TAKEN
    }

    async fn refund(&self, site: &Site, tx: &Tx, back: &Back<'_>) -> Result<()> {
        till::give_back(site, tx, back).await
    }

    async fn ask(&self, site: &Site, payment: &str) -> Result<Vec<Notice>> {
        let nonce = secrets::fresh_token(&*site.random);
        let question = Question { payment: payment.to_owned(), nonce };
        let body = serde_json::to_vec(&question).map_err(Error::internal)?;
        let signature = site.keys.mac("cashier.question", &[&body]);
        let headers = vec![
            ("content-type".to_owned(), "application/json".to_owned()),
            (SIGNATURE.to_owned(), signature),
        ];
        let url = format!("{}/api/v1/cashier/questions", site.settings.public_url);
        let answer = site.http.send(Call { method: Method::POST, url, headers, body }).await?;
        if answer.status != 200 {
            return Err(Error::internal(format!("question: {}", answer.status)));
        }
        read_answer(site, &question, &answer.body)
    }
}

/// The notices of an answer to the question that was asked, signed by the cashier.
fn read_answer(site: &Site, question: &Question, body: &[u8]) -> Result<Vec<Notice>> {
    let forged = || Error::refused(Refusal::Unauthenticated, "signature_invalid");
    let signed: Signed = serde_json::from_slice(body).map_err(|_| forged())?;
    if !site.keys.mac_holds("cashier.answer", &[signed.answer.as_bytes()], &signed.signature) {
        return Err(forged());
    }
    let answer: Answer = serde_json::from_str(&signed.answer).map_err(|_| forged())?;
    let is_of_this = answer.nonce == question.nonce && answer.payment == question.payment;
    let are_of_this = answer.notices.iter().all(|n| n.payment == question.payment);
    if is_of_this && are_of_this { Ok(answer.notices) } else { Err(forged()) }
}
