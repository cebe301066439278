//! A zip file's names and bytes, with the limits that keep a hostile one from filling disk or memory, and from writing
//! anywhere but into its own folder.
use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    io::{Read, copy},
    path::Path,
};

use zip::ZipArchive;

use crate::Fault;

/// The most that a package may hold.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Files.
    pub files: usize,
    /// Bytes, unpacked.
    pub bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { files: 10_000, bytes: 2 * 1024 * 1024 * 1024 }
    }
}

/// So many times its size may a package hold; one that holds little may hold more times that.
const MOST_TIMES: u64 = 100;
const LITTLE: u64 = 16 * 1024 * 1024;

impl Limits {
    /// As far as a file of the size may hold so much.
    fn of_file(self, size: u64) -> Self {
        Self { bytes: self.bytes.min(size.saturating_mul(MOST_TIMES).max(LITTLE)), ..self }
    }
}

/// A zip file that was looked through: the clean name of each file and its place.
pub(crate) struct Archive {
    zip: ZipArchive<File>,
    files: BTreeMap<String, usize>,
    limits: Limits,
}

impl Archive {
    /// Opens it and looks at every name.
    pub fn open(file: &Path, limits: Limits) -> Result<Self, Fault> {
        let opened = File::open(file).map_err(|_| Fault::NotZip)?;
        let limits = limits.of_file(opened.metadata().map_err(|_| Fault::NotZip)?.len());
        let mut zip = ZipArchive::new(opened).map_err(|_| Fault::NotZip)?;
        if zip.len() > limits.files {
            return Err(Fault::TooLarge);
        }
        let mut files = BTreeMap::new();
        let mut bytes = 0_u64;
        for place in 0..zip.len() {
            let entry = zip.by_index_raw(place).map_err(|_| Fault::NotZip)?;
            let name = name(entry.name_raw());
            if entry.is_symlink() {
                return Err(Fault::UnsafePath(name));
            }
            bytes = bytes.saturating_add(entry.size());
            if !entry.is_dir() && !is_litter(&name) {
                files.insert(clean(&name)?, place);
            }
        }
        if bytes > limits.bytes {
            return Err(Fault::TooLarge);
        }
        Ok(Self { zip, files: around_manifest(files), limits })
    }

    /// Whether it holds the file, whatever the case of its letters: packages are made on systems that tell none apart.
    pub fn holds(&self, name: &str) -> bool {
        self.place(name).is_some()
    }

    fn place(&self, name: &str) -> Option<usize> {
        let alike = || self.files.iter().find(|(n, _)| n.to_lowercase() == name.to_lowercase());
        self.files.get(name).or_else(|| alike().map(|(_, place)| place)).copied()
    }

    /// A small file's bytes.
    pub fn small(&mut self, name: &str) -> Result<Vec<u8>, Fault> {
        const MOST: u64 = 8 * 1024 * 1024;
        let place = self.place(name).ok_or(Fault::NoManifest)?;
        let entry = self.zip.by_index(place).map_err(|_| Fault::NotZip)?;
        let mut bytes = vec![];
        entry.take(MOST).read_to_end(&mut bytes).map_err(|_| Fault::NotZip)?;
        Ok(bytes)
    }

    /// Writes every file below the folder. What a file claims to hold is not believed: bytes are counted.
    pub fn unpack(mut self, folder: &Path) -> Result<(), Fault> {
        let mut left = self.limits.bytes;
        for (name, place) in &self.files {
            let entry = self.zip.by_index(*place).map_err(|_| Fault::NotZip)?;
            let path = folder.join(name);
            if let Some(parent) = path.parent() {
                std::fs::create_dir_all(parent).map_err(|_| Fault::UnsafePath(name.clone()))?;
            }
            let mut file = File::create(&path).map_err(|_| Fault::UnsafePath(name.clone()))?;
            let written =
                copy(&mut entry.take(left.saturating_add(1)), &mut file).map_err(|_| Fault::NotZip)?;
            left = left.checked_sub(written).ok_or(Fault::TooLarge)?;
        }
        Ok(())
    }
}

