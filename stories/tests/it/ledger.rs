//! The ledger: credited once whoever writes at the time, and every tampering is found.
use base::PersonId;
use hours::{Booked, NewCredit};
use serde_json::{Value, json};
use site::Site;

use crate::world::on_both;

pub fn credit(person: PersonId, key: &str) -> NewCredit {
    let facts = json!({"kind": "course", "provider": "p", "course": key, "subject": "public", "minutes": 40,
        "completed_on": "2023-10-01", "fee": "0.00"});
    let Value::Object(facts) = facts else { unreachable!() };
    NewCredit {
        person,
        year: "2023".parse().unwrap(),
        source: "p".into(),
        source_key: key.to_owned(),
        title: "课程".into(),
        subject: base::Subject::Public,
        hours: base::Hours::whole(1),
        facts,
        evidence: None,
        decided_by: None,
    }
}

pub async fn write(site: &Site, new: NewCredit) -> Booked {
    let tx = site.db.begin().await.unwrap();
    let booked = hours::credit(site, &tx, new).await.unwrap();
    tx.commit().await.unwrap();
    booked
}

#[tokio::test(flavor = "multi_thread")]
async fn thirty_two_writers_credit_a_source_once() {
    on_both(|world| async move {
        let (_, people) = world.college(1).await;
        let person: PersonId = people[0]["id"].as_str().unwrap().parse().unwrap();
        let writers = (0..32).map(|n| {
            let site = world.site.clone();
            tokio::spawn(
                async move { write(&site, credit(person, if n % 2 == 0 { "a" } else { "b" })).await },
            )
        });
        let mut fresh = 0;
        for writer in writers.collect::<Vec<_>>() {
            fresh += usize::from(matches!(writer.await.unwrap(), Booked::New(_)));
        }
        assert_eq!(fresh, 2);
        assert_eq!(hours::verify(&world.site).await.unwrap(), Ok(2));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_or_cut_off_entry_is_found_and_the_database_refuses_changes() {
    on_both(|world| async move {
        let (_, people) = world.college(1).await;
        let person: PersonId = people[0]["id"].as_str().unwrap().parse().unwrap();
        for key in ["a", "b", "c"] {
            write(&world.site, credit(person, key)).await;
        }
        let db = &world.site.db;
        let raise = "UPDATE hour_entries SET hours = hours + 100 WHERE seq = 2";
        assert!(db::execute(db, raise, vec![]).await.is_err(), "the trigger refuses");
        for statement in unlock(db.is_sqlite(), "hour_entries") {
            db::execute(db, &statement, vec![]).await.unwrap();
        }
        db::execute(db, raise, vec![]).await.unwrap();
        assert_eq!(hours::verify(&world.site).await.unwrap().unwrap_err().seq, 2);
        db::execute(db, "UPDATE hour_entries SET hours = hours - 100 WHERE seq = 2", vec![]).await.unwrap();
        assert_eq!(hours::verify(&world.site).await.unwrap(), Ok(3));
        db::execute(db, "DELETE FROM hour_entries WHERE seq = 3", vec![]).await.unwrap();
        assert_eq!(
            hours::verify(&world.site).await.unwrap().unwrap_err().what,
            "the last entries are missing"
        );
    })
    .await;
}

/// What someone with all rights on the database would do before tampering.
pub fn unlock(is_sqlite: bool, table: &str) -> Vec<String> {
    if is_sqlite {
        return ["UPDATE", "DELETE"].map(|verb| format!("DROP TRIGGER {table}_no_{verb}")).to_vec();
    }
    vec![format!("DROP TRIGGER {table}_append_only ON {table}")]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_audit_entry_is_found() {
    on_both(|world| async move {
        world.college(1).await;
        let whole = audit::verify(&world.site).await.unwrap().unwrap();
        assert!(whole > 3);
        let db = &world.site.db;
        for statement in unlock(db.is_sqlite(), "audit_entries") {
            db::execute(db, &statement, vec![]).await.unwrap();
        }
        db::execute(db, "UPDATE audit_entries SET action = 'nothing' WHERE seq = 2", vec![]).await.unwrap();
        assert_eq!(audit::verify(&world.site).await.unwrap().unwrap_err().seq, 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_finds_hours_that_do_not_follow_from_their_facts() {
    on_both(|world| async move {
        let (_, people) = world.college(1).await;
        write(&world.site, credit(people[0]["id"].as_str().unwrap().parse().unwrap(), "a")).await;
        assert_eq!(hours::replay(&world.site).await.unwrap().unwrap(), 1);
        for sql in unlock(world.site.db.is_sqlite(), "hour_entries") {
            db::execute(&world.site.db, &sql, vec![]).await.unwrap();
        }
        let more = "UPDATE hour_entries SET hours = hours + 100";
        assert_eq!(db::execute(&world.site.db, more, vec![]).await.unwrap(), 1);
        let broken = hours::replay(&world.site).await.unwrap().unwrap_err();
        assert_eq!((broken.person.as_str(), broken.seq), (people[0]["id"].as_str().unwrap(), 1));
    })
    .await;
}
