//! How many people stand where, by something.
use std::collections::BTreeMap;

use base::{Actor, Error, Hours, Result, Scope, Year, day};
use hours::Grounds;
use serde::{Deserialize, Serialize};
use site::Site;

use crate::{READERS, kept, store};

/// What figures are grouped by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// 单位
    #[default]
    Unit,
    /// 部门
    Department,
    /// 岗位类别
    Category,
    /// 岗位等级
    Level,
    /// 市州
    City,
    /// 县市区
    County,
    /// 下级单位: directly below the one looked at
    Below,
    /// 学时分布
    Band,
    /// 培训机构
    Provider,
    /// 科目
    Subject,
    /// 专题
    Topic,
    /// 月份
    Month,
    /// 时段
    Hour,
}

impl base::person::Code for By {}

impl By {
    /// Every one, in the order of pages.
    pub const ALL: [Self; 13] = [
        Self::Below,
        Self::Unit,
        Self::Department,
        Self::City,
        Self::County,
        Self::Category,
        Self::Level,
        Self::Band,
        Self::Provider,
        Self::Subject,
        Self::Topic,
        Self::Month,
        Self::Hour,
    ];

    /// Whether it tells learning, so that someone may stand in several lines.
    pub(crate) const fn is_of_learning(self) -> bool {
        matches!(self, Self::Provider | Self::Subject | Self::Topic | Self::Month | Self::Hour)
    }
}

/// One line of the figures: `people` is the sum of the four others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Row {
    /// A code: of a unit, a category, a level.
    pub key: String,
    /// In words; of categories and levels the locale knows them.
    pub name: String,
    /// Who is obliged.
    pub people: i64,
    /// Who met the requirement.
    pub done: i64,
    /// Who has hours and not enough.
    pub under_way: i64,
    /// Who has none.
    pub not_begun: i64,
    /// Who is exempt.
    pub exempt: i64,
    /// Credits that stand; where figures tell learning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entries: Option<i64>,
    /// Their hours; where figures tell learning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hours: Option<Hours>,
}

impl Row {
    /// How many of a hundred who are asked have done it; who is exempt is not asked.
    pub fn percent(&self) -> i64 {
        match self.people - self.exempt {
            0 => 0,
            asked => self.done * 100 / asked,
        }
    }

    /// Adds another line's people.
    pub fn add(&mut self, other: &Self) {
        self.people += other.people;
        self.done += other.done;
        self.under_way += other.under_way;
        self.not_begun += other.not_begun;
        self.exempt += other.exempt;
        self.entries = sum(self.entries, other.entries);
        self.hours = match (self.hours, other.hours) {
            (Some(mine), Some(theirs)) => Some(mine.plus(theirs)),
            (mine, theirs) => mine.or(theirs),
        };
    }
}

/// Rows together.
pub(crate) fn together(rows: &[Row]) -> Row {
    let mut all = Row::default();
    for row in rows {
        all.add(row);
    }
    all
}

fn sum(mine: Option<i64>, theirs: Option<i64>) -> Option<i64> {
    mine.zip(theirs).map(|(a, b)| a + b).or(mine).or(theirs)
}

/// Where the actor may look: the unit with all below it, or everything held.
pub(crate) async fn scope(site: &Site, actor: &Actor, unit: Option<&str>) -> Result<Scope> {
    let held = actor.scope(READERS);
    let Some(code) = unit.filter(|u| !u.is_empty()) else { return Ok(held) };
    let unit = org::by_code(&site.db, code).await?;
    if !held.holds(&unit.path) {
        return Err(Error::not_found());
    }
    Ok(Scope { paths: vec![unit.path] })
}

/// The figures of a year in a scope. Without a policy for the year nobody is obliged. Those of learning, and those of many
/// people, are the maintained ones; those of few people are counted when asked for.
pub async fn rows(site: &Site, scope: &Scope, year: Year, by: By) -> Result<Vec<Row>> {
    let of = hours::grounds(&site.db, year, day::day_of(site.now())).await?;
    let mut rows = if by.is_of_learning() || kept::are_wanted(site, scope, year).await? {
        kept::rows(site, scope, year, by).await?
    } else {
        counted(site, scope, &of, by).await?
    };
    for row in &mut rows {
        name(site, row, by);
    }
    Ok(rows)
}

