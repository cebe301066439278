//! What is booked and counts nothing in its year all the same: a course that the year holds already, for one. It is kept, and
//! shown as not counted (issue: completion records of providers).
use base::{EntryId, Error, Hours, PersonId, Result, Year};
use site::Site;

/// An entry of the ledger that counts nothing.
pub(crate) struct Uncounted {
    pub entry: EntryId,
    pub evidence: Option<String>,
    /// By which rule.
    pub reason: &'static str,
}

/// What of a person's year is booked and counts nothing.
pub(crate) async fn in_year(site: &Site, person: PersonId, year: Year) -> Result<Vec<Uncounted>> {
    let standing = match hours::standing(&site.db, person, year).await {
        Ok(standing) => standing,
        // Someone whom the rules do not know enough of yet has nothing that counts or does not.
        Err(Error::Refused(_)) => return Ok(vec![]),
        Err(e) => return Err(e),
    };
    let credits = &standing.assessment.credits;
    let without = credits.iter().filter(|c| c.counted == Hours::ZERO);
    let named = without.filter_map(|c| {
        let entry = standing.entries.iter().find(|e| e.id.to_string() == *c.id)?;
        Some(Uncounted { entry: entry.id, evidence: entry.evidence.clone(), reason: c.reason?.code() })
    });
    Ok(named.collect())
}

/// Why an entry counts nothing, if so.
pub(crate) async fn why(site: &Site, entry: EntryId) -> Result<Option<&'static str>> {
    let Some(stated) = hours::credits(&site.db, &[entry]).await?.remove(&entry) else { return Ok(None) };
    if !hours::may_be_void(&site.db, &stated).await? {
        return Ok(None);
    }
    let uncounted = in_year(site, stated.person, stated.year).await?;
    Ok(uncounted.into_iter().find(|u| u.entry == stated.entry).map(|u| u.reason))
}
