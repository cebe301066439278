//! Sending a claim in: only for a satisfied year with its certificate, in time, each invoice once in the province.
use base::{Actor, Error, Fen, FieldProblem, Result, Year, day, person::Code};
use db::Tx;
use serde_json::json;
use site::Site;

use crate::{
    claim::Claim,
    einvoice::{self, Original, Unusable},
    health,
    invoice::{self, Frame, Invoice, Typed},
    received,
    settings::{self, BuyerRule, Deadlines, Settings},
    state::State,
    store, store_blocks, store_settings, store_unit_paid,
    worth::{self, Worth},
};

/// Sends in a claim of the actor's own; a returned one is sent in anew under its id. Without invoices those are taken
/// that course platforms sent.
pub(crate) async fn submit(site: &Site, actor: &Actor, year: Year, typed: &[Typed]) -> Result<Claim> {
    let person = org::person(&site.db, actor.person).await?;
    let policy = hours::in_force(&site.db, year).await?.policy;
    let settings = settings::of_unit(&site.db, person.unit).await?;
    let received = if typed.is_empty() { received::open(&site.db, person.id, year).await? } else { vec![] };
    let typed = if received.is_empty() { typed } else { &received };
    let mut invoices = read(site, (&person, &settings), year, typed).await?;
    let dates = store_settings::dates(&site.db, person.unit, year).await?;
    let deadlines = Deadlines::of(&settings, dates, policy.closes_on);
    let today = day::day_of(site.now());
    // 三.3: by 12-31 of the year; `closes_on` is the policy's grace, never before that day. A unit's day may be earlier.
    if today > policy.closes_on || today > deadlines.closing {
        let last = deadlines.closing.to_string();
        return Err(Error::conflict("reimbursement_closed").with("closed_on", json!(last)));
    }
    let certificate = certificates::issue(site, actor.person, year).await?;
    // Whoever was paid for the year under another record of theirs has a claim of it (`hold_of_year`).
    let paid: Fen = invoices.iter().map(|i| i.amount).sum();
    let Worth { amounts, fees } =
        worth::of(&site.db, (person.id, year), (&person.path, paid, Fen::ZERO)).await?;
    if amounts.reimbursable == Fen::ZERO {
        return Err(Error::conflict("nothing_to_reimburse"));
    }
    let claim = Claim {
        id: new_id(site),
        person: person.id,
        whose: person.id,
        name: person.name.clone(),
        staff_no: person.staff_no.clone(),
        unit: person.unit,
        unit_name: person.unit_name.clone(),
        department: person.department.clone(),
        year,
        unit_path: person.path.clone(),
        state: State::Submitted,
        certificate_no: certificate.no.to_string(),
        amounts,
        submitted: amounts.reimbursable,
        sent: None,
        refunded: fees.refunded(),
        unit_paid: fees.unit_paid(),
        is_late: today > deadlines.hand_in,
        recover_reason: None,
        recover_amount: None,
        round: 1,
        submitted_at: day::from_millis(day::millis(site.now())),
        paid_out_on: None,
        payment_reference: None,
    };
    write(site, claim, &mut invoices).await
}

/// Reads what was typed, under the unit's rule, and compares it with the originals that it cites.
async fn read(
    site: &Site,
    (person, settings): (&org::Person, &Settings),
    year: Year,
    typed: &[Typed],
) -> Result<Vec<Invoice>> {
    // The title that the unit's people copy when they order is the unit's name too.
    let title = providers::invoice_title(&site.db, &person.path).await?.unwrap_or_default().title;
    let title = Some(title.as_str()).filter(|t| !t.is_empty());
    let of_unit = [Some(person.unit_name.as_str()), title].into_iter().flatten();
    let of_person = std::iter::once(person.name.as_str());
    let buyers: Vec<&str> = match settings.buyer_rule {
        BuyerRule::Unit => of_unit.collect(),
        BuyerRule::Person => of_person.collect(),
        BuyerRule::Either => of_unit.chain(of_person).collect(),
    };
    let frame = Frame { year, today: day::day_of(site.now()), buyers: &buyers };
    let mut invoices = invoice::read(typed, &frame).map_err(Error::invalid_fields)?;
    compare(site, (person, settings), &mut invoices).await?;
    Ok(invoices)
}

