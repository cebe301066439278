//! Tokens for programs such as an HR system: a token borrows one role of its maker at one place, reaches only the routes
//! that are open to programs, ends on a day, and ends with its maker's role.
use std::sync::Arc;

use base::{Actor, Error, Grant, PersonId, Result, Role, UnitId, day, person::Code};
use db::{Conn, params};
use sea_orm::FromQueryResult;
use serde_json::json;
use site::{Duties, FoundSession, Lookup, Site};

use crate::roles;

/// What every token begins with, so that a leaked one is recognised.
pub(crate) const MARK: &str = "xsp_";
/// At most so many days.
const MOST_DAYS: i64 = 366;
const DAY_MS: i64 = 86_400_000;

/// A token as its list shows it.
#[derive(Clone, Debug, FromQueryResult)]
pub struct ProgramToken {
    /// Its id.
    pub id: String,
    /// What the program is called.
    pub name: String,
    /// Whose role it borrows.
    pub maker: String,
    /// Where it holds.
    pub unit: String,
    /// When it was made, in milliseconds since 1970.
    pub made_at: i64,
    /// When it ends.
    pub expires_at: i64,
    /// When it was ended before.
    pub ended_at: Option<i64>,
    /// When it was used last.
    pub used_at: Option<i64>,
}

/// What a new token is for.
#[derive(Clone, Copy, Debug)]
pub struct NewProgram<'a> {
    /// What the program is called.
    pub name: &'a str,
    /// The role that it borrows; its maker holds it there or above.
    pub role: Role,
    /// For how many days.
    pub days: i64,
}

/// Makes a token at a unit in the maker's reach; it is shown once.
pub async fn make_program_token(
    site: &Site,
    actor: &Actor,
    (unit, path): (UnitId, &str),
    new: NewProgram<'_>,
) -> Result<String> {
    let name = new.name.trim();
    if name.is_empty() || name.chars().count() > 60 || name.chars().any(base::name::is_hidden) {
        return Err(Error::invalid("name", "program_name"));
    }
    if !(1..=MOST_DAYS).contains(&new.days) {
        return Err(Error::invalid("days", "program_days"));
    }
    if !actor.scope(&[new.role]).holds(path) {
        return Err(Error::not_found());
    }
    let token = format!("{MARK}{}", secrets::fresh_token(&*site.random));
    let (id, now): (base::EntryId, i64) = (site.new_id(), day::millis(site.now()));
    let tx = site.db.begin().await?;
    let sql = "INSERT INTO program_tokens (id, token_hash, purpose, name, person_id, unit_id, made_at, expires_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let hash = secrets::sha256_hex(token.as_bytes());
    let until = now + new.days * DAY_MS;
    db::execute(&tx, sql, params![id, hash, new.role.code(), name, actor.person, unit, now, until]).await?;
    let deed = audit::Deed {
        actor: Some(actor.person),
        action: "account.program_token",
        object: &id.to_string(),
        unit_path: path,
        details: json!({"name": name, "role": new.role, "days": new.days}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await?;
    Ok(token)
}

/// Ends a token in the actor's scope.
pub async fn end_program_token(site: &Site, actor: &Actor, id: &str, roles: &[Role]) -> Result<()> {
    #[derive(FromQueryResult)]
    struct Place {
        path: String,
    }
    let tx = site.db.begin().await?;
    let sql = "SELECT u.path FROM program_tokens t JOIN units u ON u.id = t.unit_id WHERE t.id = $1";
    let place: Place = db::one(&tx, sql, params![id]).await?;
    if !actor.scope(roles).holds(&place.path) {
        return Err(Error::not_found());
    }
    let sql = "UPDATE program_tokens SET ended_at = $1 WHERE id = $2 AND ended_at IS NULL";
    db::execute(&tx, sql, params![site.now(), id]).await?;
    let deed = audit::Deed {
        actor: Some(actor.person),
        action: "account.program_token_end",
        object: id,
        unit_path: &place.path,
        details: json!({}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await
}

/// The tokens in the actor's scope, the newest first.
pub async fn program_tokens(conn: &impl Conn, actor: &Actor, roles: &[Role]) -> Result<Vec<ProgramToken>> {
    let mut values = vec![];
    let within = db::in_scope("u.path", &actor.scope(roles), &mut values);
    let sql = format!(
        "SELECT t.id, t.name, p.name AS maker, u.name AS unit, t.made_at, t.expires_at, t.ended_at, t.used_at \
         FROM program_tokens t JOIN people p ON p.id = t.person_id JOIN units u ON u.id = t.unit_id WHERE {within} \
         ORDER BY t.made_at DESC, t.id LIMIT 100"
    );
    db::all(conn, &sql, values).await
}

#[derive(FromQueryResult)]
struct Row {
    id: String,
    purpose: String,
    person_id: String,
    unit_id: String,
    code: String,
    path: String,
    unit_name: String,
    name: String,
    expires_at: i64,
    ended_at: Option<i64>,
    disabled_at: Option<i64>,
}

/// Who a program's token stands for: its maker in one role at one place, while the maker holds it.
pub(crate) async fn find(site: &Site, token: &str) -> Result<Lookup> {
    let sql = "SELECT t.id, t.purpose, t.person_id, t.unit_id, u.code, u.path, u.name AS unit_name, t.name, t.expires_at, t.ended_at, \
               a.disabled_at FROM program_tokens t JOIN units u ON u.id = t.unit_id JOIN accounts a ON a.person_id = t.person_id \
               WHERE t.token_hash = $1";
    let found = db::maybe::<Row>(&site.db, sql, params![secrets::sha256_hex(token.as_bytes())]).await?;
    let Some(row) = found else { return Ok(Lookup::Unknown) };
    let now = day::millis(site.now());
    if row.ended_at.is_some() || row.disabled_at.is_some() || row.expires_at <= now {
        return Ok(Lookup::Ended);
    }
    let person: PersonId = row.person_id.parse()?;
    let role = Role::from_code(&row.purpose).ok_or_else(|| Error::internal("a token of an unknown role"))?;
    let holds =
        roles::held(&site.db, person).await?.iter().any(|g| g.role == role && row.path.starts_with(&g.path));
    if !holds {
        return Ok(Lookup::Ended);
    }
    let sql = "UPDATE program_tokens SET used_at = $1 WHERE id = $2 AND (used_at IS NULL OR used_at < $3)";
    db::execute(&site.db, sql, params![now, row.id, now - 60_000]).await?;
    let grant = Grant { role, unit: row.unit_id.parse()?, unit_code: row.code, path: row.path, behalf: None };
    Ok(Lookup::Program(Arc::new(FoundSession {
        actor: Actor { person, session: row.id.parse()?, grants: vec![grant] },
        name: row.name,
        unit: row.unit_name,
        roles: vec![],
        required_actions: vec![],
        duties: Duties::default(),
        contact: String::new(),
        is_former: false,
        idle_expires_at: day::from_millis(row.expires_at),
    })))
}
