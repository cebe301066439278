//! What is done with a package that was handed in: looked through, understood, unpacked; or refused with the reason.
use std::{collections::BTreeSet, path::Path};

use crate::{
    Fault, Limits, Package, manifest, structure,
    unpack::Archive,
    xml::{self, text},
};

/// Looks a zip file through; where it is a package that can be played, unpacks it into the folder.
pub fn inspect(file: &Path, folder: &Path, limits: Limits) -> Result<Package, Fault> {
    let mut archive = Archive::open(file, limits)?;
    let package = understand(&mut archive)?;
    check(&archive, &package)?;
    archive.unpack(folder)?;
    Ok(package)
}

/// A package of both kinds is played as cmi5, the younger one.
fn understand(archive: &mut Archive) -> Result<Package, Fault> {
    if archive.holds("cmi5.xml") {
        let read = text(&archive.small("cmi5.xml")?);
        return structure::package(&xml::read(&read)?);
    }
    if archive.holds("imsmanifest.xml") {
        let read = text(&archive.small("imsmanifest.xml")?);
        return manifest::package(&xml::read(&read)?);
    }
    Err(Fault::NoManifest)
}

/// Every part has an identifier of its own, and its file is in the package.
fn check(archive: &Archive, package: &Package) -> Result<(), Fault> {
    if package.items.is_empty() {
        return Err(Fault::NothingToOpen);
    }
    let mut seen = BTreeSet::new();
    for item in &package.items {
        if item.id.is_empty() {
            return Err(Fault::IdMissing(item.title.clone()));
        }
        if !seen.insert(&item.id) {
            return Err(Fault::IdTwice(item.id.clone()));
        }
        let file = item.href.split(['?', '#']).next().unwrap_or_default();
        if file.contains("://") || file.starts_with("//") {
            return Err(Fault::Elsewhere(item.href.clone()));
        }
        if !resolved(&percent_decoded(file)).is_some_and(|name| archive.holds(&name)) {
            return Err(Fault::FileMissing(file.to_owned()));
        }
    }
    Ok(())
}

/// The file that a relative address leads to, as browsers resolve it; none outside the package.
fn resolved(address: &str) -> Option<String> {
    let address = address.replace('\\', "/");
    let mut parts: Vec<&str> = vec![];
    for part in address.split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// A file's name as an address writes it.
pub(crate) fn percent_decoded(name: &str) -> String {
    let mut bytes = Vec::with_capacity(name.len());
    let mut rest = name.bytes();
    while let Some(byte) = rest.next() {
        let mut ahead = rest.clone();
        let pair = (ahead.next(), ahead.next());
        let value = match pair {
            (Some(high), Some(low)) if byte == b'%' => {
                std::str::from_utf8(&[high, low]).ok().and_then(|hex| u8::from_str_radix(hex, 16).ok())
            }
            _ => None,
        };
        if value.is_some() {
            rest = ahead;
        }
        bytes.push(value.unwrap_or(byte));
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_lead_where_browsers_go() {
        for (address, name) in
            [("./c/../a.html", Some("a.html")), ("c\\a.html", Some("c/a.html")), ("../a", None)]
        {
            assert_eq!(resolved(address).as_deref(), name);
        }
        assert_eq!(resolved("/a.html").as_deref(), Some("/a.html"), "no file of a package is called so");
    }

    #[test]
    fn names_are_decoded_once() {
        for (name, plain) in
            [("a%20b.html", "a b.html"), ("%E6%B6%88", "消"), ("100%", "100%"), ("%zz", "%zz")]
        {
            assert_eq!(percent_decoded(name), plain);
        }
    }
}
