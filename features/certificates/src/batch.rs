//! 批量打印: the certificates of a year in the actor's scope, as one document in the order of departments or as a ZIP,
//! with the list of those who have none and why.
use std::{
    collections::HashMap,
    io::{Cursor, Write},
};

use base::{Actor, Error, PersonId, Result, Role, Scope, Year, day};
use rules::explain;
use serde_json::json;
use site::Site;
use zip::{ZipWriter, write::SimpleFileOptions};

use crate::{
    Certificate, Press,
    document::Sheet,
    proofs::Proofs,
    seal_image::{self, Seal},
    store_batch,
};

/// Who prints for others.
pub(crate) const PRINTERS: &[Role] = &[Role::UnitAdmin, Role::Authority, Role::Hr];
/// So many are printed while the asker waits; more are an order, printed in the background.
pub(crate) const AT_ONCE: usize = 50;
/// So many of those without are listed on the page.
pub(crate) const MOST: usize = 2000;

/// Someone with a certificate, and where.
pub(crate) struct Holder {
    pub certificate: Certificate,
    pub name: String,
    pub place: String,
    /// 工号, or the account where there is none.
    pub staff_no: String,
    /// The path of the place, for reading on.
    pub path: String,
}

/// Someone without.
pub(crate) struct Missing {
    pub name: String,
    pub place: String,
    pub why: String,
}

/// What is printed.
pub(crate) struct Batch {
    pub scope: Scope,
    /// How many certificates there are.
    pub ready: i64,
    /// They themselves, where they are few enough to be printed at once.
    pub holders: Vec<Holder>,
    pub missing: Vec<Missing>,
}

/// The form of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// One PDF.
    Document,
    /// A PDF for each, named by department, name and account.
    Archive,
}

impl Form {
    /// As orders keep it.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Document => "pdf",
            Self::Archive => "zip",
        }
    }

    /// Reads what orders keep and forms send.
    pub(crate) fn from_code(code: &str) -> Self {
        if code == "zip" { Self::Archive } else { Self::Document }
    }
}

/// Finds certificates and those without, below a unit or in the whole scope.
pub(crate) async fn find(site: &Site, actor: &Actor, year: Year, unit: Option<&str>) -> Result<Batch> {
    let scope = scope(site, actor, unit).await?;
    let ready = store_batch::count(&site.db, &scope, year).await?;
    let holders = match usize::try_from(ready) {
        Ok(n) if n <= AT_ONCE => store_batch::holders(&site.db, (&scope, year), None, AT_ONCE).await?,
        Ok(_) | Err(_) => vec![],
    };
    let missing = missing(site, &scope, year).await?;
    Ok(Batch { scope, ready, holders, missing })
}

/// Those without and why, in a scope.
pub(crate) async fn missing(site: &Site, scope: &Scope, year: Year) -> Result<Vec<Missing>> {
    let without = store_batch::without(&site.db, scope, year).await?;
    let people: Vec<PersonId> = without.iter().map(|(person, ..)| *person).collect();
    let mut whys = whys(site, &people, year).await?;
    let one = |(person, name, place): (PersonId, String, String)| Missing {
        name,
        place,
        why: whys.remove(&person).unwrap_or_else(|| site.texts.get("print-incomplete")),
    };
    Ok(without.into_iter().map(one).collect())
}

/// What each of these people still lacks, in a sentence; nobody is in it whose profile alone is incomplete.
async fn whys(site: &Site, people: &[PersonId], year: Year) -> Result<HashMap<PersonId, String>> {
    let of = hours::grounds(&site.db, year, day::day_of(site.now())).await?;
    let policy = &of.in_force.policy;
    let text = |s: &explain::Sentence<'_>| {
        let args: Vec<(&str, &str)> = s.args.iter().map(|(k, v)| (*k, v.as_str())).collect();
        site.texts.with(s.code, &args)
    };
    let mut found = HashMap::new();
    for page in people.chunks(usize::try_from(hours::bulk::PAGE).unwrap_or(1)) {
        for case in hours::bulk::cases_of(&site.db, page, &of).await? {
            if let Some(assessment) = case.assess(policy)?.filter(|a| !a.certificate) {
                let why = explain::year(policy, &assessment).iter().map(text).collect();
                found.insert(case.person.id, why);
            }
        }
    }
    Ok(found)
}

