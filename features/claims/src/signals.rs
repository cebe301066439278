//! Signals against hours given as a favour and false hours, for the authority: claims, reviewers, units and trainings in
//! the order of what speaks for a look at them. Each signal is explained, none is a verdict; what is decided is recorded.
mod weigh;

use std::collections::{BTreeSet, HashMap, HashSet};

use base::{Actor, Error, Instant, Result, Role, Scope, day, person::Code};
use rules::policy::Per;
use serde::{Deserialize, Serialize};
use serde_json::json;
use site::Site;

use crate::{
    activity::said,
    review,
    store::{
        claims,
        signals::{self as store, Decided, NewDecision},
    },
};

/// How far back the panel looks.
const DAYS_BACK: i64 = 90;
const DAY_MS: i64 = 86_400_000;
/// Who sees the panel.
pub(crate) const WATCHERS: &[Role] = &[Role::Authority];

/// What a signal says.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Sign {
    /// The same evidence on claims of several people.
    Shared,
    /// Approved within seconds.
    Quick,
    /// Hours far above those of peers.
    Peers,
    /// Evidence made after the year.
    LateEvidence,
    /// Learning online during a training day, be it booked or claimed.
    Overlap,
    /// Many approvals within a minute.
    Burst,
    /// Approvals at night.
    Night,
}

impl Code for Sign {}

impl Sign {
    /// What a signal adds to the rank of its object.
    fn weight(self) -> i64 {
        match self {
            Self::Shared | Self::Burst => 3,
            Self::Quick | Self::Peers | Self::LateEvidence | Self::Overlap => 2,
            Self::Night => 1,
        }
    }
}

/// What a signal points at.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// A claim.
    Claim,
    /// A reviewer.
    Reviewer,
    /// A unit.
    Unit,
    /// A unit training.
    Training,
}

impl Code for Target {}

/// Something that signals point at, with its rank.
#[derive(Clone, Debug)]
pub struct Flagged {
    /// What it is.
    pub target: Target,
    /// Its id; of a unit the code.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Where it belongs.
    pub place: String,
    /// The sum of the signals' weights.
    pub rank: i64,
    /// The signals, each with a sentence.
    pub signs: Vec<(Sign, String)>,
    /// The last decision.
    pub decided: Option<Decided>,
}

/// A signal about something, before ranking.
pub(crate) struct Signal {
    pub target: Target,
    pub id: String,
    pub name: String,
    pub place: String,
    pub sign: Sign,
    pub says: String,
}

/// Everything flagged in the actor's subtrees, the highest rank first.
pub async fn flagged(site: &Site, actor: &Actor) -> Result<Vec<Flagged>> {
    let scope = actor.scope(WATCHERS);
    let signals = gather(site, &scope).await?;
    let mut all = ranked(signals);
    let ids: Vec<String> = all.iter().map(|f| f.id.clone()).collect();
    let mut decided = store::decided(&site.db, &ids).await?;
    for flagged in &mut all {
        flagged.decided = decided.remove(&(flagged.target.code(), flagged.id.clone()));
    }
    Ok(all)
}

async fn gather(site: &Site, scope: &Scope) -> Result<Vec<Signal>> {
    let since: Instant = day::from_millis(day::millis(site.now()) - DAYS_BACK * DAY_MS);
    let approvals = store::approvals(&site.db, scope, since).await?;
    let mut signals = weigh::approvals(site, &approvals);
    signals.extend(weigh::noted(site, Sign::Shared, store::shared(&site.db, scope).await?));
    signals.extend(weigh::noted(site, Sign::LateEvidence, store::late_evidence(&site.db, scope).await?));
    let sums = store::sums(&site.db, scope, since).await?;
    let years: BTreeSet<i64> = sums.iter().map(|s| s.year).collect();
    let years: Vec<i64> = years.into_iter().collect();
    signals.extend(weigh::peers(site, &sums, store::peers(&site.db, scope, &years).await?));
    signals.extend(overlaps(site, scope, since).await?);
    Ok(signals)
}

