//! The second look at a drawn claim: its facts and evidence, but nothing of the first decision before the own one is made.
use base::{Actor, Error, Hours, Kind, PersonId, Result};
use claims::activity::{self, View};
use serde_json::json;
use site::Site;

use crate::{CHECKERS, READERS, check, store};

/// A drawn claim.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub id: String,
    pub check: String,
    pub claim: String,
    /// `confirmed`, `lower` or `refused`.
    pub verdict: Option<String>,
    pub hours: Option<Hours>,
    pub comment: String,
    pub reviewer: Option<String>,
}

/// What a second reviewer may say.
pub(crate) const VERDICTS: [&str; 3] = ["confirmed", "lower", "refused"];

/// A case with its claim. Until it is reviewed, what the first decision was is left out.
pub(crate) async fn view(site: &Site, actor: &Actor, id: &str) -> Result<(Case, View)> {
    let case = store::case(&site.db, id).await?;
    let check = check::one(site, actor, &case.check).await?;
    if !actor.scope(READERS).holds(&check.unit_path) {
        return Err(Error::not_found());
    }
    let mut view = activity::view(site, actor, &case.claim).await?;
    if case.verdict.is_none() {
        view.events.clear();
        view.claim.approved_hours = None;
    }
    Ok((case, view))
}

/// Records the second look, once; by someone who did not decide before.
pub(crate) async fn review(
    site: &Site,
    actor: &Actor,
    id: &str,
    (verdict, hours, comment): (&str, Option<Hours>, &str),
) -> Result<()> {
    if !VERDICTS.contains(&verdict) {
        return Err(Error::invalid("verdict", "wrong_value"));
    }
    let comment = comment.trim();
    if verdict != "confirmed" && comment.is_empty() {
        return Err(Error::invalid("comment", "comment_required"));
    }
    if comment.chars().count() > 500 {
        return Err(Error::invalid("comment", "comment_long"));
    }
    let case = store::case(&site.db, id).await?;
    let check = check::one(site, actor, &case.check).await?;
    if !actor.scope(CHECKERS).holds(&check.unit_path) {
        return Err(Error::not_found());
    }
    let first = activity::view(site, actor, &case.claim).await?;
    claims::refuse_own(&site.db, actor, first.person.id).await?;
    let deciders: Vec<PersonId> = first
        .events
        .iter()
        .filter(|e| matches!(e.what.as_str(), "approved" | "passed" | "returned" | "rejected"))
        .filter_map(|e| e.by_person)
        .collect();
    if accounts::is_party(&site.db, actor, &deciders).await? {
        return Err(Error::refused(Kind::Denied, "decided_before"));
    }
    let hours = match (verdict, hours) {
        ("lower", Some(h)) if h < first.claim.facts.hours => Some(h),
        ("lower", _) => return Err(Error::invalid("hours", "hours_only_lower")),
        _ => None,
    };
    let tx = site.db.begin().await?;
    if !store::set_reviewed(&tx, id, (verdict, hours, comment), (actor.person, site.now())).await? {
        return Err(Error::conflict("spot_check_reviewed"));
    }
    let deed = audit::Deed {
        actor: Some(actor.person),
        action: "spot_check.review",
        object: id,
        unit_path: &first.person.path,
        details: json!({"claim": case.claim, "verdict": verdict, "hours": hours, "comment": comment}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await
}
