//! 免训: asked for with reason and evidence, decided by review; whether the facts allow it is computed and shown beside.
mod decide;
mod file;
mod ground;
mod view;

use base::{Error, Instant, PersonId, Result, Year};
use db::Tx;
use hours::YearChanged;
use rules::policy::ExemptionKind;
use serde_json::json;
use site::Site;

pub use decide::{decide, reverse};
pub use file::{NewExemption, appeal, file, give_back, submit, withdraw};
pub(crate) use ground::{add, holds};
pub use view::{Eligibility, View, eligibility, of_year, view};

use crate::{
    state::{Level, State},
    store::events,
};

/// A request for exemption.
#[derive(Clone, Debug)]
pub struct Exemption {
    /// Its id.
    pub id: String,
    /// Whose.
    pub person: PersonId,
    /// Who filed it.
    pub filed_by: PersonId,
    /// The training year.
    pub year: Year,
    /// On what ground.
    pub kind: ExemptionKind,
    /// The reason, sealed: it may speak of an illness.
    pub(crate) reason_sealed: String,
    /// The policy version.
    pub policy: String,
    /// Where it stands.
    pub state: State,
    /// 1 first decision, 3 appeal.
    pub stage: i64,
    /// Who decides next.
    pub level: Level,
    /// The place that an appeal must go beyond.
    pub above: Option<String>,
    /// When it was handed in last.
    pub submitted_at: Option<Instant>,
}

impl Exemption {
    /// The reason in clear, for the person and the case's reviewers.
    pub fn reason(&self, site: &Site) -> Result<String> {
        site.keys.open_sealed(&place(&self.id), &self.reason_sealed)
    }

    /// One of a person and year is under way or holds.
    pub(crate) fn open_key(&self) -> Option<String> {
        let is_open =
            matches!(self.state, State::Draft | State::Submitted | State::Returned | State::Approved);
        is_open.then(|| format!("{}:{}", self.person, self.year))
    }
}

fn place(id: &str) -> String {
    format!("exemptions.reason:{id}")
}

fn seal(site: &Site, id: &str, reason: &str) -> Result<String> {
    if reason.chars().count() > 2000 {
        return Err(Error::invalid("reason", "comment_long"));
    }
    site.keys.seal(&place(id), reason.trim(), &*site.random)
}

/// What happened and where it was done, written as event and into the trail.
struct Step<'a> {
    what: &'static str,
    action: &'static str,
    by: PersonId,
    path: Option<&'a str>,
    remark: &'a str,
    unit_path: &'a str,
}

async fn happened(site: &Site, tx: &Tx, e: &Exemption, step: &Step<'_>) -> Result<()> {
    let event = events::New {
        case: &e.id,
        what: step.what,
        stage: e.stage,
        by: Some(step.by),
        path: step.path,
        hours: None,
        remark: step.remark,
        policy: &e.policy,
    };
    events::insert(tx, site.now(), &event).await?;
    let deed = audit::Deed {
        actor: Some(step.by),
        action: step.action,
        object: &e.id,
        unit_path: step.unit_path,
        details: json!({"person": e.person, "year": e.year, "kind": e.kind, "state": e.state, "stage": e.stage}),
    };
    audit::record(site, tx, deed).await
}

async fn year_changed(site: &Site, tx: &Tx, e: &Exemption) -> Result<()> {
    hours::year_changed(site, tx, YearChanged { person: e.person, year: e.year }).await
}
