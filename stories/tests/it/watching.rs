//! Against favours: spouses, deputies and waiting claims, signals with recorded decisions, spot checks by a draw that
//! anyone can do again, leaders relieved by a document, and what is filed for someone.
use base::{PersonId, Role};
use hours::checkpoint;
use serde_json::{Value, json};
use testkit::Client;

use crate::{
    files::{pdf, upload},
    world::{PASSWORD, World, on_both},
};

const DAY: i64 = 24 * 3600;

async fn claim(client: &Client, title: &str, files: Value) -> String {
    let body = json!({"year": 2023, "item": "paper.core", "title": title, "on": "2023-06-01", "rank": 2,
        "files": files, "submit": true});
    let made = client.call("POST", "/api/v1/claims", body).await;
    assert_eq!(made.status, 201, "{:?}", made.json);
    made.json["id"].as_str().unwrap().to_owned()
}

async fn approve(client: &Client, id: &str) -> testkit::Answer {
    let body = json!({"decision": "approve", "comment": "属实"});
    client.call("POST", &format!("/api/v1/claims/{id}/decision"), body).await
}

async fn boss(world: &World) -> Client {
    let opened = world.sign_in("root43", PASSWORD).await;
    world.anyone.with_token(opened["token"].as_str().unwrap())
}

