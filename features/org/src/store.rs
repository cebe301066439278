//! Statements on people and units.
use std::collections::HashMap;

use base::{Actor, Error, Instant, PersonId, Result, Scope, UnitId, person::Code};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;
use site::{Paging, Site};

use crate::{Person, READERS, Unit, UnitKind, Viewpoint};

#[derive(FromQueryResult)]
pub(crate) struct UnitRow {
    id: String,
    code: String,
    name: String,
    kind: String,
    path: String,
}

impl TryFrom<UnitRow> for Unit {
    type Error = Error;
    fn try_from(r: UnitRow) -> Result<Self> {
        let kind = UnitKind::from_code(&r.kind).ok_or_else(|| Error::internal("unknown kind of unit"))?;
        Ok(Self { id: r.id.parse()?, code: r.code, name: r.name, kind, path: r.path })
    }
}

/// A unit's columns.
pub(crate) const UNIT: &str = "SELECT id, code, name, kind, path FROM units";

pub(crate) async fn unit_by_code(conn: &impl Conn, code: &str) -> Result<Option<Unit>> {
    let sql = "SELECT id, code, name, kind, path FROM units WHERE code = $1";
    db::maybe::<UnitRow>(conn, sql, params![code]).await?.map(Unit::try_from).transpose()
}

pub(crate) async fn unit_by_longest_code(conn: &impl Conn, codes: &[String]) -> Result<Option<Unit>> {
    if codes.is_empty() {
        return Ok(None);
    }
    let list = db::in_list(1, codes.len());
    let sql = format!(
        "SELECT id, code, name, kind, path FROM units WHERE code IN ({list}) ORDER BY LENGTH(code) DESC LIMIT 1"
    );
    let values = codes.iter().map(db::Param::param).collect();
    db::maybe::<UnitRow>(conn, &sql, values).await?.map(Unit::try_from).transpose()
}

/// The columns of a new unit.
pub(crate) const UNIT_COLUMNS: &[&str] = &["id", "code", "name", "kind", "parent_id", "path", "created_at"];

/// A new unit's row.
pub(crate) fn unit_row(u: &Unit, parent: Option<UnitId>, now: Instant) -> Vec<db::Value> {
    params![u.id, u.code, u.name, u.kind.code(), parent, u.path, now]
}

/// The row of a unit's department by its number, from 1.
pub(crate) fn department_row(
    unit: &Unit,
    (id, name): (UnitId, &str),
    n: i64,
    now: Instant,
) -> Vec<db::Value> {
    let code = format!("{}-{n:03}", unit.code);
    let path = format!("{}{code}/", unit.path);
    params![id, code, name, "department", Some(unit.id), path, now]
}

pub(crate) async fn insert_unit(tx: &Tx, u: &Unit, parent: Option<UnitId>, now: Instant) -> Result<()> {
    db::insert_rows(tx, "units", UNIT_COLUMNS, vec![unit_row(u, parent, now)], "").await?;
    Ok(())
}

/// The units directly below one, in the actor's scope.
pub(crate) async fn units_below(
    conn: &impl Conn,
    parent: &Unit,
    scope: &Scope,
    paging: &Paging,
) -> Result<Vec<Unit>> {
    let mut values = params![parent.id, paging.after(), paging.limit() + 1];
    let within = db::in_scope("path", scope, &mut values);
    let sql = format!(
        "{UNIT} WHERE parent_id = $1 AND code > $2 AND ended_on IS NULL AND {within} ORDER BY code LIMIT $3"
    );
    db::all::<UnitRow>(conn, &sql, values).await?.into_iter().map(Unit::try_from).collect()
}

/// The departments of a unit by name.
pub(crate) async fn departments(conn: &impl Conn, unit: UnitId) -> Result<HashMap<String, UnitId>> {
    let sql = format!("{UNIT} WHERE parent_id = $1 AND kind = 'department' AND ended_on IS NULL");
    let rows: Vec<UnitRow> = db::all(conn, &sql, params![unit]).await?;
    rows.into_iter().map(|r| Ok((r.name, r.id.parse()?))).collect()
}

