//! Invoices as claimed: read strictly, each wrong field named with its place. Pure.
use base::{Day, Fen, FieldProblem, Year, person::half_width};

use crate::einvoice::Original;

/// At most so many invoices on one claim.
pub(crate) const MOST: usize = 20;
/// No invoice of a year's training is larger.
const LARGEST: Fen = Fen::new(1_000_000);

/// An invoice as typed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Typed {
    pub number: String,
    pub date: String,
    pub amount: String,
    pub buyer: String,
    pub file: Option<String>,
}

/// An invoice that may be claimed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Invoice {
    pub number: String,
    pub day: Day,
    pub amount: Fen,
    pub buyer: String,
    pub file: Option<String>,
    /// Whether the electronic original was read and says the same.
    pub is_original: bool,
    /// `xml`, `ofd` or `pdf`: the form of the original that was read; empty for none.
    pub read_from: String,
}

impl Invoice {
    /// What the claim says otherwise than the invoice's original: a field and the code of its text.
    pub(crate) fn differs(&self, original: &Original) -> Option<(&'static str, &'static str)> {
        let same = [
            ("number", Some(&self.number) == number(&original.number).as_ref()),
            ("date", self.day == original.day),
            ("amount", self.amount == original.amount),
            ("buyer", plain(&self.buyer) == plain(&original.buyer)),
        ];
        same.into_iter().find(|(_, is_same)| !is_same).map(|(field, _)| (field, "invoice_differs"))
    }
}

/// What invoices of a claim must agree with.
pub(crate) struct Frame<'a> {
    pub year: Year,
    pub today: Day,
    /// Names that may stand as the buyer: the unit's and the person's.
    pub buyers: &'a [&'a str],
}

/// Reads all invoices of a claim, or names everything that is wrong.
pub(crate) fn read(typed: &[Typed], frame: &Frame<'_>) -> Result<Vec<Invoice>, Vec<FieldProblem>> {
    let mut problems = vec![];
    let mut add = |field: String, code| problems.push(FieldProblem { field, code });
    if typed.is_empty() {
        add("invoices".to_owned(), "required");
    }
    if typed.len() > MOST {
        add("invoices".to_owned(), "invoice_many");
    }
    let mut read: Vec<Invoice> = vec![];
    for (n, t) in typed.iter().take(MOST).enumerate() {
        match one(t, frame) {
            Ok(invoice) if read.iter().any(|i| i.number == invoice.number) => {
                add(format!("invoices[{n}].number"), "invoice_twice");
            }
            Ok(invoice) => read.push(invoice),
            Err(wrong) => wrong.into_iter().for_each(|(f, code)| add(format!("invoices[{n}].{f}"), code)),
        }
    }
    if problems.is_empty() { Ok(read) } else { Err(problems) }
}

fn one(t: &Typed, frame: &Frame<'_>) -> Result<Invoice, Vec<(&'static str, &'static str)>> {
    let mut wrong = vec![];
    let number = number(&t.number);
    if number.is_none() {
        wrong.push(("number", "invoice_number"));
    }
    let day = rules::record::parse_day(t.date.trim());
    match day {
        None => wrong.push(("date", "invoice_date")),
        Some(day) if !frame.year.holds(day) => wrong.push(("date", "invoice_year")),
        Some(day) if day > frame.today => wrong.push(("date", "invoice_future")),
        Some(_) => {}
    }
    let amount = Fen::parse(t.amount.trim()).filter(|a| *a > Fen::ZERO && *a <= LARGEST);
    if amount.is_none() {
        wrong.push(("amount", "invoice_amount"));
    }
    if !frame.buyers.iter().any(|b| plain(b) == plain(&t.buyer)) {
        wrong.push(("buyer", "invoice_buyer"));
    }
    let file = t.file.as_deref().map(str::trim).filter(|f| !f.is_empty());
    if file.is_some_and(|f| f.parse::<base::EntryId>().is_err()) {
        wrong.push(("file", "wrong_value"));
    }
    match (number, day, amount) {
        (Some(number), Some(day), Some(amount)) if wrong.is_empty() => {
            let buyer = t.buyer.trim().to_owned();
            Ok(Invoice {
                number,
                day,
                amount,
                buyer,
                file: file.map(str::to_owned),
                is_original: false,
                read_from: String::new(),
            })
        }
        _ => Err(wrong),
    }
}

/// The number in the one form in which numbers are compared: half-width, upper case, without spaces and dashes.
pub(crate) fn number(text: &str) -> Option<String> {
    let folded = text.chars().map(half_width).filter(|c| !c.is_whitespace() && *c != '-');
    let number: String = folded.map(|c| c.to_ascii_uppercase()).collect();
    let is_number = (6..=32).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_alphanumeric());
    (is_number && number.bytes().any(|b| b.is_ascii_digit())).then_some(number)
}

/// A name for comparison: half-width brackets, no spaces.
pub(crate) fn plain(name: &str) -> String {
    name.chars().map(half_width).filter(|c| !c.is_whitespace()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> Typed {
        Typed {
            number: "24432000000012345678".into(),
            date: "2023-11-02".into(),
            amount: "144.00".into(),
            buyer: "湖南某学院（本部）".into(),
            file: None,
        }
    }

    fn problems(typed: &[Typed]) -> Vec<(String, &'static str)> {
        let (year, today) = (Year::new(2023).unwrap(), "2026-11-23".parse().unwrap());
        let frame = Frame { year, today, buyers: &["湖南某学院(本部)", "王芳"] };
        read(typed, &frame).err().unwrap_or_default().into_iter().map(|p| (p.field, p.code)).collect()
    }

    #[test]
    fn each_wrong_field_is_named_with_its_place() {
        assert!(problems(&[good()]).is_empty());
        let cases = [
            (Typed { number: "12".into(), ..good() }, "number", "invoice_number"),
            (Typed { number: "ABCDEFGH".into(), ..good() }, "number", "invoice_number"),
            (Typed { date: "2023-02-30".into(), ..good() }, "date", "invoice_date"),
            (Typed { date: "2022-12-31".into(), ..good() }, "date", "invoice_year"),
            (Typed { date: "2024-01-01".into(), ..good() }, "date", "invoice_year"),
            (Typed { amount: "-1.00".into(), ..good() }, "amount", "invoice_amount"),
            (Typed { amount: "0.00".into(), ..good() }, "amount", "invoice_amount"),
            (Typed { amount: "1.001".into(), ..good() }, "amount", "invoice_amount"),
            (Typed { amount: "99999999.00".into(), ..good() }, "amount", "invoice_amount"),
            (Typed { buyer: "别的单位".into(), ..good() }, "buyer", "invoice_buyer"),
        ];
        for (typed, field, code) in cases {
            let other = Typed { number: "24432000000099999999".into(), ..good() };
            assert_eq!(problems(&[other, typed]), [(format!("invoices[1].{field}"), code)]);
        }
        assert_eq!(problems(&[]), [("invoices".to_owned(), "required")]);
    }

    #[test]
    fn a_number_is_the_same_however_it_is_typed() {
        let again = Typed { number: "２４４３２０００ 0000-12345678".into(), ..good() };
        assert_eq!(problems(&[good(), again]), [("invoices[1].number".to_owned(), "invoice_twice")]);
    }
}
