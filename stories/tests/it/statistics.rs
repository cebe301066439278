//! The figures: kept up by every change, equal to a full assessment after any history, within the asker's subtree.
use std::collections::BTreeMap;

use base::{EntryId, PersonId, Random, Role, Year};
use hours::{Booked, Reversal};
use serde_json::{Value, json};
use statistics::{By, Outcome, State};
use testkit::Client;

use crate::{
    ledger::{credit, write},
    world::{HEADER, World, id_number, on_both},
};

const PEOPLE: usize = 8;

fn year() -> Year {
    "2023".parse().unwrap()
}

fn id(person: &Value) -> PersonId {
    person["id"].as_str().unwrap().parse().unwrap()
}

/// A number below `n`.
fn below(n: usize) -> usize {
    usize::from(base::random::bytes::<1>(&base::SystemRandom as &dyn Random)[0]) % n
}

/// Counts by a key, from each person's own assessment alone.
async fn expected(
    world: &World,
    people: &[Value],
    key: impl Fn(&Value) -> String,
) -> BTreeMap<String, [i64; 5]> {
    let mut found: BTreeMap<String, [i64; 5]> = BTreeMap::new();
    for person in people {
        let standing = hours::standing(&world.site.db, id(person), year()).await.unwrap();
        let outcome = Outcome::of(&standing.assessment);
        if outcome.obliged {
            let row = found.entry(key(person)).or_default();
            row[0] += 1;
            row[1 + State::ALL.iter().position(|s| *s == outcome.state).unwrap()] += 1;
        }
    }
    found
}

/// What someone's history says of the last day of the year: the model that the figures are held against.
async fn post_then(admin: &Client, person: &Value, fact: &str) -> String {
    let path = format!("/api/v1/people/{}/history", person["id"].as_str().unwrap());
    let history = admin.call("GET", &path, Value::Null).await.json["items"].as_array().unwrap().clone();
    let begun = |h: &&Value| h["from"].as_str().is_none_or(|from| from <= "2023-12-31");
    let then = history.iter().rfind(begun).unwrap_or(&history[0]);
    then[fact].as_str().unwrap_or("").to_owned()
}

/// Everyone has another post since some day of the year or after it.
async fn other_posts(admin: &Client, who: &[Value]) {
    for (n, person) in who.iter().enumerate() {
        let from = ["2023-05-01", "2024-02-01", "2023-12-31", "2024-01-01"][n % 4];
        let post =
            json!({"category": "management", "level": "management_8", "department": "人事处", "from": from});
        let path = format!("/api/v1/people/{}", person["id"].as_str().unwrap());
        assert_eq!(admin.call("PATCH", &path, post).await.status, 200);
    }
}

async fn figures(asker: &Client, by: &str) -> BTreeMap<String, [i64; 5]> {
    let answer =
        asker.call("GET", &format!("/api/v1/stats?unit=43010001&year=2023&by={by}"), Value::Null).await;
    assert_eq!(answer.status, 200, "{:?}", answer.json);
    let rows = answer.json["rows"].as_array().unwrap().clone();
    let number = |row: &Value, name: &str| row[name].as_i64().unwrap();
    let names = ["people", "done", "under_way", "not_begun", "exempt"];
    let row = |r: &Value| (r["key"].as_str().unwrap().to_owned(), names.map(|n| number(r, n)));
    rows.iter().map(row).collect()
}

async fn people(admin: &Client) -> Vec<Value> {
    let listed = admin.call("GET", "/api/v1/people?unit=43010001&limit=200", Value::Null).await.json;
    let all = listed["items"].as_array().unwrap().clone();
    all.into_iter().filter(|p| p["name"].as_str().unwrap().starts_with("教师")).collect()
}

fn row(n: usize) -> String {
    let (category, level) = [("专业技术", "专业技术十级"), ("管理", "管理七级")][below(2)];
    let department = ["教务处", "人事处"][below(2)];
    let status = ["在岗", "在岗", "离岗", "退休"][below(4)];
    format!("教师{n:03},{},{category},{level},{department},2012-09-01,1390000{n:04},{status}\n", id_number(n))
}

/// Moves a unit below another one, with everything that lies below it, as a reorganisation would.
async fn reorganise(world: &World, step: usize) {
    let tx = world.site.db.begin().await.unwrap();
    let (from, to) = if step.is_multiple_of(2) { ("430100", "430101") } else { ("430101", "430100") };
    for sql in [
        "UPDATE units SET parent_id = (SELECT id FROM units WHERE code = $2), path = (SELECT path FROM units WHERE code = $2) \
         || substr(path, (SELECT length(path) FROM units WHERE code = $1) + 1) WHERE code = '43010001' AND parent_id = \
         (SELECT id FROM units WHERE code = $1)",
        "UPDATE units SET path = (SELECT path FROM units WHERE code = '43010001') || code || '/' WHERE kind = 'department' \
         AND parent_id = (SELECT id FROM units WHERE code = '43010001') AND $1 <> $2",
    ] {
        db::execute(&tx, sql, db::params![from, to]).await.unwrap();
    }
    tx.commit().await.unwrap();
}

