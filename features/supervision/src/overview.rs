//! What a supervisor sees: numbers by unit, and which people stand behind each of them.
use base::{Actor, Error, Hours, Instant, Result, Scope, Year, day, person::Code};
use hours::{AsOf, Grounds};
use rules::reminders;
use serde::{Deserialize, Serialize};
use site::Site;

use crate::{
    SUPERVISORS, kept,
    store::{self, Recent, Stand},
};

/// One unit's numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, sea_orm::FromQueryResult, utoipa::ToSchema)]
pub struct Row {
    /// The unit's code.
    pub unit: String,
    /// The unit's name.
    pub name: String,
    /// Who is obliged: the sum of `done`, `under_way`, `not_begun` and `exempt`.
    pub people: i64,
    /// Who met the requirement.
    pub done: i64,
    /// Who has hours and not enough.
    pub under_way: i64,
    /// Who has none.
    pub not_begun: i64,
    /// Who is exempt.
    pub exempt: i64,
    /// Who never signed in.
    pub never_signed_in: i64,
    /// Who signed in and bound no phone.
    pub phone_unbound: i64,
    /// Whose profile the rules cannot work with.
    pub profile_incomplete: i64,
    /// Who misses 12-31 at the pace of the year and at the pace of the last thirty days.
    pub late_low: i64,
    /// Who misses it at one of them at least.
    pub late_high: i64,
}

impl Row {
    /// The numbers of one person.
    pub(crate) fn of_one(stand: &Stand) -> Self {
        let state = |code: &str| i64::from(stand.state == code);
        let problem = |code: &str| i64::from(stand.problem == code);
        Self {
            people: 1,
            done: state("done"),
            under_way: state("under_way"),
            not_begun: state("not_begun"),
            exempt: state("exempt"),
            never_signed_in: problem("never_signed_in"),
            phone_unbound: problem("phone_unbound"),
            profile_incomplete: problem("profile_incomplete"),
            late_low: i64::from(stand.outlook == "late"),
            late_high: i64::from(stand.outlook != "on_time"),
            ..Self::default()
        }
    }

    /// Adds another unit's numbers.
    pub(crate) fn add(&mut self, other: &Self) {
        self.people += other.people;
        self.done += other.done;
        self.under_way += other.under_way;
        self.not_begun += other.not_begun;
        self.exempt += other.exempt;
        self.never_signed_in += other.never_signed_in;
        self.phone_unbound += other.phone_unbound;
        self.profile_incomplete += other.profile_incomplete;
        self.late_low += other.late_low;
        self.late_high += other.late_high;
    }
}

/// A number of the overview whose people are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Which {
    /// 已完成
    Done,
    /// 进行中
    UnderWay,
    /// 未开始
    NotBegun,
    /// 免训
    Exempt,
    /// 从未登录
    NeverSignedIn,
    /// 未绑定手机
    PhoneUnbound,
    /// 资料不全
    ProfileIncomplete,
    /// 两种速度都来不及
    Late,
    /// 一种速度来不及
    Open,
}

impl Code for Which {}

impl Which {
    /// The column of the people's list that tells it.
    pub(crate) const fn column(self) -> &'static str {
        match self {
            Self::Done | Self::UnderWay | Self::NotBegun | Self::Exempt => "state",
            Self::NeverSignedIn | Self::PhoneUnbound | Self::ProfileIncomplete => "problem",
            Self::Late | Self::Open => "outlook",
        }
    }

    /// Reads it; nothing stands for everyone.
    pub(crate) fn read(code: Option<&str>) -> Result<Option<Self>> {
        let Some(code) = code.filter(|c| !c.is_empty()) else { return Ok(None) };
        Self::from_code(code).map(Some).ok_or_else(|| Error::invalid("which", "wrong_value"))
    }
}

/// The year as it stands today: what the counts and the forecast are reckoned from.
pub(crate) struct Moment {
    /// The year, who is obliged in it, and where its people are found.
    pub of: Grounds,
    /// What the year asks for: what those miss who have nothing.
    pub required: Hours,
    /// The recent pace begins here, in milliseconds.
    pub since: i64,
    /// Days that have passed, today among them.
    pub passed: i64,
    /// Days that are left.
    pub left: i64,
}

