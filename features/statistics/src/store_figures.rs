//! Statements on the maintained figures and on what of each person stands in them.
use std::collections::{BTreeSet, HashMap};

use base::{Error, Instant, PersonId, Result, Year, person::Code};
use db::{Conn, Param, Tx, params};
use hours::Grounds;
use org::PlacedFact;
use sea_orm::FromQueryResult;
use serde_json::Value;

use crate::{
    contribution::{Cell, Measures, Place},
    store::{BAND, obliged, people},
};

/// What of a person stands in the figures.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Member {
    pub place: Place,
    /// A state, `contract`, or empty for who is counted nowhere.
    pub state: String,
    /// The band of hours, as the figures tell it; empty for who isn't counted by bands.
    pub band: String,
    /// How far the person's ledger was read.
    pub seq: i64,
    pub counted: String,
}

/// Whether a year's figures are kept.
pub(crate) async fn is_built(conn: &impl Conn, year: Year) -> Result<bool> {
    let sql = "SELECT COUNT(*) FROM figure_years WHERE year = $1";
    Ok(db::count(conn, sql, params![year]).await? > 0)
}

/// Whether a year's figures are whole, and not in the making.
pub(crate) async fn is_whole(conn: &impl Conn, year: Year) -> Result<bool> {
    let sql = "SELECT COUNT(*) FROM figure_years WHERE year = $1 AND built_at > 0";
    Ok(db::count(conn, sql, params![year]).await? > 0)
}

/// From now on every change of the year is counted; false where it was so already.
pub(crate) async fn begin_year(conn: &impl Conn, year: Year) -> Result<bool> {
    let sql = "INSERT INTO figure_years (year, built_at) VALUES ($1, 0) ON CONFLICT (year) DO NOTHING";
    Ok(db::execute(conn, sql, params![year]).await? == 1)
}

/// From now on the year's figures are whole.
pub(crate) async fn finish_year(conn: &impl Conn, year: Year, now: Instant) -> Result<()> {
    let sql = "UPDATE figure_years SET built_at = $1 WHERE year = $2 AND built_at = 0";
    db::execute(conn, sql, params![now, year]).await?;
    Ok(())
}

/// Forgets a year's figures; its members are emptied too.
pub(crate) async fn clear(tx: &Tx, year: Year) -> Result<()> {
    db::execute(tx, "DELETE FROM figures WHERE year = $1", params![year]).await?;
    db::execute(tx, "DELETE FROM figure_members WHERE year = $1", params![year]).await?;
    db::execute(tx, "DELETE FROM figure_years WHERE year = $1", params![year]).await?;
    Ok(())
}

#[derive(FromQueryResult)]
pub(crate) struct MemberRow {
    person_id: String,
    path: String,
    own: String,
    category: String,
    level: String,
    state: String,
    band: String,
    seq: i64,
    counted: String,
}

impl MemberRow {
    pub(crate) fn read(self) -> Result<(PersonId, Member)> {
        let place = Place { path: self.path, own: self.own, category: self.category, level: self.level };
        let member =
            Member { place, state: self.state, band: self.band, seq: self.seq, counted: self.counted };
        Ok((self.person_id.parse()?, member))
    }
}

pub(crate) const MEMBER: &str =
    "SELECT person_id, path, own, category, level, state, band, seq, counted FROM figure_members";

/// Holds people's rows until the transaction ends, in one order everywhere; makes missing ones, counted nowhere.
pub(crate) async fn hold_members(
    tx: &Tx,
    people: &[PersonId],
    year: Year,
) -> Result<HashMap<PersonId, Member>> {
    let row = |p: &PersonId| params![year, p, "", "", "", "", "", "", 0_i64, "[]"];
    let mut ids: Vec<&PersonId> = people.iter().collect();
    ids.sort_by_key(ToString::to_string);
    let rows = ids.into_iter().map(row).collect();
    db::insert_rows(tx, "figure_members", &COLUMNS, rows, "ON CONFLICT (year, person_id) DO NOTHING").await?;
    let mut values = params![year];
    values.extend(people.iter().map(Param::param));
    let sql = format!(
        "{MEMBER} WHERE year = $1 AND person_id IN ({}) ORDER BY person_id{}",
        db::in_list(2, people.len()),
        db::dialect::for_update(tx)
    );
    db::all::<MemberRow>(tx, &sql, values).await?.into_iter().map(MemberRow::read).collect()
}

