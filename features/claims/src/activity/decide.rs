//! The reviewer's side: approve, return or reject; the last approval credits the ledger in the same transaction, once.
use base::{Actor, Error, Hours, Result, person::Code};
use db::Tx;
use files::Cited;
use hours::{Booked, InForce, NewCredit};
use serde_json::{Value, json};
use site::Site;

use super::{Claim, draft::note, refuse_closed, remark, said};
use crate::{
    review::{self, Case, REVIEWERS},
    state::{FIRST, Level, SECOND, State, Verdict},
    store::{
        claims,
        events::{self, Event},
    },
};

/// What a reviewer says on a claim.
#[derive(Clone, Debug)]
pub struct Decision<'a> {
    /// Approve, return or reject.
    pub verdict: Verdict,
    /// Hours to lower the claim to.
    pub hours: Option<Hours>,
    /// Why; needed unless the claim is approved as it is.
    pub comment: &'a str,
}

/// At most so many claims are approved together.
const MOST_TOGETHER: usize = 50;

/// Approves like claims together, as they are: one item of one year, no evidence that was handed in elsewhere. Each
/// goes its whole way; answers how many were approved or passed on, and how many could not be.
pub async fn approve_many(site: &Site, actor: &Actor, ids: &[String]) -> Result<(usize, usize)> {
    let names: Vec<&str> = ids.iter().map(String::as_str).collect();
    if names.is_empty() || names.len() > MOST_TOGETHER {
        return Err(Error::conflict("batch_size"));
    }
    let kinds = claims::kinds(&site.db, &names).await?;
    if kinds.len() != 1 {
        return Err(Error::conflict("batch_unlike"));
    }
    if !files::elsewhere(&site.db, &names).await?.is_empty() {
        return Err(Error::conflict("batch_doubled"));
    }
    let (mut done, mut left) = (0, 0);
    for id in names {
        let decision = Decision { verdict: Verdict::Approve, hours: None, comment: "" };
        match decide(site, actor, id, &decision).await {
            Ok(_) => done += 1,
            Err(Error::Refused(_)) => left += 1,
            Err(e) => return Err(e),
        }
    }
    Ok((done, left))
}

/// Decides a claim. Said twice by the same person it is done once.
pub async fn decide(site: &Site, actor: &Actor, id: &str, decision: &Decision<'_>) -> Result<Claim> {
    let tx = site.db.begin().await?;
    let mut claim = claims::hold(&tx, id).await?;
    let person = org::person(&tx, claim.person).await?;
    review::refuse_own(&tx, actor, person.id).await?;
    if claim.state == State::Draft || !actor.scope(REVIEWERS).holds(&person.path) {
        return Err(Error::not_found());
    }
    let before = events::of(&tx, &[&claim.id]).await?;
    if claim.state != State::Submitted {
        let is_again = before.last().is_some_and(|e| is_same(e, actor, decision.verdict));
        return if is_again { Ok(claim) } else { Err(Error::conflict("claim_decided")) };
    }
    let case = Case {
        person: &person,
        filed_by: claim.filed_by,
        stage: claim.stage,
        level: claim.level,
        above: claim.above.as_deref(),
        roles: REVIEWERS,
        events: &before,
    };
    let place = review::admit(&tx, actor, &case).await?;
    let in_force = hours::in_force(&tx, claim.facts.year).await?;
    refuse_closed(site, &in_force.policy)?;
    if !claim.follow(&in_force) && decision.verdict == Verdict::Approve {
        return Err(Error::conflict("claim_item_gone"));
    }
    let comment = weigh(&mut claim, decision)?;
    let what = carry_out(site, &tx, actor, (&mut claim, &in_force, decision.verdict)).await?;
    let event = events::New {
        case: id,
        what,
        stage: if what == "passed" { FIRST } else { claim.stage },
        by: Some(actor.person),
        path: Some(&place),
        hours: Some(claim.effective_hours()),
        remark: &comment,
        policy: &in_force.version,
    };
    events::insert(&tx, site.now(), &event).await?;
    claims::save(&tx, &claim, site.now()).await?;
    note(site, &tx, actor, (action(decision.verdict), &claim, &person)).await?;
    tx.commit().await?;
    Ok(claim)
}

