//! What the figures are told as: pictures, reports that print the same again, a monthly letter, open data; and the same
//! lists and pages where very many people are looked after.
use base::{PersonId, Role, Year};
use serde_json::{Value, json};
use testkit::Client;

use crate::{
    holdings::make,
    ledger::{credit, write},
    world::{World, on_both, on_both_made, roster},
};

fn year(n: i64) -> Year {
    Year::new(n).unwrap()
}

async fn page(client: &Client, path: &str) -> String {
    let answer = client.call("GET", path, Value::Null).await;
    assert_eq!(answer.status, 200, "{path}: {:?}", answer.json);
    String::from_utf8(answer.bytes).unwrap()
}

fn id(person: &Value) -> PersonId {
    person["id"].as_str().unwrap().parse().unwrap()
}

/// A college of five with one credit.
async fn learning(world: &World) -> (Client, Vec<Value>) {
    let (admin, staff) = world.college(5).await;
    statistics::catch_up(&world.site, year(2023)).await.unwrap();
    write(&world.site, credit(id(&staff[0]), "a")).await;
    world.settle().await;
    (admin, staff)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_printed_again_from_its_id_whatever_happened_since() {
    on_both(|world| async move {
        let (admin, staff) = learning(&world).await;
        let text = page(&admin, "/statistics/charts?year=2023").await;
        assert!(text.matches("data-chart").count() >= 5 && text.contains("完成进度"), "{text}");
        assert!(text.contains("<td class=\"end\">1</td>"), "a table stands behind each picture: {text}");
        let book = admin.call("GET", "/statistics/charts.xlsx?year=2023", Value::Null).await;
        assert!(book.status == 200 && book.bytes.starts_with(b"PK"));
        let made = admin.call("POST", "/api/v1/reports", json!({"year": 2023, "yearly": true})).await;
        assert_eq!((made.status, &made.json["kind"]), (201, &json!("year")), "{:?}", made.json);
        let (id_of, pdf) = (made.json["id"].as_str().unwrap(), made.json["pdf"].as_str().unwrap());
        let first = admin.call("GET", pdf, Value::Null).await;
        assert!(first.status == 200 && first.bytes.starts_with(b"%PDF"), "{:?}", first.json);
        for n in 0..3 {
            write(&world.site, credit(id(&staff[1]), &format!("later-{n}"))).await;
        }
        world.settle().await;
        let again = admin.call("GET", pdf, Value::Null).await;
        assert_eq!(again.bytes, first.bytes);
        let said = admin.call("GET", &format!("/api/v1/reports/{id_of}"), Value::Null).await.json;
        assert_eq!(said["content"]["summary"][0], json!(["应参训", "5"]));
        assert_eq!(said["sha256"], made.json["sha256"]);
        let other = world.ready("bieren", Role::UnitAdmin, "43010002").await;
        assert_eq!(other.call("GET", pdf, Value::Null).await.status, 404);
        assert_eq!(other.call("GET", &format!("/api/v1/reports/{id_of}"), Value::Null).await.status, 404);
        let listed = other.call("GET", "/api/v1/reports", Value::Null).await.json;
        assert_eq!(listed["items"], json!([]));
    })
    .await;
}

/// Someone's confirmed address for mail.
pub async fn confirmed(world: &World, client: &Client, address: &str) {
    let asked = client.call("PUT", "/api/v1/me/mail", json!({"address": address})).await;
    assert_eq!(asked.status, 202, "{:?}", asked.json);
    world.settle().await;
    let letter = world.mail(address).last().cloned().expect("a letter with the code");
    assert_eq!(letter["purpose"], "confirm_mail");
    let text = letter["text"].as_str().unwrap();
    let code: String = text.chars().filter(char::is_ascii_digit).take(6).collect();
    let wrong = client.call("POST", "/api/v1/me/mail/confirmation", json!({"code": "x"})).await;
    assert_eq!((wrong.status, wrong.field_code("code")), (422, "code_wrong"));
    let right = client.call("POST", "/api/v1/me/mail/confirmation", json!({"code": code})).await;
    assert_eq!(right.status, 204, "{:?}", right.json);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_monthly_report_comes_once_to_who_subscribed_and_still_looks_after_the_unit() {
    on_both(|world| async move {
        let (admin, _) = learning(&world).await;
        confirmed(&world, &admin, "boss@college.edu.cn").await;
        let wants = admin.call("PUT", "/api/v1/report-subscriptions/43010001", Value::Null).await;
        assert_eq!(wants.status, 204, "{:?}", wants.json);
        let foreign = world.ready("bieren", Role::UnitAdmin, "43010002").await;
        let asked = foreign.call("PUT", "/api/v1/report-subscriptions/43010001", Value::Null).await;
        assert_eq!(asked.status, 404);
        world.clock.advance(8 * 86_400);
        world.another_node().await;
        let head = world.ready("zhuren", Role::DepartmentHead, "43010001-001").await;
        for _ in 0..2 {
            statistics::schedule(&world.site).await.unwrap();
            world.settle().await;
        }
        let letters = world.mail("boss@college.edu.cn");
        let reports: Vec<&Value> = letters.iter().filter(|l| l["purpose"] == "report").collect();
        assert_eq!(reports.len(), 1, "{letters:?}");
        assert!(reports[0]["subject"].as_str().unwrap().contains("2026-11 培训月报"), "{reports:?}");
        assert!(reports[0]["text"].as_str().unwrap().contains("应参训 5"), "{reports:?}");
        let inbox = head.call("GET", "/api/v1/me/messages", Value::Null).await.json;
        let items = inbox["items"].as_array().unwrap();
        let briefs: Vec<&Value> =
            items.iter().filter(|m| m["text"].as_str().unwrap().contains("培训月度简报")).collect();
        assert_eq!(briefs.len(), 1, "a head of department gets a brief without asking, once: {inbox}");
        assert!(
            briefs[0]["text"].as_str().unwrap().starts_with("教务处 2026-11 培训月度简报：应参训 5 人"),
            "{inbox}"
        );
        assert_eq!(briefs[0]["link"], "/supervision?unit=43010001-001");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn open_data_tells_of_nobody_in_particular() {
    on_both(|world| async move {
        let (admin, _) = learning(&world).await;
        let few = world.anyone.call("GET", "/api/v1/open-data?year=2023", Value::Null).await;
        assert_eq!(
            (few.status, &few.json["rows"]),
            (200, &json!([])),
            "five people are too few: {:?}",
            few.json
        );
        assert!(few.json["suppressed"].as_i64().unwrap() > 0);
        assert_eq!(world.import(&admin, &roster(6..=17)).await.status, 200);
        world.settle().await;
        let data = world.anyone.call("GET", "/api/v1/open-data?year=2023", Value::Null).await.json;
        let all = data["rows"].as_array().unwrap().iter().find(|r| r["dimension"] == "all").unwrap().clone();
        assert_eq!(
            (&all["people"], &all["under_way"], &all["not_begun"]),
            (&json!(20), &json!(0), &json!(20))
        );
        let rows = data["rows"].as_array().unwrap();
        assert!(rows.iter().all(|r| r["people"].as_i64().unwrap() % 10 == 0));
        assert!(!rows.iter().any(|r| r["dimension"] == "provider"), "one learner is not told: {data}");
        assert_eq!(data["dictionary"].as_array().unwrap().len(), 9);
        let csv = world.anyone.call("GET", "/open-data/2023.csv", Value::Null).await;
        let text = String::from_utf8(csv.bytes).unwrap();
        assert!(text.starts_with("\u{feff}dimension,key,name,people,"), "{text}");
        assert_eq!(text.lines().count(), rows.len() + 1);
        assert_eq!(world.anyone.call("GET", "/open-data/2023.json", Value::Null).await.status, 200);
        assert_eq!(world.anyone.call("GET", "/open-data/2023.exe", Value::Null).await.status, 404);
        assert!(page(&world.anyone, "/open-data?year=2023").await.contains("数据字典"));
    })
    .await;
}

/// Everyone of a list that goes on page by page.
async fn whole_list(client: &Client, first: &str) -> Vec<String> {
    let (mut path, mut names) = (first.to_owned(), vec![]);
    loop {
        let text = page(client, &path).await;
        let rows = text.split("<tbody>").nth(1).unwrap_or("").to_owned();
        let name = |row: &str| row.split("</").next().unwrap().rsplit('>').next().unwrap().to_owned();
        names.extend(rows.split("<th scope=\"row\">").skip(1).map(name));
        let next = text.split("href=\"").find(|part| part.contains("after=") && part.contains("下一页"));
        let Some(next) = next else { return names };
        path = next.split('"').next().unwrap().replace("&amp;", "&").replace("&#38;", "&");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_very_many_people_the_maintained_figures_tell_the_same() {
    on_both_made(World::of_many, |world| async move {
        let (admin, staff) = learning(&world).await;
        assert_eq!(world.import(&admin, &roster(6..=60)).await.status, 200);
        world.settle().await;
        statistics::catch_up(&world.site, year(2026)).await.unwrap();
        let boss = world.sign_in("root43", crate::world::PASSWORD).await;
        let boss = world.anyone.with_token(boss["token"].as_str().unwrap());
        let below = page(&boss, "/statistics?year=2023").await;
        assert!(
            below.contains("湖南某学院") && below.contains("by=below&amp;unit=43010001")
                || below.contains("by=below&#38;unit=43010001"),
            "{below}"
        );
        let everyone = whole_list(&boss, "/statistics/people?year=2023&by=below&key=43010001").await;
        assert_eq!(everyone.len(), 60);
        let begun =
            whole_list(&admin, "/statistics/people?year=2023&by=level&key=professional_10&state=under_way")
                .await;
        assert_eq!(begun, [staff[0]["name"].as_str().unwrap()]);
        let learned = whole_list(&admin, "/statistics/people?year=2023&by=provider&key=p").await;
        assert_eq!(learned, [staff[0]["name"].as_str().unwrap()]);
        // The numbers of supervision are those of the last hour; before the first one nobody waits for a count of everyone.
        let early = boss.call("GET", "/api/v1/supervision", Value::Null).await;
        assert_eq!((early.status, early.code()), (503, "supervision_not_counted"));
        assert!(page(&boss, "/").await.contains("常用业务"));
        supervision::count(&world.site, year(2026)).await.unwrap();
        let numbers = page(&boss, "/supervision").await;
        assert!(numbers.contains("下级单位") && numbers.contains("湖南某学院"), "{numbers}");
        let told = boss.call("GET", "/api/v1/supervision", Value::Null).await.json;
        let sum: i64 = told["rows"].as_array().unwrap().iter().map(|r| r["people"].as_i64().unwrap()).sum();
        assert_eq!((&told["by_subtree"], sum), (&json!(true), 60), "{told}");
        let list = whole_list(&boss, "/supervision/people?unit=43010001&which=never_signed_in").await;
        assert_eq!(list.len(), 60);
        let desk = page(&boss, "/").await;
        assert!(desk.contains("按现速度来不及") && desk.contains("60<small>人"), "{desk}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_goes_out_by_the_ways_that_were_chosen_and_cites_records() {
    on_both_made(World::of_all_ways, |world| async move {
        let (admin, staff) = world.college(3).await;
        let teacher = world.trainee(&admin, &staff[0]).await;
        confirmed(&world, &teacher, "teacher@college.edu.cn").await;
        let boss = world.sign_in("root43", crate::world::PASSWORD).await;
        let boss = world.anyone.with_token(boss["token"].as_str().unwrap());
        let tender = json!({"unit": "430100", "year": 2023, "title": "2023 年网络培训平台公开招标结果", "winners": [
            {"name": "湖南开放大学", "site_url": "www.hnsydwpx.cn", "telephone": "0731-82821099"}]});
        assert_eq!(admin.call("POST", "/api/v1/tenders", tender.clone()).await.status, 403);
        let tender = make(&boss, "/api/v1/tenders", tender).await;
        let notice = json!({"unit": "43010001", "title": "关于做好培训工作的通知", "body": "<p>请各部门督促职工参训</p>",
            "publish": true, "by_sms": true, "by_mail": true, "tender": tender, "topics_of": 2023,
            "contact_name": "组织人事部", "contact_phone": "0731-00000000"});
        let id = make(&admin, "/api/v1/notices", notice).await;
        world.settle().await;
        let phone = crate::world::phone(staff[0]["account"].as_str().unwrap());
        let texts: Vec<Value> = world.sms(&phone).into_iter().filter(|m| m["purpose"] == "notice").collect();
        assert_eq!(texts.len(), 1, "{texts:?}");
        let letters = world.mail("teacher@college.edu.cn");
        let letters: Vec<&Value> = letters.iter().filter(|l| l["purpose"] == "notice").collect();
        assert_eq!(letters.len(), 1);
        assert!(letters[0]["text"].as_str().unwrap().contains(&format!("/notices/{id}")));
        let shown = page(&teacher, &format!("/notices/{id}")).await;
        for said in ["湖南开放大学", "党的二十大", "组织人事部", "0731-00000000"] {
            assert!(shown.contains(said), "{said}: {shown}");
        }
        // How far the telling is, is told to who published it and to nobody else.
        let works = admin.call("GET", "/api/v1/progress", Value::Null).await.json;
        let work = works["items"][0]["id"].as_str().unwrap();
        assert_eq!((&works["items"][0]["state"], &works["items"][0]["done"]), (&json!("done"), &works["items"][0]["total"]));
        let events = page(&admin, &format!("/progress/{work}/events")).await;
        assert!(events.contains("event: progress") && events.contains("\"state\":\"done\""), "{events}");
        assert_eq!(teacher.call("GET", &format!("/progress/{work}/events"), Value::Null).await.status, 404);
        // One search over all of it.
        for (q, kind) in [("培训工作", "notice"), ("开放大学", "tender"), ("党的二十大", "policy"), ("免训病假", "help"), ("怎么报销培训费用", "help"), ("密码忘了", "help")] {
            let hits = teacher.call("GET", &format!("/api/v1/search?q={q}"), Value::Null).await.json;
            let kinds: Vec<&str> = hits["items"].as_array().unwrap().iter().map(|h| h["kind"].as_str().unwrap()).collect();
            assert!(kinds.contains(&kind), "{q}: {hits}");
        }
        assert!(page(&teacher, "/search?q=培训工作").await.contains("关于做好培训工作的通知"));
        let closed = World::start(testkit::databases().await.remove(0)).await;
        let other = closed.ready("guanli", Role::UnitAdmin, "43010001").await;
        let notice = json!({"unit": "43010001", "title": "通知", "body": "<p>一</p>", "by_sms": true});
        let refused = other.call("POST", "/api/v1/notices", notice).await;
        assert_eq!((refused.status, refused.field_code("by_sms")), (422, "way_closed"));
    })
    .await;
}
