//! Snapshots: the table of routes with their rules, and pages whose words and marks others rely on.
use serde_json::Value;
use testkit::databases;

use crate::world::World;

/// The part of a page between its main tags, without the names of built files.
fn main_part(page: &[u8]) -> String {
    let text = String::from_utf8_lossy(page);
    let body = text.split("<main").nth(1).and_then(|t| t.split("</main>").next()).unwrap_or_default();
    let lines = body.lines().map(str::trim_end).filter(|l| !l.is_empty()).map(without_hash);
    lines.collect::<Vec<_>>().join("\n")
}

fn without_hash(line: &str) -> String {
    let Some((before, rest)) = line.split_once("/assets/icons-") else { return line.to_owned() };
    let after = rest.split_once(".svg").map_or(rest, |(_, after)| after);
    format!("{before}/assets/icons.svg{}", without_hash(after))
}

#[tokio::test(flavor = "multi_thread")]
async fn item_14_routes_and_public_pages_stay_as_they_are() {
    let database = databases().await.remove(0);
    let world = World::start(database).await;
    let rows = world.table.iter().map(|r| {
        let passive = if r.is_passive { " passive" } else { "" };
        let credential = if r.verifies_credential { " verifies-credential" } else { "" };
        format!("{} {} {:?}{passive}{credential}", r.method, r.path, r.access)
    });
    let mut rows: Vec<String> = rows.collect();
    rows.sort();
    insta::assert_snapshot!("routes", rows.join("\n"));
    for (name, path) in
        [("sign-in", "/sign-in"), ("verify-unknown", "/verify/4320235823019470"), ("not-found", "/nowhere")]
    {
        let page = world.anyone.call("GET", path, Value::Null).await;
        insta::assert_snapshot!(name, main_part(&page.bytes));
    }
    let problem = world.anyone.call("GET", "/api/v1/people", Value::Null).await;
    insta::assert_json_snapshot!("problem", problem.json);
}
