//! Sending a claim in: only for a satisfied year with its certificate, in time, each invoice once in the province.
use base::{Actor, Error, FieldProblem, Result, Year, day};
use db::Tx;
use serde_json::json;
use site::Site;

use crate::{
    claim::Claim,
    einvoice::{self, Original, Unusable},
    invoice::{self, Frame, Invoice, Typed},
    money::Amounts,
    state::State,
    store,
};

/// Sends in a claim of the actor's own; a returned one is sent in anew under its id.
pub(crate) async fn submit(site: &Site, actor: &Actor, year: Year, typed: &[Typed]) -> Result<Claim> {
    let person = org::person(&site.db, actor.person).await?;
    let policy = hours::in_force(&site.db, year).await?.policy;
    let today = day::day_of(site.now());
    let buyers = [person.unit_name.as_str(), person.name.as_str()];
    let frame = Frame { year, today, buyers: &buyers };
    let mut invoices = invoice::read(typed, &frame).map_err(Error::invalid_fields)?;
    compare(site, actor, &mut invoices).await?;
    // 三.3: by 12-31 of the year; `closes_on` is the policy's grace, never before that day.
    if today > policy.closes_on {
        return Err(Error::conflict("reimbursement_closed"));
    }
    let certificate = certificates::issue(site, actor.person, year).await?;
    let standing = hours::standing(&site.db, actor.person, year).await?;
    let amounts = Amounts::of(&invoices, standing.assessment.fees);
    if amounts.reimbursable == base::Fen::ZERO {
        return Err(Error::conflict("nothing_to_reimburse"));
    }
    let tx = site.db.begin().await?;
    let before = store::hold_of_year(&tx, actor.person, year).await?;
    if before.as_ref().is_some_and(|c| c.state != State::Returned) {
        return Err(Error::conflict("reimbursement_exists"));
    }
    let claim = Claim {
        id: before.as_ref().map_or_else(|| new_id(site), |c| c.id.clone()),
        person: person.id,
        name: person.name.clone(),
        unit_name: person.unit_name.clone(),
        department: person.department.clone(),
        year,
        unit_path: person.path.clone(),
        state: State::Submitted,
        certificate_no: certificate.no.to_string(),
        amounts,
        round: before.as_ref().map_or(1, |c| c.round + 1),
        submitted_at: day::from_millis(day::millis(site.now())),
        paid_out_on: None,
        payment_reference: None,
    };
    if !store::write(&tx, &claim, person.unit, before.is_some()).await? {
        return Err(Error::conflict("reimbursement_exists"));
    }
    store::release(&tx, &claim.id, site.now()).await?;
    claim_invoices(&tx, &claim, &invoices).await?;
    cite(&tx, &claim, &invoices).await?;
    let deed = audit::Deed {
        actor: Some(actor.person),
        action: "reimbursement.submit",
        object: &claim.id,
        unit_path: &claim.unit_path,
        details: json!({"year": year, "paid": amounts.paid, "reimbursable": amounts.reimbursable,
            "invoices": invoices.len(), "round": claim.round}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await?;
    Ok(claim)
}

/// Compares each invoice with the electronic original that it cites; a scan is left to those who decide.
async fn compare(site: &Site, actor: &Actor, invoices: &mut [Invoice]) -> Result<()> {
    let mut problems = vec![];
    for (n, invoice) in invoices.iter_mut().enumerate() {
        let Some(file) = &invoice.file else { continue };
        let Some((kind, bytes)) = files::original(site, actor.person, file).await? else { continue };
        let wrong = match read_original(kind, &bytes) {
            None => continue,
            Some(Ok(original)) => invoice.differs(&original),
            Some(Err(unusable)) => Some(("file", unusable.code())),
        };
        invoice.is_original = wrong.is_none();
        let problem = |(field, code)| FieldProblem { field: format!("invoices[{n}].{field}"), code };
        problems.extend(wrong.map(problem));
    }
    if problems.is_empty() { Ok(()) } else { Err(Error::invalid_fields(problems)) }
}

/// What a file says as an invoice; none for a kind that people read.
pub(crate) fn read_original(kind: files::Kind, bytes: &[u8]) -> Option<Result<Original, Unusable>> {
    match kind {
        files::Kind::Xml => Some(einvoice::read_xml(bytes)),
        files::Kind::Ofd => Some(einvoice::read_ofd(bytes)),
        files::Kind::Pdf | files::Kind::Jpg | files::Kind::Png => None,
    }
}

fn new_id(site: &Site) -> String {
    site.new_id::<base::id::of::Entry>().to_string()
}

/// Lets the claim cite the invoices' files, and those who decide on it read them.
async fn cite(tx: &Tx, claim: &Claim, invoices: &[Invoice]) -> Result<()> {
    let list: Vec<String> = invoices.iter().filter_map(|i| i.file.clone()).collect();
    let link =
        files::Link { kind: "reimbursement", object: &claim.id, person: claim.person, owner: claim.person };
    files::link(tx, &link, &list).await?;
    files::open_links(tx, &claim.id, true).await
}

/// Takes the invoices for this claim; one that another claim holds is named. The database decides, so of two claims at
/// once one gets it.
async fn claim_invoices(tx: &Tx, claim: &Claim, invoices: &[Invoice]) -> Result<()> {
    let written = store::insert_invoices(tx, claim, invoices).await?;
    if written == invoices.len() as u64 {
        return Ok(());
    }
    let own = store::numbers(tx, &claim.id).await?;
    let taken = invoices.iter().enumerate().filter(|(_, i)| !own.contains(&i.number));
    let problem = |(n, _): (usize, &Invoice)| FieldProblem {
        field: format!("invoices[{n}].number"),
        code: "invoice_claimed",
    };
    Err(Error::conflict("invoice_claimed").with_fields(taken.map(problem).collect()))
}
