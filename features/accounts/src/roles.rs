//! Roles held at places of the unit tree.
use base::{Error, Grant, PersonId, Result, Role, UnitId, person::Code};
use db::{Conn, Tx, params};
use sea_orm::FromQueryResult;
use site::Site;

/// The roles that a person holds now. Everyone is staff of the own unit.
pub async fn held(conn: &impl Conn, person: PersonId) -> Result<Vec<Grant>> {
    #[derive(FromQueryResult)]
    struct Row {
        role: String,
        unit_id: String,
        code: String,
        path: String,
    }
    let sql = "SELECT g.role, g.unit_id, u.code, u.path FROM role_grants g JOIN units u ON u.id = g.unit_id \
               WHERE g.person_id = $1 AND g.ended_at IS NULL ORDER BY g.granted_at, g.id";
    let rows: Vec<Row> = db::all(conn, sql, params![person]).await?;
    let grant = |r: Row| {
        let role =
            Role::from_code(&r.role).ok_or_else(|| Error::internal(format!("unknown role {}", r.role)))?;
        Ok(Grant { role, unit: r.unit_id.parse()?, unit_code: r.code, path: r.path })
    };
    rows.into_iter().map(grant).collect()
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
    (role, unit): (Role, UnitId),
    by: Option<PersonId>,
) -> Result<()> {
    let rows = people
        .iter()
        .map(|person| {
            let id: base::Id<base::id::of::Entry> = site.new_id();
            params![id, person, role.code(), unit, by, site.now()]
        })
        .collect();
    let columns = ["id", "person_id", "role", "unit_id", "granted_by", "granted_at"];
    db::insert_rows(tx, "role_grants", &columns, rows, "").await?;
    Ok(())
}
