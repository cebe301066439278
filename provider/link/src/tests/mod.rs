//! The course platform on its own, against a management platform that is played here.
mod hub;
mod stage;

use axum::http::StatusCode;
use serde_json::json;
use stage::Stage;

#[tokio::test]
async fn a_learner_comes_in_learns_a_course_and_the_record_arrives_once_answered() {
    let stage = Stage::set().await;
    the_whole_way(&stage).await;
}

async fn the_whole_way(stage: &Stage) {
    let refused = stage.get("/enter/callback?code=x&state=y", "").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.text().contains("<main"), "people get a page that says what to do");
    let cookie = stage.enter("/courses/c1").await;
    for path in ["/", "/courses/c1", "/courses/paid", "/lectures/l1", "/me"] {
        assert_eq!(stage.get(path, &cookie).await.status, StatusCode::OK, "{path}");
    }
    assert_eq!(
        stage.get("/lectures/l9", &cookie).await.status,
        StatusCode::SEE_OTHER,
        "a paid lecture leads to its course"
    );

    let paid = stage.post("/api/v1/enrollments", &cookie, json!({"course": "paid"})).await;
    assert_eq!((paid.status, paid.code()), (StatusCode::PAYMENT_REQUIRED, "payment_required".to_owned()));
    for _ in 0..2 {
        let free = stage.post("/api/v1/enrollments", &cookie, json!({"course": "c1"})).await;
        assert_eq!(free.status, StatusCode::CREATED);
    }
    for lecture in ["l1", "l2"] {
        watch(stage, &cookie, lecture).await;
    }
    assert!(stage.get("/me", &cookie).await.text().contains("待送达"));

    stage.drain().await;
    assert_eq!(stage.received().len(), 1, "the management platform was down");
    stage.pass(10);
    stage.drain().await;
    let sent = stage.received();
    assert_eq!(sent.len(), 2);
    let item = &sent[1]["completions"][0];
    assert_eq!(item["subject_id"], "s-1");
    assert_eq!(item["course"], "c1");
    assert_eq!((&item["minutes"], &item["fee"]), (&json!(1), &json!("0.00")));
    assert!(!item["intervals"].as_array().unwrap().is_empty());
    let page = stage.get("/me", &cookie).await.text();
    assert!(page.contains("已送达") && page.contains("已认定"));

    stage.post_form("/sign-out", &cookie).await;
    assert_eq!(stage.get("/me", &cookie).await.status, StatusCode::SEE_OTHER, "to the sign-in page");
}

/// Watches a lecture of 30 s, beat by beat.
async fn watch(stage: &Stage, cookie: &str, lecture: &str) {
    let opened = stage.post("/api/v1/learning-sessions", cookie, json!({"lecture": lecture})).await;
    assert_eq!(opened.status, StatusCode::CREATED);
    let opened = opened.json();
    assert_eq!((&opened["seconds"], &opened["next_seq"]), (&json!(30), &json!(1)));
    let beats = format!("/api/v1/learning-sessions/{}/progress", opened["id"].as_str().unwrap());
    for (seq, position) in [(1, 15.0), (2, 30.0)] {
        stage.pass(15);
        let beat = json!({"seq": seq, "position": position, "playing": true, "visible": true});
        let first = stage.post(&beats, cookie, beat.clone()).await;
        assert_eq!(first.json()["credited"], json!(15.0));
        assert_eq!(
            stage.post(&beats, cookie, beat).await.text(),
            first.text(),
            "an equal number is answered as before"
        );
    }
    let coverage = stage.get(&format!("/api/v1/lectures/{lecture}/coverage"), cookie).await.json();
    assert_eq!((&coverage["covered"], &coverage["complete"]), (&json!(30.0), &json!(true)));
    let intervals = coverage["intervals"].as_array().unwrap();
    assert_eq!(intervals.len(), 1, "what goes on without a break is one: {intervals:?}");
    assert_eq!((&intervals[0]["from"], &intervals[0]["to"]), (&json!(0.0), &json!(30.0)));
}

