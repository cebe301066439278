//! The sandbox's cashier: no money moves, everything else is as at a real one. Its notices are signed, come later over HTTP,
//! and come twice.
use base::{Error, Result};
use db::Tx;
use jobs::Handlers;
use outside::http::{Call, Method};
use serde::{Deserialize, Serialize};
use site::Site;

use crate::{
    gateway::{Gateway, Headers, Kind, Notice},
    store,
};

const NOTICE_JOB: &str = "orders.cashier_notice";
const SIGNATURE: &str = "x-cashier-signature";

/// The cashier of the sandbox.
pub(crate) struct Cashier;

/// A notice on its way.
#[derive(Serialize, Deserialize)]
struct Sending {
    notice: String,
    payment: String,
    kind: Kind,
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

    async fn refund(&self, site: &Site, tx: &Tx, payment: &str) -> Result<()> {
        announce(site, tx, payment, Kind::Refunded).await
    }
}

/// Sends a notice soon, and once more, as gateways do until they believe they were heard.
pub(crate) async fn announce(site: &Site, tx: &Tx, payment: &str, kind: Kind) -> Result<()> {
    let id: base::JobId = site.new_id();
    let notice = id.to_string();
    for _ in 0..2 {
        let sending = Sending { notice: notice.clone(), payment: payment.to_owned(), kind };
        site.enqueue(tx, NOTICE_JOB, &sending).await?;
    }
    Ok(())
}

/// A notice as the cashier signs it: body and signature.
pub fn signed_notice(
    site: &Site,
    id: &str,
    payment: &str,
    kind: Kind,
    amount: base::Fen,
) -> Result<(Vec<u8>, String)> {
    let notice = Notice { id: id.to_owned(), payment: payment.to_owned(), kind, amount };
    let body = serde_json::to_vec(&notice).map_err(Error::internal)?;
    let signature = site.keys.mac("cashier", &[&body]);
    Ok((body, signature))
}

pub(crate) fn jobs() -> Handlers<Site> {
    Handlers::default()
        .on(NOTICE_JOB, |site: Site, sending: Sending| async move { send(&site, sending).await })
}

async fn send(site: &Site, sending: Sending) -> Result<()> {
    let payment = store::payment(&site.db, &sending.payment).await?;
    let (body, signature) =
        signed_notice(site, &sending.notice, &sending.payment, sending.kind, payment.amount)?;
    let headers =
        vec![("content-type".to_owned(), "application/json".to_owned()), (SIGNATURE.to_owned(), signature)];
    let url = format!("{}/api/v1/payments/notices", site.settings.public_url);
    let answer = site.http.send(Call { method: Method::POST, url, headers, body }).await?;
    if answer.status == 200 { Ok(()) } else { Err(Error::internal(format!("notice: {}", answer.status))) }
}
