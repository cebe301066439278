//! A zip file's names and bytes, with the limits that keep a hostile one from filling disk or memory, and from writing
//! anywhere but into its own folder.
use std::{
    collections::BTreeMap,
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
            if !entry.is_dir() {
                files.insert(clean(&name)?, place);
            }
        }
        if bytes > limits.bytes {
            return Err(Fault::TooLarge);
        }
        Ok(Self { zip, files: without_folder(files), limits })
    }

    /// Whether it holds the file, whatever the case of its letters.
    pub fn holds(&self, name: &str) -> bool {
        self.files.contains_key(name)
    }

    /// A small file's bytes.
    pub fn small(&mut self, name: &str) -> Result<Vec<u8>, Fault> {
        const MOST: u64 = 8 * 1024 * 1024;
        let place = *self.files.get(name).ok_or(Fault::NoManifest)?;
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

/// Many packages were zipped with the folder around them: it is taken off where everything lies in it.
fn without_folder(files: BTreeMap<String, usize>) -> BTreeMap<String, usize> {
    let is_at_root = |name: &str| files.contains_key(name);
    if is_at_root("imsmanifest.xml") || is_at_root("cmi5.xml") {
        return files;
    }
    let Some(first) =
        files.keys().next().and_then(|n| n.split_once('/')).map(|(folder, _)| format!("{folder}/"))
    else {
        return files;
    };
    if !files.keys().all(|name| name.starts_with(&first)) {
        return files;
    }
    files.into_iter().map(|(name, place)| (name[first.len()..].to_owned(), place)).collect()
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
    fn the_folder_around_a_package_is_taken_off() {
        let files = |names: &[&str]| names.iter().zip(0..).map(|(n, i)| ((*n).to_owned(), i)).collect();
        let kept = |names: &[&str]| without_folder(files(names)).into_keys().collect::<Vec<_>>();
        assert_eq!(kept(&["c/imsmanifest.xml", "c/a/b.html"]), ["a/b.html", "imsmanifest.xml"]);
        assert_eq!(kept(&["c/imsmanifest.xml", "d/b.html"]), ["c/imsmanifest.xml", "d/b.html"]);
    }
}
