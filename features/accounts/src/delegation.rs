//! A role handed over for the days of a leave. Whoever takes it acts in the own name and on behalf of the other, and the
//! audit trail says both; the other keeps the role, and nobody hands on what was handed over.
use base::{Day, Error, Grant, PersonId, Result, Role, day, person::Code};
use db::{Conn, params};
use sea_orm::FromQueryResult;
use serde_json::json;
use site::{Site, Visitor};

use crate::{
    roles::{self, GrantRow},
    sessions, store,
};

/// Longer leaves are for another appointment.
const MOST_DAYS: i32 = 184;
/// Roles that are handed over: those of a unit's daily work.
const HANDED: &[Role] =
    &[Role::DepartmentHead, Role::Reviewer, Role::Hr, Role::Finance, Role::UnitAdmin, Role::Authority];

/// What is handed over, to whom, for which days.
#[derive(Clone, Debug)]
pub struct Wish<'a> {
    /// The grant, as [`roles::held_at`] names it.
    pub grant: &'a str,
    /// Who takes it.
    pub to: PersonId,
    /// The first day.
    pub from: Day,
    /// The last day.
    pub until: Day,
    /// Why.
    pub reason: &'a str,
}

/// A delegation as its list shows it.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Delegation {
    /// Its id.
    pub id: String,
    /// Whose role it is.
    pub from_person: String,
    /// The name.
    pub from_name: String,
    /// Who takes it.
    pub to_person: String,
    /// The name.
    pub to_name: String,
    /// The role's code.
    pub role: String,
    /// Where it is held.
    pub unit_code: String,
    /// The unit's name.
    pub unit_name: String,
    /// The first day.
    pub from_day: String,
    /// The last day.
    pub until_day: String,
    /// Why.
    pub reason: String,
    /// When it ended before its time, in milliseconds since 1970.
    pub ended_at: Option<i64>,
}

impl Delegation {
    /// `ended`, `coming`, `running` or `over`.
    pub(crate) fn state(&self, today: Day) -> &'static str {
        let today = today.to_string();
        match () {
            () if self.ended_at.is_some() => "ended",
            () if today < self.from_day => "coming",
            () if today > self.until_day => "over",
            () => "running",
        }
    }
}

const DELEGATION: &str = "SELECT d.id, d.from_person, f.name AS from_name, d.to_person, t.name AS to_name, g.role, \
    u.code AS unit_code, u.name AS unit_name, d.from_day, d.until_day, d.reason, d.ended_at FROM delegations d \
    JOIN role_grants g ON g.id = d.grant_id JOIN units u ON u.id = g.unit_id JOIN people f ON f.id = d.from_person \
    JOIN people t ON t.id = d.to_person";

/// Hands a role of the person over.
pub async fn hand_over(site: &Site, me: PersonId, wish: &Wish<'_>) -> Result<Delegation> {
    let today = day::day_of(site.now());
    if wish.until < wish.from || wish.until < today {
        return Err(Error::invalid("until", "days_order"));
    }
    if (wish.until - wish.from).get_days() > MOST_DAYS {
        return Err(Error::invalid("until", "days_most"));
    }
    let reason = wish.reason.trim();
    if !(1..=200).contains(&reason.chars().count()) {
        return Err(Error::invalid("reason", "required"));
    }
    let held = roles::held_at(&site.db, me).await?;
    let grant = held.into_iter().find(|h| h.id == wish.grant && HANDED.contains(&h.grant.role));
    let grant = grant.ok_or_else(|| Error::invalid("grant", "grant_unknown"))?.grant;
    if wish.to == me || !takes(&site.db, wish.to, &grant).await? {
        return Err(Error::invalid("to", "delegate_unknown"));
    }
    let id: base::Id<base::id::of::Entry> = site.new_id();
    let tx = site.db.begin().await?;
    let sql = "INSERT INTO delegations (id, grant_id, from_person, to_person, from_day, until_day, reason, made_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let values = params![id, wish.grant, me, wish.to, wish.from, wish.until, reason, site.now()];
    db::execute(&tx, sql, values).await?;
    let deed = audit::Deed {
        actor: Some(me),
        action: "role.delegate",
        object: &wish.to.to_string(),
        unit_path: &grant.path,
        details: json!({"role": grant.role.code(), "from": wish.from.to_string(), "until": wish.until.to_string(),
            "reason": reason}),
    };
    audit::record(site, &tx, deed).await?;
    // The shorter session of an administrator holds at once for whoever takes the role (security item 3).
    let account = store::by_person(&tx, wish.to).await?;
    sessions::end_all(site, &tx, account.id, "role_changed").await?;
    tx.commit().await?;
    one(&site.db, &id.to_string()).await
}

