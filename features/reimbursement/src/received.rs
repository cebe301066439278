//! Invoices that course platforms send by themselves, signed, as soon as an order is paid: its person claims it without
//! typing or uploading anything. One of a group order is what a unit paid, and nobody's to claim. An invoice that the
//! platform took back is blocked everywhere. Each number counts once, whoever sends it and however often.
use base::{Day, Error, Fen, FieldProblem, Kind, PersonId, Result, Year, day};
use db::{Conn, Tx};
use providers::Sender;
use serde::{Deserialize, Serialize};
use serde_json::json;
use site::Site;

use crate::{
    follow,
    invoice::{self, Invoice, Typed},
    settings::Settings,
    state::{Decision, Stage, State},
    store, store_blocks, store_received as received, store_unit_paid, submit,
};

/// A batch holds at most so many.
const MOST: usize = 500;
/// The largest invoice of a group.
const LARGEST: Fen = Fen::new(1_000_000_000);

/// An invoice as a provider sends it.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sent {
    /// The invoice's number; the same number is the same invoice.
    pub number: String,
    /// Who ordered, as the provider knows the person.
    pub subject_id: String,
    /// `YYYY-MM-DD`.
    pub date: String,
    /// Yuan with tax, a decimal string above zero.
    pub amount: String,
    /// The buyer's name; left out or empty for the person who ordered.
    #[serde(default)]
    pub buyer: String,
    /// The buyer's tax number; empty for a person.
    #[serde(default)]
    pub buyer_tax_number: String,
    /// What was ordered, in words.
    #[serde(default)]
    pub title: String,
    /// Whether a unit paid for chosen colleagues; then nobody can claim it.
    #[serde(default)]
    pub group: bool,
    /// Of a group: for how many.
    #[serde(default)]
    pub people: i64,
    /// Whether it was taken back (void, or by a red-letter invoice).
    #[serde(default)]
    pub cancelled: bool,
}

/// What became of an invoice.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Outcome {
    pub number: String,
    /// `taken`, `kept` (send it again later) or `refused`.
    pub status: &'static str,
    pub reason: Option<&'static str>,
}

/// An invoice that reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct New {
    pub number: String,
    pub is_group: bool,
    pub day: Day,
    pub amount: Fen,
    pub buyer: String,
    pub tax_number: String,
    pub title: String,
    pub people: i64,
}

/// One that was received before.
#[derive(Clone, Debug)]
pub(crate) struct Before {
    pub new: New,
    pub provider: String,
    pub person: PersonId,
    pub is_cancelled: bool,
}

/// Takes a batch; each invoice has an answer of its own.
pub(crate) async fn take(site: &Site, sender: &Sender, batch: &[Sent]) -> Result<Vec<Outcome>> {
    if batch.len() > MOST {
        let field = FieldProblem { field: "invoices".into(), code: "too_many_items" };
        return Err(Error::refused(Kind::Invalid, "invalid").with_fields(vec![field]));
    }
    let mut outcomes = Vec::with_capacity(batch.len());
    for sent in batch {
        let (status, reason) = match take_one(site, sender, sent).await? {
            Ok(()) => ("taken", None),
            Err(answer) => answer,
        };
        outcomes.push(Outcome { number: sent.number.clone(), status, reason });
    }
    Ok(outcomes)
}

/// `kept` or `refused`, and why.
type Answer = (&'static str, Option<&'static str>);

fn refused(reason: &'static str) -> Answer {
    ("refused", Some(reason))
}

async fn take_one(site: &Site, sender: &Sender, sent: &Sent) -> Result<Result<(), Answer>> {
    let Some(person) = sender.person(&site.db, &sent.subject_id).await? else {
        return Ok(Err(refused("person_unknown")));
    };
    let person = org::person(&site.db, person).await?;
    let new = match judge(sent, &person.name, day::day_of(site.now())) {
        Ok(new) => new,
        Err(reason) => return Ok(Err(refused(reason))),
    };
    if let Some(reason) = sender.counts.reason() {
        return Ok(Err(("kept", Some(reason))));
    }
    let tx = site.db.begin().await?;
    store_blocks::enter(&tx, std::slice::from_ref(&new.number)).await?;
    let before = received::one(&tx, &new.number).await?;
    if let Some(reason) = before.as_ref().and_then(|b| b.conflict(sender, &new, person.id)) {
        return Ok(Err(refused(reason)));
    }
    if before.is_none() {
        received::insert(&tx, &new, (&sender.id(), person.id), site.now()).await?;
        note(site, &tx, (sender, &person), &new, "reimbursement.invoice_received").await?;
        if new.is_group && !sent.cancelled {
            unit_paid(site, &tx, &person, &new).await?;
        }
    }
    if sent.cancelled && !before.is_some_and(|b| b.is_cancelled) {
        cancel(site, &tx, &new.number).await?;
        note(site, &tx, (sender, &person), &new, "reimbursement.invoice_cancelled").await?;
    }
    tx.commit().await?;
    Ok(Ok(()))
}

