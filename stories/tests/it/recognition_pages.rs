//! The pages of 申请活动学时: from the menu to the reviewer's desk with plain forms.
use base::Role;
use serde_json::{Value, json};
use testkit::{Answer, Client};

use crate::{
    files::pdf,
    world::{World, on_both},
};

async fn page(client: &Client, path: &str) -> String {
    let answer = client.call("GET", path, Value::Null).await;
    let text = String::from_utf8_lossy(&answer.bytes).into_owned();
    assert_eq!(answer.status, 200, "{path}: {text}");
    text
}

/// The session's token, as every page carries it.
async fn token(client: &Client) -> String {
    let text = page(client, "/help").await;
    text.split("csrf-token\" content=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

/// Sends a form as browsers do; the file comes last.
async fn send(client: &Client, path: &str, fields: &[(&str, &str)], file: Option<&[u8]>) -> Answer {
    let token = token(client).await;
    let mut body = vec![];
    for (name, value) in [("_csrf", token.as_str())].iter().chain(fields) {
        body.extend(
            format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes(),
        );
    }
    if let Some(bytes) = file {
        let head = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"证书.pdf\"\r\nContent-Type: application/pdf\r\n\r\n";
        body.extend(head.bytes().chain(bytes.iter().copied()).chain(*b"\r\n"));
    }
    body.extend(b"--x--\r\n");
    client.send("POST", path, ("multipart/form-data; boundary=x", body), &[]).await
}

async fn post(client: &Client, path: &str, form: &str) -> Answer {
    let form = format!("_csrf={}&{form}", token(client).await);
    client.send("POST", path, ("application/x-www-form-urlencoded", form.into_bytes()), &[]).await
}

fn led_to(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", String::from_utf8_lossy(&answer.bytes));
    answer.headers["location"].to_str().unwrap().to_owned()
}

async fn cast(world: &World) -> (Client, Client, Client) {
    let (admin, people) = world.college(2).await;
    let teacher = world.trainee(&admin, &people[0]).await;
    let colleague = world.trainee(&admin, &people[1]).await;
    (admin, teacher, colleague)
}

/// A decision leads to the next claim of the same filter, the last one back to the list.
async fn decided_one_after_the_other(admin: &Client, first: &str, second: &str) {
    let filtered = format!("{first}?item=paper.core&year=2023");
    let next = led_to(&post(admin, &filtered, "decision=approve&hours=20&comment=ok").await);
    assert_eq!(next, format!("{second}?state=submitted&item=paper.core&year=2023&decided=approve"));
    let text = page(admin, &next).await;
    assert!(text.contains("上一件已通过") && text.contains("同样的材料在别处用过"), "{text}");
    let last = led_to(&post(admin, &next, "decision=return&comment=补页").await);
    assert_eq!(last, "/reviews?state=submitted&item=paper.core&year=2023&decided=return");
    assert!(page(admin, &last).await.contains("这一件已退回，后面没有等着的申请了"));
}

#[tokio::test(flavor = "multi_thread")]
async fn from_the_menu_over_the_form_to_the_reviewers_desk() {
    on_both(|world| async move {
        let (admin, teacher, colleague) = cast(&world).await;
        let hours = page(&teacher, "/hours?year=2023").await;
        assert_eq!(
            hours.matches("申请活动学时").count(),
            2,
            "in the list on the left and as the first button"
        );
        let picker = page(&teacher, "/claims?year=2023&q=核心期刊").await;
        assert!(picker.contains("item=paper.core") && !picker.contains("item=degree.award"));
        let form = "/claims/new?year=2023&item=paper.core";
        assert!(page(&teacher, form).await.contains("署名次序"));
        let typed = [("title", "湘江教学研究"), ("on", "2023-06-01"), ("quantity", "1"), ("rank", "2")];
        let with = |action| [typed.as_slice(), &[("action", action)]].concat();
        let wrong =
            [("title", ""), ("on", "2022-06-01"), ("quantity", "1"), ("rank", "2"), ("action", "submit")];
        let refused = send(&teacher, form, &wrong, None).await;
        let text = String::from_utf8_lossy(&refused.bytes).into_owned();
        assert!(text.contains("请填写成果或活动名称") && text.contains("日期不在所选年度内"), "{text}");
        let seen = send(&teacher, form, &with("preview"), Some(&pdf(3))).await;
        let text = String::from_utf8_lossy(&seen.bytes).into_owned();
        assert!(text.contains("预计计入 21.6 学时") && text.contains("证书.pdf"), "{text}");
        let file =
            text.split("name=\"file_id\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let mut last = with("submit");
        last.push(("file_id", &file));
        let claim = led_to(&send(&teacher, form, &last, None).await);
        let text = page(&teacher, &claim).await;
        assert!(text.contains("待审") && text.contains("证书.pdf") && text.contains("撤回申请"));
        assert!(page(&teacher, "/claims?year=2023").await.contains("待审 21.6 学时"));
        world.clock.advance(1);
        let same = send(&colleague, form, &with("submit"), Some(&pdf(3))).await;
        let desk = page(&admin, "/reviews").await;
        assert_eq!(desk.matches("材料与其他申请相同").count(), 2);
        let review = claim.replace("/claims/", "/reviews/");
        let text = page(&admin, &review).await;
        assert!(text.contains("同样的材料在别处用过") && text.contains("<kbd>A</kbd>"), "{text}");
        assert!(
            text.contains("data-paper=\"/files/") && text.contains("/assets/papers-"),
            "the PDF's pages: {text}"
        );
        let bare = post(&admin, &review, "decision=return&comment=").await;
        assert!(String::from_utf8_lossy(&bare.bytes).contains("请写明理由"));
        let second = led_to(&same).replace("/claims/", "/reviews/");
        decided_one_after_the_other(&admin, &review, &second).await;
        assert!(page(&teacher, &claim).await.contains("审核调低"));
        assert!(page(&teacher, "/hours?year=2023").await.contains("计入 20 学时"));
        assert_eq!(teacher.call("GET", "/reviews", Value::Null).await.status, 403);
        let standard = page(&teacher, "/standard?year=2023").await;
        assert!(
            standard.contains("示例标准")
                && standard.contains("湘人社函〔2023〕63号")
                && standard.contains("版本 2023.1")
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_like_claims_without_doubled_evidence_are_approved_together() {
    on_both(|world| async move {
        let (admin, teacher, colleague) = cast(&world).await;
        let body = |title: &str, item: &str| json!({"year": 2023, "item": item, "title": title, "on": "2023-06-01", "submit": true});
        let mut ids = vec![];
        for (client, title) in [(&teacher, "甲"), (&colleague, "乙")] {
            let made = client.call("POST", "/api/v1/claims", body(title, "paper.core")).await;
            ids.push(made.json["id"].as_str().unwrap().to_owned());
        }
        let other = teacher.call("POST", "/api/v1/claims", body("丙", "software.copyright")).await;
        let other = other.json["id"].as_str().unwrap().to_owned();
        assert!(page(&admin, "/reviews?item=paper.core&year=2023").await.contains("批量通过所选"));
        assert!(!page(&admin, "/reviews").await.contains("批量通过所选"));
        let unlike = post(&admin, "/reviews", &format!("id={}&id={other}", ids[0])).await;
        assert_eq!(unlike.status, 409);
        let done = post(&admin, "/reviews", &format!("id={}&id={}", ids[0], ids[1])).await;
        assert_eq!(led_to(&done), "/reviews?done=2&left=0");
        for client in [&teacher, &colleague] {
            let year = client.call("GET", "/api/v1/me/years/2023", Value::Null).await.json;
            assert_eq!(year["earned"]["professional"], "36");
        }
        let waiting = teacher.call("GET", "/api/v1/me/years/2023", Value::Null).await.json["waiting"].clone();
        assert_eq!(waiting, "12", "待审 stands apart from 已认定");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exemption_is_asked_for_and_decided_with_plain_forms() {
    on_both(|world| async move {
        let (admin, teacher, _) = cast(&world).await;
        let reviewer = world.ready("shenhe", Role::Reviewer, "43010001").await;
        let head = world.ready("zhuren", Role::DepartmentHead, "43010001").await;
        let asking = page(&teacher, "/exemptions?year=2023").await;
        assert!(asking.contains("2043-02-01") || asking.contains("达到法定退休年龄，尚不足条件"), "{asking}");
        led_to(&post(&teacher, "/leaves", "year=2023&kind=sick&from=2023-01-01&to=2023-05-01").await);
        assert!(page(&teacher, "/exemptions?year=2023").await.contains("超过 90 天，符合条件"));
        let none = send(&teacher, "/exemptions?year=2023", &[("kind", "leave"), ("reason", "")], None).await;
        assert!(String::from_utf8_lossy(&none.bytes).contains("请写明理由"));
        let fields = [("kind", "leave"), ("reason", "病休四个月")];
        let case = led_to(&send(&teacher, "/exemptions?year=2023", &fields, Some(&pdf(9))).await);
        assert!(page(&teacher, &case).await.contains("病休四个月"));
        assert!(page(&admin, "/reviews").await.contains("待审的免训申请"));
        assert!(page(&reviewer, "/reviews").await.contains("待审的免训申请"));
        assert!(!page(&head, "/reviews").await.contains("待审的免训申请"), "it may be medical");
        assert_eq!(
            led_to(&post(&reviewer, &format!("{case}/decision"), "decision=approve&comment=").await),
            case
        );
        assert!(page(&teacher, "/?year=2023").await.contains("您这一年已批准免训"));
        led_to(&post(&teacher, &format!("{case}/step"), "step=give_back").await);
        assert!(page(&teacher, &case).await.contains("已放弃"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_returned_exemption_takes_its_evidence_with_a_plain_form_and_keeps_its_leave() {
    on_both(|world| async move {
        let (admin, teacher, _) = cast(&world).await;
        led_to(&post(&teacher, "/leaves", "year=2023&kind=sick&from=2023-01-01&to=2023-05-01").await);
        let fields = [("kind", "leave"), ("reason", "病休四个月")];
        let case = led_to(&send(&teacher, "/exemptions?year=2023", &fields, None).await);
        let decision = format!("{case}/decision");
        let on_word = post(&admin, &decision, "decision=approve&comment=ok").await;
        assert!(String::from_utf8_lossy(&on_word.bytes).contains("这类免训须凭证明材料批准"));
        led_to(&post(&admin, &decision, "decision=return&comment=more").await);
        let to = format!("{case}/submit");
        assert!(page(&teacher, &case).await.contains(&to));
        led_to(&send(&teacher, &to, &[("reason", "已补病历")], Some(&pdf(9))).await);
        assert!(page(&admin, &case).await.contains("证书.pdf"));
        led_to(&post(&admin, &decision, "decision=approve&comment=").await);
        let list = page(&teacher, "/exemptions?year=2023").await;
        let leave = list.split("/leaves/").nth(1).unwrap().split('/').next().unwrap().to_owned();
        let kept = post(&teacher, &format!("/leaves/{leave}/end"), "").await;
        assert!(String::from_utf8_lossy(&kept.bytes).contains("请先由本人放弃免训"));
        led_to(&post(&teacher, &format!("{case}/step"), "step=give_back").await);
        led_to(&post(&teacher, &format!("/leaves/{leave}/end"), "").await);
        assert!(!page(&teacher, "/exemptions?year=2023").await.contains(&leave));
    })
    .await;
}
