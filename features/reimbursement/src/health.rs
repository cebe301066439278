//! Whether a claim can be approved without a closer look: a green row, or a red one with the one reason that has to be
//! looked at first.
use std::collections::{HashMap, HashSet};

use base::{Fen, Result};
use site::Site;

use crate::{claim::Claim, invoice::Invoice, store_blocks, store_books};

/// Why a claim has to be looked at; `reimbursement-look-<code>` of the locale says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reason {
    pub code: &'static str,
    /// The invoice's number or an amount, for the sentence.
    pub about: String,
}

/// The first reason of each claim, or none: by the claim's id.
pub(crate) async fn of_claims(site: &Site, claims: &[Claim]) -> Result<HashMap<String, Reason>> {
    let conn = &site.db;
    let invoices = store_books::invoices_of(conn, claims).await?;
    let numbers: Vec<String> = claims.iter().map(|c| c.certificate_no.clone()).collect();
    let living = certificates::living_numbers(conn, &numbers).await?;
    let held: Vec<String> = invoices.values().flatten().map(|i| i.number.clone()).collect();
    let blocks = store_blocks::of_numbers(conn, &held).await?;
    let none = vec![];
    let reason = |c: &Claim| {
        let own = invoices.get(&c.id).unwrap_or(&none);
        judge(c, own, (&living, &blocks)).map(|r| (c.id.clone(), r))
    };
    Ok(claims.iter().filter_map(reason).collect())
}

/// Numbers of living certificates, and blocks by number with the places below which they hold.
type Around<'a> = (&'a HashSet<String>, &'a HashMap<String, Vec<(String, String)>>);

fn judge(claim: &Claim, invoices: &[Invoice], (living, blocks): Around<'_>) -> Option<Reason> {
    let reason = |code, about: &str| Some(Reason { code, about: about.to_owned() });
    if !living.contains(&claim.certificate_no) {
        return reason("certificate", &claim.certificate_no);
    }
    if let Some(i) = invoices.iter().find(|i| is_blocked(blocks, &i.number, &claim.unit_path)) {
        return reason("blocked", &i.number);
    }
    if claim.recover_reason.is_some() {
        return reason("recover", "");
    }
    if claim.amounts.reimbursable == Fen::ZERO {
        return reason("nothing", "");
    }
    if let Some(i) = invoices.iter().find(|i| !i.is_original && i.file.is_none()) {
        return reason("typed", &i.number);
    }
    if let Some(i) = invoices.iter().find(|i| !i.is_original) {
        return reason("scan", &i.number);
    }
    let over = claim.amounts.paid.fen() - claim.amounts.charged.fen();
    if over > 0 {
        return reason("more_than_charged", &Fen::new(over).to_string());
    }
    if claim.is_late {
        return reason("late", "");
    }
    None
}

/// Whether a block of the number holds at the place.
pub(crate) fn is_blocked(blocks: &HashMap<String, Vec<(String, String)>>, number: &str, path: &str) -> bool {
    blocks.get(number).is_some_and(|all| all.iter().any(|(place, _)| path.starts_with(place.as_str())))
}

#[cfg(test)]
mod tests {
    use base::{Id, SystemClock, SystemRandom, Year};

    use super::*;
    use crate::{money::Amounts, state::State};

    fn claim() -> Claim {
        Claim {
            id: "1".into(),
            person: Id::new(&SystemClock, &SystemRandom),
            whose: Id::new(&SystemClock, &SystemRandom),
            name: String::new(),
            staff_no: None,
            unit: Id::new(&SystemClock, &SystemRandom),
            unit_name: String::new(),
            department: None,
            year: Year::new(2023).unwrap(),
            unit_path: "/43/1/".into(),
            state: State::Submitted,
            certificate_no: "43-2023-582301947-9".into(),
            amounts: Amounts {
                charged: Fen::new(14_400),
                paid: Fen::new(14_400),
                reimbursable: Fen::new(14_400),
                ..Amounts::default()
            },
            submitted: Fen::new(14_400),
            sent: None,
            refunded: Fen::ZERO,
            unit_paid: Fen::ZERO,
            is_late: false,
            recover_reason: None,
            recover_amount: None,
            round: 1,
            submitted_at: base::day::from_millis(0),
            paid_out_on: None,
            payment_reference: None,
        }
    }

    fn invoice() -> Invoice {
        Invoice {
            number: "24432000000012345678".into(),
            day: "2023-11-02".parse().unwrap(),
            amount: Fen::new(14_400),
            buyer: String::new(),
            file: Some("f".into()),
            is_original: true,
            read_from: "xml".into(),
        }
    }

    #[test]
    fn a_row_is_green_or_has_one_reason_the_gravest_first() {
        let living = HashSet::from([claim().certificate_no]);
        let code = |c: &Claim, i: &Invoice, places: &[&str]| {
            let places = places.iter().map(|p| ((*p).to_owned(), "void".to_owned())).collect();
            let blocks = HashMap::from([(i.number.clone(), places)]);
            judge(c, std::slice::from_ref(i), (&living, &blocks)).map(|r| r.code)
        };
        assert_eq!(code(&claim(), &invoice(), &[]), None);
        assert_eq!(code(&claim(), &invoice(), &["/43/2/"]), None, "another place's block");
        assert_eq!(code(&claim(), &invoice(), &["/43/"]), Some("blocked"));
        let late = Claim { is_late: true, ..claim() };
        assert_eq!(code(&late, &invoice(), &[]), Some("late"));
        let scan = Invoice { is_original: false, ..invoice() };
        assert_eq!(code(&late, &scan, &[]), Some("scan"));
        assert_eq!(code(&late, &Invoice { file: None, ..scan }, &[]), Some("typed"));
        let dear = Claim { amounts: Amounts { charged: Fen::new(1), ..claim().amounts }, ..claim() };
        assert_eq!(code(&dear, &invoice(), &[]), Some("more_than_charged"));
        let nothing = Claim { amounts: Amounts { reimbursable: Fen::ZERO, ..claim().amounts }, ..late };
        let scan = Invoice { is_original: false, ..invoice() };
        assert_eq!(code(&nothing, &scan, &[]), Some("nothing"), "before what is only to be compared");
        let other = Claim { certificate_no: "x".into(), ..claim() };
        assert_eq!(code(&other, &invoice(), &["/43/"]), Some("certificate"));
    }
}
