//! What a provider may know of a learner before the first second: how much of the year is missing, which of its courses
//! would not count because they were learned already, what is reimbursed, whose invoice it is. Asked signed, about people
//! who came to the provider by themselves; nothing else of a person is told.
use std::collections::HashSet;

use axum::{extract::State, response::IntoResponse};
use base::{Error, Hours, Result, Subject, Year, person::Code};
use serde::{Deserialize, Serialize};
use site::{Access, Reply, Routes, Site};
use utoipa::{OpenApi, ToSchema};

use crate::{
    api_titles::{self, Title},
    mapping,
    provider::Provider,
    signed::FromProvider,
    store,
    topics::Topics,
};

pub(crate) fn routes() -> Routes {
    Routes::new().post("/api/v1/provider/outlook", Access::Machine, ask)
}

#[derive(OpenApi)]
#[openapi(paths(ask), components(schemas(Asked, Outlook, Learned)))]
struct Docs;

pub(crate) fn docs() -> utoipa::openapi::OpenApi {
    Docs::openapi()
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Asked {
    subject_id: String,
}

/// A course that counts no more this year.
#[derive(Serialize, ToSchema)]
struct Learned {
    /// The provider's own id of it.
    course: String,
    /// At which provider it was learned.
    at: String,
}

/// What a provider is told of a learner.
#[derive(Serialize, ToSchema)]
struct Outlook {
    year: i16,
    /// The category of the post; none while the profile is incomplete.
    category: Option<String>,
    obliged: bool,
    satisfied: bool,
    /// What the year still lacks.
    #[schema(value_type = String)]
    public: Hours,
    #[schema(value_type = String)]
    professional: Hours,
    /// The year's topics of the public subject.
    topics: Vec<String>,
    /// Public courses of the provider that name none of them and that the authority has not marked: they count in the
    /// professional subject.
    outside: Vec<String>,
    learned: Vec<Learned>,
    /// What is left of the person's allowance for professional courses, in yuan.
    #[schema(value_type = String)]
    allowance_left: base::Fen,
    /// How the unit's invoices are titled; none where nobody has said so.
    invoice: Option<Title>,
}

/// What a learner's year lacks, for a provider (signed).
#[utoipa::path(post, path = "/api/v1/provider/outlook", request_body = Asked, responses(
    (status = 200, body = Outlook), (status = 404, description = "no learner of this provider")))]
async fn ask(State(site): State<Site>, request: FromProvider<Asked>) -> Reply {
    let told = of(&site, &request.provider, &request.body.subject_id).await?;
    Ok(axum::Json(told).into_response())
}

async fn of(site: &Site, provider: &Provider, subject: &str) -> Result<Outlook> {
    let person = store::person_of(&site.db, provider.id, subject).await?.ok_or_else(Error::not_found)?;
    let making_up = hours::making_up(&site.db, person, base::day::day_of(site.now())).await?;
    let year = making_up.map_or_else(|| site.this_year(), |open| open.year);
    let facts = org::person(&site.db, person).await?;
    let invoice = api_titles::of_path(&site.db, &facts.path).await?;
    let standing = match hours::standing(&site.db, person, year).await {
        Err(e) if e.code() == "profile_incomplete" => return unknown(site, provider, (year, invoice)).await,
        standing => standing?,
    };
    let a = &standing.assessment;
    Ok(Outlook {
        year: year.number(),
        category: facts.category.map(|c| c.code()),
        obliged: a.obliged,
        satisfied: a.satisfied,
        public: a.shortfall.public,
        professional: a.shortfall.professional,
        topics: standing.policy.topics.clone(),
        outside: outside(site, provider, year).await?,
        learned: learned(site, provider, &standing.record).await?,
        allowance_left: base::Fen::new((a.fees.allowance.fen() - a.fees.charged.fen()).max(0)),
        invoice,
    })
}

/// Nothing can be said of the year of someone whose profile is incomplete; the topics are the same for all.
async fn unknown(
    site: &Site,
    provider: &Provider,
    (year, invoice): (Year, Option<Title>),
) -> Result<Outlook> {
    Ok(Outlook {
        year: year.number(),
        category: None,
        obliged: false,
        satisfied: false,
        public: Hours::ZERO,
        professional: Hours::ZERO,
        topics: hours::in_force(&site.db, year).await?.policy.topics.clone(),
        outside: outside(site, provider, year).await?,
        learned: vec![],
        allowance_left: base::Fen::ZERO,
        invoice,
    })
}

/// The provider's public courses that the year counts in the professional subject.
async fn outside(site: &Site, provider: &Provider, year: Year) -> Result<Vec<String>> {
    let topics = Topics::of(site, year).await?;
    let listed = store::topics::topics_of(&site.db, provider.id).await?;
    let is_outside = |c: &store::topics::Topical| topics.is_outside((&c.id, Subject::Public, &c.topic));
    Ok(listed.into_iter().filter(is_outside).map(|c| c.course).collect())
}

/// The provider's courses that are in the year's record already, also as courses of others that are the same.
async fn learned(site: &Site, provider: &Provider, record: &serde_json::Value) -> Result<Vec<Learned>> {
    let taken = mapping::taken(site, record).await?;
    let heads: HashSet<String> = taken.iter().map(|t| t.head.clone()).collect();
    let same = store::topics::same_as(&site.db, provider.id, &heads).await?;
    let prefix = format!("{}:", provider.name);
    let mut learned: Vec<Learned> = vec![];
    for one in &taken {
        let own = [&one.code, &one.head].into_iter().filter_map(|c| c.strip_prefix(&prefix));
        let others = same.iter().filter(|(_, of)| *of == one.head).map(|(course, _)| course.as_str());
        for course in own.chain(others) {
            if !learned.iter().any(|l| l.course == course) {
                learned.push(Learned { course: course.to_owned(), at: one.at.clone() });
            }
        }
    }
    Ok(learned)
}
