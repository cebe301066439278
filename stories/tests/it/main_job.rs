//! From a roster to a certificate that anyone can verify, over the contract alone.
use serde_json::{Value, json};

use crate::world::{HEADER, World, id_number, on_both, roster, row};

pub fn training() -> Value {
    json!({"title": "2023年度教职工素质能力提升培训", "from": "2023-08-30", "to": "2023-09-01", "days": "3",
        "subject": "professional", "people": "unit"})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_roster_with_wrong_rows_changes_nothing_and_names_each() {
    on_both(|world| async move {
        let (admin, people) = world.college(2).await;
        let wrong_check =
            format!("{}{}", &id_number(9)[..17], if id_number(9).ends_with('0') { '1' } else { '0' });
        let bad = format!(
            "{}坏一,{wrong_check},专业技术,专业技术十级,教务处,2012-09-01,13800009991,在岗\n{}{}",
            roster(3..=5),
            row(8, "专业技术十九级"),
            row(4, "专业技术十级"),
        );
        let refused = world.import(&admin, &bad).await;
        assert_eq!(refused.status, 422);
        let found: Vec<(i64, &str)> = refused.json["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|e| (e["row"].as_i64().unwrap(), e["code"].as_str().unwrap()))
            .collect();
        assert_eq!(found, [(5, "id_number_check"), (6, "unknown_level"), (7, "duplicate_in_file")]);
        let after = admin.call("GET", "/api/v1/people?unit=43010001&limit=200", Value::Null).await;
        let teachers = after.json["items"].as_array().unwrap().iter();
        assert_eq!(
            teachers.filter(|p| p["name"].as_str().unwrap().starts_with("教师")).count(),
            people.len()
        );
        assert!(!after.json.to_string().contains(&id_number(1)), "a whole ID number in a list");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_training_is_booked_once_and_shows_what_is_missing() {
    on_both(|world| async move {
        let (admin, people) = world.college(3).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let year = teacher.call("GET", "/api/v1/me/years/2023", Value::Null).await;
        assert_eq!(
            year.json["required"],
            json!({"total": "90", "public": "30", "professional": "60", "days": "12"})
        );
        let first = admin.call("POST", "/api/v1/batch-claims", training()).await;
        assert_eq!((first.status, &first.json["booked_before"]), (200, &json!(false)), "{:?}", first.json);
        let again = admin.call("POST", "/api/v1/batch-claims", training()).await;
        assert_eq!((again.status, &again.json["booked_before"]), (200, &json!(true)));
        assert_eq!(again.json["items"], first.json["items"]);
        let year = teacher.call("GET", "/api/v1/me/years/2023", Value::Null).await.json;
        assert_eq!(
            (&year["earned"]["professional"], &year["shortfall"]["professional"]),
            (&json!("24"), &json!("36"))
        );
        assert_eq!(year["fees"]["allowance"], "144.00");
        let early = teacher.call("POST", "/api/v1/certificates", json!({"year": 2023})).await;
        assert_eq!((early.status, &early.json["code"]), (409, &json!("not_satisfied")));
        assert_eq!(early.json["shortfall"], json!({"total": "66", "public": "30", "professional": "36"}));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_gives_the_same_numbers_as_assess() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        admin.call("POST", "/api/v1/batch-claims", training()).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let year = teacher.call("GET", "/api/v1/me/years/2023", Value::Null).await.json;
        let record = teacher.call("GET", "/api/v1/me/years/2023/record", Value::Null).await.json.to_string();
        let (_, text) = rules::policy::delivered().iter().find(|(y, _)| y.number() == 2023).unwrap();
        let policy = rules::Policy::load(text).unwrap();
        let mut line = vec![];
        rules::assess::run_line(&policy, 1, record.as_bytes(), &mut line);
        let assessed: Value = serde_json::from_slice(&line).unwrap();
        for (key, value) in assessed.as_object().unwrap() {
            assert_eq!(&year[key], value, "{key}");
        }
    })
    .await;
}

/// Credits the notice's courses: 30 public hours at 0 yuan, 36 professional at 144 (as a provider's reports would).
pub async fn courses(world: &World, person: &str) {
    courses_of(world, person, "2023").await;
}

/// The two courses of the notice's case, in a year.
pub async fn courses_of(world: &World, person: &str, year: &str) {
    for (n, (subject, minutes, fee)) in
        [("public", 1200, "0.00"), ("professional", 1440, "144.00")].into_iter().enumerate()
    {
        let facts = json!({"kind": "course", "provider": "webtrn", "course": format!("webtrn:{n}"), "subject": subject,
            "minutes": minutes, "completed_on": format!("{year}-11-02"), "fee": fee});
        let Value::Object(facts) = facts else { unreachable!() };
        let credit = hours::NewCredit {
            person: person.parse().unwrap(),
            year: year.parse().unwrap(),
            source: "webtrn".into(),
            source_key: format!("course:webtrn:{n}:{year}:{person}"),
            title: "课程".into(),
            subject: base::person::Code::from_code(subject).unwrap(),
            hours: base::Hours::whole(minutes / 40),
            facts,
            evidence: None,
            decided_by: None,
        };
        let tx = world.site.db.begin().await.unwrap();
        hours::credit(&world.site, &tx, credit).await.unwrap();
        tx.commit().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_satisfied_year_gives_a_certificate_that_anyone_can_verify() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        admin.call("POST", "/api/v1/batch-claims", training()).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        courses(&world, people[0]["id"].as_str().unwrap()).await;
        world.settle().await;
        let year = teacher.call("GET", "/api/v1/me/years/2023", Value::Null).await.json;
        assert_eq!((&year["earned"]["total"], &year["certificate"]), (&json!("90"), &json!(true)));
        assert_eq!(
            year["fees"],
            json!({"charged": "144.00", "allowance": "144.00", "reimbursable": "144.00"})
        );
        let no = year["certificate_no"].as_str().expect("issued by itself").to_owned();
        let asked = teacher.call("POST", "/api/v1/certificates", json!({"year": 2023})).await;
        assert_eq!((asked.status, &asked.json["no"]), (201, &json!(no)));
        let pdf = teacher.call("GET", asked.json["pdf"].as_str().unwrap(), Value::Null).await;
        assert!(pdf.bytes.starts_with(b"%PDF") && pdf.bytes.len() < 120_000, "{} bytes", pdf.bytes.len());
        let valid = world.anyone.call("GET", &format!("/api/v1/verify/{no}"), Value::Null).await.json;
        assert_eq!((&valid["state"], &valid["total"]), (&json!("valid"), &json!("90")));
        assert!(valid["name"].as_str().unwrap().contains('*'));
        let digit = if no.as_bytes()[10] == b'0' { "1" } else { "0" };
        let changed = format!("{}{digit}{}", &no[..10], &no[11..]);
        let unknown = world.anyone.call("GET", &format!("/api/v1/verify/{changed}"), Value::Null).await.json;
        assert_eq!(unknown, json!({"state": "unknown"}));
        let forged = format!("/api/v1/verify/{no}?s={}", "A".repeat(86));
        assert_eq!(world.anyone.call("GET", &forged, Value::Null).await.json["state"], "altered");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_satisfied_year_with_an_incomplete_profile_waits_and_is_issued_on_saving() {
    on_both(|world| async move {
        let (admin, _) = world.college(1).await;
        let imported = world.import(&admin, &format!("{HEADER}{}", row(7, ""))).await;
        assert_eq!(imported.json["created"], 1, "{:?}", imported.json);
        let found = admin.call("GET", "/api/v1/people?unit=43010001&q=教师007", Value::Null).await;
        let person = found.json["items"][0].clone();
        admin.call("POST", "/api/v1/batch-claims", training()).await;
        let teacher = world.trainee(&admin, &person).await;
        courses(&world, person["id"].as_str().unwrap()).await;
        world.settle().await;
        let year = teacher.call("GET", "/api/v1/me/years/2023", Value::Null).await.json;
        assert_eq!((&year["certificate"], &year["certificate_no"]), (&json!(true), &Value::Null));
        let asked = teacher.call("POST", "/api/v1/certificates", json!({"year": 2023})).await;
        assert_eq!(
            (asked.status, &asked.json["code"], &asked.json["missing"]),
            (409, &json!("profile_incomplete"), &json!(["level"]))
        );
        let saved = teacher.call("PATCH", "/api/v1/me/profile", json!({"level": "professional_9"})).await;
        assert_eq!(saved.status, 200, "{:?}", saved.json);
        world.settle().await;
        let year = teacher.call("GET", "/api/v1/me/years/2023", Value::Null).await.json;
        assert!(year["certificate_no"].is_string());
    })
    .await;
}