/// The figures counted person by person.
pub(crate) async fn counted(site: &Site, scope: &Scope, of: &Grounds, by: By) -> Result<Vec<Row>> {
    let kind = match by {
        By::City => "city",
        By::County => "county",
        By::Below => return below(site, scope, of).await,
        _ => return store::rows(&site.db, scope, of, by).await,
    };
    let units = store::by_path(&site.db, scope, of).await?;
    let places = store::places(&site.db, kind).await?;
    let mut found: BTreeMap<String, Row> = BTreeMap::new();
    for (path, row) in units {
        // The nearest place above; what lies under none is counted under an empty key.
        let code = path.split('/').rev().find(|code| places.contains_key(*code)).unwrap_or("");
        let name = places.get(code).cloned().unwrap_or_default();
        let line = Row { key: code.to_owned(), name, ..Row::default() };
        found.entry(code.to_owned()).or_insert(line).add(&row);
    }
    Ok(found.into_values().collect())
}

/// By what lies directly below the places of the scope; who belongs to a place itself stands under its own code.
async fn below(site: &Site, scope: &Scope, of: &Grounds) -> Result<Vec<Row>> {
    let mut found: BTreeMap<String, Row> = BTreeMap::new();
    for (path, row) in store::by_place(&site.db, scope, of).await? {
        // By codes: the place itself may have been elsewhere then.
        let codes = || path.split('/').filter(|code| !code.is_empty());
        let tops: Vec<&str> = scope.paths.iter().filter_map(|top| kept::code_of(top)).collect();
        let at = codes().position(|code| tops.contains(&code));
        let code = codes().nth(at.map_or(0, |at| at + 1)).or_else(|| codes().next_back()).unwrap_or("");
        let line = Row { key: code.to_owned(), ..Row::default() };
        found.entry(code.to_owned()).or_insert(line).add(&row);
    }
    let codes: Vec<String> = found.keys().cloned().collect();
    for (code, name) in store::names(&site.db, &codes).await? {
        if let Some(row) = found.get_mut(&code) {
            row.name = name;
        }
    }
    Ok(found.into_values().collect())
}

/// What is no place is named by the locale.
pub(crate) fn name(site: &Site, row: &mut Row, by: By) {
    let kind = match by {
        By::City | By::County if row.key.is_empty() => {
            row.name = site.texts.get("stats-elsewhere");
            return;
        }
        By::Unit | By::Department | By::City | By::County | By::Below => return,
        By::Category => "category",
        By::Level => "level",
        By::Subject => "subject",
        By::Band => "stats-band",
        By::Provider => "stats-source",
        By::Topic if row.key.is_empty() => {
            row.name = site.texts.get("stats-no-topic");
            return;
        }
        By::Topic => {
            row.name.clone_from(&row.key);
            return;
        }
        By::Month | By::Hour => {
            let number = row.key.trim_start_matches('0');
            let number = if number.is_empty() { "0" } else { number };
            let key = if by == By::Month { "stats-month" } else { "stats-hour" };
            row.name = site.texts.with(key, &[("n", number)]);
            return;
        }
    };
    let key = format!("{kind}-{}", row.key);
    if row.key.is_empty() {
        row.name = site.texts.get("stats-unknown");
    } else if site.texts.has(&key) {
        row.name = site.texts.get(&key);
    } else if row.name.is_empty() {
        row.name.clone_from(&row.key);
    }
}

/// The percentages of the year before by key; nothing where no rules were published for it.
pub(crate) async fn percent_before(
    site: &Site,
    scope: &Scope,
    year: Year,
    by: By,
) -> Result<BTreeMap<String, i64>> {
    let Some(before) = Year::new(i64::from(year.number()) - 1) else { return Ok(BTreeMap::new()) };
    match rows(site, scope, before, by).await {
        Ok(rows) => Ok(rows.into_iter().map(|r| (r.key.clone(), r.percent())).collect()),
        Err(e) if e.code() == "policy_not_published" => Ok(BTreeMap::new()),
        Err(e) => Err(e),
    }
}
