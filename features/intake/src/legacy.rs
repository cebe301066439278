//! 历史导入: hours and certificates of years before the ledger. They are shown as such, with the document they come from,
//! and nothing is computed from them: no rules of those years are known here.
use std::collections::{HashMap, HashSet};

use base::{Actor, Error, Hours, Instant, PersonId, Result, Scope, Year};
use org::{CellError, Column, NamedRow};
use serde_json::json;
use site::Site;

use crate::{
    KEEPERS,
    list::{Outcome, wrong},
    store,
};

const COLUMNS: &[Column] = &[
    Column { code: "year", is_needed: true },
    Column { code: "public", is_needed: true },
    Column { code: "professional", is_needed: true },
    Column { code: "total", is_needed: false },
    Column { code: "certificate", is_needed: false },
];

/// The last year that may be brought in: the ledger begins after it.
const LAST: i16 = 2022;

/// A year that was brought in.
#[derive(Clone, Debug)]
pub(crate) struct Legacy {
    pub id: String,
    pub person: PersonId,
    pub year: Year,
    pub public: Hours,
    pub professional: Hours,
    pub total: Hours,
    pub certificate_no: Option<String>,
    pub document: String,
    pub file_sha256: String,
    pub imported_at: Instant,
    pub imported_by: String,
}

/// A list and what it rests on.
pub(crate) struct Source<'a> {
    /// The list.
    pub list: Vec<u8>,
    /// What the source document is called.
    pub document: &'a str,
    /// The file with its scan; a dry run does without.
    pub scan: Option<&'a str>,
}

/// A year as a row of the list has it, with the row's number.
type Read = (usize, Legacy);

/// Reads a list with its source document, and keeps both unless something is wrong or it is a dry run. What is on record
/// with other figures, or from another document, is wrong: it is ended first by someone who says why.
pub(crate) async fn import(
    site: &Site,
    actor: &Actor,
    (scope, source): (&Scope, Source<'_>),
    is_dry_run: bool,
) -> Result<Outcome> {
    let (file, document) = (source.list, source.document.trim());
    if document.is_empty() || document.chars().count() > 120 || document.chars().any(char::is_control) {
        return Err(Error::invalid("document", "source_document"));
    }
    let scan = source.scan.filter(|id| !id.is_empty());
    if scan.is_none() && !is_dry_run {
        return Err(Error::invalid("scan", "source_scan"));
    }
    let sha256 = secrets::sha256_hex(&file);
    let (rows, mut errors) = org::named_rows(site, &site.db, scope, (file, COLUMNS)).await?;
    let count = rows.len() + errors.len();
    let read = read_all(site, &rows, ((document, &sha256), &mut errors));
    let tx = site.db.begin().await?;
    let (new, known) = fresh(site, &tx, read, &mut errors).await?;
    if !errors.is_empty() {
        errors.sort_by_key(|e| e.row);
        return Ok(Outcome { rows: count, errors, ..Outcome::default() });
    }
    let created = new.len();
    if !is_dry_run {
        store::insert_legacy(&tx, &new, (actor.person, site.now())).await?;
        if let Some(scan) = scan {
            let rows: Vec<(String, PersonId)> = new.iter().map(|l| (l.id.clone(), l.person)).collect();
            files::link_all(&tx, ("legacy", scan), actor.person, &rows).await?;
        }
        let deed = audit::Deed {
            actor: Some(actor.person),
            action: "legacy.import",
            object: &sha256,
            unit_path: scope.paths.first().map_or("", String::as_str),
            details: json!({"document": document, "scan": scan, "rows": created}),
        };
        audit::record(site, &tx, deed).await?;
        tx.commit().await?;
    }
    Ok(Outcome { rows: count, created, known, errors })
}

fn read_all(
    site: &Site,
    rows: &[NamedRow],
    (source, errors): ((&str, &str), &mut Vec<CellError>),
) -> Vec<Read> {
    let mut seen = HashSet::new();
    let mut all = vec![];
    for row in rows {
        match read(site, row, source) {
            Ok(l) if seen.insert((l.person, l.year)) => all.push((row.number, l)),
            Ok(_) => errors.push(wrong(row.number, "year", "twice")),
            Err(e) => errors.push(e),
        }
    }
    all
}

/// Which years are new, and how many say what is on record already; whatever says otherwise is wrong.
async fn fresh(
    site: &Site,
    tx: &db::Tx,
    read: Vec<Read>,
    errors: &mut Vec<CellError>,
) -> Result<(Vec<Legacy>, usize)> {
    let people: Vec<PersonId> = read.iter().map(|(_, l)| l.person).collect();
    let before: HashMap<(PersonId, Year), Legacy> =
        store::legacy_of(tx, &people).await?.into_iter().map(|b| ((b.person, b.year), b)).collect();
    let (mut new, mut known) = (vec![], 0);
    for (row, l) in read {
        match before.get(&(l.person, l.year)) {
            None => new.push(l),
            Some(b) => match conflict(&l, b) {
                None => known += 1,
                Some((column, code)) => {
                    errors.push(CellError { about: on_record(site, b), ..wrong(row, column, code) });
                }
            },
        }
    }
    Ok((new, known))
}

/// In what a row says otherwise than the record; a certificate that the row does not name contradicts nothing.
fn conflict(l: &Legacy, on_record: &Legacy) -> Option<(&'static str, &'static str)> {
    if l.public != on_record.public {
        return Some(("public", "legacy_conflict"));
    }
    if l.professional != on_record.professional {
        return Some(("professional", "legacy_conflict"));
    }
    if l.certificate_no.is_some() && l.certificate_no != on_record.certificate_no {
        return Some(("certificate", "legacy_conflict"));
    }
    (l.document != on_record.document).then_some(("document", "legacy_document"))
}

fn on_record(site: &Site, l: &Legacy) -> String {
    let (public, professional) = (l.public.to_string(), l.professional.to_string());
    let no = l.certificate_no.as_deref().unwrap_or("—");
    let words =
        [("public", public.as_str()), ("professional", &professional), ("no", no), ("document", &l.document)];
    site.texts.with("legacy-on-record", &words)
}

fn read(site: &Site, row: &NamedRow, (document, sha256): (&str, &str)) -> Result<Legacy, CellError> {
    let number = row.number;
    let year = row.cell("year").trim_end_matches(|c: char| !c.is_ascii_digit());
    let year: Option<Year> = year.parse().ok().filter(|y: &Year| y.number() <= LAST);
    let year = year.ok_or_else(|| wrong(number, "year", "legacy_year"))?;
    let hours = |column: &'static str| {
        let parsed = Hours::parse(row.cell(column)).filter(|h| *h >= Hours::ZERO && *h <= Hours::whole(2000));
        parsed.ok_or_else(|| wrong(number, column, "wrong_value"))
    };
    let (public, professional) = (hours("public")?, hours("professional")?);
    let sum = public.plus(professional);
    if !row.cell("total").is_empty() && hours("total")? != sum {
        return Err(wrong(number, "total", "legacy_total"));
    }
    Ok(Legacy {
        id: site.new_id::<base::id::of::Entry>().to_string(),
        person: row.person.id,
        year,
        public,
        professional,
        total: sum,
        certificate_no: Some(row.cell("certificate").to_owned()).filter(|c| !c.is_empty()),
        document: document.to_owned(),
        file_sha256: sha256.to_owned(),
        imported_at: site.now(),
        imported_by: String::new(),
    })
}