impl Moment {
    pub(crate) async fn of(site: &Site, year: Year) -> Result<Self> {
        let of = hours::grounds(&site.db, year, day::day_of(site.now())).await?;
        let today = day::day_of(site.now()).min(year.last_day());
        Ok(Self {
            required: of.in_force.policy.required.total,
            of,
            since: day::millis(site.now()) - reminders::RECENT_DAYS * 86_400_000,
            passed: reminders::days_until(year.first_day(), today) + 1,
            left: reminders::days_until(today, year.last_day()),
        })
    }
}

/// What of the actor's places lies in the unit: the unit itself, or what is held below it. Any other unit is unknown.
pub(crate) async fn scope(site: &Site, actor: &Actor, unit: Option<&str>) -> Result<Scope> {
    let held = actor.scope(SUPERVISORS);
    let Some(code) = unit.filter(|u| !u.is_empty()) else { return Ok(held) };
    let unit = org::by_code(&site.db, code).await?;
    if held.holds(&unit.path) {
        return Ok(Scope { paths: vec![unit.path] });
    }
    let paths: Vec<String> = held.paths.into_iter().filter(|p| p.starts_with(&unit.path)).collect();
    if paths.is_empty() { Err(Error::not_found()) } else { Ok(Scope { paths }) }
}

/// The numbers by unit.
async fn rows(site: &Site, scope: &Scope, year: Year) -> Result<Vec<Row>> {
    let are_many = statistics::are_many(site, scope, year).await?;
    let recent = if are_many { Recent::Together } else { Recent::OneByOne };
    store::rows(&site.db, scope, &Moment::of(site, year).await?, recent).await
}

/// What a supervisor is shown: the sum, the rows, when they were counted, and whether a row stands for everything below it.
pub(crate) struct Shown {
    pub all: Row,
    pub rows: Vec<Row>,
    pub as_of: Instant,
    pub is_by_subtree: bool,
}

/// The numbers by unit; of many people those kept, by what lies directly below.
pub(crate) async fn shown(site: &Site, scope: &Scope, year: Year) -> Result<Shown> {
    if let Some((all, rows, as_of)) = kept::of(site, scope, year).await? {
        return Ok(Shown { all, rows, as_of, is_by_subtree: true });
    }
    let rows = rows(site, scope, year).await?;
    let mut all = Row::default();
    for row in &rows {
        all.add(row);
    }
    Ok(Shown { all, rows, as_of: site.now(), is_by_subtree: false })
}

/// As of what the numbers are: of many people the hour they were counted, else the checkpoint of the scope.
pub(crate) async fn as_of(site: &Site, scope: &Scope, year: Year, shown: &Shown) -> Result<AsOf> {
    if shown.is_by_subtree {
        AsOf::of_many(site, year, shown.as_of).await
    } else {
        statistics::as_of(site, scope, year).await
    }
}

/// The year that desks work on in a few numbers, for the first page.
#[derive(Clone, Debug)]
pub struct Brief {
    /// The year.
    pub year: Year,
    /// Everyone together.
    pub all: Row,
    /// When it was counted.
    pub as_of: Instant,
}

impl Brief {
    /// How many will probably miss 12-31, as `17` or `17–22`.
    pub fn late(&self) -> String {
        if self.all.late_low == self.all.late_high {
            return self.all.late_low.to_string();
        }
        format!("{}–{}", self.all.late_low, self.all.late_high)
    }

    /// How many of a hundred who are asked have done it.
    pub fn percent(&self) -> i64 {
        match self.all.people - self.all.exempt {
            0 => 0,
            asked => self.all.done * 100 / asked,
        }
    }
}

/// A year of those whom the actor looks after, the desks' year unless asked; none where nobody is, the year has no
/// rules, or a province is not counted yet.
pub async fn brief(site: &Site, actor: &Actor, asked: Option<Year>) -> Result<Option<Brief>> {
    let scope = actor.scope(SUPERVISORS);
    if scope.paths.is_empty() {
        return Ok(None);
    }
    let year = asked.unwrap_or_else(|| site.desk_year());
    match shown(site, &scope, year).await {
        Ok(shown) => Ok(Some(Brief { year, all: shown.all, as_of: shown.as_of })),
        Err(e) if ["policy_not_published", "supervision_not_counted"].contains(&e.code()) => Ok(None),
        Err(e) => Err(e),
    }
}
