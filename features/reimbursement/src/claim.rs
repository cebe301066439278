//! A claim as stored, and as its readers see it.
use base::{Actor, Error, Fen, Instant, PersonId, Result, UnitId, Year, person::Code};
use db::Conn;
use serde::Serialize;
use site::Site;

use crate::{
    BOOK_READERS, DECIDERS,
    invoice::Invoice,
    money::Amounts,
    state::{Stage, State},
    store,
};

/// A claim.
#[derive(Clone, Debug)]
pub(crate) struct Claim {
    pub id: String,
    pub person: PersonId,
    /// The record that stays where the claimant's went into another: whose year it is, and whom is told.
    pub whose: PersonId,
    pub name: String,
    pub staff_no: Option<String>,
    /// The unit that reimburses: the one on the day of sending in.
    pub unit: UnitId,
    pub unit_name: String,
    pub department: Option<String>,
    pub year: Year,
    /// Where the claimant was when it was sent in; who decides there decides on it.
    pub unit_path: String,
    pub state: State,
    pub certificate_no: String,
    /// As the year was when they were last brought up to date; `reimbursable` is what is, or was, paid.
    pub amounts: Amounts,
    /// What it came to when it was handed in: it never comes to more.
    pub submitted: Fen,
    /// What the first file for a payment named; from then on `reimbursable` stays that.
    pub sent: Option<Fen>,
    /// Fees that were given back with the credits they belong to.
    pub refunded: Fen,
    /// Fees that the unit itself paid.
    pub unit_paid: Fen,
    /// Whether it came after the unit's day of handing in.
    pub is_late: bool,
    /// Why money that was paid has to come back.
    pub recover_reason: Option<String>,
    /// How much of it, where it is what the year no longer bears out; all of it where an invoice no longer holds.
    pub recover_amount: Option<Fen>,
    /// Counts how often it was sent in.
    pub round: i64,
    pub submitted_at: Instant,
    pub paid_out_on: Option<String>,
    pub payment_reference: Option<String>,
}

/// A decision that was taken.
#[derive(Clone, Debug)]
pub(crate) struct Decided {
    pub round: i64,
    pub stage: String,
    pub decision: String,
    pub comment: String,
    /// None for the system, which brings amounts up to date.
    pub by: Option<PersonId>,
    pub by_name: String,
    pub at: Instant,
}

/// The answer of the API (contract).
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Shown {
    pub id: String,
    pub year: i16,
    pub state: State,
    pub charged: String,
    pub paid: String,
    pub allowance: String,
    pub reimbursable: String,
    pub certificate_no: String,
    pub paid_out_on: Option<String>,
    pub payment_reference: Option<String>,
    pub refunded: String,
    /// Fees of courses that the unit itself paid; they are not reimbursed.
    pub unit_paid: String,
    /// Whether it came after the unit's own day of handing in.
    pub late: bool,
    /// Why money that was paid has to come back.
    pub recover: Option<String>,
    /// How much of it.
    pub recover_amount: Option<String>,
}

impl From<&Claim> for Shown {
    fn from(c: &Claim) -> Self {
        Self {
            id: c.id.clone(),
            year: c.year.number(),
            state: c.state,
            charged: c.amounts.charged.to_string(),
            paid: c.amounts.paid.to_string(),
            allowance: c.amounts.allowance.to_string(),
            reimbursable: c.amounts.reimbursable.to_string(),
            certificate_no: c.certificate_no.clone(),
            paid_out_on: c.paid_out_on.clone(),
            payment_reference: c.payment_reference.clone(),
            refunded: c.refunded.to_string(),
            unit_paid: c.unit_paid.to_string(),
            late: c.is_late,
            recover: c.recover_reason.clone(),
            recover_amount: c.to_recover().map(|amount| amount.to_string()),
        }
    }
}

/// A claim with all of it, for its claimant and for those who decide or keep the books where it was sent in.
pub(crate) async fn read(
    conn: &impl Conn,
    actor: &Actor,
    id: &str,
) -> Result<(Claim, Vec<Invoice>, Vec<Decided>)> {
    let claim = store::claim(conn, id).await?;
    let is_near =
        actor.scope(DECIDERS).holds(&claim.unit_path) || actor.scope(BOOK_READERS).holds(&claim.unit_path);
    if !claim.is_of(actor.person) && !is_near {
        return Err(Error::not_found());
    }
    let invoices = store::invoices(conn, &claim).await?;
    let decided = store::decisions(conn, &claim.id).await?;
    Ok((claim, invoices, decided))
}

impl Decided {
    /// Who it was, for people.
    pub(crate) fn by_words(&self, site: &Site) -> String {
        if self.by.is_none() { site.texts.get("reimbursement-by-system") } else { self.by_name.clone() }
    }
}

impl Claim {
    /// The stage at which the actor may decide now, by role and place; the own claim and a second stage by the same
    /// person are refused when it comes to it.
    pub(crate) fn stage_of(&self, actor: &Actor) -> Option<Stage> {
        self.state.stage().filter(|s| actor.scope(s.roles()).holds(&self.unit_path))
    }

    /// Whether it is the person's, also one of a record that went into theirs.
    pub(crate) fn is_of(&self, person: PersonId) -> bool {
        self.person == person || self.whose == person
    }

    /// Whether all of the payment has to come back, because an invoice no longer holds.
    pub(crate) fn is_void(&self) -> bool {
        self.recover_reason.is_some() && self.recover_amount.is_none()
    }

    /// What of the payment has to come back, if any.
    pub(crate) fn to_recover(&self) -> Option<Fen> {
        self.recover_reason.as_ref()?;
        Some(self.recover_amount.unwrap_or(self.amounts.reimbursable))
    }

    /// `reimbursement-state-<code>` of the locale.
    pub(crate) fn state_key(&self) -> String {
        format!("reimbursement-state-{}", self.state.code())
    }
}