async fn me(client: &Client) -> String {
    let me = client.call("GET", "/api/v1/sessions/current", Value::Null).await.json;
    me["person"]["id"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spouse_decides_nothing_of_the_others() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let reviewer = world.ready("shenhe", Role::Reviewer, "43010001").await;
        let other = world.ready("shenhe2", Role::Reviewer, "43010001").await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let id = claim(&teacher, "一", json!([])).await;
        let path = format!("/api/v1/people/{}/spouse", people[0]["id"].as_str().unwrap());
        let married = admin.call("PUT", &path, json!({"spouse": me(&reviewer).await})).await;
        assert_eq!(married.status, 204, "{:?}", married.json);
        let refused = approve(&reviewer, &id).await;
        assert_eq!((refused.status, refused.code()), (403, "spouse_decision"));
        let page = admin
            .call("GET", &format!("/people/{}/circumstances", people[0]["id"].as_str().unwrap()), Value::Null)
            .await;
        assert!(String::from_utf8(page.bytes).unwrap().contains("已登记"));
        assert_eq!(approve(&other, &id).await.status, 200);
        let own = admin
            .call(
                "PUT",
                &format!("/api/v1/people/{}/spouse", me(&admin).await),
                json!({"spouse": me(&reviewer).await}),
            )
            .await;
        assert_eq!(own.code(), "own_decision", "nobody records the own marriage");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_that_waits_goes_to_the_deputy_then_to_the_level_above_and_everyone_is_told() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let deputy = world.ready("fushen", Role::Reviewer, "43010001").await;
        let staff = world.ready("zhiyuan", Role::Staff, "43010001").await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let path = "/api/v1/units/43010001/review-deputy";
        let wrong = admin.call("PUT", path, json!({"deputy": me(&staff).await})).await;
        assert_eq!(wrong.field_code("deputy"), "deputy_reviews");
        let deputy_id = me(&deputy).await;
        assert_eq!(admin.call("PUT", path, json!({"deputy": deputy_id})).await.status, 204);
        let id = claim(&teacher, "久等的论文", json!([])).await;
        claims::schedule(&world.site).await.unwrap();
        world.settle().await;
        let count = |what: &'static str| {
            let site = world.site.clone();
            async move {
                db::count(&site.db, "SELECT COUNT(*) FROM case_events WHERE what = $1", db::params![what])
                    .await
                    .unwrap()
            }
        };
        assert_eq!(count("to_deputy").await, 0, "it was handed in just now");
        for _ in 0..4 {
            world.clock.advance(DAY);
            world.settle().await;
        }
        assert_eq!((count("to_deputy").await, count("to_above").await), (1, 0));
        let told = read(&world, &deputy_id).await;
        assert!(told.contains("久等的论文"), "{told}");
        for _ in 0..4 {
            world.clock.advance(DAY);
            world.settle().await;
        }
        assert_eq!((count("to_deputy").await, count("to_above").await), (1, 1));
        assert!(read(&world, &me_of(&world, "root43").await).await.contains("久等的论文"));
        let own = read(&world, people[0]["id"].as_str().unwrap()).await;
        assert_eq!(own.matches("久等的论文").count(), 2, "the one who waits is told both times: {own}");
        let fresh =
            world.anyone.with_token(world.sign_in("fushen", PASSWORD).await["token"].as_str().unwrap());
        assert_eq!(approve(&fresh, &id).await.status, 200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exemption_that_waits_goes_on_too_but_not_to_a_head_who_may_not_read_it() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let head = me(&world.ready("fushen", Role::DepartmentHead, "43010001").await).await;
        let second = me(&world.ready("fuguan", Role::UnitAdmin, "43010001").await).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        named_on_the_page(&world, &admin, &head).await;
        let file = upload(&teacher, ("a.pdf", "application/pdf"), &pdf(9)).await.json["id"].clone();
        let body = json!({"year": 2026, "kind": "disability", "reason": "伤残，附证明", "files": [file]});
        let id = crate::holdings::make(&teacher, "/api/v1/exemptions", body).await;
        claims::schedule(&world.site).await.unwrap();
        let count = |what: &'static str| {
            let site = world.site.clone();
            let sql = "SELECT COUNT(*) FROM case_events WHERE what = $1";
            async move { db::count(&site.db, sql, db::params![what]).await.unwrap() }
        };
        pass(&world, 5).await;
        assert_eq!(count("to_deputy").await, 0, "a head of department does not decide what may be medical");
        let again = signed_in(&world, "yuanzhang").await;
        let path = "/api/v1/units/43010001/review-deputy";
        assert_eq!(again.call("PUT", path, json!({"deputy": second})).await.status, 204);
        pass(&world, 1).await;
        assert_eq!((count("to_deputy").await, count("to_above").await), (1, 0));
        assert!(read(&world, &second).await.contains("2026 年度的免训申请"));
        let own = signed_in(&world, people[0]["account"].as_str().unwrap()).await;
        let page = String::from_utf8(own.call("GET", &format!("/exemptions/{id}"), Value::Null).await.bytes)
            .unwrap();
        assert!(page.contains("由副审"), "the page says who holds it: {page}");
        pass(&world, 3).await;
        assert_eq!((count("to_deputy").await, count("to_above").await), (1, 1));
        assert!(read(&world, &me_of(&world, "root43").await).await.contains("免训申请"));
        let told = read(&world, people[0]["id"].as_str().unwrap()).await;
        assert_eq!(
            told.matches("年度免训申请已等待").count(),
            2,
            "the one who waits is told both times: {told}"
        );
        let boss = signed_in(&world, "root43").await;
        let queue = String::from_utf8(boss.call("GET", "/reviews", Value::Null).await.bytes).unwrap();
        assert!(queue.contains("已转上级"), "{queue}");
        let approve = json!({"decision": "approve", "comment": "属实"});
        let decided = boss.call("POST", &format!("/api/v1/exemptions/{id}/decision"), approve).await;
        assert_eq!((decided.status, &decided.json["state"]), (200, &json!("approved")));
    })
    .await;
}

/// Days go by, one by one, and the work of each is done.
async fn pass(world: &World, days: usize) {
    for _ in 0..days {
        world.clock.advance(DAY);
        world.settle().await;
    }
}

async fn signed_in(world: &World, account: &str) -> Client {
    world.anyone.with_token(world.sign_in(account, PASSWORD).await["token"].as_str().unwrap())
}