/// Writes the claim with its invoices; of two at once one is the first.
async fn write(site: &Site, mut claim: Claim, invoices: &mut [Invoice]) -> Result<Claim> {
    let tx = site.db.begin().await?;
    let numbers: Vec<String> = invoices.iter().map(|i| i.number.clone()).collect();
    store_blocks::enter(&tx, &numbers).await?;
    refuse_taken(&tx, &claim, &numbers).await?;
    let before = store::hold_of_year(&tx, claim.person, claim.year).await?;
    if before.as_ref().is_some_and(|c| c.state != State::Returned) {
        return Err(Error::conflict("reimbursement_exists"));
    }
    if let Some(before) = &before {
        claim.id.clone_from(&before.id);
        claim.round = before.round + 1;
    }
    if !store::write(&tx, &claim, before.is_some()).await? {
        return Err(Error::conflict("reimbursement_exists"));
    }
    store::release(&tx, &claim.id, site.now()).await?;
    claim_invoices(&tx, &claim, invoices).await?;
    cite(&tx, &claim, invoices).await?;
    let amounts = &claim.amounts;
    let deed = audit::Deed {
        actor: Some(claim.person),
        action: "reimbursement.submit",
        object: &claim.id,
        unit_path: &claim.unit_path,
        details: json!({"year": claim.year, "paid": amounts.paid, "reimbursable": amounts.reimbursable,
            "invoices": invoices.len(), "round": claim.round, "late": claim.is_late}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await?;
    Ok(claim)
}

/// Refuses invoices that no longer hold here, and those that a unit paid.
async fn refuse_taken(tx: &Tx, claim: &Claim, numbers: &[String]) -> Result<()> {
    let blocks = store_blocks::of_numbers(tx, numbers).await?;
    let paid = store_unit_paid::paid(tx, numbers).await?;
    let code = |n: &String| match () {
        () if paid.contains(n) => Some("invoice_unit_paid"),
        () if health::is_blocked(&blocks, n, &claim.unit_path) => Some("invoice_blocked"),
        () => None,
    };
    let problem = |(place, number): (usize, &String)| {
        let code = code(number)?;
        Some(FieldProblem { field: format!("invoices[{place}].number"), code })
    };
    let problems: Vec<FieldProblem> = numbers.iter().enumerate().filter_map(problem).collect();
    match problems.first().map(|p| p.code) {
        Some(code) => Err(Error::conflict(code).with_fields(problems)),
        None => Ok(()),
    }
}

/// Compares each invoice with the original that it cites; a scan, and a PDF that does not read for sure, are left to
/// those who decide.
async fn compare(
    site: &Site,
    (person, settings): (&org::Person, &Settings),
    invoices: &mut [Invoice],
) -> Result<()> {
    let mut problems = vec![];
    for (n, invoice) in invoices.iter_mut().enumerate() {
        let Some(file) = &invoice.file else { continue };
        let Some((kind, bytes)) = files::original(site, person.id, file).await? else { continue };
        let wrong = match read_original(kind, bytes).await? {
            None | Some(Err(Unusable::Uncertain)) => continue,
            Some(Ok(original)) => invoice.differs(&original).or_else(|| {
                let buyer = (original.buyer.as_str(), original.buyer_tax_number.as_str());
                wrong_tax_number(buyer, &person.unit_name, &settings.tax_number)
            }),
            Some(Err(unusable)) => Some(("file", unusable.code())),
        };
        invoice.is_original = wrong.is_none();
        invoice.read_from = kind.code();
        let problem = |(field, code)| FieldProblem { field: format!("invoices[{n}].{field}"), code };
        problems.extend(wrong.map(problem));
    }
    problems.extend(received::compare(&site.db, (person, settings), invoices).await?);
    if problems.is_empty() { Ok(()) } else { Err(Error::invalid_fields(problems)) }
}

/// An invoice to the unit has to bear the unit's number, where the unit said which.
pub(crate) fn wrong_tax_number(
    (buyer, buyer_tax_number): (&str, &str),
    unit: &str,
    tax_number: &str,
) -> Option<(&'static str, &'static str)> {
    let is_to_unit = invoice::plain(buyer) == invoice::plain(unit);
    let is_wrong = !buyer_tax_number.eq_ignore_ascii_case(tax_number);
    (is_to_unit && !tax_number.is_empty() && is_wrong).then_some(("buyer", "invoice_tax_number"))
}

/// What a file says as an invoice; none for a kind that people read.
pub(crate) async fn read_original(
    kind: files::Kind,
    bytes: Vec<u8>,
) -> Result<Option<Result<Original, Unusable>>> {
    let read = move || match kind {
        files::Kind::Xml => Some(einvoice::read_xml(&bytes)),
        files::Kind::Ofd => Some(einvoice::read_ofd(&bytes)),
        files::Kind::Pdf => Some(einvoice::read_pdf(&bytes)),
        files::Kind::Jpg | files::Kind::Png => None,
    };
    tokio::task::spawn_blocking(read).await.map_err(Error::internal)
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
