//! The kinds of certificate, and the states of one.
use base::person::Code;
use serde::{Deserialize, Serialize};

/// What is certified.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// 培训合格证书
    #[default]
    Training,
    /// 补训合格证书: the year's certificate, earned in an approved make-up.
    MakeUp,
    /// 免训证明
    Exemption,
    /// 学时证明: the hours of one year or several by item.
    Statement,
}

impl Code for Kind {}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Training, Self::MakeUp, Self::Exemption, Self::Statement];

    /// The kinds that stand for one another: a make-up certificate is the year's.
    pub(crate) fn family(self) -> &'static [Self] {
        match self {
            Self::Training | Self::MakeUp => &[Self::Training, Self::MakeUp],
            Self::Exemption => &[Self::Exemption],
            Self::Statement => &[Self::Statement],
        }
    }
}

/// Where a certificate stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It holds.
    Valid,
    /// It was taken back; the year's next one has another number.
    Revoked,
}

impl Code for State {}
