//! A year's policy: everything the rules need to know that an authority may change, read from one TOML file.
//! A [`Policy`] exists only if the whole file was right.
mod clause;
mod delivered;
mod load;
mod personnel;
mod problem;
mod retirement;
mod section;

use std::collections::HashMap;

use base::{Day, Fen, Hours, Subject, Year};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use clause::{Clause, Clauses};
pub use delivered::delivered;
pub use personnel::{Business, Gate, Personnel};
pub use problem::{PolicyProblem, Why};
pub use retirement::{Delay, RetirementRule, RetirementRules};

use crate::Days;

/// The policy of one training year (domain §§1–5).
#[derive(Clone, Debug)]
pub struct Policy {
    /// What the policy is called.
    pub name: String,
    /// The document that announces the year's training.
    pub document: String,
    /// What the recognition standard is called, with its label.
    pub standard: String,
    /// The province's two-digit code, the beginning of certificate numbers.
    pub province: String,
    /// The training year.
    pub year: Year,
    /// Who issues certificates.
    pub authority: String,
    /// The last day on which the year takes bookings and decisions.
    pub closes_on: Day,
    /// What the year asks for.
    pub required: Required,
    /// How hours are measured and capped.
    pub measure: Measure,
    /// Fees and their reimbursement.
    pub fees: Fees,
    /// The last day of joining with which one is obliged in the year (domain §1).
    pub latest_join: Day,
    /// Make-ups end on this day of the next year at the latest (domain §4).
    pub make_up_limit: Day,
    /// More days of leave than this make eligible for exemption.
    pub leave_days: u32,
    /// The kinds of exemption the year knows.
    pub exemption_kinds: Vec<ExemptionKind>,
    /// What personnel business asks of the year.
    pub personnel: Personnel,
    /// Statutory ages and the gradual delay.
    pub retirement: RetirementRules,
    /// Of a hundred approved claims the authority draws so many for its spot check; 5 unless the
    /// policy says otherwise, 0 where it asks for none.
    pub spot_check_percent: u32,
    /// The topics of the public subject.
    pub topics: Vec<String>,
    /// Where the documents say what the rules do.
    pub clauses: Clauses,
    items: Vec<Item>,
    by_code: HashMap<String, usize>,
    groups: usize,
}

/// Hours and days that a year asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Required {
    /// In all.
    pub total: Hours,
    /// Of the public subject.
    pub public: Hours,
    /// Of the professional subject.
    pub professional: Hours,
    /// Days that stand for the total.
    pub days: Days,
    /// What the days stand for besides the total.
    pub days_replace: DaysReplace,
}

/// What enough days stand for besides the total (domain §1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DaysReplace {
    /// Nothing else: the subject minimums hold.
    None,
    /// The minimum of the professional subject.
    ProfessionalMinimum,
}

/// How hours are measured and capped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measure {
    /// Minutes of an online course that make an hour (notice 四).
    pub minutes_per_hour: u64,
    /// Course hours are rounded down to this.
    pub step: Hours,
    /// Hours of a day of training.
    pub hours_per_day: Hours,
    /// At most so many professional hours from activities (notice 三.1).
    pub offset_cap: Hours,
}

/// Fees and their reimbursement (domain §5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fees {
    /// Yuan an hour of the public subject.
    pub public_rate: Fen,
    /// Yuan an hour of the professional subject.
    pub professional_rate: Fen,
    /// What one person is reimbursed at most.
    pub cap: Fen,
}

/// 免训的种类 (domain §4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExemptionKind {
    /// 距法定退休年龄不足一年
    NearRetirement,
    /// 病休、孕产假
    Leave,
    /// 身体残疾
    Disability,
    /// 其他原因
    Other,
}

impl base::person::Code for ExemptionKind {}

/// An item of the recognition standard (认定项目).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its code, such as `paper.core`.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The heading it stands under.
    pub category: String,
    /// What its quantity counts.
    pub per: Per,
    /// One value, or one per author rank.
    pub hours: Vec<Hours>,
    /// What its cap group gives a person in a year at most.
    pub cap: Hours,
    /// Items that share a cap.
    pub cap_group: String,
    /// The subject it counts for.
    pub subject: Subject,
    /// Whether the level above decides too.
    pub second_review: bool,
    /// What has to be handed in.
    pub evidence: String,
    /// Whether nothing is handed in without it: what another system certified is not taken on trust.
    pub evidence_required: bool,
    pub(crate) group: usize,
}

