//! Customer service: finding whoever calls, tickets, and nothing beyond the own subtree.
use base::Role;
use serde_json::{Value, json};

use crate::world::on_both;

#[tokio::test]
async fn the_desk_finds_a_person_by_each_clue_masked_and_only_in_its_subtree() {
    on_both(|world| async move {
        let (admin, people) = world.college(2).await;
        world.trainee(&admin, &people[0]).await;
        let agent = world.ready("kefu", Role::Support, "430100").await;
        let (name, account) = (people[0]["name"].as_str().unwrap(), people[0]["account"].as_str().unwrap());
        let number = crate::world::id_number(name[name.len() - 3..].parse().unwrap());
        let phone = crate::world::phone(account);
        let path = format!("/api/v1/people/{}", people[0]["id"].as_str().unwrap());
        assert_eq!(admin.call("PATCH", &path, json!({"staff_no": "T007"})).await.status, 200);
        for clue in [name, account, number.as_str(), phone.as_str(), "T007"] {
            let path = format!("/api/v1/support/people?q={clue}");
            let found = agent.call("GET", &path, Value::Null).await;
            assert_eq!(found.json["items"][0]["id"], people[0]["id"], "{clue}");
            assert!(!found.json.to_string().contains(&number) && !found.json.to_string().contains(&phone));
        }
        let short = agent.call("GET", "/api/v1/support/people?q=x", Value::Null).await;
        assert_eq!(short.status, 422);
        let other = world.ready("kefu2", Role::Support, "440100").await;
        let foreign = other.call("GET", &format!("/api/v1/support/people?q={account}"), Value::Null).await;
        assert_eq!(foreign.json["items"], json!([]));
        let denied = admin.call("GET", &format!("/api/v1/support/people?q={account}"), Value::Null).await;
        assert_eq!(denied.status, 403);
    })
    .await;
}