pub(crate) async fn insert_departments(tx: &Tx, site: &Site, unit: &Unit, names: &[String]) -> Result<()> {
    let prefix = format!("{}-", unit.code);
    // A department that went to another unit keeps its code.
    let sql = "SELECT COUNT(*) FROM units WHERE parent_id = $1 OR (code >= $2 AND code < $3)";
    let existing = db::count(tx, sql, params![unit.id, prefix, format!("{prefix}~")]).await?;
    let rows = (existing + 1..)
        .zip(names)
        .map(|(n, name)| department_row(unit, (site.new_id(), name.as_str()), n, site.now()));
    db::insert_rows(tx, "units", UNIT_COLUMNS, rows.collect(), "").await?;
    Ok(())
}

#[derive(FromQueryResult)]
pub(crate) struct PersonRow {
    pub id: String,
    name: String,
    unit_id: String,
    unit_name: String,
    path: String,
    department: Option<String>,
    id_number_masked: Option<String>,
    gender: Option<String>,
    birth_date: Option<String>,
    category: Option<String>,
    level: Option<String>,
    establishment: String,
    status: String,
    retirement: String,
    joined_on: Option<String>,
    department_id: Option<String>,
    id_type: String,
    staff_no: Option<String>,
    post_claimed_at: Option<i64>,
}

pub(crate) const PERSON: &str = "SELECT p.id, p.name, p.unit_id, u.name AS unit_name, COALESCE(d.path, u.path) AS path, \
    d.name AS department, p.id_number_masked, p.gender, p.birth_date, p.category, p.level, p.establishment, p.status, \
    p.retirement, p.joined_on, p.department_id, p.id_type, p.staff_no, p.post_claimed_at FROM people p JOIN units u ON u.id = p.unit_id LEFT JOIN units d ON d.id = p.department_id";

impl TryFrom<PersonRow> for Person {
    type Error = Error;
    fn try_from(r: PersonRow) -> Result<Self> {
        fn code<T: Code>(text: Option<String>) -> Result<Option<T>> {
            text.map(|t| T::from_code(&t).ok_or_else(|| Error::internal(format!("unknown code {t}"))))
                .transpose()
        }
        let day = |text: Option<String>| text.map(|t| t.parse().map_err(Error::internal)).transpose();
        Ok(Self {
            id: r.id.parse()?,
            name: r.name,
            unit: r.unit_id.parse()?,
            unit_name: r.unit_name,
            path: r.path,
            department: r.department,
            id_number_masked: r.id_number_masked,
            gender: code(r.gender)?,
            birth_date: day(r.birth_date)?,
            category: code(r.category)?,
            level: code(r.level)?,
            establishment: code(Some(r.establishment))?.unwrap_or_default(),
            status: code(Some(r.status))?.ok_or_else(|| Error::internal("no status"))?,
            retirement: code(Some(r.retirement))?.unwrap_or_default(),
            joined_on: day(r.joined_on)?,
            department_id: r.department_id.map(|d| d.parse()).transpose()?,
            id_type: code(Some(r.id_type))?.unwrap_or_default(),
            staff_no: r.staff_no,
            is_post_claimed: r.post_claimed_at.is_some(),
        })
    }
}

/// A person by id, held until the transaction ends.
pub async fn held_person(tx: &Tx, id: PersonId) -> Result<Person> {
    let lock = format!("SELECT id FROM people WHERE id = $1{}", db::dialect::for_update(tx));
    db::execute(tx, &lock, params![id]).await?;
    person(tx, id).await
}

/// A person by id.
pub async fn person(conn: &impl Conn, id: PersonId) -> Result<Person> {
    db::one::<PersonRow>(conn, &format!("{PERSON} WHERE p.id = $1"), params![id]).await?.try_into()
}