/// The page offers who reviews at the unit, says what goes to whom, and names the one chosen.
async fn named_on_the_page(world: &World, admin: &Client, deputy: &str) {
    let desk = String::from_utf8(admin.call("GET", "/reviews", Value::Null).await.bytes).unwrap();
    let path = "/units/43010001/review-deputy";
    assert!(desk.contains(path), "linked where reviews are");
    let page = String::from_utf8(admin.call("GET", path, Value::Null).await.bytes).unwrap();
    assert!(page.contains(&format!("value=\"{deputy}\"")) && page.contains("到期直接转上级"), "{page}");
    let form = ("application/x-www-form-urlencoded", format!("deputy={deputy}").into_bytes());
    let saved = admin.send("POST", path, form, &[("origin", world.url.as_str())]).await;
    assert_eq!(saved.status, 303, "{}", String::from_utf8_lossy(&saved.bytes));
    let named = admin.call("GET", &format!("/api/v1{path}"), Value::Null).await.json;
    assert_eq!(named["deputy"]["id"], deputy);
}

async fn me_of(world: &World, account: &str) -> String {
    world.sign_in(account, PASSWORD).await["person"]["id"].as_str().unwrap().to_owned()
}

/// Every message to a person, as one text.
async fn read(world: &World, person: &str) -> String {
    #[derive(sea_orm::FromQueryResult)]
    struct Row {
        text: String,
    }
    let sql = "SELECT text FROM messages WHERE person_id = $1 ORDER BY id";
    let rows: Vec<Row> = db::all(&world.site.db, sql, db::params![person]).await.unwrap();
    rows.into_iter().map(|r| r.text).collect::<Vec<_>>().join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn signals_rank_claims_reviewers_and_units_and_what_is_decided_is_recorded() {
    on_both(|world| async move {
        let (admin, people) = world.college(6).await;
        let reviewer = world.ready("shenhe", Role::Reviewer, "43010001").await;
        let boss = boss(&world).await;
        let mut ids = vec![];
        for (n, person) in people.iter().enumerate() {
            let teacher = world.trainee(&admin, person).await;
            // The first two hand in the same evidence, which says it was made after the year.
            let bytes = if n < 2 { late_pdf() } else { pdf(n) };
            let file = upload(&teacher, ("a.pdf", "application/pdf"), &bytes).await.json["id"].clone();
            ids.push(claim(&teacher, &format!("论文{n}"), json!([file])).await);
        }
        for id in &ids {
            assert_eq!(approve(&reviewer, id).await.status, 200);
        }
        let list = boss.call("GET", "/api/v1/signals", Value::Null).await;
        assert_eq!(list.status, 200, "{:?}", list.json);
        let items = list.json["items"].as_array().unwrap().clone();
        let first = &items[0];
        let signs = |item: &Value| -> Vec<String> {
            item["signs"].as_array().unwrap().iter().map(|s| s["sign"].as_str().unwrap().to_owned()).collect()
        };
        let of_claim = items.iter().find(|i| i["id"] == json!(ids[0])).unwrap();
        for sign in ["shared", "late_evidence", "quick"] {
            assert!(signs(of_claim).contains(&sign.to_owned()), "{of_claim}");
        }
        assert_eq!(of_claim["rank"], 7);
        assert!(first["rank"].as_i64().unwrap() >= 7, "the highest rank comes first");
        let of_reviewer = items.iter().find(|i| i["kind"] == "reviewer").unwrap();
        assert_eq!(signs(of_reviewer), ["burst"]);
        assert!(items.iter().any(|i| i["kind"] == "unit" && i["id"] == "43010001"));
        let decision =
            json!({"kind": "claim", "id": ids[0], "decision": "cleared", "comment": "两人合作，各报份额"});
        assert_eq!(admin.call("POST", "/api/v1/signals/decisions", decision.clone()).await.status, 403);
        let decided = boss.call("POST", "/api/v1/signals/decisions", decision).await;
        assert_eq!(decided.status, 204, "{:?}", decided.json);
        let again = boss.call("GET", "/api/v1/signals", Value::Null).await.json;
        let of_claim =
            again["items"].as_array().unwrap().iter().find(|i| i["id"] == json!(ids[0])).unwrap().clone();
        assert_eq!(of_claim["decided"]["decision"], "cleared");
        let nothing = json!({"kind": "claim", "id": "none", "decision": "cleared", "comment": "x"});
        assert_eq!(boss.call("POST", "/api/v1/signals/decisions", nothing).await.status, 404);
        let page = String::from_utf8(boss.call("GET", "/signals", Value::Null).await.bytes).unwrap();
        assert!(page.contains("集中通过") && page.contains("线索不是结论"), "{page}");
        let done = String::from_utf8(boss.call("GET", "/signals?done=1", Value::Null).await.bytes).unwrap();
        assert!(done.contains("两人合作"), "{done}");
        let changed =
            db::execute(&world.site.db, "UPDATE signal_decisions SET decision = 'watch'", vec![]).await;
        assert!(changed.is_err(), "decisions are append-only");
    })
    .await;
}

/// A year is open for long: what is decided now is compared with the people of its own year, however old that is, and only as
/// long as the panel looks back.
#[tokio::test(flavor = "multi_thread")]
async fn hours_far_above_peers_are_seen_whatever_year_a_claim_decided_now_is_of() {
    on_both(|world| async move {
        let (admin, people) = world.college(6).await;
        let reviewer = world.ready("shenhe", Role::Reviewer, "43010001").await;
        let mut ids = vec![];
        for (n, person) in people.iter().enumerate() {
            let teacher = world.trainee(&admin, person).await;
            ids.push(claim(&teacher, &format!("论文{n}"), json!([])).await);
        }
        let whole = ids.pop().unwrap();
        assert_eq!(approve(&reviewer, &whole).await.status, 200);
        for id in &ids {
            let lowered = json!({"decision": "approve", "hours": "5", "comment": "按实际贡献"});
            let path = format!("/api/v1/claims/{id}/decision");
            assert_eq!(reviewer.call("POST", &path, lowered).await.status, 200);
        }
        let far = async || {
            let panel = signed_in(&world, "root43").await.call("GET", "/api/v1/signals", Value::Null).await;
            assert_eq!(panel.status, 200, "{:?}", panel.json);
            let mut found = vec![];
            for item in panel.json["items"].as_array().unwrap() {
                let sign = item["signs"].as_array().unwrap().iter().find(|s| s["sign"] == "peers");
                found.extend(sign.map(|s| (item["id"].clone(), s["says"].as_str().unwrap().to_owned())));
            }
            found
        };
        let found = far().await;
        assert_eq!(found.len(), 1, "{found:?}");
        let (id, says) = &found[0];
        assert_eq!(id, &json!(whole));
        assert!(says.contains("2023 年度已认定 21.6 学时") && says.contains("中位数 5"), "{says}");
        world.clock.advance(89 * DAY);
        assert_eq!(far().await, found);
        world.clock.advance(2 * DAY);
        assert_eq!(far().await, vec![]);
    })
    .await;
}

/// A PDF that says it was made in 2024.
fn late_pdf() -> Vec<u8> {
    let plain = String::from_utf8(pdf(900)).unwrap();
    plain.replacen("%PDF-1.4\n", "%PDF-1.4\n% /CreationDate (D:20240105120000)\n", 1).into_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spot_check_is_drawn_by_the_next_checkpoint_and_looked_at_blind() {
    on_both(|world| async move {
        let (admin, people) = world.college(4).await;
        let reviewer = world.ready("shenhe", Role::Reviewer, "43010001").await;
        let boss = boss(&world).await;
        let body = json!({"unit": "43010001", "year": 2023, "percent": 50});
        let empty = boss.call("POST", "/api/v1/spot-checks", body.clone()).await;
        assert_eq!((empty.status, empty.code()), (409, "spot_check_empty"));
        for (n, person) in people.iter().enumerate() {
            let teacher = world.trainee(&admin, person).await;
            let id = claim(&teacher, &format!("论文{n}"), json!([])).await;
            let lowered = json!({"decision": "approve", "hours": "10", "comment": "按实际贡献"});
            let path = format!("/api/v1/claims/{id}/decision");
            assert_eq!(reviewer.call("POST", &path, lowered).await.status, 200);
        }
        let made = boss.call("POST", "/api/v1/spot-checks", body).await;
        assert_eq!(made.status, 201, "{:?}", made.json);
        let id = made.json["id"].as_str().unwrap();
        let path = format!("/api/v1/spot-checks/{id}");
        let open = boss.call("GET", &path, Value::Null).await.json;
        assert_eq!(
            (&open["check"]["seed"], &open["cases"]),
            (&Value::Null, &json!([])),
            "nobody knows the seed yet"
        );
        checkpoint::make(&world.site).await.unwrap().unwrap();
        let drawn = boss.call("GET", &path, Value::Null).await.json;
        assert_eq!(drawn["cases"].as_array().unwrap().len(), 2, "half of four");
        let published =
            world.anyone.call("GET", &format!("/api/v1/public/spot-checks/{id}"), Value::Null).await.json;
        let mut published: spotcheck::Published = serde_json::from_value(published).unwrap();
        assert_eq!(published.verify(), Ok(()));
        published.drawn.swap(0, 1);
        assert_eq!(published.verify(), Ok(()), "the order says nothing");
        let other = published.ids.iter().find(|i| !published.drawn.contains(i)).unwrap().clone();
        published.drawn[0] = other;
        assert!(published.verify().is_err(), "another draw is found");
        let case = drawn["cases"][0]["id"].as_str().unwrap();
        look_blind(&boss, case).await;
        let review = format!("/api/v1/spot-check-cases/{case}/review");
        let listed = boss.call("GET", "/api/v1/spot-checks", Value::Null).await.json;
        assert_eq!(
            (&listed["items"][0]["reviewed"], &listed["items"][0]["differing"]),
            (&json!(1), &json!(1))
        );
        assert_eq!(admin.call("POST", &review, json!({"verdict": "confirmed"})).await.status, 403);
    })
    .await;
}

/// The second look: nothing of the first decision before it, all of it after, once.
async fn look_blind(boss: &Client, case: &str) {
    let path = format!("/spot-check-cases/{case}");
    let shown = || async { String::from_utf8(boss.call("GET", &path, Value::Null).await.bytes).unwrap() };
    let page = shown().await;
    assert!(page.contains("盲审") && !page.contains("按实际贡献") && !page.contains("原认定</dt>"), "{page}");
    let review = format!("/api/v1/spot-check-cases/{case}/review");
    let bare = boss.call("POST", &review, json!({"verdict": "refused"})).await;
    assert_eq!(bare.field_code("comment"), "comment_required");
    let lower = json!({"verdict": "lower", "hours": "8", "comment": "贡献更小"});
    assert_eq!(boss.call("POST", &review, lower.clone()).await.status, 204);
    assert_eq!(boss.call("POST", &review, lower).await.code(), "spot_check_reviewed");
    let page = shown().await;
    assert!(page.contains("原认定") && page.contains("10 学时"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leader_relieved_by_a_document_is_not_obliged_until_the_mark_ends() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let boss = boss(&world).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let path = format!("/api/v1/people/{}/relief", people[0]["id"].as_str().unwrap());
        let body = json!({"year": 2026, "document": "湘组发〔2026〕5号", "reason": "参加干部教育培训"});
        assert_eq!(admin.call("PUT", &path, body.clone()).await.status, 403, "the authority's mark alone");
        assert_eq!(boss.call("PUT", &path, body).await.status, 204);
        let closed = json!({"year": 2024, "document": "湘组发〔2024〕5号", "reason": "参加干部教育培训"});
        assert_eq!(boss.call("PUT", &path, closed).await.code(), "year_closed", "its figures stay");
        let year = teacher.call("GET", "/api/v1/me/years/2026", Value::Null).await.json;
        assert_eq!((&year["obliged"], &year["satisfied"]), (&json!(false), &json!(true)));
        let record = teacher.call("GET", "/api/v1/me/years/2026/record", Value::Null).await.json;
        assert_eq!(record["relief"]["document"], "湘组发〔2026〕5号");
        let (_, policy) = rules::policy::delivered().iter().find(|(y, _)| y.number() == 2026).unwrap();
        let policy = rules::Policy::load(policy).unwrap();
        let text = record.to_string();
        let read = rules::record::read(&text, &policy).unwrap();
        assert!(!rules::assess(&policy, &read).obliged, "the record gives the same answer");
        world.settle().await;
        let figures = boss.call("GET", "/api/v1/stats?unit=43010001&year=2026", Value::Null).await.json;
        assert_eq!(figures["rows"], json!([]));
        assert_eq!(boss.call("DELETE", &format!("{path}?year=2026"), Value::Null).await.status, 204);
        let year = teacher.call("GET", "/api/v1/me/years/2026", Value::Null).await.json;
        assert_eq!(year["obliged"], true);
        assert_eq!(boss.call("DELETE", &format!("{path}?year=2026"), Value::Null).await.code(), "no_relief");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_filed_for_someone_has_a_scan_tells_the_person_and_is_decided_by_another() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let person = people[0]["id"].as_str().unwrap();
        let body = |files: Value| {
            json!({"year": 2023, "item": "paper.core", "title": "代办论文", "on": "2023-06-01",
            "person": person, "files": files, "submit": true})
        };
        let bare = admin.call("POST", "/api/v1/claims", body(json!([]))).await;
        assert_eq!((bare.status, bare.field_code("files")), (422, "scan_required"));
        let scan = upload(&admin, ("scan.pdf", "application/pdf"), &pdf(1)).await.json["id"].clone();
        let made = admin.call("POST", "/api/v1/claims", body(json!([scan]))).await;
        assert_eq!(made.status, 201, "{:?}", made.json);
        assert!(read(&world, person).await.contains("代办论文"));
        let own = approve(&admin, made.json["id"].as_str().unwrap()).await;
        assert_eq!(own.code(), "filed_decision");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_system_certified_needs_its_evidence_and_a_second_review() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let body = |files: Value| {
            json!({"year": 2023, "item": "continuing.professional", "title": "继续教育", "on": "2023-06-01",
            "quantity": "24", "files": files, "submit": true})
        };
        let bare = teacher.call("POST", "/api/v1/claims", body(json!([]))).await;
        assert_eq!((bare.status, bare.field_code("files")), (422, "evidence_required"));
        let file = upload(&teacher, ("a.pdf", "application/pdf"), &pdf(1)).await.json["id"].clone();
        let made = teacher.call("POST", "/api/v1/claims", body(json!([file]))).await;
        assert_eq!((made.status, &made.json["hours"]), (201, &json!("24")), "{:?}", made.json);
        let id = made.json["id"].as_str().unwrap();
        assert_eq!(approve(&admin, id).await.json["state"], "submitted", "the second level is still to come");
        assert_eq!(approve(&boss(&world).await, id).await.json["state"], "approved");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_open_on_last_year_until_the_end_of_january_where_it_is_unfinished() {
    on_both(|world| async move {
        let (_, people) = world.college(2).await;
        let id: PersonId = people[1]["id"].as_str().unwrap().parse().unwrap();
        let boss = boss(&world).await;
        let relief = json!({"year": 2026, "document": "湘组发〔2026〕5号", "reason": "干部教育"});
        assert_eq!(boss.call("PUT", &format!("/api/v1/people/{id}/relief"), relief).await.status, 204);
        world.clock.advance(45 * DAY);
        let open = |client: Client| async move {
            let page = String::from_utf8(client.call("GET", "/hours", Value::Null).await.bytes).unwrap();
            let year =
                page.split("aria-current=\"page\">").find_map(|t| t.get(..4).filter(|y| y.starts_with("20")));
            year.unwrap_or_default().to_owned()
        };
        let admin =
            world.anyone.with_token(world.sign_in("yuanzhang", PASSWORD).await["token"].as_str().unwrap());
        let unfinished = world.trainee(&admin, &people[0]).await;
        let finished = world.trainee(&admin, &people[1]).await;
        assert_eq!(open(unfinished).await, "2026", "7 January 2027: 2026 is unfinished");
        assert_ne!(open(finished).await, "2026");
        world.clock.advance(25 * DAY);
        let late = world.anyone.with_token(
            world.sign_in(people[0]["account"].as_str().unwrap(), PASSWORD).await["token"].as_str().unwrap(),
        );
        assert_ne!(open(late).await, "2026", "from 1 February on it is this year");
    })
    .await;
}