#[tokio::test]
async fn a_newer_session_ends_the_older_one_and_a_jump_is_refused() {
    let stage = Stage::set().await;
    let cookie = stage.enter("/").await;
    let open = async || {
        let opened = stage.post("/api/v1/learning-sessions", &cookie, json!({"lecture": "l1"})).await.json();
        format!("/api/v1/learning-sessions/{}/progress", opened["id"].as_str().unwrap())
    };
    let (older, newer) = (open().await, open().await);
    stage.pass(5);
    let beat = json!({"seq": 1, "position": 25.0, "playing": true, "visible": true});
    let late = stage.post(&older, &cookie, beat.clone()).await;
    assert_eq!((late.status, late.code()), (StatusCode::CONFLICT, "superseded".to_owned()));
    let jump = stage.post(&newer, &cookie, beat).await.json();
    assert_eq!((&jump["credited"], &jump["refused"][0]["reason"]), (&json!(0.0), &json!("jump")));
    let wrong = stage
        .post(&newer, &cookie, json!({"seq": 2, "position": -1.0, "playing": true, "visible": true}))
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let none = stage
        .post(&newer.replace("progress", "attention"), &cookie, json!({"id": "1", "answer": true}))
        .await;
    assert_eq!((none.status, none.code()), (StatusCode::CONFLICT, "check_unknown".to_owned()));
    let other = stage.enter("/").await;
    assert_eq!(
        stage
            .post(&newer, &other, json!({"seq": 3, "position": 1.0, "playing": true, "visible": true}))
            .await
            .status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn heartbeats_do_not_keep_an_idle_visit_alive() {
    let stage = Stage::set().await;
    let cookie = stage.enter("/").await;
    let opened = stage.post("/api/v1/learning-sessions", &cookie, json!({"lecture": "l1"})).await.json();
    let beats = format!("/api/v1/learning-sessions/{}/progress", opened["id"].as_str().unwrap());
    let beat = |seq: u32| json!({"seq": seq, "position": 1.0, "playing": false, "visible": true});
    stage.pass(29 * 60);
    assert_eq!(stage.post(&beats, &cookie, beat(1)).await.status, StatusCode::OK);
    stage.pass(60);
    let out = stage.post(&beats, &cookie, beat(2)).await;
    assert_eq!((out.status, out.code()), (StatusCode::UNAUTHORIZED, "session_expired".to_owned()));
}

#[tokio::test]
async fn only_the_browser_that_set_out_comes_back_in_and_only_with_a_token_for_it() {
    let stage = Stage::set().await;
    let (back, cookie) = stage.set_out("/me").await;
    assert_eq!(stage.get(&back, "").await.status, StatusCode::FORBIDDEN, "another browser");
    let (_, other) = stage.set_out("/me").await;
    assert_eq!(stage.get(&back, &other).await.status, StatusCode::FORBIDDEN, "another sign-in");
    let cases = [
        back.replace("&iss=http", "&iss=https"),
        back.split("&iss=").next().unwrap().to_owned(),
        back.replace("&state", "!&state"),
        back.replace("code=", "code=0"),
    ];
    for forged in cases {
        assert_eq!(stage.get(&forged, &cookie).await.status, StatusCode::FORBIDDEN, "{forged}");
    }
    stage.pass(601);
    assert_eq!(stage.get(&back, &cookie).await.status, StatusCode::FORBIDDEN, "too late");
    for (wanted, page) in [
        ("https://evil.example/", "/"),
        ("http://provider.evil.example/x", "/"),
        ("//evil.example", "/"),
        ("http://provider/courses/c1", "/courses/c1"),
    ] {
        let (back, cookie) = stage.set_out(wanted).await;
        assert_eq!(stage.get(&back, &cookie).await.header("location"), page, "{wanted}");
    }
    let elsewhere = stage.get("/enter?iss=https://evil.example&login_hint=t", "").await;
    assert_eq!(elsewhere.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn the_management_platform_ends_visits_and_nobody_else_does() {
    let stage = Stage::set().await;
    let cookie = stage.enter("/").await;
    let is_in = async || stage.get("/me", &cookie).await.status == StatusCode::OK;
    let good = stage.logout_token(|_| ());
    let unsigned = {
        let claims = good.split('.').nth(1).unwrap();
        let header = secrets::base64url(br#"{"alg":"none","typ":"logout+jwt","kid":"x"}"#);
        format!("{header}.{claims}.")
    };
    let wrong = [
        unsigned,
        stage.logout_token(|c| c["aud"] = json!("another")),
        stage.logout_token(|c| c["iss"] = json!("http://evil.example")),
        stage.logout_token(|c| c["exp"] = json!(1)),
        stage.logout_token(|c| c["nonce"] = json!("n")),
        stage.logout_token(|c| c["events"] = json!({})),
        String::new(),
    ];
    for token in wrong {
        assert_eq!(stage.tell_logout(&token).await, StatusCode::BAD_REQUEST);
    }
    assert!(is_in().await);
    assert_eq!(stage.tell_logout(&stage.logout_token(|c| c["sid"] = json!("other"))).await, StatusCode::OK);
    assert!(is_in().await, "another session of the same person");
    assert_eq!(stage.tell_logout(&good).await, StatusCode::OK);
    assert!(!is_in().await);
    assert_eq!(stage.tell_logout(&good).await, StatusCode::BAD_REQUEST, "a token counts once");
}
