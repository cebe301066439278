//! States and events in words, for claims and exemptions alike.
use hours::InForce;
use site::{Site, dates};

use crate::{state::State, store::events::Event};

/// Something that happened, in words.
pub(super) struct Step {
    pub what: String,
    pub by: String,
    pub at: String,
    pub remark: String,
}

/// The colour and sign of a state.
pub(super) fn state_kind(state: State) -> &'static str {
    match state {
        State::Approved => "done",
        State::Submitted => "waiting",
        State::Returned | State::Rejected | State::Reversed => "danger",
        State::Draft | State::Withdrawn | State::GivenBack => "neutral",
    }
}

/// For a page that takes requests of a year: that the year takes no more of them; empty while it does.
pub(super) fn closed_words(site: &Site, in_force: &InForce) -> String {
    let Some(closed) = in_force.closed_on(site) else { return String::new() };
    let (year, closed) = (in_force.policy.year.to_string(), closed.to_string());
    site.texts.with("requests-closed", &[("year", &year), ("closed", &closed)])
}

pub(super) fn trail(site: &Site, events: &[Event]) -> Vec<Step> {
    let step = |e: &Event| Step {
        what: site.texts.get(&format!("event-{}", e.what)),
        by: e.by_name.clone().unwrap_or_default(),
        at: dates::minute(e.at),
        remark: e.remark.clone(),
    };
    events.iter().map(step).collect()
}
