//! Whoever is given more time for a year is told until when and why: nobody has to open a page to learn of it.
use base::{Day, PersonId, Year};
use messages::Letter;
use site::{Site, dates};

use crate::leave::Together;

/// A make-up that was approved for one person. A day that is set anew is told anew.
pub(crate) fn approved(site: &Site, to: PersonId, (year, until): (Year, Day), reason: &str) -> Letter {
    let (number, day) = (year.to_string(), dates::long(&site.texts, until));
    let words = [("year", number.as_str()), ("until", day.as_str()), ("reason", reason)];
    letter(to, year, (site.texts.with("make-up-approved", &words), None))
}

/// More time for an incident, to one of those whom it affected: once for each last day.
pub(crate) fn by_incident(site: &Site, to: PersonId, all: &Together<'_>) -> Letter {
    let (number, day) = (all.year.to_string(), dates::long(&site.texts, all.until));
    let (id, title) = all.incident;
    let words = [("year", number.as_str()), ("until", day.as_str()), ("title", title)];
    let once = format!("make_up:{id}:{}:{}:{to}", all.year, all.until);
    letter(to, all.year, (site.texts.with("make-up-by-incident", &words), Some(once)))
}

fn letter(to: PersonId, year: Year, (text, once): (String, Option<String>)) -> Letter {
    Letter { to, kind: "make_up", text, link: format!("/hours?year={year}"), once }
}
