//! HR's gate (notice 一.2, 五.1): what each kind of personnel business asks of the year. The section may be missing from
//! a policy file; then the notice's own words hold: this year's certificate, or an exemption from the year.
use base::{Day, Year, person::Code};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::section::Section;

/// 人事业务: what a certificate is needed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Business {
    /// 转正定级
    Regularization,
    /// 转岗聘用
    Transfer,
    /// 等级晋升
    Promotion,
    /// 考核奖励
    Award,
}

impl Code for Business {}

impl Business {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Regularization, Self::Transfer, Self::Promotion, Self::Award];
}

/// What one kind of business accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gate {
    /// Whether an approved exemption stands for the certificate.
    pub exemption: bool,
    /// Whether someone who is not obliged in the year may go ahead without.
    pub not_obliged: bool,
    /// Until this day of the year, last year's certificate is good enough.
    pub last_year_until: Option<Day>,
    /// Whether a missing 岗前 or 转岗培训 of the person stops the business; it is told in any case.
    pub induction: bool,
}

impl Default for Gate {
    fn default() -> Self {
        Self { exemption: true, not_obliged: true, last_year_until: None, induction: false }
    }
}

/// The gates of a year.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Personnel {
    regularization: Gate,
    transfer: Gate,
    promotion: Gate,
    award: Gate,
}

impl Personnel {
    /// What that business accepts.
    pub fn gate(&self, business: Business) -> Gate {
        match business {
            Business::Regularization => self.regularization,
            Business::Transfer => self.transfer,
            Business::Promotion => self.promotion,
            Business::Award => self.award,
        }
    }
}

/// Reads `[personnel]` where there is one.
pub(super) fn read(root: &mut Section<'_>, year: Year) -> Personnel {
    if !root.has("personnel") {
        return Personnel::default();
    }
    let mut section = root.section("personnel");
    let mut gate = |business: Business| {
        let key = business.code();
        if section.has(&key) { one(section.section(&key), year) } else { Gate::default() }
    };
    let read = Personnel {
        regularization: gate(Business::Regularization),
        transfer: gate(Business::Transfer),
        promotion: gate(Business::Promotion),
        award: gate(Business::Award),
    };
    section.end();
    read
}

fn one(mut s: Section<'_>, year: Year) -> Gate {
    let usual = Gate::default();
    let gate = Gate {
        exemption: if s.has("exemption") { s.flag("exemption") } else { usual.exemption },
        not_obliged: if s.has("not_obliged") { s.flag("not_obliged") } else { usual.not_obliged },
        last_year_until: s.has("last_year_until").then(|| s.month_day("last_year_until", year.number())),
        induction: if s.has("induction") { s.flag("induction") } else { usual.induction },
    };
    s.end();
    gate
}
