//! Public courses and the year's topics: what lies outside counts as public only by the authority's mark; and a course that
//! was learned elsewhere as the same one is known before the first second.
use base::Role;
use serde_json::{Value, json};
use testkit::Client;

use crate::{
    courses::{at_another_time, completion, provider, providers_api::Provider, report, subject},
    relations::page,
    training_site::course,
    world::{World, on_both},
};

async fn push(world: &World, provider: &Provider, courses: Value) {
    let pushed = provider.post(world, "/api/v1/provider/courses", &json!({"courses": courses})).await;
    assert_eq!(pushed.status, 200, "{:?}", pushed.json);
}

async fn outlook(world: &World, provider: &Provider, subject: &str) -> Value {
    let told = provider.post(world, "/api/v1/provider/outlook", &json!({"subject_id": subject})).await;
    assert_eq!(told.status, 200, "{:?}", told.json);
    told.json
}

async fn learn(world: &World, provider: &Provider, subject: &str, course: &str) -> (String, Value) {
    world.clock.advance(1);
    // Each course of each provider at a time of its own; the key's id begins with the provider's name.
    let letters = course.bytes().chain(provider.key_id.bytes().filter(u8::is_ascii_lowercase));
    let slot = -1 - letters.map(i64::from).sum::<i64>() % 300;
    let mut done = at_another_time(completion(&format!("{course}-{subject}"), subject), slot);
    done["course"] = json!(course);
    report(world, provider, done).await
}

async fn year(teacher: &Client) -> Value {
    teacher.call("GET", "/api/v1/me/years/2026", Value::Null).await.json
}

/// A provider that offers a course outside the topics and one whose topic is written with other quotation marks.
async fn offered(world: &World) -> Provider {
    let webtrn = provider(world, "webtrn").await;
    let mut aid = course("aid", "急救常识", 480);
    aid["topic"] = json!("急救知识");
    let mut law = course("law", "两会精神导读", 480);
    law["topic"] = json!("湖南省\"两会\"精神");
    push(world, &webtrn, json!([aid, law])).await;
    webtrn
}

