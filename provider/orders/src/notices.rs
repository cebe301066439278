//! Notices of the gateway: each counts once, in whatever order they come; a forged one changes nothing.
use base::{Error, Kind as Refusal, Result};
use db::Tx;
use site::Site;

use crate::{
    cashier::Cashier,
    gateway::{Gateway, Headers, Kind, Notice},
    refunds,
    store::{self, Order, Payment, State},
};

/// Takes a notice that the gateway sent.
pub(crate) async fn take(site: &Site, headers: &Headers, body: &[u8]) -> Result<()> {
    let Some(notice) = Cashier.read(site, headers, body) else {
        return Err(Error::refused(Refusal::Unauthenticated, "signature_invalid"));
    };
    settle(site, &notice).await
}

/// Does what a notice says, sent or asked for.
pub(crate) async fn settle(site: &Site, notice: &Notice) -> Result<()> {
    let tx = site.db.begin().await?;
    let payment = store::payment(&tx, &notice.payment).await?;
    let order = store::hold(&tx, &payment.order).await?;
    // Another notice of it may have been first.
    let payment = store::payment(&tx, &payment.id).await?;
    if notice.kind == Kind::Paid && notice.amount != payment.amount {
        return Err(Error::invalid("amount", "wrong_value"));
    }
    if !store::note(&tx, (&notice.id, &payment.id, notice.kind), site.now()).await? {
        return Ok(());
    }
    match notice.kind {
        Kind::Paid => paid(site, &tx, &order, &payment).await?,
        Kind::Refunded => refunds::settle(site, &tx, (&order, &payment), notice).await?,
    }
    tx.commit().await
}

/// The money came in. Where the refund's notice was quicker, or this is said once more, nothing changes.
async fn paid(site: &Site, tx: &Tx, order: &Order, payment: &Payment) -> Result<()> {
    if payment.state != "pending" {
        return Ok(());
    }
    store::settle_payment(tx, &payment.id, "paid").await?;
    match order.state {
        State::Open | State::Paying => {
            store::paid(tx, &order.id, &payment.id, site.now()).await?;
            refunds::take_in(site, tx, order, payment).await
        }
        // Paid twice, or after the learner gave up: the money goes back.
        State::Paid | State::Refunding | State::Refunded | State::Closed => {
            refunds::whole(site, tx, payment).await
        }
    }
}
