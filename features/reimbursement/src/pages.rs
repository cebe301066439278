//! Pages: the own claims, the queue of deciders, a claim.
mod finance;
mod money;
mod own;
mod review;
mod special;

use base::{Fen, Problems, person::Code};
use documents::Typesetter;
use site::{Routes, Site, dates};

use crate::{claim::Claim, transfer::Format};

pub(crate) fn routes(typesetter: &Typesetter, format: &Format) -> Routes {
    own::routes()
        .and(review::routes(typesetter))
        .and(finance::routes(format))
        .and(money::routes())
        .and(special::routes())
}

/// What is wrong, in a line: the fields' problems, or the refusal itself.
fn problems(site: &Site, p: &Problems) -> String {
    let texts: Vec<String> = p.fields.iter().map(|f| site.texts.get(&format!("field-{}", f.code))).collect();
    if texts.is_empty() { site.texts.get(&format!("error-{}", p.code)) } else { texts.join(" ") }
}

/// A claim as lists show it.
struct Line {
    id: String,
    name: String,
    place: String,
    year: String,
    paid: Fen,
    reimbursable: Fen,
    at: String,
    state: String,
    kind: &'static str,
    certificate_no: String,
    payment: String,
    uncovered: Fen,
    staff_no: String,
    /// Why money that was paid has to come back; mostly nothing.
    recover: String,
    /// How much of it.
    to_recover: Fen,
}

fn line(site: &Site, c: &Claim) -> Line {
    use crate::state::State;
    let kind = match c.state {
        State::Approved | State::Paid => "done",
        State::Returned | State::Rejected => "danger",
        State::Submitted | State::DepartmentApproved | State::HrApproved => "waiting",
    };
    let payment = [c.paid_out_on.as_deref(), c.payment_reference.as_deref()];
    Line {
        id: c.id.clone(),
        name: c.name.clone(),
        place: c.department.clone().unwrap_or_else(|| c.unit_name.clone()),
        year: c.year.to_string(),
        paid: c.amounts.paid,
        reimbursable: c.amounts.reimbursable,
        at: dates::minute(c.submitted_at),
        state: site.texts.get(&format!("reimbursement-state-{}", c.state.code())),
        kind,
        certificate_no: c.certificate_no.clone(),
        payment: payment.into_iter().flatten().collect::<Vec<_>>().join(" "),
        uncovered: Fen::new(c.amounts.charged.fen() - c.amounts.paid.fen()),
        staff_no: c.staff_no.clone().unwrap_or_default(),
        recover: c.recover_reason.clone().unwrap_or_default(),
        to_recover: c.to_recover().unwrap_or(Fen::ZERO),
    }
}