impl Item {
    /// Hours of a quantity (in hundredths) at an author rank: a rank beyond the list earns nothing, one value holds
    /// for all ranks; rounded down to 0.01 (domain §3).
    pub fn hours(&self, quantity: i64, rank: u64) -> Hours {
        let place = if self.hours.len() == 1 { 0 } else { rank.saturating_sub(1) };
        let value = usize::try_from(place).ok().and_then(|p| self.hours.get(p));
        let hours = value.map_or(0, |v| i128::from(v.hundredths()) * i128::from(quantity) / 100);
        Hours::from_hundredths(i64::try_from(hours).unwrap_or(i64::MAX))
    }
}

/// What an item's quantity counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Per {
    /// 天: the only one that adds to the days of the year.
    Day,
    /// 半天
    HalfDay,
    /// 学时
    Hour,
    /// 课时
    Lesson,
    /// 门
    Course,
    /// 项、篇、件
    Piece,
    /// 次会议
    Meeting,
    /// 万字
    #[serde(rename = "10k_chars")]
    TenThousandChars,
    /// 模块
    Module,
    /// 月
    Month,
    /// 年
    Year,
}

impl base::person::Code for Per {}

impl Policy {
    /// The same rules for the year after, every date a year later: what applies until that year's own are published
    /// (暂按上年政策, domain §1). `None` at the end of the calendar.
    pub fn for_next_year(&self) -> Option<Self> {
        // 02-29 becomes 02-28.
        let later = |day: Day| day.checked_add(jiff::Span::new().years(1)).ok();
        let mut next = self.clone();
        next.year = Year::new(i64::from(self.year.number()) + 1)?;
        next.closes_on = later(self.closes_on)?;
        next.latest_join = later(self.latest_join)?;
        next.make_up_limit = later(self.make_up_limit)?;
        Some(next)
    }

    /// Reads a policy file; all its problems at once if there are any.
    pub fn load(text: &str) -> Result<Self, Vec<PolicyProblem>> {
        load::load(text)
    }

    /// The item of a code.
    pub fn item(&self, code: &str) -> Option<&Item> {
        self.by_code.get(code).and_then(|i| self.items.get(*i))
    }

    /// The items in the order of the standard.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// How many cap groups there are; items name theirs by number.
    pub(crate) fn groups(&self) -> usize {
        self.groups
    }

    /// The year's topic of the public subject that a text names; quotation marks, spaces and signs make no difference.
    pub fn topic(&self, text: &str) -> Option<&str> {
        let wanted = letters(text);
        self.topics.iter().find(|t| !wanted.is_empty() && letters(t) == wanted).map(String::as_str)
    }

    /// The hours that a course of so many minutes is worth.
    pub fn course_hours(&self, minutes: u64) -> Hours {
        Hours::of_course(minutes, self.measure.minutes_per_hour, self.measure.step)
    }

    /// The hours that so many days of training are worth (domain §1).
    pub fn training_hours(&self, days: Days) -> Hours {
        days.hours(self.measure.hours_per_day)
    }

    /// The fee of a course of so many hours, rounded down to a fen.
    pub fn course_fee(&self, hours: Hours, subject: Subject) -> Fen {
        fee(
            hours,
            match subject {
                Subject::Public => self.fees.public_rate,
                Subject::Professional => self.fees.professional_rate,
            },
        )
    }

    /// What a person may be reimbursed: the professional hours that activities and unit training leave to courses, at
    /// the rate, up to `cap` (the policy's, or the unit's own) (notice 三.3).
    pub fn allowance(&self, offset: Hours, cap: Fen) -> Fen {
        fee(self.required.professional.less(offset), self.fees.professional_rate).min(cap)
    }

    /// The last day a person's year takes bookings: an approved make-up keeps it open (domain §4).
    pub fn open_until(&self, make_up: Option<Day>) -> Day {
        make_up.map_or(self.closes_on, |until| until.max(self.closes_on))
    }
}

fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

fn fee(hours: Hours, rate: Fen) -> Fen {
    let fen = i128::from(hours.hundredths()) * i128::from(rate.fen()) / 100;
    Fen::new(i64::try_from(fen).unwrap_or(i64::MAX))
}
