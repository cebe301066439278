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
        for clue in [name, account, number.as_str(), phone.as_str()] {
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
