//! A past year finds people where they were on its last day, and the figures of a closed one change by ledger entries alone
//! (domain §1): 2025 closed on 2026-06-30, 2023 is open.
use std::collections::BTreeMap;

use base::{PersonId, Role, Year};
use serde_json::{Value, json};
use statistics::By;
use testkit::Client;

use crate::{
    files::{pdf, upload},
    ledger::{credit, write},
    world::{HEADER, PASSWORD, World, id_number, on_both, row},
};

const GROUPINGS: [&str; 5] = ["unit", "department", "category", "level", "band"];

/// Every figure of a year that an authority sees, at once and without waiting for a job.
async fn figures(boss: &Client, year: &str) -> BTreeMap<&'static str, Value> {
    let mut found = BTreeMap::new();
    for by in GROUPINGS {
        let answer = boss.call("GET", &format!("/api/v1/stats?year={year}&by={by}"), Value::Null).await;
        assert_eq!(answer.status, 200, "{:?}", answer.json);
        found.insert(by, answer.json["rows"].clone());
    }
    found
}

/// The same from the maintained sums; both are in order and no job is left.
async fn maintained(world: &World, year: &str) -> BTreeMap<String, Vec<statistics::Row>> {
    world.settle().await;
    let year: Year = year.parse().unwrap();
    statistics::catch_up(&world.site, year).await.unwrap();
    assert_eq!(statistics::verify(&world.site, year).await.unwrap(), []);
    assert_eq!(statistics::verify_figures(&world.site, year).await.unwrap(), []);
    let everyone = base::Scope { paths: vec!["/430100/".to_owned()] };
    let mut found = BTreeMap::new();
    for by in [By::Unit, By::Department, By::Category, By::Level, By::Band, By::Below] {
        let kept = statistics::maintained(&world.site, &everyone, year, by).await.unwrap();
        found.insert(format!("{by:?}"), kept);
    }
    found
}

async fn people_of(boss: &Client, unit: &str, year: &str) -> i64 {
    let rows = boss.call("GET", &format!("/api/v1/stats?year={year}&unit={unit}"), Value::Null).await.json;
    rows["rows"].as_array().unwrap().iter().map(|r| r["people"].as_i64().unwrap()).sum()
}

fn id(person: &Value) -> &str {
    person["id"].as_str().unwrap()
}

async fn change(admin: &Client, person: &Value, what: Value) {
    let changed = admin.call("PATCH", &format!("/api/v1/people/{}", id(person)), what).await;
    assert_eq!(changed.status, 200, "{:?}", changed.json);
}

async fn hours_of(world: &World, person: &Value, year: i64) {
    let mut new = credit(id(person).parse::<PersonId>().unwrap(), &format!("c-{year}-{}", id(person)));
    new.year = Year::new(year).unwrap();
    new.facts.insert("completed_on".into(), json!(format!("{year}-05-01")));
    write(&world.site, new).await;
}

