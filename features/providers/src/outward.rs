//! Calls to providers: bounded in time by the client, and cut off for a while after failures in a row (circuit breaker), so
//! that a provider which is down or slow costs nobody else anything.
use base::{Error, Kind, Result, day};
use db::Conn;
use outside::{
    http::{Answer, Call, Method},
    signature::{self, Parameters, Signed},
};
use serde::Serialize;
use site::Site;

use crate::{provider::Provider, store_relations as store};

/// Failures in a row before the line rests.
const TOLERATED: i64 = 3;
/// The first rest; it doubles with each further failure, up to an hour.
const FIRST_REST_MS: i64 = 30_000;
const LONGEST_REST_MS: i64 = 3_600_000;
/// A good line is noted no more often than this.
const NOTED_MS: i64 = 60_000;

/// Calls a provider, unless its line rests. An answer from 500 on is a failure of the provider.
pub async fn call(site: &Site, provider: &str, call: Call) -> Result<Answer> {
    let line = store::line(&site.db, provider).await?;
    let now = day::millis(site.now());
    if line.as_ref().is_some_and(|l| l.rests_until > now) {
        return Err(Error::refused(Kind::Unavailable, "provider_rests"));
    }
    let failures = line.as_ref().map_or(0, |l| l.failures);
    let sent = site.http.send(call).await;
    let trouble = match &sent {
        // Nobody was asked, so nothing is learned of the provider.
        Err(e) if outside::http::is_unmade(e) => return sent,
        Ok(answer) if answer.status < 500 => None,
        Ok(answer) => Some(format!("http_{}", answer.status)),
        Err(e) => Some(e.code().to_owned()),
    };
    match trouble {
        None => {
            let noted = line.and_then(|l| l.answered_at).unwrap_or(0);
            if failures > 0 || now - noted > NOTED_MS {
                store::line_answers(&site.db, provider, now).await?;
            }
        }
        Some(error) => {
            let rest = rest_ms(failures + 1);
            store::line_fails(&site.db, provider, (&error, rest), now).await?;
        }
    }
    sent
}

/// Has a provider asked, soon: one question of a kind waits at a time, however often it comes up. One that failed is tried at
/// once, unless the line rests.
pub(crate) async fn ask(
    site: &Site,
    conn: &impl Conn,
    provider: &str,
    (kind, payload, key): (&str, &impl Serialize, &str),
) -> Result<()> {
    let (line, now) = (store::line(conn, provider).await?, site.now());
    let rests = line.is_some_and(|l| l.rests_until > day::millis(now));
    if jobs::try_soon(conn, (kind, payload), now, !rests).await? {
        return Ok(());
    }
    site.enqueue_once(conn, kind, payload, key).await
}

/// Posts JSON to a provider, signed with its own newest key, so that it knows who asks.
pub(crate) async fn post_signed(
    site: &Site,
    provider: &Provider,
    path: &str,
    body: &impl Serialize,
) -> Result<Answer> {
    let keys = store::keys(&site.db, provider.id).await?;
    let key = keys.into_iter().find(|k| k.ended_at.is_none());
    let key = key.ok_or_else(|| Error::conflict("provider_standing"))?;
    let secret = site.keys.open_sealed(&format!("provider_keys:{}", key.key_id), &key.secret_sealed)?;
    let (url, body) =
        (format!("{}{path}", provider.site_url), serde_json::to_vec(body).map_err(Error::internal)?);
    let parameters = Parameters {
        created: site.now().as_second(),
        nonce: secrets::fresh_token(&*site.random),
        key_id: key.key_id,
    };
    let request = Signed { method: "POST", target_uri: &url, body: &body };
    let signed = signature::sign(&request, &parameters, secret.as_bytes());
    let headers = [
        ("content-type", "application/json".to_owned()),
        ("accept", "application/json".to_owned()),
        ("content-digest", signed.content_digest),
        ("signature-input", signed.input),
        ("signature", signed.signature),
    ];
    let headers = headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    call(site, &provider.id.to_string(), Call { method: Method::POST, url, headers, body }).await
}

/// How long a line rests after so many failures in a row.
fn rest_ms(failures: i64) -> i64 {
    if failures < TOLERATED {
        return 0;
    }
    let doublings = u32::try_from((failures - TOLERATED).min(10)).unwrap_or(10);
    (FIRST_REST_MS << doublings).min(LONGEST_REST_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_rests_longer_with_each_failure_up_to_an_hour() {
        assert_eq!((1..=5).map(rest_ms).collect::<Vec<_>>(), [0, 0, 30_000, 60_000, 120_000]);
        assert_eq!((rest_ms(9), rest_ms(10), rest_ms(1_000_000)), (1_920_000, 3_600_000, 3_600_000));
    }
}
