//! What a claim comes to as its year is now (domain §5). Hours go on being recognised, and taken back, while a claim
//! waits; the amount is worked out and never asked for, so it follows them.
use std::collections::HashMap;

use base::{Fen, PersonId, Result, Year, day};
use db::Conn;
use hours::bulk;
use site::Site;

use crate::{
    claim::Claim,
    fees::{self, Fees},
    money::Amounts,
    store_follow, store_unit_paid,
};

/// What invoices come to, and the fees of the year that say so.
pub(crate) struct Worth {
    pub amounts: Amounts,
    pub fees: Fees,
}

/// What invoices over `paid` come to in a person's year, sent in at a place: by what counts in it now and what the units
/// around the place paid themselves. `gone` is what went out for other claims of the same human and year.
pub(crate) async fn of(
    conn: &impl Conn,
    (person, year): (PersonId, Year),
    (place, paid, gone): (&str, Fen, Fen),
) -> Result<Worth> {
    let standing = hours::standing(conn, person, year).await?;
    let fees = Fees::of(&standing, &store_unit_paid::courses(conn, place, year).await?);
    let amounts = Amounts::of(paid, standing.assessment.fees, (fees.own_professional(), gone));
    Ok(Worth { amounts, fees })
}

/// What a claim comes to now, by the year of the record that stays; none where the rules do not know enough of the person
/// any more.
pub(crate) async fn now(conn: &impl Conn, claim: &Claim, gone: Fen) -> Result<Option<Worth>> {
    match of(conn, (claim.whose, claim.year), (&claim.unit_path, claim.amounts.paid, gone)).await {
        Ok(worth) => Ok(Some(worth)),
        Err(e) if matches!(e.code(), "profile_incomplete" | "policy_not_published" | "not_found") => Ok(None),
        Err(e) => Err(e),
    }
}

/// Which of these claims of a year, not paid and named in no file, are not up to date; read page by page.
pub(crate) async fn changed<'c>(site: &Site, year: Year, claims: &'c [Claim]) -> Result<Vec<&'c Claim>> {
    let mut of_whom: HashMap<PersonId, Vec<&'c Claim>> = HashMap::new();
    for claim in claims.iter().filter(|c| c.sent.is_none()) {
        of_whom.entry(claim.whose).or_default().push(claim);
    }
    let of = match hours::grounds(&site.db, year, day::day_of(site.now())).await {
        Ok(of) => of,
        Err(e) if e.code() == "policy_not_published" => return Ok(vec![]),
        Err(e) => return Err(e),
    };
    let unit_paid = store_unit_paid::all_courses(&site.db, year).await?;
    let gone = store_follow::gone_of_merged(&site.db, year).await?;
    let people: Vec<PersonId> = of_whom.keys().copied().collect();
    let mut changed = vec![];
    for page in people.chunks(usize::try_from(bulk::PAGE).unwrap_or(1)) {
        for case in bulk::cases_of(&site.db, page, &of).await? {
            let Some(assessment) = case.assess(&of.in_force.policy)? else { continue };
            let gone = gone.get(&case.person.id).copied().unwrap_or(Fen::ZERO);
            for claim in of_whom.get(&case.person.id).into_iter().flatten() {
                let is_unit_paid = |course: &str| {
                    let mut paid = unit_paid.iter().filter(|p| p.course == course);
                    paid.any(|p| claim.unit_path.starts_with(p.unit_path.as_str()))
                };
                let own = fees::own_professional(&case, &assessment, is_unit_paid);
                let now = Amounts::of(claim.amounts.paid, assessment.fees, (own, gone)).reimbursable;
                if now.min(claim.submitted) != claim.amounts.reimbursable {
                    changed.push(*claim);
                }
            }
        }
    }
    Ok(changed)
}