/// What was corrected late: who had left, joined later, was on contract, sat elsewhere, had another post.
async fn correct(admin: &Client, people: &[Value], year: &str) {
    change(admin, &people[0], json!({"status": "left", "from": format!("{year}-10-01")})).await;
    change(admin, &people[1], json!({"joined_on": format!("{year}-09-01")})).await;
    change(admin, &people[2], json!({"establishment": "contract", "from": format!("{year}-03-01")})).await;
    change(admin, &people[3], json!({"department": "人事处", "from": format!("{year}-03-01")})).await;
    let post = json!({"category": "management", "level": "management_7", "from": format!("{year}-03-01")});
    change(admin, &people[4], post).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn corrections_of_people_change_no_figure_of_a_closed_year() {
    on_both(|world| async move {
        let (admin, people) = world.college(6).await;
        let boss = world.ready("root43c", Role::Authority, "430100").await;
        let (before, kept) = (figures(&boss, "2025").await, maintained(&world, "2025").await);
        assert_eq!(before["unit"][0]["people"], 6, "{before:?}");
        correct(&admin, &people, "2025").await;
        assert_eq!(figures(&boss, "2025").await, before, "not even for the moment until a job runs");
        assert_eq!(maintained(&world, "2025").await, kept);
        assert_eq!(figures(&boss, "2025").await, before);
        statistics::rebuild(&world.site, "2025".parse().unwrap()).await.unwrap();
        assert_eq!(figures(&boss, "2025").await, before, "nor when everything is made anew");
        assert_eq!(
            people_of(&boss, "43010001", "2026").await,
            4,
            "one left, one is on contract; who joined in 2025 must"
        );

        for person in &people {
            let standing =
                hours::standing(&world.site.db, id(person).parse().unwrap(), "2025".parse().unwrap());
            assert!(
                standing.await.unwrap().assessment.obliged,
                "the year of a person says what its figures say"
            );
        }
        let confirmed = admin.call("POST", "/api/v1/units/43010001/yearbook", json!({"year": 2025})).await;
        assert_eq!((confirmed.status, &confirmed.json["people"]), (201, &json!(6)), "{:?}", confirmed.json);
        assert_eq!(confirmed.json["contract_staff"], 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_corrections_count_in_a_year_that_is_open() {
    on_both(|world| async move {
        let (admin, people) = world.college(6).await;
        let boss = world.ready("root43c", Role::Authority, "430100").await;
        maintained(&world, "2023").await;
        assert_eq!(people_of(&boss, "43010001", "2023").await, 6);
        correct(&admin, &people, "2023").await;
        maintained(&world, "2023").await;
        assert_eq!(people_of(&boss, "43010001", "2023").await, 3);
        let seen = figures(&boss, "2023").await;
        let people = |by: &str| -> Vec<(String, i64)> {
            let rows = seen[by].as_array().unwrap().iter();
            rows.map(|r| (r["name"].as_str().unwrap().to_owned(), r["people"].as_i64().unwrap())).collect()
        };
        assert_eq!(people("department"), [("教务处".to_owned(), 2), ("人事处".to_owned(), 1)]);
        assert_eq!(people("category"), [("管理".to_owned(), 1), ("专业技术".to_owned(), 2)]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_moves_to_another_unit_stays_in_the_figures_of_the_years_before() {
    on_both(|world| async move {
        let (admin, people) = world.college(3).await;
        let boss = world.ready("root43c", Role::Authority, "430100").await;
        let unit = json!({"code": "43010002", "name": "湖南某医院", "kind": "unit", "parent": "430100"});
        assert_eq!(boss.call("POST", "/api/v1/units", unit).await.status, 201);
        let other = world.ready("hr2", Role::UnitAdmin, "43010002").await;
        for year in [2023, 2025, 2026] {
            maintained(&world, &year.to_string()).await;
        }
        let wish = json!({"unit": "43010002", "id_number": id_number(1), "name": "教师001", "department": "外科",
            "from": "2026-11-01", "force": true, "reason": "调令〔2026〕9号"});
        let moved = boss.call("POST", "/api/v1/transfers", wish).await;
        assert_eq!(moved.status, 201, "{:?}", moved.json);
        for (year, here, there) in [("2023", 3, 0), ("2025", 3, 0), ("2026", 2, 1)] {
            let at = |unit| people_of(&boss, unit, year);
            assert_eq!((at("43010001").await, at("43010002").await), (here, there), "{year}");
            maintained(&world, year).await;
            assert_eq!((at("43010001").await, at("43010002").await), (here, there), "{year}, settled");
        }
        let behind = "/statistics/people?by=unit&unit=43010001&key=43010001&year=2023";
        let page = admin.call("GET", behind, Value::Null).await;
        assert!(String::from_utf8_lossy(&page.bytes).contains("教师001"), "the number leads to all three");
        let foreign = behind.replace("43010001", "43010002");
        let page = other.call("GET", &foreign, Value::Null).await;
        assert!(page.status == 200 && !String::from_utf8_lossy(&page.bytes).contains("教师001"));
        // Hours of the open year count where the person was.
        hours_of(&world, &people[0], 2023).await;
        world.settle().await;
        let rows = boss.call("GET", "/api/v1/stats?year=2023", Value::Null).await.json;
        let under_way: Vec<(&str, i64)> = rows["rows"]
            .as_array()
            .unwrap()
            .iter()
            .map(|r| (r["key"].as_str().unwrap(), r["under_way"].as_i64().unwrap()))
            .collect();
        assert_eq!(under_way, [("43010001", 1)]);
        maintained(&world, "2023").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_that_moves_stays_in_the_figures_of_the_place_where_it_was() {
    on_both(|world| async move {
        let (admin, _) = world.college(3).await;
        let boss = world.ready("root43c", Role::Authority, "430100").await;
        let authority =
            |code: &str| json!({"code": code, "name": code, "kind": "authority", "parent": "430100"});
        for code in ["430101", "430102"] {
            assert_eq!(boss.call("POST", "/api/v1/units", authority(code)).await.status, 201);
        }
        let to = |parent: &str| json!({"parent": parent, "from": "2025-03-01", "reason": "机构改革"});
        assert_eq!(boss.call("POST", "/api/v1/units/43010001/move", to("430101")).await.status, 200);
        let below = async |year: &str| {
            let path = format!("/api/v1/stats?unit=430100&by=below&year={year}");
            let rows = boss.call("GET", &path, Value::Null).await.json["rows"].as_array().unwrap().clone();
            let row = |r: &Value| (r["key"].as_str().unwrap().to_owned(), r["people"].as_i64().unwrap());
            rows.iter().map(row).collect::<Vec<_>>()
        };
        let there = |code: &str| vec![(code.to_owned(), 3)];
        for year in ["2023", "2025", "2026"] {
            maintained(&world, year).await;
        }
        // What is recorded after the close says nothing of it, whatever day it names; of an open past year its 12-31 counts.
        assert_eq!((below("2023").await, below("2025").await), (there("43010001"), there("43010001")));
        assert_eq!(below("2026").await, there("430101"));
        let again = json!({"parent": "430102", "reason": "机构改革"});
        assert_eq!(boss.call("POST", "/api/v1/units/43010001/move", again).await.status, 200);
        for (year, place) in [("2023", "43010001"), ("2025", "43010001"), ("2026", "430102")] {
            let kept = maintained(&world, year).await["Below"].clone();
            assert_eq!(kept.iter().map(|r| (r.key.clone(), r.people)).collect::<Vec<_>>(), there(place));
            assert_eq!(below(year).await, there(place), "{year}");
            assert_eq!(people_of(&admin, "43010001", year).await, 3, "the unit itself is asked for as ever");
            assert_eq!(people_of(&boss, "430101", year).await, 0, "{year}");
        }
        let department = boss.call("GET", "/api/v1/units?parent=43010001", Value::Null).await.json;
        let path = format!("/api/v1/units/{}/move", department["items"][0]["code"].as_str().unwrap());
        let stays = boss.call("POST", &path, json!({"parent": "430102", "reason": "改革"})).await;
        assert_eq!(stays.status, 422, "{:?}", stays.json);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fact_that_was_unknown_counts_by_the_first_that_became_known() {
    on_both(|world| async move {
        let (admin, _) = world.college(1).await;
        let boss = world.ready("root43c", Role::Authority, "430100").await;
        let bare = format!("{HEADER}教师002,{},,,教务处,,,在岗\n{}", id_number(2), row(3, "专业技术十级"));
        assert_eq!(world.import(&admin, &bare).await.status, 200);
        assert_eq!(people_of(&boss, "43010001", "2025").await, 3, "who joined on an unknown day is obliged");
        let listed = admin.call("GET", "/api/v1/people?unit=43010001&q=教师002", Value::Null).await.json;
        let second = &listed["items"][0];
        let known = json!({"category": "worker", "level": "worker_3", "joined_on": "2026-09-01"});
        change(&admin, second, known).await;
        assert_eq!(people_of(&boss, "43010001", "2025").await, 2, "the first day known says: not yet here");
        change(&admin, second, json!({"joined_on": "2012-09-01"})).await;
        change(&admin, second, json!({"category": "management", "level": "management_7"})).await;
        assert_eq!(people_of(&boss, "43010001", "2025").await, 2, "a correction of it says nothing any more");
        maintained(&world, "2025").await;
        assert_eq!(people_of(&boss, "43010001", "2026").await, 3);
    })
    .await;
}

/// Nothing that a closed year refuses is offered: no item, no form, no hours that it would give.
async fn offers_no_requests(teacher: &Client) {
    let said = async |path: &str| {
        String::from_utf8_lossy(&teacher.call("GET", path, Value::Null).await.bytes).into_owned()
    };
    let pages = [
        ("/claims?", "选择认定项目"),
        ("/claims/new?item=paper.core&", "计算学时"),
        ("/exemptions?", "提交申请"),
    ];
    for (page, offer) in pages {
        let closed = said(&format!("{page}year=2025")).await;
        assert!(closed.contains("2025 年度已于 2026-06-30 关闭") && !closed.contains(offer), "{page}");
        let open = said(&format!("{page}year=2026")).await;
        assert!(!open.contains("年度已于") && open.contains(offer), "{page}");
    }
    let look = async |year: &str| {
        let path = format!("/api/v1/claims/preview?year={year}&item=paper.core");
        teacher.call("GET", &path, Value::Null).await
    };
    let refused = look("2025").await;
    assert_eq!((refused.status, refused.code()), (409, "year_closed"), "{:?}", refused.json);
    assert_eq!(look("2026").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_say_where_a_past_year_finds_people_and_that_a_closed_one_stays() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let said = async |client: &Client, path: &str| {
            String::from_utf8_lossy(&client.call("GET", path, Value::Null).await.bytes).into_owned()
        };
        for page in ["/statistics?year=", "/statistics/people?by=unit&key=43010001&year="] {
            let [closed, open, now] = [2025, 2023, 2026].map(|year| format!("{page}{year}"));
            assert!(said(&admin, &closed).await.contains("2025 年度已于 2026-06-30 关闭"), "{page}");
            assert!(
                said(&admin, &open).await.contains("按各人 2023-12-31 所在的单位、部门和状态统计。"),
                "{page}"
            );
            assert!(!said(&admin, &now).await.contains("所在的单位、部门和状态统计"), "{page}");
        }
        let closed = said(&teacher, "/hours?year=2025").await;
        assert!(closed.contains("2025 年度已于 2026-06-30 关闭，不再登记学时"));
        assert!(
            !closed.contains("接下来做什么</h2>") && !closed.contains("去选课学习"),
            "nothing is left to do"
        );
        assert!(said(&teacher, "/hours?year=2026").await.contains("接下来做什么</h2>"));
        let first = said(&teacher, "/?year=2025").await;
        assert!(first.contains("2025 年度已于 2026-06-30 关闭") && !first.contains("去选课学习"));
        assert!(said(&teacher, "/?year=2026").await.contains("去选课学习"));
        offers_no_requests(&teacher).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_decided_of_a_closed_year_is_not_decided_otherwise() {
    on_both(|world| async move {
        let (admin, people) = world.college(2).await;
        let boss = world.ready("root43c", Role::Authority, "430100").await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let scan = upload(&teacher, ("证明.pdf", "application/pdf"), &pdf(1)).await.json["id"].clone();
        let asked = json!({"year": 2026, "kind": "disability", "reason": "残疾证", "files": [scan]});
        let asked = teacher.call("POST", "/api/v1/exemptions", asked).await;
        let exemption = format!("/api/v1/exemptions/{}", asked.json["id"].as_str().unwrap());
        let approve = json!({"decision": "approve", "comment": "属实"});
        assert_eq!(admin.call("POST", &format!("{exemption}/decision"), approve).await.status, 200);
        let until =
            |day: &str| json!({"person": id(&people[1]), "year": 2026, "until": day, "reason": "援疆"});
        assert_eq!(boss.call("POST", "/api/v1/make-ups", until("2027-05-31")).await.status, 201);
        // 2026 closes on 2027-01-31.
        world.clock.advance(85 * 24 * 3600);
        let again = async |account: &str| {
            world.anyone.with_token(world.sign_in(account, PASSWORD).await["token"].as_str().unwrap())
        };
        let boss = again("root43c").await;
        let teacher = again(people[0]["account"].as_str().unwrap()).await;
        world.settle().await;
        let before = figures(&boss, "2026").await;
        let back = teacher.call("POST", &format!("{exemption}/give-back"), Value::Null).await;
        assert_eq!((back.status, back.code()), (409, "year_closed"), "{:?}", back.json);
        let why = json!({"reason": "材料有误"});
        let reversed = boss.call("POST", &format!("{exemption}/reversal"), why).await;
        assert_eq!((reversed.status, reversed.code()), (409, "year_closed"));
        for day in ["2027-03-31", "2027-06-30"] {
            let granted = boss.call("POST", "/api/v1/make-ups", until(day)).await;
            assert_eq!((granted.status, granted.code()), (409, "year_closed"), "{day}");
        }
        let training = json!({"title": "集训", "from": "2026-06-15", "to": "2026-06-15", "days": "1",
            "subject": "professional", "people": [id(&people[1])]});
        let booked = again("yuanzhang").await.call("POST", "/api/v1/batch-claims", training).await;
        assert_eq!((booked.status, booked.code()), (409, "year_closed"), "a make-up is for courses");
        world.settle().await;
        assert_eq!(figures(&boss, "2026").await, before);
    })
    .await;
}
