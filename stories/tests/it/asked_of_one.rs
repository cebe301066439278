//! What pages and papers say to one person agrees with what the rules ask of them: nothing of who is exempt or not obliged, no
//! course for a year that is over, and each taken-back hour as what it was.
use base::{Instant, Role, day};
use serde_json::{Value, json};

use crate::{
    main_job::training,
    relations::page,
    world::{PASSWORD, World, on_both},
};

async fn boss(world: &World) -> testkit::Client {
    world.ready("juzhang", Role::Authority, "430100").await
}

#[tokio::test(flavor = "multi_thread")]
async fn of_whom_nothing_is_asked_nothing_is_missing_on_any_page() {
    on_both(|world| async move {
        let (admin, people) = world.college(2).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let asked = world.trainee(&admin, &people[1]).await;
        let path = format!("/api/v1/people/{}/relief", people[0]["id"].as_str().unwrap());
        let relief = json!({"year": 2026, "document": "湘组发〔2026〕5号", "reason": "参加干部教育培训"});
        assert_eq!(boss(&world).await.call("PUT", &path, relief).await.status, 204);
        for path in ["/?year=2026", "/hours?year=2026"] {
            let (theirs, others) = (page(&teacher, path).await, page(&asked, path).await);
            assert!(
                theirs.contains("不在必须参训的范围内") && theirs.contains("不作要求"),
                "{path}: {theirs}"
            );
            assert!(!theirs.contains("还差 ") && !theirs.contains("横线为要求"), "{path}: {theirs}");
            assert!(!theirs.contains("去选课学习"), "{path}: {theirs}");
            assert!(others.contains("合计还差 90 学时") && others.contains("去选课学习"), "{path}: {others}");
        }
        let paper = teacher.call("GET", "/me/form.pdf?year=2026", Value::Null).await;
        assert_eq!(paper.status, 200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_back_stands_as_what_it_was_and_when_it_was_taken_back() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let booked = admin.call("POST", "/api/v1/batch-claims", training()).await.json;
        let path = format!("/api/v1/batch-claims/{}/reversal", booked["id"].as_str().unwrap());
        assert_eq!(admin.call("POST", &path, json!({"reason": "没有举行"})).await.status, 200);
        let today = day::day_of(world.site.now());
        let story = page(&teacher, "/hours?year=2023").await;
        assert!(story.contains("计入 0 / 24 学时") && story.contains("· 2023-09-01"), "{story}");
        assert!(story.contains("撤销 24 学时") && story.contains(&format!("· {today}")), "{story}");
        assert!(story.contains(&format!("已于 {today} 撤销")) && story.contains("没有举行"), "{story}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_year_that_is_over_sends_nobody_to_courses_that_count_in_the_next_one() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        world.trainee(&admin, &people[0]).await;
        let then: Instant = "2027-01-15T10:00:00+08:00".parse().unwrap();
        world.clock.move_to(day::millis(then), 0.0);
        let session = world.sign_in(people[0]["account"].as_str().unwrap(), PASSWORD).await;
        let teacher = world.anyone.with_token(session["token"].as_str().unwrap());
        for path in ["/", "/hours"] {
            let shown = page(&teacher, path).await;
            assert!(shown.contains("合计还差 90 学时") && !shown.contains("去选课学习"), "{path}: {shown}");
            assert!(
                shown.contains("按完成日期计入 2027 年度") && shown.contains("2027-01-31"),
                "{path}: {shown}"
            );
            assert!(shown.contains("/claims?year=2026"), "{path}: {shown}");
        }
        assert!(page(&teacher, "/?year=2027").await.contains("去选课学习"));
    })
    .await;
}