/// Names are UTF-8, or GBK as older Chinese programs write them.
fn name(raw: &[u8]) -> String {
    match std::str::from_utf8(raw) {
        Ok(name) => name.to_owned(),
        Err(_) => encoding_rs::GBK.decode(raw).0.into_owned(),
    }
}

/// A relative name without steps upwards.
fn clean(name: &str) -> Result<String, Fault> {
    let slashed = name.replace('\\', "/");
    let parts: Vec<&str> = slashed.split('/').filter(|p| !p.is_empty() && *p != ".").collect();
    let is_safe = !slashed.starts_with('/')
        && !parts.is_empty()
        && parts.iter().all(|p| *p != ".." && !p.contains([':', '\0']) && p.len() <= 200);
    if is_safe { Ok(parts.join("/")) } else { Err(Fault::UnsafePath(name.to_owned())) }
}

/// What systems leave in folders and zip along; no part of any package.
fn is_litter(name: &str) -> bool {
    let mut parts = name.split(['/', '\\']);
    parts.any(|p| p == "__MACOSX" || p == ".DS_Store" || p == "Thumbs.db" || p == "desktop.ini")
}

/// Many packages were zipped with folders around them: what lies beside and below the topmost manifest is the package. Where
/// two lie equally high, nothing says which is meant.
fn around_manifest(files: BTreeMap<String, usize>) -> BTreeMap<String, usize> {
    let folder = |name: &str| {
        let (folder, file) = name.rsplit_once('/').unwrap_or(("", name));
        let is_manifest = ["imsmanifest.xml", "cmi5.xml"].iter().any(|m| file.eq_ignore_ascii_case(m));
        is_manifest.then(|| if folder.is_empty() { String::new() } else { format!("{folder}/") })
    };
    let depth = |folder: &String| folder.matches('/').count();
    let folders: BTreeSet<String> = files.keys().filter_map(|name| folder(name)).collect();
    let Some(top) = folders.iter().min_by_key(|f| depth(f)) else { return files };
    if folders.iter().filter(|f| depth(f) == depth(top)).count() > 1 {
        return files;
    }
    let inner = |(name, place): (String, usize)| Some((name.strip_prefix(top.as_str())?.to_owned(), place));
    files.into_iter().filter_map(inner).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_lead_out_are_refused() {
        assert_eq!(clean("a\\b/./c.html").unwrap(), "a/b/c.html");
        for bad in ["../a", "a/../../b", "/etc/passwd", "C:\\x", "", "a/\0"] {
            assert!(matches!(clean(bad), Err(Fault::UnsafePath(_))), "{bad}");
        }
    }

    #[test]
    fn a_small_file_holds_no_mountain() {
        let limits = Limits { files: 1, bytes: 1 << 40 };
        assert_eq!(limits.of_file(1000).bytes, LITTLE);
        assert_eq!(limits.of_file(LITTLE).bytes, 100 * LITTLE);
        assert_eq!(limits.of_file(u64::MAX).bytes, 1 << 40);
    }

    #[test]
    fn the_folders_around_a_package_are_taken_off() {
        let files = |names: &[&str]| names.iter().zip(0..).map(|(n, i)| ((*n).to_owned(), i)).collect();
        let kept = |names: &[&str]| around_manifest(files(names)).into_keys().collect::<Vec<_>>();
        assert_eq!(kept(&["c/imsmanifest.xml", "c/a/b.html"]), ["a/b.html", "imsmanifest.xml"]);
        assert_eq!(kept(&["a/c/IMSManifest.xml", "a/c/b.html", "readme.txt"]), ["IMSManifest.xml", "b.html"]);
        assert_eq!(kept(&["cmi5.xml", "old/cmi5.xml"]), ["cmi5.xml", "old/cmi5.xml"]);
        assert_eq!(kept(&["c/cmi5.xml", "d/cmi5.xml"]), ["c/cmi5.xml", "d/cmi5.xml"], "which one?");
    }

    #[test]
    fn what_systems_leave_behind_is_no_part_of_a_package() {
        assert!(is_litter("__MACOSX/课程/._index.html") && is_litter("a/.DS_Store"));
        assert!(!is_litter("a/index.html"));
    }
}
