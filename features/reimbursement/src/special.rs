//! What is above the limit, for a special reason: a route of its own beside the ordinary claim. Two people sign, neither
//! of them the claimant, and it is paid from the fund that the unit names.
use base::{Actor, Day, Error, Fen, Kind, PersonId, Result, Role, day, person::Code};
use serde::{Deserialize, Serialize};
use serde_json::json;
use site::Site;

use crate::{FINANCE, claim::Claim, settings, state::State, store, store_special as rows};

/// Who signs.
pub(crate) const SIGNERS: &[Role] = &[Role::UnitAdmin, Role::Finance, Role::Authority];

/// Where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Stage {
    /// Waits for both signatures.
    Asked,
    /// One has signed.
    Signed,
    /// Both have.
    Approved,
    /// Paid from the fund.
    Paid,
    /// Over.
    Rejected,
}

impl Code for Stage {}

/// A claim above the limit.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Special {
    pub id: String,
    pub reimbursement: String,
    #[serde(skip)]
    pub person: PersonId,
    pub name: String,
    #[serde(skip)]
    pub unit_path: String,
    pub amount: Fen,
    pub reason: String,
    pub fund: String,
    pub state: Stage,
    #[serde(skip)]
    pub first_by: Option<PersonId>,
    pub first_name: Option<String>,
    pub second_name: Option<String>,
    pub comment: String,
    pub paid_on: Option<String>,
    pub payment_reference: Option<String>,
}

impl Special {
    /// `special-state-<code>` of the locale.
    pub(crate) fn state_code(&self) -> String {
        self.state.code()
    }
}

/// Asks for more than the limit: no more than was paid by invoice and is not reimbursed.
pub(crate) async fn ask(
    site: &Site,
    actor: &Actor,
    id: &str,
    (amount, reason): (&str, &str),
) -> Result<Special> {
    let reason = reason.trim();
    if reason.chars().count() < 5 || reason.chars().count() > 500 {
        return Err(Error::invalid("reason", "special_reason"));
    }
    let amount = Fen::parse(amount.trim()).filter(|a| *a > Fen::ZERO);
    let amount = amount.ok_or_else(|| Error::invalid("amount", "invoice_amount"))?;
    let tx = site.db.begin().await?;
    let claim = store::hold(&tx, id).await?;
    if claim.person != actor.person {
        return Err(Error::not_found());
    }
    if matches!(claim.state, State::Returned | State::Rejected) {
        return Err(Error::conflict("special_without_claim"));
    }
    if amount > above(&claim) {
        return Err(Error::invalid("amount", "special_amount"));
    }
    let fund = settings::of_unit(&tx, claim.unit).await?.fund;
    if fund.is_empty() {
        return Err(Error::conflict("special_no_fund"));
    }
    let new: base::EntryId = site.new_id();
    let new = rows::New { id: new.to_string(), claim: &claim, amount, reason, fund: &fund };
    if !rows::insert(&tx, &new, site.now()).await? {
        return Err(Error::conflict("special_exists"));
    }
    record(
        site,
        &tx,
        actor,
        ("reimbursement.special_ask", &new.id, &claim.unit_path),
        json!({"amount": amount, "reason": reason}),
    )
    .await?;
    let special = rows::one(&tx, &new.id).await?;
    tx.commit().await?;
    Ok(special)
}

/// What the invoices say beyond what is reimbursed.
pub(crate) fn above(claim: &Claim) -> Fen {
    Fen::new((claim.amounts.paid.fen() - claim.amounts.reimbursable.fen()).max(0))
}

/// Signs or rejects: the second signature approves.
pub(crate) async fn decide(
    site: &Site,
    actor: &Actor,
    id: &str,
    (is_signed, comment): (bool, &str),
) -> Result<Special> {
    let comment = comment.trim();
    if comment.chars().count() > 500 || (!is_signed && comment.is_empty()) {
        return Err(Error::invalid("comment", "decision_comment"));
    }
    let tx = site.db.begin().await?;
    let special = near(&tx, actor, id, SIGNERS).await?;
    let first: Vec<PersonId> = special.first_by.into_iter().collect();
    if accounts::is_party(&tx, actor, &first).await? {
        return Err(Error::refused(Kind::Denied, "decided_before"));
    }
    let state = match (special.state, is_signed) {
        (Stage::Asked | Stage::Signed, false) => Stage::Rejected,
        (Stage::Asked, true) => Stage::Signed,
        (Stage::Signed, true) => Stage::Approved,
        (Stage::Approved | Stage::Paid | Stage::Rejected, _) => {
            return Err(Error::conflict("reimbursement_decided"));
        }
    };
    rows::decide(&tx, &special, (state, comment), (actor.person, site.now())).await?;
    record(
        site,
        &tx,
        actor,
        ("reimbursement.special_decide", id, &special.unit_path),
        json!({"state": state}),
    )
    .await?;
    let special = rows::one(&tx, id).await?;
    tx.commit().await?;
    Ok(special)
}

/// Books its payment back.
pub(crate) async fn pay(
    site: &Site,
    actor: &Actor,
    id: &str,
    (reference, on): (&str, Option<Day>),
) -> Result<Special> {
    let (reference, on) = crate::pay::read(reference, on, day::day_of(site.now()))?;
    let tx = site.db.begin().await?;
    let special = near(&tx, actor, id, FINANCE).await?;
    if special.state != Stage::Approved {
        let is_paid = special.state == Stage::Paid;
        return Err(Error::conflict(if is_paid { "paid_before" } else { "not_approved" }));
    }
    let claim = refuse_alone(&tx, &special).await?;
    rows::pay(&tx, id, (reference, on)).await?;
    let details = json!({"amount": special.amount, "fund": special.fund, "reference": reference, "above": above(&claim)});
    record(site, &tx, actor, ("reimbursement.special_pay", id, &special.unit_path), details).await?;
    let special = rows::one(&tx, id).await?;
    tx.commit().await?;
    Ok(special)
}

/// It is the rest of the same invoices: where the ordinary claim was given back or rejected, there is nothing that it could be
/// the rest of. That the claim comes to another sum since is no reason: what was paid is booked, and the trail says both.
async fn refuse_alone(tx: &db::Tx, special: &Special) -> Result<Claim> {
    let claim = store::hold(tx, &special.reimbursement).await?;
    if matches!(claim.state, State::Returned | State::Rejected) {
        return Err(Error::conflict("special_claim_changed"));
    }
    Ok(claim)
}

/// The claim above the limit, held, for someone of the roles there who is not the claimant.
async fn near(tx: &db::Tx, actor: &Actor, id: &str, roles: &[Role]) -> Result<Special> {
    let special = rows::hold(tx, id).await?;
    if accounts::is_party(tx, actor, &[special.person]).await? {
        return Err(Error::refused(Kind::Denied, "own_decision"));
    }
    if !actor.scope(roles).holds(&special.unit_path) {
        return Err(Error::not_found());
    }
    Ok(special)
}

async fn record(
    site: &Site,
    tx: &db::Tx,
    actor: &Actor,
    (action, object, unit_path): (&'static str, &str, &str),
    details: serde_json::Value,
) -> Result<()> {
    let deed = audit::Deed { actor: Some(actor.person), action, object, unit_path, details };
    audit::record(site, tx, deed).await
}
