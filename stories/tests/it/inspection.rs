//! Packages for inspections: one in clear needs the password fresh, a masked one gives nobody's number away, and a file whose
//! time was over stops none.
use base::Role;
use serde_json::{Value, json};
use testkit::Client;

use crate::{
    files::{pdf, upload},
    intake::{Package, boss, unzipped, verified},
    world::{PASSWORD, World, on_both},
};

const PATH: &str = "/api/v1/inspections";

async fn package(client: &Client, body: Value) -> Package {
    let made = client.call("POST", PATH, body).await;
    assert_eq!(made.status, 200, "{:?}", made.json);
    unzipped(&made.bytes)
}

/// What the page answers to someone who wants a package in clear.
async fn typed(world: &World, client: &Client, password: &str) -> Vec<u8> {
    let form = format!(
        "unit=43010001&size=1&seed=x&from=2023&to=2023&purpose=2026年巡视调阅&clear=1&password={password}"
    );
    let form = ("application/x-www-form-urlencoded", form.into_bytes());
    client.send("POST", "/inspections", form, &[("origin", world.url.as_str())]).await.bytes
}

#[tokio::test(flavor = "multi_thread")]
async fn item_50_a_package_in_clear_needs_the_password_fresh_on_the_page_too() {
    on_both(|world| async move {
        let (_, people) = world.college(1).await;
        let boss = boss(&world).await;
        let body = |clear: bool| json!({"people": [people[0]["id"]], "years": [2023], "purpose": "2026 年巡视调阅", "clear": clear});
        package(&boss, body(true)).await;
        world.clock.advance(11 * 60);
        let stale = boss.call("POST", PATH, body(true)).await;
        assert_eq!((stale.status, stale.code()), (403, "password_needed"));
        package(&boss, body(false)).await;
        let asked = String::from_utf8(typed(&world, &boss, "").await).unwrap();
        assert!(asked.contains("请输入您的登录密码") && asked.contains("name=\"password\""), "{asked}");
        assert!(typed(&world, &boss, PASSWORD).await.starts_with(b"PK"));
        world.clock.advance(11 * 60);
        let mut typed = body(true);
        typed["password"] = json!("falsch");
        assert_eq!(boss.call("POST", PATH, typed.clone()).await.status, 422);
        typed["password"] = json!(PASSWORD);
        package(&boss, typed).await;
        let trail = "SELECT COUNT(*) FROM audit_entries WHERE action = 'inspection.package'";
        assert_eq!(db::count(&world.site.db, trail, vec![]).await.unwrap(), 4, "what was refused took nothing");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_masked_package_names_no_birth_date_and_no_leave_and_is_assessed_to_the_same() {
    on_both(|world| async move {
        let (admin, people) = world.college(3).await;
        let boss = boss(&world).await;
        let hr = world.ready("renshi", Role::Hr, "43010001").await;
        let id = |n: usize| people[n]["id"].as_str().unwrap();
        let day = json!({"day": "2027-06-30", "document": "湘人社〔2026〕3号", "reason": "提前退休"});
        let set = hr.call("PUT", &format!("/api/v1/people/{}/retirement", id(1)), day).await;
        assert!(set.status < 300, "{:?}", set.json);
        let list = "姓名,类型,自,止\n教师003,产假,2026-02-01,2026-06-20\n";
        let list = ("text/csv; charset=utf-8", list.as_bytes().to_vec());
        let taken = admin.send("POST", "/api/v1/leaves/imports?unit=43010001", list, &[]).await;
        assert_eq!((taken.status, &taken.json["created"]), (200, &json!(1)), "{:?}", taken.json);
        let body = |clear: bool| json!({"people": [id(0), id(1), id(2)], "years": [2026], "purpose": "2026 年巡视调阅", "clear": clear});
        let (masked, clear) = (package(&boss, body(false)).await, package(&boss, body(true)).await);
        let (passed, says) = verified(&masked);
        assert!(passed, "{says}");
        let all: String = masked.values().map(|b| String::from_utf8_lossy(b).into_owned()).collect();
        for gone in ["1980-05-01", "19800501", "2027-06-30", "2026-02-01", "2026-06-20", "maternity"] {
            assert!(!all.contains(gone), "{gone} in {all}");
        }
        let index = read(&masked["index.json"]);
        assert_eq!(index["stand_ins"], json!(["person.birth_date", "person.retires_on", "leaves"]));
        for (n, ground) in [json!([]), json!(["near_retirement"]), json!(["leave"])].into_iter().enumerate() {
            let items = index["items"].as_array().unwrap();
            let item = items.iter().find(|i| i["person"] == id(n)).unwrap();
            let of = |file: &str| format!("{}/{file}.json", item["folder"].as_str().unwrap());
            let assessment = read(&masked[&of("assessment")]);
            assert_eq!(assessment["exemption_eligible"], ground);
            assert_eq!(anew(&masked[&of("record")]), assessment, "masked");
            assert_eq!(item["total"], assessment["earned"]["total"]);
            assert_eq!(read(&clear[&of("record")])["person"]["birth_date"], "1980-05-01");
            assert_eq!(anew(&clear[&of("record")]), assessment, "in clear");
        }
        assert_eq!(read(&clear["index.json"])["stand_ins"], Value::Null);
    })
    .await;
}

fn read(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

/// What `xueshi assess` makes of a package's record, read as the one line that it is.
fn anew(record: &[u8]) -> Value {
    assert_eq!(std::str::from_utf8(record).unwrap().lines().count(), 1);
    let (_, policy) = rules::policy::delivered().iter().find(|(y, _)| y.number() == 2026).unwrap();
    let policy = rules::Policy::load(policy).unwrap();
    let mut line = vec![];
    rules::assess::run_line(&policy, 1, record, &mut line);
    read(&line)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_removed_after_its_time_leaves_its_hash_and_a_note_in_a_package_in_clear() {
    on_both(|world| async move {
        let (admin, people) = world.college(2).await;
        let mut handed_in = vec![];
        for (n, person) in people.iter().enumerate() {
            let teacher = world.trainee(&admin, person).await;
            let file = upload(&teacher, ("a.pdf", "application/pdf"), &pdf(n)).await.json["id"].clone();
            let paper = json!({"year": 2026, "item": "paper.core", "title": "论文", "on": "2026-06-01", "files": [file], "submit": true});
            crate::holdings::make(&teacher, "/api/v1/claims", paper).await;
            handed_in.push(file.as_str().unwrap().to_owned());
        }
        let sql = "UPDATE files SET created_at = 0 WHERE id = $1";
        db::execute(&world.site.db, sql, db::params![handed_in[0]]).await.unwrap();
        world.clock.advance(24 * 3600);
        files::schedule(&world.site).await.unwrap();
        world.settle().await;
        let boss = boss(&world).await;
        let ids: Vec<&Value> = people.iter().map(|p| &p["id"]).collect();
        let body = json!({"people": ids, "years": [2026], "purpose": "2036 年巡视调阅", "clear": true});
        let whole = package(&boss, body).await;
        let (passed, says) = verified(&whole);
        assert!(passed, "{says}");
        let hash = |n: usize| secrets::sha256_hex(&pdf(n));
        let of = |n: usize, ending: &str| {
            let end = format!("/evidence/{}.{ending}", hash(n));
            whole.iter().find(|(name, _)| name.ends_with(&end)).map(|(_, bytes)| bytes)
        };
        assert!(of(0, "pdf").is_none() && of(1, "pdf") == Some(&pdf(1)), "{:?}", whole.keys());
        let note = read(of(0, "removed.json").unwrap());
        assert_eq!((&note["state"], &note["sha256"]), (&json!("removed"), &json!(hash(0))));
        let today = base::day::day_of(world.site.now()).to_string();
        assert!(note["removed_at"].as_str().unwrap().starts_with(&today), "{note}");
        assert!(note["kept_for"].as_str().unwrap().starts_with("10 年"), "{note}");
        assert!(note["basis"].as_str().unwrap().contains("个人信息保护法"), "{note}");
    })
    .await;
}
