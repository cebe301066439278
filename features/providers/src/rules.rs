//! The rules by which a provider is suspended, as data: the authority at the top sets them within bounds.
use base::{Error, FieldProblem, Result};
use db::Conn;
use sea_orm::FromQueryResult;
use serde::{Deserialize, Serialize};
use serde_json::json;
use site::{Site, Visitor};
use utoipa::ToSchema;

use crate::{standing, store_relations as store};

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
pub(crate) async fn set(site: &Site, visitor: &Visitor, rules: &Rules) -> Result<()> {
    standing::admit_keeper(&visitor.actor)?;
    rules.check()?;
    let tx = site.db.begin().await?;
    store::save_rules(&tx, rules, (visitor.actor.person, site.now())).await?;
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
