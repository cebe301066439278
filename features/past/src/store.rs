//! Statements on kept figures and the names of units.
use std::collections::BTreeMap;

use base::{Result, UnitId, Year};
use db::{Conn, params};
use sea_orm::FromQueryResult;
use statistics::Row;

/// A checkpoint, a year and a scope.
pub(crate) type Key = (i64, Year, String);

#[derive(FromQueryResult)]
struct KeptRow {
    code: String,
    name: String,
    people: i64,
    done: i64,
    under_way: i64,
    not_begun: i64,
    exempt: i64,
}

impl From<KeptRow> for Row {
    fn from(r: KeptRow) -> Self {
        Self {
            key: r.code,
            name: r.name,
            people: r.people,
            done: r.done,
            under_way: r.under_way,
            not_begun: r.not_begun,
            exempt: r.exempt,
            ..Self::default()
        }
    }
}

/// Kept figures by unit, if they were made. A row without a unit says that they were.
pub(crate) async fn kept(conn: &impl Conn, (checkpoint, year, scope): &Key) -> Result<Option<Vec<Row>>> {
    let made = "SELECT COUNT(*) FROM past_figures WHERE checkpoint = $1 AND year = $2 AND scope = $3 AND unit_id = ''";
    if db::count(conn, made, params![*checkpoint, year, scope]).await? == 0 {
        return Ok(None);
    }
    let sql = "SELECT u.code, u.name, f.people, f.done, f.under_way, f.not_begun, f.exempt FROM past_figures f \
               JOIN units u ON u.id = f.unit_id WHERE f.checkpoint = $1 AND f.year = $2 AND f.scope = $3 \
               ORDER BY u.code LIMIT 50000";
    let rows: Vec<KeptRow> = db::all(conn, sql, params![*checkpoint, year, scope]).await?;
    Ok(Some(rows.into_iter().map(Row::from).collect()))
}

/// Keeps figures for good.
pub(crate) async fn keep(
    db: &db::Db,
    (checkpoint, year, scope): &Key,
    by_unit: &BTreeMap<UnitId, Row>,
) -> Result<()> {
    let row = |unit: String, r: &Row| {
        params![*checkpoint, year, scope, unit, r.people, r.done, r.under_way, r.not_begun, r.exempt]
    };
    let mut rows: Vec<_> = by_unit.iter().map(|(unit, r)| row(unit.to_string(), r)).collect();
    rows.push(row(String::new(), &Row::default()));
    let columns =
        ["checkpoint", "year", "scope", "unit_id", "people", "done", "under_way", "not_begun", "exempt"];
    let tx = db.begin().await?;
    let suffix = "ON CONFLICT (checkpoint, year, scope, unit_id) DO NOTHING";
    db::insert_rows(&tx, "past_figures", &columns, rows, suffix).await?;
    tx.commit().await
}

/// The figures with the codes and names of their units, by code.
pub(crate) async fn named(conn: &impl Conn, by_unit: BTreeMap<UnitId, Row>) -> Result<Vec<Row>> {
    #[derive(FromQueryResult)]
    struct Named {
        id: String,
        code: String,
        name: String,
    }
    let ids: Vec<UnitId> = by_unit.keys().copied().collect();
    let mut named = vec![];
    for chunk in ids.chunks(5000) {
        let sql = format!("SELECT id, code, name FROM units WHERE id IN ({})", db::in_list(1, chunk.len()));
        let rows: Vec<Named> = db::all(conn, &sql, chunk.iter().map(db::Param::param).collect()).await?;
        for unit in rows {
            let row = by_unit.get(&unit.id.parse()?).cloned().unwrap_or_default();
            named.push(Row { key: unit.code, name: unit.name, ..row });
        }
    }
    named.sort_by(|a, b| a.key.cmp(&b.key));
    Ok(named)
}
