//! Statements on confirmed years.
use std::collections::HashMap;

use base::{Error, Instant, PersonId, Result, Scope, UnitId, Year, day};
use db::{Conn, Tx, params};
use hours::Grounds;
use org::{PlacedFact, Unit};
use sea_orm::FromQueryResult;

use crate::edition::{Edition, Line, Lines, NewEdition};

/// Holds a unit until the transaction ends, so that two confirmations are two editions.
pub(crate) async fn hold(tx: &Tx, unit: UnitId) -> Result<()> {
    let sql = format!("SELECT id FROM units WHERE id = $1{}", db::dialect::for_update(tx));
    db::execute(tx, &sql, params![unit]).await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct LineRow {
    id: String,
    state: String,
    total: i64,
    public: i64,
    professional: i64,
    contract: bool,
}

/// The lines of a unit's year now: whoever is obliged, and the contract staff apart.
pub(crate) async fn lines(conn: &impl Conn, unit: &Unit, of: &Grounds) -> Result<Lines> {
    let mut values = params![of.year(), of.latest_join(), unit.id];
    let within = of.view.within(&Scope { paths: vec![unit.path.clone()] }, &mut values);
    let [status, establishment] =
        [PlacedFact::Status, PlacedFact::Establishment].map(|fact| of.view.fact(fact));
    let sql = format!(
        "SELECT p.id, COALESCE(r.state, 'not_begun') AS state, COALESCE(r.total_hours, 0) AS total, \
         COALESCE(r.public_hours, 0) AS public, COALESCE(r.professional_hours, 0) AS professional, \
         ({establishment} <> 'established') AS contract {} WHERE u.id = $3 AND {within} AND p.id_number_lookup IS NOT NULL \
         AND (CASE WHEN {establishment} <> 'established' THEN {status} = 'on_post' ELSE {} END) ORDER BY p.id LIMIT 100000",
        statistics::people(of),
        statistics::obliged(of)
    );
    let rows: Vec<LineRow> = db::all(conn, &sql, values).await?;
    let line = |r: LineRow| {
        let line = Line {
            state: r.state,
            total: r.total,
            public: r.public,
            professional: r.professional,
            contract: r.contract,
        };
        (r.id, line)
    };
    Ok(rows.into_iter().map(line).collect())
}

/// The number and the lines of the newest edition.
pub(crate) async fn last(conn: &impl Conn, unit: UnitId, year: Year) -> Result<Option<(i64, Lines)>> {
    #[derive(FromQueryResult)]
    struct Newest {
        no: i64,
        lines: String,
    }
    let sql = "SELECT no, lines FROM yearbooks WHERE unit_id = $1 AND year = $2 ORDER BY no DESC LIMIT 1";
    let Some(newest): Option<Newest> = db::maybe(conn, sql, params![unit, year]).await? else {
        return Ok(None);
    };
    Ok(Some((newest.no, serde_json::from_str(&newest.lines).map_err(Error::internal)?)))
}

/// The lines of an edition.
pub(crate) async fn lines_of(conn: &impl Conn, unit: UnitId, (year, no): (Year, i64)) -> Result<Lines> {
    #[derive(FromQueryResult)]
    struct Kept {
        lines: String,
    }
    let sql = "SELECT lines FROM yearbooks WHERE unit_id = $1 AND year = $2 AND no = $3";
    let kept: Kept = db::one(conn, sql, params![unit, year, no]).await?;
    serde_json::from_str(&kept.lines).map_err(Error::internal)
}

/// The names and departments of people by id.
pub async fn names(site: &site::Site, people: &[PersonId]) -> Result<HashMap<String, (String, String)>> {
    #[derive(FromQueryResult)]
    struct Named {
        id: String,
        name: String,
        department: Option<String>,
    }
    let mut found = HashMap::new();
    for chunk in people.chunks(5000) {
        let sql = format!(
            "SELECT p.id, p.name, d.name AS department FROM people p LEFT JOIN units d ON d.id = p.department_id \
             WHERE p.id IN ({})",
            db::in_list(1, chunk.len())
        );
        let rows: Vec<Named> = db::all(&site.db, &sql, chunk.iter().map(db::Param::param).collect()).await?;
        found.extend(rows.into_iter().map(|n| (n.id, (n.name, n.department.unwrap_or_default()))));
    }
    Ok(found)
}

pub(crate) async fn insert(tx: &Tx, n: &NewEdition<'_>, (by, at): (PersonId, Instant)) -> Result<()> {
    let sql = "INSERT INTO yearbooks (unit_id, year, no, lines, sha256, people, done, contract_staff, changed, \
               confirmed_by, confirmed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    let count = |which: &dyn Fn(&Line) -> bool| {
        i64::try_from(n.lines.values().filter(|l| which(l)).count()).unwrap_or(i64::MAX)
    };
    let people = count(&|l| !l.contract);
    let done = count(&|l| !l.contract && l.state == "done");
    let contract = count(&|l| l.contract);
    let values = params![n.unit, n.year, n.no, n.text, n.sha256, people, done, contract, n.changed, by, at];
    db::execute(tx, sql, values).await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct Row {
    unit_code: String,
    unit_name: String,
    year: i64,
    no: i64,
    sha256: String,
    people: i64,
    done: i64,
    contract_staff: i64,
    changed: i64,
    confirmed_at: i64,
    received_at: Option<i64>,
}

impl TryFrom<Row> for Edition {
    type Error = Error;
    fn try_from(r: Row) -> Result<Self> {
        Ok(Self {
            unit_code: r.unit_code,
            unit_name: r.unit_name,
            year: Year::new(r.year).ok_or_else(|| Error::internal("no training year"))?,
            no: r.no,
            sha256: r.sha256,
            people: r.people,
            done: r.done,
            contract_staff: r.contract_staff,
            changed: r.changed,
            confirmed_at: day::from_millis(r.confirmed_at),
            received_at: r.received_at.map(day::from_millis),
        })
    }
}

const SELECT: &str = "SELECT u.code AS unit_code, u.name AS unit_name, y.year, y.no, y.sha256, y.people, y.done, \
    y.contract_staff, y.changed, y.confirmed_at, y.received_at FROM yearbooks y JOIN units u ON u.id = y.unit_id";

pub(crate) async fn one(conn: &impl Conn, code: &str, year: Year, no: i64) -> Result<Option<Edition>> {
    let sql = format!("{SELECT} WHERE u.code = $1 AND y.year = $2 AND y.no = $3");
    db::maybe::<Row>(conn, &sql, params![code, year, no]).await?.map(Edition::try_from).transpose()
}

pub(crate) async fn editions(conn: &impl Conn, scope: &Scope, year: Year) -> Result<Vec<Edition>> {
    let mut values = params![year];
    let within = db::in_scope("u.path", scope, &mut values);
    let sql = format!("{SELECT} WHERE y.year = $1 AND {within} ORDER BY u.code, y.no LIMIT 2000");
    db::all::<Row>(conn, &sql, values).await?.into_iter().map(Edition::try_from).collect()
}

/// Marks an edition as received; `false` when it was before.
pub(crate) async fn set_received(
    tx: &Tx,
    (unit, year, no): (UnitId, Year, i64),
    (by, at): (PersonId, Instant),
) -> Result<bool> {
    let sql = "UPDATE yearbooks SET received_by = $1, received_at = $2 WHERE unit_id = $3 AND year = $4 AND no = $5 \
               AND received_at IS NULL";
    Ok(db::execute(tx, sql, params![by, at, unit, year, no]).await? == 1)
}
