//! A backup made while serving, its checksums, the restore into an empty place on both databases, and the sealed one.
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

#[tokio::test(flavor = "multi_thread")]
async fn item_53_a_sealed_backup_is_opened_by_its_recipient_alone_and_restored_elsewhere() {
    let database = testkit::databases().await.remove(0);
    let url = database.url.clone();
    let world = World::start(database).await;
    world.college(2).await;
    let place = tempfile::tempdir().unwrap();
    let shell = |text: &str| {
        let mut command = std::process::Command::new("bash");
        command.args(["-euo", "pipefail", "-c", text]).current_dir(place.path());
        command
            .env("XUESHI_DATA_DIR", world.folder())
            .env("XUESHI_DATABASE_URL", &url)
            .env("XUESHI", program());
        command.env("SCRIPTS", concat!(env!("CARGO_MANIFEST_DIR"), "/../scripts")).output().unwrap()
    };
    // The identities of the recipient and of a stranger.
    let made = shell("age-keygen -o own 2>&1; age-keygen -o other 2>&1");
    assert!(made.status.success(), "{}", said(&made));
    let sealed = shell(r#"$SCRIPTS/sealed-backup.sh "$(age-keygen -y own)" sealed.age"#);
    assert!(sealed.status.success(), "{}", said(&sealed));
    let bytes = std::fs::read(place.path().join("sealed.age")).unwrap();
    for open in ["SQLite format", "manifest.json"] {
        assert!(!bytes.windows(open.len()).any(|w| w == open.as_bytes()), "{open} stands in it");
    }
    let left = shell(r#"ls -d "$XUESHI_DATA_DIR".backup.* 2>/dev/null || echo nothing"#);
    assert_eq!(said(&left).trim(), "nothing", "no copy stays on the machine");
    assert!(!shell("age -d -i other sealed.age | tar -x").status.success(), "a stranger opens nothing");
    let restored = shell(
        r#"age -d -i own sealed.age | tar -x; export XUESHI_DATA_DIR=$PWD/new XUESHI_DATABASE_URL=sqlite:$PWD/new/xueshi.db
        "$XUESHI" restore backup; "$XUESHI" audit verify"#,
    );
    assert!(restored.status.success() && said(&restored).contains("whole: "), "{}", said(&restored));
}
