//! 免训 and 补训: asked for, reviewed, with their effect on the year, and given back.
use base::Role;
use serde_json::{Value, json};
use testkit::{Answer, Client};

use crate::{
    files::{pdf, upload},
    world::{PASSWORD, World, on_both},
};

async fn post(client: &Client, path: &str, body: Value) -> Answer {
    client.call("POST", path, body).await
}

async fn year(client: &Client, year: u16) -> Value {
    client.call("GET", &format!("/api/v1/me/years/{year}"), Value::Null).await.json
}

fn outcome(answer: &Answer) -> (u16, &str) {
    let said = if answer.status < 300 { &answer.json["state"] } else { &answer.json["code"] };
    (answer.status, said.as_str().unwrap_or("-"))
}

async fn again(world: &World, account: &str) -> Client {
    world.anyone.with_token(world.sign_in(account, PASSWORD).await["token"].as_str().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_leave_makes_eligible_and_an_approved_exemption_satisfies_the_year_until_given_back() {
    on_both(|world| async move {
        let (admin, people) = world.college(2).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let colleague = world.trainee(&admin, &people[1]).await;
        assert_eq!(year(&teacher, 2023).await["exemption_eligible"], json!([]));
        let leave = json!({"kind": "sick", "from": "2022-12-01", "to": "2023-03-31"});
        assert_eq!(post(&teacher, "/api/v1/leaves", leave).await.status, 201);
        let exactly = year(&teacher, 2023).await;
        assert_eq!(exactly["exemption_eligible"], json!([]), "90 days of 2023 are not more than 90");
        // 2022 has no rules: what follows a leave of it has nothing to do there, and ends.
        world.settle().await;
        let more =
            json!({"kind": "sick", "from": "2023-04-01", "to": "2023-04-01", "person": people[0]["id"]});
        assert_eq!(post(&colleague, "/api/v1/leaves", more.clone()).await.status, 404);
        assert_eq!(post(&admin, "/api/v1/leaves", more).await.status, 201);
        assert_eq!(year(&teacher, 2023).await["exemption_eligible"], json!(["leave"]));
        let wrong = json!({"kind": "sick", "from": "2023-04-02", "to": "2023-04-01"});
        assert_eq!(post(&teacher, "/api/v1/leaves", wrong).await.json["errors"][0]["field"], "to");
        case_to_its_end(&world, (&admin, &teacher, &colleague)).await;
    })
    .await;
}

/// From the request with evidence over the approval to giving it back.
async fn case_to_its_end(world: &World, (admin, teacher, colleague): (&Client, &Client, &Client)) {
    let file = upload(teacher, ("病历.pdf", "application/pdf"), &pdf(7)).await.json["id"].clone();
    let body = json!({"year": 2023, "kind": "leave", "reason": "病休四个月", "files": [file]});
    let asked = post(teacher, "/api/v1/exemptions", body.clone()).await;
    assert_eq!(
        (outcome(&asked), &asked.json["eligible"]),
        ((201, "submitted"), &json!(true)),
        "{:?}",
        asked.json
    );
    let path = format!("/api/v1/exemptions/{}", asked.json["id"].as_str().unwrap());
    assert_eq!(outcome(&post(teacher, "/api/v1/exemptions", body.clone()).await), (409, "exemption_exists"));
    assert_eq!(colleague.call("GET", &path, Value::Null).await.status, 404);
    let head = world.ready("zhuren", Role::DepartmentHead, "43010001").await;
    let reviewer = world.ready("shenhe", Role::Reviewer, "43010001").await;
    let evidence = format!("/api/v1/files/{}", file.as_str().unwrap());
    for (who, status) in [(&head, 404), (&reviewer, 200), (admin, 200)] {
        assert_eq!(
            who.call("GET", &path, Value::Null).await.status,
            status,
            "medical cases are their reviewers'"
        );
        assert_eq!(who.call("GET", &evidence, Value::Null).await.status, status);
    }
    let approve = json!({"decision": "approve"});
    assert_eq!(
        outcome(&post(teacher, &format!("{path}/decision"), approve.clone()).await),
        (403, "own_decision")
    );
    let listed = admin.call("GET", "/api/v1/exemption-reviews", Value::Null).await.json;
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    let decision = format!("{path}/decision");
    assert_eq!(post(&head, &decision, approve.clone()).await.status, 404);
    assert_eq!(outcome(&post(&reviewer, &decision, approve.clone()).await), (200, "approved"));
    assert_eq!(outcome(&post(&reviewer, &decision, approve).await), (200, "approved"), "again is as before");
    let now = year(teacher, 2023).await;
    assert_eq!(
        (&now["exempt"], &now["satisfied"], &now["certificate"]),
        (&json!(true), &json!(true), &json!(false))
    );
    assert_eq!((&now["exemption"]["kind"], &now["exemption"]["approved"]), (&json!("leave"), &json!(true)));
    assert_eq!(now["required"]["total"], "0");
    let record = teacher.call("GET", "/api/v1/me/years/2023/record", Value::Null).await.json;
    assert_eq!(record["exemption"], json!({"kind": "leave", "approved": true}));
    assert_eq!(record["leaves"].as_array().unwrap().len(), 2);
    let refused = post(teacher, "/api/v1/certificates", json!({"year": 2023})).await;
    assert_eq!(outcome(&refused), (409, "exempt"));
    assert_eq!(post(admin, &format!("{path}/give-back"), Value::Null).await.status, 404);
    assert_eq!(outcome(&post(teacher, &format!("{path}/give-back"), Value::Null).await), (200, "given_back"));
    let now = year(teacher, 2023).await;
    assert_eq!(
        (&now["exempt"], &now["satisfied"], &now["required"]["total"]),
        (&json!(false), &json!(false), &json!("90"))
    );
    assert_eq!(post(teacher, "/api/v1/exemptions", body).await.status, 201, "it can be asked for again");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nothing_is_computed_of_is_approved_on_evidence_alone() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let boss = again(&world, "root43").await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let bare = json!({"year": 2023, "kind": "other", "reason": "驻村帮扶"});
        let asked = post(&teacher, "/api/v1/exemptions", bare).await;
        let path = format!("/api/v1/exemptions/{}", asked.json["id"].as_str().unwrap());
        let on_nothing = json!({"decision": "approve", "comment": "属实"});
        let refused = post(&boss, &format!("{path}/decision"), on_nothing).await;
        assert_eq!((refused.status, refused.field_code("files")), (422, "evidence_missing"));
        assert_eq!(
            outcome(&post(&teacher, &format!("{path}/withdraw"), Value::Null).await),
            (200, "withdrawn")
        );
        assert_eq!(year(&teacher, 2023).await["exempt"], json!(false));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn other_reasons_go_above_the_unit_and_facts_that_do_not_bear_out_need_a_word() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let boss = again(&world, "root43").await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let file = upload(&teacher, ("文件.pdf", "application/pdf"), &pdf(8)).await.json["id"].clone();
        let body = json!({"year": 2023, "kind": "other", "reason": "驻村帮扶", "files": [file]});
        let asked = post(&teacher, "/api/v1/exemptions", body).await;
        assert_eq!((outcome(&asked), &asked.json["level"]), ((201, "submitted"), &json!("authority")));
        let path = format!("/api/v1/exemptions/{}", asked.json["id"].as_str().unwrap());
        let approve = json!({"decision": "approve", "comment": "驻村文件属实"});
        assert_eq!(
            outcome(&post(&admin, &format!("{path}/decision"), approve.clone()).await),
            (403, "level_above_decides")
        );
        assert_eq!(outcome(&post(&boss, &format!("{path}/decision"), approve).await), (200, "approved"));
        assert_eq!(
            outcome(&post(&boss, &format!("{path}/reversal"), json!({"reason": "撤"})).await),
            (403, "second_person")
        );
        let why = json!({"reason": "文件系误传"});
        assert_eq!(
            outcome(&post(&admin, &format!("{path}/reversal"), why.clone()).await),
            (403, "level_above_decides"),
            "the unit does not take back what the level above decided"
        );
        let second = world.ready("fuju", Role::Authority, "430100").await;
        assert_eq!(outcome(&post(&second, &format!("{path}/reversal"), why).await), (200, "reversed"));
        assert_eq!(year(&teacher, 2023).await["exempt"], json!(false));

        refused_by_the_facts(&admin, &teacher).await;
        let none = json!({"year": 2023, "kind": "lazy", "reason": "x"});
        assert_eq!(post(&teacher, "/api/v1/exemptions", none).await.status, 422);
    })
    .await;
}

