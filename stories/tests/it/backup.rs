//! A backup made while serving, its checksums, and the restore into an empty place, on both databases.
use std::{path::Path, process::Output};

use testkit::Database;

use crate::{
    crash::program,
    ledger::{credit, write},
    world::World,
};

fn run(database: (&str, &Path), arguments: &[&str]) -> Output {
    let mut command = std::process::Command::new(program());
    command.args(arguments).env("XUESHI_DATA_DIR", database.1).env("XUESHI_DATABASE_URL", database.0);
    command.output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.clone(), output.stderr.clone()].concat()).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_made_while_serving_is_checked_and_restored_into_an_empty_place() {
    let targets: Vec<Database> = testkit::databases().await;
    for (database, target) in testkit::databases().await.into_iter().zip(targets) {
        let url = database.url.clone();
        let world = World::start(database).await;
        let (_, people) = world.college(3).await;
        let person = people[0]["id"].as_str().unwrap().parse().unwrap();
        let site = world.site.clone();
        let busy = tokio::spawn(async move {
            for n in 0..60 {
                write(&site, credit(person, &format!("busy-{n}"))).await;
            }
        });
        let source = (url.as_str(), world.folder());
        let place = tempfile::tempdir().unwrap();
        let backup = place.path().join("backup");
        let folder = backup.to_str().unwrap();
        let made = run(source, &["backup", folder]);
        assert!(made.status.success(), "{}", said(&made));
        busy.await.unwrap();
        let again = run(source, &["backup", folder]);
        assert!(!again.status.success() && said(&again).contains("not empty"), "{}", said(&again));
        let empty = place.path().join("restored");
        let target_url = match target.url.strip_prefix("sqlite:") {
            Some(_) => format!("sqlite:{}/xueshi.db", empty.display()),
            None => target.url.clone(),
        };
        let target = (target_url.as_str(), empty.as_path());
        let key = backup.join("keys/mac.key");
        let bytes = std::fs::read(&key).unwrap();
        std::fs::write(&key, [0; 32]).unwrap();
        let refused = run(target, &["restore", folder]);
        assert!(!refused.status.success() && said(&refused).contains("checksum"), "{}", said(&refused));
        std::fs::write(&key, bytes).unwrap();
        let restored = run(target, &["restore", folder]);
        assert!(restored.status.success(), "{}", said(&restored));
        let whole = run(target, &["audit", "verify"]);
        assert!(whole.status.success() && said(&whole).starts_with("whole: "), "{}", said(&whole));
        let db = db::Db::open(&target_url).await.unwrap();
        let count = "SELECT COUNT(*) FROM people WHERE id_number_lookup IS NOT NULL";
        assert_eq!(db::count(&db, count, vec![]).await.unwrap(), 3);
        db.close().await.unwrap();
        let twice = run(target, &["restore", folder]);
        assert!(!twice.status.success() && said(&twice).contains("not empty"), "{}", said(&twice));
    }
}
