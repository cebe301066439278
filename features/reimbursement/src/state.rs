//! The states of a claim and the stages that it passes: department, HR, finance. Pure.
use base::{Role, person::Code};
use serde::{Deserialize, Serialize};

/// Where a claim stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    /// Waits for the department.
    Submitted,
    /// Waits for HR.
    DepartmentApproved,
    /// Waits for finance.
    HrApproved,
    /// Waits for the payment.
    Approved,
    /// Paid.
    Paid,
    /// Waits for the claimant.
    Returned,
    /// Over.
    Rejected,
}

impl Code for State {}

/// Whose turn it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Stage {
    /// 部门
    Department,
    /// 人事
    Hr,
    /// 财务
    Finance,
}

impl Code for Stage {}

/// What a decider does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Decision {
    /// Passes it on.
    Approve,
    /// Gives it back to the claimant, who may send it in again.
    Return,
    /// Ends it.
    Reject,
}

impl Code for Decision {}

impl Stage {
    /// Who decides at the stage.
    pub(crate) fn roles(self) -> &'static [Role] {
        match self {
            // A unit without heads of departments lets its administrator speak for them.
            Self::Department => &[Role::DepartmentHead, Role::UnitAdmin],
            Self::Hr => &[Role::Hr],
            Self::Finance => &[Role::Finance],
        }
    }
}

impl State {
    /// The stage that decides next.
    pub(crate) fn stage(self) -> Option<Stage> {
        match self {
            Self::Submitted => Some(Stage::Department),
            Self::DepartmentApproved => Some(Stage::Hr),
            Self::HrApproved => Some(Stage::Finance),
            Self::Approved | Self::Paid | Self::Returned | Self::Rejected => None,
        }
    }

    /// The state after a decision of the stage whose turn it is.
    pub(crate) fn after(stage: Stage, decision: Decision) -> Self {
        match (decision, stage) {
            (Decision::Approve, Stage::Department) => Self::DepartmentApproved,
            (Decision::Approve, Stage::Hr) => Self::HrApproved,
            (Decision::Approve, Stage::Finance) => Self::Approved,
            (Decision::Return, _) => Self::Returned,
            (Decision::Reject, _) => Self::Rejected,
        }
    }
}
