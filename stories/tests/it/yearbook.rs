//! 年度台账: confirmed by the unit, received above, changed by numbered supplements.
use base::{PersonId, Role};
use serde_json::{Value, json};

use crate::{
    ledger::{credit, write},
    world::on_both,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_confirms_its_year_and_what_changes_later_is_a_numbered_supplement() {
    on_both(|world| async move {
        let (admin, people) = world.college(3).await;
        let boss = world.ready("shengting", Role::Authority, "430100").await;
        let contract = "UPDATE people SET establishment = 'contract' WHERE id = $1";
        let third = people[2]["id"].as_str().unwrap();
        db::execute(&world.site.db, contract, db::params![third]).await.unwrap();
        let path = "/api/v1/units/43010001/yearbook";
        let confirmed = admin.call("POST", path, json!({"year": 2023})).await;
        assert_eq!(confirmed.status, 201, "{:?}", confirmed.json);
        let seen = &confirmed.json;
        assert_eq!(
            (&seen["no"], &seen["people"], &seen["contract_staff"]),
            (&json!(0), &json!(2), &json!(1))
        );
        let again = admin.call("POST", path, json!({"year": 2023})).await;
        assert_eq!((again.status, again.code()), (409, "yearbook_unchanged"));
        let receipt = "/api/v1/units/43010001/yearbook-receipt";
        assert_eq!(admin.call("POST", receipt, json!({"year": 2023, "no": 0})).await.status, 403);
        let received = boss.call("POST", receipt, json!({"year": 2023, "no": 0})).await;
        assert!(received.status == 200 && !received.json["received_at"].is_null(), "{:?}", received.json);
        let person: PersonId = people[0]["id"].as_str().unwrap().parse().unwrap();
        write(&world.site, credit(person, "later")).await;
        // At once: what is signed does not wait for the jobs of a moment ago.
        let supplement = admin.call("POST", path, json!({"year": 2023})).await;
        assert_eq!((&supplement.json["no"], &supplement.json["changed"]), (&json!(1), &json!(1)));
        assert_ne!(supplement.json["sha256"], seen["sha256"]);
        let listed = boss.call("GET", "/api/v1/yearbooks?year=2023", Value::Null).await.json;
        assert_eq!(listed["items"].as_array().unwrap().len(), 2, "the first edition stays: {listed}");
        let foreign = world.ready("bieren", Role::UnitAdmin, "43010002").await;
        assert_eq!(foreign.call("POST", path, json!({"year": 2023})).await.status, 404);
        assert_eq!(
            foreign.call("GET", "/api/v1/yearbooks?year=2023", Value::Null).await.json["items"],
            json!([])
        );
        let page = boss.call("GET", "/yearbooks?year=2023", Value::Null).await;
        assert!(String::from_utf8_lossy(&page.bytes).contains("补充件第 1 号"));
    })
    .await;
}
