//! How many people stand where, by something.
use std::collections::BTreeMap;

use base::{Actor, Error, Result, Scope, Year};
use serde::{Deserialize, Serialize};
use site::Site;

use crate::{READERS, store};

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
}

impl base::person::Code for By {}

impl By {
    /// Every one, in the order of pages.
    pub const ALL: [Self; 6] =
        [Self::Unit, Self::Department, Self::Category, Self::Level, Self::City, Self::County];
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
    }
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

/// The figures of a year in a scope. Without a policy for the year nobody is obliged.
pub async fn rows(site: &Site, scope: &Scope, year: Year, by: By) -> Result<Vec<Row>> {
    let latest_join = hours::in_force(&site.db, year).await?.policy.latest_join;
    let kind = match by {
        By::City => "city",
        By::County => "county",
        By::Unit | By::Department | By::Category | By::Level => {
            let mut rows = store::rows(&site.db, scope, (year, latest_join), by).await?;
            for row in &mut rows {
                name(site, row, by);
            }
            return Ok(rows);
        }
    };
    let units = store::by_path(&site.db, scope, (year, latest_join)).await?;
    let places = store::places(&site.db, kind).await?;
    let mut found: BTreeMap<String, Row> = BTreeMap::new();
    for (path, row) in units {
        // The nearest place above; what lies under none is counted under an empty key.
        let code = path.split('/').rev().find(|code| places.contains_key(*code)).unwrap_or("");
        let name = places.get(code).cloned().unwrap_or_else(|| site.texts.get("stats-elsewhere"));
        let line = Row { key: code.to_owned(), name, ..Row::default() };
        found.entry(code.to_owned()).or_insert(line).add(&row);
    }
    Ok(found.into_values().collect())
}

/// Categories and levels are named by the locale.
fn name(site: &Site, row: &mut Row, by: By) {
    let kind = match by {
        By::Category => "category",
        By::Level => "level",
        By::Unit | By::Department | By::City | By::County => return,
    };
    row.name = if row.key.is_empty() {
        site.texts.get("stats-unknown")
    } else {
        site.texts.get(&format!("{kind}-{}", row.key))
    };
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
