//! Roles held at places of the unit tree.
use base::{Actor, Error, Grant, PersonId, Result, Role, UnitId, person::Code};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;
use serde_json::json;
use site::Site;

use crate::{sessions, store};

/// A role at its place, as statements give it.
#[derive(FromQueryResult)]
pub(crate) struct GrantRow {
    role: String,
    unit_id: String,
    code: String,
    path: String,
    /// On behalf of whom it is used.
    behalf: Option<String>,
}

impl TryFrom<GrantRow> for Grant {
    type Error = Error;

    fn try_from(r: GrantRow) -> Result<Self> {
        let unknown = || Error::internal(format!("unknown role {}", r.role));
        let role = Role::from_code(&r.role).ok_or_else(unknown)?;
        let behalf = r.behalf.map(|b| b.parse()).transpose()?;
        Ok(Self { role, unit: r.unit_id.parse()?, unit_code: r.code, path: r.path, behalf })
    }
}

/// The roles that a person holds now. Everyone is staff of the own unit.
pub async fn held(conn: &impl Conn, person: PersonId) -> Result<Vec<Grant>> {
    let sql = "SELECT g.role, g.unit_id, u.code, u.path, CAST(NULL AS TEXT) AS behalf FROM role_grants g \
               JOIN units u ON u.id = g.unit_id WHERE g.person_id = $1 AND g.ended_at IS NULL \
               ORDER BY g.granted_at, g.id";
    let rows: Vec<GrantRow> = db::all(conn, sql, params![person]).await?;
    rows.into_iter().map(Grant::try_from).collect()
}

/// A role that a person holds, with what takes it away.
#[derive(Clone, Debug)]
pub struct Held {
    /// The grant's id.
    pub id: String,
    /// The role at its place.
    pub grant: Grant,
    /// The unit's name.
    pub unit_name: String,
}

/// The roles that a person holds, for the page and the list that change them.
pub async fn held_at(conn: &impl Conn, person: PersonId) -> Result<Vec<Held>> {
    #[derive(FromQueryResult)]
    struct Row {
        id: String,
        role: String,
        unit_id: String,
        code: String,
        path: String,
        name: String,
    }
    let sql = "SELECT g.id, g.role, g.unit_id, u.code, u.path, u.name FROM role_grants g \
               JOIN units u ON u.id = g.unit_id WHERE g.person_id = $1 AND g.ended_at IS NULL \
               ORDER BY g.granted_at, g.id LIMIT 100";
    let rows: Vec<Row> = db::all(conn, sql, params![person]).await?;
    let read = |r: Row| {
        let role = Role::from_code(&r.role).ok_or_else(|| Error::internal("unknown role"))?;
        let grant = Grant { role, unit: r.unit_id.parse()?, unit_code: r.code, path: r.path, behalf: None };
        Ok(Held { id: r.id, grant, unit_name: r.name })
    };
    rows.into_iter().map(read).collect()
}

/// Gives a role to someone else: within the giver's subtree and below the giver's rank; sessions end, so that the
/// shorter life of an administrator's session holds at once (security item 4).
pub async fn give(
    site: &Site,
    actor: &Actor,
    person: PersonId,
    (role, unit, path): (Role, UnitId, &str),
) -> Result<()> {
    if person == actor.person || !actor.may_give(role, path) {
        return Err(Error::denied());
    }
    if held(&site.db, person).await?.iter().any(|g| clashes(g.role, role)) {
        return Err(Error::conflict("duties_conflict"));
    }
    let tx = site.db.begin().await?;
    grant(site, &tx, person, (role, unit), Some(actor.person)).await?;
    changed(site, &tx, actor, ("role.give", person), (role, path)).await?;
    tx.commit().await
}

/// Who runs the system, who runs its accounts and who audits both are different people (security item 36).
fn clashes(one: Role, other: Role) -> bool {
    let group = |role| match role {
        Role::SystemAdmin => Some(0),
        Role::Auditor => Some(1),
        Role::UnitAdmin | Role::Authority | Role::Support | Role::Hr | Role::Finance | Role::Reviewer => {
            Some(2)
        }
        Role::Staff | Role::DepartmentHead | Role::Provider => None,
    };
    matches!((group(one), group(other)), (Some(a), Some(b)) if a != b)
}