/// Learning online beside what was booked or approved since an instant: hours given as a favour are often booked long
/// after the days that they are for.
async fn overlaps(site: &Site, scope: &Scope, since: Instant) -> Result<Vec<Signal>> {
    let attended = store::attended(&site.db, scope, since).await?;
    let published = hours::published(&site.db).await?;
    let by_day: HashSet<(&str, &str)> = published
        .iter()
        .flat_map(|(version, policy)| policy.items().iter().map(move |item| (version.as_str(), item)))
        .filter(|(_, item)| item.per == Per::Day)
        .map(|(version, item)| (version, item.code.as_str()))
        .collect();
    let items: BTreeSet<&str> = by_day.iter().map(|(_, item)| *item).collect();
    let items: Vec<&str> = items.into_iter().collect();
    let mut claimed = store::claimed(&site.db, scope, (&items, since)).await?;
    claimed.retain(|c| by_day.contains(&(c.policy.as_str(), c.item.as_str())));
    let stretches = store::stretches(&site.db, &weigh::windows(&attended, &claimed)).await?;
    let mut signals = weigh::overlaps(site, &attended, &stretches);
    signals.extend(weigh::claimed_overlaps(site, &claimed, &stretches));
    Ok(signals)
}

/// One line for each object; a unit collects what is flagged of its claims and trainings.
fn ranked(signals: Vec<Signal>) -> Vec<Flagged> {
    let mut all: HashMap<(Target, String), Flagged> = HashMap::new();
    for s in signals {
        let flagged = all.entry((s.target, s.id.clone())).or_insert_with(|| Flagged {
            target: s.target,
            id: s.id,
            name: s.name,
            place: s.place,
            rank: 0,
            signs: vec![],
            decided: None,
        });
        flagged.rank += s.sign.weight();
        flagged.signs.push((s.sign, s.says));
    }
    let mut all: Vec<Flagged> = all.into_values().collect();
    all.sort_by(|a, b| (b.rank, a.target, &a.id).cmp(&(a.rank, b.target, &b.id)));
    all
}

/// What may be decided on something flagged.
pub(crate) const DECISIONS: [&str; 3] = ["cleared", "watch", "corrected"];

/// Records a decision on something that is flagged now, with the signals that spoke for a look at it. Nobody decides on
/// the own claims and approvals.
pub async fn decide(
    site: &Site,
    actor: &Actor,
    (target, id): (Target, &str),
    (decision, comment): (&str, &str),
) -> Result<()> {
    if !DECISIONS.contains(&decision) {
        return Err(Error::invalid("decision", "wrong_value"));
    }
    let comment = said(comment, "comment")?;
    let flagged = flagged(site, actor).await?;
    let flagged =
        flagged.into_iter().find(|f| f.target == target && f.id == id).ok_or_else(Error::not_found)?;
    match target {
        Target::Claim => {
            let claim = claims::by_id(&site.db, id).await?;
            review::refuse_own(&site.db, actor, claim.person).await?;
        }
        Target::Reviewer => review::refuse_own(&site.db, actor, id.parse()?).await?,
        Target::Unit | Target::Training => {}
    }
    let tx = site.db.begin().await?;
    let signs: Vec<_> =
        flagged.signs.iter().map(|(sign, says)| json!({"sign": sign, "says": says})).collect();
    let signals = serde_json::to_string(&signs).map_err(Error::internal)?;
    let key = site.new_id::<base::id::of::Entry>().to_string();
    let new = NewDecision {
        id: &key,
        kind: &target.code(),
        object: id,
        signals: &signals,
        decision,
        comment: &comment,
    };
    store::insert_decision(&tx, &new, (actor.person, site.now())).await?;
    let scope = actor.scope(WATCHERS);
    let deed = audit::Deed {
        actor: Some(actor.person),
        action: "signal.decide",
        object: id,
        unit_path: scope.paths.first().map_or("", String::as_str),
        details: json!({"target": target, "decision": decision, "signals": signs, "comment": comment}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await
}
