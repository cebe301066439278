//! The person's own copy: complete against the schema, in clear for its owner, and nobody else's (security item 55); and that
//! what is kept for a time goes when it is over.
use std::collections::BTreeSet;

use base::{Role, day};
use privacy::{Kept, Term};
use serde_json::{Value, json};

use crate::{
    main_job::{courses, training},
    world::{World, id_number, on_both, phone},
};

fn part<'a>(copy: &'a Value, table: &str) -> &'a Vec<Value> {
    let parts = copy["parts"].as_array().unwrap();
    parts.iter().find(|p| p["table"] == table).unwrap()["rows"].as_array().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn item_55_the_copy_holds_what_is_stored_of_its_owner_and_of_nobody_else() {
    on_both(|world| async move {
        let (admin, people) = world.college(2).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        admin.call("POST", "/api/v1/batch-claims", training()).await;
        courses(&world, people[0]["id"].as_str().unwrap()).await;
        let leave = json!({"kind": "sick", "from": "2026-01-01", "to": "2026-06-30"});
        assert_eq!(teacher.call("POST", "/api/v1/leaves", leave).await.status, 201);
        let reason = json!({"year": 2026, "kind": "leave", "reason": "病休半年"});
        let asked = teacher.call("POST", "/api/v1/exemptions", reason).await;
        assert!(asked.status < 300, "{:?}", asked.json);
        world.settle().await;
        let copy = teacher.call("GET", "/api/v1/me/data", Value::Null).await;
        assert_eq!(copy.status, 200);
        assert!(copy.headers["content-disposition"].to_str().unwrap().starts_with("attachment"));
        let copy = copy.json;
        let account = people[0]["account"].as_str().unwrap();
        assert_eq!(part(&copy, "people")[0]["id_number"], json!(id_number(1)));
        assert_eq!(part(&copy, "accounts")[0]["phone"], json!(phone(account)));
        assert_eq!(part(&copy, "exemptions")[0]["reason"], "病休半年");
        let entries = part(&copy, "hour_entries");
        assert_eq!(entries.len(), 3);
        assert!(entries.iter().any(|e| e["hours"] == "24" && e["at"] == "2026-11-23T10:00:00+08:00"));
        let text = copy.to_string();
        let other = people[1]["id"].as_str().unwrap();
        assert!(!text.contains(&id_number(2)) && !text.contains(other) && !text.contains("argon2"));
        let page = teacher.call("GET", "/me/data", Value::Null).await;
        assert!(String::from_utf8_lossy(&page.bytes).contains("学时台账"));
        let trail = world.ready("pruefer", Role::Auditor, "43").await;
        let trail = trail.call("GET", "/api/v1/audit?action=privacy.copy", Value::Null).await;
        assert!(trail.status < 300);
        assert_eq!(world.anyone.call("GET", "/privacy", Value::Null).await.status, 200);
    })
    .await;
}

/// Tables and columns as the migrations made them.
async fn schema(world: &World) -> BTreeSet<(String, String)> {
    let sql = "SELECT m.name || '.' || c.name AS place FROM sqlite_master m, pragma_table_info(m.name) c \
               WHERE m.type = 'table'";
    let rows = db::all::<Place>(&world.site.db, sql, vec![]).await.unwrap();
    let split = rows
        .into_iter()
        .filter_map(|r| r.place.split_once('.').map(|(table, column)| (table.to_owned(), column.to_owned())));
    split.filter(|(table, _)| !table.starts_with("sqlite_") && !table.contains("migration")).collect()
}

#[derive(sea_orm::FromQueryResult)]
struct Place {
    place: String,
}