/// The scan of the source document of each of these rows, by row.
pub(crate) async fn scans(site: &Site, rows: &[Legacy]) -> Result<Vec<files::Cited>> {
    let ids: Vec<&str> = rows.iter().map(|l| l.id.as_str()).collect();
    files::cited(&site.db, &ids).await
}

/// Whether the actor keeps records of a person.
pub(crate) async fn keeps(site: &Site, actor: &Actor, id: PersonId) -> Result<bool> {
    let person = org::person(&site.db, id).await?;
    Ok(person.id != actor.person && actor.scope(KEEPERS).holds(&person.path))
}

/// What was brought in for a person: for the person, and for who keeps records there.
pub(crate) async fn of(site: &Site, actor: &Actor, id: PersonId) -> Result<Vec<Legacy>> {
    let person = org::person(&site.db, id).await?;
    if person.id != actor.person && !actor.scope(KEEPERS).holds(&person.path) {
        return Err(Error::not_found());
    }
    store::legacy_of(&site.db, &[id]).await
}

/// Ends a wrong row, with a reason; it stays on record.
pub(crate) async fn end(site: &Site, actor: &Actor, id: &str, reason: &str) -> Result<()> {
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > 500 {
        return Err(Error::invalid("reason", "comment_required"));
    }
    let tx = site.db.begin().await?;
    let row = store::legacy(&tx, id).await?;
    let person = org::person(&tx, row.person).await?;
    if !actor.scope(KEEPERS).holds(&person.path) {
        return Err(Error::not_found());
    }
    store::end_legacy(&tx, id, reason, (actor.person, site.now())).await?;
    let deed = audit::Deed {
        actor: Some(actor.person),
        action: "legacy.end",
        object: id,
        unit_path: &person.path,
        details: json!({"year": row.year, "reason": reason}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await
}
