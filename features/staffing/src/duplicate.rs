//! Two records of one human: found by name and birth date or by a shared phone, and put together by the authority over
//! both. The record that goes keeps its row, its placements and its ledger, whose credits are reversed there and written
//! anew in the other chain; so both verify and no hour counts twice.
use base::{Error, Kind, PersonId, Result};
use hours::{Carried, Reversal};
use messages::Letter;
use org::Person;
use serde_json::json;
use site::{Site, Visitor};

use crate::{AUTHORITIES, matters, store_identity as store, transfer::bounded};

/// What a merge did.
#[derive(Clone, Debug)]
pub(crate) struct Merged {
    pub kept: Person,
    pub carried: Carried,
}

/// Lets one record go into another.
pub(crate) async fn merge(
    site: &Site,
    visitor: &Visitor,
    (kept, gone): (PersonId, PersonId),
    reason: &str,
) -> Result<Merged> {
    let reason = bounded("reason", reason, 300)?;
    if kept == gone {
        return Err(Error::invalid("duplicate", "merge_same"));
    }
    let by = visitor.actor.person;
    let tx = site.db.begin().await?;
    let (first, second) = if kept.to_string() < gone.to_string() { (kept, gone) } else { (gone, kept) };
    let (first, second) = (org::held_person(&tx, first).await?, org::held_person(&tx, second).await?);
    let (stays, goes) = if first.id == kept { (first, second) } else { (second, first) };
    let scope = visitor.actor.scope(AUTHORITIES);
    if !scope.holds(&stays.path) || !scope.holds(&goes.path) {
        return Err(Error::not_found());
    }
    if accounts::is_party(&tx, &visitor.actor, &[kept, gone]).await? {
        return Err(Error::refused(Kind::Denied, "own_record"));
    }
    if store::is_merged(&tx, &[kept, gone]).await? {
        return Err(Error::conflict("merged_before"));
    }
    let open = matters::of(&tx, gone).await?;
    if !open.is_empty() || store::has_open_transfer(&tx, gone).await? {
        let open = serde_json::to_value(&open).map_err(Error::internal)?;
        return Err(Error::conflict("merge_open_matters").with("open_matters", open));
    }
    let text = site.texts.with("merge-reversal", &[("name", &stays.name), ("reason", &reason)]);
    let carried = hours::carry_over(site, &tx, (kept, gone), Reversal { reason: &text, by }).await?;
    org::absorb(site, &tx, (&stays, &goes), by).await?;
    let row = store::Merge { kept, gone, reason: &reason, credits: carried.credits, by };
    store::insert_merge(site, &tx, &row).await?;
    for (person, path) in [(&stays, &stays.path), (&goes, &goes.path)] {
        let deed = audit::Deed {
            actor: Some(by),
            action: "person.merge",
            object: &person.id.to_string(),
            unit_path: path,
            details: json!({"kept": kept, "gone": gone, "reason": reason, "credits": carried.credits,
                "reduced": carried.reduced}),
        };
        audit::record(site, &tx, deed).await?;
    }
    let number = carried.credits.to_string();
    let words = [("unit", goes.unit_name.as_str()), ("credits", number.as_str())];
    let text = site.texts.with("merge-told", &words);
    let letter = Letter { to: kept, kind: "transfer", text, link: "/hours".to_owned(), once: None };
    messages::post(site, &tx, &[letter]).await?;
    tx.commit().await?;
    Ok(Merged { kept: org::person(&site.db, kept).await?, carried })
}
