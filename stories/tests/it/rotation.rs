//! The drill of new keys (security item 51): rotated while two nodes serve, killed half-way, gone on with; everybody is found
//! by ID number and phone at every moment, and the older key files may go afterwards.
use std::path::Path;

use base::{Error, PersonId};
use hours::{Booked, checkpoint};
use operations::Portion;
use serde_json::{Value, json};
use testkit::Client;

use crate::{
    certificate_states::certified,
    files::{pdf, upload},
    ledger::{credit, write},
    offline::{downloaded, scanned, shown},
    world::{PASSWORD, World, id_number, on_both, phone, roster},
};

async fn count(world: &World, sql: &str) -> i64 {
    db::count(&world.site.db, sql, vec![]).await.unwrap()
}

async fn enters(node: &Client, account: &str) {
    let body = json!({"account": account, "password": PASSWORD});
    let opened = node.call("POST", "/api/v1/sessions", body).await;
    assert_eq!(opened.status, 201, "{account}: {:?}", opened.json);
}

/// Who is found by which number in the roster's list.
async fn found(admin: &Client, number: usize) -> Value {
    let path = format!("/api/v1/people?q={}", id_number(number));
    let answer = admin.call("GET", &path, Value::Null).await;
    assert_eq!(answer.json["items"].as_array().unwrap().len(), 1, "{number}: {:?}", answer.json);
    answer.json["items"][0]["id"].clone()
}

/// A college of five: the first signs in with a number that was corrected from 1 to 77, the second with its own.
struct School {
    admin: Client,
    people: Vec<Value>,
    evidence: String,
}

impl School {
    async fn open(world: &World) -> Self {
        let (admin, people) = world.college(5).await;
        let first = world.trainee(&admin, &people[0]).await;
        world.trainee(&admin, &people[1]).await;
        let leave = json!({"kind": "sick", "from": "2026-01-01", "to": "2026-06-30"});
        assert_eq!(first.call("POST", "/api/v1/leaves", leave).await.status, 201);
        let reason = json!({"year": 2026, "kind": "leave", "reason": "病休半年"});
        assert!(first.call("POST", "/api/v1/exemptions", reason).await.status < 300);
        let file = upload(&first, ("户籍.pdf", "application/pdf"), &pdf(7)).await.json["id"].clone();
        let wanted = json!({"id_number": id_number(77), "reason": "登记时写错", "files": [file]});
        let asked = first.call("POST", "/api/v1/corrections", wanted).await;
        assert_eq!(asked.status, 201, "{:?}", asked.json);
        let path = format!("/api/v1/corrections/{}/decision", asked.json["id"].as_str().unwrap());
        assert_eq!(admin.call("POST", &path, json!({"decision": "approve"})).await.status, 200);
        Self { admin, people, evidence: format!("/api/v1/files/{}", file.as_str().unwrap()) }
    }

    async fn everybody_is_found(&self, nodes: &[&Client]) {
        let account = |n: usize| self.people[n]["account"].as_str().unwrap().to_owned();
        for node in nodes {
            for typed in [id_number(77), phone(&account(0)), id_number(2), phone(&account(1)), account(1)] {
                enters(node, &typed).await;
            }
        }
        for (number, n) in [(1, 0), (77, 0), (2, 1), (3, 2), (4, 3), (5, 4)] {
            assert_eq!(found(&self.admin, number).await, self.people[n]["id"], "{number}");
        }
    }

    /// What was sealed reads as it was: the own copy, and evidence.
    async fn everything_reads_as_before(&self, world: &World) {
        let account = self.people[0]["account"].as_str().unwrap();
        let token = world.sign_in(account, PASSWORD).await["token"].as_str().unwrap().to_owned();
        let first = world.anyone.with_token(&token);
        let copy = first.call("GET", "/api/v1/me/data", Value::Null).await;
        let text = String::from_utf8_lossy(&copy.bytes).into_owned();
        for value in
            [id_number(77), id_number(1), phone(account), "13900000001".to_owned(), "病休半年".to_owned()]
        {
            assert!(text.contains(&value), "{value}");
        }
        let file = first.call("GET", &self.evidence, Value::Null).await;
        assert_eq!((file.status, &file.bytes[..]), (200, &pdf(7)[..]));
    }
}

/// Stops after the first portion of a kind that changed something, as a kill would.
fn killed_at(of: &'static str) -> impl FnMut(Portion) -> base::Result<()> {
    move |done| {
        let is_there = done.of == of && done.changed > 0;
        if is_there { Err(Error::internal("killed")) } else { Ok(()) }
    }
}