/// What the facts do not bear out needs a word and evidence, and a refusal goes to the level above.
async fn refused_by_the_facts(admin: &Client, teacher: &Client) {
    let near = json!({"year": 2023, "kind": "near_retirement", "reason": "临近退休"});
    let asked = post(teacher, "/api/v1/exemptions", near).await;
    assert_eq!(asked.json["eligible"], json!(false));
    let path = format!("/api/v1/exemptions/{}", asked.json["id"].as_str().unwrap());
    let bare = post(admin, &format!("{path}/decision"), json!({"decision": "approve"})).await;
    assert_eq!((bare.status, &bare.json["errors"][0]["code"]), (422, &json!("comment_required")));
    let on_word = json!({"decision": "approve", "comment": "快退休了"});
    let on_word = post(admin, &format!("{path}/decision"), on_word).await;
    assert_eq!((on_word.status, on_word.field_code("files")), (422, "evidence_missing"));
    let reject = json!({"decision": "reject", "comment": "未到年限"});
    assert_eq!(outcome(&post(admin, &format!("{path}/decision"), reject).await), (200, "rejected"));
    let appealed = post(teacher, &format!("{path}/appeal"), json!({"reason": "有延迟退休文件"})).await;
    assert_eq!(outcome(&appealed), (200, "submitted"));
    assert_eq!(
        outcome(
            &post(admin, &format!("{path}/decision"), json!({"decision": "reject", "comment": "x"})).await
        ),
        (403, "level_above_decides")
    );
    assert_eq!(outcome(&post(teacher, &format!("{path}/withdraw"), Value::Null).await), (200, "withdrawn"));
}