#[derive(db::FromQueryResult)]
struct Sum {
    key: String,
    hours: i64,
}

/// What is recognised by source, subject and month: sums over the ledger's own rows, in hundredths.
async fn ledger(world: &World, who: &[Value], column: &str) -> BTreeMap<String, i64> {
    let mut found = BTreeMap::new();
    for person in who {
        let standing = hours::standing(&world.site.db, id(person), year()).await.unwrap();
        if !Outcome::of(&standing.assessment).obliged {
            continue;
        }
        let sql = format!(
            "SELECT e.{column} AS key, CAST(SUM(CASE WHEN e.reverses IS NULL THEN e.hours ELSE -ABS(e.hours) END) AS BIGINT) \
             AS hours FROM hour_entries e WHERE e.person_id = $1 AND e.year = 2023 GROUP BY e.{column}"
        );
        for row in db::all::<Sum>(&world.site.db, &sql, db::params![id(person)]).await.unwrap() {
            *found.entry(row.key).or_default() += row.hours;
        }
    }
    found.retain(|_, hours| *hours != 0);
    found
}

/// The same as the figures tell it.
async fn learned(asker: &Client, by: &str) -> BTreeMap<String, i64> {
    let answer =
        asker.call("GET", &format!("/api/v1/stats?unit=43010001&year=2023&by={by}"), Value::Null).await;
    assert_eq!(answer.status, 200, "{:?}", answer.json);
    let hours = |row: &Value| base::Hours::parse(row["hours"].as_str().unwrap()).unwrap().hundredths();
    let rows = answer.json["rows"].as_array().unwrap().clone();
    let read = |r: &Value| (r["key"].as_str().unwrap().to_owned(), hours(r));
    rows.iter().map(read).filter(|(_, hours)| *hours != 0).collect()
}

/// Maintained and counted figures are the same by everything that both tell.
async fn both_ways_agree(world: &World, path: &str) {
    let scope = base::Scope { paths: vec![path.to_owned()] };
    for by in [By::Unit, By::Department, By::Category, By::Level, By::Band, By::Below, By::City, By::County] {
        let numbers = |rows: Vec<statistics::Row>| {
            let row = |r: statistics::Row| (r.key, [r.people, r.done, r.under_way, r.not_begun, r.exempt]);
            rows.into_iter().map(row).collect::<BTreeMap<_, _>>()
        };
        let counted = numbers(statistics::rows(&world.site, &scope, year(), by).await.unwrap());
        let kept = numbers(statistics::maintained(&world.site, &scope, year(), by).await.unwrap());
        assert_eq!(kept, counted, "{by:?} of {path}");
    }
}