#[tokio::test(flavor = "multi_thread")]
async fn every_table_and_column_is_in_the_inventory() {
    let database = testkit::databases().await.into_iter().find(|d| d.url.starts_with("sqlite")).unwrap();
    let world = World::start(database).await;
    let impersonal: BTreeSet<&str> = privacy::IMPERSONAL.iter().map(|(table, _)| *table).collect();
    let mut listed = BTreeSet::new();
    for holding in privacy::inventory() {
        let sealed = holding.sealed.iter().map(|(column, ..)| column);
        for column in holding.open.iter().chain(holding.inner).chain(sealed) {
            assert!(listed.insert((holding.table.to_owned(), (*column).to_owned())), "{column} twice");
        }
    }
    let stored: BTreeSet<_> =
        schema(&world).await.into_iter().filter(|(table, _)| !impersonal.contains(table.as_str())).collect();
    let unlisted: Vec<_> = stored.difference(&listed).collect();
    let gone: Vec<_> = listed.difference(&stored).collect();
    assert!(
        unlisted.is_empty() && gone.is_empty(),
        "not in the inventory: {unlisted:?}; not stored: {gone:?}"
    );
}

/// Whatever is stored is named in words, and evidence is promised the same time here as in the table of retention.
#[tokio::test(flavor = "multi_thread")]
async fn every_holding_has_its_words_and_both_pages_promise_the_same() {
    let database = testkit::databases().await.into_iter().find(|d| d.url.starts_with("sqlite")).unwrap();
    let world = World::start(database).await;
    let texts = &world.site.texts;
    for holding in privacy::inventory() {
        let (about, purpose) =
            (format!("privacy-about-{}", holding.table), format!("privacy-purpose-{}", holding.table));
        for key in [about.as_str(), purpose.as_str(), holding.kept.key()] {
            assert!(texts.has(key), "{key}");
        }
        let words = holding.words(&world.site);
        assert!(words.iter().all(|w| !w.contains('{')), "{words:?}");
    }
    let page = String::from_utf8(world.anyone.call("GET", "/privacy", Value::Null).await.bytes).unwrap();
    let table = String::from_utf8(world.anyone.call("GET", "/retention", Value::Null).await.bytes).unwrap();
    assert!(!page.contains("privacy-about-") && !page.contains("privacy-purpose-"), "{page}");
    for promise in ["6 个月", "最近 5 次", "<td>3 年</td>", "3 年；通知仍有效的", "7 天"] {
        assert!(page.contains(promise), "{promise} in {page}");
    }
    for kind in ["evidence", "medical", "sources", "vouchers"] {
        let long = texts.get(&format!("retention-{kind}-long"));
        let row = format!("{}：{long}", texts.get(&format!("retention-{kind}-what")));
        assert!(page.contains(&row) && table.contains(&long), "{row} in {page}");
    }
}

