//! The one gate before every handler: session, forced steps, roles, CSRF.
use axum::{
    extract::Request,
    http::{HeaderMap, header},
    response::Response,
};
use base::{Error, Kind, Result};

use crate::{
    Access, Asker, Caller, Class, Failure, Lookup, Rule, Site, Via, Visitor, answers, csrf, routes::Gate,
};

/// Lets the request pass as its route's rule says.
pub(crate) async fn enforce(gate: &Gate, mut request: Request) -> Result<Response, Failure> {
    let Gate { site, rule, .. } = gate;
    let visitor = match visitor(site, request.headers(), rule).await {
        Err(_) if matches!(rule.access, Access::Public | Access::Machine) => None,
        found => found?,
    };
    admit(rule, visitor.as_ref())?;
    if rule.access != Access::Machine {
        request = csrf::defend(site, visitor.as_ref(), request).await?;
    }
    let caller = Caller::of(site, rule, visitor.as_ref(), &request);
    limit(site, rule, visitor.as_ref(), &caller)?;
    if let Some(visitor) = visitor {
        request.extensions_mut().insert(visitor);
    }
    caller.scope(answers::once(gate, request)).await
}

/// Who is signed in is counted as a person, anyone else as a network where networks are limited at all.
fn limit(site: &Site, rule: &Rule, visitor: Option<&Visitor>, caller: &Caller) -> Result<()> {
    let name = match visitor {
        Some(visitor) => Asker::Person(visitor.actor.person),
        None if site.settings.captcha && rule.access != Access::Machine => Asker::Named(caller.network()),
        None => return Ok(()),
    };
    site.limits.take(Class::Any, &name)?;
    if rule.is_costly { site.limits.take(Class::Costly, &name) } else { Ok(()) }
}

fn admit(rule: &Rule, visitor: Option<&Visitor>) -> Result<()> {
    if matches!(rule.access, Access::Public | Access::Machine) {
        return Ok(());
    }
    let Some(visitor) = visitor else { return Err(Error::refused(Kind::Unauthenticated, "unauthenticated")) };
    if rule.access != Access::Forced && !visitor.required_actions.is_empty() {
        return Err(Error::refused(Kind::Denied, "action_required"));
    }
    let is_change = !matches!(rule.method, axum::http::Method::GET | axum::http::Method::HEAD);
    if visitor.is_former && is_change && rule.access != Access::Forced && !rule.is_for_former {
        return Err(Error::refused(Kind::Denied, "former_reads_only"));
    }
    match rule.access {
        Access::Roles(roles) if !visitor.actor.has(roles) => Err(Error::denied()),
        Access::Roles(_) if visitor.duties.lacks_second_factor => {
            Err(Error::refused(Kind::Denied, "second_factor_required"))
        }
        Access::Roles(_) | Access::SignedIn | Access::Forced | Access::Public | Access::Machine => Ok(()),
    }
}

async fn visitor(site: &Site, headers: &HeaderMap, rule: &Rule) -> Result<Option<Visitor>> {
    let Some((token, via)) = token(site, headers) else { return Ok(None) };
    let refused = |code| Err(Error::refused(Kind::Unauthenticated, code));
    let found = match site.sessions.find(site, &token, !rule.is_passive).await? {
        Lookup::Found(found) => found,
        Lookup::Program(found) if rule.takes_programs && via == Via::Bearer => found,
        Lookup::Program(_) => return Err(Error::refused(Kind::Denied, "token_scope")),
        Lookup::Expired => return refused("session_expired"),
        Lookup::Ended => return refused("session_ended"),
        Lookup::Unknown => return refused("unauthenticated"),
    };
    Ok(Some(Visitor::new(found, via)))
}

/// A bearer token, else the session cookie.
fn token(site: &Site, headers: &HeaderMap) -> Option<(String, Via)> {
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let bearer = value.to_str().ok()?.strip_prefix("Bearer ")?;
        return Some((bearer.trim().to_owned(), Via::Bearer));
    }
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|v| v.to_str().ok());
    let mut pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == site.settings.cookie).map(|(_, value)| (value.to_owned(), Via::Cookie))
}