/// The people of these ids, in the order of ids; who is not there is left out.
pub async fn people_by_id(conn: &impl Conn, ids: &[PersonId]) -> Result<Vec<Person>> {
    let mut found = vec![];
    for chunk in ids.chunks(5000) {
        let sql = format!("{PERSON} WHERE p.id IN ({}) ORDER BY p.id", db::in_list(1, chunk.len()));
        let rows: Vec<PersonRow> = db::all(conn, &sql, chunk.iter().map(db::Param::param).collect()).await?;
        for row in rows {
            found.push(row.try_into()?);
        }
    }
    Ok(found)
}

/// A person with account, as lists show one.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The person.
    pub person: Person,
    /// The account's name.
    pub account: String,
    /// Whether a phone is bound.
    pub is_phone_bound: bool,
}

/// Which people a list asks for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted<'a> {
    pub unit_path: Option<&'a str>,
    pub text: Option<&'a str>,
    /// What the text may stand under where it is a whole number.
    pub lookups: Vec<String>,
}

/// That people lie in a scope, told by the columns themselves: of `COALESCE` over both a database keeps no statistics, and of
/// a whole province it would expect some forty people and gather everyone to find them.
fn placed(scope: &Scope, values: &mut Vec<db::Value>) -> String {
    let (department, unit) = (db::in_scope("d.path", scope, values), db::in_scope("u.path", scope, values));
    format!("({department} OR (d.id IS NULL AND {unit}))")
}

/// Whether a scope holds so few units that its people are found from them; those of more are met soon enough in the order
/// of all people.
async fn is_narrow(conn: &impl Conn, scope: &Scope) -> Result<bool> {
    const FEW: i64 = 1000;
    let mut values = params![FEW + 1];
    let within = db::in_scope("path", scope, &mut values);
    let sql = format!("SELECT COUNT(*) FROM (SELECT id FROM units WHERE {within} LIMIT $1) n");
    Ok(db::count(conn, &sql, values).await? <= FEW)
}

/// People in the actor's scope, by id.
pub(crate) async fn people(
    conn: &impl Conn,
    actor: &Actor,
    wanted: &Wanted<'_>,
    paging: &Paging,
) -> Result<Vec<Listed>> {
    let mut values = params![paging.after(), paging.limit() + 1];
    let held = placed(&actor.scope(READERS), &mut values);
    let mut conditions = vec![held, "p.merged_into IS NULL".to_owned()];
    let mut looked_at = actor.scope(READERS);
    if let Some(path) = wanted.unit_path {
        looked_at = Scope { paths: vec![path.to_owned()] };
        conditions.push(placed(&looked_at, &mut values));
    }
    if is_narrow(conn, &looked_at).await? {
        conditions.push(Viewpoint::TODAY.within(&looked_at, &mut values));
    }
    if let Some(text) = wanted.text.filter(|t| !t.trim().is_empty()) {
        let text = base::name::person_name(text).unwrap_or_else(|| text.trim().to_owned());
        let escaped = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        values.push(db::Param::param(&format!("%{escaped}%")));
        values.push(db::Param::param(&text));
        let (name, number) = (values.len() - 1, values.len());
        let by_paper = match wanted.lookups.len() {
            0 => String::new(),
            n => {
                let list = db::in_list(number + 1, n);
                format!(
                    " OR p.id_number_lookup IN ({list}) \
                     OR p.id IN (SELECT person_id FROM former_papers WHERE lookup IN ({list}))"
                )
            }
        };
        values.extend(wanted.lookups.iter().map(db::Param::param));
        conditions.push(format!("(p.name LIKE ${name} ESCAPE '\\' OR p.staff_no = ${number}{by_paper})"));
    }
    let sql = format!("{PERSON} WHERE p.id > $1 AND {} ORDER BY p.id LIMIT $2", conditions.join(" AND "));
    let rows: Vec<PersonRow> = db::all(conn, &sql, values).await?;
    let people: Vec<Person> = rows.into_iter().map(Person::try_from).collect::<Result<_>>()?;
    let ids: Vec<PersonId> = people.iter().map(|p| p.id).collect();
    let mut names = accounts::account_names(conn, &ids).await?;
    let listed = |person: Person| {
        let (account, is_phone_bound) = names.remove(&person.id).unwrap_or_default();
        Listed { person, account, is_phone_bound }
    };
    Ok(people.into_iter().map(listed).collect())
}

