//! The keys of one installation, one file each in `DATA_DIR/keys`.
mod mac;

use std::{
    fs, io,
    io::Write,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use base::{Clock, Error, Instant, Random, day, random};
use hmac::{Hmac, KeyInit, Mac};
pub use mac::NextMac;
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::{
    SealKey, Suite, TokenKeys, authority,
    generations::{Generation, Generations, Kept},
    sign::Signing,
};

/// Why the keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    /// A key file cannot be read or made.
    #[error("key file {path}: {cause}")]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// A key file is not 32 bytes.
    #[error("key file {0} must hold exactly 32 bytes")]
    Length(PathBuf),
    /// Others than the owner may read a key file.
    #[error("key file {0} may be read by others: chmod 600")]
    Readable(PathBuf),
    /// A key that does not hold what it should.
    #[error("key file {0} holds no usable key")]
    Broken(PathBuf),
    /// Production refuses to make keys by itself.
    #[error("key file {0} is missing; production makes no keys by itself")]
    Missing(PathBuf),
}

/// The installation's keys. Cheap to clone; its debug output shows none of them.
#[derive(Clone)]
pub struct Keyring(Arc<Keys>);

pub(crate) struct Keys {
    pub seal: Kept,
    pub index: Kept,
    pub pepper: Generations,
    pub mac: [u8; 32],
    pub sign: Signing,
    pub tokens: TokenKeys,
    folder: PathBuf,
    may_make: bool,
    document_seal: OnceLock<Arc<dyn SealKey>>,
}

impl Keyring {
    /// Opens the keys in the folder; makes missing ones when `may_make` (development).
    pub fn open(
        folder: &Path,
        clock: &Arc<dyn Clock>,
        random: &dyn Random,
        may_make: bool,
    ) -> Result<Self, KeyringError> {
        if may_make {
            fs::create_dir_all(folder).map_err(|cause| KeyringError::File { path: folder.into(), cause })?;
        }
        let key = |name: &str| read_or_make(&folder.join(name), random, may_make);
        let kept = |name| Kept::open(folder, name, Arc::clone(clock), (random, may_make));
        Ok(Self(Arc::new(Keys {
            seal: kept("seal")?,
            index: kept("index")?,
            pepper: Generations::open(folder, "pepper", Arc::clone(clock))?,
            mac: key("mac.key")?,
            sign: Signing::open(folder, Arc::clone(clock), (random, may_make))?,
            tokens: TokenKeys::new(folder, may_make),
            folder: folder.into(),
            may_make,
            document_seal: OnceLock::new(),
        })))
    }

    /// The key that seals documents. Development makes an authority on first use; production wants
    /// `xueshi admin create-ca` before.
    pub fn document_seal(&self, now: Instant, random: &dyn Random) -> Result<Arc<dyn SealKey>, Error> {
        if let Some(key) = self.0.document_seal.get() {
            return Ok(Arc::clone(key));
        }
        if self.0.may_make && authority::open(&self.0.folder)?.is_none() {
            match authority::create(&self.0.folder, ("Xueshi Development", Suite::default()), now, random) {
                Err(e) if e.code() != "ca_exists" => return Err(e),
                Ok(()) | Err(_) => {}
            }
        }
        let opened = authority::open(&self.0.folder)?.ok_or_else(|| Error::conflict("no_document_ca"))?;
        let key: Arc<dyn SealKey> = Arc::new(opened);
        Ok(Arc::clone(self.0.document_seal.get_or_init(|| key)))
    }

    /// The folder of the key files.
    pub fn folder(&self) -> &Path {
        &self.0.folder
    }

    /// The keys that sign tokens for other programs.
    pub fn tokens(&self) -> &TokenKeys {
        &self.0.tokens
    }

    pub(crate) fn keys(&self) -> &Keys {
        &self.0
    }

    /// The blind index of a value as it is written now: equal values give equal indexes, and nothing else can be read from
    /// it. From the second generation on, its key's number stands before it.
    pub fn blind_index(&self, purpose: &str, value: &str) -> String {
        indexed(&self.0.index.writing(), purpose, value)
    }

