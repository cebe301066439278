//! What a claim would give before it is handed in: its hours, what of them would count, and how far the caps are used.
use base::{Error, Hours, PersonId, Result, Subject, Year, day};
use files::Cited;
use hours::Standing;
use rules::{assess::assess_with_files, explain, record::Source};
use serde_json::{Value, json};
use site::Site;

use super::{Claim, Facts, Typed, decide::hashes, refuse_closed};

/// What a claim would give.
#[derive(Clone, Debug)]
pub struct Preview {
    /// By the standard, before caps.
    pub hours: Hours,
    /// What would count of them.
    pub counted: Hours,
    /// What the year's total would gain: a claim dated earlier may push later ones over a cap.
    pub gain: Hours,
    /// Why not all would count.
    pub reason: Option<&'static str>,
    /// The same in a sentence.
    pub sentence: String,
    /// The cap of the item's group and what is used of it.
    pub cap: Hours,
    /// What is used of it.
    pub cap_used: Hours,
    /// The cap of all professional activities together; none for the public subject.
    pub offset: Option<(Hours, Hours)>,
    /// Hours that wait for a decision in the year.
    pub waiting: Hours,
    /// The evidence that the item asks for.
    pub evidence: String,
    /// Whether two levels decide.
    pub second_review: bool,
}

/// Looks at a claim with these pieces of evidence as if it were approved now; refused where the claim would be.
pub async fn preview(
    site: &Site,
    person: PersonId,
    year: Year,
    (typed, evidence): (&Typed<'_>, &[Cited]),
) -> Result<Preview> {
    let standing = hours::standing(&site.db, person, year).await?;
    refuse_closed(site, &standing.policy)?;
    let facts = Facts::read(&standing.policy, typed, day::day_of(site.now()))?;
    outlook(site, &standing, (&facts, None, hashes(evidence))).await
}

/// What a claim that waits would give if it were approved now: what its reviewer reads beside it.
pub async fn preview_of(site: &Site, claim: &Claim, evidence: &[Cited]) -> Result<Preview> {
    let standing = hours::standing(&site.db, claim.person, claim.facts.year).await?;
    outlook(site, &standing, (&claim.facts, claim.approved_hours, hashes(evidence))).await
}

async fn outlook(
    site: &Site,
    standing: &Standing,
    (facts, approved_hours, evidence): (&Facts, Option<Hours>, Vec<String>),
) -> Result<Preview> {
    let (policy, person, year) = (&standing.policy, standing.person.id, facts.year);
    let item = policy.item(&facts.item).ok_or_else(|| Error::invalid("item", "claim_item"))?;
    let id = site.new_id::<base::id::of::Entry>().to_string();
    let text = with_claim(standing.record.clone(), (facts, approved_hours, evidence.first()), &id);
    let mut record = rules::record::read(&text, policy).map_err(Error::internal)?;
    let mut files = standing.files.clone();
    files.insert(id, evidence);
    let result = assess_with_files(policy, &mut record, &files).into_owned();
    let (mut cap_used, mut offset_used) = (Hours::ZERO, Hours::ZERO);
    for (credit, counted) in record.credits.iter().zip(&standing.assessment.credits) {
        let Source::Activity(activity) = &credit.source else { continue };
        let Some(other) = policy.item(&activity.item) else { continue };
        if other.cap_group == item.cap_group {
            cap_used = cap_used.plus(counted.counted);
        }
        if other.subject == Subject::Professional {
            offset_used = offset_used.plus(counted.counted);
        }
    }
    let (Some(credit), Some(last)) = (record.credits.last(), result.credits.last()) else {
        return Err(Error::internal("a record without the claim"));
    };
    let sentence = explain::credit(policy, credit, last);
    let args: Vec<(&str, &str)> = sentence.args.iter().map(|(k, v)| (*k, v.as_str())).collect();
    Ok(Preview {
        hours: last.hours,
        counted: last.counted,
        gain: result.earned.total.less(standing.assessment.earned.total),
        reason: last.reason.map(rules::Reason::code),
        sentence: site.texts.with(sentence.code, &args),
        cap: item.cap,
        cap_used,
        offset: (item.subject == Subject::Professional).then_some((policy.measure.offset_cap, offset_used)),
        waiting: hours::waiting_hours(&site.db, person, year).await?,
        evidence: item.evidence.clone(),
        second_review: item.second_review,
    })
}

fn with_claim(
    mut record: Value,
    (facts, approved_hours, evidence): (&Facts, Option<Hours>, Option<&String>),
    id: &str,
) -> String {
    let credit = json!({
        "id": id, "kind": "activity", "item": facts.item, "title": facts.title, "on": facts.on.to_string(),
        "rank": facts.rank, "quantity": Hours::from_hundredths(facts.quantity),
        "evidence": evidence, "approved_hours": approved_hours,
    });
    if let Some(credits) = record.get_mut("credits").and_then(Value::as_array_mut) {
        credits.push(credit);
    }
    record.to_string()
}
