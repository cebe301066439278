//! What administrators do on pages alone: book a training for a list, file for someone, bring years before the ledger in;
//! and where anyone finds the ledger's checkpoints.
use base::Role;
use hours::checkpoint;
use serde_json::{Value, json};
use testkit::{Answer, Client};

use crate::{
    files::pdf,
    world::{World, id_number, on_both},
};

/// A page's text.
async fn page(client: &Client, path: &str) -> String {
    String::from_utf8(client.call("GET", path, Value::Null).await.bytes).unwrap()
}

/// What stands between two texts of a page.
fn between<'a>(page: &'a str, before: &str, after: &str) -> &'a str {
    page.split_once(before).unwrap_or_else(|| panic!("{before} in {page}")).1.split_once(after).unwrap().0
}

/// A page's form as a browser sends it, with the token that the page carries.
pub struct Sent<'a> {
    pub fields: Vec<(&'a str, &'a str)>,
    /// Field, name, type, bytes.
    pub files: Vec<(&'a str, &'a str, &'a str, Vec<u8>)>,
}

pub async fn send(world: &World, client: &Client, (shown, to): (&str, &str), sent: Sent<'_>) -> Answer {
    let token = page(client, shown).await;
    let token = between(&token, "name=\"csrf-token\" content=\"", "\"");
    let mut body = vec![];
    let mut fields = vec![("_csrf", token)];
    fields.extend(sent.fields);
    for (name, value) in fields {
        let part = format!("--mark\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend(part.into_bytes());
    }
    for (field, name, kind, bytes) in sent.files {
        let head = format!(
            "--mark\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\nContent-Type: {kind}\r\n\r\n"
        );
        body.extend([head.as_bytes(), &bytes, b"\r\n"].concat());
    }
    body.extend(b"--mark--\r\n");
    let kind = ("multipart/form-data; boundary=mark", body);
    client.send("POST", to, kind, &[("origin", world.url.as_str())]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_training_is_booked_for_a_pasted_list_after_a_look_at_it() {
    on_both(|world| async move {
        let (admin, people) = world.college(3).await;
        let early = json!({"title": "年底的培训", "from": "2026-12-30", "to": "2026-12-31", "days": "2",
            "subject": "professional", "people": "unit"});
        let early = admin.call("POST", "/api/v1/batch-claims", early).await;
        assert_eq!(early.field_code("to"), "training_future", "no hour for days that have not come");
        let fields = vec![
            ("title", "师德专题培训"),
            ("from", "2026-09-01"),
            ("to", "2026-09-01"),
            ("days", "1"),
            ("subject", "professional"),
            ("list", "教师001\n教师002\n查无此人"),
        ];
        let sent = Sent { fields, files: vec![] };
        let looked = send(&world, &admin, ("/trainings/new", "/trainings/preview"), sent).await;
        let looked = String::from_utf8(looked.bytes).unwrap();
        assert!(looked.contains("教师001") && looked.contains("教师002"), "{looked}");
        assert!(
            !looked.contains("教师003") && looked.contains("第 3 行"),
            "the line of nobody is named: {looked}"
        );
        let chosen = between(&looked, "name=\"people\" value=\"", "\"");
        let form = format!(
            "title=师德专题培训&from=2026-09-01&to=2026-09-01&days=1&subject=professional&people={chosen}"
        );
        let form = ("application/x-www-form-urlencoded", form.into_bytes());
        let booked = admin.send("POST", "/trainings", form, &[("origin", world.url.as_str())]).await;
        assert_eq!(booked.headers["location"], "/trainings?year=2026&booked=2&waiting=0");
        let hours = |person: &Value| {
            let (db, id) = (world.site.db.clone(), person["id"].as_str().unwrap().to_owned());
            let sql = "SELECT CAST(COALESCE(SUM(hours), 0) AS BIGINT) FROM hour_entries WHERE person_id = $1";
            async move { db::count(&db, sql, db::params![id]).await.unwrap() }
        };
        assert_eq!(
            (hours(&people[0]).await, hours(&people[1]).await, hours(&people[2]).await),
            (800, 800, 0)
        );
    })
    .await;
}

/// The page and the sheet that is signed and sealed say that a case is 代办, the sheet by whom.
async fn says_who_filed(world: &World, admin: &Client, (kind, table): (&str, &str)) {
    #[derive(sea_orm::FromQueryResult)]
    struct Case {
        id: String,
    }
    let case: Case =
        db::one(&world.site.db, &format!("SELECT id FROM {table} WHERE filed_by <> person_id"), vec![])
            .await
            .unwrap();
    assert!(page(admin, &format!("/{kind}/{}", case.id)).await.contains("代办"));
    let sheet = admin.call("GET", &format!("/{kind}/{}/form.pdf", case.id), Value::Null).await;
    let words = documents::read_words(&sheet.bytes).unwrap();
    let text: String = words.iter().map(|w| w.text.as_str()).collect();
    assert!(text.contains("某人代办"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_files_on_pages_for_someone_who_cannot() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let id = people[0]["id"].as_str().unwrap();
        let choose = format!("/claims?person={id}");
        assert!(page(&admin, &format!("/people/{id}")).await.contains(&choose), "linked where the person is");
        let list = page(&admin, &format!("{choose}&year=2026")).await;
        assert!(
            list.contains("代 教师001 申请活动学时")
                && list.contains(&format!("item=paper.core&#38;person={id}"))
        );
        let form = format!("/claims/new?year=2026&item=paper.core&person={id}");
        let fields = vec![
            ("title", "代办的论文"),
            ("on", "2026-06-01"),
            ("quantity", "1"),
            ("rank", "1"),
            ("action", "submit"),
        ];
        let bare = send(&world, &admin, (&form, &form), Sent { fields: fields.clone(), files: vec![] }).await;
        assert!(String::from_utf8(bare.bytes).unwrap().contains("代办须附本人签字的纸质材料扫描件"));
        let scan = vec![("file", "paper.pdf", "application/pdf", pdf(1))];
        let filed = send(&world, &admin, (&form, &form), Sent { fields, files: scan }).await;
        assert_eq!(filed.status, 303, "{}", String::from_utf8_lossy(&filed.bytes));
        let exempt = format!("/exemptions?person={id}&year=2026");
        assert!(page(&admin, &exempt).await.contains("代 教师001 申请免训"));
        let fields = vec![("kind", "disability"), ("reason", "伤残")];
        let scan = vec![("file", "scan.pdf", "application/pdf", pdf(2))];
        let asked = send(&world, &admin, (&exempt, &exempt), Sent { fields, files: scan }).await;
        assert_eq!(asked.status, 303, "{}", String::from_utf8_lossy(&asked.bytes));
        let told = "SELECT COUNT(*) FROM messages WHERE person_id = $1 AND kind = 'claim_filed'";
        assert_eq!(db::count(&world.site.db, told, db::params![id]).await.unwrap(), 2, "told of both");
        let whose = "SELECT COUNT(*) FROM exemptions WHERE person_id = $1 AND filed_by <> person_id";
        assert_eq!(db::count(&world.site.db, whose, db::params![id]).await.unwrap(), 1);
        for (kind, place) in [("claims", "activity_claims"), ("exemptions", "exemptions")] {
            says_who_filed(&world, &admin, (kind, place)).await;
        }
        let stranger = world.ready("fremd", Role::UnitAdmin, "43020001").await;
        for path in [&choose, &exempt] {
            assert_eq!(stranger.call("GET", path, Value::Null).await.status, 404, "{path}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn years_before_the_ledger_come_in_by_a_look_and_a_word_with_the_scan_chosen_once() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let list = format!("身份证号,年度,公共科目,专业科目\n{},2021,30,60\n", id_number(1)).into_bytes();
        let place = ("/legacy-import", "/legacy-import");
        let fields = vec![("unit", "43010001"), ("document", "台账2021"), ("step", "look")];
        let files =
            vec![("scan", "taizhang.pdf", "application/pdf", pdf(1)), ("file", "list.csv", "text/csv", list)];
        let looked = send(&world, &admin, place, Sent { fields, files }).await;
        let looked = String::from_utf8(looked.bytes).unwrap();
        assert!(looked.contains("确认导入 1 行"), "{looked}");
        assert_eq!(db::count(&world.site.db, "SELECT COUNT(*) FROM legacy_years", vec![]).await.unwrap(), 0);
        let carried = between(&looked, "name=\"carried\" value=\"", "\"");
        let scan = between(&looked, "name=\"scan_id\" value=\"", "\"");
        let fields = vec![
            ("unit", "43010001"),
            ("document", "台账2021"),
            ("scan_id", scan),
            ("carried", carried),
            ("step", "import"),
        ];
        let done = send(&world, &admin, place, Sent { fields, files: vec![] }).await;
        assert!(String::from_utf8(done.bytes).unwrap().contains("已导入 1 行"));
        let id = people[0]["id"].as_str().unwrap();
        let shown = page(&admin, &format!("/people/{id}/legacy")).await;
        assert!(shown.contains("台账2021") && shown.contains(&format!("/files/{scan}")), "{shown}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn anyone_sees_the_checkpoints_that_figures_name() {
    on_both(|world| async move {
        let (admin, _) = world.college(1).await;
        admin.call("POST", "/api/v1/batch-claims", crate::main_job::training()).await;
        assert!(page(&world.anyone, "/checkpoints").await.contains("还没有存证点"));
        let made = checkpoint::make(&world.site).await.unwrap().unwrap();
        let told = world.anyone.call("GET", "/api/v1/checkpoints", Value::Null).await.json;
        assert_eq!(told["items"][0]["root"], json!(made.content.root));
        let shown = page(&world.anyone, "/checkpoints").await;
        let fingerprint = told["fingerprint"].as_str().unwrap();
        assert!(shown.contains(&made.content.root[..24]) && shown.contains(fingerprint), "{shown}");
    })
    .await;
}
