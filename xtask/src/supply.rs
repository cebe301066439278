//! Where everything that is built in comes from: read from the lock files, checked by tidy, listed by `cargo xtask sbom`.
use std::fmt::Write;

/// The one registry that crates may come from.
const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// A part of others that is built in.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub name: String,
    pub version: String,
    /// Where it came from; none for our own.
    pub source: Option<String>,
    /// The lock file's hash of it.
    pub hash: Option<String>,
    /// The line of the lock file where it begins.
    pub line: usize,
}

/// The packages of a `Cargo.lock`.
pub(crate) fn crates(lock: &str) -> Vec<Part> {
    let mut parts: Vec<Part> = vec![];
    for (n, line) in lock.lines().enumerate() {
        if line == "[[package]]" {
            let (name, version) = (String::new(), String::new());
            parts.push(Part { name, version, source: None, hash: None, line: n + 1 });
        }
        let Some((key, value)) = line.split_once(" = ") else { continue };
        let value = value.trim_matches('"').to_owned();
        match (key, parts.last_mut()) {
            ("name", Some(part)) => part.name = value,
            ("version", Some(part)) => part.version = value,
            ("source", Some(part)) => part.source = Some(value),
            ("checksum", Some(part)) => part.hash = Some(value),
            _ => {}
        }
    }
    parts
}

/// The packages of a `package-lock.json`, as npm writes it: one member a line.
pub(crate) fn modules(lock: &str) -> Vec<Part> {
    let mut parts: Vec<Part> = vec![];
    for (n, line) in lock.lines().enumerate() {
        let line = line.trim().trim_end_matches(',');
        if let Some((path, _)) = line.strip_prefix("\"node_modules/").and_then(|l| l.split_once("\": {")) {
            let name = path.rsplit("node_modules/").next().unwrap_or(path).to_owned();
            parts.push(Part { name, version: String::new(), source: None, hash: None, line: n + 1 });
        }
        let Some((key, value)) = line.split_once("\": \"") else { continue };
        let value = value.trim_end_matches('"').to_owned();
        match (key.trim_start_matches('"'), parts.last_mut()) {
            ("version", Some(part)) => part.version = value,
            ("resolved", Some(part)) => part.source = Some(value),
            ("integrity", Some(part)) => part.hash = Some(value),
            _ => {}
        }
    }
    parts
}

/// What of a `Cargo.lock` comes from elsewhere than the registry, or without a hash: line and words.
pub(crate) fn doubtful_crates(lock: &str) -> Vec<(usize, String)> {
    let foreign = |p: &Part| p.source.as_deref().is_some_and(|s| s != REGISTRY || p.hash.is_none());
    crates(lock).iter().filter(|p| foreign(p)).map(|p| (p.line, p.name.clone())).collect()
}

/// What of a `package-lock.json` has no hash or comes from elsewhere than npm's registry.
pub(crate) fn doubtful_modules(lock: &str) -> Vec<(usize, String)> {
    let is_foreign = |s: &str| !s.starts_with("https://registry.npmjs.org/");
    let doubtful = |p: &Part| p.hash.is_none() || p.source.as_deref().is_some_and(is_foreign);
    modules(lock).iter().filter(|p| doubtful(p)).map(|p| (p.line, p.name.clone())).collect()
}

/// The bill of materials in CycloneDX 1.5.
pub(crate) fn bill(cargo: &str, npm: &str) -> String {
    let of_crates = crates(cargo);
    let of_modules = modules(npm);
    let others = of_crates.iter().filter(|p| p.source.is_some()).map(|p| ("cargo", p));
    let all = others.chain(of_modules.iter().map(|p| ("npm", p)));
    let mut text = String::from(r#"{"bomFormat":"CycloneDX","specVersion":"1.5","version":1,"components":["#);
    for (n, (kind, part)) in all.enumerate() {
        let comma = if n == 0 { "" } else { "," };
        let (name, version) = (&part.name, &part.version);
        let path = name.replace('@', "%40");
        let hash = part.hash.as_deref().unwrap_or_default();
        let _ = write!(
            text,
            "{comma}\n{{\"type\":\"library\",\"name\":\"{name}\",\"version\":\"{version}\",\
             \"purl\":\"pkg:{kind}/{path}@{version}\",\
             \"properties\":[{{\"name\":\"lock:hash\",\"value\":\"{hash}\"}}]}}"
        );
    }
    text.push_str("\n]}\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const CARGO: &str = "version = 4\n\n[[package]]\nname = \"ours\"\nversion = \"0.1.0\"\n\n[[package]]\nname = \"serde\"\n\
                         version = \"1.0.0\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\n\
                         checksum = \"ab\"\n\n[[package]]\nname = \"fork\"\nversion = \"2.0.0\"\n\
                         source = \"git+https://git.example/fork#1\"\n";
    const NPM: &str = "{\n  \"packages\": {\n    \"node_modules/@a/b\": {\n      \"version\": \"3.0.0\",\n\
                       \"integrity\": \"sha512-x\"\n    },\n    \"node_modules/c\": {\n      \"version\": \"1.0.0\"\n    }\n  }\n}\n";

    #[test]
    fn item_59_crates_come_from_the_registry_and_modules_with_their_hash() {
        assert_eq!(doubtful_crates(CARGO), [(13, "fork".to_owned())]);
        assert_eq!(doubtful_modules(NPM), [(7, "c".to_owned())]);
    }

    #[test]
    fn item_59_the_bill_names_every_part_of_others() {
        let bill = bill(CARGO, NPM);
        assert!(bill.contains("pkg:cargo/serde@1.0.0") && bill.contains("pkg:npm/%40a/b@3.0.0"));
        assert!(!bill.contains("\"ours\""));
    }
}
