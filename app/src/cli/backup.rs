//! `xueshi backup` and `xueshi restore`: database, keys and files in one folder under a manifest of checksums. A backup
//! holds the keys: keep it as carefully as them.
use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::{DirBuilderExt, PermissionsExt},
    path::{Path, PathBuf},
};

use db::{Db, Schema};
use serde::{Deserialize, Serialize};

use super::{Done, Fault, block_on, check::print};
use crate::config::Config;

/// What belongs to an installation beside the database.
const FOLDERS: [&str; 2] = ["keys", "files"];
const MANIFEST: &str = "manifest.json";

#[derive(Serialize, Deserialize)]
struct Manifest {
    /// The program's version.
    program: String,
    /// `sqlite` or `postgres`.
    database: String,
    /// SHA-256 of every file by its path in the folder.
    files: BTreeMap<String, String>,
}

/// Copies a serving installation into an empty folder. The database comes first: every file that it names is there
/// already when files are copied.
pub(super) fn backup(folder: &Path) -> Done {
    let config = Config::load(None)?;
    if !is_empty(folder)? {
        return Err(Fault(format!("{} is not empty", folder.display())));
    }
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    let database = block_on(async {
        let db = Db::open(&config.database_url).await?;
        db::snapshot(&db, &folder.join("database")).await?;
        Ok(if db.is_sqlite() { "sqlite" } else { "postgres" })
    })?;
    for name in FOLDERS {
        copy(&config.data_dir.join(name), &folder.join(name))?;
    }
    let mut files = BTreeMap::new();
    for path in walk(folder)? {
        files.insert(relative(folder, &path)?, checksum(&path)?);
    }
    let count = files.len();
    let program = env!("CARGO_PKG_VERSION").to_owned();
    let manifest = Manifest { program, database: database.to_owned(), files };
    fs::write(folder.join(MANIFEST), serde_json::to_vec_pretty(&manifest)?)?;
    print(format!("{count} files in {}", folder.display()).as_bytes())
}

/// Puts a backup into an empty data folder and an empty database, after every checksum was found right.
pub(super) fn restore(folder: &Path) -> Done {
    let config = Config::load(None)?;
    let manifest = checked(folder)?;
    if !is_empty(&config.data_dir)? {
        return Err(Fault(format!("{} is not empty", config.data_dir.display())));
    }
    let database = folder.join("database");
    let sqlite = sqlite_path(&config.database_url);
    match (manifest.database.as_str(), sqlite) {
        ("sqlite", Some(path)) if path.exists() => {
            return Err(Fault(format!("{} exists", path.display())));
        }
        ("sqlite", Some(path)) => {
            if let Some(above) = path.parent() {
                fs::create_dir_all(above)?;
            }
            fs::copy(database.join(db::sqlite_file()), path)?;
        }
        ("postgres", None) => block_on(async {
            Ok(db::load(&Db::open(&config.database_url).await?, Schema::Hub, &database).await?)
        })?,
        (kind, _) => {
            return Err(Fault(format!("the backup is of {kind}; set XUESHI_DATABASE_URL to such a one")));
        }
    }
    for name in FOLDERS {
        copy(&folder.join(name), &config.data_dir.join(name))?;
    }
    print(format!("restored {} files", manifest.files.len()).as_bytes())
}

/// The manifest, after every file was compared with it.
fn checked(folder: &Path) -> Result<Manifest, Fault> {
    let path = folder.join(MANIFEST);
    let text = fs::read(&path).map_err(|e| Fault(format!("{}: {e}", path.display())))?;
    let manifest: Manifest = serde_json::from_slice(&text)?;
    for (name, expected) in &manifest.files {
        let found = checksum(&folder.join(name)).map_err(|e| Fault(format!("{name}: {}", e.0)))?;
        if found != *expected {
            return Err(Fault(format!("{name} was changed: its checksum differs")));
        }
    }
    for path in walk(folder)? {
        let name = relative(folder, &path)?;
        if name != MANIFEST && !manifest.files.contains_key(&name) {
            return Err(Fault(format!("{name} does not belong to the backup")));
        }
    }
    Ok(manifest)
}

fn is_empty(folder: &Path) -> Result<bool, Fault> {
    match fs::read_dir(folder) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(true),
        Err(e) => Err(Fault(format!("{}: {e}", folder.display()))),
    }
}

fn sqlite_path(url: &str) -> Option<PathBuf> {
    let path = url.strip_prefix("sqlite:")?;
    Some(PathBuf::from(path.strip_prefix("//").unwrap_or(path)))
}

/// Every file under a folder, in order.
fn walk(folder: &Path) -> Result<Vec<PathBuf>, Fault> {
    let (mut open, mut found) = (vec![folder.to_owned()], vec![]);
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(&next)? {
            let path = entry?.path();
            if path.is_dir() { open.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    Ok(found)
}

fn relative(folder: &Path, path: &Path) -> Result<String, Fault> {
    Ok(path.strip_prefix(folder)?.display().to_string())
}

fn checksum(path: &Path) -> Result<String, Fault> {
    Ok(secrets::hex(&secrets::sha256_of(&mut fs::File::open(path)?)?))
}

/// Copies a folder with its files' modes; one that is not there has nothing to copy.
fn copy(from: &Path, to: &Path) -> Done {
    if !from.exists() {
        return Ok(());
    }
    for path in walk(from)? {
        let target = to.join(path.strip_prefix(from)?);
        if let Some(above) = target.parent() {
            fs::DirBuilder::new().recursive(true).mode(0o700).create(above)?;
        }
        fs::copy(&path, &target)?;
    }
    Ok(())
}
