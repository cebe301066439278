//! Where a person's money goes: the number is sealed, its last four digits are shown, and a change is told and held for
//! three days, so that whoever took over a session gains nothing by it.
use base::{Actor, Error, FieldProblem, Instant, PersonId, Result, day};
use serde::Serialize;
use serde_json::json;
use site::Site;

use crate::store_bank as store;

/// So long a changed account waits.
const HOLD_MS: i64 = 3 * 86_400_000;
/// The message's text is `sms-<purpose>` of the locale.
const CHANGED: &str = "notice_bank_account";

/// An account as its owner sees it.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Account {
    pub bank: String,
    pub last_four: String,
    /// Nothing is paid to it before.
    pub usable_from: String,
    /// Whether it may be paid to now.
    pub is_usable: bool,
}

/// The number's place under seal.
pub(crate) fn place_of(person: PersonId) -> String {
    format!("bank_accounts.number:{person}")
}

/// The own account.
pub(crate) async fn own(site: &Site, person: PersonId) -> Result<Option<Account>> {
    let row = store::of_people(&site.db, &[person]).await?.pop();
    Ok(row.map(|r| shown(site.now(), &r)))
}

fn shown(now: Instant, r: &store::Row) -> Account {
    let from = day::from_millis(r.usable_from);
    Account {
        bank: r.bank.clone(),
        last_four: r.last_four.clone(),
        usable_from: day::rfc3339(from),
        is_usable: from <= now,
    }
}

/// Names or changes the own account. The same number again changes nothing.
pub(crate) async fn change(site: &Site, actor: &Actor, (bank, number): (&str, &str)) -> Result<Account> {
    let (bank, number) = read(bank, number)?;
    let person = actor.person;
    let tx = site.db.begin().await?;
    let before = store::hold(&tx, person).await?;
    if let Some(row) = &before
        && row.bank == bank
        && site.keys.open_sealed(&place_of(person), &row.number_sealed)? == number
    {
        return Ok(shown(site.now(), row));
    }
    let now = day::millis(site.now());
    let row = store::Row {
        person_id: person.to_string(),
        bank,
        last_four: number.chars().skip(number.len() - 4).collect(),
        number_sealed: site.keys.seal(&place_of(person), &number, &*site.random)?,
        changed_at: now,
        // A first account is held too: it may be the taker-over's.
        usable_from: now + HOLD_MS,
    };
    store::save(&tx, &row).await?;
    tell(site, &tx, person, &row.last_four).await?;
    let holder = org::person(&tx, person).await?;
    let deed = audit::Deed {
        actor: Some(person),
        action: "reimbursement.bank_account",
        object: &person.to_string(),
        unit_path: &holder.path,
        details: json!({"last_four": row.last_four, "usable_from": day::rfc3339(day::from_millis(row.usable_from))}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await?;
    Ok(shown(site.now(), &row))
}

/// Tells the person, in the application and at the bound phone.
async fn tell(site: &Site, tx: &db::Tx, person: PersonId, last_four: &str) -> Result<()> {
    let letter = messages::Letter {
        to: person,
        kind: "reimbursement",
        text: site.texts.with("bank-account-changed", &[("four", last_four)]),
        link: "/me/bank-account".to_owned(),
        once: None,
    };
    messages::post(site, tx, &[letter]).await?;
    let words = vec![("four".to_owned(), last_four.to_owned())];
    let texting = accounts::Texting { purpose: CHANGED, at: site.now(), to: vec![(person, words)] };
    accounts::text(site, tx, texting).await
}

fn read(bank: &str, number: &str) -> Result<(String, String)> {
    let mut problems = vec![];
    let mut add = |field: &str, code| problems.push(FieldProblem { field: field.to_owned(), code });
    let bank = bank.trim();
    if bank.chars().count() < 2 || bank.chars().count() > 60 || bank.chars().any(base::name::is_hidden) {
        add("bank", "bank_name");
    }
    let folded = number.chars().map(base::person::half_width);
    let number: String = folded.filter(|c| !c.is_whitespace() && *c != '-').collect();
    let is_long = (12..=24).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
    // Cards of 银联 begin with 62 and end with a check digit; accounts of units have other forms.
    if !is_long || (number.starts_with("62") && !is_luhn(&number)) {
        add("number", "bank_number");
    }
    if problems.is_empty() { Ok((bank.to_owned(), number)) } else { Err(Error::invalid_fields(problems)) }
}

fn is_luhn(number: &str) -> bool {
    let digits = number.chars().rev().filter_map(|c| c.to_digit(10));
    let sum: u32 = digits
        .enumerate()
        .map(|(n, d)| match n % 2 {
            0 => d,
            _ if d > 4 => d * 2 - 9,
            _ => d * 2,
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_cannot_be_one_is_refused() {
        let spaced = "6222 0210-11111111114".to_owned();
        assert_eq!(read("工商银行", &spaced).unwrap().1, "6222021011111111114");
        assert!(read("建设银行长沙支行", "43001777061050000123").is_ok(), "a unit's account");
        for bad in ["", "1234", "6222021011111111115", "123456789012345678901234567"] {
            assert!(read("工商银行", bad).is_err(), "{bad}");
        }
        assert!(is_luhn("4539578763621486") && !is_luhn("4539578763621487"));
    }
}