/// The people of a subtree who are on post and known to the rules: whom a unit training is booked for.
pub async fn trainees_under(conn: &impl Conn, path: &str) -> Result<Vec<Person>> {
    let mut values = vec![];
    let within = db::in_scope("u.path", &Scope { paths: vec![path.to_owned()] }, &mut values);
    let sql = format!(
        "{PERSON} WHERE {within} AND p.status = 'on_post' AND p.id_number_lookup IS NOT NULL ORDER BY p.id LIMIT 50000"
    );
    db::all::<PersonRow>(conn, &sql, values).await?.into_iter().map(Person::try_from).collect()
}

/// People on post elsewhere who are seconded to a unit of a subtree, or hold a concurrent post there, on a day.
pub async fn hosted_under(conn: &impl Conn, path: &str, on: base::Day) -> Result<Vec<Person>> {
    let mut values = params![on];
    let within = db::in_scope("h.path", &Scope { paths: vec![path.to_owned()] }, &mut values);
    let sql = format!(
        "{PERSON} WHERE p.status = 'on_post' AND p.id_number_lookup IS NOT NULL AND p.id IN (SELECT o.person_id \
         FROM posts o JOIN units h ON h.id = o.unit_id WHERE o.ended_at IS NULL AND o.from_day <= $1 \
         AND (o.until_day IS NULL OR o.until_day >= $1) AND {within}) ORDER BY p.id LIMIT 20000"
    );
    db::all::<PersonRow>(conn, &sql, values).await?.into_iter().map(Person::try_from).collect()
}

/// The people of a scope who have one of these names or staff numbers.
pub(crate) async fn called(conn: &impl Conn, scope: &Scope, words: &[String]) -> Result<Vec<Person>> {
    let mut found = vec![];
    for chunk in words.chunks(2000) {
        let mut values: Vec<db::Value> = chunk.iter().map(db::Param::param).collect();
        let list = db::in_list(1, chunk.len());
        let within = db::in_scope("COALESCE(d.path, u.path)", scope, &mut values);
        let sql = format!(
            "{PERSON} WHERE p.merged_into IS NULL AND (p.name IN ({list}) OR p.staff_no IN ({list})) AND {within} ORDER BY p.id LIMIT 10000"
        );
        let rows: Vec<PersonRow> = db::all(conn, &sql, values).await?;
        for row in rows {
            let person = Person::try_from(row)?;
            if !found.iter().any(|p: &Person| p.id == person.id) {
                found.push(person);
            }
        }
    }
    Ok(found)
}

/// A roster that was uploaded, sealed, and what became of it.
#[derive(FromQueryResult)]
pub(crate) struct Draft {
    pub unit_id: String,
    pub file_sealed: String,
    pub file_name: String,
    /// `open`, `running`, `done` or `failed`.
    pub state: String,
    pub outcome: Option<String>,
}

pub(crate) async fn insert_draft(
    conn: &impl Conn,
    (id, sealed, file_name): (&str, &str, &str),
    unit: UnitId,
    by: PersonId,
    now: Instant,
) -> Result<()> {
    let old = base::day::millis(now) - 3_600_000;
    db::execute(conn, "DELETE FROM roster_drafts WHERE created_at < $1", params![old]).await?;
    let sql = "INSERT INTO roster_drafts (id, unit_id, by_person, file_sealed, file_name, created_at) \
               VALUES ($1, $2, $3, $4, $5, $6)";
    db::execute(conn, sql, params![id, unit, by, sealed, file_name, now]).await?;
    Ok(())
}

pub(crate) async fn draft(conn: &impl Conn, id: &str, by: PersonId) -> Result<Option<Draft>> {
    let sql = "SELECT unit_id, file_sealed, file_name, state, outcome FROM roster_drafts WHERE id = $1 AND by_person = $2";
    db::maybe(conn, sql, params![id, by]).await
}

