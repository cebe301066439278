//! What a claim comes to as its year is now (domain §5). Hours go on being recognised, and taken back, while a claim
//! waits: whoever would approve or pay more than it comes to now is refused with the amount of now.
use std::collections::{BTreeMap, HashMap};

use base::{Error, Fen, PersonId, Result, Year, day};
use db::{Conn, Tx};
use hours::bulk;
use serde_json::json;
use site::Site;

use crate::{claim::Claim, fees::Fees, follow, money::Amounts, store_unit_paid};

/// What invoices come to, and the fees of the year that say so.
pub(crate) struct Worth {
    pub amounts: Amounts,
    pub fees: Fees,
}

/// What invoices over `paid` come to in a person's year, sent in at a place: by what counts in it now and what the units
/// around the place paid themselves.
pub(crate) async fn of(
    conn: &impl Conn,
    (person, year): (PersonId, Year),
    (place, paid): (&str, Fen),
) -> Result<Worth> {
    let standing = hours::standing(conn, person, year).await?;
    let fees = Fees::of(&standing, &store_unit_paid::courses(conn, place, year).await?);
    let amounts = Amounts::of(paid, standing.assessment.fees, fees.own_professional());
    Ok(Worth { amounts, fees })
}

/// What is reimbursable of a claim now, by the year of the person whose it is today; none where the rules do not know
/// enough of the person any more.
pub(crate) async fn now(conn: &impl Conn, claim: &Claim, whose: PersonId) -> Result<Option<Fen>> {
    match of(conn, (whose, claim.year), (&claim.unit_path, claim.amounts.paid)).await {
        Ok(worth) => Ok(Some(worth.amounts.reimbursable)),
        Err(e) if matches!(e.code(), "profile_incomplete" | "policy_not_published" | "not_found") => Ok(None),
        Err(e) => Err(e),
    }
}

/// Gives the transaction back, in which nothing was written yet, unless the claim comes to less than it says. Such a claim
/// is followed in the background too: nobody could give back one that is approved.
pub(crate) async fn refuse_lower(site: &Site, tx: Tx, claim: &Claim) -> Result<Tx> {
    let now = now(&tx, claim, claim.person).await?;
    let Some(now) = now.filter(|n| *n < claim.amounts.reimbursable) else { return Ok(tx) };
    follow::later(site, &tx, &[claim]).await?;
    tx.commit().await?;
    Err(Error::conflict("reimbursement_amount_changed").with("reimbursable", json!(now)))
}

/// Which of these claims come to less than they say, each with what it comes to now.
pub(crate) async fn lower(site: &Site, claims: &[Claim]) -> Result<HashMap<String, Fen>> {
    let mut years: BTreeMap<Year, Vec<&Claim>> = BTreeMap::new();
    for claim in claims {
        years.entry(claim.year).or_default().push(claim);
    }
    let mut lower = HashMap::new();
    for (year, claims) in years {
        let assessed = reimbursable(site, year, &claims).await?;
        let paying = store_unit_paid::paying(&site.db, year).await?;
        for claim in claims {
            // Where a unit paid for a course, its fee has to be found among the person's, one by one.
            let is_paid_around = paying.iter().any(|place| claim.unit_path.starts_with(place.as_str()));
            let now = if is_paid_around {
                now(&site.db, claim, claim.person).await?
            } else {
                assessed.get(&claim.person).map(|most| claim.amounts.paid.min(*most))
            };
            if let Some(now) = now.filter(|n| *n < claim.amounts.reimbursable) {
                lower.insert(claim.id.clone(), now);
            }
        }
    }
    Ok(lower)
}

/// What is reimbursable at most to the claimants of a year, read page by page; nothing of whom the rules do not know enough.
async fn reimbursable(site: &Site, year: Year, claims: &[&Claim]) -> Result<HashMap<PersonId, Fen>> {
    let mut found = HashMap::new();
    let of = match hours::grounds(&site.db, year, day::day_of(site.now())).await {
        Ok(of) => of,
        Err(e) if e.code() == "policy_not_published" => return Ok(found),
        Err(e) => return Err(e),
    };
    let people: Vec<PersonId> = claims.iter().map(|c| c.person).collect();
    for page in people.chunks(usize::try_from(bulk::PAGE).unwrap_or(1)) {
        for case in bulk::cases_of(&site.db, page, &of).await? {
            if let Some(assessment) = case.assess(&of.in_force.policy)? {
                found.insert(case.person.id, assessment.fees.reimbursable);
            }
        }
    }
    Ok(found)
}
