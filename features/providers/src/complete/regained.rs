//! A record that gave way to another one is worked out again when that one is taken back: a wrong row of a training costs
//! nobody a course that was learned (issue: every hour is explained; domain §10).
use base::{EntryId, Error, PersonId, Result};
use hours::{Booked, Reversal, TimeReleased};
use serde_json::Value;
use site::Site;

use super::{Completion, Worth, examine, when};
use crate::store::{self, cut};

/// Works out again what of a person's records others had taken.
pub(crate) async fn of_person(site: Site, released: TimeReleased) -> Result<()> {
    for row in cut::of_person(&site.db, released.person).await? {
        let provider = store::by_id(&site.db, row.provider_id.parse()?).await?;
        let completion: Completion = serde_json::from_str(&row.body).map_err(Error::internal)?;
        if let Ok(worth) = examine(&site, &provider, &completion).await? {
            again(&site, (&row, released.by), *worth).await?;
        }
    }
    Ok(())
}

/// Counts a record by what is left to it now, if that is more than it had; its former credit is reversed.
async fn again(site: &Site, (row, by): (&cut::Cut, PersonId), mut worth: Worth) -> Result<()> {
    let tx = site.db.begin().await?;
    let mut before = 0;
    if let Some(entry) = &row.entry_id {
        let entry: EntryId = entry.parse()?;
        // What was taken back itself stays so.
        let Some(stated) = hours::credits(&tx, &[entry]).await?.remove(&entry) else { return Ok(()) };
        before = minutes(&stated.facts);
        let reason = site.texts.get("provider-regained");
        hours::reverse(site, &tx, stated.entry, Reversal { reason: &reason, by }).await?;
        worth.credit.source_key = format!("{}:again:{}", worth.credit.source_key, stated.entry);
    }
    let reduced = when::hold(site, &tx, worth).await?;
    let Some(credit) = reduced.credit.filter(|c| minutes(&Value::Object(c.facts.clone())) > before) else {
        return Ok(());
    };
    let hours = credit.hours;
    let booked = match hours::credit(site, &tx, credit).await {
        Ok(Booked::New(entry) | Booked::Before(entry)) => entry,
        // A closed year stays as it was confirmed.
        Err(Error::Refused(_)) => return Ok(()),
        Err(e) => return Err(e),
    };
    cut::counted(&tx, row, (booked, hours, reduced.reason)).await?;
    tx.commit().await
}

fn minutes(facts: &Value) -> u64 {
    facts.get("minutes").and_then(Value::as_u64).unwrap_or(0)
}