/// Whether the person can take the role: an active account of someone on post in the grant's subtree or at its unit's
/// own level, who would not decide as the one who hands over.
async fn takes(conn: &impl Conn, to: PersonId, grant: &Grant) -> Result<bool> {
    let mut values = params![to];
    let within = db::in_scope("u.path", &base::Scope { paths: vec![grant.path.clone()] }, &mut values);
    let sql = format!(
        "SELECT COUNT(*) FROM people p JOIN units u ON u.id = p.unit_id JOIN accounts a ON a.person_id = p.id \
         WHERE p.id = $1 AND p.status = 'on_post' AND a.disabled_at IS NULL AND a.phone_sealed IS NOT NULL AND {within}"
    );
    Ok(db::count(conn, &sql, values).await? > 0)
}

/// Ends a delegation before its last day: by the one who handed over.
pub(crate) async fn end(site: &Site, visitor: &Visitor, id: &str) -> Result<()> {
    let found = one(&site.db, id).await?;
    if found.from_person != visitor.actor.person.to_string() {
        return Err(Error::not_found());
    }
    let tx = site.db.begin().await?;
    let sql = "UPDATE delegations SET ended_at = $1 WHERE id = $2 AND ended_at IS NULL";
    db::execute(&tx, sql, params![site.now(), id]).await?;
    let deed = audit::Deed {
        actor: Some(visitor.actor.person),
        action: "role.undelegate",
        object: &found.to_person,
        unit_path: visitor.actor.grants.first().map_or("", |g| g.path.as_str()),
        details: json!({"role": found.role}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await
}

async fn one(conn: &impl Conn, id: &str) -> Result<Delegation> {
    db::one(conn, &format!("{DELEGATION} WHERE d.id = $1"), params![id]).await
}

/// What a person handed over and took over, the newest first.
pub(crate) async fn of(conn: &impl Conn, person: PersonId) -> Result<Vec<Delegation>> {
    let sql = format!(
        "{DELEGATION} WHERE d.from_person = $1 OR d.to_person = $1 ORDER BY d.from_day DESC, d.id DESC LIMIT 100"
    );
    db::all(conn, &sql, params![person]).await
}

/// What a person holds today on behalf of others.
pub(crate) async fn taken(conn: &impl Conn, person: PersonId, today: Day) -> Result<Vec<Grant>> {
    let sql = "SELECT g.role, g.unit_id, u.code, u.path, d.from_person AS behalf FROM delegations d JOIN role_grants g ON g.id = d.grant_id \
               JOIN units u ON u.id = g.unit_id JOIN people f ON f.id = d.from_person WHERE d.to_person = $1 \
               AND d.ended_at IS NULL AND d.from_day <= $2 AND d.until_day >= $2 AND g.ended_at IS NULL \
               AND f.status IN ('on_post', 'off_post') ORDER BY d.made_at, d.id LIMIT 50";
    let rows: Vec<GrantRow> = db::all(conn, sql, params![person, today]).await?;
    rows.into_iter().map(Grant::try_from).collect()
}

/// Someone who could take a role.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Candidate {
    pub id: String,
    pub name: String,
    pub place: String,
    pub staff_no: Option<String>,
}

/// People on post below the visitor's own roles whose name or account is what was typed; same names are told apart by
/// department and 工号.
pub(crate) async fn candidates(site: &Site, visitor: &Visitor, typed: &str) -> Result<Vec<Candidate>> {
    let own = roles::held(&site.db, visitor.actor.person).await?;
    let paths = own.into_iter().filter(|g| HANDED.contains(&g.role)).map(|g| g.path).collect();
    let name = base::name::person_name(typed).unwrap_or_default();
    let mut values = params![name, typed.trim(), visitor.actor.person];
    let within = db::in_scope("u.path", &base::Scope { paths }, &mut values);
    let sql = format!(
        "SELECT p.id, p.name, COALESCE(d.name, u.name) AS place, p.staff_no FROM people p JOIN units u ON u.id = p.unit_id \
         LEFT JOIN units d ON d.id = p.department_id JOIN accounts a ON a.person_id = p.id \
         WHERE (p.name = $1 OR a.name = $2) AND p.id <> $3 AND p.status = 'on_post' AND {within} ORDER BY p.id LIMIT 20"
    );
    db::all(&site.db, &sql, values).await
}

/// The roles that the visitor may hand over.
pub(crate) async fn handed(site: &Site, visitor: &Visitor) -> Result<Vec<roles::Held>> {
    let held = roles::held_at(&site.db, visitor.actor.person).await?;
    Ok(held.into_iter().filter(|h| HANDED.contains(&h.grant.role)).collect())
}
