//! Corrections of unit trainings by reversal, rows that wait for another administrator, late claims, and signals.
use base::Role;
use serde_json::{Value, json};
use testkit::{Answer, Client};

use crate::{
    files::{pdf, upload},
    world::{PASSWORD, World, on_both},
};

fn training(days: &str) -> Value {
    json!({"title": "教职工素质能力提升培训", "from": "2023-08-30", "to": "2023-09-01", "days": days,
        "subject": "professional", "people": "unit"})
}

async fn post(client: &Client, path: &str, body: Value) -> Answer {
    client.call("POST", path, body).await
}

async fn professional(client: &Client) -> Value {
    client.call("GET", "/api/v1/me/years/2023", Value::Null).await.json["earned"]["professional"].clone()
}

async fn again(world: &World, account: &str) -> Client {
    world.anyone.with_token(world.sign_in(account, PASSWORD).await["token"].as_str().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_training_is_taken_back_by_reversals_and_booked_anew() {
    on_both(|world| async move {
        let (admin, people) = world.college(2).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let colleague = world.trainee(&admin, &people[1]).await;
        let booked = post(&admin, "/api/v1/batch-claims", training("3")).await.json;
        let path = format!("/api/v1/batch-claims/{}/reversal", booked["id"].as_str().unwrap());
        let row = json!({"people": [people[1]["id"]], "reason": "未到场"});
        let stranger = world.ready("fremd", Role::UnitAdmin, "43020001").await;
        assert_eq!(post(&stranger, &path, row.clone()).await.status, 404);
        assert_eq!(post(&admin, &path, json!({"people": [people[1]["id"]], "reason": ""})).await.status, 422);
        assert_eq!(post(&admin, &path, row.clone()).await.json["reversed"], 1);
        assert_eq!(post(&admin, &path, row).await.status, 422, "a row is taken back once");
        assert_eq!([professional(&teacher).await, professional(&colleague).await], [json!("24"), json!("0")]);
        let repeated = post(&admin, "/api/v1/batch-claims", training("3")).await.json;
        let absent =
            repeated["items"].as_array().unwrap().iter().find(|i| i["person"] == people[1]["id"]).unwrap();
        assert_eq!((&absent["credited"], &absent["reason"]), (&json!("0"), &json!("reversed")));
        assert_eq!(post(&admin, "/api/v1/batch-claims", training("2.5")).await.status, 409);
        let whole = post(&admin, &path, json!({"reason": "天数登记有误"})).await;
        assert_eq!((whole.status, &whole.json["reversed"]), (200, &json!(1)), "{:?}", whole.json);
        assert_eq!(professional(&teacher).await, "0");
        let right = post(&admin, "/api/v1/batch-claims", training("2.5")).await;
        assert_eq!((right.status, &right.json["booked_before"]), (200, &json!(false)), "{:?}", right.json);
        assert_eq!(
            [professional(&teacher).await, professional(&colleague).await],
            [json!("20"), json!("20")]
        );
        let list = admin.call("GET", "/trainings?year=2023", Value::Null).await;
        assert_eq!(String::from_utf8_lossy(&list.bytes).matches("已冲销").count(), 1);
        assert!(hours::verify(&world.site).await.unwrap().is_ok());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bookers_own_row_is_confirmed_by_another_administrator() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let boss = again(&world, "root43").await;
        let account = people[0]["account"].as_str().unwrap();
        let give = format!("/api/v1/people/{}/roles", people[0]["id"].as_str().unwrap());
        let given = post(&boss, &give, json!({"role": "unit_admin", "unit": "43010001"})).await;
        assert!(given.status < 300, "{:?}", given.json);
        drop(teacher);
        let own = again(&world, account).await;
        let booked = post(&own, "/api/v1/batch-claims", training("3")).await.json;
        assert_eq!(booked["items"][0]["reason"], "own_decision", "{booked}");
        let id = booked["id"].as_str().unwrap();
        let path = format!("/api/v1/batch-claims/{id}/confirmation");
        let body = json!({"person": people[0]["id"]});
        let refused = post(&own, &path, body.clone()).await;
        assert_eq!((refused.status, &refused.json["code"]), (403, &json!("own_decision")));
        let page = admin.call("GET", &format!("/trainings/{id}"), Value::Null).await;
        assert!(String::from_utf8_lossy(&page.bytes).contains("确认入账"));
        for _ in 0..2 {
            assert_eq!(post(&admin, &path, body.clone()).await.status, 204);
        }
        assert_eq!(professional(&own).await, "24");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spouse_is_credited_and_taken_back_by_another_administrator() {
    on_both(|world| async move {
        let (admin, people) = world.college(2).await;
        let other = world.ready("fuyuanzhang", Role::UnitAdmin, "43010001").await;
        let me =
            admin.call("GET", "/api/v1/sessions/current", Value::Null).await.json["person"]["id"].clone();
        let marry = format!("/api/v1/people/{}/spouse", people[0]["id"].as_str().unwrap());
        assert_eq!(other.call("PUT", &marry, json!({"spouse": me})).await.status, 204);
        let booked = post(&admin, "/api/v1/batch-claims", training("3")).await.json;
        let rows = booked["items"].as_array().unwrap();
        let row = rows.iter().find(|i| i["person"] == people[0]["id"]).unwrap();
        assert_eq!((&row["credited"], &row["reason"]), (&json!("0"), &json!("another_decides")), "{booked}");
        let path = format!("/api/v1/batch-claims/{}", booked["id"].as_str().unwrap());
        let body = json!({"person": people[0]["id"]});
        let own = post(&admin, &format!("{path}/confirmation"), body.clone()).await;
        assert_eq!((own.status, own.code()), (403, "spouse_decision"));
        assert_eq!(post(&other, &format!("{path}/confirmation"), body).await.status, 204);
        let back = json!({"people": [people[0]["id"]], "reason": "未到场"});
        let own = post(&admin, &format!("{path}/reversal"), back.clone()).await;
        assert_eq!((own.status, own.code()), (403, "spouse_decision"));
        let whole = post(&admin, &format!("{path}/reversal"), json!({"reason": "没有举行"})).await;
        assert_eq!(
            (whole.status, whole.code()),
            (403, "spouse_decision"),
            "not by leaving the names out either"
        );
        assert_eq!(post(&other, &format!("{path}/reversal"), back).await.json["reversed"], 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_that_waits_too_long_goes_up_and_signals_are_explained() {
    on_both(|world| async move {
        let (admin, people) = world.college(2).await;
        let mut ids = vec![];
        for person in &people {
            let client = world.trainee(&admin, person).await;
            let file = upload(&client, ("a.pdf", "application/pdf"), &pdf(1)).await.json["id"].clone();
            let body = json!({"year": 2023, "item": "paper.core", "title": "合著", "on": "2023-06-01", "files": [file], "submit": true});
            ids.push(post(&client, "/api/v1/claims", body).await.json["id"].as_str().unwrap().to_owned());
        }
        let boss = again(&world, "root43").await;
        let up = |client: Client| async move {
            let found = client.call("GET", "/api/v1/reviews?level=authority", Value::Null).await.json;
            found["items"].as_array().unwrap().len()
        };
        assert_eq!(up(boss.clone()).await, 0);
        let quick = post(&boss, &format!("/api/v1/claims/{}/decision", ids[0]), json!({"decision": "approve"})).await;
        assert_eq!(quick.status, 200, "{:?}", quick.json);
        world.clock.advance(7 * 86400 + 1);
        let boss = again(&world, "root43").await;
        assert_eq!(up(boss.clone()).await, 1, "the one that still waits");
        let panel = boss.call("GET", "/signals", Value::Null).await;
        let text = String::from_utf8_lossy(&panel.bytes).into_owned();
        assert!(text.contains("同一份材料有 2 人用过") && text.contains("在提交后 0 秒通过"), "{text}");
        let admin = again(&world, "yuanzhang").await;
        assert_eq!(admin.call("GET", "/signals", Value::Null).await.status, 403);
        let desk = admin.call("GET", "/reviews", Value::Null).await;
        assert!(String::from_utf8_lossy(&desk.bytes).contains("超期，已转上级"));
    })
    .await;
}
