//! HR's gate: may the business go ahead, on what, and what is missing; every check is recorded.
use base::Role;
use serde_json::{Value, json};

use crate::{
    main_job::{courses, training},
    world::{World, id_number, on_both},
};

fn check(person: &Value, year: &str, business: &str) -> String {
    format!("/api/v1/hr/checks?person={}&year={year}&business={business}", person["id"].as_str().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn hr_learns_whether_business_may_go_ahead_and_on_what() {
    on_both(|world| async move {
        let (admin, people) = world.college(2).await;
        let hr = world.ready("renshi", Role::Hr, "43010001").await;
        admin.call("POST", "/api/v1/batch-claims", training()).await;
        let short = hr.call("GET", &check(&people[0], "2023", "promotion"), Value::Null).await;
        assert_eq!(short.status, 200, "{:?}", short.json);
        assert_eq!(
            (&short.json["allowed"], &short.json["outcome"]),
            (&json!(false), &json!("not_satisfied"))
        );
        assert_eq!(short.json["missing"], json!({"total": "66", "public": "30", "professional": "36"}));
        assert!(short.json["reason"].as_str().unwrap().contains("可申请补训"), "{:?}", short.json);
        let now = hr.call("GET", &check(&people[0], "2026", "promotion"), Value::Null).await.json;
        assert!(now["reason"].as_str().unwrap().contains("在 2026-12-31 前达到要求后可以办理"), "{now:?}");
        courses(&world, people[0]["id"].as_str().unwrap()).await;
        world.settle().await;
        for business in ["regularization", "transfer", "promotion", "award"] {
            let may = hr.call("GET", &check(&people[0], "2023", business), Value::Null).await.json;
            assert_eq!((&may["allowed"], &may["outcome"]), (&json!(true), &json!("certificate")));
            let no = may["certificate_no"].as_str().unwrap();
            let public = world.anyone.call("GET", &format!("/api/v1/verify/{no}"), Value::Null).await.json;
            assert_eq!(public["state"], "valid");
            assert_ne!(may["check_no"], short.json["check_no"]);
        }
        let recorded = "SELECT COUNT(*) FROM personnel_checks";
        assert_eq!(db::count(&world.site.db, recorded, vec![]).await.unwrap(), 6);
        for (query, status) in [
            (check(&people[0], "2023", "firing"), 422),
            (check(&people[0], "23", "award"), 422),
            ("/api/v1/hr/checks?year=2023&business=award".to_owned(), 422),
            ("/api/v1/hr/checks?person=x&business=award".to_owned(), 404),
        ] {
            assert_eq!(hr.call("GET", &query, Value::Null).await.status, status, "{query}");
        }
        let teacher = world.trainee(&admin, &people[0]).await;
        let denied = teacher.call("GET", &check(&people[0], "2023", "award"), Value::Null).await;
        assert_eq!(denied.status, 403);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_of_another_unit_are_nobody_to_hr() {
    on_both(|world| async move {
        let (_, people) = world.college(1).await;
        let stranger = world.ready("waidan", Role::Hr, "43020001").await;
        let answer = stranger.call("GET", &check(&people[0], "2023", "award"), Value::Null).await;
        assert_eq!((answer.status, &answer.json["code"]), (404, &json!("not_found")));
        let recorded = db::count(&world.site.db, "SELECT COUNT(*) FROM personnel_checks", vec![]).await;
        assert_eq!(recorded.unwrap(), 0);
    })
    .await;
}

/// Posts the form of the page as a program with a bearer token would.
async fn paste(world: &World, client: &testkit::Client, list: &str) -> String {
    let part = |name: &str, value: &str| {
        format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let body =
        format!("{}{}{}--x--\r\n", part("business", "award"), part("year", "2023"), part("list", list));
    let kind = "multipart/form-data; boundary=x";
    let origin = [("origin", world.url.as_str())];
    let answer = client.send("POST", "/checks", (kind, body.into_bytes()), &origin).await;
    assert_eq!(answer.status, 303, "{}", String::from_utf8_lossy(&answer.bytes));
    answer.headers["location"].to_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pasted_list_is_checked_line_by_line_and_printed() {
    on_both(|world| async move {
        let (admin, mut people) = world.college(3).await;
        people.sort_by_key(|p| p["name"].to_string());
        let hr = world.ready("renshi", Role::Hr, "43010001").await;
        admin.call("POST", "/api/v1/batch-claims", training()).await;
        courses(&world, people[0]["id"].as_str().unwrap()).await;
        world.settle().await;
        let account = people[2]["account"].as_str().unwrap();
        let list = format!("姓名\t身份证号\n{}\n\n教师002\n{account}\n没有这人\n", id_number(1));
        let place = paste(&world, &hr, &list).await;
        let page = hr.call("GET", &place, Value::Null).await;
        let text = String::from_utf8_lossy(&page.bytes).into_owned();
        assert!(text.contains("1 人可以办理，2 人不能办理，1 行没有找到人"), "{text}");
        assert!(text.contains("第 6 行：没有这人") && !text.contains(&id_number(1)));
        let pdf = hr.call("GET", &format!("{place}/record.pdf"), Value::Null).await;
        assert!(pdf.bytes.starts_with(b"%PDF"));
        let stranger = world.ready("waidan", Role::Hr, "43020001").await;
        assert_eq!(stranger.call("GET", &place, Value::Null).await.status, 404);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_with_a_token_checks_its_unit_and_nothing_else() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let hr = world.ready("renshi", Role::Hr, "43010001").await;
        for wrong in [json!({"name": "", "days": 30}), json!({"name": "人事系统", "days": 400})] {
            assert_eq!(hr.call("POST", "/api/v1/hr/tokens", wrong).await.status, 422);
        }
        let wanted = json!({"name": "人事系统", "days": 30});
        assert_eq!(admin.call("POST", "/api/v1/hr/tokens", wanted.clone()).await.status, 403);
        let made = hr.call("POST", "/api/v1/hr/tokens", wanted).await;
        assert_eq!(made.status, 201, "{:?}", made.json);
        let token = made.json["token"].as_str().unwrap();
        let kept = "SELECT COUNT(*) FROM program_tokens WHERE token_hash = $1";
        assert_eq!(db::count(&world.site.db, kept, db::params![token]).await.unwrap(), 0, "only its hash");
        let program = world.anyone.with_token(token);
        let asked = program.call("GET", &check(&people[0], "2023", "award"), Value::Null).await;
        assert_eq!((asked.status, &asked.json["allowed"]), (200, &json!(false)), "{:?}", asked.json);
        for (method, path) in
            [("GET", "/api/v1/people"), ("GET", "/api/v1/sessions/current"), ("POST", "/api/v1/hr/tokens")]
        {
            let refused = program.call(method, path, Value::Null).await;
            assert_eq!((refused.status, refused.code()), (403, "token_scope"), "{path}");
        }
        assert_eq!(program.call("GET", "/checks", Value::Null).await.status, 403);
        let listed = hr.call("GET", "/api/v1/hr/tokens", Value::Null).await.json;
        assert!(listed["items"][0]["used_at"].is_string() && !listed.to_string().contains(token));
        let path = format!("/api/v1/hr/tokens/{}", listed["items"][0]["id"].as_str().unwrap());
        assert_eq!(hr.call("DELETE", &path, Value::Null).await.status, 204);
        let ended = program.call("GET", &check(&people[0], "2023", "award"), Value::Null).await;
        assert_eq!(ended.status, 401);
    })
    .await;
}
