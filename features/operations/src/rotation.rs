//! New keys for personal data (security item 51): made as files that every node reads before any writes with them; then
//! everything that older keys sealed is sealed anew and every blind index made anew, portion by portion. What a row stands
//! under says how far the work is, so it goes on wherever it was broken off, and values never change.
use std::{collections::BTreeMap, path::PathBuf};

use base::{Error, Instant, Kind, Result, day};
use serde::Serialize;
use serde_json::json;
use site::Site;

use crate::store_rotation::{self as store, INDEXED, SEALED, SOURCES, Sealed, Source, Value};

/// A new key writes so long after it was made: time to bring its file to every node.
const READ_MS: i64 = 10 * 60_000;
/// What began under the older key is committed so long after.
const SETTLED_MS: i64 = 60_000;
/// The rows of one portion.
pub const PORTION: i64 = 300;
/// Codes and resets older than this are never looked for by their phone again.
const DAY_MS: i64 = 24 * 3_600_000;

/// The files of new keys and when they begin to write.
#[derive(Debug)]
pub struct NewKeys {
    /// To be brought to every node.
    pub files: Vec<PathBuf>,
    /// From when on programs write with them.
    pub begins: Instant,
}

/// Makes the next keys of what seals and of what indexes, and a pepper where there is one or one is wanted.
pub async fn rotate(site: &Site, with_pepper: bool) -> Result<NewKeys> {
    if site.keys.begins().is_some() {
        return Err(Error::conflict("keys_not_begun"));
    }
    let begins = day::from_millis(day::millis(site.now()) + READ_MS);
    let files = site.keys.rotate(begins, with_pepper, &*site.random).map_err(Error::internal)?;
    record(site, "keys.rotate", json!({"files": files.len(), "begins": day::rfc3339(begins)})).await?;
    Ok(NewKeys { files, begins })
}

/// Makes the next key that signs certificates and checkpoints. Nothing has to be done anew: what earlier keys signed holds,
/// and their public halves lie beside, so that the private ones may be taken away once the new one signs.
pub async fn rotate_signing(site: &Site) -> Result<NewKeys> {
    if site.keys.signing_begins().is_some() {
        return Err(Error::conflict("keys_not_begun"));
    }
    let begins = day::from_millis(day::millis(site.now()) + READ_MS);
    let files = site.keys.rotate_signing(begins, &*site.random).map_err(Error::internal)?;
    let details = json!({"files": files.len(), "begins": day::rfc3339(begins)});
    record(site, "keys.rotate_signing", details).await?;
    Ok(NewKeys { files, begins })
}

/// What came of sealing anew.
#[derive(Debug, Default, Serialize)]
pub struct Resealed {
    /// Values, files and indexes that were made anew this time.
    pub changed: u64,
    /// What still rests on older keys, by `table.column`: the phones of the last day's codes, former numbers of before they
    /// were kept sealed, and what cannot be opened.
    pub left: BTreeMap<String, u64>,
    /// Key files that nothing in the database and among the files needs any more.
    pub removable: Vec<PathBuf>,
}

/// A portion that is done: what it was of, and how many values it changed.
#[derive(Clone, Copy, Debug)]
pub struct Portion {
    /// A column as `table.column`, or `files`.
    pub of: &'static str,
    /// How many were made anew.
    pub changed: u64,
}

/// Seals and indexes everything anew under the keys in use, in portions of so many rows; `told` hears of each after its
/// commit and may stop.
pub async fn reseal(site: &Site, rows: i64, mut told: impl FnMut(Portion) -> Result<()>) -> Result<Resealed> {
    let since = site.keys.sealing().1.map_or(i64::MIN, day::millis);
    if site.keys.begins().is_some() || day::millis(site.now()) < since.saturating_add(SETTLED_MS) {
        return Err(Error::refused(Kind::Unavailable, "keys_not_begun"));
    }
    let mut work = Work { site, rows, done: Resealed::default(), told: &mut told };
    for of in SEALED {
        work.seal(of).await?;
    }
    work.files().await?;
    let is_sealed = work.done.left.is_empty();
    for of in SOURCES {
        work.index(of).await?;
    }
    let mark = site.keys.index_mark();
    let before = day::from_millis(day::millis(site.now()) - DAY_MS);
    store::forget_spent(&site.db, &mark, before).await?;
    for of in INDEXED {
        let count = store::left_over(&site.db, of, &mark).await?;
        work.leave(format!("{}.{}", of.0, of.1), count);
    }
    let mut done = work.done;
    let replaced = site.keys.replaced();
    if is_sealed {
        done.removable.extend(replaced.seal);
    }
    // What cannot be opened cannot be indexed anew either.
    if done.left.is_empty() {
        done.removable.extend(replaced.index);
    }
    record(site, "keys.reseal", json!({"changed": done.changed, "left": done.left})).await?;
    Ok(done)
}

