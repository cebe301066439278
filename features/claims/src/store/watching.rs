//! Statements on spouses, deputies, reliefs, and what was decided on signals.
use base::{Instant, PersonId, Result, UnitId, Year};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;

/// Who is recorded as married to one of these people.
pub(crate) async fn spouses_of(conn: &impl Conn, people: &[PersonId]) -> Result<Vec<PersonId>> {
    #[derive(FromQueryResult)]
    struct Pair {
        person_id: String,
        spouse_id: String,
    }
    let list = db::in_list(1, people.len());
    let sql = format!(
        "SELECT person_id, spouse_id FROM spouses WHERE person_id IN ({list}) OR spouse_id IN ({list}) LIMIT 2000"
    );
    let pairs: Vec<Pair> = db::all(conn, &sql, people.iter().map(db::Param::param).collect()).await?;
    let both = pairs.iter().flat_map(|p| [&p.person_id, &p.spouse_id]);
    let both = both.map(|id| id.parse()).collect::<Result<Vec<PersonId>>>()?;
    Ok(both.into_iter().filter(|p| !people.contains(p)).collect())
}

/// Someone's name by id.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Named {
    /// The id.
    pub id: String,
    /// The name.
    pub name: String,
}

/// The spouse on record.
pub(crate) async fn spouse_of(conn: &impl Conn, person: PersonId) -> Result<Option<Named>> {
    let sql = "SELECT p.id, p.name FROM spouses s JOIN people p ON p.id = CASE WHEN s.person_id = $1 THEN s.spouse_id \
               ELSE s.person_id END WHERE s.person_id = $1 OR s.spouse_id = $1 LIMIT 1";
    db::maybe(conn, sql, params![person]).await
}

/// Takes whatever marriage of the two is on record away, and writes the one given.
pub(crate) async fn set_spouse(
    tx: &Tx,
    (person, spouse): (PersonId, Option<PersonId>),
    (by, now): (PersonId, Instant),
) -> Result<()> {
    let other = spouse.unwrap_or(person);
    let sql = "DELETE FROM spouses WHERE person_id IN ($1, $2) OR spouse_id IN ($1, $2)";
    db::execute(tx, sql, params![person, other]).await?;
    if let Some(spouse) = spouse {
        let sql =
            "INSERT INTO spouses (person_id, spouse_id, recorded_by, created_at) VALUES ($1, $2, $3, $4)";
        db::execute(tx, sql, params![person, spouse, by, now]).await?;
    }
    Ok(())
}

/// The deputy of a unit.
pub(crate) async fn deputy_of(conn: &impl Conn, unit: UnitId) -> Result<Option<Named>> {
    let sql =
        "SELECT p.id, p.name FROM review_deputies d JOIN people p ON p.id = d.deputy_id WHERE d.unit_id = $1";
    db::maybe(conn, sql, params![unit]).await
}

/// Names a deputy, or takes the name away.
pub(crate) async fn set_deputy(
    tx: &Tx,
    (unit, deputy): (UnitId, Option<PersonId>),
    (by, now): (PersonId, Instant),
) -> Result<()> {
    let Some(deputy) = deputy else {
        db::execute(tx, "DELETE FROM review_deputies WHERE unit_id = $1", params![unit]).await?;
        return Ok(());
    };
    let sql = "INSERT INTO review_deputies (unit_id, deputy_id, named_by, named_at) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (unit_id) DO UPDATE SET deputy_id = excluded.deputy_id, named_by = excluded.named_by, \
               named_at = excluded.named_at";
    db::execute(tx, sql, params![unit, deputy, by, now]).await?;
    Ok(())
}

/// A relief from a year by the authority's document.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Relief {
    /// The year.
    pub year: i64,
    /// The document's number.
    pub document: String,
    /// Why.
    pub reason: String,
}

/// The reliefs of a person that stand, the newest year first.
pub(crate) async fn reliefs(conn: &impl Conn, person: PersonId) -> Result<Vec<Relief>> {
    let sql = "SELECT year, document, reason FROM obligation_reliefs WHERE person_id = $1 AND ended_at IS NULL \
               ORDER BY year DESC LIMIT 100";
    db::all(conn, sql, params![person]).await
}

/// Ends the relief of a year; answers whether there was one.
pub(crate) async fn end_relief(
    tx: &Tx,
    (person, year): (PersonId, Year),
    (by, now): (PersonId, Instant),
) -> Result<bool> {
    let sql = "UPDATE obligation_reliefs SET ended_by = $1, ended_at = $2 WHERE person_id = $3 AND year = $4 \
               AND ended_at IS NULL";
    Ok(db::execute(tx, sql, params![by, now, person, year]).await? > 0)
}

pub(crate) async fn insert_relief(
    tx: &Tx,
    (id, person, year): (&str, PersonId, Year),
    (document, reason): (&str, &str),
    (by, now): (PersonId, Instant),
) -> Result<()> {
    let sql = "INSERT INTO obligation_reliefs (id, person_id, year, document, reason, marked_by, created_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7)";
    db::execute(tx, sql, params![id, person, year, document, reason, by, now]).await?;
    Ok(())
}

/// A make-up that was granted.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Grant {
    /// The year.
    pub year: i64,
    /// The last day.
    pub until: String,
    /// Why.
    pub reason: String,
}

/// The make-ups of a person that hold, the newest year first.
pub(crate) async fn make_ups(conn: &impl Conn, person: PersonId) -> Result<Vec<Grant>> {
    let sql = "SELECT year, until, reason FROM make_ups WHERE person_id = $1 AND ended_at IS NULL ORDER BY year DESC LIMIT 100";
    db::all(conn, sql, params![person]).await
}

/// Until when each of these people may make a year up.
pub(crate) async fn make_ups_of(conn: &impl Conn, people: &[String]) -> Result<Vec<(String, i64, String)>> {
    #[derive(FromQueryResult)]
    struct Row {
        person_id: String,
        year: i64,
        until: String,
    }
    if people.is_empty() {
        return Ok(vec![]);
    }
    let sql = format!(
        "SELECT person_id, year, until FROM make_ups WHERE ended_at IS NULL AND person_id IN ({})",
        db::in_list(1, people.len())
    );
    let rows: Vec<Row> = db::all(conn, &sql, people.iter().map(db::Param::param).collect()).await?;
    Ok(rows.into_iter().map(|r| (r.person_id, r.year, r.until)).collect())
}

/// The person of an account's name.
pub(crate) async fn by_account(conn: &impl Conn, account: &str) -> Result<Option<PersonId>> {
    #[derive(FromQueryResult)]
    struct Row {
        person_id: String,
    }
    let row: Option<Row> =
        db::maybe(conn, "SELECT person_id FROM accounts WHERE name = $1", params![account]).await?;
    row.map(|r| r.person_id.parse()).transpose()
}
