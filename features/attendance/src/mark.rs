//! Signing in and out: by the code of the moment, by a ticket that holds an earlier moment, or by the organiser's list.
use base::{Actor, Error, Instant, PersonId, Result, day};
use rules::attendance::{self, Scan};
use serde_json::json;
use site::Site;

use crate::{code, plan, store};

/// Makes a ticket that holds this instant, for whoever scanned a valid code and has yet to sign in.
pub(crate) async fn ticket(site: &Site, id: &str, given: &str) -> Result<String> {
    let found = store::by_id(&site.db, id).await?.ok_or_else(Error::not_found)?;
    let now = site.now();
    if !attendance::is_open(day::millis(now), found.span()) {
        return Err(Error::conflict("attendance_closed"));
    }
    if !code::is_valid(site, id, given, now) {
        return Err(Error::invalid("code", "attendance_code"));
    }
    let token = secrets::fresh_token(&*site.random);
    let tx = site.db.begin().await?;
    store::forget_tickets(&tx, day::from_millis(day::millis(now) - 86_400_000)).await?;
    store::insert_ticket(&tx, &secrets::sha256_hex(token.as_bytes()), id, now).await?;
    tx.commit().await?;
    Ok(token)
}

/// With what someone signs in or out.
pub(crate) enum Proof<'a> {
    /// The digits of this moment.
    Code(&'a str),
    /// A ticket that holds an earlier one.
    Ticket(&'a str),
}

/// Signs the actor in or out. One device serves one person at a training.
pub(crate) async fn mark(
    site: &Site,
    actor: &Actor,
    id: &str,
    (proof, device): (Proof<'_>, &str),
) -> Result<Scan> {
    let found = plan::open_to(site, actor, id).await?;
    let now = site.now();
    let tx = site.db.begin().await?;
    let at = match proof {
        Proof::Code(given) if code::is_valid(site, id, given, now) => now,
        Proof::Code(_) => return Err(Error::invalid("code", "attendance_code")),
        Proof::Ticket(token) => {
            let hash = secrets::sha256_hex(token.as_bytes());
            let since = day::from_millis(day::millis(now) - attendance::TICKET_MS);
            let held = store::spend_ticket(&tx, (&hash, id), (since, now)).await?;
            held.ok_or_else(|| Error::invalid("code", "attendance_code"))?
        }
    };
    if !attendance::is_open(day::millis(at), found.span()) {
        return Err(Error::conflict("attendance_closed"));
    }
    let device = secrets::sha256_hex(format!("{id}/{device}").as_bytes());
    let in_at = store::hold(&tx, id, actor.person).await?;
    let scan = attendance::scan(day::millis(at), in_at);
    let is_done = match scan {
        Scan::In => store::insert_mark(&tx, (id, actor.person), &device, at).await?,
        Scan::Out => store::set_out(&tx, (id, actor.person), at).await?,
        Scan::Again => true,
    };
    if !is_done && store::hold(&tx, id, actor.person).await?.is_none() {
        return Err(Error::conflict("attendance_device"));
    }
    tx.commit().await?;
    Ok(if is_done { scan } else { Scan::Again })
}

/// Enters people on the organiser's word, with a reason: a flat battery, no phone. Who signed in already stays as signed.
pub(crate) async fn list(
    site: &Site,
    actor: &Actor,
    id: &str,
    (people, reason): (&[PersonId], &str),
) -> Result<usize> {
    let found = plan::own(site, actor, id).await?;
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > 500 {
        return Err(Error::invalid("reason", "required"));
    }
    let near = claims::near(&site.db, actor).await?;
    if people.iter().any(|p| near.contains(p)) {
        return Err(Error::denied());
    }
    let tx = site.db.begin().await?;
    let known = store::below(&tx, &found.unit_path, people).await?;
    if people.is_empty() || known != people.len() {
        return Err(Error::invalid("people", "training_people"));
    }
    let until: Instant = found.to.min(site.now());
    let span = (found.from.min(until), until);
    let listed = store::insert_listed(&tx, id, people, span, (actor.person, reason)).await?;
    let deed = audit::Deed {
        actor: Some(actor.person),
        action: "attendance.list",
        object: id,
        unit_path: &found.unit_path,
        details: json!({"people": people.iter().map(ToString::to_string).collect::<Vec<_>>(), "reason": reason}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await?;
    Ok(listed)
}