/// Someone took an administrator's password: what that account did, whom it concerns, how far it reaches.
#[tokio::test(flavor = "multi_thread")]
async fn item_55_a_breach_report_names_masked_who_and_which_data_may_be_affected() {
    on_both(|world| async move {
        let (admin, people) = world.college(3).await;
        let path = format!("/api/v1/people/{}/password-reset", people[0]["id"].as_str().unwrap());
        assert_eq!(admin.call("POST", &path, json!({"reason": "忘记密码"})).await.status, 200);
        world.ready("linju", Role::UnitAdmin, "43020001").await;
        let auditor = world.ready("shenji", Role::Auditor, "430100").await;
        let operator = world.ready("yunwei", Role::SystemAdmin, "430100").await;
        let asked = json!({"from": "2026-11-20", "to": "2026-11-23", "accounts": ["yuanzhang"], "purpose": "账号密码外泄"});
        let ask = "/api/v1/breach-reports";
        assert_eq!(admin.call("POST", ask, asked.clone()).await.status, 403);
        for client in [&auditor, &operator] {
            let report = client.call("POST", ask, asked.clone()).await;
            assert_eq!(report.status, 200, "{:?}", report.json);
            let report = report.json;
            let affected: BTreeSet<&str> =
                report["people"].as_array().unwrap().iter().map(|p| p["id"].as_str().unwrap()).collect();
            assert!(affected.contains(people[0]["id"].as_str().unwrap()), "whom the account reset");
            assert!(!affected.contains(people[1]["id"].as_str().unwrap()), "whom it did nothing to");
            assert_eq!(report["people_total"], json!(affected.len()));
            let text = report.to_string();
            assert!(!text.contains("教师001") && !text.contains(&id_number(1)), "masked");
            assert!(text.contains("教****"), "{text}");
            let deeds = report["deeds"].as_array().unwrap();
            assert!(deeds.iter().any(|d| d["action"] == "password.reset" && d["network"] != ""), "{deeds:?}");
            let numbers = report["data"].as_array().unwrap().iter().find(|k| k["table"] == "people").unwrap();
            assert!(numbers["sealed"].to_string().contains("id_number"));
            let reach = report["reach"].as_array().unwrap();
            let own = reach.iter().find(|r| r["role"] == "unit_admin").unwrap();
            assert_eq!((&own["unit"], &own["people"]), (&json!("43010001"), &json!(4)), "three and the head");
        }
        let unit = json!({"from": "2026-11-20", "to": "2026-11-23", "units": ["43010001"], "purpose": "数据库外泄"});
        let all = auditor.call("POST", ask, unit).await.json;
        assert_eq!(all["people_total"], json!(4));
        for (field, code, wrong) in [
            ("units", "required", json!({"from": "2026-11-20", "to": "2026-11-23", "purpose": "x"})),
            ("units", "unknown_here", json!({"from": "2026-11-20", "to": "2026-11-23", "units": ["43020001"], "purpose": "x"})),
            ("accounts", "unknown_here", json!({"from": "2026-11-20", "to": "2026-11-23", "accounts": ["linju"], "purpose": "x"})),
            ("to", "wrong_value", json!({"from": "2026-11-20", "to": "2026-11-19", "units": ["43010001"], "purpose": "x"})),
            ("purpose", "required", json!({"from": "2026-11-20", "to": "2026-11-23", "units": ["43010001"]})),
        ] {
            assert_eq!(auditor.call("POST", ask, wrong.clone()).await.field_code(field), code, "{wrong}");
        }
        let book = auditor.call("POST", &format!("{ask}?format=xlsx"), asked).await;
        assert!(book.headers["content-type"].to_str().unwrap().contains("spreadsheetml"));
        let mut book: calamine::Xlsx<_> =
            calamine::open_workbook_from_rs(std::io::Cursor::new(book.bytes)).unwrap();
        let names = calamine::Reader::sheet_names(&book);
        assert_eq!(names, ["说明", "可能涉及的人员", "涉及的数据", "相关操作", "账号能查到的范围"]);
        let sheet = calamine::Reader::worksheet_range(&mut book, "可能涉及的人员").unwrap();
        assert!(sheet.rows().nth(1).is_some());
        let trail = auditor.call("GET", "/api/v1/audit?action=privacy.breach_report", Value::Null).await.json;
        assert_eq!(trail["items"][0]["details"]["purpose"], "账号密码外泄");
        assert_eq!(auditor.call("GET", "/privacy/breach-report", Value::Null).await.status, 200);
    })
    .await;
}

const SESSION: &str = "INSERT INTO sessions (id, token_hash, account_id, via, created_at, last_operation_at, forced_step) \
    VALUES ($1, $1, (SELECT id FROM accounts WHERE person_id = $2), 'api', $3, $3, FALSE)";
const TICKET: &str = "INSERT INTO tickets (id, person_id, unit_path, category, title, state, created_at, due_at) \
    VALUES ($1, $2, '/', 'other', 'x', 'closed', $3, $3)";
const TICKET_MESSAGE: &str = "INSERT INTO ticket_messages (id, ticket_id, by_person, is_service, text, at) \
    VALUES ($1, $1, $2, FALSE, 'x', $3)";
