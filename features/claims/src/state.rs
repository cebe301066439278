//! The states of a claim or an exemption and the two levels that decide (domain §6).
use base::person::Code;
use serde::{Deserialize, Serialize};

/// Where a case stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Written, not yet handed in.
    Draft,
    /// Handed in, waiting for a decision.
    Submitted,
    /// Approved; a claim's hours stand in the ledger.
    Approved,
    /// Given back to be mended and handed in again.
    Returned,
    /// Refused; an appeal goes to the level above.
    Rejected,
    /// Taken back by the person before a decision.
    Withdrawn,
    /// Approved once and taken back by a second person.
    Reversed,
    /// An approved exemption given back by its holder.
    GivenBack,
}

impl Code for State {}

impl State {
    /// Whether the person may still change what it says.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Draft | Self::Returned)
    }
}

/// Who decides next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// 初审: reviewers and administrators of the unit, or the authority in their place.
    Unit,
    /// 复核: the authority above.
    Authority,
}

impl Code for Level {}

/// The first decision.
pub(crate) const FIRST: i64 = 1;
/// The second review that an item asks for.
pub(crate) const SECOND: i64 = 2;
/// An appeal.
pub(crate) const APPEAL: i64 = 3;

/// What a reviewer says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It is right.
    Approve,
    /// Something is to be mended.
    Return,
    /// It is not recognised.
    Reject,
}

impl Code for Verdict {}
