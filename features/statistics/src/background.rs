//! What runs in the background: every change of a year, of a person's facts or of a policy is assessed anew, and every
//! night looks for what no job told.
use hours::{POLICY_PUBLISHED, POLICY_REPLACED, YEAR_CHANGED, YearChanged};
use site::Site;

use crate::{brief, keep, monthly, rebuild, refresh, told};

/// The slice's background work: every change of a year, of a person's facts or of a policy is assessed anew.
pub fn jobs() -> jobs::Handlers<Site> {
    jobs::Handlers::default()
        .on(YEAR_CHANGED, |site: Site, changed: YearChanged| async move {
            refresh::year(&site, changed.person, changed.year).await
        })
        .on(org::PROFILE_CHANGED, |site: Site, person: base::PersonId| async move {
            refresh::all_years(&site, person).await
        })
        .on(org::PEOPLE_ADDED, |site: Site, people: Vec<base::PersonId>| async move {
            refresh::added(&site, &people).await
        })
        .on(org::UNITS_MOVED, |site: Site, _code: String| async move { keep::catch_up_all(&site).await })
        .on(keep::NIGHTLY, keep::nightly)
        .on(monthly::MONTHLY, monthly::run)
        .on(brief::BRIEF, brief::run)
        .on(POLICY_PUBLISHED, |site: Site, year: base::Year| async move {
            rebuild::reassess(&site, year).await.map(|_| ())
        })
        .on(POLICY_REPLACED, told::begin)
        .on(told::PORTION, told::portion)
        .in_lane(keep::NIGHTLY, jobs::Lane::Long)
        .in_lane(monthly::MONTHLY, jobs::Lane::Long)
        .in_lane(org::UNITS_MOVED, jobs::Lane::Long)
        .in_lane(POLICY_PUBLISHED, jobs::Lane::Long)
        .in_lane(POLICY_REPLACED, jobs::Lane::Long)
        .in_lane(told::PORTION, jobs::Lane::Long)
}
