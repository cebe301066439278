//! Booking payments back: finance says that an approved claim was paid, once, never for themselves.
use base::{Actor, Day, Error, Kind, Result, day};
use serde_json::json;
use site::Site;

use crate::{FINANCE, claim::Claim, state::State, store};

/// Books the payment of an approved claim.
pub(crate) async fn book(
    site: &Site,
    actor: &Actor,
    id: &str,
    (reference, on): (&str, Option<Day>),
) -> Result<Claim> {
    let reference = reference.trim();
    if reference.is_empty() || reference.chars().count() > 60 || reference.chars().any(char::is_control) {
        return Err(Error::invalid("reference", "payment_reference"));
    }
    let today = day::day_of(site.now());
    let on = on.unwrap_or(today);
    if on > today {
        return Err(Error::invalid("paid_on", "payment_day"));
    }
    let tx = site.db.begin().await?;
    let mut claim = store::hold(&tx, id).await?;
    if accounts::is_party(&tx, actor, &[claim.person]).await? {
        return Err(Error::refused(Kind::Denied, "own_decision"));
    }
    if !actor.scope(FINANCE).holds(&claim.unit_path) {
        return Err(Error::not_found());
    }
    if claim.state != State::Approved {
        return Err(Error::conflict(if claim.state == State::Paid { "paid_before" } else { "not_approved" }));
    }
    claim.state = State::Paid;
    claim.paid_out_on = Some(on.to_string());
    claim.payment_reference = Some(reference.to_owned());
    store::book_payment(&tx, &claim, site.now()).await?;
    let deed = audit::Deed {
        actor: Some(actor.person),
        action: "reimbursement.pay",
        object: &claim.id,
        unit_path: &claim.unit_path,
        details: json!({"amount": claim.amounts.reimbursable, "reference": reference, "on": on.to_string()}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await?;
    Ok(claim)
}
