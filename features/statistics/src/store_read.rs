//! Statements that read the maintained figures.
use base::{PersonId, Result, Scope, Year, person::Code};
use db::{Conn, Param, params};
use org::Viewpoint;
use sea_orm::FromQueryResult;

use crate::{
    contribution::{Cell, Dim, Measures},
    store_figures::{MEMBER, Member, MemberRow},
};

const SUMS: &str = "CAST(SUM(f.people) AS BIGINT) AS people, CAST(SUM(f.done) AS BIGINT) AS done, \
    CAST(SUM(f.under_way) AS BIGINT) AS under_way, CAST(SUM(f.not_begun) AS BIGINT) AS not_begun, \
    CAST(SUM(f.exempt) AS BIGINT) AS exempt, CAST(SUM(f.entries) AS BIGINT) AS entries, \
    CAST(SUM(f.hours) AS BIGINT) AS hours";

/// Figures under a key and a name.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Told {
    pub key: String,
    pub name: String,
    people: i64,
    done: i64,
    under_way: i64,
    not_begun: i64,
    exempt: i64,
    entries: i64,
    hours: i64,
}

impl Told {
    pub(crate) fn measures(&self) -> Measures {
        Measures {
            people: self.people,
            states: [self.done, self.under_way, self.not_begun, self.exempt],
            entries: self.entries,
            hours: self.hours,
        }
    }
}

/// The figures of units together by one thing.
pub(crate) async fn by_key(conn: &impl Conn, year: Year, units: &[String], dim: Dim) -> Result<Vec<Told>> {
    let mut values = params![year, dim.code()];
    values.extend(units.iter().map(Param::param));
    let sql = format!(
        "SELECT f.key AS key, '' AS name, {SUMS} FROM figures f WHERE f.year = $1 AND f.dim = $2 AND f.unit IN ({}) \
         GROUP BY f.key HAVING SUM(f.people) <> 0 OR SUM(f.entries) <> 0 ORDER BY f.key LIMIT 10000",
        db::in_list(3, units.len())
    );
    db::all(conn, &sql, values).await
}

/// Which units' figures are wanted.
pub(crate) enum Units<'a> {
    /// Those in a scope, of a kind unless it is empty.
    In(&'a Scope, &'a str),
    /// Those directly below one.
    Below(&'a str),
}

/// One cell of each unit by code, after one of them, up to so many.
pub(crate) async fn by_unit(
    conn: &impl Conn,
    (year, dim, view): (Year, Dim, &Viewpoint),
    units: &Units<'_>,
    (after, limit): (&str, i64),
) -> Result<Vec<Told>> {
    let mut values = params![year, dim.code(), after, limit];
    let which = match units {
        Units::In(scope, "") => view.scoped(&view.unit_path(), scope, &mut values),
        Units::In(scope, kind) => {
            values.push(kind.param());
            let is_kind = format!("u.kind = ${}", values.len());
            format!("{is_kind} AND {}", view.scoped(&view.unit_path(), scope, &mut values))
        }
        Units::Below(code) => view.is_below(code, &mut values),
    };
    let sql = format!(
        "SELECT u.code AS key, u.name AS name, f.people, f.done, f.under_way, f.not_begun, f.exempt, f.entries, f.hours \
         FROM units u JOIN figures f ON f.year = $1 AND f.unit = u.code AND f.dim = $2 AND f.key = '' \
         WHERE {which} AND u.code > $3 AND (f.people <> 0 OR f.entries <> 0) ORDER BY u.code LIMIT $4"
    );
    db::all(conn, &sql, values).await
}

/// One cell of each of these units.
pub(crate) async fn by_unit_code(
    conn: &impl Conn,
    (year, dim): (Year, Dim),
    units: &[String],
) -> Result<Vec<Told>> {
    if units.is_empty() {
        return Ok(vec![]);
    }
    let mut values = params![year, dim.code()];
    values.extend(units.iter().map(Param::param));
    let sql = format!(
        "SELECT u.code AS key, u.name AS name, f.people, f.done, f.under_way, f.not_begun, f.exempt, f.entries, f.hours \
         FROM units u JOIN figures f ON f.year = $1 AND f.unit = u.code AND f.dim = $2 AND f.key = '' \
         WHERE u.code IN ({}) AND f.people <> 0 ORDER BY u.code",
        db::in_list(3, units.len())
    );
    db::all(conn, &sql, values).await
}

/// A page of the members by path, for the comparison.
pub(crate) async fn members_by_path(
    conn: &impl Conn,
    year: Year,
    (path, person): (&str, &str),
    limit: i64,
) -> Result<Vec<(PersonId, Member)>> {
    let sql = format!(
        "{MEMBER} WHERE year = $1 AND state <> '' AND (path, person_id) > ($2, $3) ORDER BY path, person_id LIMIT $4"
    );
    let rows: Vec<MemberRow> = db::all(conn, &sql, params![year, path, person, limit]).await?;
    rows.into_iter().map(MemberRow::read).collect()
}

/// Every cell of units.
pub(crate) async fn cells_of(
    conn: &impl Conn,
    year: Year,
    units: &[String],
) -> Result<Vec<(Cell, Measures)>> {
    #[derive(FromQueryResult)]
    struct CellRow {
        unit: String,
        dim: String,
        key: String,
        people: i64,
        done: i64,
        under_way: i64,
        not_begun: i64,
        exempt: i64,
        entries: i64,
        hours: i64,
    }
    let mut values = params![year];
    values.extend(units.iter().map(Param::param));
    let sql = format!(
        "SELECT unit, dim, key, people, done, under_way, not_begun, exempt, entries, hours FROM figures \
         WHERE year = $1 AND unit IN ({}) ORDER BY unit, dim, key",
        db::in_list(2, units.len())
    );
    let read = |r: CellRow| {
        let measures = Measures {
            people: r.people,
            states: [r.done, r.under_way, r.not_begun, r.exempt],
            entries: r.entries,
            hours: r.hours,
        };
        Dim::from_code(&r.dim).map(|dim| ((r.unit, dim, r.key), measures))
    };
    Ok(db::all::<CellRow>(conn, &sql, values).await?.into_iter().filter_map(read).collect())
}

/// Units that have any figure but nothing.
pub(crate) async fn units_with_figures(conn: &impl Conn, year: Year) -> Result<Vec<String>> {
    #[derive(FromQueryResult)]
    struct One {
        unit: String,
    }
    let sql = "SELECT DISTINCT unit FROM figures WHERE year = $1 AND (people <> 0 OR entries <> 0 OR hours <> 0) \
               ORDER BY unit LIMIT 1000000";
    let rows: Vec<One> = db::all(conn, sql, params![year]).await?;
    Ok(rows.into_iter().map(|r| r.unit).collect())
}
