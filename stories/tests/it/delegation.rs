//! A role handed over for a leave: what it opens, for which days, how it is stamped, and what stays shut.
use base::Role;
use serde_json::{Value, json};

use crate::world::{PASSWORD, World, on_both};

async fn again(world: &World, account: &str) -> testkit::Client {
    let session = world.sign_in(account, PASSWORD).await;
    world.anyone.with_token(session["token"].as_str().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delegate_acts_in_the_own_name_on_behalf_of_the_other_for_the_days_and_no_longer() {
    on_both(|world| async move {
        let (admin, people) = world.college(2).await;
        let (to, account) = (people[0]["id"].as_str().unwrap(), people[0]["account"].as_str().unwrap());
        let teacher = world.trainee(&admin, &people[0]).await;
        assert_eq!(teacher.call("GET", "/api/v1/people", Value::Null).await.status, 403);
        let mine = admin.call("GET", "/api/v1/me/roles", Value::Null).await.json;
        let grant = mine["items"][0]["id"].as_str().unwrap();
        let wish = json!({"grant": grant, "to": to, "from": "2026-11-23", "until": "2026-11-27", "reason": "年休假"});
        let mut wrong = wish.clone();
        wrong["to"] = people[1]["id"].clone();
        let unready = admin.call("POST", "/api/v1/me/delegations", wrong).await;
        assert_eq!(unready.field_code("to"), "delegate_unknown", "who has bound no phone cannot take it");
        let foreign = teacher.call("POST", "/api/v1/me/delegations", wish.clone()).await;
        assert_eq!(foreign.field_code("grant"), "grant_unknown", "nobody hands over what others hold");
        let made = admin.call("POST", "/api/v1/me/delegations", wish).await;
        assert_eq!((made.status, &made.json["state"]), (201, &json!("running")), "{:?}", made.json);
        let teacher = again(&world, account).await;
        let listed = teacher.call("GET", "/api/v1/people", Value::Null).await;
        assert_eq!(listed.status, 200);
        let other = people[1]["id"].as_str().unwrap();
        let changed = teacher.call("PATCH", &format!("/api/v1/people/{other}"), json!({"staff_no": "T9"})).await;
        assert_eq!(changed.status, 200, "{:?}", changed.json);
        let trail = admin.call("GET", "/api/v1/audit?action=person.change", Value::Null).await.json;
        let entry = &trail["items"][0];
        assert_eq!(
            (&entry["actor_name"], &entry["role"], &entry["place"], &entry["on_behalf_of"]),
            (&people[0]["name"], &json!("unit_admin"), &json!("湖南某学院"), &json!("某人"))
        );
        assert!(audit::verify(&world.site).await.unwrap().is_ok());
        // Not for the one on whose behalf, nor for oneself, and not handed on.
        let me = admin.call("GET", "/api/v1/sessions/current", Value::Null).await.json;
        let boss = format!("/api/v1/people/{}/unlock", me["person"]["id"].as_str().unwrap());
        assert_eq!(teacher.call("POST", &boss, json!({"reason": "x"})).await.status, 403);
        let own = teacher.call("PATCH", &format!("/api/v1/people/{to}"), json!({"staff_no": "T1"})).await;
        assert_eq!(own.code(), "own_record");
        let roles = teacher.call("GET", "/api/v1/me/roles", Value::Null).await.json;
        assert_eq!(roles["items"], json!([]));
        let page = admin.call("GET", "/me/delegations", Value::Null).await;
        assert!(String::from_utf8(page.bytes).unwrap().contains("年休假"));
        world.clock.advance(5 * 86_400);
        let teacher = again(&world, account).await;
        assert_eq!(teacher.call("GET", "/api/v1/people", Value::Null).await.status, 403, "the days are over");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delegate_does_not_decide_on_the_claims_of_the_one_who_delegated_and_can_be_recalled() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let (to, account) = (people[0]["id"].as_str().unwrap(), people[0]["account"].as_str().unwrap());
        world.trainee(&admin, &people[0]).await;
        let reviewer = world.ready("shenhe", Role::Reviewer, "43010001").await;
        let paper = json!({"year": 2026, "item": "paper.core", "title": "论文", "on": "2026-06-01", "rank": 1, "submit": true});
        let claim = reviewer.call("POST", "/api/v1/claims", paper).await;
        assert_eq!(claim.status, 201, "{:?}", claim.json);
        let mine = reviewer.call("GET", "/api/v1/me/roles", Value::Null).await.json;
        let wish = json!({"grant": mine["items"][0]["id"], "to": to, "from": "2026-11-23", "until": "2026-12-01", "reason": "病假"});
        let made = reviewer.call("POST", "/api/v1/me/delegations", wish).await;
        assert_eq!(made.status, 201, "{:?}", made.json);
        let teacher = again(&world, account).await;
        let path = format!("/api/v1/claims/{}/decision", claim.json["id"].as_str().unwrap());
        let decided = teacher.call("POST", &path, json!({"decision": "approve", "comment": "好"})).await;
        assert_eq!((decided.status, decided.code()), (403, "own_decision"));
        let path = format!("/api/v1/me/delegations/{}", made.json["id"].as_str().unwrap());
        assert_eq!(teacher.call("DELETE", &path, Value::Null).await.status, 404, "only who handed over recalls");
        assert_eq!(reviewer.call("DELETE", &path, Value::Null).await.status, 204);
        assert_eq!(teacher.call("GET", "/api/v1/reviews", Value::Null).await.status, 403);
    })
    .await;
}
