//! Tenders of course platforms as records: which platforms serve a year, decided on what paper (notice 三.2). Notices cite
//! them; a record that is cited stays as it is, another one follows it.
use base::{Actor, Day, Error, FieldProblem, Id, Result, Year, id::of};
use rules::record::parse_day;
use serde::{Deserialize, Serialize};
use serde_json::json;
use site::Site;
use utoipa::ToSchema;

use crate::{KEEPERS, store_tenders as store};

/// A platform that a tender chose.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Winner {
    /// 中标机构
    pub name: String,
    /// Where it teaches.
    pub site_url: String,
    /// 服务电话
    pub telephone: String,
}

/// A tender to be recorded.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NewTender {
    /// The code of the authority that called for it.
    pub unit: String,
    /// The training year.
    pub year: i64,
    /// The title.
    pub title: String,
    /// The number of its paper, or nothing.
    pub document_no: String,
    /// When it was decided.
    pub decided_on: Option<String>,
    /// The first day of service.
    pub serves_from: Option<String>,
    /// The last day of service.
    pub serves_until: Option<String>,
    /// What else is to be said.
    pub note: String,
    /// The chosen platforms.
    pub winners: Vec<Winner>,
}

/// A tender as kept.
#[derive(Clone, Debug)]
pub(crate) struct Tender {
    pub id: String,
    pub unit_name: String,
    pub year: i64,
    pub title: String,
    pub document_no: String,
    pub decided_on: Option<String>,
    pub serves_from: Option<String>,
    pub serves_until: Option<String>,
    pub note: String,
    pub winners: Vec<Winner>,
}

const MOST_LINE: usize = 200;
const MOST_WINNERS: usize = 20;

fn check(new: &NewTender) -> Result<Year> {
    let mut wrong = vec![];
    let mut say =
        |field: &str, code: &'static str| wrong.push(FieldProblem { field: field.to_owned(), code });
    let year = Year::new(new.year);
    if year.is_none() {
        say("year", "wrong_value");
    }
    if new.title.trim().is_empty() {
        say("title", "required");
    }
    let days = [
        ("decided_on", &new.decided_on),
        ("serves_from", &new.serves_from),
        ("serves_until", &new.serves_until),
    ];
    let read =
        |text: &Option<String>| text.as_deref().map(str::trim).filter(|t| !t.is_empty()).map(parse_day);
    for (field, text) in days {
        if read(text).is_some_and(|day: Option<Day>| day.is_none()) {
            say(field, "wrong_value");
        }
    }
    if let (Some(Some(from)), Some(Some(until))) = (read(&new.serves_from), read(&new.serves_until))
        && until < from
    {
        say("serves_until", "ends_before_it_begins");
    }
    if new.winners.is_empty() || new.winners.iter().any(|w| w.name.trim().is_empty()) {
        say("winners", "required");
    }
    let lines = new.winners.iter().flat_map(|w| [&w.name, &w.site_url, &w.telephone]);
    let long = lines.chain([&new.title, &new.document_no]).any(|l| l.chars().count() > MOST_LINE);
    if long || new.note.chars().count() > 2000 || new.winners.len() > MOST_WINNERS {
        say("title", "text_long");
    }
    match year {
        Some(year) if wrong.is_empty() => Ok(year),
        _ => Err(Error::invalid_fields(wrong)),
    }
}

/// Records a tender; gives its id.
pub async fn record(site: &Site, actor: &Actor, new: &NewTender) -> Result<String> {
    let unit = org::by_code(&site.db, &new.unit).await?;
    if !actor.scope(KEEPERS).holds(&unit.path) {
        return Err(Error::not_found());
    }
    let year = check(new)?;
    let id: Id<of::Entry> = site.new_id();
    let id = id.to_string();
    let tx = site.db.begin().await?;
    store::insert(&tx, (&id, unit.id, year), new, (actor.person, site.now())).await?;
    let deed = audit::Deed {
        actor: Some(actor.person),
        action: "tender.record",
        object: &id,
        unit_path: &unit.path,
        details: json!({"title": new.title, "year": year}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await?;
    Ok(id)
}

/// Up to `most` tenders that hold at least so many of the words: id, title, and what stands beside it.
pub async fn with(
    site: &Site,
    words: (&[String], usize),
    most: i64,
) -> Result<Vec<(String, String, String)>> {
    let found = store::with_words(&site.db, words, most).await?;
    let about =
        |t: &Tender| if t.document_no.is_empty() { t.unit_name.clone() } else { t.document_no.clone() };
    Ok(found.into_iter().map(|t| (t.id.clone(), t.title.clone(), about(&t))).collect())
}