/// Marks a draft as being imported; false if it is already.
pub(crate) async fn begin_draft(conn: &impl Conn, id: &str) -> Result<bool> {
    let sql = "UPDATE roster_drafts SET state = 'running' WHERE id = $1 AND state = 'open'";
    Ok(db::execute(conn, sql, params![id]).await? == 1)
}

/// Keeps what came of a draft; its file is no longer needed.
pub(crate) async fn end_draft(conn: &impl Conn, id: &str, state: &str, outcome: &str) -> Result<()> {
    let sql = "UPDATE roster_drafts SET state = $1, outcome = $2, file_sealed = '' WHERE id = $3";
    db::execute(conn, sql, params![state, outcome, id]).await?;
    Ok(())
}

/// The unit above another.
pub(crate) async fn unit_above(conn: &impl Conn, id: UnitId) -> Result<Option<Unit>> {
    let sql = "SELECT a.id, a.code, a.name, a.kind, a.path FROM units u JOIN units a ON a.id = u.parent_id WHERE u.id = $1";
    db::maybe::<UnitRow>(conn, sql, params![id]).await?.map(Unit::try_from).transpose()
}

/// The records that went into a person's.
pub async fn merged_into(conn: &impl Conn, kept: PersonId) -> Result<Vec<Person>> {
    let sql = format!("{PERSON} WHERE p.merged_into = $1 ORDER BY p.id LIMIT 50");
    db::all::<PersonRow>(conn, &sql, params![kept]).await?.into_iter().map(Person::try_from).collect()
}

/// Holds a unit until the transaction ends, so that two do not number its departments at once.
pub(crate) async fn hold_unit(tx: &Tx, id: UnitId) -> Result<()> {
    let lock = format!("SELECT id FROM units WHERE id = $1{}", db::dialect::for_update(tx));
    db::execute(tx, &lock, params![id]).await?;
    Ok(())
}

/// A unit by id.
pub async fn unit_by_id(conn: &impl Conn, id: UnitId) -> Result<Unit> {
    let sql = "SELECT id, code, name, kind, path FROM units WHERE id = $1";
    db::one::<UnitRow>(conn, sql, params![id]).await?.try_into()
}

/// A person's ID number in clear, for comparing it with what was said.
pub(crate) async fn id_number(site: &Site, conn: &impl Conn, id: PersonId) -> Result<Option<String>> {
    #[derive(FromQueryResult)]
    struct Row {
        id_number_sealed: Option<String>,
    }
    let row: Row = db::one(conn, "SELECT id_number_sealed FROM people WHERE id = $1", params![id]).await?;
    let open = |sealed: String| site.keys.open_sealed(&format!("people.id_number:{id}"), &sealed);
    row.id_number_sealed.map(open).transpose()
}

/// A check of who is calling, as it is kept: never the values.
pub(crate) struct IdentityCheck<'a> {
    pub person: PersonId,
    pub agent: PersonId,
    pub proof: &'a str,
    pub note: &'a str,
}

pub(crate) async fn insert_identity_check(
    site: &Site,
    tx: &Tx,
    check: &IdentityCheck<'_>,
    (compared, is_passed): (&str, bool),
) -> Result<()> {
    let id: base::Id<base::id::of::Entry> = site.new_id();
    let sql = "INSERT INTO identity_checks (id, person_id, agent_id, compared, proof, note, is_passed, at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let IdentityCheck { person, agent, proof, note } = check;
    db::execute(tx, sql, params![id, person, agent, compared, proof, note, is_passed, site.now()]).await?;
    Ok(())
}

pub(crate) async fn failed_identity_checks(conn: &impl Conn, person: PersonId, since: i64) -> Result<i64> {
    let sql = "SELECT COUNT(*) FROM identity_checks WHERE person_id = $1 AND at > $2 AND is_passed = $3";
    db::count(conn, sql, params![person, since, false]).await
}
