//! A key in generations, a file each (security item 51). `seal.key` is the first; `seal-002-<when>.key` a later one, named by
//! when it begins to write, so that every node has read the file before any writes with it. All that lie in the folder
//! read. Files are looked for again as time goes on, so that a running program needs no restart.
use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicI64, Ordering},
    },
};

use base::{Clock, Random, day, random};

use crate::{
    KeyringError,
    keyring::{place, read_or_make, refuse_readable},
};

/// How long what was read of the folder is taken for granted, in milliseconds.
const LOOKS_AGAIN_MS: i64 = 1000;

/// One key of 32 bytes in its generations.
pub(crate) struct Generations {
    folder: PathBuf,
    name: &'static str,
    clock: Arc<dyn Clock>,
    read: RwLock<Arc<Read>>,
    looked_at: AtomicI64,
}

/// A generation's number, from 1, its key, when it begins to write (milliseconds since 1970) and where it lies.
#[derive(Clone)]
pub(crate) struct Generation {
    pub number: u8,
    pub key: [u8; 32],
    pub begins: i64,
    pub path: PathBuf,
}

type Read = BTreeMap<u8, Generation>;

impl Generations {
    /// The generations in the folder, if there are any.
    pub(crate) fn open(
        folder: &Path,
        name: &'static str,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, KeyringError> {
        let read = RwLock::new(Arc::new(read_all(folder, name)?));
        let looked_at = AtomicI64::new(day::millis(clock.now()));
        Ok(Self { folder: folder.into(), name, clock, read, looked_at })
    }

    /// The generation that writes now: the newest that has begun.
    pub(crate) fn writing(&self) -> Option<Generation> {
        let now = day::millis(self.clock.now());
        let read = self.fresh(now);
        read.values().rev().find(|g| g.begins <= now).cloned()
    }

    /// Every generation, the oldest first.
    pub(crate) fn all(&self) -> Vec<Generation> {
        self.fresh(day::millis(self.clock.now())).values().cloned().collect()
    }

    /// The key of a generation. One that is not known is looked for at once: another node may have it a moment earlier.
    pub(crate) fn key(&self, number: u8) -> Option<[u8; 32]> {
        let now = day::millis(self.clock.now());
        let known = self.fresh(now).get(&number).map(|g| g.key);
        known.or_else(|| self.look(now).get(&number).map(|g| g.key))
    }

    /// Makes the next generation, which begins to write at that instant.
    pub(crate) fn add(&self, begins: i64, random: &dyn Random) -> Result<Generation, KeyringError> {
        let last = self.look(day::millis(self.clock.now())).keys().next_back().copied().unwrap_or(0);
        let number = last.checked_add(1).ok_or_else(|| KeyringError::Broken(self.folder.clone()))?;
        let path = self.folder.join(format!("{}-{number:03}-{begins:015}.key", self.name));
        let key = random::bytes::<32>(random);
        place(&path, &key, random).map_err(|cause| KeyringError::File { path: path.clone(), cause })?;
        self.look(day::millis(self.clock.now()));
        Ok(Generation { number, key, begins, path })
    }

    fn fresh(&self, now: i64) -> Arc<Read> {
        let age = now.saturating_sub(self.looked_at.load(Ordering::Relaxed));
        if (0..LOOKS_AGAIN_MS).contains(&age) {
            return Arc::clone(&self.read.read().unwrap_or_else(PoisonError::into_inner));
        }
        self.look(now)
    }

    /// Reads the folder again. What cannot be read leaves everything as it was: a key that is being copied must not stop
    /// a program that runs.
    fn look(&self, now: i64) -> Arc<Read> {
        self.looked_at.store(now, Ordering::Relaxed);
        let mut held = self.read.write().unwrap_or_else(PoisonError::into_inner);
        if let Ok(read) = read_all(&self.folder, self.name)
            && !read.is_empty()
        {
            *held = Arc::new(read);
        }
        Arc::clone(&held)
    }
}

/// A key that is always there, in at least one generation.
pub(crate) struct Kept {
    pub of: Generations,
    at_open: Generation,
}

impl Kept {
    /// The generations in the folder. Where there is none the first is made, in development; production refuses to start.
    pub(crate) fn open(
        folder: &Path,
        name: &'static str,
        clock: Arc<dyn Clock>,
        (random, may_make): (&dyn Random, bool),
    ) -> Result<Self, KeyringError> {
        if read_all(folder, name)?.is_empty() {
            read_or_make(&folder.join(format!("{name}.key")), random, may_make)?;
        }
        let of = Generations::open(folder, name, clock)?;
        let missing = || KeyringError::Missing(folder.join(format!("{name}.key")));
        // A clock that was put back may be before all of them.
        let at_open = of.writing().or_else(|| of.all().into_iter().next()).ok_or_else(missing)?;
        Ok(Self { of, at_open })
    }

    /// The generation that writes now.
    pub(crate) fn writing(&self) -> Generation {
        self.of.writing().unwrap_or_else(|| self.at_open.clone())
    }
}

fn read_all(folder: &Path, name: &str) -> Result<Read, KeyringError> {
    let file = |cause| KeyringError::File { path: folder.into(), cause };
    let mut found = Read::new();
    let entries = match fs::read_dir(folder) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(found),
        other => other.map_err(file)?,
    };
    for entry in entries {
        let path = entry.map_err(file)?.path();
        let Some((number, begins)) = path.file_name().and_then(|f| f.to_str()).and_then(|f| named(f, name))
        else {
            continue;
        };
        refuse_readable(&path)?;
        let bytes = fs::read(&path).map_err(|cause| KeyringError::File { path: path.clone(), cause })?;
        let key = bytes.try_into().map_err(|_| KeyringError::Length(path.clone()))?;
        found.insert(number, Generation { number, key, begins, path });
    }
    Ok(found)
}

/// Number and beginning by the file's name; nothing for another key's.
fn named(file: &str, name: &str) -> Option<(u8, i64)> {
    let rest = file.strip_prefix(name)?.strip_suffix(".key")?;
    if rest.is_empty() {
        return Some((1, i64::MIN));
    }
    let (number, begins) = rest.strip_prefix('-')?.split_once('-')?;
    Some((number.parse().ok().filter(|n| *n > 0)?, begins.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_says_which_generation_it_holds_and_when_it_begins() {
        assert_eq!(named("seal.key", "seal"), Some((1, i64::MIN)));
        assert_eq!(named("seal-002-001795000000000.key", "seal"), Some((2, 1_795_000_000_000)));
        for other in
            ["seal-000-1.key", "seal-2.key", "sealed.key", "index.key", "seal-002-1.0a1b", "seal-x-1.key"]
        {
            assert_eq!(named(other, "seal"), None, "{other}");
        }
    }
}