#[tokio::test(flavor = "multi_thread")]
async fn thirty_two_requests_at_once_leave_one_and_a_make_up_moves_the_deadline() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let boss = again(&world, "root43").await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let all: Vec<_> = (0..32)
            .map(|_| {
                let client = teacher.clone();
                let body = json!({"year": 2023, "kind": "disability", "reason": "残疾"});
                tokio::spawn(async move { post(&client, "/api/v1/exemptions", body).await })
            })
            .collect();
        let mut made = 0;
        for one in all {
            let answer = one.await.unwrap();
            assert!(matches!(answer.status, 201 | 409), "{:?}", answer.json);
            made += usize::from(answer.status == 201);
        }
        assert_eq!(made, 1);
        let make_up = |until: &str| json!({"person": people[0]["id"], "year": 2026, "until": until, "reason": "平台停机"});
        assert_eq!(post(&admin, "/api/v1/make-ups", make_up("2027-05-31")).await.status, 403);
        let late = post(&boss, "/api/v1/make-ups", make_up("2027-07-01")).await;
        assert_eq!((late.status, &late.json["errors"][0]["code"]), (422, &json!("make_up_limit")));
        assert_eq!(post(&boss, "/api/v1/make-ups", make_up("2027-05-31")).await.status, 201);
        assert_eq!(year(&teacher, 2026).await["deadline"], "2027-05-31");
        assert_eq!(post(&boss, "/api/v1/make-ups", make_up("2026-12-01")).await.status, 201);
        assert_eq!(year(&teacher, 2026).await["deadline"], "2026-12-31", "a make-up narrows nothing");
    })
    .await;
}

async fn entered(client: &Client, body: Value) -> String {
    let made = post(client, "/api/v1/leaves", body).await;
    assert_eq!(made.status, 201, "{:?}", made.json);
    format!("/api/v1/leaves/{}", made.json["id"].as_str().unwrap())
}

async fn taken_away(client: &Client, leave: &str) -> (u16, String) {
    let answer = client.call("DELETE", leave, Value::Null).await;
    (answer.status, if answer.status < 300 { String::new() } else { answer.code().to_owned() })
}

