//! Drawing a month's statement up from the ledger: every credit of the platform that was written in it and is not settled
//! yet, and every reversal of one of its credits, at the rate at which the credit was paid.
use base::{Actor, Error, Fen, Result, day, person::Code};
use serde_json::json;
use site::Site;

use crate::{
    admit_keeper, object,
    statement::{State, Terms, span},
    store, store_ledger,
};

/// The largest rate an hour.
const MOST_RATE: Fen = Fen::new(10_000);

/// Sets what an hour of a platform is worth.
pub(crate) async fn set_terms(site: &Site, actor: &Actor, provider: &str, terms: Terms) -> Result<()> {
    admit_keeper(actor)?;
    let is_rate = |r: Fen| r >= Fen::ZERO && r <= MOST_RATE;
    if !is_rate(terms.public_rate) || !is_rate(terms.professional_rate) {
        return Err(Error::invalid("rate", "settlement_rate"));
    }
    if !(0..=100).contains(&terms.suspend_percent) {
        return Err(Error::invalid("suspend_percent", "settlement_percent"));
    }
    let provider = store::provider(&site.db, provider).await?;
    let tx = site.db.begin().await?;
    store::save_terms(&tx, &provider.id, terms, (actor.person, site.now())).await?;
    let deed = audit::Deed {
        actor: Some(actor.person),
        action: "settlement.terms",
        object: &provider.name,
        unit_path: "",
        details: json!({"public": terms.public_rate, "professional": terms.professional_rate, "percent": terms.suspend_percent}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await
}

/// Draws a month up; once it is drawn up it stays, and what comes later goes into the next one.
pub(crate) async fn draw_up(site: &Site, actor: &Actor, (provider, month): (&str, &str)) -> Result<String> {
    admit_keeper(actor)?;
    let span = span(month, site.now())?;
    let provider = store::provider(&site.db, provider).await?;
    let terms = store::terms(&site.db, &provider.id).await?;
    let terms = terms.ok_or_else(|| Error::conflict("settlement_no_terms"))?;
    let id: base::EntryId = site.new_id();
    let id = id.to_string();
    let tx = site.db.begin().await?;
    let new = store::New { id: &id, provider: &provider.id, month };
    if !store::insert(&tx, &new, (actor.person, site.now())).await? {
        return Err(Error::conflict("settlement_exists"));
    }
    let (mut place, mut after) = (0, (0, String::new()));
    loop {
        let lines = store_ledger::unsettled(&tx, &provider.name, (span, &after), terms).await?;
        let Some(last) = lines.last() else { break };
        after = (day::millis(last.at), last.entry.clone());
        store::insert_lines(&tx, &id, place, &lines).await?;
        place += i64::try_from(lines.len()).unwrap_or(i64::MAX);
    }
    let sums = store::sums(&tx, &id).await?;
    if sums.suspends(terms) {
        store::suspend(&tx, &id, "settlement-suspended-share").await?;
    }
    let state = if sums.suspends(terms) { State::Suspended } else { State::Open };
    let deed = audit::Deed {
        actor: Some(actor.person),
        action: "settlement.draw_up",
        object: &id,
        unit_path: "",
        details: json!({"provider": provider.name, "month": month, "lines": sums.lines, "amount": sums.amount, "state": state.code()}),
    };
    audit::record(site, &tx, deed).await?;
    object::tell_platform(site, &tx, &store::one(&tx, &id).await?, ("settlement-told-drawn", 0)).await?;
    tx.commit().await?;
    Ok(id)
}
