//! Inside one unit: who holds a role at one department sees nobody of the other, in no list, page, search or export.
use base::Role;
use serde_json::{Value, json};

use crate::world::{HEADER, World, id_number, on_both};

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

#[tokio::test(flavor = "multi_thread")]
async fn item_31_a_role_at_one_department_sees_nobody_of_the_other() {
    on_both(|world| async move {
        let others = departments(&world).await;
        assert_eq!(others.len(), 2);
        // Departments are numbered by name.
        let code = "43010001-002";
        let roles =
            [Role::DepartmentHead, Role::Reviewer, Role::Hr, Role::Finance, Role::UnitAdmin, Role::Support];
        for (n, role) in roles.into_iter().enumerate() {
            let client = world.ready(&format!("innen{n}"), role, code).await;
            if role == Role::DepartmentHead {
                let own = client.call("GET", "/api/v1/people", Value::Null).await;
                assert!(
                    own.json.to_string().contains("内部001"),
                    "the own department is there: {:?}",
                    own.json
                );
            }
            for rule in world.table.iter().filter(|r| r.method == "GET" && !r.path.contains('{')) {
                for query in ["?unit=43010001", &format!("?q={}", others[0][2])] {
                    let answer = client.call("GET", &format!("{}{query}", rule.path), Value::Null).await;
                    // What was typed may stand in its field again.
                    let text = String::from_utf8_lossy(&answer.bytes).replace(&others[0][2], "");
                    let leak = others.iter().flatten().find(|clue| text.contains(clue.as_str()));
                    assert!(leak.is_none(), "{role:?} sees {leak:?} at {}{query}", rule.path);
                }
            }
            for person in &others {
                let path = format!("/api/v1/people/{}", person[1]);
                assert!(client.call("GET", &path, Value::Null).await.status >= 403, "{role:?}");
                let change = client.call("PATCH", &path, json!({"staff_no": "X"})).await;
                assert!(change.status >= 403, "{role:?}");
            }
            let list = json!({"list": "/api/v1/people?unit=43010001", "purpose": "核对"});
            let export = client.call("POST", "/api/v1/exports", list).await;
            assert!(
                export.status != 200 || !crate::people::sheet(&export.bytes).contains(&others[0][0]),
                "{role:?}"
            );
        }
    })
    .await;
}
