//! Statements on people and units.
use std::collections::HashMap;

use base::{Actor, Error, Instant, PersonId, Result, Scope, UnitId, person::Code};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;
use site::{Paging, Site};

use crate::{
    Person, READERS, Unit, UnitKind,
    person::{NewPerson, Stamp},
};

#[derive(FromQueryResult)]
struct UnitRow {
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

pub(crate) async fn insert_unit(tx: &Tx, u: &Unit, parent: Option<UnitId>, now: Instant) -> Result<()> {
    let sql = "INSERT INTO units (id, code, name, kind, parent_id, path, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    db::execute(tx, sql, params![u.id, u.code, u.name, u.kind.code(), parent, u.path, now]).await?;
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
        "SELECT id, code, name, kind, path FROM units WHERE parent_id = $1 AND code > $2 AND {within} ORDER BY code LIMIT $3"
    );
    db::all::<UnitRow>(conn, &sql, values).await?.into_iter().map(Unit::try_from).collect()
}

/// The departments of a unit by name.
pub(crate) async fn departments(conn: &impl Conn, unit: UnitId) -> Result<HashMap<String, UnitId>> {
    let sql = "SELECT id, code, name, kind, path FROM units WHERE parent_id = $1 AND kind = 'department'";
    let rows: Vec<UnitRow> = db::all(conn, sql, params![unit]).await?;
    rows.into_iter().map(|r| Ok((r.name, r.id.parse()?))).collect()
}

pub(crate) async fn insert_departments(tx: &Tx, site: &Site, unit: &Unit, names: &[String]) -> Result<()> {
    let existing = db::count(tx, "SELECT COUNT(*) FROM units WHERE parent_id = $1", params![unit.id]).await?;
    let rows = (existing + 1..)
        .zip(names)
        .map(|(n, name)| {
            let code = format!("{}-{n:03}", unit.code);
            let path = format!("{}{code}/", unit.path);
            let id: UnitId = site.new_id();
            params![id, code, name, "department", Some(unit.id), path, site.now()]
        })
        .collect();
    let columns = ["id", "code", "name", "kind", "parent_id", "path", "created_at"];
    db::insert_rows(tx, "units", &columns, rows, "").await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct PersonRow {
    id: String,
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
}

const PERSON: &str = "SELECT p.id, p.name, p.unit_id, u.name AS unit_name, COALESCE(d.path, u.path) AS path, \
    d.name AS department, p.id_number_masked, p.gender, p.birth_date, p.category, p.level, p.establishment, p.status, \
    p.retirement, p.joined_on FROM people p JOIN units u ON u.id = p.unit_id LEFT JOIN units d ON d.id = p.department_id";

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
        })
    }
}

/// A person by id.
pub async fn person(conn: &impl Conn, id: PersonId) -> Result<Person> {
    db::one::<PersonRow>(conn, &format!("{PERSON} WHERE p.id = $1"), params![id]).await?.try_into()
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
    pub id_number_lookup: Option<String>,
}