/// New keys are made and begin; before and after, both nodes find everybody.
async fn begin(world: &World, school: &School, nodes: &[&Client]) {
    let made = operations::rotate(&world.site, true).await.unwrap();
    assert_eq!(made.files.len(), 3, "what seals, what indexes, a pepper");
    assert_eq!(operations::rotate(&world.site, true).await.unwrap_err().code(), "keys_not_begun");
    world.clock.advance(599);
    school.everybody_is_found(nodes).await;
    let peppered = "SELECT COUNT(*) FROM accounts WHERE password_hash LIKE '1!%'";
    assert_eq!(count(world, peppered).await, 0);
    world.clock.advance(60);
    let early = operations::reseal(&world.site, 2, |_| Ok(())).await.unwrap_err();
    assert_eq!(early.code(), "keys_not_begun", "what began under the older keys may not be committed yet");
    world.clock.advance(1);
    school.everybody_is_found(nodes).await;
    assert!(count(world, peppered).await >= 2);
}

/// Killed while it seals and killed while it indexes: everybody is found under either key, and nobody is written twice.
async fn break_off(world: &World, school: &School, nodes: &[&Client]) {
    let killed = operations::reseal(&world.site, 2, killed_at("people.contact_phone_sealed")).await;
    assert!(killed.is_err());
    school.everybody_is_found(nodes).await;
    let killed = operations::reseal(&world.site, 2, killed_at("people.id_number_lookup")).await;
    assert!(killed.is_err());
    let anew = count(world, "SELECT COUNT(*) FROM people WHERE id_number_lookup LIKE '2.%'").await;
    let older = count(world, "SELECT COUNT(*) FROM people WHERE id_number_lookup NOT LIKE '2.%'").await;
    assert!(anew > 0 && older > 0, "half-way: {anew}, {older}");
    school.everybody_is_found(nodes).await;
    let again = world.import(&school.admin, &roster(2..=6)).await;
    assert_eq!((&again.json["created"], &again.json["updated"]), (&json!(1), &json!(0)), "{:?}", again.json);
    world.trainee(&school.admin, &school.people[2]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn item_51_keys_are_rotated_while_serving_killed_half_way_and_gone_on_with() {
    on_both(|world| async move {
        let school = School::open(&world).await;
        let node = world.another_node().await;
        let former = count(&world, "SELECT COUNT(*) FROM former_people").await;
        begin(&world, &school, &[&world.anyone, &node]).await;
        break_off(&world, &school, &[&world.anyone, &node]).await;
        let done = operations::reseal(&world.site, operations::PORTION, |_| Ok(())).await.unwrap();
        assert!(done.left.is_empty(), "{:?}", done.left);
        let name = |p: &Path| p.file_name().unwrap().to_string_lossy().into_owned();
        let names: Vec<String> = done.removable.iter().map(|p| name(p)).collect();
        assert_eq!(names, ["seal.key", "index.key"]);
        for file in &done.removable {
            std::fs::rename(file, file.with_extension("old")).unwrap();
        }
        world.clock.advance(2);
        let fresh = world.another_node().await;
        school.everybody_is_found(&[&world.anyone, &node, &fresh]).await;
        enters(&fresh, &id_number(3)).await;
        school.everything_reads_as_before(&world).await;
        assert!(!done.removable[0].exists(), "a node that starts makes no first key again");
        let once_more = operations::reseal(&world.site, operations::PORTION, |_| Ok(())).await.unwrap();
        assert_eq!((once_more.changed, once_more.removable.len()), (0, 0));
        let after = count(&world, "SELECT COUNT(*) FROM former_people").await;
        assert_eq!(after, former, "an index made anew is no change of a person");
    })
    .await;
}

/// Former numbers of before they were kept sealed stand under their first key for good.
#[tokio::test(flavor = "multi_thread")]
async fn item_51_a_former_number_that_is_an_index_alone_keeps_its_key() {
    on_both(|world| async move {
        let school = School::open(&world).await;
        let sql = "UPDATE former_papers SET id = '', number_sealed = NULL";
        db::execute(&world.site.db, sql, vec![]).await.unwrap();
        operations::rotate(&world.site, false).await.unwrap();
        world.clock.advance(660);
        let done = operations::reseal(&world.site, operations::PORTION, |_| Ok(())).await.unwrap();
        assert_eq!(json!(done.left), json!({"former_papers.lookup": 1}));
        assert_eq!(done.removable.len(), 1, "{:?}", done.removable);
        assert!(done.removable[0].ends_with("seal.key"));
        assert_eq!(found(&school.admin, 1).await, school.people[0]["id"]);
    })
    .await;
}

/// What a certificate's code says of itself to the platform.
async fn verified(world: &World, code: &str) -> Value {
    let path = code.split('#').next().unwrap().split("/verify/").nth(1).unwrap();
    world.anyone.call("GET", &format!("/api/v1/verify/{path}"), Value::Null).await.json["state"].clone()
}

/// Anyone finds the public keys.
async fn are_published(world: &World, keys: [[u8; 32]; 2]) {
    let published = world.anyone.call("GET", "/api/v1/checkpoints", Value::Null).await.json;
    assert_eq!(published["public_keys"], json!(keys.map(|k| secrets::base64url(&k))));
    let said = crate::relations::page(&world.anyone, "/checkpoints").await;
    assert!(keys.iter().all(|key| said.contains(&secrets::sha256_hex(key))));
}

#[tokio::test(flavor = "multi_thread")]
async fn item_51_what_an_older_key_signed_holds_for_ever_and_a_new_one_signs() {
    on_both(|world| async move {
        let (_, person, teacher, no) = certified(&world).await;
        let id: PersonId = person["id"].as_str().unwrap().parse().unwrap();
        checkpoint::make(&world.site).await.unwrap().unwrap();
        let entry = &hours::standing(&world.site.db, id, "2023".parse().unwrap()).await.unwrap().entries[0];
        let address = format!("/api/v1/me/years/2023/ledger/{}/proof", entry.id);
        let proof =
            async || String::from_utf8(teacher.call("GET", &address, Value::Null).await.bytes).unwrap();
        let print = async || {
            let printed = teacher.call("GET", &format!("/api/v1/certificates/{no}.pdf"), Value::Null).await;
            scanned(&printed.bytes)
        };
        let (older, before, proven) = (world.site.keys.public_key(), print().await, proof().await);

        let made = operations::rotate_signing(&world.site).await.unwrap();
        let twice = operations::rotate_signing(&world.site).await.unwrap_err();
        assert_eq!(twice.code(), "keys_not_begun");
        let names: Vec<_> = made.files.iter().map(|f| f.extension().unwrap().to_str().unwrap()).collect();
        assert_eq!(names, ["key", "pub", "pub"]);
        world.clock.advance(9 * 60);
        assert_eq!(world.site.keys.public_key(), older, "it is brought to every node before it signs");
        world.clock.advance(2 * 60);
        let newer = world.site.keys.public_key();
        assert_ne!(newer, older);
        // The private half may go; it is needed for nothing.
        std::fs::remove_file(world.site.keys.folder().join("certificate-ed25519.key")).unwrap();
        world.clock.advance(2);
        let after = print().await;
        assert_ne!(after.split('#').next(), before.split('#').next(), "the new key signs");
        let fresh = world.another_node().await;
        for code in [&before, &after] {
            assert_eq!(verified(&world, code).await, "valid");
            let path = code.split('#').next().unwrap().split("/verify/").nth(1).unwrap();
            let there = fresh.call("GET", &format!("/api/v1/verify/{path}"), Value::Null).await.json;
            assert_eq!(there["state"], "valid", "a program that starts now");
        }
        let page = downloaded(&world).await;
        for said in shown(&page, &[&before, &after]) {
            assert_eq!(said["state"], "valid", "without network: {said}");
        }
        // Checkpoints of both times follow one another, and a proof carries the key of its own.
        assert!(hours::verify(&world.site).await.unwrap().is_ok());
        assert!(checkpoint::check_proof(&proven, Some(older)).is_ok());
        assert!(checkpoint::check_proof(&proof().await, Some(older)).is_ok());
        world.clock.advance(86_400);
        let Booked::New(entry) = write(&world.site, credit(id, "later")).await else {
            panic!("booked before")
        };
        checkpoint::make(&world.site).await.unwrap().unwrap();
        assert!(hours::verify(&world.site).await.unwrap().is_ok());
        let teacher = world.sign_in(person["account"].as_str().unwrap(), PASSWORD).await;
        let teacher = world.anyone.with_token(teacher["token"].as_str().unwrap());
        let address = format!("/api/v1/me/years/2023/ledger/{entry}/proof");
        let late = String::from_utf8(teacher.call("GET", &address, Value::Null).await.bytes).unwrap();
        assert!(checkpoint::check_proof(&late, Some(newer)).is_ok(), "{late}");
        are_published(&world, [older, newer]).await;
    })
    .await;
}

async fn is_whole(site: &site::Site) -> bool {
    hours::verify(site).await.unwrap().is_ok() && audit::verify(site).await.unwrap().is_ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn item_51_after_a_leak_the_chains_are_vouched_for_under_another_key_unless_one_was_altered() {
    on_both(|world| async move {
        let (_, people) = world.college(3).await;
        let addresses = app::enrol::own_addresses("http://127.0.0.1:9");
        app::enrol::enrol(&world.site, "webtrn", &addresses, &providers::Listing::default()).await.unwrap();
        for (n, person) in people.iter().enumerate() {
            let id = person["id"].as_str().unwrap().parse().unwrap();
            assert!(matches!(write(&world.site, credit(id, &format!("leak-{n}"))).await, Booked::New(_)));
        }
        checkpoint::make(&world.site).await.unwrap().unwrap();
        let key = |name: &str| std::fs::read(world.site.keys.folder().join(name));
        let before = key("mac.key").unwrap();
        let heads = |set: &'static str| {
            let (db, id) = (world.site.db.clone(), people[2]["id"].as_str().unwrap().to_owned());
            async move {
                let sql = format!("UPDATE hour_heads SET {set} WHERE person_id = $1");
                db::execute(&db, &sql, db::params![id]).await.unwrap()
            }
        };
        heads("seq = seq + 7").await;
        let refused = operations::replace_mac(&world.site).await.unwrap_err();
        assert_eq!((refused.code(), key("mac.key").unwrap()), ("head_altered", before.clone()));
        heads("seq = seq - 7").await;
        // Broken off when the first head stood under the next key, it goes on with that key.
        let next = key("mac-next.key").unwrap();
        let first: PersonId = people[0]["id"].as_str().unwrap().parse().unwrap();
        let (seq, hash) = hours::head(&world.site.db, first).await.unwrap().unwrap();
        let under = world.site.keys.next_mac(&*world.site.random).unwrap();
        let id = first.to_string();
        let parts: &[&[u8]] = &[id.as_bytes(), &seq.to_be_bytes(), hash.as_bytes()];
        let sql = "UPDATE hour_heads SET mac = $1 WHERE person_id = $2";
        db::execute(&world.site.db, sql, db::params![under.mac("hour-head", parts), first]).await.unwrap();
        assert!(!is_whole(&world.site).await, "heads stand under either key");
        let done = operations::replace_mac(&world.site).await.unwrap();
        assert_eq!((done.heads, key("mac.key").unwrap()), (3, next));
        assert_eq!((std::fs::read(&done.replaced).unwrap(), key("mac-next.key").is_err()), (before, true));
        assert_eq!(done.void["openid_client_secrets.secret_mac"], 1, "{:?}", done.void);
        let fresh = world.fresh_site().await;
        assert!(is_whole(&fresh).await);
        assert!(!is_whole(&world.site).await, "the key of before vouches for nothing any more");
        enters(&world.another_node().await, "yuanzhang").await;
    })
    .await;
}

#[derive(sea_orm::FromQueryResult)]
struct Column {
    value: String,
}

/// Every sealed column and every blind index of the schema is on the lists of what is made anew.
#[tokio::test(flavor = "multi_thread")]
async fn item_51_no_sealed_column_and_no_index_is_forgotten() {
    let world = World::start(testkit::databases().await.remove(0)).await;
    let of = async |ending: &str| {
        let sql = "SELECT m.name || '.' || c.name AS value FROM sqlite_master m, pragma_table_info(m.name) c \
                   WHERE m.type = 'table' AND c.name LIKE $1 ORDER BY 1";
        let rows = db::all::<Column>(&world.site.db, sql, db::params![format!("%{ending}")]).await.unwrap();
        rows.into_iter().map(|c| c.value).collect::<Vec<_>>()
    };
    let mut sealed = operations::sealed_columns();
    sealed.sort_unstable();
    assert_eq!(of("_sealed").await, sealed, "say in `store_rotation.rs` what a new column is sealed for");
    // Hashes of requests and of puzzles are no blind indexes; a former row only says whether there was a number.
    let others = ["kept_answers.lookup", "spent_captchas.lookup", "former_people.id_number_lookup"];
    let mut found = of("lookup").await;
    found.retain(|f| !others.contains(&f.as_str()));
    let mut known = operations::indexed_columns();
    known.sort();
    assert_eq!(found, known);
}