    /// Every index that the value may stand under, the one that is written now first: while a new key makes them anew, rows
    /// of both are found (security item 51).
    pub fn blind_indexes(&self, purpose: &str, value: &str) -> Vec<String> {
        let writing = self.0.index.writing();
        let others = self.0.index.of.all().into_iter().filter(|key| key.number != writing.number);
        [writing.clone()].into_iter().chain(others).map(|key| indexed(&key, purpose, value)).collect()
    }

    /// The indexes that the value had under older keys, each with the one that it has now.
    pub fn older_indexes(&self, purpose: &str, value: &str) -> Vec<(String, String)> {
        let writing = self.0.index.writing();
        let older = self.0.index.of.all().into_iter().filter(|key| key.number < writing.number);
        older.map(|key| (indexed(&key, purpose, value), indexed(&writing, purpose, value))).collect()
    }

    /// A password under the pepper of that number; none where its key is not here (security item 19).
    pub fn peppered(&self, number: u8, password: &str) -> Option<String> {
        Some(crate::hex(&hmac(&self.0.pepper.key(number)?, &[password.as_bytes()])))
    }

    /// The number of the pepper in use, if there is one.
    pub fn pepper_number(&self) -> Option<u8> {
        Some(self.0.pepper.writing()?.number)
    }

    /// Makes the next generation of the keys that personal data rests on, and of the pepper where there is one or one is
    /// wanted; they begin to write at that instant. Answers the files.
    pub fn rotate(
        &self,
        begins: Instant,
        with_pepper: bool,
        random: &dyn Random,
    ) -> Result<Vec<PathBuf>, KeyringError> {
        let begins = day::millis(begins);
        let pepper = (with_pepper || self.0.pepper.writing().is_some()).then_some(&self.0.pepper);
        let all = [Some(&self.0.seal.of), Some(&self.0.index.of), pepper];
        all.into_iter().flatten().map(|key| Ok(key.add(begins, random)?.path)).collect()
    }

    /// When the newest sealing key begins to write, if that is still to come.
    pub fn begins(&self) -> Option<Instant> {
        let newest = self.0.seal.of.all().pop()?;
        (newest.number != self.0.seal.writing().number).then(|| day::from_millis(newest.begins))
    }

    /// The number of the sealing key in use and since when it writes; an installation's first has no beginning.
    pub fn sealing(&self) -> (u8, Option<Instant>) {
        let writing = self.0.seal.writing();
        (writing.number, (writing.begins > i64::MIN).then(|| day::from_millis(writing.begins)))
    }

    /// The beginning of every blind index that the key in use makes; empty for the first key, whose indexes have none.
    pub fn index_mark(&self) -> String {
        mark(self.0.index.writing().number)
    }

    /// The files of sealing and index keys that were replaced, for the operator to remove once nothing needs them.
    pub fn replaced(&self) -> Replaced {
        let older = |key: &Kept| {
            let writing = key.writing().number;
            key.of.all().into_iter().filter(|g| g.number < writing).map(|g| g.path).collect()
        };
        Replaced { seal: older(&self.0.seal), index: older(&self.0.index) }
    }

    /// A MAC over the parts under the installation's MAC key, for the named purpose.
    pub fn mac(&self, purpose: &str, parts: &[&[u8]]) -> String {
        maced(&self.0.mac, purpose, parts)
    }

    /// Whether `mac` is the MAC of the parts, compared in constant time.
    pub fn mac_holds(&self, purpose: &str, parts: &[&[u8]], mac: &str) -> bool {
        self.mac(purpose, parts).as_bytes().ct_eq(mac.as_bytes()).into()
    }
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keyring(…)")
    }
}

/// Key files that later ones replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replaced {
    /// Of what seals.
    pub seal: Vec<PathBuf>,
    /// Of blind indexes.
    pub index: Vec<PathBuf>,
}

fn indexed(key: &Generation, purpose: &str, value: &str) -> String {
    let index = crate::hex(&hmac(&key.key, &[purpose.as_bytes(), value.as_bytes()]));
    format!("{}{index}", mark(key.number))
}

