//! From where a request comes, and in which role: known to everything that runs for it, so that the audit trail says
//! it for every deed without each use case passing it on.
use std::net::{IpAddr, SocketAddr};

use axum::{
    extract::{ConnectInfo, Request},
    http::header,
};
use base::{Grant, PersonId, Role, person::Code};

use crate::{Access, Rule, Site, Visitor};

/// The other end of a request.
#[derive(Clone, Debug, Default)]
pub struct Caller {
    /// The network address; none for the command line and for background work.
    pub address: Option<IpAddr>,
    /// What the browser says that it is, shortened.
    pub agent: String,
    /// The roles that open the route to the visitor, own ones first.
    pub acting: Vec<Acting>,
}

/// A role at its place, as a deed is stamped with it.
#[derive(Clone, Debug)]
pub struct Acting {
    /// The role's code.
    pub role: String,
    /// The path of the unit where it is held.
    pub place: String,
    /// On behalf of whom it is used.
    pub behalf: Option<PersonId>,
}

tokio::task_local! {
    static CALLER: Caller;
}

/// The caller of the request that runs now; nobody outside of one.
pub fn caller() -> Caller {
    CALLER.try_with(Clone::clone).unwrap_or_default()
}

impl Caller {
    /// Reads the request. `X-Forwarded-For` counts only from a configured proxy (security item 15): then the last
    /// address that is none of the proxies is the caller's.
    pub(crate) fn of(site: &Site, rule: &Rule, visitor: Option<&Visitor>, request: &Request) -> Self {
        let text = |name| request.headers().get(name).and_then(|v| v.to_str().ok()).unwrap_or("");
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        let proxies = &site.settings.proxies;
        let forwarded = text("x-forwarded-for").rsplit(',').filter_map(|a| a.trim().parse::<IpAddr>().ok());
        let address = match peer {
            Some(peer) if proxies.contains(&peer) => {
                Some(forwarded.into_iter().find(|a| !proxies.contains(a)).unwrap_or(peer))
            }
            other => other,
        };
        let agent = text(header::USER_AGENT.as_str()).chars().filter(|c| !c.is_control()).take(200).collect();
        Self { address, agent, acting: acting(rule, visitor) }
    }

    /// The address as limits count it: an IPv6 network of 64 bits is one caller.
    pub fn network(&self) -> String {
        match self.address {
            Some(IpAddr::V6(a)) if a.to_ipv4_mapped().is_none() => {
                let [a, b, c, d, ..] = a.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
            Some(address) => address.to_canonical().to_string(),
            None => String::new(),
        }
    }

    /// The role with which something is done at a place: the nearest of those held above it, own ones before those of
    /// others; the first where none is.
    pub fn acting_at(&self, path: &str) -> Option<&Acting> {
        let above = self.acting.iter().filter(|a| path.starts_with(&a.place));
        let nearest = above.min_by_key(|a| (a.behalf.is_some(), std::cmp::Reverse(a.place.len())));
        nearest.or(self.acting.first())
    }

    /// Runs `work` for this caller.
    pub(crate) async fn scope<F: Future>(self, work: F) -> F::Output {
        CALLER.scope(self, work).await
    }
}

/// The roles that open the route, in the order of its rule; where none is asked for, the visitor acts as 职工.
fn acting(rule: &Rule, visitor: Option<&Visitor>) -> Vec<Acting> {
    let roles = match rule.access {
        Access::Roles(roles) => roles,
        Access::SignedIn | Access::Forced => &[Role::Staff],
        Access::Public | Access::Machine => &[],
    };
    let mut grants: Vec<&Grant> = visitor.map(|v| v.actor.grants.iter().collect()).unwrap_or_default();
    grants.retain(|g| roles.contains(&g.role));
    grants.sort_by_key(|g| (g.behalf.is_some(), roles.iter().position(|r| *r == g.role)));
    let stamp = |g: &&Grant| Acting { role: g.role.code(), place: g.path.clone(), behalf: g.behalf };
    grants.iter().map(stamp).collect()
}