/// People in the actor's scope, by id.
pub(crate) async fn people(
    conn: &impl Conn,
    actor: &Actor,
    wanted: &Wanted<'_>,
    paging: &Paging,
) -> Result<Vec<Listed>> {
    let mut values = params![paging.after(), paging.limit() + 1];
    let mut conditions = vec![db::in_scope("COALESCE(d.path, u.path)", &actor.scope(READERS), &mut values)];
    if let Some(path) = wanted.unit_path {
        let scope = Scope { paths: vec![path.to_owned()] };
        conditions.push(db::in_scope("COALESCE(d.path, u.path)", &scope, &mut values));
    }
    if let Some(text) = wanted.text.filter(|t| !t.trim().is_empty()) {
        let escaped = text.trim().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        values.push(db::Param::param(&format!("%{escaped}%")));
        values.push(db::Param::param(&wanted.id_number_lookup.clone().unwrap_or_default()));
        let n = values.len();
        conditions.push(format!("(p.name LIKE ${} ESCAPE '\\' OR p.id_number_lookup = ${n})", n - 1));
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

/// Up to `limit` trainees of a scope after an id, in order, whatever their status: what goes over everyone.
pub async fn trainees_after(conn: &impl Conn, scope: &Scope, after: &str, limit: i64) -> Result<Vec<Person>> {
    let mut values = params![after, limit];
    let within = db::in_scope("COALESCE(d.path, u.path)", scope, &mut values);
    let sql = format!(
        "{PERSON} WHERE p.id > $1 AND p.id_number_lookup IS NOT NULL AND {within} ORDER BY p.id LIMIT $2"
    );
    db::all::<PersonRow>(conn, &sql, values).await?.into_iter().map(Person::try_from).collect()
}

/// The people whose ID numbers have these indexes, by index.
pub(crate) async fn by_id_numbers(conn: &impl Conn, lookups: &[String]) -> Result<HashMap<String, Person>> {
    #[derive(FromQueryResult)]
    struct Found {
        id: String,
        id_number_lookup: String,
    }
    let mut found = HashMap::new();
    for chunk in lookups.chunks(5000) {
        let list = db::in_list(1, chunk.len());
        let values: Vec<db::Value> = chunk.iter().map(db::Param::param).collect();
        let sql = format!("SELECT id, id_number_lookup FROM people WHERE id_number_lookup IN ({list})");
        let ids: Vec<Found> = db::all(conn, &sql, values.clone()).await?;
        let sql = format!("{PERSON} WHERE p.id_number_lookup IN ({list})");
        let rows: Vec<PersonRow> = db::all(conn, &sql, values).await?;
        let mut people: HashMap<String, PersonRow> = rows.into_iter().map(|r| (r.id.clone(), r)).collect();
        for f in ids {
            if let Some(row) = people.remove(&f.id) {
                found.insert(f.id_number_lookup, row.try_into()?);
            }
        }
    }
    Ok(found)
}

/// Writes new people with their sealed numbers.
pub(crate) async fn insert_people(
    site: &Site,
    tx: &Tx,
    people: &[NewPerson],
    departments: &HashMap<String, UnitId>,
    stamp: Stamp,
) -> Result<()> {
    let columns = [
        "id",
        "unit_id",
        "department_id",
        "name",
        "id_number_sealed",
        "id_number_lookup",
        "id_number_masked",
        "gender",
        "birth_date",
        "category",
        "level",
        "establishment",
        "status",
        "retirement",
        "joined_on",
        "contact_phone_sealed",
        "created_at",
        "updated_at",
    ];
    let row = |p: &NewPerson| -> Result<Vec<db::Value>> {
        let seal = |column: &str, value: &str| {
            site.keys.seal(&format!("people.{column}:{}", p.id), value, &*site.random)
        };
        let sealed = p.id_number.as_ref().map(|n| seal("id_number", n.as_str())).transpose()?;
        let phone = p.facts.contact_phone.as_ref().map(|n| seal("contact_phone", n.as_str())).transpose()?;
        let number = p.id_number.as_ref();
        Ok(params![
            p.id,
            stamp.unit,
            p.facts.department.as_ref().and_then(|d| departments.get(d)).copied(),
            p.name,
            sealed,
            number.map(|n| accounts::id_number_lookup(site, n)),
            number.map(base::IdNumber::masked),
            number.map(|n| n.gender().code()),
            number.map(base::IdNumber::birth_date),
            p.facts.category.map(|c| c.code()),
            p.facts.level.map(|l| l.code()),
            "established",
            p.facts.status.code(),
            "cadre",
            p.facts.joined_on,
            phone,
            stamp.now,
            stamp.now,
        ])
    };
    let rows = people.iter().map(row).collect::<Result<_>>()?;
    db::insert_rows(tx, "people", &columns, rows, "").await?;
    Ok(())
}

/// Writes what a roster states about a person who is known already. `joined_on` is never moved by an import (domain §1).
pub(crate) async fn update_person(
    tx: &Tx,
    p: &Person,
    department: Option<UnitId>,
    now: Instant,
) -> Result<()> {
    let sql = "UPDATE people SET department_id = $1, category = $2, level = $3, status = $4, name = $5, \
               joined_on = COALESCE(joined_on, $6), updated_at = $7 WHERE id = $8";
    let (category, level) = (p.category.map(|c| c.code()), p.level.map(|l| l.code()));
    let values = params![department, category, level, p.status.code(), p.name, p.joined_on, now, p.id];
    db::execute(tx, sql, values).await?;
    Ok(())
}

pub(crate) async fn save_profile(tx: &Tx, p: &Person, now: Instant) -> Result<()> {
    let sql = "UPDATE people SET category = $1, level = $2, retirement = $3, profile_confirmed_at = $4, updated_at = $4 \
               WHERE id = $5";
    let (category, level) = (p.category.map(|c| c.code()), p.level.map(|l| l.code()));
    db::execute(tx, sql, params![category, level, p.retirement.code(), now, p.id]).await?;
    Ok(())
}

/// A roster waiting for its confirmation, sealed.
#[derive(FromQueryResult)]
pub(crate) struct Draft {
    pub unit_id: String,
    pub file_sealed: String,
}

pub(crate) async fn insert_draft(
    conn: &impl Conn,
    (id, sealed): (&str, &str),
    unit: UnitId,
    by: PersonId,
    now: Instant,
) -> Result<()> {
    let old = base::day::millis(now) - 3_600_000;
    db::execute(conn, "DELETE FROM roster_drafts WHERE created_at < $1", params![old]).await?;
    let sql = "INSERT INTO roster_drafts (id, unit_id, by_person, file_sealed, created_at) VALUES ($1, $2, $3, $4, $5)";
    db::execute(conn, sql, params![id, unit, by, sealed, now]).await?;
    Ok(())
}

pub(crate) async fn draft(conn: &impl Conn, id: &str, by: PersonId) -> Result<Option<Draft>> {
    let sql = "SELECT unit_id, file_sealed FROM roster_drafts WHERE id = $1 AND by_person = $2";
    db::maybe(conn, sql, params![id, by]).await
}

pub(crate) async fn delete_draft(conn: &impl Conn, id: &str) -> Result<()> {
    db::execute(conn, "DELETE FROM roster_drafts WHERE id = $1", params![id]).await?;
    Ok(())
}

pub(crate) async fn unit_by_id(conn: &impl Conn, id: UnitId) -> Result<Unit> {
    let sql = "SELECT id, code, name, kind, path FROM units WHERE id = $1";
    db::one::<UnitRow>(conn, sql, params![id]).await?.try_into()
}

/// Adds a person by name only: someone who administers and is no trainee yet.
pub async fn add_person(site: &Site, tx: &Tx, unit: UnitId, name: &str) -> Result<PersonId> {
    if !(1..=60).contains(&name.trim().chars().count()) || name.chars().any(char::is_control) {
        return Err(Error::invalid("name", "name_form"));
    }
    let facts = crate::person::Facts {
        department: None,
        category: None,
        level: None,
        status: base::Status::OnPost,
        joined_on: None,
        contact_phone: None,
    };
    let person = NewPerson {
        id: site.new_id(),
        account: site.new_id(),
        name: name.trim().to_owned(),
        id_number: None,
        facts,
    };
    let id = person.id;
    insert_people(site, tx, &[person], &HashMap::new(), Stamp { unit, now: site.now() }).await?;
    Ok(id)
}

/// A person's ID number in clear, for comparing it with what was said.
pub(crate) async fn id_number(site: &Site, id: PersonId) -> Result<Option<base::IdNumber>> {
    #[derive(FromQueryResult)]
    struct Row {
        id_number_sealed: Option<String>,
    }
    let row: Row =
        db::one(&site.db, "SELECT id_number_sealed FROM people WHERE id = $1", params![id]).await?;
    let Some(sealed) = row.id_number_sealed else { return Ok(None) };
    Ok(base::IdNumber::parse(&site.keys.open_sealed(&format!("people.id_number:{id}"), &sealed)?).ok())
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