struct Work<'a> {
    site: &'a Site,
    rows: i64,
    done: Resealed,
    told: &'a mut dyn FnMut(Portion) -> Result<()>,
}

impl Work<'_> {
    fn leave(&mut self, of: String, count: u64) {
        if count > 0 {
            *self.done.left.entry(of).or_default() += count;
        }
    }

    fn tell(&mut self, of: &'static str, changed: u64) -> Result<()> {
        self.done.changed += changed;
        (self.told)(Portion { of, changed })
    }

    /// Seals one column anew. A value that a program changed meanwhile was sealed by the key in use.
    async fn seal(&mut self, of: &Sealed) -> Result<()> {
        let mut after = String::new();
        loop {
            let rows = store::sealed_after(&self.site.db, of, &after, self.rows).await?;
            let Some(last) = rows.last() else { return Ok(()) };
            after.clone_from(&last.id);
            let (mut anew, mut left) = (vec![], 0);
            for row in rows {
                let place = format!("{}{}", of.place, row.id);
                match self.site.keys.sealed_anew(&place, &row.value, &*self.site.random) {
                    Ok(Some(value)) => anew.push((row.id, row.value, value)),
                    Ok(None) => {}
                    Err(e) => {
                        tracing::warn!(row = %place, error = %e, "a value cannot be sealed anew");
                        left += 1;
                    }
                }
            }
            let tx = self.site.db.begin().await?;
            let changed = store::write_sealed(&tx, of, &anew).await?;
            tx.commit().await?;
            self.leave(of.name.to_owned(), left);
            self.tell(of.name, changed)?;
        }
    }

    async fn files(&mut self) -> Result<()> {
        for folder in 0..=u8::MAX {
            let done = files::reseal(self.site, folder).await?;
            self.leave("files".to_owned(), done.left);
            self.tell("files", done.changed)?;
        }
        Ok(())
    }

    /// Makes the indexes of one kind of values anew, in every column that holds them, so that rows of one value keep being
    /// equal at every commit.
    async fn index(&mut self, of: &Source) -> Result<()> {
        let mut after = String::new();
        loop {
            let rows = store::values_after(&self.site.db, of, &after, self.rows).await?;
            let Some(last) = rows.last() else { return Ok(()) };
            after.clone_from(&last.id);
            let older: Vec<_> = rows.iter().filter_map(|row| self.plain(of, row)).collect();
            let older: Vec<_> =
                older.iter().flat_map(|plain| self.site.keys.older_indexes(of.purpose, plain)).collect();
            let tx = self.site.db.begin().await?;
            let changed = store::write_indexes(&tx, of, &older).await?;
            tx.commit().await?;
            self.tell(of.name, changed)?;
        }
    }

    /// A value in clear; one that cannot be opened was counted where it is sealed.
    fn plain(&self, of: &Source, row: &Value) -> Option<String> {
        match of.place {
            None => Some(accounts::indexed_name(&row.value)),
            Some(place) => self.site.keys.open_sealed(&format!("{place}{}", row.id), &row.value).ok(),
        }
    }
}

/// Writes into the trail, in which a command has no actor.
pub(crate) async fn record(site: &Site, action: &'static str, details: serde_json::Value) -> Result<()> {
    let tx = site.db.begin().await?;
    let object = site.keys.sealing().0.to_string();
    let deed = audit::Deed { actor: None, action, object: &object, unit_path: "", details };
    audit::record(site, &tx, deed).await?;
    tx.commit().await
}

/// The columns that are sealed anew, as `table.column`.
pub fn sealed_columns() -> Vec<&'static str> {
    SEALED.iter().map(|of| of.name).collect()
}

/// The columns of blind indexes that are made anew or emptied, as `table.column`.
pub fn indexed_columns() -> Vec<String> {
    INDEXED.iter().map(|(table, column)| format!("{table}.{column}")).collect()
}