fn refused(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leave_exempts_on_evidence_alone_and_stays_while_the_exemption_stands() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let reviewer = world.ready("shenhe", Role::Reviewer, "43010001").await;
        let own = entered(&teacher, json!({"kind": "sick", "from": "2023-02-01", "to": "2023-06-15"})).await;
        let bare = json!({"year": 2023, "kind": "leave", "reason": "病假"});
        let asked = post(&teacher, "/api/v1/exemptions", bare).await;
        let path = format!("/api/v1/exemptions/{}", asked.json["id"].as_str().unwrap());
        let approve = json!({"decision": "approve", "comment": "属实"});
        let on_word = post(&reviewer, &format!("{path}/decision"), approve.clone()).await;
        assert_eq!((on_word.status, on_word.field_code("files")), (422, "evidence_missing"));
        assert_eq!(year(&teacher, 2023).await["exempt"], json!(false));
        let back = json!({"decision": "return", "comment": "请补病历"});
        assert_eq!(outcome(&post(&reviewer, &format!("{path}/decision"), back).await), (200, "returned"));
        let file = upload(&admin, ("病历.pdf", "application/pdf"), &pdf(11)).await.json["id"].clone();
        let by_unit = json!({"kind": "sick", "from": "2023-06-16", "to": "2023-06-30", "person": people[0]["id"], "files": [file]});
        let by_unit = entered(&admin, by_unit).await;
        let again = post(&teacher, &format!("{path}/submit"), json!({"reason": "病历由单位上传"})).await;
        assert_eq!((again.status, &again.json["files"][0]["id"]), (200, &file), "the case cites what its leaves do");
        let read = reviewer.call("GET", &format!("/api/v1/files/{}", file.as_str().unwrap()), Value::Null).await;
        assert_eq!(read.status, 200, "and its reviewers read it");
        assert_eq!(outcome(&post(&reviewer, &format!("{path}/decision"), approve).await), (200, "approved"));
        assert_eq!(taken_away(&teacher, &own).await, refused(409, "leave_exempts"));
        assert_eq!(taken_away(&admin, &own).await, refused(409, "leave_exempts"));
        assert_eq!(taken_away(&admin, &by_unit).await, refused(409, "leave_exempts"));
        assert_eq!(taken_away(&teacher, &by_unit).await, refused(403, "leave_of_unit"));
        let now = year(&teacher, 2023).await;
        assert_eq!((&now["exempt"], &now["exemption_eligible"]), (&json!(true), &json!(["leave"])));
        assert_eq!(outcome(&post(&teacher, &format!("{path}/give-back"), Value::Null).await), (200, "given_back"));
        assert_eq!(taken_away(&teacher, &by_unit).await, refused(403, "leave_of_unit"), "it never was the teacher's");
        assert_eq!(taken_away(&teacher, &own).await, refused(204, ""));
        assert_eq!(taken_away(&admin, &by_unit).await, refused(204, ""));
        let told = teacher.call("GET", "/api/v1/me/messages", Value::Null).await.json.to_string();
        assert!(told.contains("单位删除了您 2023-06-16 至 2023-06-30 的病假记录"), "{told}");
        assert!(!told.contains("2023-02-01"), "of what one takes away oneself nothing is told: {told}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_of_a_leave_reaches_a_request_that_waits_and_what_the_unit_confirms_is_no_longer_ones_own() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let reviewer = world.ready("shenhe", Role::Reviewer, "43010001").await;
        let spell = json!({"kind": "maternity", "from": "2026-01-01", "to": "2026-05-31"});
        let own = entered(&teacher, spell).await;
        let bare = json!({"year": 2026, "kind": "leave", "reason": "产假"});
        let asked = post(&teacher, "/api/v1/exemptions", bare).await;
        let path = format!("/api/v1/exemptions/{}", asked.json["id"].as_str().unwrap());
        let file = upload(&teacher, ("出生证明.pdf", "application/pdf"), &pdf(12)).await.json["id"].clone();
        let more = json!({"kind": "maternity", "from": "2026-06-01", "to": "2026-06-01", "files": [file]});
        let more = entered(&teacher, more).await;
        let seen = reviewer.call("GET", &path, Value::Null).await.json;
        assert_eq!(seen["files"][0]["id"], file, "{seen}");
        let list = "姓名,类型,自,止\n教师001,产假,2026-01-01,2026-05-31\n";
        let sent = ("text/csv; charset=utf-8", list.as_bytes().to_vec());
        let taken = admin.send("POST", "/api/v1/leaves/imports?unit=43010001", sent, &[]).await;
        assert_eq!(
            (&taken.json["created"], &taken.json["known"]),
            (&json!(0), &json!(1)),
            "{:?}",
            taken.json
        );
        assert_eq!(
            taken_away(&teacher, &own).await,
            refused(403, "leave_of_unit"),
            "the unit's list has it too"
        );
        assert_eq!(taken_away(&teacher, &more).await, refused(204, ""), "nothing is decided yet");
        let approve = json!({"decision": "approve"});
        assert_eq!(outcome(&post(&reviewer, &format!("{path}/decision"), approve).await), (200, "approved"));
        assert_eq!(taken_away(&admin, &own).await, refused(409, "leave_exempts"));
    })
    .await;
}
