//! 申请活动学时 from the draft to the ledger: who may decide, what may change, and that nothing is ever credited twice.
use base::Role;
use serde_json::{Value, json};
use testkit::{Answer, Client};

use crate::{
    files::{pdf, upload},
    world::{World, on_both},
};

fn paper(title: &str) -> Value {
    json!({"year": 2023, "item": "paper.core", "title": title, "on": "2023-06-01", "rank": 2, "submit": true})
}

async fn post(client: &Client, path: &str, body: Value) -> Answer {
    client.call("POST", path, body).await
}

/// Files a claim that must be taken; its id.
async fn claim(client: &Client, body: Value) -> String {
    let made = post(client, "/api/v1/claims", body).await;
    assert_eq!(made.status, 201, "{:?}", made.json);
    made.json["id"].as_str().unwrap().to_owned()
}

async fn decide(client: &Client, id: &str, body: Value) -> Answer {
    post(client, &format!("/api/v1/claims/{id}/decision"), body).await
}

fn outcome(answer: &Answer) -> (u16, &str) {
    let said = if answer.status < 300 { &answer.json["state"] } else { &answer.json["code"] };
    (answer.status, said.as_str().unwrap_or("-"))
}

async fn year(client: &Client) -> Value {
    client.call("GET", "/api/v1/me/years/2023", Value::Null).await.json
}

