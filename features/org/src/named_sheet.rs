//! Lists of people that are no roster: each row names one person of the scope by ID number, staff number or name, and
//! says something of the person. Read as a whole; every wrong cell is named.
use std::collections::HashMap;

use base::{Error, IdNumber, Result, Scope, person::half_width};
use db::Conn;
use site::Site;

use crate::{Person, roster::CellError, store, store_people};

/// At most so many rows.
const MOST: usize = 5_000;

/// A column of a list: its code; the locale names it (`listcol-<code>`, several names parted by spaces).
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// The code.
    pub code: &'static str,
    /// Whether a list without it is refused.
    pub is_needed: bool,
}

/// A row that names a person.
#[derive(Clone, Debug)]
pub struct NamedRow {
    /// Its number in the spreadsheet.
    pub number: usize,
    /// Whom it names.
    pub person: Person,
    cells: HashMap<&'static str, String>,
}

impl NamedRow {
    /// A cell's text; empty where there is none.
    pub fn cell(&self, column: &str) -> &str {
        self.cells.get(column).map_or("", String::as_str)
    }
}

/// Ways to name someone.
const NAMING: [Column; 3] = [
    Column { code: "id_number", is_needed: false },
    Column { code: "staff_no", is_needed: false },
    Column { code: "name", is_needed: false },
];

/// Reads a list; rows that name nobody, or someone outside of the scope, are errors like any other.
pub async fn named_rows(
    site: &Site,
    conn: &impl Conn,
    scope: &Scope,
    (file, columns): (Vec<u8>, &'static [Column]),
) -> Result<(Vec<NamedRow>, Vec<CellError>)> {
    let lines = tokio::task::spawn_blocking(move || crate::lines(&file)).await.map_err(Error::internal)??;
    let (places, first) = header(site, &lines, columns)?;
    let rows: Vec<(usize, HashMap<&'static str, String>)> =
        lines.iter().skip(first + 1).map(|(n, cells)| (*n, picked(&places, cells))).collect();
    let rows: Vec<_> = rows.into_iter().filter(|(_, cells)| !cells.is_empty()).collect();
    if rows.is_empty() || rows.len() > MOST {
        return Err(Error::invalid("file", "list_rows"));
    }
    let known = Known::of(site, conn, scope, &rows).await?;
    let (mut found, mut errors) = (vec![], vec![]);
    for (number, cells) in rows {
        match known.person(site, &cells) {
            Ok(person) => found.push(NamedRow { number, person, cells }),
            Err((column, code)) => errors.push(CellError::new(number, column, code)),
        }
    }
    Ok((found, errors))
}

type Places = HashMap<usize, &'static str>;

/// The row that heads the list, and which column holds what.
fn header(
    site: &Site,
    lines: &[(usize, Vec<String>)],
    columns: &'static [Column],
) -> Result<(Places, usize)> {
    let all: Vec<&Column> = NAMING.iter().chain(columns).collect();
    let named = |text: &str| {
        let text: String = text.chars().map(half_width).filter(|c| !c.is_whitespace()).collect();
        let is = |c: &&&Column| site.texts.get(&format!("listcol-{}", c.code)).split(' ').any(|n| n == text);
        all.iter().find(is).map(|c| c.code)
    };
    for (place, (_, cells)) in lines.iter().enumerate().take(10) {
        let places: Places =
            cells.iter().enumerate().filter_map(|(n, cell)| named(cell).map(|code| (n, code))).collect();
        let has = |code: &str| places.values().any(|c| *c == code);
        if NAMING.iter().any(|c| has(c.code)) && columns.iter().all(|c| !c.is_needed || has(c.code)) {
            return Ok((places, place));
        }
    }
    Err(Error::invalid("file", "list_header"))
}

fn picked(places: &Places, cells: &[String]) -> HashMap<&'static str, String> {
    let one = |(n, text): (usize, &String)| {
        let text = text.trim();
        places.get(&n).filter(|_| !text.is_empty()).map(|code| (*code, text.to_owned()))
    };
    cells.iter().enumerate().filter_map(one).collect()
}

/// The people whom the rows may name.
struct Known {
    by_lookup: HashMap<String, Person>,
    by_word: HashMap<String, Vec<Person>>,
    scope: Scope,
}

impl Known {
    async fn of(
        site: &Site,
        conn: &impl Conn,
        scope: &Scope,
        rows: &[(usize, HashMap<&'static str, String>)],
    ) -> Result<Self> {
        let cells = |code: &str| rows.iter().filter_map(|(_, c)| c.get(code).cloned()).collect::<Vec<_>>();
        let numbers = cells("id_number");
        let papers: Vec<Vec<String>> = numbers.iter().map(|n| lookups(site, n)).collect();
        let mut by_word: HashMap<String, Vec<Person>> = HashMap::new();
        let words = [cells("staff_no"), cells("name")].concat();
        for person in store::called(conn, scope, &words).await? {
            for word in person.staff_no.iter().chain([&person.name]) {
                by_word.entry(word.clone()).or_default().push(person.clone());
            }
        }
        let by_lookup = store_people::by_papers(conn, &papers).await?;
        Ok(Self { by_lookup, by_word, scope: scope.clone() })
    }

    fn person(
        &self,
        site: &Site,
        cells: &HashMap<&'static str, String>,
    ) -> Result<Person, (&'static str, &'static str)> {
        let name = cells.get("name");
        if let Some(number) = cells.get("id_number") {
            let lookups = lookups(site, number);
            let lookup = lookups.first().ok_or(("id_number", "id_number_wrong"))?;
            let found = self.by_lookup.get(lookup).filter(|p| self.scope.holds(&p.path));
            let person = found.ok_or(("id_number", "person_unknown"))?;
            let is_called = name.is_none_or(|n| *n == person.name);
            return if is_called { Ok(person.clone()) } else { Err(("name", "name_mismatch")) };
        }
        let column = if cells.contains_key("staff_no") { "staff_no" } else { "name" };
        let word = cells.get(column).ok_or(("id_number", "required"))?;
        match self.by_word.get(word).map(Vec::as_slice) {
            Some([one]) => Ok(one.clone()),
            Some([_, ..]) => Err((column, "person_several")),
            Some([]) | None => Err((column, "person_unknown")),
        }
    }
}

/// What an ID number as it was written may stand under; nothing where it is none.
fn lookups(site: &Site, number: &str) -> Vec<String> {
    let folded: String = number.chars().map(half_width).collect();
    IdNumber::parse(folded.trim()).map_or_else(|_| vec![], |n| accounts::id_number_lookups(site, &n))
}