const COLUMNS: [&str; 10] =
    ["year", "person_id", "path", "own", "category", "level", "state", "band", "seq", "counted"];

/// A page of the members who are counted somewhere, by id.
pub(crate) async fn members_after(
    conn: &impl Conn,
    year: Year,
    (after, limit): (&str, i64),
) -> Result<Vec<(PersonId, Member)>> {
    let sql = format!("{MEMBER} WHERE year = $1 AND person_id > $2 ORDER BY person_id LIMIT $3");
    let rows: Vec<MemberRow> = db::all(conn, &sql, params![year, after, limit]).await?;
    rows.into_iter().map(MemberRow::read).collect()
}

/// Keeps what now stands of people.
pub(crate) async fn save_members(tx: &Tx, year: Year, members: &[(PersonId, Member)]) -> Result<()> {
    let row = |(person, m): &(PersonId, Member)| {
        let p = &m.place;
        params![year, person, p.path, p.own, p.category, p.level, m.state, m.band, m.seq, m.counted]
    };
    let suffix = "ON CONFLICT (year, person_id) DO UPDATE SET path = excluded.path, own = excluded.own, \
                  category = excluded.category, level = excluded.level, state = excluded.state, band = excluded.band, \
                  seq = excluded.seq, counted = excluded.counted";
    db::insert_rows(tx, "figure_members", &COLUMNS, members.iter().map(row).collect(), suffix).await?;
    Ok(())
}

/// Adds differences to the figures, in the order of their keys, so that two nodes never wait for each other in a ring.
pub(crate) async fn add(tx: &Tx, year: Year, changes: Vec<(Cell, Measures)>) -> Result<()> {
    const FIGURE_COLUMNS: [&str; 11] = [
        "year",
        "unit",
        "dim",
        "key",
        "people",
        "done",
        "under_way",
        "not_begun",
        "exempt",
        "entries",
        "hours",
    ];
    let row = |((unit, dim, key), m): (Cell, Measures)| {
        let [done, under_way, not_begun, exempt] = m.states;
        params![year, unit, dim.code(), key, m.people, done, under_way, not_begun, exempt, m.entries, m.hours]
    };
    let suffix = "ON CONFLICT (year, unit, dim, key) DO UPDATE SET people = figures.people + excluded.people, \
                  done = figures.done + excluded.done, under_way = figures.under_way + excluded.under_way, \
                  not_begun = figures.not_begun + excluded.not_begun, exempt = figures.exempt + excluded.exempt, \
                  entries = figures.entries + excluded.entries, hours = figures.hours + excluded.hours";
    let rows = changes.into_iter().map(row).collect();
    db::insert_rows(tx, "figures", &FIGURE_COLUMNS, rows, suffix).await?;
    Ok(())
}

/// What decides how someone is counted.
#[derive(FromQueryResult)]
struct FactRow {
    id: String,
    place: String,
    own: String,
    category: Option<String>,
    level: Option<String>,
    is_obliged: bool,
    is_contract: bool,
    state: String,
    total_hours: i64,
    seq: i64,
}

/// What decides how someone is counted.
pub(crate) struct Fact {
    pub place: String,
    pub own: String,
    pub category: Option<String>,
    pub level: Option<String>,
    pub is_obliged: bool,
    pub is_contract: bool,
    pub state: String,
    pub total_hours: i64,
    pub seq: i64,
}

/// The facts of people as the year sees them, with the values $1 and $2 of [`obliged`].
fn facts_sql(of: &Grounds, condition: &str) -> String {
    let [status, establishment, category, level] =
        [PlacedFact::Status, PlacedFact::Establishment, PlacedFact::Category, PlacedFact::Level]
            .map(|fact| of.view.fact(fact));
    format!(
        "SELECT p.id, {} AS place, u.code AS own, {category} AS category, {level} AS level, ({}) AS is_obliged, \
         (p.id_number_lookup IS NOT NULL AND {establishment} = 'contract' AND {status} = 'on_post') AS is_contract, \
         COALESCE(r.state, 'not_begun') AS state, COALESCE(r.total_hours, 0) AS total_hours, {BAND} AS band, \
         COALESCE(l.seq, 0) AS seq {} LEFT JOIN hour_heads l ON l.person_id = p.id WHERE {condition}",
        of.view.place(),
        obliged(of),
        people(of)
    )
}

