//! Every route with its access rule, in one table. A handler without a rule cannot be added.
use std::sync::Arc;

use axum::{
    Router,
    extract::Request,
    handler::Handler,
    http::Method,
    response::Response,
    routing::{MethodFilter, on},
};
use base::Role;
use futures::future::BoxFuture;

use crate::{Site, headers};

/// Who may call a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anyone.
    Public,
    /// Whoever is signed in, forced steps open or not.
    Forced,
    /// Whoever is signed in and has no open forced step.
    SignedIn,
    /// Whoever holds one of the roles somewhere; the scope is applied by the query.
    Roles(&'static [Role]),
    /// A program that signs its requests; its extractor verifies them.
    Machine,
}

/// One row of the table.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The method.
    pub method: Method,
    /// The path with `{name}` parts.
    pub path: &'static str,
    /// Who may.
    pub access: Access,
    /// Whether the call leaves the idle time as it is.
    pub is_passive: bool,
    /// Whether the call costs much and so is limited more (security item 58).
    pub is_costly: bool,
    /// Whether the call checks a password or a code, and so passes the lock's gate (security item 14).
    pub verifies_credential: bool,
    /// Whether those who retired or left may call it too, although it changes something.
    pub is_for_former: bool,
    /// Whether a program's own token opens it.
    pub takes_programs: bool,
}

/// What a handler answers.
pub(crate) type Answer = BoxFuture<'static, Response>;
type Call = Arc<dyn Fn(Request, Site) -> Answer + Send + Sync>;

/// A handler with what stands before it.
pub(crate) struct Gate {
    pub site: Site,
    pub rule: Rule,
    call: Call,
}

impl Gate {
    /// Calls the handler.
    pub(crate) fn call(&self, request: Request) -> Answer {
        (self.call)(request, self.site.clone())
    }
}

/// A set of routes with their rules.
#[derive(Clone, Default)]
pub struct Routes {
    rows: Vec<(Rule, MethodFilter, Call)>,
}

impl Routes {
    /// No routes.
    pub fn new() -> Self {
        Self::default()
    }

    /// A GET route.
    pub fn get<H: Handler<T, Site, Future = Answer>, T: 'static>(
        self,
        path: &'static str,
        access: Access,
        handler: H,
    ) -> Self {
        self.add((Method::GET, MethodFilter::GET), path, access, handler)
    }

    /// A POST route.
    pub fn post<H: Handler<T, Site, Future = Answer>, T: 'static>(
        self,
        path: &'static str,
        access: Access,
        handler: H,
    ) -> Self {
        self.add((Method::POST, MethodFilter::POST), path, access, handler)
    }

    /// A PUT route.
    pub fn put<H: Handler<T, Site, Future = Answer>, T: 'static>(
        self,
        path: &'static str,
        access: Access,
        handler: H,
    ) -> Self {
        self.add((Method::PUT, MethodFilter::PUT), path, access, handler)
    }

    /// A PATCH route.
    pub fn patch<H: Handler<T, Site, Future = Answer>, T: 'static>(
        self,
        path: &'static str,
        access: Access,
        handler: H,
    ) -> Self {
        self.add((Method::PATCH, MethodFilter::PATCH), path, access, handler)
    }

    /// A DELETE route.
    pub fn delete<H: Handler<T, Site, Future = Answer>, T: 'static>(
        self,
        path: &'static str,
        access: Access,
        handler: H,
    ) -> Self {
        self.add((Method::DELETE, MethodFilter::DELETE), path, access, handler)
    }

    fn add<H: Handler<T, Site, Future = Answer>, T: 'static>(
        mut self,
        (method, filter): (Method, MethodFilter),
        path: &'static str,
        access: Access,
        handler: H,
    ) -> Self {
        let rule = Rule {
            method,
            path,
            access,
            is_passive: false,
            is_costly: false,
            verifies_credential: false,
            is_for_former: false,
            takes_programs: false,
        };
        let call = move |request, site| handler.clone().call(request, site);
        self.rows.push((rule, filter, Arc::new(call)));
        self
    }

    /// The last route leaves the idle time as it is (contract: `GET /sessions/current`, `progress`).
    pub fn passive(mut self) -> Self {
        if let Some((rule, ..)) = self.rows.last_mut() {
            rule.is_passive = true;
        }
        self
    }

    /// The last route costs much: it makes or reads files as a whole.
    pub fn costly(mut self) -> Self {
        if let Some((rule, ..)) = self.rows.last_mut() {
            rule.is_costly = true;
        }
        self
    }

    /// The last route checks a password or a code.
    pub fn verifies_credential(mut self) -> Self {
        if let Some((rule, ..)) = self.rows.last_mut() {
            rule.verifies_credential = true;
        }
        self
    }

    /// These routes are open to those who retired or left too: their certificates, their account, customer service.
    pub fn for_former(mut self) -> Self {
        for (rule, ..) in &mut self.rows {
            rule.is_for_former = true;
        }
        self
    }

    /// The last route is open to programs with a token of their own.
    pub fn for_programs(mut self) -> Self {
        if let Some((rule, ..)) = self.rows.last_mut() {
            rule.takes_programs = true;
        }
        self
    }

    /// All of both.
    pub fn and(mut self, other: Self) -> Self {
        self.rows.extend(other.rows);
        self
    }

    /// The table, for tests and documentation.
    pub fn table(&self) -> Vec<Rule> {
        self.rows.iter().map(|(rule, ..)| rule.clone()).collect()
    }

    /// The router: each handler behind the guard with its own rule. What is around a handler is called, not layered: each
    /// layer costs every request its own boxes.
    pub(crate) fn into_router(self, site: &Site) -> Router<Site> {
        self.rows.into_iter().fold(Router::new(), |router, (rule, filter, call)| {
            let path = rule.path;
            let gate = Arc::new(Gate { site: site.clone(), rule, call });
            router.route(path, on(filter, move |request: Request| headers::pass(Arc::clone(&gate), request)))
        })
    }
}
