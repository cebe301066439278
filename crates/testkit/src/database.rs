//! A fresh database for a test: a file for SQLite, a database of the private cluster for PostgreSQL.
use db::Db;
use tempfile::TempDir;

/// A database of a test, with a folder that goes away with it.
pub struct Database {
    /// `sqlite:…` or `postgres://…`.
    pub url: String,
    /// For keys and files.
    pub folder: TempDir,
}

/// One of each kind. PostgreSQL is the cluster that `scripts/with-postgres.sh` names in `TEST_POSTGRES`; without it a
/// test would promise less than it says, so it stops.
pub async fn databases() -> Vec<Database> {
    vec![sqlite(), postgres().await]
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn sqlite() -> Database {
    let folder = folder();
    Database { url: format!("sqlite:{}/test.db", folder.path().display()), folder }
}

#[expect(clippy::disallowed_methods, reason = "tests have no configuration to read it from")]
async fn postgres() -> Database {
    let cluster =
        std::env::var("TEST_POSTGRES").expect("TEST_POSTGRES: run tests through scripts/with-postgres.sh");
    let folder = folder();
    let seen = folder.path().file_name().and_then(|n| n.to_str()).unwrap_or_default();
    let name: String = seen.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    let name = format!("test_{name}_{}", std::process::id());
    let admin = Db::open(&cluster).await.expect("the private cluster");
    db::execute(&admin, &format!("CREATE DATABASE {name}"), vec![])
        .await
        .expect("a database of the test's own");
    admin.close().await.expect("closed");
    let (server, _) = cluster.rsplit_once('/').unwrap_or_else(|| panic!("{cluster} names no database"));
    Database { url: format!("{server}/{name}"), folder }
}