impl Before {
    /// Why another sending of the number is none of this invoice.
    fn conflict(&self, sender: &Sender, new: &New, person: PersonId) -> Option<&'static str> {
        if self.provider != sender.id() {
            return Some("number_taken");
        }
        (self.new != *new || self.person != person).then_some("invoice_differs")
    }
}

/// Reads an invoice strictly; a code says what is wrong.
fn judge(sent: &Sent, person: &str, today: Day) -> Result<New, &'static str> {
    let number = invoice::number(&sent.number).ok_or("number_unreadable")?;
    let day = rules::record::parse_day(&sent.date).ok_or("date_unreadable")?;
    if day > today {
        return Err("in_the_future");
    }
    let amount =
        Fen::parse(&sent.amount).filter(|a| *a > Fen::ZERO && *a <= LARGEST).ok_or("amount_wrong")?;
    let words = |text: &str, most: usize| -> Result<String, &'static str> {
        let text = text.trim();
        let is_plain = text.chars().count() <= most && !text.chars().any(base::name::is_hidden);
        if is_plain { Ok(text.to_owned()) } else { Err("text_unreadable") }
    };
    let buyer = words(&sent.buyer, 100)?;
    if sent.group && (buyer.is_empty() || !(1..=100_000).contains(&sent.people)) {
        return Err("group_without_unit");
    }
    Ok(New {
        number,
        is_group: sent.group,
        day,
        amount,
        buyer: if buyer.is_empty() { person.to_owned() } else { buyer },
        tax_number: words(&sent.buyer_tax_number, 20)?,
        title: words(&sent.title, 200)?,
        people: if sent.group { sent.people } else { 1 },
    })
}

/// A group's invoice is a payment of the unit of whoever ordered. Its course stays open: a colleague who paid alone claims.
async fn unit_paid(site: &Site, tx: &Tx, person: &org::Person, new: &New) -> Result<()> {
    let id: base::EntryId = site.new_id();
    let year = Year::new(i64::from(new.day.year())).ok_or_else(|| Error::internal("a day without a year"))?;
    let unit = org::unit_by_id(tx, person.unit).await?;
    let row = store_unit_paid::Row { id: id.to_string(), unit: unit.id, unit_path: &unit.path, year };
    let title: String = new.title.chars().take(100).collect();
    let payment = crate::unit_paid::New {
        title: if title.is_empty() { site.texts.get("unit-paid-group") } else { title },
        course: String::new(),
        number: new.number.clone(),
        amount: new.amount,
        people: new.people,
        paid_on: new.day,
    };
    // One that the unit had entered by hand stays as it was entered.
    store_unit_paid::insert(tx, &row, &payment, (person.id, site.now())).await?;
    Ok(())
}

/// Notes that an invoice holds no more and tells the claimant. A paid claim is marked for recovery. One that is approved is
/// given back by the system: nobody decides on it any more, and it would be paid. One that waits for a decision cannot be
/// approved (`blocked`); whoever decides gives it back.
async fn cancel(site: &Site, tx: &Tx, number: &str) -> Result<()> {
    received::cancel(tx, number, site.now()).await?;
    let paid = store_unit_paid::of_course(tx, number).await?;
    store_unit_paid::cancel(tx, number, site.now()).await?;
    if let Some((path, year)) = paid {
        follow::later_around(site, tx, (&path, year)).await?;
    }
    let Some(id) = store_blocks::holder(tx, number).await? else { return Ok(()) };
    let mut claim = store::hold(tx, &id).await?;
    let why = site.texts.with("invoice-blocked-void", &[("number", number)]);
    let key = match claim.state {
        State::Paid => {
            store_blocks::mark_recovery(tx, &claim.id, &why).await?;
            "reimbursement-told-recover"
        }
        State::Approved => {
            claim.state = State::Returned;
            let by = (None, site.now());
            store::decide(tx, &claim, (Stage::Finance, Decision::Return, &why), by).await?;
            "reimbursement-told-reopened"
        }
        State::Returned => "reimbursement-told-reopened",
        State::Submitted | State::DepartmentApproved | State::HrApproved => "reimbursement-told-cancelled",
        State::Rejected => return Ok(()),
    };
    let year = claim.year.to_string();
    let letter = messages::Letter {
        to: claim.whose,
        kind: "reimbursement",
        text: site.texts.with(key, &[("number", number), ("year", &year)]),
        link: format!("/reimbursements/{}", claim.id),
        once: Some(format!("invoice-cancelled:{number}")),
    };
    messages::post(site, tx, &[letter]).await?;
    Ok(())
}

