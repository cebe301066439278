//! What a provider calls signed beside completions: its catalogue, its monthly accounts.
use axum::{
    extract::{Path, Query, State},
    response::IntoResponse,
};
use base::{Error, FieldProblem, Kind};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use site::{Access, Reply, Routes, Site};
use utoipa::{OpenApi, ToSchema};

use crate::{
    account::{self, Account, Part, Record, Sides, Statement},
    catalogue::{self, List},
    signed::FromProvider,
    store_accounts::Difference,
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .post("/api/v1/provider/courses", Access::Machine, courses)
        .post("/api/v1/provider/accounts/{month}", Access::Machine, send_account)
        .get("/api/v1/provider/accounts/{month}", Access::Machine, read_account)
}

#[derive(OpenApi)]
#[openapi(
    paths(courses, send_account, read_account),
    components(schemas(
        CourseBatch,
        CourseOutcome,
        CourseOutcomes,
        Statement,
        Record,
        Account,
        Sides,
        Difference
    ))
)]
pub(crate) struct Docs;

/// A batch of courses holds at most so many.
const MOST: usize = 1000;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CourseBatch {
    /// Courses as the provider's own list has them.
    #[schema(value_type = Vec<Object>)]
    courses: Vec<Value>,
    /// Whether these are all of its courses, so that others are no longer listed; of a list in parts, on the last one.
    #[serde(default)]
    whole: bool,
    /// The provider's own name of a list that comes in parts, the same in each of them, another for the next list.
    #[serde(default)]
    list: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct CourseOutcome {
    id: String,
    /// `taken` or `refused`.
    status: &'static str,
    reason: Option<&'static str>,
}

#[derive(Serialize, ToSchema)]
struct CourseOutcomes {
    items: Vec<CourseOutcome>,
}

/// A provider sends courses of its catalogue (signed); subject and length stay as first sent.
#[utoipa::path(post, path = "/api/v1/provider/courses", request_body = CourseBatch, responses((status = 200, body = CourseOutcomes)))]
async fn courses(State(site): State<Site>, request: FromProvider<CourseBatch>) -> Reply {
    if request.body.courses.len() > MOST {
        let field = FieldProblem { field: "courses".into(), code: "too_many_items" };
        return Err(Error::refused(Kind::Invalid, "invalid").with_fields(vec![field]).into());
    }
    let list = List { name: request.body.list.as_deref(), is_whole: request.body.whole };
    let is_name =
        |name: &str| (1..=100).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    if list.name.is_some_and(|name| !is_name(name)) {
        return Err(Error::invalid("list", "wrong_value").into());
    }
    let (mut taken, mut items) = (vec![], vec![]);
    for course in &request.body.courses {
        let id = course.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
        match catalogue::judge(course) {
            Ok(item) => {
                taken.push(item);
                items.push(CourseOutcome { id, status: "taken", reason: None });
            }
            Err(reason) => items.push(CourseOutcome { id, status: "refused", reason: Some(reason) }),
        }
    }
    catalogue::write(&site, &request.provider, &taken, list).await?;
    Ok(axum::Json(CourseOutcomes { items }).into_response())
}

/// A provider sends its statement of account of a month (signed) and reads what differs.
#[utoipa::path(post, path = "/api/v1/provider/accounts/{month}", params(("month" = String, Path)), request_body = Statement,
    responses((status = 200, body = Account)))]
async fn send_account(
    State(site): State<Site>,
    Path(month): Path<String>,
    request: FromProvider<Statement>,
) -> Reply {
    let account = account::take(&site, &request.provider, &month, &request.body).await?;
    Ok(axum::Json(account).into_response())
}

#[derive(Deserialize)]
struct Reading {
    #[serde(default)]
    after: String,
}

/// A month's account as it was last compared (signed, an empty body); the rest of long lists by `after` = the answer's `next`.
#[utoipa::path(get, path = "/api/v1/provider/accounts/{month}", params(("month" = String, Path), ("after" = Option<String>, Query)),
    responses((status = 200, body = Account)))]
async fn read_account(
    State(site): State<Site>,
    Path(month): Path<String>,
    Query(reading): Query<Reading>,
    request: FromProvider<Option<()>>,
) -> Reply {
    let part = Part { after: &reading.after, most: account::LISTED };
    let account = account::of_month(&site, &request.provider, &month, part).await?;
    Ok(axum::Json(account).into_response())
}