fn action(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Approve => "claim.approve",
        Verdict::Return => "claim.return",
        Verdict::Reject => "claim.reject",
    }
}

fn is_same(event: &Event, actor: &Actor, verdict: Verdict) -> bool {
    let what = match verdict {
        Verdict::Approve => "approved",
        Verdict::Return => "returned",
        Verdict::Reject => "rejected",
    };
    event.by_person == Some(actor.person) && event.what == what
}

/// Takes the reviewer's hours over, which may only lower the claim's, and asks for a reason where one is due.
fn weigh(claim: &mut Claim, decision: &Decision<'_>) -> Result<String> {
    let hours = decision.hours.filter(|_| decision.verdict == Verdict::Approve);
    if hours.is_some_and(|h| h > claim.effective_hours()) {
        return Err(Error::invalid("hours", "hours_only_lower"));
    }
    let lowered = hours.filter(|h| *h < claim.effective_hours());
    if lowered.is_some() {
        claim.approved_hours = lowered;
    }
    if decision.verdict == Verdict::Approve && lowered.is_none() {
        remark(decision.comment, "comment")
    } else {
        said(decision.comment, "comment")
    }
}

/// Moves the claim on; answers what happened.
async fn carry_out(
    site: &Site,
    tx: &Tx,
    actor: &Actor,
    (claim, in_force, verdict): (&mut Claim, &InForce, Verdict),
) -> Result<&'static str> {
    match verdict {
        Verdict::Return => {
            claim.state = State::Returned;
            Ok("returned")
        }
        Verdict::Reject => {
            claim.state = State::Rejected;
            Ok("rejected")
        }
        Verdict::Approve => {
            let asks_twice = in_force.policy.item(&claim.facts.item).is_some_and(|i| i.second_review);
            if asks_twice && claim.stage == FIRST {
                (claim.stage, claim.level) = (SECOND, Level::Authority);
                return Ok("passed");
            }
            let evidence = hashes(&files::cited(tx, &[&claim.id]).await?);
            let (Booked::New(entry) | Booked::Before(entry)) =
                hours::credit(site, tx, credit(claim, actor, &evidence)?).await?;
            (claim.state, claim.entry) = (State::Approved, Some(entry));
            Ok("approved")
        }
    }
}

/// The hashes of a claim's evidence, in order, each once.
pub(super) fn hashes(evidence: &[Cited]) -> Vec<String> {
    let mut hashes: Vec<String> = vec![];
    for file in evidence {
        let hash = format!("sha256:{}", file.sha256);
        if !hashes.contains(&hash) {
            hashes.push(hash);
        }
    }
    hashes
}

fn credit(claim: &Claim, actor: &Actor, hashes: &[String]) -> Result<NewCredit> {
    let f = &claim.facts;
    let mut facts = json!({
        "kind": "activity", "item": f.item, "title": f.title, "on": f.on.to_string(), "rank": f.rank,
        "quantity": Hours::from_hundredths(f.quantity),
    });
    let Value::Object(map) = &mut facts else { return Err(Error::internal("facts are no object")) };
    hours::noted::evidence(map, hashes);
    if let Some(hours) = claim.approved_hours {
        map.insert("approved_hours".to_owned(), json!(hours));
    }
    Ok(NewCredit {
        person: claim.person,
        year: f.year,
        source: "activity".to_owned(),
        source_key: format!("activity:{}", claim.id),
        title: f.title.clone(),
        subject: f.subject,
        hours: claim.effective_hours(),
        facts: map.clone(),
        evidence: claim.evidence.clone(),
        decided_by: Some(actor.person),
    })
}

impl Verdict {
    /// The verdict of a form's button.
    pub(crate) fn read(text: &str) -> Result<Self> {
        Self::from_code(text).ok_or_else(|| Error::invalid("decision", "wrong_value"))
    }
}