const NOTICE: &str = "INSERT INTO notices (id, unit_id, author_id, state, version, target_path, roles, categories, created_at) \
    VALUES ($1, (SELECT unit_id FROM people WHERE id = $2), $2, 'withdrawn', 1, '/', '', '', $3)";
const NOTICE_READ: &str =
    "INSERT INTO notice_reads (notice_id, person_id, version, at) VALUES ($1, $2, 1, $3)";
const CLIENT: &str = "INSERT INTO openid_clients (client_id, provider_id, redirect_uris, post_logout_uris, created_at) \
    SELECT 'c', id, '', '', 0 FROM providers WHERE name = 'webtrn' ON CONFLICT DO NOTHING";

/// How a row of each table with a term comes to be, under an id, of a person, at a time.
const ROWS: &[(&str, &[&str])] = &[
    (
        "messages",
        &["INSERT INTO messages (id, person_id, kind, text, link, at) VALUES ($1, $2, 'x', 'x', '/', $3)"],
    ),
    ("notice_reads", &[NOTICE, NOTICE_READ]),
    (
        "reminders",
        &["INSERT INTO reminders (id, person_id, way, segments, fen, payer_id, year, at) \
           VALUES ($1, $2, 'in_app', 0, 0, 'x', 2023, $3)"],
    ),
    (
        "identity_checks",
        &["INSERT INTO identity_checks (id, person_id, agent_id, compared, proof, note, is_passed, at) \
           VALUES ($1, $2, 'x', '', '', '', TRUE, $3)"],
    ),
    ("tickets", &[TICKET]),
    ("ticket_messages", &[TICKET, TICKET_MESSAGE]),
    (
        "progress",
        &[
            "INSERT INTO progress (id, owner, kind, done, total, state, link, at) VALUES ($1, $2, 'x', 1, 1, 'done', '/', $3)",
        ],
    ),
    ("sessions", &[SESSION]),
    (
        "openid_logins",
        &[
            SESSION,
            "INSERT INTO openid_logins (id, session_id, client_id, person_id, subject, at) \
             VALUES ($1, $1, (SELECT MAX(client_id) FROM openid_clients), $2, 's', $3)",
            "INSERT INTO openid_codes (code_hash, login_id, redirect_uri, challenge, scope, auth_time, expires_at) \
             SELECT CAST($1 AS TEXT), l.id, '', '', '', 0, CAST($3 AS BIGINT) FROM openid_logins l WHERE l.id = $1 AND l.person_id = $2",
        ],
    ),
    (
        "sms_codes",
        &[
            "INSERT INTO sms_codes (id, purpose, account_id, challenge, phone_lookup, network, code_mac, created_at, expires_at) \
           VALUES ($1, 'sign_in', (SELECT id FROM accounts WHERE person_id = $2), $1, 'x', '', 'x', $3, $3)",
        ],
    ),
    (
        "password_resets",
        &["INSERT INTO password_resets (id, guard_key, account_id, phone_lookup, created_at) \
           VALUES ($1, 'x', (SELECT id FROM accounts WHERE person_id = $2), 'x', $3)"],
    ),
    (
        "notices_sent",
        &["INSERT INTO notices_sent (id, account_id, kind, at) \
           VALUES ($1, (SELECT id FROM accounts WHERE person_id = $2), 'x', $3)"],
    ),
    (
        "activations",
        &["INSERT INTO activations (id, account_id, code_mac, channel, issued_by, issued_at, expires_at) \
           VALUES ($1, (SELECT id FROM accounts WHERE person_id = $2), $1, 'slip', 'x', $3, $3)"],
    ),
];

async fn put(world: &World, sql: &str, (id, person, at): (&str, &str, i64)) {
    db::execute(&world.site.db, sql, db::params![id, person, at])
        .await
        .unwrap_or_else(|e| panic!("{sql}: {e:?}"));
}