async fn note(
    site: &Site,
    tx: &Tx,
    (sender, person): (&Sender, &org::Person),
    new: &New,
    action: &'static str,
) -> Result<()> {
    let deed = audit::Deed {
        actor: None,
        action,
        object: &new.number,
        unit_path: &person.path,
        details: json!({"provider": sender.name, "person": person.id, "amount": new.amount, "group": new.is_group}),
    };
    audit::record(site, tx, deed).await
}

/// What a person may claim of a year without typing anything: the received invoices that no living claim holds.
pub(crate) async fn open(conn: &impl Conn, person: PersonId, year: Year) -> Result<Vec<Typed>> {
    let typed = |n: New| Typed {
        number: n.number,
        date: n.day.to_string(),
        amount: n.amount.to_string(),
        buyer: n.buyer,
        file: None,
    };
    Ok(received::open(conn, person, year).await?.into_iter().map(typed).collect())
}

/// Compares claimed invoices with those that came from platforms: what agrees needs no file, what does not is named.
pub(crate) async fn compare(
    conn: &impl Conn,
    (person, settings): (&org::Person, &Settings),
    invoices: &mut [Invoice],
) -> Result<Vec<FieldProblem>> {
    let numbers: Vec<String> = invoices.iter().map(|i| i.number.clone()).collect();
    let known = received::of_numbers(conn, &numbers).await?;
    let mut problems = vec![];
    for (n, invoice) in invoices.iter_mut().enumerate() {
        let Some(before) = known.get(&invoice.number).filter(|b| !b.new.is_group) else { continue };
        let wrong = match () {
            () if before.person != person.id => Some(("number", "invoice_of_another")),
            () => {
                let buyer = (before.new.buyer.as_str(), before.new.tax_number.as_str());
                let as_received = before.new.differs(invoice).map(|field| (field, "invoice_not_as_received"));
                as_received
                    .or_else(|| submit::wrong_tax_number(buyer, &person.unit_name, &settings.tax_number))
            }
        };
        if let Some((field, code)) = wrong {
            problems.push(FieldProblem { field: format!("invoices[{n}].{field}"), code });
        } else if !invoice.is_original {
            invoice.is_original = true;
            "provider".clone_into(&mut invoice.read_from);
        }
    }
    Ok(problems)
}

impl New {
    fn differs(&self, invoice: &Invoice) -> Option<&'static str> {
        let same = [
            ("date", self.day == invoice.day),
            ("amount", self.amount == invoice.amount),
            ("buyer", invoice::plain(&self.buyer) == invoice::plain(&invoice.buyer)),
        ];
        same.into_iter().find(|(_, is_same)| !is_same).map(|(field, _)| field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent() -> Sent {
        Sent {
            number: "26432000000012345678".into(),
            subject_id: "s-7".into(),
            date: "2026-11-02".into(),
            amount: "144.00".into(),
            buyer: String::new(),
            buyer_tax_number: String::new(),
            title: "课程".into(),
            group: false,
            people: 0,
            cancelled: false,
        }
    }

    #[test]
    fn an_invoice_reads_or_says_what_is_wrong() {
        let today = "2026-11-23".parse().unwrap();
        assert_eq!(judge(&sent(), "王芳", today).unwrap().buyer, "王芳", "a person's own order");
        let wrong = [
            (Sent { number: "12".into(), ..sent() }, "number_unreadable"),
            (Sent { date: "2026-02-30".into(), ..sent() }, "date_unreadable"),
            (Sent { date: "2026-11-24".into(), ..sent() }, "in_the_future"),
            (Sent { amount: "-1.00".into(), ..sent() }, "amount_wrong"),
            (Sent { amount: "1.001".into(), ..sent() }, "amount_wrong"),
            (Sent { title: "a\u{202e}b".into(), ..sent() }, "text_unreadable"),
            (Sent { group: true, people: 3, ..sent() }, "group_without_unit"),
            (Sent { group: true, buyer: "某学院".into(), ..sent() }, "group_without_unit"),
        ];
        for (sent, reason) in wrong {
            assert_eq!(judge(&sent, "王芳", today), Err(reason));
        }
    }
}
