//! Who retires in a month: by the day that HR set with its document, else by the year's policy with its gradual delay
//! (domain §4). Whoever keeps the records sets such a day and takes it away again; nobody does for oneself.
use base::{Day, Error, Gender, Kind, PersonId, Result, Retirement, Scope, Year, person::Code};
use rules::Policy;
use serde_json::json;
use site::{Site, Visitor};

use crate::{
    api_posts::READERS,
    store_retirement::{self as store, Near, SetDay},
    transfer::bounded,
};

/// The earliest and the latest age, in years, at which anyone retires: women workers at 50, men at 63 after the delay.
const AGES: (i32, i32) = (49, 64);
/// A set day lies at most so many years ahead.
const MOST_YEARS: i16 = 30;

/// Someone who retires.
#[derive(Clone, Debug)]
pub(crate) struct Retiring {
    pub person: PersonId,
    pub name: String,
    pub unit: String,
    pub department: Option<String>,
    pub staff_no: Option<String>,
    pub birth_date: Day,
    pub retirement: Retirement,
    pub on: Day,
    /// The day by age.
    pub computed_on: Day,
    /// The document of the day that HR set; none where it is computed.
    pub document: Option<String>,
}

impl Retiring {
    fn of(policy: &Policy, near: Near) -> Result<Self> {
        let unknown = |what: &str| Error::internal(format!("unknown {what}"));
        let gender = Gender::from_code(&near.gender).ok_or_else(|| unknown("gender"))?;
        let retirement = Retirement::from_code(&near.retirement).ok_or_else(|| unknown("retirement"))?;
        let birth_date: Day = near.birth_date.parse().map_err(Error::internal)?;
        let computed_on = policy.retirement.day(gender, retirement, birth_date);
        let set: Option<Day> = near.set_day.map(|d| d.parse()).transpose().map_err(Error::internal)?;
        Ok(Self {
            person: near.id.parse()?,
            name: near.name,
            unit: near.unit,
            department: near.department,
            staff_no: near.staff_no,
            birth_date,
            retirement,
            on: set.unwrap_or(computed_on),
            computed_on,
            document: near.document,
        })
    }
}

/// The rules of a year; one whose policy is not published yet goes by the newest one (domain §1).
async fn policy(site: &Site, year: i16) -> Result<std::sync::Arc<Policy>> {
    let year = Year::new(i64::from(year)).ok_or_else(|| Error::invalid("month", "month_form"))?;
    match hours::in_force(&site.db, year).await {
        Ok(in_force) => Ok(in_force.policy),
        Err(e) if e.code() == "policy_not_published" => {
            let newest = hours::published_years(&site.db).await?.into_iter().max();
            let newest = newest.ok_or_else(|| Error::conflict("policy_not_published"))?;
            Ok(hours::in_force(&site.db, newest).await?.policy)
        }
        Err(e) => Err(e),
    }
}

/// Those of a scope whose day lies in the month, by day.
pub(crate) async fn in_month(site: &Site, scope: &Scope, month: Day) -> Result<Vec<Retiring>> {
    let policy = policy(site, month.year()).await?;
    let back = |years: i32| month.checked_sub(jiff::Span::new().years(years)).map_err(Error::internal);
    let born = (back(AGES.1)?, back(AGES.0)?);
    let near = store::near(&site.db, scope, born, (month, month.last_of_month())).await?;
    let all: Vec<Retiring> = near.into_iter().map(|n| Retiring::of(&policy, n)).collect::<Result<_>>()?;
    let is_then = |r: &Retiring| (r.on.year(), r.on.month()) == (month.year(), month.month());
    let mut found: Vec<Retiring> = all.into_iter().filter(is_then).collect();
    found.sort_by(|a, b| (a.on, &a.name).cmp(&(b.on, &b.name)));
    Ok(found)
}

/// Those of a scope who are called so, for setting their day.
pub(crate) async fn called(site: &Site, scope: &Scope, word: &str) -> Result<Vec<Retiring>> {
    let word = word.trim();
    if word.is_empty() {
        return Ok(vec![]);
    }
    let policy = policy(site, site.this_year().number()).await?;
    let near = store::called(&site.db, scope, word).await?;
    near.into_iter().map(|n| Retiring::of(&policy, n)).collect()
}

/// A person's retirement as it stands: the computed day, and the set one.
pub(crate) struct Standing {
    pub person: org::Person,
    /// None for someone whose gender or birth date is not known.
    pub computed_on: Option<Day>,
    pub set: Option<SetDay>,
}

/// The retirement of someone whose records the visitor keeps.
pub(crate) async fn standing(site: &Site, visitor: &Visitor, id: PersonId) -> Result<Standing> {
    let person = org::person(&site.db, id).await?;
    if !visitor.actor.scope(READERS).holds(&person.path) {
        return Err(Error::not_found());
    }
    let policy = policy(site, site.this_year().number()).await?;
    let known = person.gender.zip(person.birth_date);
    let computed_on = known.map(|(gender, born)| policy.retirement.day(gender, person.retirement, born));
    Ok(Standing { computed_on, set: store::set_day(&site.db, id).await?, person })
}

/// What HR sets: the day, the document that says so, why.
pub(crate) struct Wish<'a> {
    pub day: &'a str,
    pub document: &'a str,
    pub reason: &'a str,
}

/// Sets a person's day; one set before ends.
pub(crate) async fn set(site: &Site, visitor: &Visitor, id: PersonId, wish: &Wish<'_>) -> Result<()> {
    let day: Day = wish.day.trim().parse().map_err(|_| Error::invalid("day", "date_form"))?;
    let document = bounded("document", wish.document, 60)?;
    let reason = bounded("reason", wish.reason, 200)?;
    let tx = site.db.begin().await?;
    let person = held(&tx, visitor, id).await?;
    let is_after_birth = person.birth_date.is_none_or(|born| day > born);
    if !is_after_birth || day.year() > site.this_year().number().saturating_add(MOST_YEARS) {
        return Err(Error::invalid("day", "wrong_value"));
    }
    let before = store::set_day(&tx, id).await?.map(|s| s.day);
    store::end(&tx, id, (visitor.actor.person, site.now())).await?;
    let row: base::Id<base::id::of::Entry> = site.new_id();
    let by = (visitor.actor.person, site.now());
    store::insert(&tx, (&row.to_string(), id, day), (&document, &reason), by).await?;
    let details = json!({"before": before, "after": day.to_string(), "document": document, "reason": reason});
    org::record(site, &tx, visitor.actor.person, ("retirement.set", &person), details).await?;
    tx.commit().await
}

/// Takes the set day away; the computed one holds again.
pub(crate) async fn unset(site: &Site, visitor: &Visitor, id: PersonId) -> Result<()> {
    let tx = site.db.begin().await?;
    let person = held(&tx, visitor, id).await?;
    let before = store::set_day(&tx, id).await?.map(|s| s.day);
    if !store::end(&tx, id, (visitor.actor.person, site.now())).await? {
        return Err(Error::conflict("no_retirement_day"));
    }
    let deed = ("retirement.unset", &person);
    org::record(site, &tx, visitor.actor.person, deed, json!({"before": before})).await?;
    tx.commit().await
}

async fn held(tx: &db::Tx, visitor: &Visitor, id: PersonId) -> Result<org::Person> {
    let person = org::held_person(tx, id).await?;
    if !visitor.actor.scope(READERS).holds(&person.path) {
        return Err(Error::not_found());
    }
    if id == visitor.actor.person {
        return Err(Error::refused(Kind::Denied, "own_record"));
    }
    Ok(person)
}
