//! 年度台账 on paper: a person's year with every entry, and a unit's year as it was confirmed.
use base::{Actor, Error, Hours, PersonId, Result, Year};
use hours::story;
use rules::explain;
use site::{Site, dates::minute};

use crate::form::{Form, Table, words};

/// A person's year: the own one, or that of someone below.
pub(crate) async fn of_person(site: &Site, person: PersonId, year: Year) -> Result<Form> {
    let standing = hours::standing(&site.db, person, year).await?;
    let lines = story::lines(site, &standing).await?;
    let (a, p) = (&standing.assessment, &standing.person);
    let row = |l: &story::Line| {
        let hours = if l.is_reversed { format!("−{}", l.hours) } else { l.hours.clone() };
        vec![l.on.clone(), l.title.clone(), l.subject.clone(), hours, l.counted.clone(), l.why.clone()]
    };
    let place =
        p.department.as_ref().map_or_else(|| p.unit_name.clone(), |d| format!("{} · {d}", p.unit_name));
    let fact = |key: &str, value: String| (site.texts.get(key), value, false);
    // Of whoever is exempt or not obliged nothing is asked, and the paper says so.
    let of = |earned: Hours, asked: Hours| {
        if a.is_asked() { format!("{earned} / {asked}") } else { earned.to_string() }
    };
    let result: String =
        explain::year(&standing.policy, a).iter().map(|s| story::sentence(site, s)).collect();
    let in_force = hours::in_force(&site.db, year).await?;
    let newest = hours::moment::newest(site).await?;
    let as_of = newest.map(|m| {
        site.texts.with(
            "paper-checkpoint",
            &[("no", &m.checkpoint.to_string()), ("root", m.root.get(..16).unwrap_or(""))],
        )
    });
    Ok(Form {
        title: site.texts.with("paper-person-year", &[("year", &year.to_string())]),
        number: minute(site.now()),
        foot: format!("{} · {}", in_force.document(site), standing.policy_version),
        wide: true,
        facts: vec![
            fact("paper-name", p.name.clone()),
            fact("paper-id_number", p.id_number_masked.clone().unwrap_or_default()),
            (site.texts.get("paper-unit"), place, true),
            fact("paper-public", of(a.earned.public, a.required.public)),
            fact("paper-professional", of(a.earned.professional, a.required.professional)),
            fact("paper-total", of(a.earned.total, a.required.total)),
            fact("paper-days", a.earned.days.to_string()),
            (site.texts.get("paper-result"), result, true),
        ],
        tables: vec![Table {
            title: site.texts.get("paper-entries"),
            columns: vec![3, 7, 2, 2, 2, 12],
            head: words(site, "paper-entries-heads"),
            rows: lines.iter().map(row).collect(),
        }],
        says: as_of.into_iter().collect(),
        sign: words(site, "paper-year-sign"),
        ..Form::by(site, &in_force)
    })
}

/// A unit's year, as an edition of its ledger states it.
pub(crate) async fn of_unit(site: &Site, actor: &Actor, (code, year, no): (&str, Year, i64)) -> Result<Form> {
    let edition = yearbook::edition_for(site, actor, (code, year, no)).await?;
    let ids: Vec<PersonId> = edition.lines.keys().filter_map(|id| id.parse().ok()).collect();
    if ids.len() > 5_000 {
        return Err(Error::conflict("export_by_units"));
    }
    let names = yearbook::names(site, &ids).await?;
    let in_force = hours::in_force_on(&site.db, year, edition.confirmed_at).await?;
    let row = |(id, l): (&String, &yearbook::Line)| {
        let hours = |h: i64| Hours::from_hundredths(h).to_string();
        let (name, department) = names.get(id).cloned().unwrap_or_default();
        let state = if l.contract {
            site.texts.get("paper-contract")
        } else {
            site.texts.get(&format!("stats-state-{}", l.state))
        };
        vec![name, department, hours(l.public), hours(l.professional), hours(l.total), state]
    };
    let fact = |key: &str, value: String| (site.texts.get(key), value, false);
    Ok(Form {
        title: site.texts.with("paper-unit-year", &[("year", &year.to_string())]),
        number: site.texts.with("paper-edition", &[("no", &no.to_string())]),
        foot: format!("SHA-256 {}", edition.sha256),
        wide: false,
        facts: vec![
            (site.texts.get("paper-unit"), edition.unit_name.clone(), true),
            fact("paper-people", edition.people.to_string()),
            fact("paper-done", edition.done.to_string()),
            fact("paper-confirmed_at", minute(edition.confirmed_at)),
            fact("paper-received_at", edition.received_at.map(minute).unwrap_or_default()),
        ],
        tables: vec![Table {
            title: site.texts.get("paper-people-list"),
            columns: vec![3, 4, 2, 2, 2, 3],
            head: words(site, "paper-people-heads"),
            rows: edition.lines.iter().map(row).collect(),
        }],
        says: vec![],
        sign: words(site, "paper-unit-sign"),
        ..Form::by(site, &in_force)
    })
}
