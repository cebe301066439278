//! Visits: the sessions of a course platform. A token of 256 bits of which only the hash is stored, ended by the server
//! after 30 idle minutes or 12 hours.
use std::sync::Arc;

use base::{Actor, Instant, PersonId, Result, SessionId, day};
use db::Tx;
use futures::future::BoxFuture;
use site::{Duties, Endings, FoundSession, Lookup, Sessions, Site};

use crate::{pages_managers, store};

const IDLE_MS: i64 = 30 * 60_000;
const ABSOLUTE_MS: i64 = 12 * 3_600_000;
/// Operations closer together than this are not written again.
const TOUCH_MS: i64 = 10_000;

/// The session store of a course platform.
#[derive(Debug, Default)]
pub struct VisitSessions;

impl Sessions for VisitSessions {
    fn find<'a>(&'a self, site: &'a Site, token: &'a str, operation: bool) -> BoxFuture<'a, Result<Lookup>> {
        Box::pin(find(site, token, operation))
    }
}

impl Endings for VisitSessions {
    fn ended_since<'a>(&'a self, site: &'a Site, since: Instant) -> BoxFuture<'a, Result<Vec<SessionId>>> {
        Box::pin(store::ended_visits(&site.db, since))
    }
}

/// Opens a visit and answers its token, which is shown once; `sid` is the session at the management platform.
pub(crate) async fn open(site: &Site, tx: &Tx, learner: PersonId, sid: &str) -> Result<String> {
    let token = secrets::fresh_token(&*site.random);
    let hash = secrets::sha256_hex(token.as_bytes());
    store::open_visit(tx, site.new_id(), (learner, &hash, sid), site.now()).await?;
    Ok(token)
}

async fn find(site: &Site, token: &str, operation: bool) -> Result<Lookup> {
    let hash = secrets::sha256_hex(token.as_bytes());
    let Some(visit) = store::visit(&site.db, &hash).await? else { return Ok(Lookup::Unknown) };
    if visit.ended_at.is_some() {
        return Ok(Lookup::Ended);
    }
    let now = day::millis(site.now());
    if now - visit.last_operation_at >= IDLE_MS || now - visit.created_at >= ABSOLUTE_MS {
        return Ok(Lookup::Expired);
    }
    let mut last_operation = visit.last_operation_at;
    if operation && now - last_operation >= TOUCH_MS {
        if !store::touch(&site.db, &visit.id, now).await? {
            return Ok(Lookup::Ended);
        }
        last_operation = now;
    }
    let grants = if visit.is_manager { vec![pages_managers::grant()?] } else { vec![] };
    let actor = Actor { person: visit.learner_id.parse()?, session: visit.id.parse()?, grants };
    Ok(Lookup::Found(Arc::new(FoundSession {
        actor,
        name: visit.name,
        unit: String::new(),
        roles: vec![],
        required_actions: vec![],
        duties: Duties::default(),
        idle_expires_at: day::from_millis((last_operation + IDLE_MS).min(visit.created_at + ABSOLUTE_MS)),
        is_former: false,
        contact: String::new(),
    })))
}
