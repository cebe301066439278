//! What a draft would change: everyone assessed by the rules in force and by the draft, in parallel, with the same pure
//! code; people are kept only where something changes.
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use base::{Actor, Error, Fen, PersonId, Result, Scope, day};
use jobs::Progress;
use org::Viewpoint;
use rules::{Assessment, Policy, assess::Shortfall};
use serde::{Deserialize, Serialize};
use serde_json::json;
use site::Site;
use tokio::task::JoinSet;

use crate::{
    bulk::{self, Case},
    draft, parallel,
    policy::{self, Grounds},
    store_policies::{self as store, Count},
};

/// The job that runs a trial; its payload is the trial's id.
pub(crate) const TRIAL: &str = "hours.policy_trial";

/// What a draft does to a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Effect {
    /// Satisfied now, not by the draft.
    Short,
    /// Not satisfied now, by the draft yes.
    Gain,
    /// Other fees, or another reimbursement.
    Fees,
}

impl base::person::Code for Effect {}

impl Effect {
    /// Every effect, in the order of pages.
    pub const ALL: [Self; 3] = [Self::Short, Self::Gain, Self::Fees];
}

/// What changes for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Affected {
    pub person: PersonId,
    pub effect: Effect,
    pub before: Outcome,
    pub after: Outcome,
}

/// What of an assessment a trial compares, and shows of whoever it lists: each figure for which someone can be listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub is_satisfied: bool,
    pub short: Shortfall,
    pub charged: Fen,
    pub reimbursable: Fen,
}

/// Sums over everyone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sums {
    pub assessed: i64,
    pub short_before: i64,
    pub short_after: i64,
}

impl Sums {
    fn add(&mut self, more: Self) {
        self.assessed += more.assessed;
        self.short_before += more.short_before;
        self.short_after += more.short_after;
    }
}

/// How far a trial is, for the one who asked for it.
pub(crate) fn progress_of(trial: &str) -> String {
    format!("trial-{trial}")
}

fn progress(trial: &str, (done, total): (i64, i64)) -> Progress {
    Progress {
        id: progress_of(trial),
        kind: "trial".to_owned(),
        done,
        total,
        state: "running".to_owned(),
        link: format!("/policies/trials/{trial}"),
    }
}

/// Asks for a trial of a draft; it runs as a job.
pub(crate) async fn ask(site: &Site, actor: &Actor, draft: &str) -> Result<String> {
    draft::admit(actor)?;
    let tx = site.db.begin().await?;
    let draft = store::hold_draft(&tx, draft).await?;
    let against = policy::in_force(&tx, draft.year).await?.version;
    let id: base::EntryId = site.new_id();
    let id = id.to_string();
    store::insert_trial(&tx, (&id, &draft.id), &against, (actor.person, site.now())).await?;
    let deed = audit::Deed {
        actor: Some(actor.person),
        action: "policy.trial",
        object: &draft.id,
        unit_path: "/",
        details: json!({"trial": id, "against": against}),
    };
    audit::record(site, &tx, deed).await?;
    let total = store::trainees(&tx).await?;
    jobs::tell(&tx, actor.person, &progress(&id, (0, total)), site.now()).await?;
    site.enqueue(&tx, TRIAL, &id).await?;
    tx.commit().await?;
    Ok(id)
}

/// Runs a trial; a repetition begins anew.
pub(crate) async fn run(site: &Site, id: &str) -> Result<()> {
    let trial = store::trial(&site.db, id).await?;
    let draft = store::draft(&site.db, &trial.draft_id).await?;
    let tried = Policy::load(&draft.text).map_err(|_| Error::internal("a kept draft does not read"))?;
    let now = policy::grounds(&site.db, draft.year, day::day_of(site.now())).await?;
    store::clear_trial(&site.db, id).await?;
    let round = Arc::new(Round {
        id: id.to_owned(),
        now,
        tried: Arc::new(tried),
        asker: trial.asked_by.parse()?,
        total: store::trainees(&site.db).await?,
        seen: AtomicI64::new(0),
    });
    let (mut sums, mut parts) = (Sums::default(), JoinSet::new());
    for (after, until) in spans(site, round.total).await? {
        parts.spawn(go_over(site.clone(), Arc::clone(&round), after, until));
    }
    while let Some(part) = parts.join_next().await {
        sums.add(part.map_err(Error::internal)??);
    }
    jobs::tell(&site.db, round.asker, &progress(id, (round.total, round.total)), site.now()).await?;
    store::finish_trial(&site.db, id, sums, site.now()).await?;
    jobs::end(&site.db, &progress_of(id), true, site.now()).await
}

/// What the parts of a trial share.
struct Round {
    id: String,
    now: Grounds,
    tried: Arc<Policy>,
    asker: PersonId,
    total: i64,
    /// How many people were gone over.
    seen: AtomicI64,
}

