//! Statements of the report after a breach. The people who may be affected are a condition that each statement holds, never a
//! list that is carried about: a unit may have a hundred thousand.
use base::{Day, Result, Scope, day};
use db::{Conn, Param, Value, params};
use sea_orm::FromQueryResult;

use crate::{
    breach::{Deed, Person, Reach},
    holding::{Holding, Whose},
};

/// So many people stand in a report one by one.
const MOST_PEOPLE: usize = 20_000;
/// And so many deeds.
const MOST_DEEDS: usize = 5_000;

/// The instants of a report's days, both ends included.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Within {
    from: i64,
    to: i64,
}

impl Within {
    pub(crate) fn new(from: Day, to: Day) -> Self {
        let (from, to) = (day::millis(day::start_of(from)), day::millis(day::start_of(to)));
        Self { from, to: to + 86_400_000 - 1 }
    }
}

/// The ids of people as a subquery with its parameters, which are a statement's first.
pub(crate) struct Affected {
    sql: String,
    values: Vec<Value>,
}

const PLACE: &str = "COALESCE(d.path, u.path)";
const PEOPLE: &str = "people p JOIN units u ON u.id = p.unit_id LEFT JOIN units d ON d.id = p.department_id";

fn list(values: &mut Vec<Value>, of: &[String]) -> String {
    let marks = db::in_list(values.len() + 1, of.len());
    values.extend(of.iter().map(Param::param));
    marks
}

impl Affected {
    /// Whoever lies in the scope and is in one of the units, is named, owns one of the accounts, or is concerned by what
    /// those accounts did.
    pub(crate) fn new(
        scope: &Scope,
        units: &Scope,
        people: &[String],
        (accounts, within): (&[String], Within),
    ) -> Self {
        let mut values = vec![];
        let inside = db::in_scope(PLACE, scope, &mut values);
        let mut any = vec![db::in_scope(PLACE, units, &mut values)];
        if !people.is_empty() {
            any.push(format!("p.id IN ({})", list(&mut values, people)));
        }
        if !accounts.is_empty() {
            let owners = list(&mut values, accounts);
            values.extend(params![within.from, within.to]);
            let deeds = format!(
                "e.actor IN ({owners}) AND e.at >= ${} AND e.at <= ${}",
                values.len() - 1,
                values.len()
            );
            any.push(format!("p.id IN ({owners})"));
            any.push(format!("p.id IN (SELECT e.object FROM audit_entries e WHERE {deeds})"));
            any.push(format!(
                "p.id IN (SELECT c.person_id FROM accounts c JOIN audit_entries e ON e.object = c.id WHERE {deeds})"
            ));
        }
        let sql = format!("SELECT p.id FROM {PEOPLE} WHERE {inside} AND ({})", any.join(" OR "));
        Self { sql, values }
    }
}

pub(crate) async fn unit_paths(conn: &impl Conn, codes: &[String]) -> Result<Vec<String>> {
    #[derive(FromQueryResult)]
    struct Row {
        path: String,
    }
    if codes.is_empty() {
        return Ok(vec![]);
    }
    let mut values = vec![];
    let sql = format!("SELECT path FROM units WHERE code IN ({})", list(&mut values, codes));
    Ok(db::all::<Row>(conn, &sql, values).await?.into_iter().map(|r| r.path).collect())
}

async fn ids(
    conn: &impl Conn,
    scope: &Scope,
    (tables, column): (&str, &str),
    of: &[String],
) -> Result<Vec<String>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: String,
    }
    if of.is_empty() {
        return Ok(vec![]);
    }
    let mut values = vec![];
    let within = db::in_scope(PLACE, scope, &mut values);
    let sql = format!("SELECT p.id FROM {tables} WHERE {within} AND {column} IN ({})", list(&mut values, of));
    Ok(db::all::<Row>(conn, &sql, values).await?.into_iter().map(|r| r.id).collect())
}

/// Those of the named people who are in the scope.
pub(crate) async fn known_people(conn: &impl Conn, scope: &Scope, people: &[String]) -> Result<Vec<String>> {
    ids(conn, scope, (PEOPLE, "p.id"), people).await
}

/// The people behind accounts of the scope.
pub(crate) async fn people_of_accounts(
    conn: &impl Conn,
    scope: &Scope,
    accounts: &[String],
) -> Result<Vec<String>> {
    let tables = format!("{PEOPLE} JOIN accounts a ON a.person_id = p.id");
    ids(conn, scope, (&tables, "a.name"), accounts).await
}

