//! A person goes to another unit: the new unit asks, naming the person by paper and name, and the old one releases; or
//! the authority over both forces it. Hours and certificates are the person's and go along; what is open is listed first,
//! and the confirmation says who reimburses and which unit the certificate prints.
use base::{Day, Error, Kind, Paper, PersonId, Result, UnitId, day};
use messages::Letter;
use org::{Person, Relocation, Unit};
use serde_json::json;
use site::{Site, Visitor};

use crate::{
    AUTHORITIES, MANAGERS,
    matters::{self, Matter},
    store,
};

/// A transfer as it is stored.
#[derive(Clone, Debug)]
pub(crate) struct Transfer {
    pub id: String,
    pub person: PersonId,
    pub person_name: String,
    pub id_number_masked: Option<String>,
    pub from: Place,
    pub to: Place,
    pub department: Option<String>,
    pub from_day: String,
    /// `asked`, `released`, `refused` or `withdrawn`.
    pub state: String,
    pub is_forced: bool,
    pub reason: String,
    pub asked_by: PersonId,
    pub asked_by_name: String,
    pub asked_at: i64,
    pub decided_by_name: Option<String>,
    pub decided_at: Option<i64>,
    pub comment: Option<String>,
}

/// A unit as a transfer names it.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub unit: UnitId,
    pub code: String,
    pub name: String,
    pub path: String,
}

impl Transfer {
    /// Whether it waits for the old unit.
    pub(crate) fn is_open(&self) -> bool {
        self.state == "asked"
    }
}

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wish<'a> {
    /// The whole number of the person's paper.
    pub id_number: &'a str,
    /// The name; must be the paper's owner.
    pub name: &'a str,
    /// The code of the unit that asks.
    pub unit: &'a str,
    pub department: Option<&'a str>,
    pub from: Option<&'a str>,
    pub reason: &'a str,
    /// By the authority over both units, at once.
    pub force: bool,
}

/// Asks for a person, or moves the person at once where the authority forces it.
pub(crate) async fn ask(site: &Site, visitor: &Visitor, wish: &Wish<'_>) -> Result<Transfer> {
    let reason = bounded("reason", wish.reason, 300)?;
    let from = day_of(site, wish.from)?;
    let department = match wish.department.map(str::trim).filter(|d| !d.is_empty()) {
        Some(name) => Some(bounded("department", name, 100)?),
        None => None,
    };
    let unit = receiving(site, visitor, wish.unit).await?;
    let person = found(site, wish).await?;
    if person.id == visitor.actor.person {
        return Err(Error::refused(Kind::Denied, "own_record"));
    }
    if person.unit == unit.id {
        return Err(Error::conflict("transfer_same_unit"));
    }
    if wish.force && !visitor.actor.scope(AUTHORITIES).holds(&person.path) {
        return Err(Error::denied());
    }
    let id: base::Id<base::id::of::Entry> = site.new_id();
    let id = id.to_string();
    let tx = site.db.begin().await?;
    let person = org::held_person(&tx, person.id).await?;
    let row = store::NewTransfer {
        id: &id,
        person: &person,
        to: unit.id,
        department: department.as_deref(),
        from,
        is_forced: wish.force,
        reason: &reason,
        by: visitor.actor.person,
    };
    if !store::insert(&tx, &row, site.now()).await? {
        return Err(Error::conflict("transfer_open"));
    }
    let details = json!({"to": unit.code, "from": from.to_string(), "reason": reason, "forced": wish.force});
    record(site, &tx, visitor, ("transfer.ask", &id, &person.path), details).await?;
    let ask = store::by_id(&tx, &id).await?;
    if wish.force {
        move_person(site, &tx, visitor, (&ask, &person, from), "").await?;
    } else {
        tell_asked(site, &tx, &ask).await?;
    }
    tx.commit().await?;
    store::by_id(&site.db, &id).await
}

/// The unit that asks: one that the visitor manages, no department.
async fn receiving(site: &Site, visitor: &Visitor, code: &str) -> Result<Unit> {
    let unit = org::by_code(&site.db, code.trim()).await?;
    if !visitor.actor.scope(MANAGERS).holds(&unit.path) {
        return Err(Error::not_found());
    }
    if unit.kind == org::UnitKind::Department {
        return Err(Error::invalid("unit", "transfer_unit"));
    }
    Ok(unit)
}

