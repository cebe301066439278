//! Whose a session's token is, whether it still lives, which roles act in it and what its owner must do first.
use std::sync::Arc;

use base::{Actor, Error, Grant, Instant, Kind, PersonId, Result, Role, day};
use db::params;
use futures::future::BoxFuture;
use sea_orm::FromQueryResult;
use site::{Duties, FoundSession, HeldRole, Lookup, RequiredAction, Sessions, Site};

use crate::{
    delegation, privacy, programs,
    roles::{self, Held},
    sessions::{self, EXPIRED},
    store::PasswordState,
};

/// Idle for exactly 30 minutes is out (security 3.2.1).
const IDLE_MS: i64 = 30 * 60_000;
const ABSOLUTE_MS: i64 = 12 * 3_600_000;
const ABSOLUTE_ADMINISTRATIVE_MS: i64 = 8 * 3_600_000;
/// Operations closer together than this are not written again.
const TOUCH_MS: i64 = 1_000;
const DAY_MS: i64 = 24 * 3_600_000;

/// What the forced steps depend on.
pub(crate) struct Safety {
    pub password: PasswordState,
    pub password_set_at: Option<i64>,
    pub has_phone: bool,
    /// Someone without a mobile phone: a second factor stands in for it.
    pub is_phone_waived: bool,
    pub has_factor: bool,
    pub is_administrative: bool,
}

/// What the manual forces next, in the order of the contract.
pub(crate) fn open_steps(site: &Site, safety: &Safety) -> Vec<RequiredAction> {
    let days = if safety.is_administrative {
        site.settings.administrators_password_max_age_days
    } else {
        site.settings.password_max_age_days
    };
    let age = day::millis(site.now()) - safety.password_set_at.unwrap_or(0);
    let is_old = days > 0 && age >= days * DAY_MS;
    let is_reachable = safety.has_phone || (safety.is_phone_waived && safety.has_factor);
    let password =
        (safety.password != PasswordState::Set || is_old).then_some(RequiredAction::ChangePassword);
    let phone = (!is_reachable).then_some(RequiredAction::BindPhone);
    password.into_iter().chain(phone).collect()
}

/// The session store of the management platform.
#[derive(Debug, Default)]
pub struct AccountSessions;

impl Sessions for AccountSessions {
    fn find<'a>(&'a self, site: &'a Site, token: &'a str, operation: bool) -> BoxFuture<'a, Result<Lookup>> {
        Box::pin(find(site, token, operation))
    }
}

#[derive(FromQueryResult)]
struct Row {
    id: String,
    created_at: i64,
    last_operation_at: i64,
    ended_at: Option<i64>,
    acting_grant: Option<String>,
    person_id: String,
    password_state: String,
    password_set_at: Option<i64>,
    phone_sealed: Option<String>,
    phone_waived_at: Option<i64>,
    totp_sealed: Option<String>,
    passkeys: i64,
    privacy_version: Option<String>,
    disabled_at: Option<i64>,
    person_name: String,
    unit_name: String,
    status: String,
    office: Option<String>,
    telephone: Option<String>,
    hours: Option<String>,
}

impl Row {
    fn safety(&self, is_administrative: bool) -> Safety {
        Safety {
            password: PasswordState::from_code(&self.password_state),
            password_set_at: self.password_set_at,
            has_phone: self.phone_sealed.is_some(),
            is_phone_waived: self.phone_waived_at.is_some(),
            has_factor: self.has_factor(),
            is_administrative,
        }
    }

    fn is_former(&self) -> bool {
        matches!(self.status.as_str(), "retired" | "left")
    }

    /// Where the unit is reached.
    fn contact(&self) -> String {
        let parts = [&self.office, &self.telephone, &self.hours].into_iter().flatten();
        parts.filter(|t| !t.is_empty()).cloned().collect::<Vec<_>>().join(" ")
    }

    fn has_factor(&self) -> bool {
        self.totp_sealed.is_some() || self.passkeys > 0
    }
}

