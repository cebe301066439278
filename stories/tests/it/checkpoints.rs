//! Daily checkpoints: made once whoever tries, proofs that need no database, and every tampering named.
use base::PersonId;
use hours::{Booked, checkpoint};
use serde_json::{Value, json};
use site::Site;

use crate::{
    ledger::{credit, unlock, write},
    world::{World, on_both},
};

async fn with_entries(world: &World, people: usize, each: usize) -> Vec<Value> {
    let (_, people) = world.college(people).await;
    for (n, person) in people.iter().enumerate() {
        let id: PersonId = person["id"].as_str().unwrap().parse().unwrap();
        for k in 0..each {
            write(&world.site, credit(id, &format!("{n}-{k}"))).await;
        }
    }
    people
}

async fn broken(site: &Site) -> String {
    hours::verify(site).await.unwrap().unwrap_err().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_nodes_one_makes_the_days_checkpoint_and_the_next_follows_it() {
    on_both(|world| async move {
        with_entries(&world, 3, 2).await;
        let nodes = (0..8).map(|_| {
            let site = world.site.clone();
            tokio::spawn(async move { checkpoint::make(&site).await.unwrap() })
        });
        let mut made = vec![];
        for node in nodes.collect::<Vec<_>>() {
            made.extend(node.await.unwrap());
        }
        assert_eq!(made.len(), 1);
        assert_eq!((made[0].content.chains, made[0].content.entries, made[0].content.changed), (3, 6, 3));
        world.clock.advance(24 * 3600);
        let next = checkpoint::make(&world.site).await.unwrap().unwrap();
        assert_eq!((next.content.no, next.content.changed), (2, 0));
        assert_eq!(next.content.previous, secrets::sha256_hex(made[0].signed.as_bytes()));
        assert_eq!(hours::verify(&world.site).await.unwrap(), Ok(6));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_nightly_job_runs_once_a_day_and_leads_on_to_the_next() {
    on_both(|world| async move {
        with_entries(&world, 1, 1).await;
        for _ in 0..3 {
            hours::schedule(&world.site).await.unwrap();
        }
        world.settle().await;
        hours::schedule(&world.site).await.unwrap();
        world.settle().await;
        let waiting = "SELECT COUNT(*) FROM jobs WHERE kind = 'hours.nightly'";
        assert_eq!(db::count(&world.site.db, waiting, vec![]).await.unwrap(), 1, "tomorrow's alone waits");
        let published = world.anyone.call("GET", "/api/v1/checkpoints", Value::Null).await.json;
        assert_eq!(published["items"].as_array().unwrap().len(), 1);
        world.clock.advance(24 * 3600);
        world.settle().await;
        let published = world.anyone.call("GET", "/api/v1/checkpoints", Value::Null).await.json;
        assert_eq!(published["items"][0]["no"], 2);
        assert_eq!(published["fingerprint"], secrets::sha256_hex(&world.site.keys.public_key()));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_downloads_a_proof_that_needs_no_database_and_no_change_of_it_passes() {
    on_both(|world| async move {
        let (admin, people) = world.college(5).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let id: PersonId = people[0]["id"].as_str().unwrap().parse().unwrap();
        let Booked::New(first) = write(&world.site, credit(id, "a")).await else { panic!("credited before") };
        let address = format!("/api/v1/me/years/2023/ledger/{first}/proof");
        let early = teacher.call("GET", &address, Value::Null).await;
        assert_eq!((early.status, early.code()), (409, "not_checkpointed_yet"));
        for (n, person) in people.iter().enumerate() {
            write(&world.site, credit(person["id"].as_str().unwrap().parse().unwrap(), &format!("b{n}")))
                .await;
        }
        checkpoint::make(&world.site).await.unwrap().unwrap();
        let proof = teacher.call("GET", &address, Value::Null).await;
        assert_eq!(proof.status, 200, "{:?}", proof.json);
        let text = String::from_utf8(proof.bytes).unwrap();
        let key = world.site.keys.public_key();
        let proven = checkpoint::check_proof(&text, Some(key)).unwrap();
        assert_eq!((proven.entry, proven.checkpoint), (first.to_string(), 1));
        assert!(checkpoint::check_proof(&text, None).is_ok());
        assert!(checkpoint::check_proof(&text, Some([7; 32])).is_err(), "another key");
        for (path, value) in [
            ("/entries/0/hours", json!(9900)),
            ("/entries/0/title", json!("另一门课")),
            ("/entries/0/hash", json!("0".repeat(64))),
            ("/entries/1/prev_hash", json!("0".repeat(64))),
            ("/path/place", json!(200)),
            ("/path/upper/3", json!("0".repeat(64))),
            ("/signature", json!("A".repeat(86))),
            ("/key_id", json!("0".repeat(16))),
        ] {
            let mut forged = proof.json.clone();
            *forged.pointer_mut(path).unwrap() = value;
            assert!(checkpoint::check_proof(&forged.to_string(), Some(key)).is_err(), "{path}");
        }
        let forged = text.replace("\\\"chains\\\":5", "\\\"chains\\\":6");
        assert_ne!(forged, text);
        assert!(checkpoint::check_proof(&forged, Some(key)).is_err(), "the signed text");
        let stranger = world.trainee(&admin, &people[1]).await;
        assert_eq!(stranger.call("GET", &address, Value::Null).await.status, 404);
    })
    .await;
}

/// A statement that tampers, and what is said about it.
type Case = (&'static str, &'static str);

const TABLES: [&str; 5] =
    ["hour_entries", "hour_heads", "hour_leaves", "hour_checkpoints", "hour_document_leaves"];

const TAMPERED: [Case; 10] = [
    ("DELETE FROM hour_entries WHERE seq = 2 AND person_id = $1", "entry 3: an entry is missing before it"),
    (
        "UPDATE hour_entries SET seq = 9 WHERE seq = 2 AND person_id = $1",
        "entry 3: an entry is missing before it",
    ),
    (
        "UPDATE hour_entries SET facts = '{}' WHERE seq = 1 AND person_id = $1",
        "entry 1: its content was changed",
    ),
    ("DELETE FROM hour_heads WHERE person_id = $1", "entry 1: its head is missing"),
    ("UPDATE hour_heads SET seq = 2 WHERE person_id = $1", "entry 4: the last entries are missing"),
    ("UPDATE hour_leaves SET hash = 'x' WHERE person_id = $1", "a checkpoint has another entry in its place"),
    ("DELETE FROM hour_leaves WHERE person_id = $1", "checkpoint 1: its leaves were changed"),
    ("DELETE FROM hour_document_leaves WHERE $1 <> ''", "checkpoint 1: its documents were changed"),
    (
        "UPDATE hour_checkpoints SET content = content || ' ' WHERE no = 1 AND $1 <> ''",
        "checkpoint 1: it was changed",
    ),
    (
        "DELETE FROM hour_checkpoints WHERE no = 2 AND $1 <> ''",
        "checkpoint 2: the last checkpoints are missing",
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn item_57_whatever_is_changed_deleted_or_cut_off_in_the_database_is_named() {
    for database in testkit::databases().await {
        let world = World::start(database).await;
        let people = with_entries(&world, 2, 3).await;
        let person = people[1]["id"].as_str().unwrap();
        let document = secrets::sha256_hex(b"a document");
        checkpoint::vouch(&world.site.db, &[document]).await.unwrap();
        checkpoint::make(&world.site).await.unwrap().unwrap();
        world.clock.advance(24 * 3600);
        checkpoint::make(&world.site).await.unwrap().unwrap();
        assert_eq!(hours::verify(&world.site).await.unwrap(), Ok(6));
        let db = &world.site.db;
        for table in hours::APPEND_ONLY {
            let refused = db::execute(db, &format!("DELETE FROM {table}"), vec![]).await;
            assert!(refused.is_err(), "{table}");
            for statement in unlock(db.is_sqlite(), table) {
                db::execute(db, &statement, vec![]).await.unwrap();
            }
        }
        for (statement, said) in TAMPERED {
            // The tables are kept aside and put back, so that each tampering meets a whole ledger.
            for table in TABLES {
                let keep = format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}");
                db::execute(db, &keep, vec![]).await.unwrap();
            }
            let touched = db::execute(db, statement, db::params![person]).await.unwrap();
            assert!(touched > 0, "{statement}");
            let named = broken(&world.site).await;
            assert!(named.contains(said), "{statement}: {named}");
            if said.starts_with("entry") {
                assert!(named.contains(person), "{named}");
            }
            for table in TABLES {
                db::execute(db, &format!("DELETE FROM {table}"), vec![]).await.unwrap();
                let back = format!("INSERT INTO {table} SELECT * FROM kept_{table}");
                db::execute(db, &back, vec![]).await.unwrap();
                db::execute(db, &format!("DROP TABLE kept_{table}"), vec![]).await.unwrap();
            }
            assert_eq!(hours::verify(&world.site).await.unwrap(), Ok(6));
        }
        // A chain that goes with its head leaves no trace but the checkpoint's.
        for table in ["hour_entries", "hour_heads"] {
            let gone = format!("DELETE FROM {table} WHERE person_id = $1");
            db::execute(db, &gone, db::params![person]).await.unwrap();
        }
        assert!(broken(&world.site).await.contains("a checkpoint has another entry in its place"));
    }
}

/// The tables that checkpoints are made of: what names a row, and all their columns.
const SEALED: [(&str, &str, &[&str]); 4] = [
    (
        "hour_checkpoints",
        "no",
        &["no", "day", "at", "content", "buckets", "signature", "key_id", "document_runs"],
    ),
    ("hour_leaves", "person_id", &["person_id", "seq", "hash", "bucket", "checkpoint"]),
    ("hour_document_leaves", "digest", &["checkpoint", "place", "run", "digest"]),
    ("hour_documents", "digest", &["digest"]),
];
const NUMBERS: [&str; 6] = ["no", "at", "seq", "checkpoint", "place", "run"];

#[tokio::test(flavor = "multi_thread")]
async fn no_column_of_a_checkpoint_can_be_changed_unnoticed() {
    for database in testkit::databases().await {
        let world = World::start(database).await;
        with_entries(&world, 2, 1).await;
        let documents: Vec<String> = [b"one", b"two"].iter().map(|d| secrets::sha256_hex(*d)).collect();
        checkpoint::vouch(&world.site.db, &documents).await.unwrap();
        checkpoint::make(&world.site).await.unwrap().unwrap();
        world.clock.advance(24 * 3600);
        checkpoint::make(&world.site).await.unwrap().unwrap();
        let db = &world.site.db;
        for (table, row, columns) in SEALED {
            if db.is_sqlite() {
                let all = format!("SELECT COUNT(*) FROM pragma_table_info('{table}')");
                let all = db::count(db, &all, vec![]).await.unwrap();
                assert_eq!(all, i64::try_from(columns.len()).unwrap(), "every column of {table} is tried");
            }
            for statement in unlock(db.is_sqlite(), table) {
                db::execute(db, &statement, vec![]).await.unwrap();
            }
            db::execute(db, &format!("CREATE TABLE kept AS SELECT * FROM {table}"), vec![]).await.unwrap();
            let rows = db::count(db, "SELECT COUNT(*) FROM kept", vec![]).await.unwrap();
            assert_eq!(rows, 2, "{table}");
            for (column, place) in columns.iter().flat_map(|c| (0..rows).map(move |n| (c, n))) {
                let other = if NUMBERS.contains(column) { "+ 100" } else { "|| 'x'" };
                let tamper = format!(
                    "UPDATE {table} SET {column} = {column} {other} WHERE {row} = \
                     (SELECT {row} FROM kept ORDER BY {row} LIMIT 1 OFFSET {place})"
                );
                assert_eq!(db::execute(db, &tamper, vec![]).await.unwrap(), 1, "{tamper}");
                let named = broken(&world.site).await;
                assert!(named.contains("checkpoint"), "{tamper}: {named}");
                db::execute(db, &format!("DELETE FROM {table}"), vec![]).await.unwrap();
                let back = format!("INSERT INTO {table} SELECT * FROM kept");
                db::execute(db, &back, vec![]).await.unwrap();
            }
            db::execute(db, "DROP TABLE kept", vec![]).await.unwrap();
        }
        assert_eq!(hours::verify(&world.site).await.unwrap(), Ok(2));
    }
}
