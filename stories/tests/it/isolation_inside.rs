//! Inside one unit: who holds a role at one department sees nobody of the other, in no list, page, search or export, and
//! reaches nothing of theirs by its id.
use std::sync::Arc;

use base::Role;
use serde_json::{Value, json};
use site::Rule;
use testkit::Client;

use crate::{
    holdings::holdings,
    isolation::{all_at_once, is_as_nothing, is_open},
    world::{HEADER, World, id_number, on_both},
};

/// Who is given roles at a department.
const INSIDE: [Role; 6] =
    [Role::DepartmentHead, Role::Reviewer, Role::Hr, Role::Finance, Role::UnitAdmin, Role::Support];

/// A college with two departments of two people each; who is in the second one.
async fn departments(world: &World) -> Vec<[String; 3]> {
    let (admin, _) = world.college(0).await;
    let row = |n: usize, department: &str| {
        format!(
            "内部{n:03},{},专业技术,专业技术十级,{department},2012-09-01,1391111{n:04},在岗\n",
            id_number(n)
        )
    };
    let roster = [row(1, "教务处"), row(2, "教务处"), row(3, "后勤处"), row(4, "后勤处")].concat();
    let imported = world.import(&admin, &format!("{HEADER}{roster}")).await;
    assert_eq!(imported.json["created"], 4, "{:?}", imported.json);
    let people = admin.call("GET", "/api/v1/people?unit=43010001&limit=200", Value::Null).await.json;
    let second = people["items"].as_array().unwrap().iter().filter(|p| p["department"] == "后勤处");
    let clues = second.map(|p| {
        let text = |key: &str| p[key].as_str().unwrap().to_owned();
        [text("name"), text("id"), text("account")]
    });
    clues.collect()
}

async fn sees_nobody(table: Arc<Vec<Rule>>, others: Arc<Vec<[String; 3]>>, (role, client): (Role, Client)) {
    if role == Role::DepartmentHead {
        let own = client.call("GET", "/api/v1/people", Value::Null).await;
        assert!(own.json.to_string().contains("内部001"), "the own department is there: {:?}", own.json);
    }
    let queries = ["?unit=43010001".to_owned(), format!("?q={}", others[0][2])];
    for rule in table.iter().filter(|r| r.method == "GET" && !r.path.contains('{')) {
        // The guard refuses whatever is asked for.
        for query in queries.iter().take(if is_open(rule, role) { queries.len() } else { 1 }) {
            let answer = client.call("GET", &format!("{}{query}", rule.path), Value::Null).await;
            // What was typed may stand in its field again.
            let text = String::from_utf8_lossy(&answer.bytes).replace(&others[0][2], "");
            let leak = others.iter().flatten().find(|clue| text.contains(clue.as_str()));
            assert!(leak.is_none(), "{role:?} sees {leak:?} at {}{query}", rule.path);
        }
    }
    for person in others.iter() {
        let path = format!("/api/v1/people/{}", person[1]);
        assert!(client.call("GET", &path, Value::Null).await.status >= 403, "{role:?}");
        let change = client.call("PATCH", &path, json!({"staff_no": "X"})).await;
        assert!(change.status >= 403, "{role:?}");
    }
    let list = json!({"list": "/api/v1/people?unit=43010001", "purpose": "核对"});
    let export = client.call("POST", "/api/v1/exports", list).await;
    assert!(export.status != 200 || !crate::people::sheet(&export.bytes).contains(&others[0][0]), "{role:?}");
}

async fn insiders(world: &World, code: &str) -> Vec<(Role, Client)> {
    let mut all = vec![];
    for (n, role) in INSIDE.into_iter().enumerate() {
        all.push((role, world.ready(&format!("innen{n}"), role, code).await));
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn item_31_a_role_at_one_department_sees_nobody_of_the_other() {
    on_both(|world| async move {
        let others = Arc::new(departments(&world).await);
        assert_eq!(others.len(), 2);
        let table = Arc::new(world.table.clone());
        // Departments are numbered by name.
        all_at_once(insiders(&world, "43010001-002").await, |role, client| {
            sees_nobody(Arc::clone(&table), Arc::clone(&others), (role, client))
        })
        .await;
    })
    .await;
}

/// What belongs to one person, by the beginning of its path; trainings, notices and the year's ledger are the whole unit's.
fn is_a_persons(path: &str) -> bool {
    let path = path.strip_prefix("/api/v1").unwrap_or(path);
    let kind = path.split('/').nth(1).unwrap_or_default();
    let kinds = [
        "people",
        "claims",
        "reviews",
        "reimbursements",
        "special-claims",
        "leaves",
        "inductions",
        "exemptions",
        "tickets",
        "files",
        "certificates",
        "checks",
        "transfers",
        "corrections",
        "legacy-years",
        "spot-check-cases",
        "messages",
        "support",
    ];
    kinds.contains(&kind)
}

#[tokio::test(flavor = "multi_thread")]
async fn item_30_what_is_another_departments_answers_as_if_it_did_not_exist() {
    on_both(|world| async move {
        let held = Arc::new(holdings(&world).await);
        let token =
            world.sign_in("yuanzhang", crate::world::PASSWORD).await["token"].as_str().unwrap().to_owned();
        let admin = world.anyone.with_token(&token);
        let row =
            format!("内部009,{},专业技术,专业技术十级,后勤处,2012-09-01,13911110009,在岗\n", id_number(9));
        let imported = world.import(&admin, &format!("{HEADER}{row}")).await;
        assert_eq!(imported.json["created"], 1, "{:?}", imported.json);
        let units = admin.call("GET", "/api/v1/units?parent=43010001", Value::Null).await.json;
        let other = units["items"].as_array().unwrap().iter().find(|u| u["name"] == "后勤处").unwrap();
        let code = other["code"].as_str().unwrap();
        let table = Arc::new(world.table.clone());
        all_at_once(insiders(&world, code).await, |role, client| {
            is_as_nothing(Arc::clone(&table), Arc::clone(&held), (role, client), is_a_persons)
        })
        .await;
    })
    .await;
}
