//! 历史导入: hours and certificates of years before the ledger. They are shown as such, with the document they come from,
//! and nothing is computed from them: no rules of those years are known here.
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

/// Reads a list with its source document, and keeps both unless something is wrong or it is a dry run.
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
    let mut new: Vec<Legacy> = vec![];
    for row in &rows {
        match read(site, row, (document, &sha256)) {
            Ok(l) if new.iter().all(|n| (n.person, n.year) != (l.person, l.year)) => new.push(l),
            Ok(_) => errors.push(wrong(row.number, "year", "twice")),
            Err(e) => errors.push(e),
        }
    }
    let count = rows.len() + errors.len();
    if !errors.is_empty() {
        errors.sort_by_key(|e| e.row);
        return Ok(Outcome { rows: count, errors, ..Outcome::default() });
    }
    let tx = site.db.begin().await?;
    let people: Vec<PersonId> = new.iter().map(|l| l.person).collect();
    let before = store::legacy_of(&tx, &people).await?;
    let is_known = |l: &Legacy| before.iter().any(|b| (b.person, b.year) == (l.person, l.year));
    let known = new.iter().filter(|l| is_known(l)).count();
    new.retain(|l| !is_known(l));
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