/// How many rows of a table have that time.
async fn of_time(world: &World, (table, column): (&str, &str), at: i64) -> i64 {
    let sql = format!("SELECT COUNT(*) FROM {table} WHERE {column} = $1");
    db::count(&world.site.db, &sql, db::params![at]).await.unwrap()
}

/// The column of time, and the first instant that stays on the day of these stories.
fn stays_from(term: Term) -> (&'static str, i64) {
    let (column, day) = match term {
        Term::Days(column, 7) => (column, "2026-11-16"),
        Term::Months(column, 6) => (column, "2026-05-23"),
        Term::Years(column, 3) => (column, "2023-11-23"),
        other => panic!("{other:?} is promised nowhere"),
    };
    (column, day::millis(day::start_of(day.parse().unwrap())))
}

/// An old and a young row of every table with a term; the table, its column of time and the first instant that stays.
async fn old_and_young(world: &World, person: &str) -> Vec<(&'static str, &'static str, i64)> {
    let mut made = vec![];
    for holding in privacy::inventory() {
        let Some(term) = holding.kept.term().filter(|t| !matches!(t, Term::Newest(..))) else { continue };
        let (column, from) = stays_from(term);
        let rows = ROWS.iter().find(|(table, _)| *table == holding.table);
        let rows = rows.unwrap_or_else(|| panic!("how is a row of {} made?", holding.table)).1;
        for (age, at) in [("old", from - 1), ("young", from)] {
            let id = format!("{}-{age}", holding.table);
            for sql in rows {
                put(world, sql, (&id, person, at)).await;
            }
        }
        made.push((holding.table, column, from));
    }
    assert_eq!(made.len(), ROWS.len());
    made
}

/// Seven old passwords, and what is as old as others and stays: asked long ago and answered lately, read long ago and still in
/// force. When that was.
async fn beside(world: &World, person: &str) -> i64 {
    let password = "INSERT INTO old_passwords (account_id, hash, at) SELECT a.id, CAST($1 AS TEXT), CAST($3 AS BIGINT) \
                    FROM accounts a WHERE a.person_id = $2";
    for at in 1..=7 {
        put(world, password, ("x", person, at)).await;
    }
    let (_, three_years) = stays_from(Term::Years("at", 3));
    let (long_ago, lately) = (three_years - 1_000, three_years + 1_000);
    put(world, TICKET, ("open", person, long_ago)).await;
    put(world, TICKET_MESSAGE, ("open", person, lately)).await;
    put(world, &NOTICE.replace("withdrawn", "published"), ("in-force", person, long_ago)).await;
    let version = "INSERT INTO notice_versions (notice_id, version, document_no, title, body, valid_from, contact_name, \
                   contact_phone, saved_by, saved_at) VALUES ($1, 1, '', 'x', 'x', '2023-01-01', '', '', $2, $3)";
    put(world, version, ("in-force", person, long_ago)).await;
    put(world, NOTICE_READ, ("in-force", person, long_ago)).await;
    long_ago
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_older_than_the_page_promises_goes_the_rest_stays_and_twice_is_harmless() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        world.trainee(&admin, &people[0]).await;
        let person = people[0]["id"].as_str().unwrap();
        crate::courses::provider(&world, "webtrn").await;
        db::execute(&world.site.db, CLIENT, vec![]).await.unwrap();
        let made = old_and_young(&world, person).await;
        let long_ago = beside(&world, person).await;
        let mut young = vec![];
        for (table, column, from) in &made {
            assert!(of_time(&world, (table, column), from - 1).await > 0, "{table}");
            young.push(of_time(&world, (table, column), *from).await);
        }

        for _ in 0..2 {
            privacy::schedule(&world.site).await.unwrap();
            world.settle().await;
            for ((table, column, from), young) in made.iter().zip(&young) {
                assert_eq!(of_time(&world, (table, column), from - 1).await, 0, "{table}: old");
                assert_eq!(of_time(&world, (table, column), *from).await, *young, "{table}: young");
            }
            let passwords = async |before: i64| {
                let sql = "SELECT COUNT(*) FROM old_passwords WHERE at < $1";
                db::count(&world.site.db, sql, db::params![before]).await.unwrap()
            };
            assert_eq!((passwords(3).await, passwords(8).await), (0, 5), "the newest five");
            assert_eq!(
                of_time(&world, ("tickets", "created_at"), long_ago).await,
                1,
                "it goes with its last message"
            );
            assert_eq!(
                of_time(&world, ("notice_reads", "at"), long_ago).await,
                1,
                "it would be unread again"
            );
            let codes = "SELECT COUNT(*) FROM openid_codes";
            assert_eq!(db::count(&world.site.db, codes, vec![]).await.unwrap(), 1, "the young login's");
            assert_eq!(told(&world).await.len(), made.len() + 1, "once a table, and the passwords");
        }
        assert!(audit::verify(&world.site).await.unwrap().is_ok());
        world.sign_in(people[0]["account"].as_str().unwrap(), crate::world::PASSWORD).await;
    })
    .await;
}

