//! What stands in someone's calendar.
use base::{Day, PersonId, Result, Year, day};
use site::Site;

/// An entry of whole days.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// Stays the same for the same thing, so that programs change an entry instead of adding another.
    pub uid: String,
    pub title: String,
    pub from: Day,
    /// The last day.
    pub to: Day,
    /// A path of this site.
    pub link: String,
}

/// Trainings that ended longer ago are left out.
const KEPT_DAYS: i64 = 400;

/// The deadlines of this year and of what is still open of the last, and the trainings of notices that concern the person.
/// No hours stand in it: calendar programs hand it to others.
pub(crate) async fn of(site: &Site, person: PersonId) -> Result<Vec<Entry>> {
    let this = site.this_year();
    let mut entries = vec![];
    for year in [Year::new(i64::from(this.number()) - 1), Some(this)].into_iter().flatten() {
        entries.extend(deadlines(site, year).await?);
    }
    let today = day::day_of(site.now());
    let since = day::day_of(day::from_millis(day::millis(day::start_of(today)) - KEPT_DAYS * 86_400_000));
    let grants = accounts::held(&site.db, person).await?;
    for t in notices::trainings(site, person, grants, since).await? {
        entries.push(Entry {
            uid: format!("training-{}-{}", t.notice, t.place),
            title: t.title,
            from: t.from,
            to: t.to,
            link: format!("/notices/{}", t.notice),
        });
    }
    entries.sort_by_key(|e| (e.from, e.uid.clone()));
    Ok(entries)
}

async fn deadlines(site: &Site, year: Year) -> Result<Vec<Entry>> {
    let policy = match hours::in_force(&site.db, year).await {
        Ok(found) => found.policy,
        Err(e) if e.code() == "policy_not_published" => return Ok(vec![]),
        Err(e) => return Err(e),
    };
    let text = year.to_string();
    let entry = |kind: &str, on: Day| Entry {
        uid: format!("{kind}-{year}"),
        title: site.texts.with(&format!("calendar-{kind}"), &[("year", &text)]),
        from: on,
        to: on,
        link: format!("/?year={year}"),
    };
    let mut entries = vec![entry("deadline", year.last_day())];
    if policy.closes_on > year.last_day() {
        entries.push(entry("closes", policy.closes_on));
    }
    Ok(entries)
}
