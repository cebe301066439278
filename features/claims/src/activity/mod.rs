//! 申请活动学时: achievements and activities by the items of the standard, from the draft to the ledger.
mod decide;
mod draft;
mod facts;
mod preview;
pub(crate) mod restate;
mod reverse;
mod view;

use base::{EntryId, Error, Hours, Instant, PersonId, Result, day};
use hours::InForce;
use rules::Policy;
use site::Site;

pub use decide::{Decision, approve_many, decide};
pub use draft::{NewClaim, appeal, change, create, submit, withdraw};
pub(crate) use draft::{for_another, for_whom};
pub use facts::{Facts, Typed, is_ranked};
pub use preview::{Preview, preview, preview_of};
pub use reverse::reverse;
pub use view::{View, view};

use crate::state::{Level, State};

/// A claim.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Its id.
    pub id: String,
    /// Whose.
    pub person: PersonId,
    /// Who filed it: the person, or an administrator for the person (代办).
    pub filed_by: PersonId,
    /// What it states.
    pub facts: Facts,
    /// What a reviewer lowered the hours to.
    pub approved_hours: Option<Hours>,
    /// `sha256:…` of the first piece of evidence.
    pub evidence: Option<String>,
    /// The policy version of the hours.
    pub policy: String,
    /// Where it stands.
    pub state: State,
    /// 1 first decision, 2 second review, 3 appeal.
    pub stage: i64,
    /// Who decides next.
    pub level: Level,
    /// The place that an appeal must go beyond.
    pub above: Option<String>,
    /// The ledger's entry.
    pub entry: Option<EntryId>,
    /// When it was handed in last.
    pub submitted_at: Option<Instant>,
}

impl Claim {
    /// Restates the hours by the rules in force, while nothing is decided: a decision carries the version that it is made
    /// under, and hours of another one would not follow from it. False where those rules no longer know the item.
    pub(crate) fn follow(&mut self, in_force: &InForce) -> bool {
        if self.policy == in_force.version {
            return true;
        }
        let Some(item) = in_force.policy.item(&self.facts.item) else { return false };
        self.facts.hours = item.hours(self.facts.quantity, self.facts.rank);
        self.facts.subject = item.subject;
        self.policy.clone_from(&in_force.version);
        true
    }

    /// The hours that it stands for now.
    pub fn effective_hours(&self) -> Hours {
        self.approved_hours.map_or(self.facts.hours, |h| h.min(self.facts.hours))
    }
}

/// Refuses in a closed year (domain §1).
pub(crate) fn refuse_closed(site: &Site, policy: &Policy) -> Result<()> {
    if day::day_of(site.now()) > policy.closes_on {
        return Err(Error::conflict("year_closed"));
    }
    Ok(())
}

/// A day to look at a claim with before its own is known: today, or the year's last day after it.
pub(crate) fn likely_day(site: &Site, year: base::Year) -> base::Day {
    day::day_of(site.now()).clamp(year.first_day(), year.last_day())
}

/// A remark as it is kept: trimmed, at most 500 characters.
pub(crate) fn remark(text: &str, field: &str) -> Result<String> {
    let text = text.trim();
    if text.chars().count() > 500 || text.chars().any(|c| c.is_control() && c != '\n' && c != '\r') {
        return Err(Error::invalid(field, "comment_long"));
    }
    Ok(text.to_owned())
}

/// As [`remark`], and there must be one.
pub(crate) fn said(text: &str, field: &str) -> Result<String> {
    let text = remark(text, field)?;
    if text.is_empty() { Err(Error::invalid(field, "comment_required")) } else { Ok(text) }
}