/// What the trail says was removed, portion by portion.
async fn told(world: &World) -> Vec<Value> {
    let sql = "SELECT details AS place FROM audit_entries WHERE action = 'privacy.expire' ORDER BY seq";
    let deeds = db::all::<Place>(&world.site.db, sql, vec![]).await.unwrap();
    deeds.iter().map(|d| serde_json::from_str::<Value>(&d.place).unwrap()["removed"].clone()).collect()
}

/// Two more than a portion takes.
const MANY: i64 = 5_002;
/// Numbers from one on, as many as `$1` says.
const NUMBERS: &str = "WITH RECURSIVE numbers(n) AS (SELECT CAST(1 AS BIGINT) UNION ALL \
    SELECT n + 1 FROM numbers WHERE n < $1)";
const MANY_MESSAGES: &str = "INSERT INTO messages (id, person_id, kind, text, link, at) \
    SELECT 'm' || n, CAST($2 AS TEXT), 'x', 'x', '/', CAST($3 AS BIGINT) FROM numbers";
const MANY_NOTICES: &str = "INSERT INTO notices (id, unit_id, author_id, state, version, target_path, roles, categories, created_at) \
    SELECT 'n' || n, p.unit_id, p.id, 'withdrawn', 1, '/', '', '', CAST($3 AS BIGINT) FROM numbers, people p WHERE p.id = $2";
const MANY_READS: &str = "INSERT INTO notice_reads (notice_id, person_id, version, at) \
    SELECT 'n' || n, CAST($2 AS TEXT), 1, CAST($3 AS BIGINT) FROM numbers";

#[tokio::test(flavor = "multi_thread")]
async fn more_than_a_portion_goes_in_one_night_and_each_portion_is_told_where_it_goes() {
    on_both(|world| async move {
        let (_, people) = world.college(1).await;
        let person = people[0]["id"].as_str().unwrap();
        let (_, from) = stays_from(Term::Years("at", 3));
        for many in [MANY_MESSAGES, MANY_NOTICES, MANY_READS] {
            let sql = format!("{NUMBERS} {many}");
            db::execute(&world.site.db, &sql, db::params![MANY, person, from - 1]).await.unwrap();
        }
        // A young one between them.
        let sql = "UPDATE messages SET at = $3 WHERE id = $1 AND person_id = $2";
        put(&world, sql, ("m3", person, from)).await;
        privacy::schedule(&world.site).await.unwrap();
        world.settle().await;
        for (table, young) in [("messages", 1), ("notice_reads", 0)] {
            assert_eq!(of_time(&world, (table, "at"), from - 1).await, 0, "{table}: old");
            assert_eq!(of_time(&world, (table, "at"), from).await, young, "{table}: young");
        }
        let expected = [
            json!({"messages": 5_000}),
            json!({"messages": 1}),
            json!({"notice_reads": 5_000}),
            json!({"notice_reads": 2}),
        ];
        let told = told(&world).await;
        assert_eq!(told.len(), expected.len(), "{told:?}");
        assert!(expected.iter().all(|deed| told.contains(deed)), "{told:?}");
        assert!(audit::verify(&world.site).await.unwrap().is_ok());
    })
    .await;
}

