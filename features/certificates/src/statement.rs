//! 学时证明: the hours of one year or several by item, as they count. A new one is issued when what it says has changed.
use std::collections::HashMap;

use base::{Error, Hours, PersonId, Result, Year, person::Code};
use hours::Standing;
use serde_json::Value;
use site::Site;

use crate::{
    Certificate, Kind, Number,
    content::{Content, StatedItem, StatedYear},
    issue::write,
    store,
};

/// At most so many years on one statement.
const MOST_YEARS: usize = 10;

/// Issues the statement, or gives the last one if it says the same.
pub(crate) async fn issue(site: &Site, person: PersonId, years: &[Year]) -> Result<Certificate> {
    let mut years = years.to_vec();
    years.sort_unstable();
    years.dedup();
    let Some(last) = years.last().copied() else { return Err(Error::invalid("years", "required")) };
    if years.len() > MOST_YEARS {
        return Err(Error::invalid("years", "statement_years"));
    }
    let mut stated = vec![];
    for year in &years {
        stated.push(state(&hours::standing(&site.db, person, *year).await?));
    }
    let standing = hours::standing(&site.db, person, last).await?;
    let no = Number::draw(&standing.policy.province, last, &*site.random);
    let mut content = Content::of(site, &standing, &no, Kind::Statement)
        .ok_or_else(|| Error::conflict("profile_incomplete"))?;
    content.years = stated;
    for before in store::statements(&site.db, person, last).await? {
        let c = &before.content;
        let same = Content {
            no: c.no.clone(),
            issued_on: c.issued_on.clone(),
            revision: c.revision,
            ledger: c.ledger.clone(),
            ..content.clone()
        };
        if same == *c {
            return Ok(before);
        }
    }
    write(site, &standing, no, content).await
}

fn state(standing: &Standing) -> StatedYear {
    let counted: HashMap<&str, Hours> =
        standing.assessment.credits.iter().map(|c| (c.id.as_ref(), c.counted)).collect();
    let days = days(&standing.record);
    let item = |e: &hours::Entry| {
        let id = e.id.to_string();
        let counted = *counted.get(id.as_str())?;
        (counted > Hours::ZERO).then(|| StatedItem {
            on: days.get(&id).cloned().unwrap_or_default(),
            title: e.title.clone(),
            subject: e.subject.code(),
            counted,
        })
    };
    let mut items: Vec<StatedItem> = standing.entries.iter().filter_map(item).collect();
    items.sort_by(|a, b| a.on.cmp(&b.on));
    let earned = &standing.assessment.earned;
    StatedYear {
        year: standing.assessment.year,
        public: earned.public,
        professional: earned.professional,
        total: earned.total,
        items,
    }
}

/// The day of each credit of the record, by the credit's id.
fn days(record: &Value) -> HashMap<String, String> {
    let text = |c: &Value, key: &str| c.get(key).and_then(Value::as_str).map(str::to_owned);
    let credits = record.get("credits").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let day = |c: &Value| {
        let on = text(c, "completed_on").or_else(|| text(c, "to")).or_else(|| text(c, "on"))?;
        Some((text(c, "id")?, on))
    };
    credits.iter().filter_map(day).collect()
}
