//! A list of people as HR pastes or imports it: one person a line, by ID number, account or name. A name that several
//! people in the scope bear names nobody.
use std::collections::HashMap;

use base::{Error, IdNumber, PersonId, Result, Scope, person::half_width};
use serde::{Deserialize, Serialize};
use site::Site;

use crate::store;

/// At most so many people are checked at once.
pub(crate) const MOST: usize = 1000;

/// A line that names nobody, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Unresolved {
    pub line: usize,
    /// What stood there; ID numbers are masked.
    pub text: String,
    /// `not_found` or `several`.
    pub reason: String,
}

/// One line: what it may name a person by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Line {
    pub number: usize,
    pub id_number: Option<IdNumber>,
    pub words: Vec<String>,
}

/// Reads pasted text: blank lines left out, cells parted by tabs, commas or spaces.
pub(crate) fn of_text(text: &str) -> Vec<Line> {
    let cells = |line: &str| -> Vec<String> {
        let folded: String = line.chars().map(half_width).collect();
        folded.split([' ', '\t', ',', ';', '、']).map(str::to_owned).collect()
    };
    let rows = text.lines().enumerate().map(|(n, line)| (n + 1, cells(line)));
    of_rows(rows.collect())
}

/// Reads rows of a file.
pub(crate) fn of_rows(rows: Vec<(usize, Vec<String>)>) -> Vec<Line> {
    let line = |(number, cells): (usize, Vec<String>)| {
        let words: Vec<String> =
            cells.into_iter().map(|c| c.trim().to_owned()).filter(|c| !c.is_empty()).collect();
        let id_number = words.iter().find_map(|w| IdNumber::parse(w).ok());
        Line { number, id_number, words }
    };
    rows.into_iter().map(line).filter(|l| !l.words.is_empty()).collect()
}

/// Finds the people of the lines within the scope, each once, in the order of the lines.
pub(crate) async fn resolve(
    site: &Site,
    scope: &Scope,
    lines: &[Line],
) -> Result<(Vec<PersonId>, Vec<Unresolved>)> {
    let heads = site.texts.get("check-list-heads");
    let is_header = |l: &&Line| l.words.iter().any(|w| heads.split(' ').any(|h| h == w));
    let lines: Vec<&Line> = lines.iter().filter(|l| !is_header(l)).collect();
    if lines.is_empty() {
        return Err(Error::invalid("list", "required"));
    }
    if lines.len() > MOST {
        return Err(Error::invalid("list", "check_list_long"));
    }
    let lookups = |l: &Line| l.id_number.as_ref().map(|n| accounts::id_number_lookups(site, n));
    let all: Vec<String> = lines.iter().filter_map(|l| lookups(l)).flatten().collect();
    let mut words: Vec<String> = lines.iter().flat_map(|l| l.words.iter().cloned()).collect();
    words.sort();
    words.dedup();
    let by_id_number = store::by_id_numbers(&site.db, scope, &all).await?;
    let by_account = store::by_accounts(&site.db, scope, &words).await?;
    let by_name = store::by_names(&site.db, scope, &words).await?;
    let (mut found, mut unresolved) = (vec![], vec![]);
    for line in lines {
        let own = lookups(line).map_or_else(
            || one_of(&line.words, &by_account, &by_name),
            |of| of.iter().find_map(|l| by_id_number.get(l)).copied().ok_or("not_found"),
        );
        match own {
            Ok(person) if !found.contains(&person) => found.push(person),
            Ok(_) => {}
            Err(reason) => unresolved.push(line.unresolved(reason)),
        }
    }
    Ok((found, unresolved))
}

fn one_of(
    words: &[String],
    by_account: &HashMap<String, PersonId>,
    by_name: &HashMap<String, Vec<PersonId>>,
) -> Result<PersonId, &'static str> {
    if let Some(person) = words.iter().find_map(|w| by_account.get(w)) {
        return Ok(*person);
    }
    match words.iter().find_map(|w| by_name.get(w)).map(Vec::as_slice) {
        Some([one]) => Ok(*one),
        Some([_, ..]) => Err("several"),
        Some([]) | None => Err("not_found"),
    }
}

impl Line {
    fn unresolved(&self, reason: &str) -> Unresolved {
        let masked = |w: &String| IdNumber::parse(w).map_or_else(|_| w.clone(), |n| n.masked());
        let text: Vec<String> = self.words.iter().map(masked).collect();
        let text = text.join(" ").chars().take(60).collect();
        Unresolved { line: self.number, text, reason: reason.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_however_they_were_pasted() {
        let lines = of_text("姓名\t身份证号\n\n 王芳　430102198005010014 \n李四,教务处\n");
        assert_eq!(lines.iter().map(|l| l.number).collect::<Vec<_>>(), [1, 3, 4]);
        assert_eq!(lines[2].words, ["李四", "教务处"]);
    }

    #[test]
    fn an_id_number_is_never_shown_whole() {
        let number = "43010219800501001";
        let number = format!("{number}{}", base::id_number::check_character(number).unwrap());
        let shown = of_text(&format!("王芳 {number}"))[0].unresolved("not_found");
        assert!(!shown.text.contains(&number) && shown.text.contains("王芳"), "{}", shown.text);
    }
}
