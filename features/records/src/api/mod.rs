//! `/xapi/`: the resources of the standard (Communication 2), each with every method, so that the wrong ones are refused
//! as the standard says.
mod about;
mod answer;
mod call;
mod documents;
mod statements;
mod write;

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue, Method, header},
    response::Response,
};
use site::{Access, Routes, Site};

use crate::{doors::Doors, recorder::Recorder, version::Version};
use answer::{Refusal, Said};
use call::{Call, Opened};

/// What the handlers share. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Records {
    pub recorder: Recorder,
    pub doors: Doors,
}

/// A resource of the standard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resource {
    About,
    Statements,
    Activities,
    Agents,
    State,
    ActivityProfile,
    AgentProfile,
    Unknown,
}

impl Resource {
    fn methods(self) -> &'static [Method] {
        match self {
            Self::About | Self::Activities | Self::Agents => &[Method::GET],
            Self::Statements => &[Method::GET, Method::PUT, Method::POST],
            Self::State | Self::ActivityProfile | Self::AgentProfile => {
                &[Method::GET, Method::PUT, Method::POST, Method::DELETE]
            }
            Self::Unknown => &[],
        }
    }
}

const PATHS: &[(&str, Resource)] = &[
    ("/xapi/about", Resource::About),
    ("/xapi/statements", Resource::Statements),
    ("/xapi/activities", Resource::Activities),
    ("/xapi/activities/state", Resource::State),
    ("/xapi/activities/profile", Resource::ActivityProfile),
    ("/xapi/agents", Resource::Agents),
    ("/xapi/agents/profile", Resource::AgentProfile),
    ("/xapi/{*rest}", Resource::Unknown),
];

/// The resource under `/xapi//…`, which is what clients make of an endpoint that ends with a slash and `/statements`.
fn after_two_slashes(path: &str) -> Resource {
    let named = |rest| PATHS.iter().find(|(known, _)| known.strip_prefix("/xapi/") == Some(rest));
    path.strip_prefix("/xapi//").and_then(named).map_or(Resource::Unknown, |(_, resource)| *resource)
}

/// The routes of the store.
pub(crate) fn routes() -> Routes {
    let records = Arc::new(Records::default());
    PATHS.iter().fold(Routes::new(), |routes, (path, resource)| {
        let handler = {
            let (records, resource) = (Arc::clone(&records), *resource);
            move |State(site): State<Site>, request: Request| {
                let records = Arc::clone(&records);
                async move { serve(&site, &records, resource, request).await }
            }
        };
        routes
            .get(path, Access::Machine, handler.clone())
            .put(path, Access::Machine, handler.clone())
            .post(path, Access::Machine, handler.clone())
            .patch(path, Access::Machine, handler.clone())
            .delete(path, Access::Machine, handler)
    })
}

async fn serve(site: &Site, records: &Records, resource: Resource, request: Request) -> Response {
    let resource =
        if resource == Resource::Unknown { after_two_slashes(request.uri().path()) } else { resource };
    let accept = request.headers().get(header::ACCEPT).cloned();
    let (version, answered) = match call::open(site, records, resource, request).await {
        Opened::Call(call) => (call.version, dispatch(site, records, resource, *call).await),
        Opened::Refused(version, refusal) => (version, Err(refusal)),
    };
    let is_json = answer::wants_json(accept.as_ref());
    let mut response = answered.unwrap_or_else(|refusal| refusal.into_response(is_json));
    let headers = response.headers_mut();
    headers.insert(VERSION, HeaderValue::from_static(version.header()));
    if resource == Resource::Statements
        && let Ok(through) = HeaderValue::from_str(&records.recorder.consistent_through(site))
    {
        headers.insert(THROUGH, through);
    }
    response
}

const VERSION: HeaderName = HeaderName::from_static("x-experience-api-version");
const THROUGH: HeaderName = HeaderName::from_static("x-experience-api-consistent-through");

async fn dispatch(site: &Site, records: &Records, resource: Resource, call: Call) -> Said {
    match resource {
        Resource::About => about::about(call),
        Resource::Statements if call.method == Method::GET => statements::read(site, call).await,
        Resource::Statements => write::write(site, records, call).await,
        Resource::Activities => about::activity(site, call).await,
        Resource::Agents => about::person(site, call).await,
        Resource::State | Resource::ActivityProfile | Resource::AgentProfile => {
            documents::serve(site, resource, call).await
        }
        Resource::Unknown => Err(Refusal::not_found("there is no such resource")),
    }
}

/// Whether two versions differ in what a document needs; named here once.
pub(crate) fn is_strict_on_state(version: Version) -> bool {
    version == Version::V2
}
