//! Coming in: a ticket of the management platform is exchanged for who the learner is, and a visit begins. The ticket is
//! single-use and short-lived there; a signed-on standard (OpenID Connect) replaces it later.
use base::{Error, Kind, Result};
use serde::{Deserialize, Serialize};
use site::{Reply, Site, Visitor, local_path, see_other, with_session_cookie};

use crate::{
    hub::{self, Hub},
    store, visits,
};

#[derive(Deserialize)]
pub(crate) struct Arrival {
    ticket: Option<String>,
    to: Option<String>,
}

#[derive(Serialize)]
struct Exchange<'a> {
    ticket: &'a str,
}

/// Whom the ticket was given to.
#[derive(Deserialize)]
struct Holder {
    subject_id: String,
    name: String,
}

pub(crate) async fn enter(site: &Site, hub: &Hub, before: Option<Visitor>, arrival: Arrival) -> Reply {
    let ticket = arrival.ticket.filter(|t| (1..=500).contains(&t.len())).ok_or_else(refused)?;
    let holder = exchange(site, hub, &ticket).await?;
    let tx = site.db.begin().await?;
    if let Some(before) = before {
        store::end_visit(&tx, before.actor.session, site.now()).await?;
    }
    let learner = store::welcome(&tx, site.new_id(), (&holder.subject_id, &holder.name), site.now()).await?;
    let token = visits::open(site, &tx, learner).await?;
    tx.commit().await?;
    // The management platform has just answered, so whatever could not be delivered before can be now.
    crate::catch_up(site).await?;
    Ok(with_session_cookie(site, see_other(&local_path(arrival.to.as_deref())), &token))
}

async fn exchange(site: &Site, hub: &Hub, ticket: &str) -> Result<Holder> {
    let answer = hub.post(site, "/api/v1/provider/tickets", &Exchange { ticket }).await?;
    match answer.status {
        200 => serde_json::from_slice(&answer.body).map_err(Error::internal),
        // The ticket is at fault, and the learner can get another one.
        400 | 404 | 409 | 410 | 422 => Err(refused()),
        status => {
            tracing::warn!(status, code = hub::code(&answer), "ticket exchange");
            Err(Error::refused(Kind::Unavailable, "hub_unavailable"))
        }
    }
}

fn refused() -> Error {
    Error::refused(Kind::Denied, "ticket_refused")
}