/// The person of paper and name; a wrong name is as good as nobody, so that numbers cannot be tried out.
async fn found(site: &Site, wish: &Wish<'_>) -> Result<Person> {
    let nobody = || Error::refused(Kind::NotFound, "transfer_person_unknown");
    let paper = Paper::any(wish.id_number).ok_or_else(|| Error::invalid("id_number", "id_number_form"))?;
    let name = base::name::person_name(wish.name).ok_or_else(|| Error::invalid("name", "name_form"))?;
    let person = org::by_paper(site, &site.db, &paper).await?.ok_or_else(nobody)?;
    if person.name == name { Ok(person) } else { Err(nobody()) }
}

fn day_of(site: &Site, text: Option<&str>) -> Result<Day> {
    let today = day::day_of(site.now());
    let Some(text) = text.map(str::trim).filter(|t| !t.is_empty()) else { return Ok(today) };
    let from: Day = text.parse().map_err(|_| Error::invalid("from", "date_form"))?;
    if from > today { Err(Error::invalid("from", "day_in_future")) } else { Ok(from) }
}

pub(crate) fn bounded(field: &str, text: &str, most: usize) -> Result<String> {
    let text = text.trim();
    let has_hidden = text.chars().any(base::name::is_hidden);
    match text.chars().count() {
        0 => Err(Error::invalid(field, "required")),
        n if n > most => Err(Error::invalid(field, "too_long_text")),
        _ if has_hidden => Err(Error::invalid(field, "wrong_value")),
        _ => Ok(text.to_owned()),
    }
}

/// A transfer that concerns a unit of the visitor's, with what is open of the person where the old unit asks.
pub(crate) async fn shown(site: &Site, visitor: &Visitor, id: &str) -> Result<(Transfer, Vec<Matter>)> {
    let transfer = store::by_id(&site.db, id).await?;
    let scope = visitor.actor.scope(MANAGERS);
    let is_old = scope.holds(&transfer.from.path);
    if !is_old && !scope.holds(&transfer.to.path) {
        return Err(Error::not_found());
    }
    let open = if is_old { matters::of(&site.db, transfer.person).await? } else { vec![] };
    Ok((transfer, open))
}

/// The old unit's answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Decision<'a> {
    pub releases: bool,
    pub comment: &'a str,
    /// The day from which the person is at the new unit, if another than was asked for.
    pub from: Option<&'a str>,
    /// Whether the one who decides has seen what is open.
    pub open_seen: bool,
}

/// Releases or refuses: by the old unit, and by another person than the one who asked.
pub(crate) async fn decide(site: &Site, visitor: &Visitor, id: &str, d: &Decision<'_>) -> Result<Transfer> {
    let tx = site.db.begin().await?;
    let transfer = store::held(&tx, id).await?;
    let scope = visitor.actor.scope(MANAGERS);
    if !scope.holds(&transfer.from.path) {
        let concerns = scope.holds(&transfer.to.path);
        return Err(if concerns { Error::denied() } else { Error::not_found() });
    }
    if !transfer.is_open() {
        return Err(Error::conflict("transfer_decided"));
    }
    if accounts::is_party(&tx, &visitor.actor, &[transfer.person]).await? {
        return Err(Error::refused(Kind::Denied, "own_record"));
    }
    if accounts::is_party(&tx, &visitor.actor, &[transfer.asked_by]).await? {
        return Err(Error::refused(Kind::Denied, "transfer_second_person"));
    }
    if d.releases {
        release(site, &tx, visitor, (&transfer, d)).await?;
    } else {
        let comment = bounded("comment", d.comment, 300)?;
        store::close(&tx, id, ("refused", visitor.actor.person, &comment), site.now()).await?;
        let details = json!({"comment": comment});
        record(site, &tx, visitor, ("transfer.refuse", id, &transfer.from.path), details).await?;
        tell_refused(site, &tx, &transfer, &comment).await?;
    }
    tx.commit().await?;
    store::by_id(&site.db, id).await
}

