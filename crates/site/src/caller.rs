//! From where a request comes, and in which role: known to everything that runs for it, so that the audit trail says
//! it for every deed without each use case passing it on.
use std::net::{IpAddr, SocketAddr};

use axum::{
    extract::{ConnectInfo, Request},
    http::header,
};
use base::{Role, person::Code};

use crate::{Access, Rule, Site, Visitor};

/// The other end of a request.
#[derive(Clone, Debug, Default)]
pub struct Caller {
    /// The network address; none for the command line and for background work.
    pub address: Option<IpAddr>,
    /// What the browser says that it is, shortened.
    pub agent: String,
    /// The role that opened the route, its code.
    pub role: Option<String>,
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
        Self { address, agent, role: role(rule, visitor) }
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

    /// Runs `work` for this caller.
    pub(crate) async fn scope<F: Future>(self, work: F) -> F::Output {
        CALLER.scope(self, work).await
    }
}

/// The role that opens the route: the first of the rule's that the visitor holds.
fn role(rule: &Rule, visitor: Option<&Visitor>) -> Option<String> {
    let Access::Roles(roles) = rule.access else { return None };
    let held = |role: &&Role| visitor.is_some_and(|v| v.actor.has(&[**role]));
    roles.iter().find(held).map(Code::code)
}