/// One random thing that changes someone's year.
async fn happen(world: &World, admin: &Client, who: &[Value], credited: &mut Vec<EntryId>, step: usize) {
    let person = id(&who[below(who.len())]);
    match below(6) {
        5 => {
            world.settle().await;
            reorganise(world, step).await;
            statistics::catch_up(&world.site, year()).await.unwrap();
        }
        0 | 1 => {
            let mut new = credit(person, &format!("step-{step}"));
            let minutes = [40, 1200, 2400][below(3)];
            new.facts.insert("minutes".into(), json!(minutes));
            let subject = ["public", "professional"][below(2)];
            new.facts.insert("subject".into(), json!(subject));
            new.subject = base::person::Code::from_code(subject).unwrap();
            new.hours = base::Hours::whole(minutes / 40);
            if let Booked::New(entry) = write(&world.site, new).await {
                credited.push(entry);
            }
        }
        2 if !credited.is_empty() => {
            let entry = credited.swap_remove(below(credited.len()));
            let tx = world.site.db.begin().await.unwrap();
            let why = Reversal { reason: "登记错误", by: person };
            hours::reverse(&world.site, &tx, entry, why).await.unwrap();
            tx.commit().await.unwrap();
        }
        3 => {
            let imported = world.import(admin, &format!("{HEADER}{}", row(1 + below(PEOPLE)))).await;
            assert_eq!(imported.status, 200, "{:?}", imported.json);
        }
        _ => {
            let day = format!("2023-{:02}-{:02}", 1 + below(12), 1 + below(28));
            let training = json!({"title": format!("培训{step}"), "from": day, "to": day, "days": "1",
                "subject": "professional", "people": [person.to_string()]});
            admin.call("POST", "/api/v1/batch-claims", training).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_any_history_the_figures_are_those_of_a_full_assessment() {
    on_both(|world| async move {
        let (admin, _) = world.college(PEOPLE).await;
        let top = world.ready("root43c", Role::Authority, "43").await;
        let beside = json!({"code": "430101", "name": "另一主管部门", "kind": "authority", "parent": "43"});
        assert_eq!(top.call("POST", "/api/v1/units", beside).await.status, 201);
        statistics::catch_up(&world.site, year()).await.unwrap();
        other_posts(&admin, &people(&admin).await).await;
        let mut credited = vec![];
        for step in 0..40 {
            let who = people(&admin).await;
            happen(&world, &admin, &who, &mut credited, step).await;
            if step % 10 == 9 {
                world.settle().await;
                assert_eq!(statistics::verify(&world.site, year()).await.unwrap(), []);
                let who = people(&admin).await;
                for by in ["category", "level"] {
                    let mut then = BTreeMap::new();
                    for person in &who {
                        then.insert(id(person).to_string(), post_then(&admin, person, by).await);
                    }
                    let key = |p: &Value| then[&id(p).to_string()].clone();
                    assert_eq!(figures(&admin, by).await, expected(&world, &who, key).await);
                }
                let unit = |_: &Value| "43010001".to_owned();
                assert_eq!(figures(&admin, "unit").await, expected(&world, &who, unit).await);
                let departments = figures(&admin, "department").await;
                let of_departments: i64 = departments.values().map(|r| r[0]).sum();
                let of_unit: i64 = figures(&admin, "unit").await.values().map(|r| r[0]).sum();
                assert_eq!(of_departments, of_unit);
                assert_eq!(statistics::verify_figures(&world.site, year()).await.unwrap(), []);
                for column in ["source", "subject"] {
                    let by = if column == "source" { "provider" } else { "subject" };
                    assert_eq!(learned(&admin, by).await, ledger(&world, &who, column).await, "{by}");
                }
                let by_month: i64 = learned(&admin, "month").await.values().sum();
                assert_eq!(by_month, ledger(&world, &who, "subject").await.values().sum::<i64>());
                for path in ["/430100/", "/43/", "/43/430101/"] {
                    both_ways_agree(&world, path).await;
                }
            }
        }
        let kept = "UPDATE year_results SET state = 'done', total_hours = 9000";
        if db::execute(&world.site.db, kept, vec![]).await.unwrap() > 0 {
            assert!(!statistics::verify(&world.site, year()).await.unwrap().is_empty(), "a drift is found");
            statistics::rebuild(&world.site, year()).await.unwrap();
            assert_eq!(statistics::verify(&world.site, year()).await.unwrap(), []);
        }
        let drift = "UPDATE figures SET hours = hours + 1 WHERE dim = 'all'";
        if db::execute(&world.site.db, drift, vec![]).await.unwrap() > 0 {
            assert!(
                !statistics::verify_figures(&world.site, year()).await.unwrap().is_empty(),
                "a hundredth is found"
            );
            statistics::rebuild(&world.site, year()).await.unwrap();
        }
        assert_eq!(statistics::verify_figures(&world.site, year()).await.unwrap(), []);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_stay_in_the_subtree_and_lead_to_the_people_behind_them() {
    on_both(|world| async move {
        let (admin, people) = world.college(3).await;
        let boss = world
            .anyone
            .with_token(world.sign_in("root43", crate::world::PASSWORD).await["token"].as_str().unwrap());
        let county = "UPDATE units SET kind = 'county', name = '雨花区' WHERE code = '430100'";
        db::execute(&world.site.db, county, vec![]).await.unwrap();
        write(&world.site, credit(id(&people[0]), "a")).await;
        world.settle().await;
        let county = boss.call("GET", "/api/v1/stats?year=2023&by=county", Value::Null).await.json;
        assert_eq!(county["rows"][0]["key"], "430100");
        assert_eq!((&county["rows"][0]["name"], &county["rows"][0]["people"]), (&json!("雨花区"), &json!(3)));
        assert_eq!(
            (&county["rows"][0]["under_way"], &county["rows"][0]["not_begun"]),
            (&json!(1), &json!(2))
        );
        let foreign = world.ready("bieren", Role::UnitAdmin, "43010002").await;
        let asked = foreign.call("GET", "/api/v1/stats?unit=43010001&year=2023", Value::Null).await;
        assert_eq!(asked.status, 404);
        let own = foreign.call("GET", "/api/v1/stats?year=2023", Value::Null).await;
        assert_eq!(own.json["rows"], json!([]));
        let wrong = admin.call("GET", "/api/v1/stats?by=shoe_size", Value::Null).await;
        assert_eq!((wrong.status, wrong.field_code("by")), (422, "wrong_value"));
        let page = admin.call("GET", "/statistics?year=2023&by=department", Value::Null).await;
        let text = String::from_utf8(page.bytes).unwrap();
        assert!(page.status == 200 && text.contains("data-chart") && text.contains("教务处"), "{text}");
        let sheet = admin.call("GET", "/statistics/overview.xlsx?year=2023&by=department", Value::Null).await;
        assert!(sheet.status == 200 && sheet.bytes.starts_with(b"PK"));
        let theirs = foreign.call("GET", "/statistics/overview.xlsx?unit=43010001", Value::Null).await;
        assert_eq!(theirs.status, 404);
        assert!(text.contains("上年完成率"), "{text}");
        let behind = "/statistics/people?year=2023&by=category&key=professional&state=under_way";
        let list = admin.call("GET", behind, Value::Null).await;
        let text = String::from_utf8(list.bytes).unwrap();
        assert_eq!(text.matches("<th scope=\"row\">").count(), 1, "{text}");
        assert!(text.contains(people[0]["name"].as_str().unwrap()));
    })
    .await;
}