/// Everyone in two parts for each core, so that while one is read another is assessed: after which id, and up to which.
async fn spans(site: &Site, total: i64) -> Result<Vec<(String, Option<PersonId>)>> {
    let parts = i64::try_from(parallel::cores() * 2).unwrap_or(1);
    let cuts: Vec<i64> = (1..parts).map(|n| total * n / parts).filter(|cut| *cut > 0).collect();
    let mut spans = vec![];
    let mut after = String::new();
    for cut in store::trainees_at(&site.db, &cuts).await? {
        spans.push((after, Some(cut)));
        after = cut.to_string();
    }
    spans.push((after, None));
    Ok(spans)
}

/// Assesses the people of a part, page by page, and keeps who is affected.
async fn go_over(site: Site, round: Arc<Round>, mut after: String, until: Option<PersonId>) -> Result<Sums> {
    let everyone = Scope { paths: vec!["/".to_owned()] };
    let mut sums = Sums::default();
    loop {
        let mut cases = bulk::cases(&site.db, &everyone, &round.now, &after).await?;
        let read = cases.len();
        cases.retain(|case| until.is_none_or(|until| case.person.id <= until));
        let Some(last) = cases.last() else { return Ok(sums) };
        after = last.person.id.to_string();
        let (held, is_last) = (cases.len(), cases.len() < read);
        let (now, tried) = (Arc::clone(&round.now.in_force.policy), Arc::clone(&round.tried));
        let page = tokio::task::spawn_blocking(move || one_by_one(&cases, &now, &tried));
        let (affected, page) = page.await.map_err(Error::internal)??;
        sums.add(page);
        store::insert_affected(&site.db, &round.id, &affected).await?;
        tell(&site, &round, held).await?;
        if is_last {
            return Ok(sums);
        }
    }
}

/// After so many people it is told how far a trial is.
const TOLD: i64 = 10_000;

async fn tell(site: &Site, round: &Round, held: usize) -> Result<()> {
    let held = i64::try_from(held).map_err(Error::internal)?;
    let seen = round.seen.fetch_add(held, Ordering::Relaxed);
    if seen / TOLD != (seen + held) / TOLD {
        jobs::tell(&site.db, round.asker, &progress(&round.id, (seen + held, round.total)), site.now())
            .await?;
    }
    Ok(())
}

type Part = (Vec<Affected>, Sums);

fn outcome(a: &Assessment<'_>) -> Outcome {
    Outcome {
        is_satisfied: a.satisfied,
        short: a.shortfall,
        charged: a.fees.charged,
        reimbursable: a.fees.reimbursable,
    }
}

fn one_by_one(cases: &[Case], now: &Policy, tried: &Policy) -> Result<Part> {
    let (mut affected, mut sums) = (vec![], Sums::default());
    for case in cases {
        let Some((before, after)) = case.under_both((now, tried), outcome)? else { continue };
        sums.assessed += 1;
        sums.short_before += i64::from(!before.is_satisfied);
        sums.short_after += i64::from(!after.is_satisfied);
        affected.extend(effects(case.person.id, before, after));
    }
    Ok((affected, sums))
}

fn effects(person: PersonId, before: Outcome, after: Outcome) -> Vec<Affected> {
    let is = |effect: Effect| match effect {
        Effect::Short => before.is_satisfied && !after.is_satisfied,
        Effect::Gain => !before.is_satisfied && after.is_satisfied,
        Effect::Fees => (before.charged, before.reimbursable) != (after.charged, after.reimbursable),
    };
    let affected = |effect| Affected { person, effect, before, after };
    Effect::ALL.into_iter().filter(|e| is(*e)).map(affected).collect()
}

/// How many people a trial found, by what.
pub(crate) struct Counts {
    /// By effect.
    pub total: BTreeMap<String, i64>,
    pub by_category: Vec<Count>,
    pub by_unit: Vec<Count>,
    /// Units that lie under no county are counted under an empty key.
    pub by_county: Vec<Count>,
}

/// From where the people of a trial are seen: as the year that was tried sees them.
pub(crate) async fn view(site: &Site, trial: &str) -> Result<Viewpoint> {
    let draft = store::draft(&site.db, &store::trial(&site.db, trial).await?.draft_id).await?;
    Ok(policy::grounds(&site.db, draft.year, day::day_of(site.now())).await?.view)
}

/// Counts what a trial found.
pub(crate) async fn counts(site: &Site, trial: &str) -> Result<Counts> {
    let of = (trial, &view(site, trial).await?);
    let by_category = store::by_category(&site.db, of).await?;
    let by_unit = store::by_unit(&site.db, of).await?;
    let counties = store::counties(&site.db).await?;
    let mut total = BTreeMap::new();
    let mut places: BTreeMap<(String, String), Count> = BTreeMap::new();
    for unit in &by_unit {
        *total.entry(unit.effect.clone()).or_insert(0) += unit.people;
        let code = unit.path.split('/').rev().find(|code| counties.contains_key(*code)).unwrap_or("");
        let place = places.entry((unit.effect.clone(), code.to_owned()));
        let place = place.or_insert_with(|| Count {
            effect: unit.effect.clone(),
            key: code.to_owned(),
            name: counties.get(code).cloned().unwrap_or_default(),
            path: String::new(),
            people: 0,
        });
        place.people += unit.people;
    }
    Ok(Counts { total, by_category, by_unit, by_county: places.into_values().collect() })
}
