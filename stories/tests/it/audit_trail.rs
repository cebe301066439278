//! Who did what to whom, from where and in which role, for those who may read it.
use base::Role;
use serde_json::{Value, json};

use crate::world::on_both;

/// Item 56: actor, role, place and masked content; each reader sees the own subtree; the auditor changes nothing.
#[tokio::test]
async fn item_56_the_trail_tells_who_did_what_in_which_role_and_keeps_to_the_readers_subtree() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let id = people[0]["id"].as_str().unwrap();
        let path = format!("/api/v1/people/{id}/password-reset");
        assert_eq!(admin.call("POST", &path, json!({"reason": "本人申请"})).await.status, 200);
        let auditor = world.ready("shenji", Role::Auditor, "430100").await;
        let found = auditor.call("GET", &format!("/api/v1/audit?object={id}"), Value::Null).await;
        let entry = &found.json["items"][0];
        assert_eq!((&entry["action"], &entry["role"]), (&json!("password.reset"), &json!("unit_admin")));
        assert_eq!(
            (&entry["address"], &entry["details"]["reason"]),
            (&json!("127.0.0.1"), &json!("本人申请"))
        );
        let by_prefix = auditor.call("GET", "/api/v1/audit?action=password&limit=200", Value::Null).await;
        let actions = by_prefix.json["items"].as_array().unwrap();
        assert!(
            actions.len() >= 2
                && actions.iter().all(|a| a["action"].as_str().unwrap().starts_with("password."))
        );
        let first = auditor.call("GET", "/api/v1/audit?limit=1", Value::Null).await;
        let after = first.json["next"].as_str().unwrap().to_owned();
        let second = auditor.call("GET", &format!("/api/v1/audit?limit=1&after={after}"), Value::Null).await;
        assert!(second.json["items"][0]["seq"].as_i64() < first.json["items"][0]["seq"].as_i64());
        assert_eq!(auditor.call("POST", &path, json!({"reason": "?"})).await.status, 403);
        let stranger = world.ready("shenji2", Role::Auditor, "440100").await;
        let foreign = stranger.call("GET", &format!("/api/v1/audit?object={id}"), Value::Null).await;
        assert_eq!(foreign.json["items"].as_array().unwrap().len(), 0);
        assert!(!found.json.to_string().contains(&crate::world::id_number(1)));
    })
    .await;
}
