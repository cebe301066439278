//! Questions for payments and refunds whose notices never came: asked by themselves, ever less often, and by the learner who
//! has paid and waits. What the gateway answers is taken as its notices are.
use base::{PersonId, Result, day};
use db::Tx;
use jobs::Handlers;
use serde::{Deserialize, Serialize};
use site::Site;

use crate::{cashier::Cashier, gateway::Gateway, notices, store, store_refunds};

const QUESTION_JOB: &str = "orders.question";
/// After so many minutes each question follows what came before it: three days in all, as long as gateways answer for certain.
const AFTER_MINUTES: [i64; 7] = [2, 8, 30, 120, 480, 1440, 2240];

/// A payment that is asked about: for what, and how often it was asked about before.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Round {
    payment: String,
    /// The refund that is waited for; the payment itself without one.
    #[serde(default)]
    refund: Option<String>,
    round: usize,
}

/// Lets a payment be asked about, should its notice not come; or a refund of it.
pub(crate) async fn later(site: &Site, tx: &Tx, payment: &str, refund: Option<&str>) -> Result<()> {
    let first = Round { payment: payment.to_owned(), refund: refund.map(str::to_owned), round: 0 };
    enqueue(site, tx, &first).await
}

async fn enqueue(site: &Site, conn: &impl db::Conn, round: &Round) -> Result<()> {
    let Some(minutes) = AFTER_MINUTES.get(round.round) else { return Ok(()) };
    let at = day::from_millis(day::millis(site.now()) + minutes * 60_000);
    let key = format!("{}:{}", round.refund.as_ref().unwrap_or(&round.payment), round.round);
    site.enqueue_at(conn, (QUESTION_JOB, &key), round, at).await
}

pub(crate) fn jobs() -> Handlers<Site> {
    Handlers::default()
        .in_lane(QUESTION_JOB, jobs::Lane::Peers)
        .on(QUESTION_JOB, |site: Site, round: Round| async move { ask(&site, round).await })
}

/// Asks unless the notice came meanwhile. The next question is queued first: a gateway that does not answer loses no round.
async fn ask(site: &Site, round: Round) -> Result<()> {
    let is_open = match &round.refund {
        Some(refund) => store_refunds::one(&site.db, refund).await?.is_some_and(|r| !r.is_done),
        None => store::payment(&site.db, &round.payment).await?.state == "pending",
    };
    if !is_open {
        return Ok(());
    }
    enqueue(site, &site.db, &Round { round: round.round + 1, ..round.clone() }).await?;
    settle(site, &round.payment).await
}

/// Takes what the gateway says of a payment.
async fn settle(site: &Site, payment: &str) -> Result<()> {
    for notice in Cashier.ask(site, payment).await? {
        notices::settle(site, &notice).await?;
    }
    Ok(())
}

/// Asks now about what is open of a learner's order.
pub(crate) async fn now(site: &Site, learner: PersonId, order: &str) -> Result<()> {
    let order = store::order(&site.db, order, learner).await?;
    for payment in store_refunds::open_payments(&site.db, &order.id).await? {
        settle(site, &payment).await?;
    }
    Ok(())
}
