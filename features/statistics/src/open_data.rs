//! Open data: figures of everyone together that point at nobody. Numbers are rounded to tens and lines of fewer than ten
//! people are left out, so that neither a line nor a difference of lines tells of a few.
use base::{Hours, Result, Scope, Year, person::Code};
use hours::{AsOf, AsOfInfo};
use serde::Serialize;
use site::Site;
use utoipa::ToSchema;

use crate::{
    figures::{self, By, Row},
    kept, store,
};

/// Fewer people than that are not told, and every number is a multiple of it.
const GRAIN: i64 = 10;

/// What is published, in this order.
const PUBLISHED: [By; 8] =
    [By::City, By::County, By::Category, By::Level, By::Band, By::Provider, By::Topic, By::Month];

/// One line of the data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Cell {
    /// What the line is told by: `all`, `city`, `county`, `category`, `level`, `band`, `provider`, `topic`, `month`.
    pub dimension: String,
    pub key: String,
    pub name: String,
    pub people: i64,
    pub done: i64,
    pub under_way: i64,
    pub not_begun: i64,
    pub exempt: i64,
    /// Whole hours of learning; only where the line tells learning.
    pub hours: Option<Hours>,
}

/// What a field means.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Field {
    pub field: String,
    pub meaning: String,
}

/// The data of a year.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct OpenData {
    pub year: i16,
    #[serde(flatten)]
    pub as_of: AsOfInfo,
    /// How people are protected.
    pub rule: String,
    pub dictionary: Vec<Field>,
    pub rows: Vec<Cell>,
    /// How many lines were left out for fewer than ten people.
    pub suppressed: usize,
}

/// To the nearest multiple of the grain.
fn rounded(number: i64) -> i64 {
    (number + GRAIN / 2) / GRAIN * GRAIN
}

/// A line as published; none of fewer people than the grain.
fn cell(by: &str, row: &Row) -> Option<Cell> {
    (row.people >= GRAIN).then(|| Cell {
        dimension: by.to_owned(),
        key: row.key.clone(),
        name: row.name.clone(),
        people: rounded(row.people),
        done: rounded(row.done),
        under_way: rounded(row.under_way),
        not_begun: rounded(row.not_begun),
        exempt: rounded(row.exempt),
        hours: row.hours.map(|h| Hours::whole(rounded(h.hundredths() / 100))),
    })
}

/// The fields in the order of the table.
const FIELDS: [&str; 9] =
    ["dimension", "key", "name", "people", "done", "under_way", "not_begun", "exempt", "hours"];

/// The data of a year over everyone.
pub(crate) async fn of(site: &Site, year: Year) -> Result<OpenData> {
    let everyone = Scope { paths: store::roots(&site.db).await? };
    let all = Row {
        key: String::new(),
        name: site.texts.get("stats-open-all"),
        ..kept::all(site, &everyone, year).await?
    };
    let (mut rows, mut suppressed) = (vec![], 0);
    let mut keep = |by: &str, row: &Row| match cell(by, row) {
        Some(cell) => rows.push(cell),
        None => suppressed += usize::from(row.people > 0),
    };
    keep("all", &all);
    for by in PUBLISHED {
        let code = by.code();
        let mut told = kept::rows(site, &everyone, year, by).await?;
        for row in &mut told {
            figures::name(site, row, by);
            keep(&code, row);
        }
    }
    let meaning = |field: &&str| Field {
        field: (*field).to_owned(),
        meaning: site.texts.get(&format!("stats-field-{field}")),
    };
    Ok(OpenData {
        year: year.number(),
        as_of: AsOf::of_many(site, year, site.now()).await?.info(),
        rule: site.texts.get("stats-open-rule"),
        dictionary: FIELDS.iter().map(meaning).collect(),
        rows,
        suppressed,
    })
}

/// The data as CSV with a mark of the encoding, as spreadsheets want it.
pub(crate) fn csv(data: &OpenData) -> Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer("\u{feff}".as_bytes().to_vec());
    writer.write_record(FIELDS).map_err(base::Error::internal)?;
    for c in &data.rows {
        let numbers = [c.people, c.done, c.under_way, c.not_begun, c.exempt].map(|n| n.to_string());
        let [people, done, under_way, not_begun, exempt] = &numbers;
        let hours = c.hours.map_or_else(String::new, |h| h.to_string());
        let record: [&str; 9] =
            [&c.dimension, &c.key, &c.name, people, done, under_way, not_begun, exempt, &hours];
        writer.write_record(record).map_err(base::Error::internal)?;
    }
    writer.into_inner().map_err(|e| base::Error::internal(e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_people_are_not_told_and_numbers_are_rounded() {
        let row = |people, done| Row { people, done, not_begun: people - done, ..Row::default() };
        assert_eq!(cell("level", &row(9, 9)), None);
        let told = cell("level", &row(14, 1)).unwrap();
        assert_eq!((told.people, told.done, told.not_begun), (10, 0, 10));
        assert_eq!([rounded(0), rounded(4), rounded(5), rounded(15), rounded(104)], [0, 0, 10, 20, 100]);
    }
}
