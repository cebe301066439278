//! What stands in someone's calendar.
use base::{Day, Instant, PersonId, Result, Year, day};
use site::Site;

/// An entry: of whole days, or of a day's hours.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// Stays the same for the same thing, so that programs change an entry instead of adding another.
    pub uid: String,
    pub title: String,
    pub from: Day,
    /// The last day.
    pub to: Day,
    /// From when till when on the day; none for whole days.
    pub hours: Option<(Instant, Instant)>,
    /// Where; empty for unknown.
    pub place: String,
    /// A path of this site.
    pub link: String,
}

/// Trainings that ended longer ago are left out.
const KEPT_DAYS: i64 = 400;

/// The person's deadlines of this year and of what is still open of the last, the trainings of notices that concern the
/// person, and the trainings in person of the own unit and those above.
/// No hours stand in it: calendar programs hand it to others.
pub(crate) async fn of(site: &Site, person: PersonId) -> Result<Vec<Entry>> {
    let this = site.this_year();
    let mut entries = vec![];
    for year in [Year::new(i64::from(this.number()) - 1), Some(this)].into_iter().flatten() {
        entries.extend(deadlines(site, person, year).await?);
    }
    let today = day::day_of(site.now());
    let since = day::from_millis(day::millis(day::start_of(today)) - KEPT_DAYS * 86_400_000);
    let grants = accounts::held(&site.db, person).await?;
    for t in notices::trainings(site, person, grants, day::day_of(since)).await? {
        entries.push(Entry {
            uid: format!("training-{}-{}", t.notice, t.place),
            title: t.title,
            from: t.from,
            to: t.to,
            link: format!("/notices/{}", t.notice),
            hours: None,
            place: String::new(),
        });
    }
    for t in attendance::coming(site, person, since).await? {
        entries.push(Entry {
            uid: format!("attendance-{}", t.id),
            title: t.title,
            from: day::day_of(t.from),
            to: day::day_of(t.to),
            link: format!("/attend/{}", t.id),
            hours: Some((t.from, t.to)),
            place: t.place,
        });
    }
    entries.sort_by_key(|e| (e.from, e.uid.clone()));
    Ok(entries)
}

async fn deadlines(site: &Site, person: PersonId, year: Year) -> Result<Vec<Entry>> {
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
        hours: None,
        place: String::new(),
    };
    // An approved make-up moves the own last day.
    let last = match hours::standing(&site.db, person, year).await {
        Ok(standing) => standing.deadline(),
        Err(e) if e.code() == "profile_incomplete" => year.last_day(),
        Err(e) => return Err(e),
    };
    let mut entries = vec![entry("deadline", last)];
    if policy.closes_on > last {
        entries.push(entry("closes", policy.closes_on));
    }
    Ok(entries)
}
