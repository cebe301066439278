//! First sign-in of many: codes by message and on slips, redeemed once with the ID number's last six.
use base::Role;
use serde_json::{Value, json};

use crate::world::{PASSWORD, World, id_number, on_both, phone};

fn last6(n: usize) -> String {
    id_number(n).chars().skip(12).collect()
}

/// The code of the last message to a contact phone.
async fn invited(world: &World, n: usize) -> String {
    world.settle().await;
    let sent = world.sms(&format!("1390000{n:04}"));
    let text = sent.last().expect("an invitation")["text"].as_str().unwrap().to_owned();
    text.split("启用码 ").nth(1).unwrap().chars().take(11).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn everyone_is_invited_by_message_and_opens_the_account_once_with_the_last_six() {
    on_both(|world| async move {
        let (admin, people) = world.college(3).await;
        let waiting = admin.call("GET", "/api/v1/activations?unit=43010001", Value::Null).await.json;
        assert_eq!(waiting["items"].as_array().unwrap().len(), 3);
        let done = admin.call("POST", "/api/v1/activations/invitations", json!({"unit": "43010001"})).await;
        assert_eq!((done.status, &done.json["invited"]), (200, &json!(3)), "{:?}", done.json);
        let again = admin.call("POST", "/api/v1/activations/invitations", json!({})).await.json;
        assert_eq!((&again["invited"], &again["skipped"][0]["reason"]), (&json!(0), &json!("invited_today")));
        let code = invited(&world, 1).await;
        let stored = "SELECT COUNT(*) FROM activations WHERE code_mac LIKE '%' || $1 || '%'";
        assert_eq!(db::count(&world.site.db, stored, db::params![code.replace('-', "")]).await.unwrap(), 0);
        let wrong = world
            .anyone
            .call("POST", "/api/v1/activations", json!({"code": code, "id_number_last6": "000000"}))
            .await;
        assert_eq!((wrong.status, wrong.code()), (401, "invalid_activation"));
        let unknown = world
            .anyone
            .call("POST", "/api/v1/activations", json!({"code": "AAAAA-AAAAA", "id_number_last6": last6(1)}))
            .await;
        assert_eq!((unknown.status, &unknown.json), (401, &wrong.json), "the same answer");
        let body = json!({"code": code.to_lowercase(), "id_number_last6": last6(1)});
        let opened = world.anyone.call("POST", "/api/v1/activations", body.clone()).await;
        assert_eq!(opened.status, 201, "{:?}", opened.json);
        assert_eq!(opened.json["required_actions"], json!(["change_password", "bind_phone"]));
        assert_eq!(opened.json["person"]["id"], people[0]["id"]);
        assert_eq!(
            world.anyone.call("POST", "/api/v1/activations", body).await.code(),
            "invalid_activation",
            "once"
        );
        let client = world.anyone.with_token(opened.json["token"].as_str().unwrap());
        assert_eq!(client.call("GET", "/api/v1/me/profile", Value::Null).await.code(), "action_required");
        let set = client.call("PUT", "/api/v1/me/password", json!({"new_password": PASSWORD})).await;
        assert_eq!(set.status, 204, "{:?}", set.json);
        let phone = phone("neu");
        client.call("POST", "/api/v1/sms-codes", json!({"purpose": "bind_phone", "phone": phone})).await;
        let sms = world.code(&phone).await;
        assert_eq!(
            client.call("PUT", "/api/v1/me/phone", json!({"phone": phone, "code": sms})).await.status,
            204
        );
        assert_eq!(client.call("GET", "/api/v1/me/profile", Value::Null).await.status, 200);
        let waiting = admin.call("GET", "/api/v1/activations", Value::Null).await.json;
        assert_eq!(waiting["items"].as_array().unwrap().len(), 2);
        assert_eq!(waiting["items"][0]["invited_by"], "sms");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_is_sent_again_from_the_next_day_on_and_is_over_after_fourteen() {
    on_both(|world| async move {
        let (admin, _) = world.college(2).await;
        admin.call("POST", "/api/v1/activations/invitations", json!({})).await;
        let old = invited(&world, 2).await;
        world.clock.advance(25 * 3600);
        let admin = world.sign_in("yuanzhang", PASSWORD).await;
        let admin = world.anyone.with_token(admin["token"].as_str().unwrap());
        let again = admin.call("POST", "/api/v1/activations/invitations", json!({})).await.json;
        assert_eq!(again["invited"], 2, "{again}");
        let stale = world
            .anyone
            .call("POST", "/api/v1/activations", json!({"code": old, "id_number_last6": last6(2)}))
            .await;
        assert_eq!(stale.status, 401);
        let fresh = invited(&world, 2).await;
        world.clock.advance(14 * 86_400);
        let late = world
            .anyone
            .call("POST", "/api/v1/activations", json!({"code": fresh, "id_number_last6": last6(2)}))
            .await;
        assert_eq!(late.status, 401, "fourteen days and no longer");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn slips_are_printed_by_department_and_guessing_locks() {
    on_both(|world| async move {
        let (admin, people) = world.college(2).await;
        let pdf = admin.call("POST", "/api/v1/activations/slips", json!({"unit": "43010001"})).await;
        assert_eq!((pdf.status, pdf.bytes.starts_with(b"%PDF")), (200, true), "{:?}", pdf.json);
        assert_eq!(pdf.headers["cache-control"], "no-store");
        let listed = admin.call("GET", "/api/v1/activations", Value::Null).await.json;
        assert_eq!(listed["items"][0]["invited_by"], "slip");
        let other = world.ready("other", Role::UnitAdmin, "43020001").await;
        assert_eq!(
            other.call("POST", "/api/v1/activations/slips", json!({"unit": "43010001"})).await.status,
            404
        );
        let foreign = json!({"people": [people[0]["id"]]});
        assert_eq!(
            other.call("POST", "/api/v1/activations/slips", foreign).await.code(),
            "activation_nobody"
        );
        admin.call("POST", "/api/v1/activations/invitations", json!({"people": [people[0]["id"]]})).await;
        let code = invited(&world, 1).await;
        let guess = json!({"code": code, "id_number_last6": "999999"});
        for _ in 0..4 {
            assert_eq!(world.anyone.call("POST", "/api/v1/activations", guess.clone()).await.status, 401);
        }
        assert_eq!(
            world.anyone.call("POST", "/api/v1/activations", guess).await.status,
            423,
            "the gate counts"
        );
        let right = json!({"code": code, "id_number_last6": last6(1)});
        assert_eq!(world.anyone.call("POST", "/api/v1/activations", right).await.code(), "account_locked");
        let page = admin.call("GET", "/activations", Value::Null).await;
        assert!(String::from_utf8(page.bytes).unwrap().contains("打印启用单"));
        assert_eq!(world.anyone.call("GET", "/activate", Value::Null).await.status, 200);
    })
    .await;
}
