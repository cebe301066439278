//! Settlement with course platforms: drawn up from the ledger, disputed by line, suspended by rule, confirmed and paid.
use base::Role;
use serde_json::{Value, json};
use testkit::Client;

use crate::{
    main_job::courses,
    world::{World, on_both},
};

const MONTH: &str = "2026-11";

/// Two people's courses of a month that is over then, and the authority at the top.
async fn month(world: &World, percent: i64) -> (Client, Vec<Value>, Vec<Value>) {
    let top = world.ready("shengting", Role::Authority, "43").await;
    let (_, people) = world.college(2).await;
    for name in ["ischinese", "webtrn"] {
        let listing = providers::Listing::default();
        providers::register(&world.site, name, &["https://p.example/back".to_owned()], &listing)
            .await
            .unwrap();
        let terms = json!({"provider": name, "public_rate": "1.50", "professional_rate": "2.00", "suspend_percent": percent});
        let set = top.call("PUT", "/api/v1/settlement-terms", terms).await;
        assert_eq!(set.status, 204, "{:?}", set.json);
    }
    for person in &people {
        courses(world, person["id"].as_str().unwrap()).await;
    }
    world.settle().await;
    let sql = "SELECT DISTINCT source FROM hour_entries WHERE kind = 'credit' ORDER BY source";
    let sources: Vec<Source> = db::all(&world.site.db, sql, vec![]).await.unwrap();
    assert!(sources.iter().any(|s| s.source == "webtrn"), "the story's courses are webtrn's");
    let early = draw(&top).await;
    assert_eq!((early.status, early.field_code("month")), (422, "settlement_month"), "the month is not over");
    world.clock.advance(10 * 86_400);
    let opened = world.sign_in("shengting", crate::world::PASSWORD).await;
    let top = world.anyone.with_token(opened["token"].as_str().unwrap());
    let drawn = draw(&top).await;
    assert_eq!(drawn.status, 201, "{:?}", drawn.json);
    let whole = top.call("GET", &format!("/api/v1/settlements/{}", id(&drawn.json)), Value::Null).await.json;
    let lines = whole["items"].as_array().unwrap().clone();
    (top, vec![drawn.json], lines)
}

#[derive(sea_orm::FromQueryResult)]
struct Source {
    source: String,
}

async fn draw(top: &Client) -> testkit::Answer {
    top.call("POST", "/api/v1/settlements", json!({"provider": "webtrn", "month": MONTH})).await
}

