//! The rules by which a provider is suspended, as data: the authority at the top sets them within bounds.
use askama::Template;
use axum::{extract::State, http::StatusCode, response::IntoResponse};
use base::{Error, FieldProblem, Kind, Result};
use db::Conn;
use sea_orm::FromQueryResult;
use serde::{Deserialize, Serialize};
use serde_json::json;
use site::{Access, Form, Frame, Json, Reply, Routes, Site, Visitor, html, see_other};
use utoipa::{OpenApi, ToSchema};

use crate::{
    standing::{self, KEEPERS, READERS},
    store_rules as store,
};

/// A provider whose records are mostly wrong, that cannot be reached, or that leaves people without an answer is suspended;
/// what it reports meanwhile is kept back, and nothing of it is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, FromQueryResult)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rules {
    /// Rejects are looked at over so many days,
    pub reject_days: i64,
    /// from so many records on,
    pub reject_least: i64,
    /// and at more than this share, per cent.
    pub reject_percent: i64,
    /// Not reachable for so many days although tried.
    pub unreached_days: i64,
    /// Questions of people open for so many days,
    pub dispute_days: i64,
    /// so many of them.
    pub dispute_least: i64,
}

/// The delivered ones.
pub(crate) const DELIVERED: Rules = Rules {
    reject_days: 7,
    reject_least: 200,
    reject_percent: 50,
    unreached_days: 7,
    dispute_days: 15,
    dispute_least: 20,
};

pub(crate) fn routes() -> Routes {
    let (keepers, readers) = (Access::Roles(KEEPERS), Access::Roles(READERS));
    Routes::new()
        .get("/api/v1/provider-rules", readers, read)
        .put("/api/v1/provider-rules", keepers, write)
        .get("/provider-rules", readers, page)
        .post("/provider-rules", keepers, save)
}

#[derive(OpenApi)]
#[openapi(paths(read, write), components(schemas(Rules)))]
struct Docs;

pub(crate) fn docs() -> utoipa::openapi::OpenApi {
    Docs::openapi()
}

impl Rules {
    /// Refuses rules that would suspend for nothing or never.
    fn check(&self) -> Result<()> {
        let bounds = [
            ("reject_days", self.reject_days, 1..=31),
            ("reject_least", self.reject_least, 10..=100_000),
            ("reject_percent", self.reject_percent, 5..=99),
            ("unreached_days", self.unreached_days, 1..=60),
            ("dispute_days", self.dispute_days, 1..=90),
            ("dispute_least", self.dispute_least, 1..=10_000),
        ];
        let wrong = bounds.into_iter().filter(|(_, value, bounds)| !bounds.contains(value));
        let problems: Vec<FieldProblem> = wrong
            .map(|(field, ..)| FieldProblem { field: field.to_owned(), code: "provider_rule_bounds" })
            .collect();
        if problems.is_empty() { Ok(()) } else { Err(Error::invalid_fields(problems)) }
    }
}

/// The rules in force.
pub(crate) async fn in_force(conn: &impl Conn) -> Result<Rules> {
    Ok(store::rules(conn).await?.unwrap_or(DELIVERED))
}

/// Sets the rules.
async fn set(site: &Site, visitor: &Visitor, rules: &Rules) -> Result<()> {
    standing::admit_keeper(&visitor.actor)?;
    rules.check()?;
    let tx = site.db.begin().await?;
    store::save(&tx, rules, (visitor.actor.person, site.now())).await?;
    let deed = audit::Deed {
        actor: Some(visitor.actor.person),
        action: "provider.rules",
        object: "provider_rules",
        unit_path: "",
        details: json!(rules),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await
}

/// The rules by which a provider is suspended.
#[utoipa::path(get, path = "/api/v1/provider-rules", responses((status = 200, body = Rules)))]
async fn read(State(site): State<Site>) -> Reply {
    Ok(axum::Json(in_force(&site.db).await?).into_response())
}

/// Set them; for the authority at the top.
#[utoipa::path(put, path = "/api/v1/provider-rules", request_body = Rules, responses((status = 204), (status = 422)))]
async fn write(State(site): State<Site>, visitor: Visitor, Json(rules): Json<Rules>) -> Reply {
    set(&site, &visitor, &rules).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

#[derive(Template)]
#[template(path = "providers/rules.html")]
struct RulesPage {
    frame: Frame,
    rules: Rules,
    is_keeper: bool,
    problem: String,
}

fn shown(site: &Site, visitor: &Visitor, (rules, problem): (Rules, String)) -> Reply {
    let frame = Frame::of(site, visitor, "/providers", "page-provider-rules");
    html(&RulesPage { frame, rules, is_keeper: standing::is_keeper(&visitor.actor), problem })
}

async fn page(State(site): State<Site>, visitor: Visitor) -> Reply {
    let rules = in_force(&site.db).await?;
    shown(&site, &visitor, (rules, String::new()))
}

/// The form's fields; it has others that every form has.
#[derive(Deserialize)]
struct RulesForm {
    reject_days: i64,
    reject_least: i64,
    reject_percent: i64,
    unreached_days: i64,
    dispute_days: i64,
    dispute_least: i64,
}

impl From<RulesForm> for Rules {
    fn from(f: RulesForm) -> Self {
        Self {
            reject_days: f.reject_days,
            reject_least: f.reject_least,
            reject_percent: f.reject_percent,
            unreached_days: f.unreached_days,
            dispute_days: f.dispute_days,
            dispute_least: f.dispute_least,
        }
    }
}

async fn save(State(site): State<Site>, visitor: Visitor, Form(form): Form<RulesForm>) -> Reply {
    let rules = Rules::from(form);
    match set(&site, &visitor, &rules).await {
        Ok(()) => Ok(see_other("/provider-rules")),
        Err(Error::Refused(p)) if p.kind == Kind::Invalid => {
            shown(&site, &visitor, (rules, site.texts.get("field-provider_rule_bounds")))
        }
        Err(e) => Err(e.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_that_would_suspend_for_nothing_or_never_are_refused() {
        assert!(DELIVERED.check().is_ok());
        let wrong = [
            Rules { reject_percent: 0, ..DELIVERED },
            Rules { reject_percent: 100, ..DELIVERED },
            Rules { reject_least: 1, ..DELIVERED },
            Rules { unreached_days: 0, ..DELIVERED },
            Rules { dispute_days: 365, ..DELIVERED },
        ];
        assert!(wrong.iter().all(|r| r.check().is_err()));
    }
}
