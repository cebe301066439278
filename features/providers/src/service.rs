//! How a provider does: delay from completion to credit, rejects by reason, disputes; and the rules by which one is
//! suspended, with the figures as the reason.
use base::{Result, day};
use serde::Serialize;
use site::Site;
use utoipa::ToSchema;

use crate::{
    provider::Provider,
    rules::{self, Rules},
    standing::{self, Standing},
    store, store_accounts as figures,
    store_relations::{self, Line},
};

const DAY_MS: i64 = 24 * 3_600_000;
/// Service levels look back so far.
const LEVELS_DAYS: i64 = 30;

/// How many records came out so.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Share {
    pub status: String,
    pub reason: String,
    pub count: i64,
}

/// Service levels of the last thirty days.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Levels {
    pub days: i64,
    pub received: i64,
    pub counted: i64,
    /// Seconds from completion to credit, in the middle and at the slow end; none without records.
    pub delay_p50: Option<i64>,
    pub delay_p95: Option<i64>,
    /// Records that were not counted, by reason.
    pub rejects: Vec<Share>,
    pub disputes: i64,
    pub disputes_open: i64,
}

/// The service levels of a provider.
pub(crate) async fn levels(site: &Site, provider: &Provider) -> Result<Levels> {
    let since = day::millis(site.now()) - LEVELS_DAYS * DAY_MS;
    let shares = figures::by_reason(&site.db, provider.id, since).await?;
    let counted: i64 = shares.iter().filter(|s| s.status == "counted").map(|s| s.count).sum();
    let at = |percent: i64| (counted * percent / 100).min(counted - 1).max(0);
    let seconds = |ms: i64| ms.max(0) / 1000;
    let disputes = figures::disputes(&site.db, provider.id, since).await?;
    let share = |s: &figures::ByReason| Share {
        status: s.status.clone(),
        reason: s.reason.clone().unwrap_or_default(),
        count: s.count,
    };
    Ok(Levels {
        days: LEVELS_DAYS,
        received: shares.iter().map(|s| s.count).sum(),
        counted,
        delay_p50: figures::delay_at(&site.db, provider.id, since, at(50)).await?.map(seconds),
        delay_p95: figures::delay_at(&site.db, provider.id, since, at(95)).await?.map(seconds),
        rejects: shares.iter().filter(|s| s.status != "counted").map(share).collect(),
        disputes: disputes.opened,
        disputes_open: disputes.open,
    })
}

/// The job that looks at every provider by the rules.
pub(crate) const LOOK: &str = "providers.look";

/// Enqueues today's look, for the start; it puts tomorrow's into the queue.
pub async fn schedule(site: &Site) -> Result<()> {
    let today = day::day_of(site.now()).to_string();
    site.enqueue_once(&site.db, LOOK, &today, &today).await
}

/// Suspends live providers that break a rule.
pub(crate) async fn look(site: Site, of_day: String) -> Result<()> {
    let today: base::Day = of_day.parse().map_err(base::Error::internal)?;
    for provider in store::all(&site.db).await?.into_iter().filter(|p| p.standing == Standing::Live) {
        if let Some(reason) = broken(&site, &provider).await? {
            let tx = site.db.begin().await?;
            let provider = store_relations::locked(&tx, &provider.name).await?;
            if provider.standing == Standing::Live {
                standing::move_to(&site, &tx, (&provider, None), (Standing::Suspended, &reason)).await?;
            }
            tx.commit().await?;
        }
    }
    let next = today.tomorrow().map_err(base::Error::internal)?;
    let at = day::start_of(next);
    site.enqueue_at(&site.db, (LOOK, &next.to_string()), &next.to_string(), at).await
}

/// The rule that a provider breaks, in words with its figures.
async fn broken(site: &Site, provider: &Provider) -> Result<Option<String>> {
    let (now, rules) = (day::millis(site.now()), rules::in_force(&site.db).await?);
    let shares = figures::by_reason(&site.db, provider.id, now - rules.reject_days * DAY_MS).await?;
    let received: i64 = shares.iter().map(|s| s.count).sum();
    let refused: i64 = shares.iter().filter(|s| s.status == "refused").map(|s| s.count).sum();
    if received >= rules.reject_least && refused * 100 > received * rules.reject_percent {
        let values = [
            ("days", rules.reject_days.to_string()),
            ("refused", refused.to_string()),
            ("received", received.to_string()),
            ("percent", rules.reject_percent.to_string()),
        ];
        return Ok(Some(said(site, "provider-rule-rejects", &values)));
    }
    let line = store_relations::line(&site.db, &provider.id.to_string()).await?;
    if line.is_some_and(|l| is_unreached(&l, rules, now)) {
        let values = [("days", rules.unreached_days.to_string())];
        return Ok(Some(said(site, "provider-rule-unreached", &values)));
    }
    let open = figures::overdue(&site.db, provider.id, now - rules.dispute_days * DAY_MS).await?;
    if open >= rules.dispute_least {
        let values = [("open", open.to_string()), ("days", rules.dispute_days.to_string())];
        return Ok(Some(said(site, "provider-rule-disputes", &values)));
    }
    Ok(None)
}

/// Whether a provider failed lately and every call has failed for days. Who was not called meanwhile, or never before, did
/// not fail.
fn is_unreached(line: &Line, rules: Rules, now: i64) -> bool {
    let failed_lately = line.failed_at.is_some_and(|at| now - at < 2 * DAY_MS);
    let is_long = line.failing_since.is_some_and(|since| now - since > rules.unreached_days * DAY_MS);
    failed_lately && line.failures > 3 && is_long
}

fn said(site: &Site, key: &str, values: &[(&'static str, String)]) -> String {
    let values: Vec<(&str, &str)> = values.iter().map(|(k, v)| (*k, v.as_str())).collect();
    site.texts.with(key, &values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::DELIVERED;

    #[test]
    fn a_provider_is_unreached_after_a_week_of_failures() {
        let now = 100 * DAY_MS;
        let line = |failures, failed_ago: i64, failing_for: i64| Line {
            failures,
            rests_until: 0,
            last_error: "http_502".into(),
            failed_at: Some(now - failed_ago * DAY_MS),
            failing_since: Some(now - failing_for * DAY_MS),
            answered_at: None,
        };
        assert!(is_unreached(&line(9, 1, 8), DELIVERED, now));
        assert!(!is_unreached(&line(9, 1, 6), DELIVERED, now), "the first failure was within the week");
        assert!(!is_unreached(&line(2, 1, 8), DELIVERED, now), "hardly tried");
        assert!(!is_unreached(&line(9, 5, 8), DELIVERED, now), "nobody tried lately");
    }
}