/// Reads the facts of people.
pub(crate) async fn facts(
    conn: &impl Conn,
    people: &[PersonId],
    of: &Grounds,
) -> Result<HashMap<PersonId, Fact>> {
    let mut values = params![of.year(), of.latest_join()];
    values.extend(people.iter().map(Param::param));
    let sql = facts_sql(of, &format!("p.id IN ({})", db::in_list(3, people.len())));
    let rows: Vec<FactRow> = db::all(conn, &sql, values).await?;
    let read = |r: FactRow| {
        let FactRow { id, place, own, category, level, is_obliged, is_contract, state, total_hours, seq } = r;
        let fact = Fact { place, own, category, level, is_obliged, is_contract, state, total_hours, seq };
        Ok((id.parse()?, fact))
    };
    rows.into_iter().map(read).collect()
}

/// People whose facts differ from what stands of them: a unit that moved, a day that came, a change nobody told.
pub(crate) async fn drifted(
    conn: &impl Conn,
    of: &Grounds,
    (after, limit): (&str, i64),
) -> Result<Vec<PersonId>> {
    #[derive(FromQueryResult)]
    struct One {
        id: String,
    }
    let sql = format!(
        "SELECT f.id FROM ({}) f LEFT JOIN figure_members m ON m.year = $1 AND m.person_id = f.id \
         WHERE (m.person_id IS NULL AND (f.is_obliged OR f.is_contract)) OR (m.person_id IS NOT NULL AND m.state <> \
         (CASE WHEN f.is_obliged THEN f.state WHEN f.is_contract THEN 'contract' ELSE '' END)) \
         OR (m.state <> '' AND (m.path <> f.place OR m.own <> f.own OR m.category <> COALESCE(f.category, '') \
         OR m.level <> COALESCE(f.level, '') OR m.seq <> f.seq OR (f.is_obliged AND m.band <> f.band))) \
         ORDER BY f.id LIMIT $4",
        facts_sql(of, "p.id > $3")
    );
    let rows: Vec<One> = db::all(conn, &sql, params![of.year(), of.latest_join(), after, limit]).await?;
    rows.into_iter().map(|r| r.id.parse()).collect()
}

/// An entry of someone's ledger, as figures see it.
pub(crate) struct Line {
    pub id: String,
    pub source: String,
    pub subject: String,
    pub hours: i64,
    pub at: i64,
    pub reverses: Option<String>,
    pub facts: Value,
}

/// The entries of people's year.
pub(crate) async fn lines(
    conn: &impl Conn,
    people: &[PersonId],
    year: Year,
) -> Result<HashMap<PersonId, Vec<Line>>> {
    #[derive(FromQueryResult)]
    struct LineRow {
        person_id: String,
        id: String,
        source: String,
        subject: String,
        hours: i64,
        at: i64,
        reverses: Option<String>,
        facts: String,
    }
    let mut values = params![year];
    values.extend(people.iter().map(Param::param));
    let sql = format!(
        "SELECT person_id, id, source, subject, hours, at, reverses, facts FROM hour_entries WHERE year = $1 \
         AND person_id IN ({}) ORDER BY person_id, seq",
        db::in_list(2, people.len())
    );
    let mut found: HashMap<PersonId, Vec<Line>> = HashMap::new();
    for r in db::all::<LineRow>(conn, &sql, values).await? {
        let line = Line {
            id: r.id,
            source: r.source,
            subject: r.subject,
            hours: r.hours,
            at: r.at,
            reverses: r.reverses,
            facts: serde_json::from_str(&r.facts).map_err(Error::internal)?,
        };
        found.entry(r.person_id.parse()?).or_default().push(line);
    }
    Ok(found)
}

/// The topics of courses by provider and course; those without one are left out.
pub(crate) async fn topics(
    conn: &impl Conn,
    courses: &BTreeSet<String>,
) -> Result<HashMap<(String, String), String>> {
    #[derive(FromQueryResult)]
    struct Topic {
        provider: String,
        course: String,
        topic: String,
    }
    if courses.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = format!(
        "SELECT o.name AS provider, c.course, c.topic FROM provider_courses c JOIN providers o ON o.id = c.provider_id \
         WHERE c.topic <> '' AND c.course IN ({}) ORDER BY c.course, o.name",
        db::in_list(1, courses.len())
    );
    let rows: Vec<Topic> = db::all(conn, &sql, courses.iter().map(Param::param).collect()).await?;
    Ok(rows.into_iter().map(|t| ((t.provider, t.course), t.topic)).collect())
}