async fn find(site: &Site, token: &str, operation: bool) -> Result<Lookup> {
    if token.starts_with(programs::MARK) {
        return programs::find(site, token).await;
    }
    let sql = "SELECT s.id, s.created_at, s.last_operation_at, s.ended_at, s.acting_grant, a.person_id, \
               a.password_state, a.password_set_at, a.phone_sealed, a.phone_waived_at, a.totp_sealed, \
               (SELECT COUNT(*) FROM passkeys k WHERE k.account_id = a.id) AS passkeys, a.privacy_version, \
               a.disabled_at, p.name AS person_name, u.name AS unit_name, p.status, c.office, c.telephone, c.hours FROM sessions s \
               JOIN accounts a ON a.id = s.account_id JOIN people p ON p.id = a.person_id \
               JOIN units u ON u.id = p.unit_id LEFT JOIN contact_cards c ON c.unit_id = COALESCE( \
               (SELECT k.unit_id FROM contact_cards k WHERE k.unit_id = u.id), u.parent_id) WHERE s.token_hash = $1";
    let found = db::maybe::<Row>(&site.db, sql, params![secrets::sha256_hex(token.as_bytes())]).await?;
    let Some(row) = found else { return Ok(Lookup::Unknown) };
    if row.ended_at.is_some() || row.disabled_at.is_some() {
        return Ok(Lookup::Ended);
    }
    let person: PersonId = row.person_id.parse()?;
    let (held, taken) = standing(site, person, &row).await?;
    let mut grants = held.iter().map(|h| &h.grant).chain(&taken);
    let is_administrative = grants.any(|g| g.role.is_administrative());
    let now = day::millis(site.now());
    let absolute = if is_administrative { ABSOLUTE_ADMINISTRATIVE_MS } else { ABSOLUTE_MS };
    if now - row.last_operation_at >= IDLE_MS || now - row.created_at >= absolute {
        sessions::end(site, row.id.parse()?, EXPIRED).await?;
        return Ok(Lookup::Expired);
    }
    let touched = if operation { touch(site, &row, now).await? } else { row.last_operation_at };
    let roles = held_roles(&held, row.acting_grant.as_deref());
    let wants_factor = site.settings.administrators_need_second_factor && is_administrative;
    Ok(Lookup::Found(Arc::new(FoundSession {
        required_actions: open_steps(site, &row.safety(is_administrative)),
        duties: Duties {
            has_notice_to_read: row.privacy_version.as_deref() != Some(privacy::VERSION),
            lacks_second_factor: wants_factor && !row.has_factor(),
        },
        actor: Actor { person, session: row.id.parse()?, grants: acting(held, &roles, taken) },
        is_former: row.is_former(),
        contact: row.contact(),
        roles,
        name: row.person_name,
        unit: row.unit_name,
        idle_expires_at: expiry(touched),
    })))
}

/// The roles held; a chosen one that is no longer held is forgotten.
fn held_roles(held: &[Held], chosen: Option<&str>) -> Vec<HeldRole> {
    let role = |h: &Held| HeldRole {
        id: h.id.clone(),
        role: h.grant.role,
        unit: h.unit_name.clone(),
        is_chosen: chosen == Some(h.id.as_str()),
    };
    held.iter().map(role).collect()
}

/// What acts: the chosen role alone, else all with those taken over for a leave.
fn acting(held: Vec<Held>, roles: &[HeldRole], taken: Vec<Grant>) -> Vec<Grant> {
    let chosen = roles.iter().position(|r| r.is_chosen);
    let is_acting = |at: usize| chosen.is_none_or(|c| c == at);
    let own = held.into_iter().enumerate().filter(|(at, _)| is_acting(*at)).map(|(_, h)| h.grant);
    let taken = taken.into_iter().filter(|_| chosen.is_none());
    own.chain(taken).collect()
}

/// The roles held and those taken over today; whoever retired or left is staff and no more.
async fn standing(site: &Site, person: PersonId, row: &Row) -> Result<(Vec<Held>, Vec<Grant>)> {
    let mut held = roles::held_at(&site.db, person).await?;
    if row.is_former() {
        held.retain(|h| h.grant.role == Role::Staff);
        return Ok((held, vec![]));
    }
    let taken = delegation::taken(&site.db, person, day::day_of(site.now())).await?;
    Ok((held, taken))
}

fn expiry(last_operation_at: i64) -> Instant {
    day::from_millis(last_operation_at + IDLE_MS)
}

async fn touch(site: &Site, row: &Row, now: i64) -> Result<i64> {
    if now - row.last_operation_at < TOUCH_MS {
        return Ok(row.last_operation_at);
    }
    let sql = "UPDATE sessions SET last_operation_at = $1 WHERE id = $2 AND ended_at IS NULL";
    if db::execute(&site.db, sql, params![now, row.id]).await? == 0 {
        return Err(Error::refused(Kind::Unauthenticated, "session_ended"));
    }
    Ok(now)
}
