//! Writes of people that carry an `Idempotency-Key` happen once: the first answer is kept and given again. A program's or a
//! stranger's request is known by what only its handler verifies (a signature, a credential), so none is answered before
//! that: what programs repeat is told apart by the ids that they give.
use axum::{
    body::{Body, to_bytes},
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base::{Error, Kind, Result};
use db::{FromQueryResult, params};

use crate::{Failure, Site, Visitor, routes::Gate};

const MAX_BODY: usize = 12 * 1024 * 1024;

#[derive(FromQueryResult)]
struct Kept {
    request_hash: String,
    status: Option<i64>,
    body: Option<String>,
}

/// Gives the kept answer to a repeated write; another body under the same key is a conflict.
pub(crate) async fn once(gate: &Gate, request: Request) -> Result<Response, Failure> {
    let key = request.headers().get("idempotency-key").and_then(|v| v.to_str().ok()).map(str::to_owned);
    let caller = request.extensions().get::<Visitor>().map(|v| v.actor.person);
    let Some((key, caller)) = key.zip(caller).filter(|_| !request.method().is_safe()) else {
        return Ok(gate.call(request).await);
    };
    let site = &gate.site;
    if key.is_empty() || key.len() > 200 {
        return Err(Error::invalid("Idempotency-Key", "wrong_value").into());
    }
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, MAX_BODY).await.map_err(|_| Error::refused(Kind::TooLarge, "too_large"))?;
    let lookup = secrets::sha256_hex(format!("{caller}\n{} {}\n{key}", parts.method, parts.uri).as_bytes());
    let hash = secrets::sha256_hex(&body);
    if !begin(site, &lookup, &hash).await? {
        return again(site, &lookup, &hash).await;
    }
    let response = gate.call(Request::from_parts(parts, Body::from(body))).await;
    keep(site, &lookup, response).await
}

async fn begin(site: &Site, lookup: &str, hash: &str) -> Result<bool> {
    let sql = "INSERT INTO kept_answers (lookup, request_hash, at) VALUES ($1, $2, $3) ON CONFLICT (lookup) DO NOTHING";
    Ok(db::execute(&site.db, sql, params![lookup, hash, site.now()]).await? == 1)
}

async fn again(site: &Site, lookup: &str, hash: &str) -> Result<Response, Failure> {
    let sql = "SELECT request_hash, status, body FROM kept_answers WHERE lookup = $1";
    let kept: Kept = db::one(&site.db, sql, params![lookup]).await?;
    if kept.request_hash != hash {
        return Err(Error::conflict("idempotency_key_reused").into());
    }
    let (Some(status), Some(body)) = (kept.status, kept.body) else {
        return Err(Error::conflict("request_in_progress").retry_after(1).into());
    };
    let status =
        u16::try_from(status).ok().and_then(|s| StatusCode::from_u16(s).ok()).unwrap_or(StatusCode::OK);
    Ok((status, [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], body).into_response())
}

/// Keeps a success; a refusal frees the key, so that the caller may mend the request and send it again.
async fn keep(site: &Site, lookup: &str, response: Response) -> Result<Response, Failure> {
    if !response.status().is_success() {
        db::execute(&site.db, "DELETE FROM kept_answers WHERE lookup = $1", params![lookup]).await?;
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, MAX_BODY).await.map_err(Error::internal)?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let sql = "UPDATE kept_answers SET status = $1, body = $2 WHERE lookup = $3";
    db::execute(&site.db, sql, params![i64::from(parts.status.as_u16()), text, lookup]).await?;
    Ok(Response::from_parts(parts, Body::from(bytes)))
}
