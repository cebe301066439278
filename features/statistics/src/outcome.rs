//! What a year came to, in one word and a few numbers.
use base::Hours;
use rules::Assessment;
use serde::{Deserialize, Serialize};

/// 完成情况
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// 已完成
    Done,
    /// 进行中
    UnderWay,
    /// 未开始
    NotBegun,
    /// 免训
    Exempt,
}

impl base::person::Code for State {}

impl State {
    /// Every state, in the order of pages.
    pub const ALL: [Self; 4] = [Self::Done, Self::UnderWay, Self::NotBegun, Self::Exempt];
}

/// The outcome of an assessment. Figures count only who is obliged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// In a word.
    pub state: State,
    /// Whether the year is asked of the person.
    pub obliged: bool,
    /// What was counted in all.
    pub total: Hours,
    /// Of the public subject.
    pub public: Hours,
    /// Of the professional subject.
    pub professional: Hours,
    /// What is missing in all.
    pub short: Hours,
}

impl Outcome {
    /// The outcome of an assessment.
    pub fn of(a: &Assessment<'_>) -> Self {
        let state = if a.exempt {
            State::Exempt
        } else if a.certificate {
            State::Done
        } else if a.earned.total > Hours::ZERO {
            State::UnderWay
        } else {
            State::NotBegun
        };
        let earned = &a.earned;
        Self {
            state,
            obliged: a.obliged,
            total: earned.total,
            public: earned.public,
            professional: earned.professional,
            short: a.shortfall.total,
        }
    }
}