/// Releases, once what is open was seen.
async fn release(
    site: &Site,
    tx: &db::Tx,
    visitor: &Visitor,
    (transfer, d): (&Transfer, &Decision<'_>),
) -> Result<()> {
    let open = matters::of(tx, transfer.person).await?;
    if !open.is_empty() && !d.open_seen {
        let open = serde_json::to_value(&open).map_err(Error::internal)?;
        return Err(Error::conflict("transfer_open_matters").with("open_matters", open));
    }
    let person = org::held_person(tx, transfer.person).await?;
    let from = match d.from.map(str::trim).filter(|t| !t.is_empty()) {
        Some(text) => day_of(site, Some(text))?,
        None => transfer.from_day.parse().map_err(Error::internal)?,
    };
    let comment = d.comment.trim().to_owned();
    move_person(site, tx, visitor, (transfer, &person, from), &comment).await
}

/// Takes a request back: by the unit that asked.
pub(crate) async fn withdraw(site: &Site, visitor: &Visitor, id: &str) -> Result<Transfer> {
    let tx = site.db.begin().await?;
    let transfer = store::held(&tx, id).await?;
    let scope = visitor.actor.scope(MANAGERS);
    if !scope.holds(&transfer.to.path) {
        let concerns = scope.holds(&transfer.from.path);
        return Err(if concerns { Error::denied() } else { Error::not_found() });
    }
    if !transfer.is_open() {
        return Err(Error::conflict("transfer_decided"));
    }
    store::close(&tx, id, ("withdrawn", visitor.actor.person, ""), site.now()).await?;
    record(site, &tx, visitor, ("transfer.withdraw", id, &transfer.to.path), json!({})).await?;
    tx.commit().await?;
    store::by_id(&site.db, id).await
}

async fn move_person(
    site: &Site,
    tx: &db::Tx,
    visitor: &Visitor,
    (transfer, person, from): (&Transfer, &Person, Day),
    comment: &str,
) -> Result<()> {
    let by = visitor.actor.person;
    let unit = org::unit_by_id(tx, transfer.to.unit).await?;
    let to = Relocation { unit: &unit, department: transfer.department.as_deref(), from, by };
    let moved = org::relocate(site, tx, person, &to).await?;
    store::release(tx, &transfer.id, (by, comment, from), site.now()).await?;
    let details = json!({"person": person.id, "from_unit": transfer.from.code, "to_unit": transfer.to.code,
        "from": from.to_string(), "forced": transfer.is_forced});
    record(site, tx, visitor, ("transfer.release", &transfer.id, &moved.path), details.clone()).await?;
    // The old unit finds it in its own trail too.
    record(site, tx, visitor, ("transfer.left", &transfer.id, &transfer.from.path), details).await?;
    tell_moved(site, tx, transfer, from).await
}

async fn record(
    site: &Site,
    tx: &db::Tx,
    visitor: &Visitor,
    (action, id, path): (&'static str, &str, &str),
    details: serde_json::Value,
) -> Result<()> {
    let deed =
        audit::Deed { actor: Some(visitor.actor.person), action, object: id, unit_path: path, details };
    audit::record(site, tx, deed).await
}

fn words<'a>(t: &'a Transfer, more: &[(&'static str, &'a str)]) -> Vec<(&'static str, &'a str)> {
    let mut words =
        vec![("name", t.person_name.as_str()), ("old", t.from.name.as_str()), ("new", t.to.name.as_str())];
    words.extend_from_slice(more);
    words
}

fn letter(site: &Site, to: PersonId, (key, words): (&str, &[(&'static str, &str)]), link: &str) -> Letter {
    let words: Vec<(&str, &str)> = words.iter().map(|(k, v)| (*k, *v)).collect();
    Letter { to, kind: "transfer", text: site.texts.with(key, &words), link: link.to_owned(), once: None }
}

/// The person and the old unit's administrators hear that the person is asked for.
async fn tell_asked(site: &Site, tx: &db::Tx, t: &Transfer) -> Result<()> {
    let link = format!("/transfers/{}", t.id);
    let mut letters = vec![letter(site, t.person, ("transfer-asked-person", &words(t, &[])), "")];
    for administrator in store::administrators(tx, t.from.unit).await? {
        letters.push(letter(site, administrator, ("transfer-asked-unit", &words(t, &[])), &link));
    }
    messages::post(site, tx, &letters).await?;
    Ok(())
}

async fn tell_refused(site: &Site, tx: &db::Tx, t: &Transfer, comment: &str) -> Result<()> {
    let link = format!("/transfers/{}", t.id);
    let words = words(t, &[("comment", comment)]);
    messages::post(site, tx, &[letter(site, t.asked_by, ("transfer-refused", &words), &link)]).await?;
    Ok(())
}

async fn tell_moved(site: &Site, tx: &db::Tx, t: &Transfer, from: Day) -> Result<()> {
    let (from, link) = (from.to_string(), format!("/transfers/{}", t.id));
    let words = words(t, &[("from", from.as_str())]);
    let letters = [
        letter(site, t.person, ("transfer-moved-person", &words), "/me/profile"),
        letter(site, t.asked_by, ("transfer-moved-unit", &words), &link),
    ];
    messages::post(site, tx, &letters).await?;
    Ok(())
}