pub(crate) fn maced(key: &[u8; 32], purpose: &str, parts: &[&[u8]]) -> String {
    let all: Vec<&[u8]> = std::iter::once(purpose.as_bytes()).chain(parts.iter().copied()).collect();
    crate::hex(&hmac(key, &all))
}

fn mark(number: u8) -> String {
    if number == 1 { String::new() } else { format!("{number}.") }
}

/// Each part goes in behind its length, so that no two lists of parts look alike.
fn hmac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    // HMAC pads a short key with zeros to its block; padding here gives a key of the type's own length.
    let mut block = [0; 64];
    block.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
    let mut mac = <Hmac<Sha256> as KeyInit>::new(&block.into());
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// Whether `mac` is the HMAC-SHA256 of a message under a key that was given away, in hexadecimal; compared in constant time.
pub fn hmac_holds(key: &[u8], message: &[u8], mac: &str) -> bool {
    let Ok(mut own) = <Hmac<Sha256> as KeyInit>::new_from_slice(key) else { return false };
    own.update(message);
    crate::hex(&own.finalize().into_bytes()).as_bytes().ct_eq(mac.as_bytes()).into()
}

pub(crate) fn read_or_make(
    path: &Path,
    random: &dyn Random,
    may_make: bool,
) -> Result<[u8; 32], KeyringError> {
    let file = |cause| KeyringError::File { path: path.into(), cause };
    match fs::read(path) {
        Ok(bytes) => {
            refuse_readable(path)?;
            bytes.try_into().map_err(|_| KeyringError::Length(path.into()))
        }
        Err(e) if e.kind() == io::ErrorKind::NotFound && may_make => make(path, random).map_err(file),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Err(KeyringError::Missing(path.into())),
        Err(e) => Err(file(e)),
    }
}

/// Written under another name and linked into place, so that of two programs starting at once both read the same key.
fn make(path: &Path, random: &dyn Random) -> io::Result<[u8; 32]> {
    let key: [u8; 32] = random::bytes(random);
    match place(path, &key, random) {
        Ok(()) => Ok(key),
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
            fs::read(path)?.try_into().map_err(|_| io::Error::other("not 32 bytes"))
        }
        Err(e) => Err(e),
    }
}

/// Puts a file of mode 0600 at the path, whole or not at all; one that is there stays.
pub(crate) fn place(path: &Path, bytes: &[u8], random: &dyn Random) -> io::Result<()> {
    let draft = path.with_extension(crate::hex(&random::bytes::<8>(random)));
    fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?.write_all(bytes)?;
    let linked = fs::hard_link(&draft, path);
    fs::remove_file(&draft)?;
    linked
}

/// Refuses a key file that others than its owner may read.
pub(crate) fn refuse_readable(path: &Path) -> Result<(), KeyringError> {
    let file = |cause| KeyringError::File { path: path.into(), cause };
    let mode = fs::metadata(path).map_err(file)?.permissions().mode();
    let for_others = mode & 0o077;
    if for_others == 0 { Ok(()) } else { Err(KeyringError::Readable(path.into())) }
}

#[cfg(test)]
mod tests {
    use base::{SystemClock, SystemRandom};

    use super::*;

    #[test]
    fn item_52_missing_short_and_readable_keys_are_refused() {
        let folder = std::env::temp_dir().join(crate::fresh_token(&SystemRandom));
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let open = |may_make: bool| Keyring::open(&folder, &clock, &SystemRandom, may_make);
        fs::create_dir_all(&folder).unwrap();
        assert!(matches!(open(false), Err(KeyringError::Missing(_))), "production makes none");
        drop(open(true).unwrap());
        drop(open(false).unwrap());
        for file in ["seal.key", "index.key", "mac.key", "certificate-ed25519.key"] {
            let path = folder.join(file);
            let key = fs::read(&path).unwrap();
            fs::write(&path, &key[1..]).unwrap();
            assert!(matches!(open(true), Err(KeyringError::Length(_))), "{file}");
            fs::write(&path, key).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
            assert!(matches!(open(true), Err(KeyringError::Readable(_))), "{file}");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        }
        drop(open(false).unwrap());
        fs::remove_dir_all(folder).unwrap();
    }
}
