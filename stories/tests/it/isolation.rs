//! Nobody reads or changes what lies outside the own place: the whole table of routes, walked by every role of another
//! unit with the ids of real things here (security items 30 and 31), and by every role for what its role allows.
use std::sync::Arc;

use base::Role;
use serde_json::{Value, json};
use site::{Access, Rule};
use testkit::Client;
use tokio::task::JoinSet;

use crate::{
    files::pdf,
    holdings::{Holdings, NOTHING, holdings},
    world::{World, id_number, on_both},
};

/// Paths whose parts name nothing of a unit's: the visitor's own things, the province's, or a public record.
fn is_of_no_unit(path: &str) -> bool {
    let own = [
        "/me/",
        "/certificates/print/",
        "/verify/",
        "/courses/",
        "/providers/",
        "/provider/",
        "/provider-outbox/",
        "/course-mapping/",
        "/public-courses/",
        "/policies/",
        "/forgot/",
        "/password-resets/",
        "/jobs/",
        "/calendar/",
        "/attend/board/",
        "/public/",
        "/open-data/",
        "/special-days/",
        "/tenders/",
        "/progress/",
        "/scan",
    ];
    own.iter().any(|p| path.contains(p))
        || path.starts_with("/xapi")
        || path.starts_with("/credentials/")
        || path.contains("/settlements/")
        || path.contains("/seals/")
}

/// A path with real things in it, or with nothing where `is_real` is not set; none when the path has no part.
fn filled(path: &str, things: &[(&str, String)], is_real: bool) -> Option<String> {
    let mut before = "";
    let mut any = false;
    let mut parts = vec![];
    for part in path.split('/') {
        if part.starts_with('{') {
            any = true;
            let thing = things.iter().find(|(kind, _)| *kind == before);
            let (_, id) = thing.unwrap_or_else(|| panic!("{path}: say in `holdings` what a {before} is"));
            let nothing = if before == "certificates" { "43-2023-582301947-9.pdf" } else { NOTHING };
            parts.push(if is_real { id.clone() } else { nothing.to_owned() });
        } else {
            before = part;
            parts.push(part.to_owned());
        }
    }
    any.then(|| parts.join("/"))
}

/// A body that the use case behind the path takes, so that a refusal is one of the object.
fn body(path: &str) -> Value {
    if path.contains("/transfers/") {
        return json!({"decision": "release", "open_matters_seen": true});
    }
    match path.rsplit('/').next().unwrap_or("") {
        "clear-view" => json!({"fields": ["id_number"], "reason": "核对"}),
        "move" => json!({"parent": "430200", "reason": "改革"}),
        "merge" => json!({"into": "43020001", "reason": "改革"}),
        "contact" => json!({"office": "人事处", "names": "", "telephone": "0731-88880000", "hours": ""}),
        "posts" => json!({"kind": "concurrent", "unit": "43020001", "title": "科员", "from": "2026-01-01"}),
        "decision" => json!({"decision": "approve", "comment": "看过"}),
        "reversal" | "appeal" | "password-reset" | "unlock" | "phone-waiver" => {
            json!({"reason": "登记有误"})
        }
        "phone-share" => json!({"decision": "approve", "reason": "双方同意"}),
        "replies" => json!({"text": "你好"}),
        "payment" => json!({"reference": "PZ-1"}),
        "special" => json!({"amount": "1.00", "reason": "承担省级课题"}),
        "roles" => json!({"role": "reviewer", "unit": "43010001"}),
        "confirmation" => json!({}),
        "marks" => json!({"code": "000000"}),
        "list" => json!({"people": [NOTHING], "reason": "手机没电"}),
        "withdraw" => json!({"reason": "日期有误"}),
        "yearbook" => json!({"year": 2023}),
        "yearbook-receipt" => json!({"year": 2023, "no": 0}),
        "extension" => json!({"year": 2026, "until": "2027-01-15", "reason": "故障"}),
        "end" => json!({"reason": "导入有误"}),
        "review" => json!({"verdict": "confirmed"}),
        "spouse" => json!({"spouse": NOTHING}),
        "retirement" => json!({"day": "2027-06-30", "document": "1号", "reason": "提前退休"}),
        "relief" => json!({"year": 2026, "document": "1号", "reason": "干部教育"}),
        "review-deputy" => json!({"deputy": null}),
        "sms-budget" => json!({"year": 2026, "yuan": "1.00"}),
        _ => Value::Null,
    }
}

