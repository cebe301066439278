//! How long what is kept, on which basis, and the nightly work that follows from it: medical evidence is set apart, and
//! evidence whose time is over is removed. Rows with their hashes stay, so the ledger's chains still verify.
use base::{Day, Instant, Result, day, person::Code};
use serde::{Deserialize, Serialize};
use serde_json::json;
use site::Site;

use crate::{shelf, store_retention as store};

/// A line of the table of retention; the locale says what it is, how long and why (`retention-<key>-what`, `-long`, `-basis`).
pub(crate) const TABLE: [&str; 8] =
    ["hours", "certificates", "decisions", "sources", "evidence", "medical", "vouchers", "logs"];

/// Evidence of claims is kept for so many years at least.
const EVIDENCE_YEARS: i16 = 10;
/// Medical evidence for so many.
const MEDICAL_YEARS: i16 = 3;
/// The job of one night.
pub(crate) const NIGHTLY: &str = "files.retention";
/// Forty minutes past midnight.
const AT_SECONDS: i64 = 2_400;
/// So many files at a time.
const PORTION: i64 = 200;

/// Where bytes lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Area {
    /// Evidence of claims, vouchers, whatever is not medical.
    Evidence,
    /// Evidence of exemptions and leaves.
    Medical,
}

impl Code for Area {}

/// When a file's bytes were removed, and by which line of the table; the row with the hash stays.
#[derive(Clone, Debug, Serialize)]
pub struct Removed {
    /// When.
    pub removed_at: String,
    /// What such files are.
    pub what: String,
    /// How long they are kept.
    pub kept_for: String,
    /// On which basis.
    pub basis: String,
}

/// Says of a file of an area why its bytes are gone.
pub(crate) fn removed(site: &Site, area: Area, at: Instant) -> Removed {
    let said = |part: &str| site.texts.get(&format!("retention-{}-{part}", area.code()));
    Removed { removed_at: day::rfc3339(at), what: said("what"), kept_for: said("long"), basis: said("basis") }
}

/// Which night.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Night {
    day: String,
}

/// Puts today's run into the queue. Called when a node starts.
pub async fn schedule(site: &Site) -> Result<()> {
    enqueue(site, day::day_of(site.now())).await
}

async fn enqueue(site: &Site, on: Day) -> Result<()> {
    let at = day::from_millis(day::millis(day::start_of(on)) + AT_SECONDS * 1000);
    let on = on.to_string();
    site.enqueue_at(&site.db, (NIGHTLY, &on), &Night { day: on.clone() }, at).await
}

/// The night's work; a repetition finds it done.
pub(crate) async fn run(site: &Site, _night: Night) -> Result<()> {
    if let Ok(tomorrow) = day::day_of(site.now()).tomorrow() {
        enqueue(site, tomorrow).await?;
    }
    set_apart(site).await?;
    remove_old(site, Area::Medical, MEDICAL_YEARS).await?;
    remove_old(site, Area::Evidence, EVIDENCE_YEARS).await
}

/// Moves what only exemptions and leaves cite to the medical shelf: first the bytes, then the row, then the old bytes, so
/// that a crash in between loses nothing.
async fn set_apart(site: &Site) -> Result<()> {
    loop {
        let found = store::medical(&site.db, PORTION).await?;
        if found.is_empty() {
            return Ok(());
        }
        for file in &found {
            let bytes = shelf::take(site, &file.kept_sha256, Area::Evidence).await?;
            shelf::put(site, (&file.kept_sha256, Area::Medical), &bytes).await?;
        }
        let ids: Vec<&str> = found.iter().map(|f| f.id.as_str()).collect();
        store::set_area(&site.db, &ids, Area::Medical).await?;
        drop_unused(site, &found, Area::Evidence).await?;
    }
}

/// Removes the bytes of files that are older than so many years.
async fn remove_old(site: &Site, area: Area, years: i16) -> Result<()> {
    let today = day::day_of(site.now());
    let before = today.checked_sub(jiff::Span::new().years(years)).map_err(base::Error::internal)?;
    loop {
        let found = store::older(&site.db, area, day::start_of(before), PORTION).await?;
        if found.is_empty() {
            return Ok(());
        }
        let tx = site.db.begin().await?;
        let ids: Vec<&str> = found.iter().map(|f| f.id.as_str()).collect();
        store::set_removed(&tx, &ids, site.now()).await?;
        let deed = audit::Deed {
            actor: None,
            action: "file.expire",
            object: "",
            unit_path: "",
            details: json!({"area": area, "files": found.iter().map(|f| &f.sha256).collect::<Vec<_>>()}),
        };
        audit::record(site, &tx, deed).await?;
        tx.commit().await?;
        drop_unused(site, &found, area).await?;
    }
}

/// Takes bytes off a shelf that no living file there has any more.
async fn drop_unused(site: &Site, files: &[store::Aged], area: Area) -> Result<()> {
    let hashes: Vec<&str> = files.iter().map(|f| f.kept_sha256.as_str()).collect();
    let used = store::still_used(&site.db, &hashes, area).await?;
    for hash in hashes.into_iter().filter(|h| !used.iter().any(|u| u == h)) {
        shelf::remove(site, hash, area).await?;
    }
    Ok(())
}
