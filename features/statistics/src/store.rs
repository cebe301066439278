//! Statements on the kept results and the figures over them.
use std::collections::HashMap;

use base::{Error, Hours, Instant, PersonId, Result, Scope, Year, person::Code};
use db::{Conn, Tx, params};
use hours::Grounds;
use org::PlacedFact;
use sea_orm::FromQueryResult;

use crate::{
    figures::{By, Row},
    outcome::{Outcome, State},
};

const COLUMNS: [&str; 10] = [
    "person_id",
    "year",
    "state",
    "obliged",
    "total_hours",
    "public_hours",
    "professional_hours",
    "short_hours",
    "policy",
    "at",
];

/// Holds these people's rows of a year until the transaction ends; makes missing ones.
pub(crate) async fn hold(tx: &Tx, people: &[PersonId], year: Year) -> Result<()> {
    let row =
        |p: &PersonId| params![p, year, State::NotBegun.code(), false, 0_i64, 0_i64, 0_i64, 0_i64, "", 0_i64];
    let rows = people.iter().map(row).collect();
    db::insert_rows(tx, "year_results", &COLUMNS, rows, "ON CONFLICT (person_id, year) DO NOTHING").await?;
    let mut values = params![year];
    values.extend(people.iter().map(db::Param::param));
    let sql = format!(
        "SELECT person_id FROM year_results WHERE year = $1 AND person_id IN ({}) ORDER BY person_id{}",
        db::in_list(2, people.len()),
        db::dialect::for_update(tx)
    );
    db::all::<One>(tx, &sql, values).await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct One {
    #[expect(dead_code, reason = "the row is held, not read")]
    person_id: String,
}

/// Writes outcomes of a year under a policy's version.
pub(crate) async fn save(
    tx: &Tx,
    (year, policy): (Year, &str),
    rows: &[(PersonId, Outcome)],
    now: Instant,
) -> Result<()> {
    let row = |(person, o): &(PersonId, Outcome)| {
        params![
            person,
            year,
            o.state.code(),
            o.obliged,
            o.total,
            o.public,
            o.professional,
            o.short,
            policy,
            now
        ]
    };
    let suffix = "ON CONFLICT (person_id, year) DO UPDATE SET state = excluded.state, obliged = excluded.obliged, \
                  total_hours = excluded.total_hours, public_hours = excluded.public_hours, \
                  professional_hours = excluded.professional_hours, short_hours = excluded.short_hours, \
                  policy = excluded.policy, at = excluded.at";
    db::insert_rows(tx, "year_results", &COLUMNS, rows.iter().map(row).collect(), suffix).await?;
    Ok(())
}

/// Removes rows of people for whom there is nothing to keep.
pub(crate) async fn forget(tx: &Tx, people: &[PersonId], year: Year) -> Result<()> {
    if people.is_empty() {
        return Ok(());
    }
    let mut values = params![year];
    values.extend(people.iter().map(db::Param::param));
    let list = db::in_list(2, people.len());
    let sql = format!("DELETE FROM year_results WHERE year = $1 AND person_id IN ({list})");
    db::execute(tx, &sql, values).await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct KeptRow {
    person_id: String,
    state: String,
    obliged: bool,
    total_hours: i64,
    public_hours: i64,
    professional_hours: i64,
    short_hours: i64,
}

/// What is kept of these people's year.
pub(crate) async fn kept(
    conn: &impl Conn,
    people: &[PersonId],
    year: Year,
) -> Result<HashMap<PersonId, Outcome>> {
    let mut values = params![year];
    values.extend(people.iter().map(db::Param::param));
    let sql = format!(
        "SELECT person_id, state, obliged, total_hours, public_hours, professional_hours, short_hours FROM year_results \
         WHERE year = $1 AND person_id IN ({})",
        db::in_list(2, people.len())
    );
    let rows: Vec<KeptRow> = db::all(conn, &sql, values).await?;
    let outcome = |r: KeptRow| {
        let outcome = Outcome {
            state: State::from_code(&r.state).ok_or_else(|| Error::internal("unknown state"))?,
            obliged: r.obliged,
            total: Hours::from_hundredths(r.total_hours),
            public: Hours::from_hundredths(r.public_hours),
            professional: Hours::from_hundredths(r.professional_hours),
            short: Hours::from_hundredths(r.short_hours),
        };
        Ok((r.person_id.parse()?, outcome))
    };
    rows.into_iter().map(outcome).collect()
}

/// The years of a person that have a row.
pub(crate) async fn years_of(conn: &impl Conn, person: PersonId) -> Result<Vec<Year>> {
    #[derive(FromQueryResult)]
    struct Of {
        year: i64,
    }
    let sql = "SELECT year FROM year_results WHERE person_id = $1 ORDER BY year LIMIT 100";
    let rows: Vec<Of> = db::all(conn, sql, params![person]).await?;
    Ok(rows.into_iter().filter_map(|r| Year::new(r.year)).collect())
}

/// People with their unit and department as the year sees them, and their result of the year $1: `p`, `u`, `d`, `r`.
pub fn people(of: &Grounds) -> String {
    format!("FROM {} LEFT JOIN year_results r ON r.person_id = p.id AND r.year = $1", of.view.people())
}

/// Who is obliged, with the values $1 and $2. Without a row nothing happened, and the facts alone decide: `on_post`,
/// established, joined in time (`rules::assess::is_obliged`; `verify` and a test hold both together).
pub fn obliged(of: &Grounds) -> String {
    format!(
        "p.id_number_lookup IS NOT NULL AND (CASE WHEN r.person_id IS NOT NULL THEN r.obliged ELSE ({} = 'on_post' \
         AND {} = 'established' AND COALESCE({}, '') <= $2) END)",
        of.view.fact(PlacedFact::Status),
        of.view.fact(PlacedFact::Establishment),
        of.view.joined_on()
    )
}

const COUNTS: &str = "CAST(COUNT(*) AS BIGINT) AS people, \
    CAST(SUM(CASE WHEN r.state = 'done' THEN 1 ELSE 0 END) AS BIGINT) AS done, \
    CAST(SUM(CASE WHEN r.state = 'under_way' THEN 1 ELSE 0 END) AS BIGINT) AS under_way, \
    CAST(SUM(CASE WHEN COALESCE(r.state, 'not_begun') = 'not_begun' THEN 1 ELSE 0 END) AS BIGINT) AS not_begun, \
    CAST(SUM(CASE WHEN r.state = 'exempt' THEN 1 ELSE 0 END) AS BIGINT) AS exempt";

/// The band of a person's hours, as [`crate::contribution`] has it.
pub const BAND: &str = "CASE WHEN COALESCE(r.total_hours, 0) <= 0 THEN '0' WHEN r.total_hours >= 9000 THEN '7' \
    ELSE CAST(r.total_hours / 1500 + 1 AS TEXT) END";

/// The key and the name of a grouping.
pub(crate) fn key(of: &Grounds, by: By) -> (String, &'static str) {
    let fact = |fact| (format!("COALESCE({}, '')", of.view.fact(fact)), "''");
    match by {
        By::Department => ("COALESCE(d.code, u.code)".to_owned(), "COALESCE(d.name, u.name)"),
        By::Category => fact(PlacedFact::Category),
        By::Level => fact(PlacedFact::Level),
        By::Band => (BAND.to_owned(), "''"),
        By::Unit | By::City | By::County | By::Below => ("u.code".to_owned(), "u.name"),
        // Learning is told by the maintained figures alone.
        By::Provider | By::Subject | By::Topic | By::Month | By::Hour => ("''".to_owned(), "''"),
    }
}

#[derive(FromQueryResult)]
struct RowFound {
    place: String,
    name: String,
    people: i64,
    done: i64,
    under_way: i64,
    not_begun: i64,
    exempt: i64,
}

impl RowFound {
    fn split(self) -> (String, Row) {
        let Self { place, name, people, done, under_way, not_begun, exempt } = self;
        let row =
            Row { key: place.clone(), name, people, done, under_way, not_begun, exempt, ..Row::default() };
        (place, row)
    }
}

/// The figures by something that people or their unit have.
pub(crate) async fn rows(conn: &impl Conn, scope: &Scope, of: &Grounds, by: By) -> Result<Vec<Row>> {
    let (place, name) = key(of, by);
    Ok(grouped(conn, scope, of, (&place, name)).await?.into_iter().map(|(_, row)| row).collect())
}

/// The figures by the path of the unit.
pub(crate) async fn by_path(conn: &impl Conn, scope: &Scope, of: &Grounds) -> Result<Vec<(String, Row)>> {
    grouped(conn, scope, of, (&of.view.unit_path(), "''")).await
}

/// The figures by the path of the department, else of the unit.
pub(crate) async fn by_place(conn: &impl Conn, scope: &Scope, of: &Grounds) -> Result<Vec<(String, Row)>> {
    grouped(conn, scope, of, (&of.view.place(), "''")).await
}

/// The names of units by code.
pub(crate) async fn names(conn: &impl Conn, codes: &[String]) -> Result<HashMap<String, String>> {
    #[derive(FromQueryResult)]
    struct Named {
        code: String,
        name: String,
    }
    if codes.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = format!("SELECT code, name FROM units WHERE code IN ({})", db::in_list(1, codes.len()));
    let rows: Vec<Named> = db::all(conn, &sql, codes.iter().map(db::Param::param).collect()).await?;
    Ok(rows.into_iter().map(|r| (r.code, r.name)).collect())
}

async fn grouped(
    conn: &impl Conn,
    scope: &Scope,
    of: &Grounds,
    (place, name): (&str, &str),
) -> Result<Vec<(String, Row)>> {
    let mut values = params![of.year(), of.latest_join()];
    let within = of.view.within(scope, &mut values);
    // Grouped outside: a fact of a past year is an expression that a GROUP BY cannot name.
    let sql = format!(
        "SELECT r.place, MIN(r.name) AS name, {COUNTS} FROM (SELECT {place} AS place, {name} AS name, r.state AS state {} \
         WHERE {} AND {within}) r GROUP BY r.place ORDER BY r.place LIMIT 50000",
        people(of),
        obliged(of)
    );
    Ok(db::all::<RowFound>(conn, &sql, values).await?.into_iter().map(RowFound::split).collect())
}

/// The names of the places of a kind by code.
pub(crate) async fn places(conn: &impl Conn, kind: &str) -> Result<HashMap<String, String>> {
    #[derive(FromQueryResult)]
    struct Place {
        code: String,
        name: String,
    }
    let sql = "SELECT code, name FROM units WHERE kind = $1 ORDER BY code LIMIT 10000";
    let rows: Vec<Place> = db::all(conn, sql, params![kind]).await?;
    Ok(rows.into_iter().map(|p| (p.code, p.name)).collect())
}

/// The titles of course platforms by name.
pub(crate) async fn provider_titles(conn: &impl Conn) -> Result<HashMap<String, String>> {
    #[derive(FromQueryResult)]
    struct Provider {
        name: String,
        title: String,
    }
    let rows: Vec<Provider> =
        db::all(conn, "SELECT name, title FROM providers ORDER BY name LIMIT 1000", vec![]).await?;
    Ok(rows.into_iter().map(|p| (p.name, p.title)).collect())
}

/// The paths of the units at the top.
pub(crate) async fn roots(conn: &impl Conn) -> Result<Vec<String>> {
    #[derive(FromQueryResult)]
    struct Root {
        path: String,
    }
    let sql = "SELECT path FROM units WHERE parent_id IS NULL ORDER BY path LIMIT 100";
    Ok(db::all::<Root>(conn, sql, vec![]).await?.into_iter().map(|r| r.path).collect())
}
