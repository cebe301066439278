//! The sandbox's cashier itself: no money moves, everything else is as at a real one. It keeps books of its own, each
//! payment and each refund once; its notices are signed, come later over HTTP, twice, and again until they are heard; it
//! answers what its books say.
use base::{Error, Fen, Kind as Refusal, Result};
use db::Tx;
use jobs::Handlers;
use outside::http::{Call, Method};
use serde::{Deserialize, Serialize};
use site::Site;

use crate::{
    cashier::{Answer, Question, SIGNATURE, Signed, TAKEN},
    gateway::{Back, Kind, Notice},
    store_till as store,
};

const NOTICE_JOB: &str = "orders.cashier_notice";

/// A notice on its way.
#[derive(Serialize, Deserialize)]
struct Sending {
    notice: Notice,
}

/// Someone pays; once paid, it stays paid.
pub(crate) async fn pay(site: &Site, tx: &Tx, (payment, amount): (&str, Fen)) -> Result<()> {
    announce(site, tx, |id| Notice {
        id,
        payment: payment.to_owned(),
        refund: None,
        kind: Kind::Paid,
        amount,
    })
    .await
}

/// Gives money back, under one id once.
pub(crate) async fn give_back(site: &Site, tx: &Tx, back: &Back<'_>) -> Result<()> {
    announce(site, tx, |id| Notice {
        id,
        payment: back.payment.to_owned(),
        refund: Some(back.refund.to_owned()),
        kind: Kind::Refunded,
        amount: back.amount,
    })
    .await
}

/// Writes an entry, and sends its notice soon and once more, as gateways do until they believe they were heard.
async fn announce(site: &Site, tx: &Tx, notice: impl FnOnce(String) -> Notice) -> Result<()> {
    let id: base::JobId = site.new_id();
    let sending = Sending { notice: notice(id.to_string()) };
    if store::enter(tx, &sending.notice, site.now()).await? {
        for _ in 0..2 {
            site.enqueue(tx, NOTICE_JOB, &sending).await?;
        }
    }
    Ok(())
}

/// A notice as the cashier signs it: body and signature.
pub fn signed_notice(site: &Site, notice: &Notice) -> Result<(Vec<u8>, String)> {
    let body = serde_json::to_vec(notice).map_err(Error::internal)?;
    let signature = site.keys.mac("cashier", &[&body]);
    Ok((body, signature))
}

pub(crate) fn jobs() -> Handlers<Site> {
    Handlers::default()
        .on(NOTICE_JOB, |site: Site, sending: Sending| async move { send(&site, &sending.notice).await })
}

async fn send(site: &Site, notice: &Notice) -> Result<()> {
    let (body, signature) = signed_notice(site, notice)?;
    let headers =
        vec![("content-type".to_owned(), "application/json".to_owned()), (SIGNATURE.to_owned(), signature)];
    let url = format!("{}/api/v1/payments/notices", site.settings.public_url);
    let answer = site.http.send(Call { method: Method::POST, url, headers, body }).await?;
    let is_heard = answer.status == 200 && answer.body == TAKEN.body.as_bytes();
    if is_heard { Ok(()) } else { Err(Error::internal(format!("notice not heard: {}", answer.status))) }
}

/// Answers what became of a payment, signed; only to whoever signs the question.
pub(crate) async fn answer(site: &Site, signature: &str, body: &[u8]) -> Result<Signed> {
    if !site.keys.mac_holds("cashier.question", &[body], signature) {
        return Err(Error::refused(Refusal::Unauthenticated, "signature_invalid"));
    }
    let question: Question =
        serde_json::from_slice(body).map_err(|_| Error::invalid("payment", "wrong_value"))?;
    let notices = store::entries(&site.db, &question.payment).await?;
    let answer = Answer { nonce: question.nonce, payment: question.payment, notices };
    let answer = serde_json::to_string(&answer).map_err(Error::internal)?;
    let signature = site.keys.mac("cashier.answer", &[answer.as_bytes()]);
    Ok(Signed { answer, signature })
}
