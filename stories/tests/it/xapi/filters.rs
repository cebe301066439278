//! Finding statements, Activities and Persons.
use serde_json::{Value, json};

use super::*;
use crate::world::on_both;

/// A query's parameters and the numbers of the statements that it finds.
type Case<'a> = (&'a [(&'a str, &'a str)], &'a [u32]);

#[tokio::test(flavor = "multi_thread")]
async fn filters_find_what_they_name() {
    on_both(|world| async move {
        let lrs = lrs(&world, "alpha").await;
        let registration = uuid(900);
        let mut first = with_id(statement("ann", "did", "one"), &uuid(1));
        first["context"] = json!({"registration": registration, "instructor": {"mbox": "mailto:teacher@example.com"},
            "team": {"objectType": "Group", "mbox": "mailto:team@example.com", "member": [{"mbox": "mailto:mate@example.com"}]},
            "contextActivities": {"category": [{"id": "http://example.com/activities/category"}]}});
        let mut second = with_id(statement("bob", "did", "two"), &uuid(2));
        second["actor"] = json!({"objectType": "Group", "member": [{"mbox": "mailto:bob@example.com"}]});
        let mut third = with_id(statement("cem", "saw", "x"), &uuid(3));
        third["object"] = json!({"objectType": "Agent", "mbox": "mailto:ann@EXAMPLE.com"});
        let mut fourth = with_id(statement("cem", "planned", "x"), &uuid(4));
        let mut sub = statement("dan", "did", "one");
        sub["objectType"] = json!("SubStatement");
        sub["context"] = json!({"contextActivities": {"parent": {"id": "http://example.com/activities/category"}}});
        fourth["object"] = sub;
        lrs.post(&json!([first, second, third, fourth])).await;
        let (one, category) = ("http://example.com/activities/one", "http://example.com/activities/category");
        let did = "http://example.com/verbs/did";
        let authority = lrs.get("/statements", &[("statementId", &uuid(1))]).await.json["authority"].to_string();
        let cases: &[Case] = &[
            (&[], &[4, 3, 2, 1]),
            (&[("ascending", "true")], &[1, 2, 3, 4]),
            (&[("agent", &agent("ann"))], &[3, 1]),
            (&[("agent", &agent("bob"))], &[2]),
            (&[("agent", &agent("dan"))], &[]),
            (&[("agent", &agent("teacher"))], &[]),
            (&[("agent", &agent("teacher")), ("related_agents", "true")], &[1]),
            (&[("agent", &agent("team")), ("related_agents", "true")], &[1]),
            (&[("agent", &agent("mate")), ("related_agents", "true")], &[1]),
            (&[("agent", &agent("dan")), ("related_agents", "true")], &[4]),
            (&[("agent", &agent("ann")), ("related_agents", "true")], &[3, 1]),
            (&[("agent", &authority), ("related_agents", "true")], &[4, 3, 2, 1]),
            (&[("agent", &authority)], &[]),
            (&[("verb", did)], &[2, 1]),
            (&[("activity", one)], &[1]),
            (&[("activity", one), ("related_activities", "true")], &[4, 1]),
            (&[("activity", category)], &[]),
            (&[("activity", category), ("related_activities", "true")], &[4, 1]),
            (&[("registration", &registration)], &[1]),
            (&[("registration", &uuid(901))], &[]),
            (&[("verb", did), ("agent", &agent("bob"))], &[2]),
            (&[("verb", did), ("agent", &agent("ann")), ("activity", one), ("registration", &registration)], &[1]),
            (&[("verb", "http://example.com/verbs/saw"), ("activity", one)], &[]),
            (&[("related_agents", "true"), ("related_activities", "true")], &[4, 3, 2, 1]),
            (&[("since", "2012-06-01T19:09:13.245Z")], &[4, 3, 2, 1]),
            (&[("until", "2012-06-01T19:09:13.245Z")], &[]),
            (&[("limit", "2")], &[4, 3]),
            (&[("limit", "0")], &[4, 3, 2, 1]),
            (&[("limit", "99999999999999999999")], &[4, 3, 2, 1]),
        ];
        for (params, wanted) in cases {
            let wanted: Vec<String> = wanted.iter().map(|n| uuid(*n)).collect();
            assert_eq!(lrs.found(params).await, wanted, "{params:?}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stored_grows_strictly_and_bounds_queries() {
    on_both(|world| async move {
        let lrs = lrs(&world, "alpha").await;
        let batch = |n: u32| Value::Array((0..n).map(|_| statement("a", "did", "b")).collect());
        lrs.post(&batch(5)).await;
        // The clock stands; nothing gets the time of another, in any batch.
        let (one, two) = (batch(7), batch(8));
        tokio::join!(lrs.post(&one), lrs.post(&two));
        let all = lrs.get("/statements", &[("ascending", "true")]).await;
        let stored: Vec<&str> = all.json["statements"]
            .as_array()
            .unwrap()
            .iter()
            .map(|s| s["stored"].as_str().unwrap())
            .collect();
        assert_eq!(stored.len(), 20);
        assert!(stored.windows(2).all(|w| w[0] < w[1]), "{stored:?}");
        let through = all.headers["x-experience-api-consistent-through"].to_str().unwrap();
        assert!(through >= *stored.last().unwrap() && through.ends_with('Z'));
        assert_eq!(lrs.found(&[("since", stored[7])]).await.len(), 12, "since is exclusive");
        assert_eq!(lrs.found(&[("until", stored[7])]).await.len(), 8, "until is inclusive");
        assert_eq!(lrs.found(&[("since", stored[4]), ("until", stored[6])]).await.len(), 2);
        world.clock.advance(60);
        let later = lrs.get("/statements", &[]).await;
        assert!(later.headers["x-experience-api-consistent-through"].to_str().unwrap() > through);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_lead_to_all_statements_once() {
    on_both(|world| async move {
        let lrs = lrs(&world, "alpha").await;
        lrs.post(&Value::Array((0..7).map(|n| with_id(statement("a", "did", "b"), &uuid(n))).collect()))
            .await;
        for (ascending, first) in [("false", 6), ("true", 0)] {
            let params = [
                ("verb", "http://example.com/verbs/did"),
                ("limit", "3"),
                ("ascending", ascending),
                ("format", "ids"),
            ];
            let mut page = lrs.get("/statements", &params).await;
            let mut seen = vec![];
            loop {
                seen.extend(
                    page.json["statements"]
                        .as_array()
                        .unwrap()
                        .iter()
                        .map(|s| s["id"].as_str().unwrap().to_owned()),
                );
                let more = page.json["more"].as_str().unwrap().to_owned();
                if more.is_empty() {
                    break;
                }
                assert!(more.starts_with("/xapi/statements?"), "a path without scheme and host: {more}");
                page = lrs.get(more.strip_prefix("/xapi").unwrap(), &[]).await;
                assert_eq!(page.status, 200);
                assert!(
                    page.json["statements"][0]["verb"].get("display").is_none(),
                    "the same form as the first page"
                );
            }
            let mut unique = seen.clone();
            unique.sort();
            unique.dedup();
            assert_eq!((seen.len(), unique.len(), &seen[0]), (7, 7, &uuid(first)));
        }
        let none = lrs.get("/statements", &[("verb", "http://example.com/none")]).await;
        assert_eq!(none.json, json!({"statements": [], "more": ""}));
    })
    .await;
}

/// Every id of a query, over all its pages.
async fn on_all_pages(lrs: &Lrs<'_>, params: &[(&str, &str)]) -> Vec<String> {
    let (mut path, mut seen) = (with("/statements", params), vec![]);
    while !path.is_empty() {
        let page = lrs.get(&path, &[]).await;
        assert_eq!(page.status, 200, "{path}: {}", text(&page));
        let statements = page.json["statements"].as_array().unwrap().iter();
        seen.extend(statements.map(|s| s["id"].as_str().unwrap().to_owned()));
        let more = page.json["more"].as_str().unwrap();
        path = more.trim_start_matches("/xapi").into();
    }
    seen
}

#[tokio::test(flavor = "multi_thread")]
async fn several_filters_find_what_has_all_of_them_however_frequent_each_is() {
    on_both(|world| async move {
        let lrs = lrs(&world, "alpha").await;
        let (verb_of, what_of) =
            (|n: u32| if n.is_multiple_of(7) { "saw" } else { "did" }, |n: u32| format!("w{}", n % 3));
        let who_of = |n: u32| if n < 20 { "rare" } else { "ann" };
        let one = |n: u32| with_id(statement(who_of(n), verb_of(n), &what_of(n)), &uuid(n));
        lrs.post(&Value::Array((0..400).map(one).collect())).await;
        // Found by what it refers to, though that came later.
        lrs.post(&json!([with_id(reference("ann", "did", &uuid(401)), &uuid(400))])).await;
        lrs.post(&json!([with_id(statement("rare", "saw", "w1"), &uuid(401))])).await;
        let (rare, ann) = (agent("rare"), agent("ann"));
        let (saw, w1) = ("http://example.com/verbs/saw", "http://example.com/activities/w1");
        let since = lrs.get("/statements", &[("statementId", &uuid(100))]).await.json["stored"].to_string();
        let since = since.trim_matches('"');
        let is_both = |n: u32| n == 400 || n == 401 || (n.is_multiple_of(7) && n % 3 == 1);
        for (params, is_wanted) in [
            (vec![("verb", saw), ("activity", w1)], &(|n| is_both(n)) as &dyn Fn(u32) -> bool),
            (vec![("verb", saw), ("activity", w1), ("agent", &ann)], &|n| is_both(n) && n >= 20 && n != 401),
            (vec![("verb", saw), ("activity", w1), ("agent", &rare)], &|n| {
                is_both(n) && !(20..400).contains(&n)
            }),
            (vec![("verb", saw), ("activity", w1), ("since", since)], &|n| is_both(n) && n > 100),
            (vec![("verb", saw), ("activity", w1), ("until", since)], &|n| is_both(n) && n <= 100),
            (
                vec![
                    ("agent", &ann),
                    ("activity", w1),
                    ("related_agents", "true"),
                    ("related_activities", "true"),
                ],
                &|n| n == 400 || (n % 3 == 1 && (20..400).contains(&n)),
            ),
        ] {
            let mut wanted: Vec<String> = (0..402).filter(|n| is_wanted(*n)).map(uuid).collect();
            for (ascending, limit) in [("true", "500"), ("true", "6"), ("false", "500"), ("false", "5")] {
                let params = [params.clone(), vec![("ascending", ascending), ("limit", limit)]].concat();
                wanted.sort();
                if ascending == "false" {
                    wanted.reverse();
                }
                assert_eq!(on_all_pages(&lrs, &params).await, wanted, "{params:?}");
            }
        }
    })
    .await;
}

/// Parameters that are refused.
fn refused() -> Vec<(&'static str, String)> {
    let anonymous = json!({"objectType": "Group", "member": [{"mbox": "mailto:a@b.cn"}]}).to_string();
    let agent = agent("a");
    let id = uuid(1);
    let all = [
        ("foo", "bar"),
        ("StatementId", &id),
        ("VoidedStatementId", &id),
        ("Agent", &agent),
        ("Verb", "http://a"),
        ("Activity", "http://a"),
        ("Registration", &id),
        ("Related_Activities", "true"),
        ("Related_Agents", "true"),
        ("Since", "2012-06-01T19:09:13.245Z"),
        ("Until", "2012-06-01T19:09:13.245Z"),
        ("Limit", "1"),
        ("LIMIT", "1"),
        ("Format", "ids"),
        ("Attachments", "true"),
        ("Ascending", "true"),
        ("method", "POST"),
        ("statementId", "x"),
        ("voidedStatementId", "x"),
        ("agent", "x"),
        ("agent", "true"),
        ("agent", "{}"),
        ("agent", &anonymous),
        ("verb", "not.a.valid.iri.com/verb"),
        ("activity", "not.a.valid.iri.com/a"),
        ("registration", "x"),
        ("related_agents", "yes"),
        ("related_activities", "1"),
        ("since", "x"),
        ("until", "2012"),
        ("limit", "-1"),
        ("limit", "x"),
        ("limit", "1.5"),
        ("limit", ""),
        ("format", "IDs"),
        ("attachments", "TRUE"),
        ("ascending", "x"),
        ("cursor", "x"),
    ];
    all.into_iter().map(|(name, value)| (name, value.to_owned())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn parameters_are_known_or_refused() {
    on_both(|world| async move {
        let lrs = lrs(&world, "alpha").await;
        lrs.post(&with_id(statement("a", "did", "b"), &uuid(1))).await;
        for (name, value) in refused() {
            for version in [V1, V2] {
                let answer = lrs.speaking(version).get("/statements", &[(name, &value)]).await;
                assert_eq!(answer.status, 400, "{name}={value}");
                assert!(
                    answer.headers.contains_key("x-experience-api-consistent-through")
                        && !answer.bytes.is_empty()
                );
            }
        }
        for id in ["statementId", "voidedStatementId"] {
            let agent = agent("a");
            for (name, value) in [
                ("agent", agent.as_str()),
                ("verb", "http://a"),
                ("activity", "http://a"),
                ("registration", &uuid(1)),
                ("since", "2012-06-01T19:09:13Z"),
                ("until", "2012-06-01T19:09:13Z"),
                ("limit", "1"),
                ("ascending", "true"),
                ("related_agents", "true"),
                ("related_activities", "true"),
                ("statementId", &uuid(1)),
                ("voidedStatementId", &uuid(1)),
            ] {
                let answer = lrs.get("/statements", &[(id, &uuid(1)), (name, value)]).await;
                assert_eq!(answer.status, 400, "{id} with {name}");
            }
        }
        for (name, value) in [("format", "ids"), ("attachments", "true"), ("attachments", "false")] {
            assert_eq!(
                lrs.get("/statements", &[("statementId", &uuid(1)), (name, value)]).await.status,
                200,
                "{name}"
            );
        }
        assert_eq!(
            lrs.get("/statements", &[("limit", "1"), ("limit", "2")]).await.status,
            400,
            "given twice"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_voided_statement_is_only_shown_as_voided() {
    on_both(|world| async move {
        let lrs = lrs(&world, "alpha").await;
        lrs.post(&with_id(statement("ann", "did", "one"), &uuid(1))).await;
        lrs.post(&with_id(voiding(&uuid(1)), &uuid(2))).await;
        lrs.post(&with_id(reference("bob", "liked", &uuid(1)), &uuid(3))).await;
        let status = async |name, n| lrs.get("/statements", &[(name, &uuid(n))]).await.status;
        assert_eq!((status("statementId", 1).await, status("voidedStatementId", 1).await), (404, 200));
        assert_eq!((status("statementId", 2).await, status("voidedStatementId", 2).await), (200, 404));
        // What refers to it is still found by it (Communication 2.1.4.s1.b2).
        assert_eq!(lrs.found(&[("verb", "http://example.com/verbs/did")]).await, [uuid(3), uuid(2)]);
        assert_eq!(lrs.found(&[]).await, [uuid(3), uuid(2)]);
        // A voiding statement is never voided.
        lrs.post(&with_id(voiding(&uuid(2)), &uuid(4))).await;
        assert_eq!(status("statementId", 2).await, 200);
        assert_eq!(status("voidedStatementId", 1).await, 200);
        // The voiding may come first.
        lrs.post(&with_id(voiding(&uuid(5)), &uuid(6))).await;
        lrs.post(&with_id(statement("ann", "did", "one"), &uuid(5))).await;
        assert_eq!((status("statementId", 5).await, status("voidedStatementId", 5).await), (404, 200));
        let mut wrong = voiding(&uuid(1));
        wrong["object"] = statement("a", "b", "c")["object"].clone();
        assert_eq!(lrs.call("POST", "/statements", &wrong).await.status, 400);
        // Only the provider's own statements are voided.
        let other = self::lrs(&world, "beta").await;
        lrs.post(&with_id(statement("ann", "did", "two"), &uuid(7))).await;
        other.post(&voiding(&uuid(7))).await;
        assert_eq!(status("statementId", 7).await, 200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn references_are_found_by_what_they_refer_to() {
    on_both(|world| async move {
        let lrs = lrs(&world, "alpha").await;
        let ann = agent("ann");
        let by_ann = [("agent", ann.as_str())];
        // c refers to b, b to a; they arrive in any order.
        for (start, order) in [(10, [0, 1, 2]), (20, [2, 1, 0]), (30, [1, 2, 0]), (40, [2, 0, 1])] {
            let all = [
                with_id(statement("ann", "did", "one"), &uuid(start)),
                with_id(reference("bob", "liked", &uuid(start)), &uuid(start + 1)),
                with_id(reference("cem", "saw", &uuid(start + 1)), &uuid(start + 2)),
            ];
            for n in order {
                lrs.post(&all[n]).await;
            }
            let found = lrs.found(&[("agent", &ann), ("limit", "3")]).await;
            let mut sorted = found.clone();
            sorted.sort();
            assert_eq!(sorted, [uuid(start), uuid(start + 1), uuid(start + 2)], "{order:?}");
        }
        // All of one request, and a ring.
        lrs.post(&json!([
            with_id(reference("cem", "saw", &uuid(51)), &uuid(50)),
            with_id(reference("bob", "saw", &uuid(52)), &uuid(51)),
            with_id(statement("ann", "did", "one"), &uuid(52)),
            with_id(reference("eve", "saw", &uuid(61)), &uuid(60)),
            with_id(reference("eve", "saw", &uuid(60)), &uuid(61)),
        ]))
        .await;
        assert_eq!(lrs.found(&by_ann).await.len(), 15);
        assert_eq!(lrs.found(&[("agent", &agent("eve"))]).await, [uuid(61), uuid(60)]);
        // Time bounds are those of the reference itself.
        let until = lrs.get("/statements", &[("statementId", &uuid(52))]).await.json["stored"]
            .as_str()
            .unwrap()
            .to_owned();
        assert_eq!(lrs.found(&[("agent", &ann), ("since", &until)]).await, Vec::<String>::new());
        // A reference in the context does not count (Communication 2.1.3, note).
        let mut context = with_id(statement("fay", "did", "two"), &uuid(70));
        context["context"] = json!({"statement": {"objectType": "StatementRef", "id": uuid(52)}});
        lrs.post(&context).await;
        assert_eq!(lrs.found(&by_ann).await.len(), 15);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_are_ids_exact_and_canonical() {
    on_both(|world| async move {
        let lrs = lrs(&world, "alpha").await;
        let mut first = with_id(statement("ann", "did", "one"), &uuid(1));
        first["context"] = json!({"contextActivities": {"category": [{"id": "http://example.com/activities/two",
            "definition": {"name": {"en-US": "two", "en-GB": "two GB"}, "description": {"en-US": "d", "en-GB": "d GB"}}}]}});
        lrs.post(&first).await;
        let mut later = statement("ann", "did", "one");
        later["object"]["definition"] = json!({"name": {"fr-FR": "un"}, "type": "http://example.com/type"});
        lrs.post(&later).await;
        let ids = lrs.get("/statements", &[("statementId", &uuid(1)), ("format", "ids")]).await.json;
        assert_eq!(ids["actor"], json!({"objectType": "Agent", "mbox": "mailto:ann@example.com"}));
        assert_eq!(ids["verb"], json!({"id": "http://example.com/verbs/did"}));
        assert_eq!(ids["object"], json!({"id": "http://example.com/activities/one"}), "the least that identifies");
        assert_eq!(ids["context"]["contextActivities"]["category"], json!([{"id": "http://example.com/activities/two"}]));
        let exact = lrs.get("/statements", &[("statementId", &uuid(1))]).await.json;
        assert_eq!((&exact["object"], &exact["verb"]), (&first["object"], &first["verb"]));
        let path = with("/statements", &[("statementId", &uuid(1)), ("format", "canonical")]);
        for (wanted, verb, name) in [
            ("en-GB", json!({"en-GB": "did GB"}), json!({"en-GB": "one GB"})),
            ("fr, en-US;q=0.5", json!({"en-US": "did"}), json!({"fr-FR": "un"})),
        ] {
            let canonical = lrs.send("GET", &path, ("", vec![]), &[("accept-language", wanted)]).await.json;
            assert_eq!((&canonical["verb"]["display"], &canonical["object"]["definition"]["name"]), (&verb, &name));
            assert_eq!(canonical["object"]["definition"]["type"], "http://example.com/type", "the store's definition");
            assert_eq!(canonical["actor"], first["actor"]);
            let category = &canonical["context"]["contextActivities"]["category"][0]["definition"];
            assert_eq!(category["description"].as_object().unwrap().len(), 1);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn activities_and_persons_say_what_is_known() {
    on_both(|world| async move {
        let lrs = lrs(&world, "alpha").await;
        let one = "http://example.com/activities/one";
        let mut later = statement("ann", "did", "one");
        later["object"]["definition"] = json!({"name": {"fr-FR": "un"}});
        later["actor"]["name"] = json!("Ann B.");
        lrs.post(&json!([statement("ann", "did", "one"), later])).await;
        for version in [V1, V2] {
            let lrs = lrs.speaking(version);
            let activity = lrs.get("/activities", &[("activityId", one)]).await;
            assert_eq!((activity.status, &activity.json), (200, &json!({"objectType": "Activity", "id": one,
                "definition": {"name": {"en-US": "one", "en-GB": "one GB", "fr-FR": "un"}}})));
            let unknown = lrs.get("/activities", &[("activityId", "http://none")]).await;
            assert_eq!((unknown.status, &unknown.json), (200, &json!({"objectType": "Activity", "id": "http://none"})));
            let person = lrs.get("/agents", &[("agent", &agent("ann"))]).await;
            assert_eq!((person.status, &person.json), (200, &json!({"objectType": "Person", "name": ["Ann B.", "ann"],
                "mbox": ["mailto:ann@example.com"]})));
            let account = json!({"name": "x", "account": {"homePage": "http://h", "name": "n"}}).to_string();
            let stranger = lrs.get("/agents", &[("agent", &account)]).await.json;
            assert_eq!(stranger, json!({"objectType": "Person", "name": ["x"], "account": [{"homePage": "http://h", "name": "n"}]}));
            for (path, params) in [
                ("/activities", vec![]), ("/activities", vec![("activityId", "true")]), ("/activities", vec![("activityId", one), ("x", "1")]),
                ("/agents", vec![]), ("/agents", vec![("agent", "x")]), ("/agents", vec![("agent", r#"{"name":"x"}"#)]),
            ] {
                assert_eq!(lrs.get(path, &params).await.status, 400, "{path} {params:?}");
            }
        }
    })
    .await;
}
