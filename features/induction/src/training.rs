//! Trainings on record: a day of a person belongs to one of them only, so that twelve hours a day hold over all of them
//! together, and none is recorded before it is over.
use base::{Actor, Day, Error, Hours, Period, PersonId, Result, day, person::Code};
use db::{Conn, Tx};
use org::Person;
use serde_json::{Value, json};
use site::Site;

use crate::{KEEPERS, check::Kind, store};

/// The hours of a day, in hundredths.
const MOST_A_DAY: i64 = 1200;

/// A training of someone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Training {
    pub id: String,
    pub person: PersonId,
    pub kind: Kind,
    pub title: String,
    pub period: Period,
    pub hours: Hours,
    /// What it rests on.
    pub document: String,
}

impl Training {
    /// Whether the other is the same record, said again.
    fn is_again(&self, other: &Self) -> bool {
        *self == Self { id: self.id.clone(), ..other.clone() }
    }

    fn told(&self) -> Value {
        json!({
            "id": self.id,
            "kind": self.kind,
            "title": self.title,
            "from": self.period.from.to_string(),
            "to": self.period.to.to_string(),
            "hours": self.hours,
        })
    }
}

/// A training as typed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Typed<'a> {
    pub kind: &'a str,
    pub title: &'a str,
    pub from: &'a str,
    pub to: &'a str,
    pub hours: &'a str,
    pub document: &'a str,
}

/// What is on record of a person below the actor, the earliest record first.
pub(crate) async fn of(site: &Site, actor: &Actor, person: PersonId) -> Result<Vec<Training>> {
    let person = org::person(&site.db, person).await?;
    if !actor.scope(KEEPERS).holds(&person.path) {
        return Err(Error::not_found());
    }
    store::recorded(&site.db, &[person.id]).await
}

/// Records a training of a person below the actor, on a document; never the own one. What is on record already is
/// recognised; what shares days with something else on record is refused, with what that is.
pub(crate) async fn record(site: &Site, actor: &Actor, person: PersonId, typed: &Typed<'_>) -> Result<()> {
    let id = site.new_id::<base::id::of::Entry>().to_string();
    let new = read((id, person), typed, day::day_of(site.now()))?;
    let tx = site.db.begin().await?;
    // Held, so that of two records at once the second sees the first.
    let person = org::held_person(&tx, person).await?;
    admit(&tx, actor, &person).await?;
    let before = store::recorded(&tx, &[person.id]).await?;
    let sharing: Vec<&Training> = before.iter().filter(|b| b.period.overlaps(new.period)).collect();
    if sharing.iter().any(|b| b.is_again(&new)) {
        return Ok(());
    }
    if !sharing.is_empty() {
        let overlaps: Vec<Value> = sharing.iter().map(|b| b.told()).collect();
        return Err(Error::conflict("induction_overlap").with("overlaps", json!(overlaps)));
    }
    store::insert(&tx, &new, (actor.person, site.now())).await?;
    note(site, &tx, actor, ("induction.record", &new, &person)).await?;
    tx.commit().await
}

/// Takes a wrong record back; the row stays, ended.
pub(crate) async fn end(site: &Site, actor: &Actor, id: &str) -> Result<()> {
    let tx = site.db.begin().await?;
    let training = store::by_id(&tx, id).await?;
    let person = org::held_person(&tx, training.person).await?;
    admit(&tx, actor, &person).await?;
    store::end(&tx, id, (actor.person, site.now())).await?;
    note(site, &tx, actor, ("induction.end", &training, &person)).await?;
    tx.commit().await
}

/// Lets who keeps a person's records go on, or says why not.
async fn admit(conn: &impl Conn, actor: &Actor, person: &Person) -> Result<()> {
    if !actor.scope(KEEPERS).holds(&person.path) {
        return Err(Error::not_found());
    }
    if accounts::is_party(conn, actor, &[person.id]).await? {
        return Err(Error::refused(base::Kind::Denied, "own_decision"));
    }
    Ok(())
}

fn read((id, person): (String, PersonId), typed: &Typed<'_>, today: Day) -> Result<Training> {
    let kind = Kind::from_code(typed.kind).ok_or_else(|| Error::invalid("kind", "wrong_value"))?;
    let text = |field: &str, text: &str, most: usize| {
        let text = text.trim().to_owned();
        let is_wrong = text.is_empty() || text.chars().count() > most || text.chars().any(char::is_control);
        if is_wrong { Err(Error::invalid(field, "induction_text")) } else { Ok(text) }
    };
    let (title, document) = (text("title", typed.title, 100)?, text("document", typed.document, 120)?);
    let day = |field: &str, text: &str| {
        rules::record::parse_day(text.trim()).ok_or_else(|| Error::invalid(field, "training_day"))
    };
    let period = Period::new(day("from", typed.from)?, day("to", typed.to)?);
    let period = period.ok_or_else(|| Error::invalid("to", "training_order"))?;
    if period.to > today {
        return Err(Error::invalid("to", "training_future"));
    }
    let hours = Hours::parse(typed.hours.trim())
        .filter(|h| *h > Hours::ZERO && h.hundredths() <= period.days() * MOST_A_DAY);
    let hours = hours.ok_or_else(|| Error::invalid("hours", "induction_hours"))?;
    Ok(Training { id, person, kind, title, period, hours, document })
}

async fn note(
    site: &Site,
    tx: &Tx,
    actor: &Actor,
    (action, training, person): (&'static str, &Training, &Person),
) -> Result<()> {
    let Training { kind, hours, document, .. } = training;
    let deed = audit::Deed {
        actor: Some(actor.person),
        action,
        object: &training.id,
        unit_path: &person.path,
        details: json!({"person": person.id, "kind": kind, "hours": hours, "document": document}),
    };
    audit::record(site, tx, deed).await
}
