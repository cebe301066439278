//! What a claim comes to (domain §5). Pure.
use base::Fen;
use rules::assess::FeeResult;

/// The amounts of a claim.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Amounts {
    /// What providers charged for counted courses.
    pub charged: Fen,
    /// What the invoices say was paid.
    pub paid: Fen,
    /// What could be reimbursed at most.
    pub allowance: Fen,
    /// What is reimbursed: no more than was paid, was charged for counted professional courses, or is allowed in the year.
    pub reimbursable: Fen,
}

impl Amounts {
    /// The amounts of invoices over `paid` under the year's assessment, which gives nothing without the certificate; what the
    /// unit paid itself is not in `own_professional`, and `gone` went out for other claims of the year.
    pub(crate) fn of(paid: Fen, fees: FeeResult, (own_professional, gone): (Fen, Fen)) -> Self {
        let most = fees.reimbursable.min(own_professional);
        Self {
            charged: fees.charged,
            paid,
            allowance: fees.allowance,
            reimbursable: paid.min(Fen::new((most.fen() - gone.fen()).max(0))),
        }
    }
}
