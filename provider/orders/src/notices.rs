//! Notices of the gateway: each counts once, in whatever order they come; a forged one changes nothing.
use base::{Error, Kind as Refusal, Result};
use site::Site;

use crate::{
    billing,
    cashier::Cashier,
    gateway::{Gateway, Headers, Kind},
    store::{self, State},
};

/// Takes a notice.
pub(crate) async fn take(site: &Site, headers: &Headers, body: &[u8]) -> Result<()> {
    let Some(notice) = Cashier.read(site, headers, body) else {
        return Err(Error::refused(Refusal::Unauthenticated, "signature_invalid"));
    };
    let tx = site.db.begin().await?;
    let payment = store::payment(&tx, &notice.payment).await?;
    let order = store::hold(&tx, &payment.order).await?;
    if notice.amount != payment.amount {
        return Err(Error::invalid("amount", "wrong_value"));
    }
    if !store::note(&tx, (&notice.id, &payment.id, notice.kind), site.now()).await? {
        return Ok(());
    }
    let is_refunded = payment.state == "refunded";
    match notice.kind {
        // A refund whose notice was quicker than the payment's: the payment's changes nothing any more.
        Kind::Paid if is_refunded => {}
        Kind::Paid => {
            store::settle_payment(&tx, &payment.id, "paid").await?;
            match order.state {
                State::Open | State::Paying => {
                    store::paid(&tx, &order.id, site.now()).await?;
                    billing::issue(site, &tx, &order.id).await?;
                }
                // Paid twice, or after the learner gave up: the money goes back.
                State::Closed => Cashier.refund(site, &tx, &payment.id).await?,
                State::Paid if payment.state != "paid" => Cashier.refund(site, &tx, &payment.id).await?,
                State::Paid | State::Refunding | State::Refunded => {}
            }
        }
        Kind::Refunded => {
            store::settle_payment(&tx, &payment.id, "refunded").await?;
            if order.state == State::Refunding {
                store::move_to(&tx, &order.id, State::Refunding, State::Refunded).await?;
            }
        }
    }
    tx.commit().await
}
