//! Lists as workbooks: what a column is called, what codes become, and as of when it is.
use std::collections::BTreeSet;

use base::Role;
use hours::checkpoint;
use serde_json::{Value, json};
use testkit::Client;

use crate::{
    ledger::{credit, write},
    people::sheet,
    world::{PASSWORD, World, on_both},
};

async fn exported(client: &Client, list: &str) -> String {
    let made = client.call("POST", "/api/v1/exports", json!({"list": list, "purpose": "报送核对"})).await;
    assert_eq!(made.status, 200, "{list}: {:?}", made.json);
    sheet(&made.bytes)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reviewers_export_says_what_each_column_holds_and_codes_in_words() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let paper = json!({"year": 2026, "item": "paper.core", "title": "论文一", "on": "2026-06-01", "rank": 1, "submit": true});
        let claim = teacher.call("POST", "/api/v1/claims", paper).await;
        assert_eq!((claim.status, &claim.json["item_name"]), (201, &json!("核心期刊论文")), "{:?}", claim.json);
        let text = exported(&admin, "/api/v1/reviews").await;
        for word in [
            "成果或活动日期",
            "审核级别",
            "单位初审",
            "待审",
            "认定项目",
            "核心期刊论文",
            "署名次序",
            "专业科目",
            "提交时间",
        ] {
            assert!(text.contains(word), "{word} in {text}");
        }
        for wrong in ["退休日期", "岗位等级", "submitted", "filed_by", "quantity"] {
            assert!(!text.contains(wrong), "{wrong} in {text}");
        }
        let own = exported(&teacher, "/api/v1/claims?year=2026").await;
        assert!(own.contains("核心期刊论文") && own.contains("待审"), "{own}");
        let units = world.ready("juzhang", Role::Authority, "430100").await;
        let units = exported(&units, "/api/v1/units?parent=430100").await;
        assert!(units.contains("单位名称") && !units.contains("姓名"), "{units}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_as_of_a_checkpoint_names_it_in_the_file() {
    on_both(|world| async move {
        let (_, people) = world.college(2).await;
        write(&world.site, credit(people[0]["id"].as_str().unwrap().parse().unwrap(), "a")).await;
        world.clock.advance(86_400);
        checkpoint::make(&world.site).await.unwrap().unwrap();
        world.clock.advance(120);
        let opened = world.sign_in("root43", PASSWORD).await;
        let boss = world.anyone.with_token(opened["token"].as_str().unwrap());
        let list = "/api/v1/past/people?unit=43010001&year=2026&on=2026-11-23";
        let shown = boss.call("GET", list, Value::Null).await.json;
        let no = shown["checkpoint"]["no"].as_i64().unwrap_or_else(|| panic!("{shown}"));
        assert!(!shown["items"].as_array().unwrap().is_empty(), "{shown}");
        let text = exported(&boss, list).await;
        assert!(text.contains("截至") && text.contains(&format!("存证点第 {no} 号")), "{text}");
        assert!(text.contains("未开始") && !text.contains("not_begun"), "{text}");
    })
    .await;
}

/// The document's schema behind a reference.
fn resolved<'a>(api: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(place) => resolved(api, api.pointer(place.trim_start_matches('#')).unwrap()),
        None => schema,
    }
}

/// The members of an object, put together of parts or not.
fn members(api: &Value, schema: &Value) -> BTreeSet<String> {
    let schema = resolved(api, schema);
    let parts = schema["allOf"].as_array().into_iter().flatten();
    let mut all: BTreeSet<String> = parts.flat_map(|part| members(api, part)).collect();
    let own = schema["properties"].as_object().into_iter().flatten();
    all.extend(own.filter(|(_, s)| is_plain(api, s)).map(|(name, _)| name.clone()));
    all
}

/// Whether a member is a value that a cell can hold.
fn is_plain(api: &Value, schema: &Value) -> bool {
    let schema = resolved(api, schema);
    if let Some(any) = schema["oneOf"].as_array() {
        return any.iter().all(|s| is_plain(api, s));
    }
    let kinds = schema["type"].as_array().cloned().unwrap_or_else(|| vec![schema["type"].clone()]);
    schema["allOf"].is_null() && !kinds.iter().any(|k| matches!(k.as_str(), Some("array" | "object")))
}

/// The items of a list that a path answers with, if it does.
fn items<'a>(api: &'a Value, path: &'a Value) -> Option<&'a Value> {
    let answer = path.pointer("/get/responses/200/content/application~1json/schema")?;
    let answer = resolved(api, answer);
    let list = answer.pointer("/properties/items").map(|items| resolved(api, items))?;
    list.get("items")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_column_of_every_list_is_headed_in_chinese() {
    let database = testkit::databases().await.into_iter().find(|d| d.url.starts_with("sqlite")).unwrap();
    let world = World::start(database).await;
    let texts = &world.site.texts;
    let api = world.anyone.call("GET", "/api/openapi.json", Value::Null).await.json;
    let (mut lists, mut missing) = (0, vec![]);
    for (path, methods) in api["paths"].as_object().unwrap() {
        let Some(row) = items(&api, methods) else { continue };
        lists += 1;
        let parts = path.trim_start_matches("/api/v1/").split('/');
        let list = parts.map(|p| if p.starts_with('{') { "one" } else { p }).collect::<Vec<_>>().join("-");
        for column in members(&api, row) {
            if column == "id" || column.ends_with("_id") {
                continue;
            }
            let heads = [
                format!("export-in-{list}-{column}"),
                format!("export-{column}"),
                format!("column-{column}"),
            ];
            let head = heads.iter().find(|k| texts.has(k)).map(|k| texts.get(k)).unwrap_or_default();
            if head.is_ascii() {
                missing.push(format!("{list} {column}"));
            }
        }
    }
    assert!(lists > 60, "{lists}");
    assert!(missing.is_empty(), "columns without a head: {missing:#?}");
}