/// A college, its administrator, a reviewer, the authority above, and a teacher.
async fn cast(world: &World) -> (Client, Client, Client, Client, Value) {
    let (admin, people) = world.college(1).await;
    let reviewer = world.ready("shenhe", Role::Reviewer, "43010001").await;
    let boss = world
        .anyone
        .with_token(world.sign_in("root43", crate::world::PASSWORD).await["token"].as_str().unwrap());
    let teacher = world.trainee(&admin, &people[0]).await;
    (admin, reviewer, boss, teacher, people[0].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_is_seen_before_it_is_made_and_credited_once_when_approved() {
    on_both(|world| async move {
        let (admin, reviewer, _, teacher, _) = cast(&world).await;
        let look = "/api/v1/claims/preview?year=2023&item=paper.core&rank=2&on=2023-06-01";
        let seen = teacher.call("GET", look, Value::Null).await;
        assert_eq!(seen.status, 200, "{:?}", seen.json);
        assert_eq!(
            [&seen.json["hours"], &seen.json["counted"], &seen.json["cap"], &seen.json["cap_used"]],
            [&json!("21.6"), &json!("21.6"), &json!("60"), &json!("0")]
        );
        let file = upload(&teacher, ("a.pdf", "application/pdf"), &pdf(1)).await.json["id"].clone();
        let mut body = paper("湘江流域教学研究");
        body["files"] = json!([file]);
        body["submit"] = json!(false);
        let made = post(&teacher, "/api/v1/claims", body).await;
        assert_eq!(
            (outcome(&made), &made.json["hours"]),
            ((201, "draft"), &json!("21.6")),
            "{:?}",
            made.json
        );
        let id = made.json["id"].as_str().unwrap();
        let path = format!("/api/v1/claims/{id}");
        let evidence = format!("/api/v1/files/{}", file.as_str().unwrap());
        assert_eq!(reviewer.call("GET", &path, Value::Null).await.status, 404, "a draft is its person's");
        assert_eq!(reviewer.call("GET", &evidence, Value::Null).await.status, 404);
        assert_eq!(
            outcome(&post(&teacher, &format!("{path}/submit"), Value::Null).await),
            (200, "submitted")
        );
        assert_eq!(reviewer.call("GET", &evidence, Value::Null).await.status, 200, "cited by a claim below");
        let queue = admin.call("GET", "/api/v1/reviews", Value::Null).await;
        assert_eq!(queue.json["items"][0]["id"], json!(id), "{:?}", queue.json);
        assert_eq!(
            outcome(&decide(&teacher, id, json!({"decision": "approve", "comment": ""})).await),
            (403, "own_decision")
        );
        let approve = json!({"decision": "approve", "comment": "属实"});
        assert_eq!(outcome(&decide(&reviewer, id, approve.clone()).await), (200, "approved"));
        assert_eq!(
            outcome(&decide(&reviewer, id, approve.clone()).await),
            (200, "approved"),
            "a retry is no second decision"
        );
        assert_eq!(outcome(&decide(&admin, id, approve).await), (409, "claim_decided"));
        let now = year(&teacher).await;
        assert_eq!(now["earned"]["professional"], "21.6");
        let ledger = teacher.call("GET", "/api/v1/me/years/2023/ledger", Value::Null).await.json;
        assert_eq!(ledger["items"].as_array().unwrap().len(), 1);
        assert_eq!(
            (&ledger["items"][0]["source"], &ledger["items"][0]["evidence"]),
            (&json!("activity"), &json!(format!("sha256:{}", secrets::sha256_hex(&pdf(1)))))
        );
        let seen = teacher.call("GET", look, Value::Null).await.json;
        assert_eq!((&seen["cap_used"], &seen["offset_used"]), (&json!("21.6"), &json!("21.6")));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hours_are_only_lowered_and_a_reason_is_given_for_whatever_is_not_approved_as_it_is() {
    on_both(|world| async move {
        let (admin, reviewer, _, teacher, _) = cast(&world).await;
        let id = claim(&teacher, paper("一")).await;
        for (body, field, code) in [
            (json!({"decision": "approve", "hours": "21.61", "comment": "x"}), "hours", "hours_only_lower"),
            (json!({"decision": "approve", "hours": "10"}), "comment", "comment_required"),
            (json!({"decision": "return", "comment": " "}), "comment", "comment_required"),
            (json!({"decision": "reject"}), "comment", "comment_required"),
            (json!({"decision": "approve", "comment": "", "state": "approved"}), "state", "unknown_field"),
        ] {
            let refused = decide(&reviewer, &id, body).await;
            let problem = &refused.json["errors"][0];
            assert_eq!(
                (refused.status, &problem["field"], &problem["code"]),
                (422, &json!(field), &json!(code))
            );
        }
        let back = decide(&reviewer, &id, json!({"decision": "return", "comment": "缺检索证明"})).await;
        assert_eq!(outcome(&back), (200, "returned"));
        let again = post(&teacher, &format!("/api/v1/claims/{id}/submit"), Value::Null).await;
        assert_eq!(outcome(&again), (200, "submitted"));
        let lowered =
            decide(&admin, &id, json!({"decision": "approve", "hours": "10", "comment": "第三作者"})).await;
        assert_eq!((outcome(&lowered), &lowered.json["hours"]), ((200, "approved"), &json!("10")));
        assert_eq!(year(&teacher).await["earned"]["professional"], "10");
        let second = claim(&teacher, paper("二")).await;
        let gone = post(&teacher, &format!("/api/v1/claims/{second}/withdraw"), Value::Null).await;
        assert_eq!(outcome(&gone), (200, "withdrawn"));
        assert_eq!(
            outcome(&decide(&admin, &second, json!({"decision": "approve"})).await),
            (409, "claim_decided")
        );
        for (change, field) in [
            (json!({"item": "no.such"}), "item"),
            (json!({"title": ""}), "title"),
            (json!({"on": "2022-01-01"}), "on"),
            (json!({"quantity": "-1"}), "quantity"),
            (json!({"rank": 0}), "rank"),
            (json!({"files": ["nobodys"]}), "files"),
            (json!({"hours": "60"}), "hours"),
        ] {
            let mut body = paper("三");
            for (key, value) in change.as_object().unwrap() {
                body[key] = value.clone();
            }
            let refused = post(&teacher, "/api/v1/claims", body).await;
            assert_eq!(
                (refused.status, &refused.json["errors"][0]["field"]),
                (422, &json!(field)),
                "{:?}",
                refused.json
            );
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_review_is_the_authoritys_and_another_persons() {
    on_both(|world| async move {
        let (admin, _, boss, teacher, _) = cast(&world).await;
        let body = json!({"year": 2023, "item": "degree.award", "title": "硕士学位", "on": "2023-06-30", "submit": true});
        let id = claim(&teacher, body.clone()).await;
        let approve = json!({"decision": "approve", "comment": "属实"});
        let passed = decide(&admin, &id, approve.clone()).await;
        assert_eq!((outcome(&passed), &passed.json["level"]), ((200, "submitted"), &json!("authority")));
        assert_eq!(year(&teacher).await["earned"]["professional"], "0");
        assert_eq!(outcome(&decide(&admin, &id, approve.clone()).await), (403, "level_above_decides"));
        assert_eq!(outcome(&decide(&boss, &id, approve.clone()).await), (200, "approved"));
        assert_eq!(year(&teacher).await["earned"]["professional"], "60");
        let other = claim(&teacher, json!({"year": 2023, "item": "degree.award", "title": "博士学位", "on": "2023-07-01", "submit": true})).await;
        assert_eq!(outcome(&decide(&boss, &other, approve.clone()).await), (200, "submitted"), "the authority in the unit's place");
        assert_eq!(outcome(&decide(&boss, &other, approve.clone()).await), (403, "decided_before"));
        let colleague = world.ready("root43b", Role::Authority, "430100").await;
        assert_eq!(outcome(&decide(&colleague, &other, approve).await), (200, "approved"));
        let stranger = world.ready("fremd", Role::Authority, "440100").await;
        assert_eq!(outcome(&decide(&stranger, &id, json!({"decision": "approve"})).await), (404, "not_found"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_returned_a_claim_at_the_second_level_does_not_pass_it_at_the_first() {
    on_both(|world| async move {
        let (admin, _, boss, teacher, _) = cast(&world).await;
        let body = json!({"year": 2023, "item": "degree.award", "title": "硕士学位", "on": "2023-06-30", "submit": true});
        let id = claim(&teacher, body).await;
        let approve = json!({"decision": "approve", "comment": "属实"});
        assert_eq!(outcome(&decide(&admin, &id, approve.clone()).await), (200, "submitted"));
        let back = json!({"decision": "return", "comment": "证书不清楚"});
        assert_eq!(outcome(&decide(&boss, &id, back).await), (200, "returned"));
        assert_eq!(post(&teacher, &format!("/api/v1/claims/{id}/submit"), json!({})).await.status, 200);
        assert_eq!(outcome(&decide(&boss, &id, approve.clone()).await), (403, "decided_before"));
        assert_eq!(outcome(&decide(&admin, &id, approve.clone()).await), (200, "submitted"));
        assert_eq!(outcome(&decide(&boss, &id, approve).await), (200, "approved"), "the same level once more");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn item_35_nobody_decides_for_oneself_under_another_account_or_for_whom_one_filed() {
    on_both(|world| async move {
        let (admin, reviewer, boss, teacher, person) = cast(&world).await;
        let id = claim(&teacher, paper("一")).await;
        let sql = "INSERT INTO identifiers (kind, lookup, account_id) SELECT i.kind, i.lookup, b.id FROM identifiers i \
                   JOIN accounts a ON a.id = i.account_id JOIN accounts b ON b.name = 'shenhe' \
                   WHERE a.person_id = $1 AND i.kind = 'id_number'";
        let same = db::execute(&world.site.db, sql, db::params![person["id"].as_str().unwrap()]).await;
        assert_eq!(same.unwrap(), 1, "the reviewer's account has the teacher's ID number");
        let approve = json!({"decision": "approve", "comment": "属实"});
        assert_eq!(outcome(&decide(&reviewer, &id, approve.clone()).await), (403, "own_decision"));
        let mut body = paper("代办");
        body["person"] = person["id"].clone();
        let scan = upload(&admin, ("a.pdf", "application/pdf"), &pdf(7)).await.json["id"].clone();
        body["files"] = json!([scan]);
        let filed = claim(&admin, body).await;
        assert_eq!(outcome(&decide(&admin, &filed, approve.clone()).await), (403, "filed_decision"));
        let seen = teacher.call("GET", &format!("/api/v1/claims/{filed}"), Value::Null).await;
        assert_eq!((seen.status, &seen.json["person"]), (200, &person["id"]));
        assert_eq!(outcome(&decide(&boss, &filed, approve.clone()).await), (200, "approved"));
        let mut foreign = paper("他人");
        foreign["person"] = person["id"].clone();
        assert_eq!(post(&reviewer, "/api/v1/claims", foreign).await.status, 404);
        let own = claim(&admin, paper("管理员本人")).await;
        assert_eq!(outcome(&decide(&admin, &own, approve.clone()).await), (403, "own_decision"));
        let second = world.ready("guanli2", Role::UnitAdmin, "43010001").await;
        assert_eq!(outcome(&decide(&second, &own, approve.clone()).await), (403, "level_above_decides"));
        assert_eq!(outcome(&decide(&boss, &own, approve).await), (200, "approved"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_of_department_reviews_first_and_only_in_the_own_place() {
    on_both(|world| async move {
        let (_, _, _, teacher, _) = cast(&world).await;
        let head = world.ready("zhuren", Role::DepartmentHead, "43010001").await;
        let foreign = world.ready("waidan", Role::DepartmentHead, "43010002").await;
        let id = claim(&teacher, paper("一")).await;
        assert_eq!(decide(&foreign, &id, json!({"decision": "approve"})).await.status, 404);
        assert_eq!(outcome(&decide(&head, &id, json!({"decision": "approve"})).await), (200, "approved"));
        let queue = head.call("GET", "/api/v1/reviews?state=approved", Value::Null).await.json;
        let listed = &queue["items"][0];
        assert_eq!((&listed["id"], listed.get("files")), (&json!(id), None), "lists hold no files: {queue}");
        let exemptions = head.call("GET", "/api/v1/exemption-reviews", Value::Null).await;
        assert_eq!(exemptions.status, 403, "medical evidence is not for a head of department");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn thirty_two_decisions_at_once_credit_once() {
    on_both(|world| async move {
        let (admin, reviewer, boss, teacher, _) = cast(&world).await;
        let id = claim(&teacher, paper("一")).await;
        let body = |n: usize| match n % 4 {
            3 => json!({"decision": "reject", "comment": "不符"}),
            _ => json!({"decision": "approve", "comment": "属实"}),
        };
        let all: Vec<_> = (0..32)
            .map(|n| {
                let client = [&admin, &reviewer, &boss][n % 3].clone();
                let (id, body) = (id.clone(), body(n));
                tokio::spawn(async move { decide(&client, &id, body).await })
            })
            .collect();
        let mut states = vec![];
        for one in all {
            let answer = one.await.unwrap();
            assert!(matches!(answer.status, 200 | 409), "{:?}", answer.json);
            states.extend((answer.status == 200).then(|| answer.json["state"].clone()));
        }
        assert!(!states.is_empty() && states.iter().all(|s| *s == states[0]), "one decision stands");
        let entries = teacher.call("GET", "/api/v1/me/years/2023/ledger", Value::Null).await.json;
        let credited = usize::from(states[0] == "approved");
        assert_eq!(entries["items"].as_array().unwrap().len(), credited);
        let shown = teacher.call("GET", &format!("/api/v1/claims/{id}"), Value::Null).await.json;
        assert_eq!(shown["events"].as_array().unwrap().len(), 2, "handed in and decided: {shown}");
        assert!(hours::verify(&world.site).await.unwrap().is_ok());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_is_taken_back_by_a_second_person_and_a_refusal_goes_to_the_level_above() {
    on_both(|world| async move {
        let (admin, reviewer, boss, teacher, _) = cast(&world).await;
        let id = claim(&teacher, paper("一")).await;
        let path = format!("/api/v1/claims/{id}");
        decide(&admin, &id, json!({"decision": "approve"})).await;
        let reason = json!({"reason": "检索证明系伪造"});
        assert_eq!(
            outcome(&post(&admin, &format!("{path}/reversal"), reason.clone()).await),
            (403, "second_person")
        );
        assert_eq!(
            outcome(&post(&teacher, &format!("{path}/reversal"), reason.clone()).await),
            (403, "own_decision")
        );
        assert_eq!(post(&reviewer, &format!("{path}/reversal"), reason.clone()).await.status, 404);
        assert_eq!(post(&boss, &format!("{path}/reversal"), json!({"reason": ""})).await.status, 422);
        assert_eq!(
            outcome(&post(&boss, &format!("{path}/reversal"), reason.clone()).await),
            (200, "reversed")
        );
        assert_eq!(
            outcome(&post(&boss, &format!("{path}/reversal"), reason).await),
            (409, "claim_not_approved")
        );
        let now = year(&teacher).await;
        assert_eq!((&now["earned"]["total"], &now["credits"]), (&json!("0"), &json!([])));
        let ledger = teacher.call("GET", "/api/v1/me/years/2023/ledger", Value::Null).await.json;
        let kinds: Vec<&str> =
            ledger["items"].as_array().unwrap().iter().map(|e| e["kind"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["credit", "reversal"]);
        let taken_back = &ledger["items"][0];
        assert_eq!((&taken_back["counted"], &taken_back["reason"]), (&json!("0"), &json!("reversed")));
        assert_eq!(hours::verify(&world.site).await.unwrap(), Ok(2));

        let id = claim(&teacher, paper("二")).await;
        let path = format!("/api/v1/claims/{id}");
        assert_eq!(
            outcome(&post(&teacher, &format!("{path}/appeal"), json!({"reason": "x"})).await),
            (409, "claim_not_rejected")
        );
        decide(&reviewer, &id, json!({"decision": "reject", "comment": "刊物不在目录"})).await;
        let appealed =
            post(&teacher, &format!("{path}/appeal"), json!({"reason": "目录 2023 版第 15 页"})).await;
        assert_eq!((outcome(&appealed), &appealed.json["stage"]), ((200, "submitted"), &json!(3)));
        let approve = json!({"decision": "approve", "comment": "核对属实"});
        assert_eq!(outcome(&decide(&admin, &id, approve.clone()).await), (403, "level_above_decides"));
        assert_eq!(outcome(&decide(&boss, &id, approve).await), (200, "approved"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_year_takes_neither_claims_nor_decisions() {
    on_both(|world| async move {
        let (admin, _, _, teacher, _) = cast(&world).await;
        let id = claim(&teacher, paper("一")).await;
        world.clock.advance(40 * 86400);
        let again = |account: &'static str| {
            let world = &world;
            async move {
                let token = world.sign_in(account, crate::world::PASSWORD).await["token"]
                    .as_str()
                    .unwrap()
                    .to_owned();
                world.anyone.with_token(&token)
            }
        };
        let admin_now = again("yuanzhang").await;
        assert_eq!(
            outcome(&decide(&admin_now, &id, json!({"decision": "approve"})).await),
            (409, "year_closed")
        );
        assert_eq!(outcome(&post(&admin_now, "/api/v1/claims", paper("二")).await), (409, "year_closed"));
        drop(admin);
    })
    .await;
}