fn id(json: &Value) -> String {
    json["id"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_month_is_drawn_up_from_the_ledger_disputed_by_line_and_paid() {
    on_both(|world| async move {
        let (top, drawn, lines) = month(&world, 60).await;
        let statement = format!("/api/v1/settlements/{}", id(&drawn[0]));
        let (count, amount) = (lines.len(), drawn[0]["amount"].as_str().unwrap().to_owned());
        assert!(count >= 2 && lines.iter().all(|l| l["kind"] == "credit"), "{lines:?}");
        let fen = |text: &Value| text.as_str().unwrap().replace('.', "").parse::<i64>().unwrap();
        assert_eq!(lines.iter().map(|l| fen(&l["amount"])).sum::<i64>(), fen(&json!(amount)));
        assert_eq!(draw(&top).await.code(), "settlement_exists");
        let line = lines[0]["place"].as_i64().unwrap();
        let dispute = json!({"line": line, "reason": "这一笔与考勤重叠"});
        let path = |what: &str| format!("{statement}/{what}");
        assert_eq!(top.call("POST", &path("disputes"), dispute.clone()).await.status, 204);
        assert_eq!(top.call("POST", &path("disputes"), dispute).await.code(), "line_decided");
        assert_eq!(top.call("POST", &path("confirmation"), Value::Null).await.code(), "settlement_disputed");
        let strike = json!({"line": line, "decision": "strike", "comment": "查实重叠"});
        let struck = top.call("POST", &path("line-decisions"), strike).await;
        assert_eq!(struck.status, 200, "{:?}", struck.json);
        assert_eq!(fen(&struck.json["amount"]), fen(&json!(amount)) - fen(&lines[0]["amount"]));
        let pay = json!({"reference": "PZ-7"});
        assert_eq!(top.call("POST", &path("payment"), pay.clone()).await.code(), "settlement_not_confirmed");
        let confirmed = top.call("POST", &path("confirmation"), Value::Null).await;
        assert_eq!(
            (confirmed.status, &confirmed.json["state"]),
            (200, &json!("confirmed")),
            "{:?}",
            confirmed.json
        );
        assert_eq!(top.call("POST", &path("payment"), pay.clone()).await.json["state"], "paid");
        assert_eq!(top.call("POST", &path("payment"), pay).await.code(), "paid_before");
        let page = top.call("GET", &format!("/settlements/{}", id(&drawn[0])), Value::Null).await;
        let text = String::from_utf8_lossy(&page.bytes).into_owned();
        assert!(text.contains("已剔除") && text.contains("查实重叠") && text.contains("已付款"), "{text}");
        let sheet = top.call("GET", &format!("/settlements/{}/lines.xlsx", id(&drawn[0])), Value::Null).await;
        assert_eq!(org::lines(&sheet.bytes).unwrap().len(), count + 1);
        let stranger = world.ready("waiting", Role::Authority, "430200").await;
        assert_eq!(stranger.call("GET", &statement, Value::Null).await.status, 404, "not at the top");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_taken_back_later_is_deducted_and_too_much_of_it_suspends() {
    on_both(|world| async move {
        let (top, drawn, lines) = month(&world, 5).await;
        assert_eq!(drawn[0]["state"], "open");
        let entry: base::EntryId = lines[0]["entry"].as_str().unwrap().parse().unwrap();
        let by = people_id(&world).await;
        let tx = world.site.db.begin().await.unwrap();
        let why = hours::Reversal { reason: "重复登记", by };
        hours::reverse(&world.site, &tx, entry, why).await.unwrap();
        tx.commit().await.unwrap();
        world.settle().await;
        world.clock.advance(31 * 86_400);
        let opened = world.sign_in("shengting", crate::world::PASSWORD).await;
        let top = {
            drop(top);
            world.anyone.with_token(opened["token"].as_str().unwrap())
        };
        let next =
            top.call("POST", "/api/v1/settlements", json!({"provider": "webtrn", "month": "2026-12"})).await;
        assert_eq!((next.status, &next.json["state"]), (201, &json!("suspended")), "{:?}", next.json);
        let amount = lines[0]["amount"].as_str().unwrap();
        assert_eq!(next.json["amount"], json!(format!("-{amount}")), "exactly what was paid for it");
        let path = |what: &str| format!("/api/v1/settlements/{}/{what}", id(&next.json));
        assert_eq!(top.call("POST", &path("confirmation"), Value::Null).await.code(), "settlement_suspended");
        assert_eq!(top.call("POST", &path("release"), json!({"reason": ""})).await.status, 422);
        let released = top.call("POST", &path("release"), json!({"reason": "已核实，属正常更正"})).await;
        assert_eq!(released.json["state"], "open");
        assert_eq!(top.call("POST", &path("confirmation"), Value::Null).await.json["state"], "confirmed");
    })
    .await;
}

/// An account that looks after a platform.
async fn operator(world: &World, account: &str, provider: &str) -> Client {
    let client = world.ready(account, Role::Provider, "43").await;
    let who = client.call("GET", "/api/v1/sessions/current", Value::Null).await.json;
    let person = who["person"]["id"].as_str().unwrap().parse().unwrap();
    providers::seat(&world.site, provider, person).await.unwrap();
    client
}

#[tokio::test(flavor = "multi_thread")]
async fn a_platforms_operators_see_their_own_statement_and_object_to_a_line_once() {
    on_both(|world| async move {
        let (top, drawn, lines) = month(&world, 60).await;
        let (own, other) =
            (operator(&world, "jigou1", "webtrn").await, operator(&world, "jigou2", "ischinese").await);
        let statement = format!("/api/v1/settlements/{}", id(&drawn[0]));
        let seen = own.call("GET", &statement, Value::Null).await;
        assert_eq!((seen.status, &seen.json["amount"]), (200, &drawn[0]["amount"]), "{:?}", seen.json);
        let record = seen.json["items"][0]["record"].as_str().unwrap();
        assert!(!record.is_empty(), "its own number: {}", seen.json["items"][0]);
        assert_eq!(
            own.call("GET", "/api/v1/settlements", Value::Null).await.json["items"][0]["provider"],
            "webtrn"
        );
        let page = format!("/settlements/{}", id(&drawn[0]));
        let shown = own.call("GET", &page, Value::Null).await;
        let shown = String::from_utf8_lossy(&shown.bytes).into_owned();
        assert!(shown.contains("提出异议") && !shown.contains("教师001"), "no names: {shown}");
        assert!(!shown.contains("确认结算单"), "the authority confirms");
        let line = lines[0]["place"].as_i64().unwrap();
        let object = json!({"line": line, "reason": "本平台记录为 36 学时"});
        for path in
            [statement.clone(), format!("{statement}/disputes"), page.clone(), format!("{page}/lines.xlsx")]
        {
            let method = if path.ends_with("disputes") { "POST" } else { "GET" };
            let body = if method == "POST" { object.clone() } else { Value::Null };
            assert_eq!(other.call(method, &path, body).await.status, 404, "another platform's: {path}");
        }
        assert_eq!(other.call("GET", "/api/v1/settlements", Value::Null).await.json["items"], json!([]));
        let disputes = format!("{statement}/disputes");
        assert_eq!(own.call("POST", &disputes, object.clone()).await.status, 204);
        let told = top.call("GET", "/api/v1/me/messages", Value::Null).await.json.to_string();
        assert!(told.contains("提出异议"), "{told}");
        assert_eq!(
            top.call("POST", &format!("{statement}/confirmation"), Value::Null).await.code(),
            "settlement_disputed"
        );
        let answer = json!({"line": line, "decision": "keep", "comment": "账本记录无误"});
        assert_eq!(
            own.call("POST", &format!("{statement}/line-decisions"), answer.clone()).await.status,
            403
        );
        assert_eq!(top.call("POST", &format!("{statement}/line-decisions"), answer).await.status, 200);
        let told = own.call("GET", "/api/v1/me/messages", Value::Null).await.json.to_string();
        assert!(told.contains("维持"), "{told}");
        assert_eq!(own.call("POST", &disputes, object).await.code(), "line_decided", "it was answered");
        let shown = own.call("GET", &page, Value::Null).await;
        assert!(String::from_utf8_lossy(&shown.bytes).contains("账本记录无误"));
        a_struck_line_too((&top, &own), &statement, lines[1]["place"].as_i64().unwrap()).await;
    })
    .await;
}

/// A struck line may be objected to after the authority's own doubt, and is answered once more.
async fn a_struck_line_too((top, own): (&Client, &Client), statement: &str, line: i64) {
    let (disputes, decisions) = (format!("{statement}/disputes"), format!("{statement}/line-decisions"));
    let doubt = json!({"line": line, "reason": "存疑"});
    assert_eq!(top.call("POST", &disputes, doubt).await.status, 204);
    let strike = json!({"line": line, "decision": "strike", "comment": "剔除"});
    assert_eq!(top.call("POST", &decisions, strike.clone()).await.status, 200);
    let objection = json!({"line": line, "reason": "有学习日志"});
    assert_eq!(own.call("POST", &disputes, objection.clone()).await.status, 204);
    assert_eq!(top.call("POST", &decisions, strike).await.status, 200);
    assert_eq!(own.call("POST", &disputes, objection).await.code(), "line_objected");
}

/// Someone who can stand for who took the credit back.
async fn people_id(world: &World) -> base::PersonId {
    #[derive(sea_orm::FromQueryResult)]
    struct One {
        id: String,
    }
    let row: One =
        db::one(&world.site.db, "SELECT id FROM people ORDER BY id LIMIT 1", vec![]).await.unwrap();
    row.id.parse().unwrap()
}
