//! The maintained figures as rows: for many people, and for everything that tells learning.
use std::collections::BTreeMap;

use base::{Hours, Result, Scope, Year, day};
use site::Site;

use crate::{
    contribution::{Dim, Measures},
    figures::{By, Row, together},
    store, store_figures,
    store_read::{self as read, Told, Units},
};

/// All units of a province, and more.
const MOST_UNITS: i64 = 100_000;

/// The code of the unit that a path leads to.
pub(crate) fn code_of(path: &str) -> Option<&str> {
    path.trim_end_matches('/').rsplit('/').next().filter(|code| !code.is_empty())
}

/// The codes of a scope's places; one below another is counted with it.
pub(crate) fn tops(scope: &Scope) -> Vec<String> {
    let is_top =
        |path: &&String| !scope.paths.iter().any(|other| other != *path && path.starts_with(other.as_str()));
    let mut codes: Vec<String> =
        scope.paths.iter().filter(is_top).filter_map(|p| code_of(p)).map(str::to_owned).collect();
    codes.sort();
    codes.dedup();
    codes
}

/// Whether a scope holds so many people that its figures are read rather than counted.
pub async fn are_wanted(site: &Site, scope: &Scope, year: Year) -> Result<bool> {
    Ok(population(site, scope, year).await?.is_some_and(|people| people > site.settings.counted_most))
}

/// How many people a scope holds; none before the year's figures are made.
pub async fn population(site: &Site, scope: &Scope, year: Year) -> Result<Option<i64>> {
    if !store_figures::is_whole(&site.db, year).await? {
        return Ok(None);
    }
    Ok(Some(all(site, scope, year).await?.people))
}

/// Everyone of a scope together.
pub(crate) async fn all(site: &Site, scope: &Scope, year: Year) -> Result<Row> {
    Ok(together(&by_key(site, scope, year, Dim::All).await?))
}

/// The cells of a scope by one thing.
pub(crate) async fn by_key(site: &Site, scope: &Scope, year: Year, dim: Dim) -> Result<Vec<Row>> {
    let tops = tops(scope);
    if tops.is_empty() {
        return Ok(vec![]);
    }
    Ok(read::by_key(&site.db, year, &tops, dim).await?.into_iter().map(row).collect())
}

/// The maintained figures of a year in a scope.
pub async fn rows(site: &Site, scope: &Scope, year: Year, by: By) -> Result<Vec<Row>> {
    let dim = match by {
        By::Category => Dim::Category,
        By::Level => Dim::Level,
        By::Band => Dim::Band,
        By::Provider => Dim::Provider,
        By::Subject => Dim::Subject,
        By::Topic => Dim::Topic,
        By::Month => Dim::Month,
        By::Hour => Dim::Hour,
        By::Unit => return units(site, (year, Dim::Own), scope, ("", MOST_UNITS)).await,
        By::Department => return units(site, (year, Dim::Desk), scope, ("", MOST_UNITS)).await,
        By::Below => return below(site, scope, year).await,
        By::City => return places(site, scope, year, "city").await,
        By::County => return places(site, scope, year, "county").await,
    };
    let mut rows = by_key(site, scope, year, dim).await?;
    if by == By::Provider {
        let titles = store::provider_titles(&site.db).await?;
        for row in &mut rows {
            row.name = titles.get(&row.key).cloned().unwrap_or_default();
        }
    }
    if !by.is_of_learning() {
        rows.iter_mut().for_each(forget_learning);
    }
    Ok(rows)
}

/// A page of the units of a scope, by code.
pub(crate) async fn units(
    site: &Site,
    (year, dim): (Year, Dim),
    scope: &Scope,
    (after, limit): (&str, i64),
) -> Result<Vec<Row>> {
    let found = listed(site, (year, dim), &Units::In(scope, ""), (after, limit)).await?;
    Ok(found.into_iter().map(row_of_people).collect())
}

/// One cell of each unit, the tree as the year sees it.
async fn listed(
    site: &Site,
    (year, dim): (Year, Dim),
    units: &Units<'_>,
    page: (&str, i64),
) -> Result<Vec<Told>> {
    let view = hours::grounds(&site.db, year, day::day_of(site.now())).await?.view;
    read::by_unit(&site.db, (year, dim, &view), units, page).await
}

/// What lies directly below the places of a scope; who belongs to a place itself stands under its own code.
async fn below(site: &Site, scope: &Scope, year: Year) -> Result<Vec<Row>> {
    let mut found = BTreeMap::new();
    for top in tops(scope) {
        let units = Units::Below(&top);
        for told in listed(site, (year, Dim::All), &units, ("", MOST_UNITS)).await? {
            found.insert(told.key.clone(), row_of_people(told));
        }
        let desks = read::by_unit_code(&site.db, (year, Dim::Desk), std::slice::from_ref(&top)).await?;
        found.extend(desks.into_iter().map(|told| (told.key.clone(), row_of_people(told))));
    }
    Ok(found.into_values().collect())
}

/// What lies directly below a unit, each with everything below it.
pub(crate) async fn directly_below(site: &Site, code: &str, year: Year) -> Result<Vec<Row>> {
    let found = listed(site, (year, Dim::All), &Units::Below(code), ("", MOST_UNITS)).await?;
    Ok(found.into_iter().map(row_of_people).collect())
}

/// By the places of a kind; what lies under none of them stands under an empty key.
async fn places(site: &Site, scope: &Scope, year: Year, kind: &str) -> Result<Vec<Row>> {
    let named = store::places(&site.db, kind).await?;
    let above = |path: &String| path.split('/').find(|code| named.contains_key(*code)).map(str::to_owned);
    // Looked at from inside of a place, all of it belongs to that place.
    if let Some(code) = scope.paths.first().and_then(above).filter(|_| scope.paths.len() == 1) {
        let all = all(site, scope, year).await?;
        let name = named.get(&code).cloned().unwrap_or_default();
        return Ok(vec![Row { key: code, name, entries: None, hours: None, ..all }]);
    }
    let units = Units::In(scope, kind);
    let found = listed(site, (year, Dim::All), &units, ("", MOST_UNITS)).await?;
    let mut rows: Vec<Row> = found.into_iter().map(row_of_people).collect();
    let (whole, inside) = (all(site, scope, year).await?, together(&rows));
    let rest = Row {
        people: whole.people - inside.people,
        done: whole.done - inside.done,
        under_way: whole.under_way - inside.under_way,
        not_begun: whole.not_begun - inside.not_begun,
        exempt: whole.exempt - inside.exempt,
        ..Row::default()
    };
    if rest.people > 0 {
        rows.insert(0, rest);
    }
    Ok(rows)
}

fn row(told: Told) -> Row {
    let Measures { people, states: [done, under_way, not_begun, exempt], entries, hours } = told.measures();
    let hours = Some(Hours::from_hundredths(hours));
    Row {
        key: told.key,
        name: told.name,
        people,
        done,
        under_way,
        not_begun,
        exempt,
        entries: Some(entries),
        hours,
    }
}

fn row_of_people(told: Told) -> Row {
    let mut row = row(told);
    forget_learning(&mut row);
    row
}

/// Figures of people say nothing of hours, counted or kept.
fn forget_learning(row: &mut Row) {
    (row.entries, row.hours) = (None, None);
}

/// The one place that a scope is, if it is one.
pub(crate) async fn place(site: &Site, scope: &Scope) -> Result<Option<org::Unit>> {
    match tops(scope).as_slice() {
        [code] => org::by_code(&site.db, code).await.map(Some),
        _ => Ok(None),
    }
}