/// How many rows a table holds of the people.
pub(crate) async fn rows(conn: &impl Conn, holding: &Holding, of: &Affected) -> Result<i64> {
    let people = &of.sql;
    let owned = match holding.whose {
        Whose::Person(column) => format!("t.{column} IN ({people})"),
        Whose::Account(column) => {
            format!("t.{column} IN (SELECT o.id FROM accounts o WHERE o.person_id IN ({people}))")
        }
        Whose::Through(column, table, key, person) => {
            format!("t.{column} IN (SELECT o.{key} FROM {table} o WHERE o.{person} IN ({people}))")
        }
    };
    let sql = format!("SELECT COUNT(*) FROM {} t WHERE {owned}", holding.table);
    db::count(conn, &sql, of.values.clone()).await
}

pub(crate) async fn how_many(conn: &impl Conn, of: &Affected) -> Result<i64> {
    db::count(conn, &format!("SELECT COUNT(*) FROM ({}) x", of.sql), of.values.clone()).await
}

/// The people one by one, names masked.
pub(crate) async fn people(conn: &impl Conn, of: &Affected) -> Result<Vec<Person>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: String,
        name: String,
        id_number_masked: Option<String>,
        unit: String,
        phones: i64,
    }
    let sql = format!(
        "SELECT q.id, q.name, q.id_number_masked, v.name AS unit, \
         (SELECT COUNT(*) FROM accounts a WHERE a.person_id = q.id AND a.phone_sealed IS NOT NULL) AS phones \
         FROM people q JOIN units v ON v.id = q.unit_id WHERE q.id IN ({}) ORDER BY v.path, q.id LIMIT {MOST_PEOPLE}",
        of.sql
    );
    let rows: Vec<Row> = db::all(conn, &sql, of.values.clone()).await?;
    let shown = |r: Row| Person {
        id: r.id,
        name: base::name::masked(&r.name),
        id_number_masked: r.id_number_masked,
        unit: r.unit,
        phone_bound: r.phones > 0,
    };
    Ok(rows.into_iter().map(shown).collect())
}

/// The roles that people held in these days, and how many people are below each.
pub(crate) async fn reach(conn: &impl Conn, people: &[String], within: Within) -> Result<Vec<Reach>> {
    if people.is_empty() {
        return Ok(vec![]);
    }
    let mut values = params![within.from, within.to];
    let sql = format!(
        "SELECT a.name AS account, g.role, u.code AS unit, u.name AS unit_name, \
         (SELECT COUNT(*) FROM people q JOIN units v ON v.id = q.unit_id WHERE v.path >= u.path \
         AND v.path < SUBSTR(u.path, 1, LENGTH(u.path) - 1) || '0') AS people \
         FROM role_grants g JOIN units u ON u.id = g.unit_id JOIN accounts a ON a.person_id = g.person_id \
         WHERE g.granted_at <= $2 AND (g.ended_at IS NULL OR g.ended_at >= $1) AND g.person_id IN ({}) \
         ORDER BY a.name, u.path, g.role LIMIT 1000",
        list(&mut values, people)
    );
    db::all(conn, &sql, values).await
}

fn of_deeds(of: &Affected, (accounts, within): (&[String], Within)) -> (String, Vec<Value>) {
    let mut values = of.values.clone();
    values.extend(params![within.from, within.to]);
    let at = format!("e.at >= ${} AND e.at <= ${}", values.len() - 1, values.len());
    let mut any = vec![
        format!("e.object IN ({})", of.sql),
        format!("e.object IN (SELECT o.id FROM accounts o WHERE o.person_id IN ({}))", of.sql),
    ];
    if !accounts.is_empty() {
        any.push(format!("e.actor IN ({})", list(&mut values, accounts)));
    }
    (format!("{at} AND ({})", any.join(" OR ")), values)
}

pub(crate) async fn how_many_deeds(conn: &impl Conn, of: &Affected, by: (&[String], Within)) -> Result<i64> {
    let (condition, values) = of_deeds(of, by);
    db::count(conn, &format!("SELECT COUNT(*) FROM audit_entries e WHERE {condition}"), values).await
}

/// What the accounts did and what was done about the people, the newest first.
pub(crate) async fn deeds(conn: &impl Conn, of: &Affected, by: (&[String], Within)) -> Result<Vec<Deed>> {
    #[derive(FromQueryResult)]
    struct Row {
        seq: i64,
        at: i64,
        actor: Option<String>,
        role: Option<String>,
        action: String,
        object: String,
        address: String,
    }
    let (condition, values) = of_deeds(of, by);
    let sql = format!(
        "SELECT e.seq, e.at, q.name AS actor, e.role, e.action, e.object, e.address FROM audit_entries e \
         LEFT JOIN people q ON q.id = e.actor WHERE {condition} ORDER BY e.seq DESC LIMIT {MOST_DEEDS}"
    );
    let shown = |r: Row| Deed {
        seq: r.seq,
        at: day::rfc3339(day::from_millis(r.at)),
        actor: r.actor.as_deref().map(base::name::masked),
        role: r.role,
        action: r.action,
        object: r.object,
        network: r.address,
    };
    Ok(db::all::<Row>(conn, &sql, values).await?.into_iter().map(shown).collect())
}
