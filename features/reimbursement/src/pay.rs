//! Booking payments back: finance says that an approved claim was paid, once, never for themselves.
use base::{Actor, Day, Error, Kind, Result, day};
use serde_json::json;
use site::Site;

use crate::{
    FINANCE,
    claim::Claim,
    follow,
    settings::{self, PayBy},
    state::State,
    store, store_bank,
};

/// Books the payment of an approved claim: of the amount that a file named, else of what it comes to now. What was paid was
/// paid, so no amount is refused; what goes beyond the year has to come back.
pub(crate) async fn book(
    site: &Site,
    actor: &Actor,
    id: &str,
    (reference, on): (&str, Option<Day>),
) -> Result<Claim> {
    let (reference, on) = read(reference, on, day::day_of(site.now()))?;
    let tx = site.db.begin().await?;
    let mut claim = store::hold(&tx, id).await?;
    if accounts::is_party(&tx, actor, &[claim.person, claim.whose]).await? {
        return Err(Error::refused(Kind::Denied, "own_decision"));
    }
    if !actor.scope(FINANCE).holds(&claim.unit_path) {
        return Err(Error::not_found());
    }
    // One that was given back after a file named it, because an invoice no longer held, may have been paid by then.
    let is_void = claim.state == State::Returned && claim.sent.is_some();
    if claim.state != State::Approved && !is_void {
        return Err(Error::conflict(if claim.state == State::Paid { "paid_before" } else { "not_approved" }));
    }
    refuse_held(site, &tx, &claim).await?;
    follow::update(site, &tx, &mut claim).await?;
    claim.state = State::Paid;
    claim.paid_out_on = Some(on.to_string());
    claim.payment_reference = Some(reference.to_owned());
    store::book_payment(&tx, &claim, site.now()).await?;
    if is_void {
        follow::mark_void(site, &tx, &claim).await?;
    }
    follow::settle(site, &tx, (claim.whose, claim.year)).await?;
    let deed = audit::Deed {
        actor: Some(actor.person),
        action: "reimbursement.pay",
        object: &claim.id,
        unit_path: &claim.unit_path,
        details: json!({"amount": claim.amounts.reimbursable, "reference": reference, "on": on.to_string()}),
    };
    audit::record(site, &tx, deed).await?;
    let claim = store::claim(&tx, id).await?;
    tx.commit().await?;
    Ok(claim)
}

/// The reference and the day of a payment as typed: today unless given, never later.
pub(crate) fn read(reference: &str, on: Option<Day>, today: Day) -> Result<(&str, Day)> {
    let reference = reference.trim();
    if reference.is_empty() || reference.chars().count() > 60 || reference.chars().any(char::is_control) {
        return Err(Error::invalid("reference", "payment_reference"));
    }
    let on = on.unwrap_or(today);
    if on > today {
        return Err(Error::invalid("paid_on", "payment_day"));
    }
    Ok((reference, on))
}

/// A unit that pays to bank accounts pays none that was changed within three days.
async fn refuse_held(site: &Site, tx: &db::Tx, claim: &Claim) -> Result<()> {
    if settings::of_unit(tx, claim.unit).await?.pay_by != PayBy::Bank {
        return Ok(());
    }
    let account = store_bank::of_people(tx, &[claim.person]).await?.pop();
    match account {
        Some(a) if day::from_millis(a.usable_from) <= site.now() => Ok(()),
        Some(_) => Err(Error::conflict("bank_held")),
        None => Err(Error::conflict("bank_missing")),
    }
}

/// A payment as a list says it: the claim, the reference, the day or nothing for today.
pub(crate) type Row = (String, String, String);

/// What became of a payment of a list.
#[derive(Debug, serde::Serialize, utoipa::ToSchema)]
pub(crate) struct Booked {
    pub id: String,
    /// The name; empty where no claim of that id is there for the actor.
    pub name: String,
    /// Why it was not booked; none where it was.
    pub code: Option<&'static str>,
}

/// At most so many payments in one list.
const MOST_AT_ONCE: usize = 2000;

/// Books the payments of a list; each by itself, so that one refusal stops no other.
pub(crate) async fn book_many(site: &Site, actor: &Actor, rows: &[Row]) -> Result<Vec<Booked>> {
    if rows.is_empty() || rows.len() > MOST_AT_ONCE {
        return Err(Error::invalid("payments", "payments_at_once"));
    }
    let mut all = vec![];
    for (id, reference, on) in rows {
        let on = Some(on.trim()).filter(|t| !t.is_empty());
        let on = on.map(|t| rules::record::parse_day(t).ok_or("payment_day")).transpose();
        let done = match on {
            Ok(on) => book(site, actor, id.trim(), (reference, on)).await,
            Err(code) => Err(Error::invalid("paid_on", code)),
        };
        all.push(match done {
            Ok(claim) => Booked { id: claim.id, name: claim.name, code: None },
            Err(Error::Refused(p)) => {
                let code = p.fields.first().map_or(p.code, |f| f.code);
                Booked { id: id.clone(), name: String::new(), code: Some(code) }
            }
            Err(e) => return Err(e),
        });
    }
    Ok(all)
}

/// Reads a bank's list: the columns are found by their headings, in any order; lines without a claim are left out.
pub(crate) fn rows_of(heads: &str, lines: Vec<(usize, Vec<String>)>) -> Option<Vec<Row>> {
    let names: Vec<&str> = heads.split(' ').collect();
    let [claim, reference, day] = names[..] else { return None };
    let mut lines =
        lines.into_iter().map(|(_, cells)| cells).skip_while(|c| !c.iter().any(|h| h.trim() == claim));
    let head = lines.next()?;
    let column = |name: &str| head.iter().position(|h| h.trim() == name);
    let (claim, reference, day) = (column(claim)?, column(reference)?, column(day));
    let row = |cells: Vec<String>| {
        let cell = |n: usize| cells.get(n).map(|c| c.trim().to_owned()).unwrap_or_default();
        (cell(claim), cell(reference), day.map(cell).unwrap_or_default())
    };
    Some(lines.map(row).filter(|(id, ..)| !id.is_empty()).collect())
}
