//! Per-provider quotas: unlimited unless set. Counted in the database, so that several nodes count together.
use base::{Error, Kind, Result, day};
use serde::{Deserialize, Serialize};
use serde_json::json;
use site::{Site, Visitor};
use utoipa::ToSchema;

use crate::{provider::Provider, standing, store_relations as store};

/// What a provider may use; none is unlimited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Quota {
    /// Signed requests a minute.
    pub requests_a_minute: Option<i64>,
    /// Completions a day.
    pub completions_a_day: Option<i64>,
    /// Requests a minute at the Learning Record Store.
    pub record_requests_a_minute: Option<i64>,
}

const MINUTE_MS: i64 = 60_000;

/// Counts a signed request; refused with the seconds to wait where the minute is used up.
pub(crate) async fn request(site: &Site, provider: &Provider) -> Result<()> {
    let Some(most) = provider.quota.requests_a_minute else { return Ok(()) };
    let now = day::millis(site.now());
    let span = format!("m{}", now / MINUTE_MS);
    let used = store::use_quota(&site.db, provider.id, (&span, 1), now).await?;
    let left = u64::try_from((MINUTE_MS - now % MINUTE_MS) / 1000).unwrap_or(59) + 1;
    if used > most { Err(exceeded(left)) } else { Ok(()) }
}

/// Counts the completions of a batch; refused whole where the day is used up, so that it can be sent again tomorrow.
pub(crate) async fn completions(site: &Site, provider: &Provider, count: usize) -> Result<()> {
    let Some(most) = provider.quota.completions_a_day else { return Ok(()) };
    let (today, now) = (day::day_of(site.now()), site.now());
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let span = format!("d{today}");
    let used = store::use_quota(&site.db, provider.id, (&span, count), day::millis(now)).await?;
    if used <= most {
        return Ok(());
    }
    store::use_quota(&site.db, provider.id, (&span, -count), day::millis(now)).await?;
    let tomorrow = today.tomorrow().map_err(Error::internal)?;
    let left = (day::start_of(tomorrow).as_second() - now.as_second()).max(1);
    Err(exceeded(u64::try_from(left).unwrap_or(1)))
}

fn exceeded(seconds: u64) -> Error {
    Error::refused(Kind::TooMany, "quota_exceeded").retry_after(seconds)
}

/// The authority sets what a provider may use.
pub(crate) async fn set(site: &Site, visitor: &Visitor, name: &str, quota: Quota) -> Result<()> {
    standing::admit_keeper(&visitor.actor)?;
    let parts = [
        ("requests_a_minute", quota.requests_a_minute),
        ("completions_a_day", quota.completions_a_day),
        ("record_requests_a_minute", quota.record_requests_a_minute),
    ];
    if let Some((field, _)) = parts.into_iter().find(|(_, most)| most.is_some_and(|m| m < 1)) {
        return Err(Error::invalid(field, "wrong_value"));
    }
    let tx = site.db.begin().await?;
    let provider = store::locked(&tx, name).await?;
    store::set_quota(&tx, provider.id, quota).await?;
    records::set_quota(&tx, &provider.id.to_string(), quota.record_requests_a_minute).await?;
    let deed = audit::Deed {
        actor: Some(visitor.actor.person),
        action: "provider.quota",
        object: name,
        unit_path: "",
        details: json!({"from": provider.quota, "to": quota}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await
}
