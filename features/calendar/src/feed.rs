//! The feed in the format of RFC 5545, and its secret address.
use base::{Day, Error, Instant, PersonId, Result};
use icalendar::{Calendar, Component, Event, EventLike, Property};
use serde_json::json;
use site::Site;

use crate::{dates, store};

fn hash(token: &str) -> String {
    secrets::sha256_hex(token.as_bytes())
}

/// Makes a new secret address; an older one no longer answers. The address is told this once.
pub(crate) async fn make(site: &Site, person: PersonId) -> Result<String> {
    let token = secrets::fresh_token(&*site.random);
    let tx = site.db.begin().await?;
    store::set(&tx, person, &hash(&token), site.now()).await?;
    record(site, &tx, person, "calendar.make").await?;
    tx.commit().await?;
    Ok(format!("{}/calendar/{token}.ics", site.settings.public_url.trim_end_matches('/')))
}

/// Takes the address back.
pub(crate) async fn end(site: &Site, person: PersonId) -> Result<()> {
    let tx = site.db.begin().await?;
    if store::end(&tx, person).await? {
        record(site, &tx, person, "calendar.end").await?;
    }
    tx.commit().await
}

async fn record(site: &Site, tx: &db::Tx, person: PersonId, action: &'static str) -> Result<()> {
    let place = org::person(tx, person).await?.path;
    let object = person.to_string();
    let deed =
        audit::Deed { actor: Some(person), action, object: &object, unit_path: &place, details: json!({}) };
    audit::record(site, tx, deed).await
}

/// The calendar behind a secret address.
pub(crate) async fn read(site: &Site, file: &str) -> Result<String> {
    let token = file.strip_suffix(".ics").ok_or_else(Error::not_found)?;
    let person = store::person_of(&site.db, &hash(token)).await?.ok_or_else(Error::not_found)?;
    store::set_read(&site.db, person, site.now()).await?;
    let entries = dates::of(site, person).await?;
    Ok(written(site, &entries))
}

fn written(site: &Site, entries: &[dates::Entry]) -> String {
    let host = site.settings.public_url.trim_end_matches('/');
    let name = host.split("://").last().unwrap_or(host);
    let mut calendar = Calendar::new();
    calendar.name(&site.texts.get("calendar-name"));
    for e in entries {
        let mut event = Event::new();
        event.uid(&format!("{}@{name}", e.uid)).summary(&e.title);
        match e.hours {
            Some((from, to)) => event.add_property("DTSTART", stamp(from)).add_property("DTEND", stamp(to)),
            None => event
                .append_property(days("DTSTART", e.from))
                // The end of a day is the day after it (RFC 5545, 3.6.1).
                .append_property(days("DTEND", e.to.tomorrow().unwrap_or(e.to))),
        };
        if !e.place.is_empty() {
            event.location(&e.place);
        }
        event.add_property("DTSTAMP", stamp(site.now())).add_property("URL", format!("{host}{}", e.link));
        calendar.push(event.done());
    }
    calendar.to_string()
}

fn days(name: &str, day: Day) -> Property {
    let mut property = Property::new(name, day.strftime("%Y%m%d").to_string());
    property.add_parameter("VALUE", "DATE");
    property.done()
}

fn stamp(at: Instant) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}