/// Someone answers to an old ticket while the night goes over the tickets: it stays, and the night does the rest.
#[tokio::test(flavor = "multi_thread")]
async fn what_someone_refers_to_at_that_moment_stays_and_the_rest_goes() {
    on_both(|world| async move {
        let (_, people) = world.college(1).await;
        let person = people[0]["id"].as_str().unwrap();
        let (_, from) = stays_from(Term::Years("created_at", 3));
        for id in ["answered", "over"] {
            put(&world, TICKET, (id, person, from - 1)).await;
        }
        let tx = world.site.db.begin().await.unwrap();
        db::execute(&tx, TICKET_MESSAGE, db::params!["answered", person, from]).await.unwrap();
        // The embedded database has one writer: there the answer is written before the night begins to remove.
        let tx = if world.site.db.is_sqlite() {
            tx.commit().await.unwrap();
            None
        } else {
            Some(tx)
        };
        privacy::schedule(&world.site).await.unwrap();
        world.settle().await;
        if let Some(tx) = tx {
            tx.commit().await.unwrap();
        }
        assert_eq!(of_time(&world, ("tickets", "created_at"), from - 1).await, 1, "the answered one");
        assert_eq!(of_time(&world, ("ticket_messages", "at"), from).await, 1, "its answer");
        assert_eq!(told(&world).await, [json!({"tickets": 1})]);
    })
    .await;
}

/// What the page says of a time is done: by the nightly work, which goes by the inventory, or by the file that is named.
#[tokio::test(flavor = "multi_thread")]
async fn every_term_has_its_deletion_and_what_refers_to_such_rows_is_known() {
    let mut elsewhere = BTreeSet::new();
    let mut ending = BTreeSet::new();
    for holding in privacy::inventory() {
        if matches!(holding.kept, Kept::Newest | Kept::Decided) {
            let place = privacy::ELSEWHERE.iter().find(|(table, _)| *table == holding.table);
            let (table, file) = place.unwrap_or_else(|| panic!("{}: who deletes it?", holding.table));
            let path = format!("{}/../{file}", env!("CARGO_MANIFEST_DIR"));
            let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
            assert!(text.contains(&format!("DELETE FROM {table} ")), "{file} does not delete {table}");
            elsewhere.insert(holding.table);
        }
        ending.extend(holding.kept.term().map(|_| holding.table));
    }
    let named: BTreeSet<&str> = privacy::ELSEWHERE.iter().map(|(table, _)| *table).collect();
    assert_eq!(elsewhere, named);

    let database = testkit::databases().await.into_iter().find(|d| d.url.starts_with("sqlite")).unwrap();
    let world = World::start(database).await;
    let sql = "SELECT f.\"table\" || '<' || m.name || '.' || f.\"from\" AS place FROM sqlite_master m, \
               pragma_foreign_key_list(m.name) f WHERE m.type = 'table'";
    let keys = db::all::<Place>(&world.site.db, sql, vec![]).await.unwrap();
    let to_ending = |place: &String| ending.iter().any(|table| place.starts_with(&format!("{table}<")));
    let stored: BTreeSet<String> = keys.into_iter().map(|k| k.place).filter(to_ending).collect();
    let known: BTreeSet<String> =
        privacy::REFERENCES.iter().map(|r| format!("{}<{}.{}", r.of, r.by, r.column)).collect();
    assert_eq!(stored, known);
}