/// A course of the hub's list by the provider's id of it.
async fn listed(teacher: &Client, id: &str) -> Value {
    let listed = teacher.call("GET", "/api/v1/courses", Value::Null).await.json;
    listed["items"].as_array().unwrap().iter().find(|c| c["course"] == id).unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_course_outside_the_topics_counts_in_the_professional_subject_and_says_so_before() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let webtrn = offered(&world).await;
        let one = subject(&world, &teacher, &webtrn, "webtrn").await;
        assert_eq!(outlook(&world, &webtrn, &one).await["outside"], json!(["aid"]));
        let aid = listed(&teacher, "aid").await;
        assert_eq!((&aid["subject"], &aid["counts_as"]), (&json!("public"), &json!("professional")));
        assert_eq!(
            listed(&teacher, "law").await["counts_as"],
            "public",
            "other quotation marks, the same topic"
        );
        assert!(page(&teacher, "/courses").await.contains("专题之外，计入专业科目"));
        assert_eq!(learn(&world, &webtrn, &one, "aid").await, ("counted".into(), json!("topic_outside")));
        assert_eq!(learn(&world, &webtrn, &one, "aid").await.1, "topic_outside", "sent again");
        let earned = year(&teacher).await["earned"].clone();
        assert_eq!((&earned["public"], &earned["professional"]), (&json!("0"), &json!("0.2")));
        assert!(page(&teacher, "/hours").await.contains("不在本年度公共科目专题内，计入专业科目"));
        assert!(page(&teacher, "/courses").await.contains("学过"), "and the list says that it was learned");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_authority_marks_a_course_as_public_with_a_reason_and_takes_the_mark_back() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let boss = world.ready("sheng", Role::Authority, "43").await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let webtrn = offered(&world).await;
        let one = subject(&world, &teacher, &webtrn, "webtrn").await;
        let of = async |id: &str| listed(&teacher, id).await["id"].as_str().unwrap().to_owned();
        let path = format!("/api/v1/public-courses/{}/mark", of("aid").await);
        let mark = json!({"year": 2026, "reason": "省厅 2026 年急救普及要求"});
        assert_eq!(teacher.call("PUT", &path, mark.clone()).await.status, 403);
        assert_eq!(admin.call("PUT", &path, mark.clone()).await.status, 403);
        let bare = boss.call("PUT", &path, json!({"year": 2026, "reason": " "})).await;
        assert_eq!((bare.status, bare.field_code("reason")), (422, "required"));
        let needless = format!("/api/v1/public-courses/{}/mark", of("law").await);
        assert_eq!(boss.call("PUT", &needless, mark.clone()).await.json["code"], "course_needs_no_mark");
        assert!(page(&boss, "/public-courses").await.contains("急救常识"));
        for _ in 0..2 {
            assert_eq!(boss.call("PUT", &path, mark.clone()).await.status, 204);
        }
        let found = boss.call("GET", "/api/v1/public-courses?year=2026", Value::Null).await.json;
        assert_eq!((&found["outside"], &found["marked"][0]["reason"]), (&json!([]), &mark["reason"]));
        assert_eq!(found["topics"].as_array().unwrap().len(), 10);
        assert!(page(&boss, "/public-courses").await.contains("取消标注"));
        assert_eq!(outlook(&world, &webtrn, &one).await["outside"], json!([]));
        assert_eq!(learn(&world, &webtrn, &one, "aid").await, ("counted".into(), Value::Null));
        assert_eq!(learn(&world, &webtrn, &one, "law").await, ("counted".into(), Value::Null));
        assert_eq!(year(&teacher).await["earned"]["public"], "0.4");

        // Coverage by topic.
        let covered = teacher.call("GET", "/api/v1/me/years/2026/topics", Value::Null).await.json;
        let covered = covered["items"].as_array().unwrap();
        assert_eq!(covered.len(), 11, "ten and what was marked");
        let topic = |name: &str| covered.iter().find(|t| t["name"] == name).unwrap();
        assert_eq!((&topic("")["learned"], &topic("")["hours"]), (&json!(1), &json!("0.2")));
        assert_eq!(topic("湖南省“两会”精神")["hours"], "0.2");
        assert_eq!((&topic("消防安全")["learned"], &topic("消防安全")["courses"]), (&json!(0), &json!(1)));
        assert!(page(&teacher, "/courses").await.contains("已学 1 门，计入 0.2 学时"));

        assert_eq!(boss.call("DELETE", &format!("{path}?year=2026"), json!({})).await.status, 204);
        assert_eq!(boss.call("DELETE", &format!("{path}?year=2026"), json!({})).await.status, 404);
        assert_eq!(outlook(&world, &webtrn, &one).await["outside"], json!(["aid"]));
        assert_eq!(year(&teacher).await["earned"]["public"], "0.4", "what was booked stays");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_course_learned_elsewhere_as_the_same_one_is_known_before_and_after_the_confirmation() {
    on_both(|world| async move {
        let (admin, people) = world.college(2).await;
        let boss = world.ready("sheng", Role::Authority, "43").await;
        let early = world.trainee(&admin, &people[0]).await;
        let late = world.trainee(&admin, &people[1]).await;
        let (webtrn, ischinese) = (provider(&world, "webtrn").await, provider(&world, "ischinese").await);
        let at_webtrn = [
            subject(&world, &early, &webtrn, "webtrn").await,
            subject(&world, &late, &webtrn, "webtrn").await,
        ];
        let at_ischinese = [
            subject(&world, &early, &ischinese, "ischinese").await,
            subject(&world, &late, &ischinese, "ischinese").await,
        ];
        assert_eq!(learn(&world, &webtrn, &at_webtrn[0], "fire").await.0, "counted");
        assert_eq!(outlook(&world, &ischinese, &at_ischinese[0]).await["learned"], json!([]));
        let same = json!({"one": "c-ischinese", "other": "c-webtrn", "same": true});
        assert_eq!(boss.call("POST", "/api/v1/course-mapping", same).await.status, 204);
        assert_eq!(learn(&world, &webtrn, &at_webtrn[1], "fire").await.0, "counted");
        for (teacher, there) in [(&early, &at_ischinese[0]), (&late, &at_ischinese[1])] {
            let learned = outlook(&world, &ischinese, there).await["learned"].clone();
            assert_eq!((&learned[0]["course"], learned.as_array().unwrap().len()), (&json!("fire"), 1));
            assert!(!learned[0]["at"].as_str().unwrap().is_empty());
            let kept = ("kept".to_owned(), json!("duplicate_course"));
            assert_eq!(learn(&world, &ischinese, there, "fire").await, kept);
            let year = year(teacher).await;
            assert_eq!(year["earned"]["public"], "0.2", "once, whichever was first: {year}");
            assert_eq!(year["credits"][1]["reason"], "duplicate_course");
        }
        // At the provider where it was learned it is known as well.
        assert_eq!(outlook(&world, &webtrn, &at_webtrn[0]).await["learned"][0]["course"], "fire");
    })
    .await;
}