/// A word for each field that any of the forms reads.
const FIELDS: [(&str, &str); 28] = [
    ("action", "release"),
    ("decision", "approve"),
    ("comment", "x"),
    ("reason", "x"),
    ("status", "left"),
    ("from", "2026-11-01"),
    ("until", "2026-12-01"),
    ("day", "2027-06-30"),
    ("document", "x"),
    ("kind", "secondment"),
    ("unit", "43020001"),
    ("title", "x"),
    ("name", "x"),
    ("text", "x"),
    ("hours", "1"),
    ("year", "2023"),
    ("no", "0"),
    ("person", "x"),
    ("to", "x"),
    ("date", "2026-11-24"),
    ("reference", "PZ-1"),
    ("password", ""),
    ("office", "x"),
    ("telephone", "073188880000"),
    ("confirm", "1"),
    ("sign", "1"),
    ("code", "000000"),
    ("_csrf", ""),
];

/// Sends a page's form: as browsers send it, or as one with a file where the page takes nothing else.
async fn form(client: &Client, path: &str, fields: &[(&str, &str)]) -> testkit::Answer {
    let pairs: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let sent = ("application/x-www-form-urlencoded", pairs.join("&").into_bytes());
    let answer = client.send("POST", path, sent, &[]).await;
    if answer.status != 415 {
        return answer;
    }
    let part = |(name, value): &(&str, &str)| {
        format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let head: String = fields.iter().map(part).collect();
    let file = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\nContent-Type: application/pdf\r\n\r\n";
    let body = [head.as_bytes(), file.as_bytes(), &pdf(9), b"\r\n--x--\r\n"].concat();
    client.send("POST", path, ("multipart/form-data; boundary=x", body), &[]).await
}

/// Calls a route's path as it wants to be called.
async fn call(client: &Client, rule: &Rule, path: &str) -> testkit::Answer {
    if rule.method != "GET" && !rule.path.starts_with("/api/") {
        return form(client, path, &FIELDS).await;
    }
    client.call(rule.method.as_str(), path, body(rule.path)).await
}

/// Whether the role gets past the guard; where it does not, no handler sees the call.
pub fn is_open(rule: &Rule, role: Role) -> bool {
    !matches!(rule.access, Access::Roles(roles) if !roles.contains(&role))
}

/// Lets every role go its way at the same time.
pub async fn all_at_once<F: Future<Output = ()> + Send + 'static>(
    clients: Vec<(Role, Client)>,
    way: impl Fn(Role, Client) -> F,
) {
    let mut ways: JoinSet<()> = clients.into_iter().map(|(role, client)| way(role, client)).collect();
    while let Some(gone) = ways.join_next().await {
        gone.unwrap();
    }
}

/// What is another's answers as what does not exist, on every route with an object.
pub async fn is_as_nothing(
    table: Arc<Vec<Rule>>,
    held: Arc<Holdings>,
    (role, client): (Role, Client),
    is_theirs: fn(&str) -> bool,
) {
    let mut walked = 0;
    for rule in table.iter().filter(|r| !is_of_no_unit(r.path) && is_theirs(r.path)) {
        let Some(real) = filled(rule.path, &held.things, true) else { continue };
        let theirs = call(&client, rule, &real).await;
        let place = format!("{role:?} {} {}", rule.method, rule.path);
        walked += 1;
        if !is_open(rule, role) {
            assert_eq!(theirs.status, 403, "{place}");
            continue;
        }
        let none = call(&client, rule, &filled(rule.path, &held.things, false).unwrap()).await;
        assert_eq!((theirs.status, theirs.code()), (none.status, none.code()), "{place}");
        assert!(theirs.status >= 400, "{place} answered {}", theirs.status);
    }
    assert!(walked > 40, "{role:?} walked {walked} routes");
}