/// The scope, or the part of it below a unit.
async fn scope(site: &Site, actor: &Actor, unit: Option<&str>) -> Result<Scope> {
    let whole = actor.scope(PRINTERS);
    let Some(code) = unit.map(str::trim).filter(|u| !u.is_empty()) else { return Ok(whole) };
    let unit = org::by_code(&site.db, code).await?;
    if !whole.holds(&unit.path) {
        return Err(Error::not_found());
    }
    Ok(Scope { paths: vec![unit.path] })
}

/// Prints the batch; the file, and whether it is an archive, are the answer. Recorded with filter and count.
pub(crate) async fn print(
    site: &Site,
    actor: &Actor,
    press: &Press,
    (year, form): (Year, Form),
    batch: Batch,
) -> Result<Vec<u8>> {
    if batch.holders.is_empty() {
        return Err(Error::conflict("nothing_to_print"));
    }
    let scope = batch.scope.clone();
    let key = site.keys.document_seal(site.now(), &*site.random)?;
    let image = match batch.holders.first() {
        Some(first) => seal_image::in_use(site, &first.certificate.content.authority).await?,
        None => None,
    };
    let sheets = sheets(site, &batch.holders, image.as_ref()).await?;
    let names: Vec<String> = batch.holders.iter().map(file_name).collect();
    let list = list(site, &batch.missing);
    let list_name = site.texts.get("print-missing-file");
    let (press, made_at) = (press.clone(), site.now());
    let work = move || match form {
        Form::Document => Ok((press.set_many(&sheets, made_at, &key)?, vec![])),
        Form::Archive => {
            let mut zip = ZipWriter::new(Cursor::new(vec![]));
            let mut hashes = vec![];
            for (sheet, name) in sheets.iter().zip(names) {
                let bytes = press.set(sheet, &*key)?;
                hashes.push(secrets::sha256_hex(&bytes));
                zip.start_file(name, SimpleFileOptions::default()).map_err(Error::internal)?;
                zip.write_all(&bytes).map_err(Error::internal)?;
            }
            zip.start_file(list_name, SimpleFileOptions::default()).map_err(Error::internal)?;
            zip.write_all(list.as_bytes()).map_err(Error::internal)?;
            Ok((zip.finish().map_err(Error::internal)?.into_inner(), hashes))
        }
    };
    let (file, hashes) = tokio::task::spawn_blocking(work).await.map_err(Error::internal)??;
    let tx = site.db.begin().await?;
    let printed: Vec<&Certificate> = batch.holders.iter().map(|h| &h.certificate).collect();
    store_batch::remember_prints(&tx, &hashes, &printed, site.now()).await?;
    seal_image::log(site, &tx, image.as_ref(), &printed).await?;
    let deed = audit::Deed {
        actor: Some(actor.person),
        action: "certificate.print_many",
        object: &year.to_string(),
        unit_path: scope.paths.first().map_or("", String::as_str),
        details: json!({"filter": {"year": year}, "rows": printed.len(), "archive": form == Form::Archive}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await?;
    Ok(file)
}

/// The sheets of holders, in their order.
pub(crate) async fn sheets(site: &Site, holders: &[Holder], image: Option<&Seal>) -> Result<Vec<Sheet>> {
    let certificates: Vec<&Certificate> = holders.iter().map(|h| &h.certificate).collect();
    let proofs = Proofs::of(site, &certificates).await?;
    Ok(certificates.into_iter().map(|c| Sheet::of(site, c, (&proofs, image))).collect())
}

/// `部门_姓名_工号.pdf`, without what a file system minds.
pub(crate) fn file_name(h: &Holder) -> String {
    let plain = |text: &str| -> String {
        text.chars().filter(|c| !c.is_control() && !"/\\:*?\"<>|".contains(*c)).collect()
    };
    format!("{}_{}_{}.pdf", plain(&h.place), plain(&h.name), plain(&h.staff_no))
}

/// The list of those without, as CSV; cells that begin like a formula are quoted (security item 41).
pub(crate) fn list(site: &Site, missing: &[Missing]) -> String {
    let cell = |text: &str| {
        let risky = text.trim_start().starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']);
        format!("\"{}{}\"", if risky { "'" } else { "" }, text.replace('"', "\"\""))
    };
    let row = |m: &Missing| format!("{},{},{}\r\n", cell(&m.place), cell(&m.name), cell(&m.why));
    let head = site.texts.get("print-missing-heads");
    format!("\u{feff}{head}\r\n{}", missing.iter().map(row).collect::<String>())
}
