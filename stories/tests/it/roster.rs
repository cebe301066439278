//! The roster import over HTTP: differences before writing, nothing overwritten silently, a marked-up copy.
use calamine::{Data, Reader, Xlsx};
use rust_xlsxwriter::Workbook;
use serde_json::{Value, json};
use testkit::{Answer, Client};

use crate::world::{HEADER, World, id_number, on_both, row};

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

async fn send(admin: &Client, file: (&str, Vec<u8>), query: &str) -> Answer {
    admin.send("POST", &format!("/api/v1/roster/imports?unit=43010001{query}"), file, &[]).await
}

fn csv(text: &str) -> (&'static str, Vec<u8>) {
    ("text/csv", text.as_bytes().to_vec())
}

fn workbook(rows: &[&[&str]]) -> Vec<u8> {
    let mut book = Workbook::new();
    let page = book.add_worksheet();
    for (row, cells) in rows.iter().enumerate() {
        for (column, cell) in cells.iter().enumerate() {
            page.write(u32::try_from(row).unwrap(), u16::try_from(column).unwrap(), *cell).unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

fn codes(answer: &Answer) -> Vec<(i64, String, String)> {
    let errors = answer.json["errors"].as_array().unwrap().iter();
    let text = |e: &Value, key: &str| e[key].as_str().unwrap().to_owned();
    errors.map(|e| (e["row"].as_i64().unwrap(), text(e, "column"), text(e, "code"))).collect()
}

/// Three people with every column, as people send them: a title, a blank row, dates in three ways.
fn every_column() -> Vec<u8> {
    let head: &[&str] = &[
        "部门",
        "姓 名",
        "证件类型",
        "证件号码",
        "性别",
        "出生年月",
        "岗位类别",
        "岗位等级",
        "参加工作时间",
        "手机",
        "工号",
        "编制",
        "退休类别",
    ];
    let (one, two) = (id_number(1), id_number(2));
    workbook(&[
        &["某学院名册"],
        head,
        &[
            "教务处",
            "张　三",
            "居民身份证",
            &one,
            "男",
            "1980年5月",
            "专业技术",
            "十级",
            "2012.9",
            "13900000001",
            "1001",
            "在编",
            "",
        ],
        &[],
        &[
            "",
            "阿依古丽•买买提",
            "",
            &two,
            "女",
            "1980-05-01",
            "管理",
            "管理八级",
            "二〇一三年七月一日",
            "",
            "1002",
            "编外",
            "干部",
        ],
        &["外语系", "Anna Maria Smith", "护照", "X1234567", "女", "1985/3/4", "", "", "", "", "", "", ""],
    ])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workbook_with_every_column_is_imported_and_again_changes_nothing() {
    on_both(|world| async move {
        let (admin, _) = world.college(0).await;
        let file = every_column();
        let dry = send(&admin, (XLSX, file.clone()), "&dry_run=true").await;
        assert_eq!((dry.status, codes(&dry)), (200, vec![]));
        let counts =
            |a: &Answer| ["rows", "created", "updated", "unchanged"].map(|k| a.json[k].as_i64().unwrap());
        assert_eq!(counts(&dry), [3, 3, 0, 0]);
        let done = send(&admin, (XLSX, file.clone()), "").await;
        assert_eq!((done.status, counts(&done)), (200, [3, 3, 0, 0]), "{:?}", done.json);
        let again = send(&admin, (XLSX, file), "").await;
        assert_eq!((counts(&again), &again.json["differences"]), ([3, 0, 0, 3], &json!([])));
        let people = admin.call("GET", "/api/v1/people?q=1002", Value::Null).await.json;
        let person = &people["items"][0];
        assert_eq!((&person["name"], &person["level"]), (&json!("阿依古丽·买买提"), &json!("management_8")));
        let one = admin
            .call("GET", &format!("/api/v1/people/{}", person["id"].as_str().unwrap()), Value::Null)
            .await
            .json;
        assert_eq!((&one["establishment"], &one["joined_on"]), (&json!("contract"), &json!("2013-07-01")));
    })
    .await;
}

/// Five rows, each wrong in its own way.
fn wrong_cells() -> Vec<u8> {
    let (one, two) = (id_number(1), id_number(2));
    let mut book = Workbook::new();
    let page = book.add_worksheet();
    let rows: [&[&str]; 6] = [
        &["姓名", "身份证号", "性别", "出生日期", "入职日期", "证件类型"],
        &["张三", &one, "女", "1981-05-01", "9/1/2012", ""],
        &["李\u{202e}四", &two, "", "", "", "船员证"],
        &["王五", "", "", "", "", ""],
        &["John", "E1234567", "", "", "", "护照"],
        &["=cmd()", "4.30102E+17", "", "", "", ""],
    ];
    for (row, cells) in rows.iter().enumerate() {
        for (column, cell) in cells.iter().enumerate() {
            page.write_string(u32::try_from(row).unwrap(), u16::try_from(column).unwrap(), *cell).unwrap();
        }
    }
    page.write_number(3, 1, 430_102_198_005_010_033_f64).unwrap();
    book.save_to_buffer().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_cells_are_named_and_marked_in_the_senders_own_file() {
    on_both(|world| async move {
        let (admin, _) = world.college(0).await;
        let file = wrong_cells();
        let refused = send(&admin, (XLSX, file.clone()), "").await;
        let found: Vec<(i64, String)> =
            codes(&refused).into_iter().map(|(row, _, code)| (row, code)).collect();
        let expected = [
            (2, "gender_mismatch"),
            (2, "birth_mismatch"),
            (2, "date_form"),
            (3, "name_form"),
            (3, "unknown_id_type"),
            (4, "number_cell"),
            (5, "required_for_paper"),
            (5, "required_for_paper"),
            (6, "number_cell"),
        ];
        assert_eq!((refused.status, found), (422, expected.map(|(r, c)| (r, c.to_owned())).to_vec()));
        let boundary = "xxBOUNDARYxx";
        let mut body = format!(
            "--{boundary}\r\ncontent-disposition: form-data; name=\"_csrf\"\r\n\r\n{}\r\n--{boundary}\r\n\
            content-disposition: form-data; name=\"file\"; filename=\"名册.xlsx\"\r\n\r\n",
            csrf(&admin).await
        )
        .into_bytes();
        body.extend(&file);
        body.extend(format!("\r\n--{boundary}--\r\n").as_bytes());
        let kind = format!("multipart/form-data; boundary={boundary}");
        let page = admin.send("POST", "/people-import", (&kind, body), &[]).await;
        let text = String::from_utf8(page.bytes).unwrap();
        assert!(text.contains("第 4 行") && text.contains("末几位已丢失"), "{text}");
        let link = text.split("href=\"/people-import/").nth(1).unwrap().split('"').next().unwrap();
        let copy = admin.call("GET", &format!("/people-import/{link}"), Value::Null).await;
        assert_eq!(copy.headers["content-type"], XLSX);
        let mut read: Xlsx<_> = calamine::open_workbook_from_rs(std::io::Cursor::new(copy.bytes)).unwrap();
        let name = read.sheet_names()[0].clone();
        let range = read.worksheet_range(&name).unwrap();
        assert_eq!(range.get_value((5, 0)), Some(&Data::String("=cmd()".into())), "as text");
        let said = range.get_value((3, 6)).unwrap().to_string();
        assert!(said.contains("身份证号") && said.contains("文本"), "{said}");
        let other = world.ready("other", base::Role::UnitAdmin, "43020001").await;
        assert_eq!(other.call("GET", &format!("/people-import/{link}"), Value::Null).await.status, 404);
    })
    .await;
}

/// The token that forms of the session carry.
pub async fn csrf(client: &Client) -> String {
    let page = String::from_utf8(client.call("GET", "/me/account", Value::Null).await.bytes).unwrap();
    page.split("name=\"_csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

/// A form of the page.
async fn confirm(admin: &Client, draft: &str, rows: usize) -> Answer {
    let body = format!("_csrf={}&draft={draft}&rows={rows}", csrf(admin).await);
    admin
        .send("POST", "/people-import/confirm", ("application/x-www-form-urlencoded", body.into()), &[])
        .await
}

/// What the page and the API say between the confirmation and the end.
async fn told_while_it_runs(world: &World, admin: &Client, draft: &str) {
    let (work, place) = (format!("roster-{draft}"), format!("/people-import/{draft}"));
    let (asked, events) = (format!("/api/v1/progress/{work}"), format!("/progress/{work}/events"));
    let me = admin.call("GET", "/api/v1/sessions/current", Value::Null).await.json;
    let waiting = jobs::Progress {
        id: work.clone(),
        kind: "roster".into(),
        done: 0,
        total: 2001,
        state: "running".into(),
        link: place.clone(),
    };
    let owner = me["person"]["id"].as_str().unwrap().parse().unwrap();
    jobs::tell(&world.site.db, owner, &waiting, world.site.now()).await.unwrap();
    let state = |state: &'static str| {
        let site = world.site.clone();
        async move {
            let sql = format!("UPDATE roster_drafts SET state = '{state}'");
            db::execute(&site.db, &sql, vec![]).await.unwrap()
        }
    };
    state("running").await;
    jobs::Step { phase: "writing", done: 400, total: 2001 }.tell(&work);
    let page = crate::relations::page(admin, &place).await;
    let follow = format!("data-progress=\"{events}\"");
    let parts =
        [follow.as_str(), "value=\"400\" max=\"2001\"", "正在写入", "<noscript><meta http-equiv=\"refresh\""];
    assert!(parts.iter().all(|part| page.contains(part)), "{page}");
    let told = admin.call("GET", &asked, Value::Null).await.json;
    assert_eq!(
        (&told["label"], &told["done"], &told["state"]),
        (&json!("正在写入"), &json!(400), &json!("running"))
    );
    jobs::Step::forget(&work);
    state("open").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_confirms_a_large_roster_follows_its_import_and_nobody_else_does() {
    on_both(|world| async move {
        let (admin, _) = world.college(0).await;
        let other = world.ready("other", base::Role::UnitAdmin, "43010001").await;
        let draft = crate::holdings::draft(&world, &admin).await;
        let (work, place) = (format!("roster-{draft}"), format!("/people-import/{draft}"));
        let (asked, events) = (format!("/api/v1/progress/{work}"), format!("/progress/{work}/events"));
        told_while_it_runs(&world, &admin, &draft).await;
        assert_eq!(confirm(&admin, &draft, 2001).await.headers["location"], place.as_str());
        world.settle().await;
        let stream = String::from_utf8(admin.call("GET", &events, Value::Null).await.bytes).unwrap();
        assert!(stream.contains("event: progress") && stream.contains("\"state\":\"done\""), "{stream}");
        assert!(stream.contains(&format!("\"link\":\"{place}\"")), "{stream}");
        let after = admin.call("GET", &place, Value::Null).await;
        assert_eq!(after.headers["location"], "/people?done=1&created=1&updated=0");
        for path in [&asked, &events, &place] {
            assert_eq!(other.call("GET", path, Value::Null).await.status, 404, "{path}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_roster_that_became_wrong_meanwhile_fails_and_its_page_says_so() {
    on_both(|world| async move {
        let (admin, _) = world.college(0).await;
        let wrong = crate::holdings::draft(&world, &admin).await;
        let sql = "UPDATE roster_drafts SET file_sealed = $1 WHERE id = $2";
        let bytes = base64::Engine::encode(
            &base64::engine::general_purpose::STANDARD,
            format!("{HEADER}张三,12,,,,,,\n"),
        );
        let sealed =
            world.site.keys.seal(&format!("roster_drafts:{wrong}"), &bytes, &*world.site.random).unwrap();
        db::execute(&world.site.db, sql, db::params![sealed, wrong]).await.unwrap();
        confirm(&admin, &wrong, 2001).await;
        world.settle().await;
        let told = admin.call("GET", &format!("/api/v1/progress/roster-{wrong}"), Value::Null).await.json;
        assert_eq!(told["state"], "failed", "{told}");
        let page = crate::relations::page(&admin, &format!("/people-import/{wrong}")).await;
        assert!(page.contains("重新选择文件") && !page.contains("data-progress"), "{page}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_entered_and_who_they_are_is_never_overwritten_silently() {
    on_both(|world: World| async move {
        let (admin, people) = world.college(3).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        teacher.call("PATCH", "/api/v1/me/profile", json!({"level": "professional_9"})).await;
        let renamed = HEADER.to_owned()
            + &row(1, "专业技术八级").replace("教师001", "教师甲").replace("2012-09-01", "2010-09-01")
            + &row(2, "专业技术十级").replace("教务处", "学生处").replace("教师002", "教师乙");
        let done = send(&admin, csv(&renamed), "").await;
        assert_eq!(
            (done.status, &done.json["updated"], &done.json["left_out"]),
            (200, &json!(1), &json!(1)),
            "{:?}",
            done.json
        );
        let differences: Vec<(i64, &str, bool)> = done.json["differences"]
            .as_array()
            .unwrap()
            .iter()
            .map(|d| {
                (d["row"].as_i64().unwrap(), d["field"].as_str().unwrap(), d["applied"].as_bool().unwrap())
            })
            .collect();
        assert_eq!(
            differences,
            [
                (2, "name", false),
                (2, "level", false),
                (2, "joined_on", false),
                (3, "name", true),
                (3, "department", true)
            ]
        );
        let own = teacher.call("GET", "/api/v1/me/profile", Value::Null).await.json;
        assert_eq!(
            (&own["name"], &own["level"], &own["joined_on"]),
            (&json!("教师001"), &json!("professional_9"), &json!("2012-09-01"))
        );
        let replaced = send(&admin, csv(&renamed), "&replace_claims=true").await;
        assert_eq!(replaced.json["updated"], 1, "{:?}", replaced.json);
        let own = teacher.call("GET", "/api/v1/me/profile", Value::Null).await.json;
        assert_eq!(own["level"], "professional_8");
        let path = format!("/api/v1/people/{}", people[0]["id"].as_str().unwrap());
        assert_eq!(admin.call("GET", &path, Value::Null).await.json["post_confirmed"], true);
        let blank = HEADER.to_owned()
            + &row(2, "").replace(",专业技术,", ",,").replace("教师002", "教师乙").replace("在岗", "");
        let kept = send(&admin, csv(&blank), "").await;
        assert_eq!(kept.json["unchanged"], 0, "the department goes back");
        assert_eq!(
            admin.call("GET", "/api/v1/people?q=教师乙", Value::Null).await.json["items"][0]["level"],
            "professional_10"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_another_type_than_declared_is_refused() {
    on_both(|world| async move {
        let (admin, _) = world.college(0).await;
        let file = workbook(&[&["姓名", "身份证号"]]);
        let refused = send(&admin, ("text/csv", file), "").await;
        assert_eq!((refused.status, &refused.json["code"]), (422, &json!("roster_other_type")));
        let refused = send(&admin, ("application/octet-stream", b"%PDF-1.7 x".to_vec()), "").await;
        assert_eq!(refused.json["code"], "roster_unreadable");
    })
    .await;
}

/// The figure of issue 4: 40,000 rows with their writes. Run by hand: `--run-ignored only`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement, not a promise of every machine"]
async fn forty_thousand_rows() {
    on_both(|world: World| async move {
        world.college(0).await;
        let rows: String = (0..40_000)
            .map(|n| {
                let body = format!("4301{:02}19{:02}0501{:03}", n % 80 + 1, 60 + (n / 80) % 40, n / 3200);
                let number = format!("{body}{}", base::id_number::check_character(&body).unwrap());
                format!(
                    "教师{n:05},{number},专业技术,专业技术十级,部门{},2012-09-01,139{n:08},在岗\n",
                    n % 60
                )
            })
            .collect();
        let file = format!("姓名,身份证号,岗位类别,岗位等级,部门,入职日期,手机号,状态\n{rows}").into_bytes();
        let unit = org::by_code(&world.site.db, "43010001").await.unwrap();
        for what in ["new", "the same again"] {
            let start = std::time::Instant::now();
            let outcome =
                org::import_file(&world.site, &unit, file.clone(), org::How::default()).await.unwrap();
            println!(
                "{what}: {:?}, {} created, {} unchanged, {:?}",
                start.elapsed(),
                outcome.created,
                outcome.unchanged,
                outcome.errors.first()
            );
        }
        let changed = String::from_utf8(file).unwrap().replace("专业技术十级", "专业技术九级").into_bytes();
        let start = std::time::Instant::now();
        let outcome = org::import_file(&world.site, &unit, changed, org::How::default()).await.unwrap();
        println!("all changed: {:?}, {} updated", start.elapsed(), outcome.updated);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_character_that_no_font_has_is_named_and_rare_ones_of_the_standard_are_taken() {
    on_both(|world| async move {
        let (admin, _) = world.college(1).await;
        let line = |name: &str| {
            let row = row(2, "专业技术十级").replace("教师002", name);
            format!("{HEADER}{row}")
        };
        let refused = world.import(&admin, &line("李\u{e863}")).await;
        assert_eq!((refused.status, &refused.json["errors"][0]["code"]), (422, &json!("name_glyph")));
        let said = refused.json["errors"][0]["message"].as_str().unwrap();
        assert!(said.contains("U+E863"), "{said}");
        let taken = world.import(&admin, &line("李䶮㛃𠅤")).await;
        assert_eq!((taken.status, &taken.json["created"]), (200, &json!(1)), "{:?}", taken.json);
        let by_hand = json!({"unit": "43010001", "name": "王\u{e863}", "id_number": id_number(3)});
        let one = admin.call("POST", "/api/v1/people", by_hand).await;
        assert_eq!(one.field_code("name"), "name_glyph_typed", "{:?}", one.json);
    })
    .await;
}
