//! Statements on the kept numbers of supervision.
use std::collections::{BTreeMap, HashMap};

use base::{Instant, Result, Year};
use db::{Conn, Param, Tx, params};
use sea_orm::FromQueryResult;

use crate::{overview::Row, store::Stand};

/// The paths of the units at the top.
pub(crate) async fn roots(conn: &impl Conn) -> Result<Vec<String>> {
    #[derive(FromQueryResult)]
    struct Root {
        path: String,
    }
    let sql = "SELECT path FROM units WHERE parent_id IS NULL ORDER BY path LIMIT 100";
    Ok(db::all::<Root>(conn, sql, vec![]).await?.into_iter().map(|r| r.path).collect())
}

/// The path of each unit that has people.
pub(crate) async fn paths(conn: &impl Conn) -> Result<HashMap<String, String>> {
    #[derive(FromQueryResult)]
    struct Place {
        code: String,
        path: String,
    }
    let sql = "SELECT code, path FROM units WHERE kind <> 'department' ORDER BY code LIMIT 200000";
    Ok(db::all::<Place>(conn, sql, vec![]).await?.into_iter().map(|p| (p.code, p.path)).collect())
}

/// Puts a year's numbers in the place of the ones before.
pub(crate) async fn replace(tx: &Tx, year: Year, rows: BTreeMap<String, Row>, at: Instant) -> Result<()> {
    const COLUMNS: [&str; 13] = [
        "year",
        "unit",
        "people",
        "done",
        "under_way",
        "not_begun",
        "exempt",
        "never_signed_in",
        "phone_unbound",
        "profile_incomplete",
        "late_low",
        "late_high",
        "at",
    ];
    let row = |(unit, r): (String, Row)| {
        params![
            year,
            unit,
            r.people,
            r.done,
            r.under_way,
            r.not_begun,
            r.exempt,
            r.never_signed_in,
            r.phone_unbound,
            r.profile_incomplete,
            r.late_low,
            r.late_high,
            at
        ]
    };
    let sets: Vec<String> = COLUMNS.iter().skip(2).map(|c| format!("{c} = excluded.{c}")).collect();
    let suffix = format!("ON CONFLICT (year, unit) DO UPDATE SET {}", sets.join(", "));
    db::insert_rows(tx, "supervision_figures", &COLUMNS, rows.into_iter().map(row).collect(), &suffix)
        .await?;
    db::execute(tx, "DELETE FROM supervision_figures WHERE year = $1 AND at < $2", params![year, at]).await?;
    Ok(())
}

/// What is kept of where someone stands.
#[derive(FromQueryResult)]
struct Kept {
    person_id: String,
    path: String,
    problem: String,
    outlook: String,
}

/// Keeps where the people after one id, up to another, stand now; who is no longer among them is taken off. Only what changed
/// since the last hour is written.
pub(crate) async fn stand(
    tx: &Tx,
    year: Year,
    (after, until): (&str, Option<&str>),
    found: &[Stand],
) -> Result<()> {
    const COLUMNS: [&str; 5] = ["year", "person_id", "path", "problem", "outlook"];
    let mut values = params![year, after];
    let mut end = "";
    if let Some(until) = until {
        values.push(until.param());
        end = "AND person_id <= $3";
    }
    let sql = format!(
        "SELECT person_id, path, problem, outlook FROM supervision_members WHERE year = $1 AND person_id > $2 {end} \
         ORDER BY person_id LIMIT 100000"
    );
    let kept = db::all::<Kept>(tx, &sql, values).await?;
    let mut kept: HashMap<String, Kept> = kept.into_iter().map(|k| (k.person_id.clone(), k)).collect();
    let mut rows = vec![];
    for s in found {
        let is_same = |k: Kept| {
            (k.path, k.problem, k.outlook) == (s.path.clone(), s.problem.clone(), s.outlook.clone())
        };
        if !kept.remove(&s.id).is_some_and(is_same) {
            rows.push(params![year, s.id, s.path, s.problem, s.outlook]);
        }
    }
    let update = "ON CONFLICT (year, person_id) DO UPDATE SET path = excluded.path, problem = excluded.problem, \
                  outlook = excluded.outlook";
    db::insert_rows(tx, "supervision_members", &COLUMNS, rows, update).await?;
    let gone: Vec<String> = kept.into_keys().collect();
    for part in gone.chunks(1000) {
        let mut values = params![year];
        values.extend(part.iter().map(Param::param));
        let list = db::in_list(2, part.len());
        let sql = format!("DELETE FROM supervision_members WHERE year = $1 AND person_id IN ({list})");
        db::execute(tx, &sql, values).await?;
    }
    Ok(())
}

/// When a year was counted last, in milliseconds.
pub(crate) async fn counted_at(conn: &impl Conn, year: Year) -> Result<Option<i64>> {
    #[derive(FromQueryResult)]
    struct At {
        at: i64,
    }
    let sql = "SELECT at FROM supervision_figures WHERE year = $1 ORDER BY year, unit LIMIT 1";
    Ok(db::maybe::<At>(conn, sql, params![year]).await?.map(|a| a.at))
}

const ROW: &str = "SELECT f.unit, u.name, f.people, f.done, f.under_way, f.not_begun, f.exempt, f.never_signed_in, \
    f.phone_unbound, f.profile_incomplete, f.late_low, f.late_high FROM supervision_figures f JOIN units u ON u.code = f.unit";

/// The numbers of units, each with everything below it.
pub(crate) async fn units(conn: &impl Conn, year: Year, codes: &[String]) -> Result<Vec<Row>> {
    let mut values = params![year];
    values.extend(codes.iter().map(Param::param));
    let sql =
        format!("{ROW} WHERE f.year = $1 AND f.unit IN ({}) ORDER BY f.unit", db::in_list(2, codes.len()));
    db::all(conn, &sql, values).await
}

/// The numbers of what lies directly below units.
pub(crate) async fn below(conn: &impl Conn, year: Year, codes: &[String]) -> Result<Vec<Row>> {
    let mut values = params![year];
    values.extend(codes.iter().map(Param::param));
    let sql = format!(
        "{ROW} WHERE f.year = $1 AND u.parent_id IN (SELECT o.id FROM units o WHERE o.code IN ({})) \
         ORDER BY f.unit LIMIT 2000",
        db::in_list(2, codes.len())
    );
    db::all(conn, &sql, values).await
}