/// Takes a role away again. The last administrator of a unit stays, or nobody could act there.
pub async fn end(site: &Site, actor: &Actor, person: PersonId, grant_id: &str) -> Result<()> {
    let held = held_at(&site.db, person).await?;
    let found = held.into_iter().find(|h| h.id == grant_id).ok_or_else(Error::not_found)?;
    let (role, path) = (found.grant.role, found.grant.path.as_str());
    if person == actor.person || !actor.may_give(role, path) {
        return Err(Error::denied());
    }
    let tx = site.db.begin().await?;
    if role == Role::UnitAdmin {
        let lock = format!("SELECT id FROM units WHERE id = $1{}", db::dialect::for_update(&tx));
        db::execute(&tx, &lock, params![found.grant.unit]).await?;
        let sql = "SELECT COUNT(*) FROM role_grants g JOIN people p ON p.id = g.person_id \
                   WHERE g.unit_id = $1 AND g.role = 'unit_admin' AND g.ended_at IS NULL AND p.status = 'on_post' \
                   AND g.id <> $2";
        if db::count(&tx, sql, params![found.grant.unit, grant_id]).await? == 0 {
            return Err(Error::conflict("last_administrator"));
        }
    }
    let sql = "UPDATE role_grants SET ended_at = $1 WHERE id = $2 AND ended_at IS NULL";
    db::execute(&tx, sql, params![site.now(), grant_id]).await?;
    changed(site, &tx, actor, ("role.end", person), (role, path)).await?;
    tx.commit().await
}

async fn changed(
    site: &Site,
    tx: &Tx,
    actor: &Actor,
    (action, person): (&'static str, PersonId),
    (role, path): (Role, &str),
) -> Result<()> {
    let account = store::by_person(tx, person).await?;
    sessions::end_all(site, tx, account.id, "role_changed").await?;
    let deed = audit::Deed {
        actor: Some(actor.person),
        action,
        object: &person.to_string(),
        unit_path: path,
        details: json!({"role": role.code()}),
    };
    audit::record(site, tx, deed).await
}

/// Gives a role at a unit; giving it twice changes nothing.
pub async fn grant(
    site: &Site,
    tx: &Tx,
    person: PersonId,
    (role, unit): (Role, UnitId),
    by: Option<PersonId>,
) -> Result<()> {
    let sql = "SELECT COUNT(*) FROM role_grants WHERE person_id = $1 AND role = $2 AND unit_id = $3 AND ended_at IS NULL";
    if db::count(tx, sql, params![person, role.code(), unit]).await? > 0 {
        return Ok(());
    }
    let sql = "INSERT INTO role_grants (id, person_id, role, unit_id, granted_by, granted_at) VALUES ($1, $2, $3, $4, $5, $6)";
    let id: base::Id<base::id::of::Entry> = site.new_id();
    db::execute(tx, sql, params![id, person, role.code(), unit, by, site.now()]).await?;
    Ok(())
}

/// Gives the same role to many people who have none yet.
pub async fn grant_many(
    site: &Site,
    tx: &Tx,
    people: &[PersonId],
    at: (Role, UnitId),
    by: Option<PersonId>,
) -> Result<()> {
    let rows = grants(site, people, at, by);
    db::insert_rows(tx, rows.table, rows.columns, rows.rows, "").await?;
    Ok(())
}

/// The rows of a role that people get.
pub(crate) fn grants(
    site: &Site,
    people: &[PersonId],
    (role, unit): (Role, UnitId),
    by: Option<PersonId>,
) -> db::Rows {
    let row = |person: &PersonId| {
        let id: base::Id<base::id::of::Entry> = site.new_id();
        params![id, person, role.code(), unit, by, site.now()]
    };
    db::Rows {
        table: "role_grants",
        columns: &["id", "person_id", "role", "unit_id", "granted_by", "granted_at"],
        rows: people.iter().map(row).collect(),
    }
}