/// Every role at a unit elsewhere, and at the competent department over that unit only.
async fn strangers(world: &World) -> Vec<(Role, Client)> {
    let mut all = vec![];
    for (n, role) in Role::ALL.into_iter().enumerate() {
        let place = if matches!(role, Role::Authority | Role::Auditor) { "430200" } else { "43020001" };
        all.push((role, world.ready(&format!("fremd{n}"), role, place).await));
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn item_30_what_is_another_units_answers_every_role_as_if_it_did_not_exist() {
    on_both(|world| async move {
        let held = Arc::new(holdings(&world).await);
        // A paper that was approved after the claim of money gives that one back.
        world.settle().await;
        let before = books(&world).await;
        let table = Arc::new(world.table.clone());
        all_at_once(strangers(&world).await, |role, client| {
            is_as_nothing(Arc::clone(&table), Arc::clone(&held), (role, client), |_| true)
        })
        .await;
        assert_eq!(books(&world).await, before, "and nothing has changed");
    })
    .await;
}

/// What counts: hours, decisions, roles and money of everyone.
async fn books(world: &World) -> Vec<i64> {
    let mut numbers = vec![];
    for sql in [
        "SELECT COUNT(*) FROM hour_entries",
        "SELECT COUNT(*) FROM certificates WHERE revoked_at IS NULL",
        "SELECT COUNT(*) FROM leaves",
        "SELECT COUNT(*) FROM transfers WHERE state = 'asked'",
        "SELECT COUNT(*) FROM corrections WHERE state = 'submitted'",
        "SELECT COUNT(*) FROM posts WHERE ended_at IS NULL",
        "SELECT COUNT(*) FROM unit_history",
        "SELECT COUNT(*) FROM contact_cards",
        "SELECT COUNT(*) FROM activations",
        "SELECT COUNT(*) FROM activity_claims WHERE state = 'submitted'",
        "SELECT COUNT(*) FROM exemptions WHERE state = 'submitted'",
        "SELECT COUNT(*) FROM reimbursements WHERE state = 'submitted'",
    ] {
        numbers.push(db::count(&world.site.db, sql, vec![]).await.unwrap());
    }
    numbers
}

/// No list, count or page names the person, whatever is asked for.
async fn names_nobody(table: Arc<Vec<Rule>>, person: Value, (role, client): (Role, Client)) {
    let text = |key: &str| person[key].as_str().unwrap().to_owned();
    let clues = [text("name"), id_number(1), text("id")];
    let queries = [String::new(), "?unit=43010001".to_owned(), format!("?q={}", text("account"))];
    for rule in table.iter().filter(|r| r.method == "GET" && !r.path.contains('{')) {
        for query in queries.iter().take(if is_open(rule, role) { queries.len() } else { 1 }) {
            let answer = client.call("GET", &format!("{}{query}", rule.path), Value::Null).await;
            let text = String::from_utf8_lossy(&answer.bytes);
            let leak = clues.iter().find(|clue| text.contains(clue.as_str()));
            assert!(leak.is_none(), "{role:?} sees {leak:?} at {}{query}", rule.path);
            assert!(answer.status < 500, "{role:?} {}{query}: {}", rule.path, answer.status);
            assert!(is_open(rule, role) || answer.status == 403, "{role:?} {}: {}", rule.path, answer.status);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn item_31_no_list_count_or_page_of_another_unit_names_anyone_here() {
    on_both(|world| async move {
        let person = holdings(&world).await.person;
        let table = Arc::new(world.table.clone());
        all_at_once(strangers(&world).await, |role, client| {
            names_nobody(Arc::clone(&table), person.clone(), (role, client))
        })
        .await;
    })
    .await;
}

/// The guard lets the role past where its table says so, and nowhere else; the forms of pages are routes like others.
async fn reaches_its_routes(table: Arc<Vec<Rule>>, (role, client): (Role, Client)) {
    for rule in table.iter().filter(|r| matches!(r.access, Access::Roles(_))) {
        let path = rule.path.split('/').map(|p| if p.starts_with('{') { NOTHING } else { p });
        let path = path.collect::<Vec<_>>().join("/");
        let answer = if rule.method != "GET" && !rule.path.starts_with("/api/") {
            form(&client, &path, &[("_csrf", "")]).await
        } else {
            client.call(rule.method.as_str(), &path, Value::Null).await
        };
        let is_refused = answer.status == 403;
        assert_eq!(is_refused, !is_open(rule, role), "{role:?} {} {path}: {}", rule.method, answer.status);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn item_30_every_role_reaches_the_routes_of_its_table_and_no_other() {
    on_both(|world| async move {
        let mut all = vec![];
        for (n, role) in Role::ALL.into_iter().enumerate() {
            all.push((role, world.ready(&format!("rolle{n}"), role, "43010001").await));
        }
        let table = Arc::new(world.table.clone());
        all_at_once(all, |role, client| reaches_its_routes(Arc::clone(&table), (role, client))).await;
    })
    .await;
}