#[tokio::test]
async fn a_ticket_is_asked_answered_asked_again_and_closed_between_its_person_and_the_desk() {
    on_both(|world| async move {
        let (admin, people) = world.college(2).await;
        let staff = world.trainee(&admin, &people[0]).await;
        let other = world.trainee(&admin, &people[1]).await;
        let agent = world.ready("kefu", Role::Support, "430100").await;
        let asked = json!({"category": "account", "title": "收不到验证码", "text": "换了手机"});
        let ticket = staff.call("POST", "/api/v1/tickets", asked).await;
        assert_eq!((ticket.status, &ticket.json["state"]), (201, &json!("open")));
        assert_eq!(ticket.json["due_at"], "2026-11-23T14:00:00+08:00", "account matters within four hours");
        let path = format!("/api/v1/tickets/{}", ticket.json["id"].as_str().unwrap());
        assert_eq!(other.call("GET", &path, Value::Null).await.status, 404);
        let waiting = agent.call("GET", "/api/v1/support/queue", Value::Null).await;
        assert_eq!(waiting.json["items"][0]["title"], "收不到验证码");
        let load = agent.call("GET", "/api/v1/support/load", Value::Null).await.json;
        assert_eq!(load["items"], json!([{"category": "account", "asked": 1, "open": 1, "late": 0}]));
        let replies = format!("{path}/replies");
        world.clock.advance(60);
        let answered = agent.call("POST", &replies, json!({"text": "请到单位管理员处更换"})).await;
        assert_eq!(answered.json["state"], "answered");
        assert_eq!(staff.call("POST", &replies, json!({"text": ""})).await.status, 422);
        world.clock.advance(60);
        assert_eq!(staff.call("POST", &replies, json!({"text": "还是不行"})).await.json["state"], "open");
        assert_eq!(staff.call("POST", &replies, json!({"close": true})).await.json["state"], "closed");
        let whole = staff.call("GET", &path, Value::Null).await;
        let said: Vec<_> =
            whole.json["messages"].as_array().unwrap().iter().map(|m| &m["from_service"]).collect();
        assert_eq!(said, [&json!(false), &json!(true), &json!(false)]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_desk_sees_lock_phone_failures_and_messages_and_finds_by_certificate() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let staff = world.trainee(&admin, &people[0]).await;
        let id = people[0]["id"].as_str().unwrap();
        admin.call("POST", "/api/v1/batch-claims", crate::main_job::training()).await;
        crate::main_job::courses(&world, id).await;
        world.settle().await;
        let no = staff.call("GET", "/api/v1/me/years/2023", Value::Null).await.json["certificate_no"].clone();
        let agent = world.ready("kefu", Role::Support, "430100").await;
        let found = agent
            .call("GET", &format!("/api/v1/support/people?q={}", no.as_str().unwrap()), Value::Null)
            .await;
        assert_eq!(found.json["items"][0]["id"], json!(id), "{:?}", found.json);
        for _ in 0..5 {
            let wrong = json!({"account": people[0]["account"], "password": "Falsch-1a!"});
            world.anyone.call("POST", "/api/v1/sessions", wrong).await;
        }
        world.settle().await;
        let path = format!("/api/v1/support/people/{id}");
        let state = agent.call("GET", &path, Value::Null).await.json;
        assert_eq!(state["locked_until"], "2026-11-23T10:30:00+08:00", "{state}");
        assert_eq!(
            (state["failures"].as_array().unwrap().len(), &state["failures"][0]["kind"]),
            (5, &json!("password"))
        );
        assert!(state["phone_masked"].as_str().unwrap().contains('*'));
        let told: Vec<(&str, &str)> = state["messages"]
            .as_array()
            .unwrap()
            .iter()
            .map(|m| (m["kind"].as_str().unwrap(), m["result"].as_str().unwrap()))
            .collect();
        assert!(
            told.contains(&("bind_phone", "used")) && told.contains(&("notice_lock", "sent")),
            "{told:?}"
        );
        let other = world.ready("kefu2", Role::Support, "440100").await;
        assert_eq!(other.call("GET", &path, Value::Null).await.status, 404);
        let page = agent.call("GET", &format!("/people/{id}/account"), Value::Null).await;
        let text = String::from_utf8(page.bytes).unwrap();
        assert!(text.contains("最近输错") && text.contains("已使用"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_takes_attachments_that_its_person_and_the_desk_read() {
    on_both(|world| async move {
        let (admin, people) = world.college(2).await;
        let staff = world.trainee(&admin, &people[0]).await;
        let other = world.trainee(&admin, &people[1]).await;
        let agent = world.ready("kefu", Role::Support, "430100").await;
        let shot = crate::files::upload(&staff, ("截图.pdf", "application/pdf"), &crate::files::pdf(3))
            .await
            .json["id"]
            .clone();
        let asked = json!({"category": "hours", "title": "学时没到账", "text": "见截图", "files": [shot]});
        let mut foreign = asked.clone();
        foreign["title"] = json!("他人的文件");
        assert_eq!(other.call("POST", "/api/v1/tickets", foreign).await.field_code("files"), "files_unknown");
        let ticket = staff.call("POST", "/api/v1/tickets", asked).await;
        assert_eq!(ticket.status, 201, "{:?}", ticket.json);
        let path = format!("/api/v1/tickets/{}", ticket.json["id"].as_str().unwrap());
        let whole = agent.call("GET", &path, Value::Null).await.json;
        assert_eq!(whole["messages"][0]["files"][0]["name"], "截图.pdf");
        let file = format!("/api/v1/files/{}", shot.as_str().unwrap());
        for (client, status) in [(&staff, 200), (&agent, 200), (&admin, 404), (&other, 404)] {
            assert_eq!(client.call("GET", &file, Value::Null).await.status, status);
        }
        let guide = crate::files::upload(&agent, ("说明.pdf", "application/pdf"), &crate::files::pdf(4))
            .await
            .json["id"]
            .clone();
        let reply = json!({"text": "请按说明办理", "files": [guide]});
        assert_eq!(agent.call("POST", &format!("{path}/replies"), reply).await.status, 200);
        let file = format!("/api/v1/files/{}", guide.as_str().unwrap());
        assert_eq!(
            staff.call("GET", &file, Value::Null).await.status,
            200,
            "the person reads what the desk sent"
        );
        let page = staff.call("GET", &path.replace("/api/v1", ""), Value::Null).await;
        assert!(String::from_utf8(page.bytes).unwrap().contains("说明.pdf"));
    })
    .await;
}
