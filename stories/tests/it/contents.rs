//! Courses made by people of a platform: uploads in parts, documents with reading time, and packages that are played at an
//! origin of their own. The packages are real ones, good and broken.
use std::io::Write;

use serde_json::{Value, json};
use testkit::{Answer, Client};

use crate::school::{Learner, School, at_both};

pub const APPOINT: &str = "INSERT INTO managers (subject_id, added_at) SELECT subject_id, 0 FROM learners";
/// Where the school's contents are answered.
pub fn content_host(school: &School) -> String {
    format!("content.localhost:{}", school.url.rsplit(':').next().unwrap())
}

const PART: usize = 4 * 1024 * 1024;

pub fn package(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/packages/{name}.zip", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

pub async fn draft(manager: &Learner) -> String {
    let facts =
        json!({"title": "新课", "subject": "professional", "topic": "体育", "teacher": "某", "free": true});
    let begun = manager.client.call("POST", "/api/v1/drafts", json!({"course": facts})).await;
    assert_eq!(begun.status, 201, "{:?}", begun.json);
    begun.json["id"].as_str().unwrap().to_owned()
}

/// Announces a file and hands in its parts; answers the material's id.
pub async fn hand_in(manager: &Learner, draft: &str, name: &str, bytes: &[u8]) -> String {
    let new = json!({"title": name, "file_name": name, "size": bytes.len(), "minutes": 2});
    let path = format!("/api/v1/drafts/{draft}/materials");
    let announced = manager.client.call("POST", &path, new).await;
    assert_eq!(announced.status, 201, "{:?}", announced.json);
    let id = announced.json["id"].as_str().unwrap().to_owned();
    let mut offset = 0;
    for part in bytes.chunks(PART) {
        let sent = send_part(manager, &id, offset, part).await;
        assert_eq!(sent.status, 200, "{:?}", sent.json);
        let again = send_part(manager, &id, offset, part).await;
        assert_eq!(again.status, 409, "a part that came counts once");
        offset += part.len();
    }
    id
}

async fn send_part(manager: &Learner, id: &str, offset: usize, part: &[u8]) -> Answer {
    let path = format!("/api/v1/materials/{id}/parts/{offset}");
    manager.client.send("PUT", &path, ("application/octet-stream", part.to_vec()), &[]).await
}

/// The material once the work on it has ended.
pub async fn made(manager: &Learner, draft: &str, id: &str) -> Value {
    for _ in 0..600 {
        let read = manager.client.call("GET", &format!("/api/v1/drafts/{draft}"), Value::Null).await.json;
        let found = read["materials"].as_array().unwrap().iter().find(|m| m["id"] == id).unwrap().clone();
        if matches!(found["state"].as_str().unwrap(), "ready" | "failed") {
            return found;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("{id} is still being made");
}

pub async fn publish(manager: &Learner, draft: &str) -> String {
    let path = format!("/api/v1/drafts/{draft}/publication");
    let published = manager.client.call("POST", &path, Value::Null).await;
    assert_eq!(published.status, 201, "{:?}", published.json);
    published.json["course"].as_str().unwrap().to_owned()
}

pub fn zip_of(files: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(vec![]));
    for (name, text) in files {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn manifest(inner: &str) -> String {
    format!("<manifest>{inner}</manifest>")
}

/// Packages as people make them: not as the books say, and whole all the same.
fn unusual(item: &str, resource: &dyn Fn(&str) -> String) -> Vec<(&'static str, Vec<u8>)> {
    let of = |href: &str| manifest(&format!("{item}{}", resource(href)));
    let page = of("index.html");
    vec![
        ("letters in another case", zip_of(&[("IMSManifest.xml", &of("Index.HTML")), ("index.html", "x")])),
        (
            "folders around it",
            zip_of(&[("a/b/imsmanifest.xml", &page), ("a/b/index.html", "x"), ("readme.txt", "x")]),
        ),
        (
            "litter of a Mac",
            zip_of(&[
                ("课/imsmanifest.xml", &page),
                ("课/index.html", "x"),
                ("__MACOSX/课/._index.html", "x"),
            ]),
        ),
        (
            "steps in an address",
            zip_of(&[("imsmanifest.xml", &of("./c/../index.html")), ("index.html", "x")]),
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_broken_package_says_why_and_the_real_ones_are_understood() {
    at_both(|school| async move {
        let manager = school.learner().await;
        school.run(APPOINT).await;
        let draft = draft(&manager).await;
        let item = "<organizations><organization><item identifier=\"a\" identifierref=\"r\"/></organization></organizations>";
        let resource = |href: &str| format!("<resources><resource identifier=\"r\" href=\"{href}\"/></resources>");
        let broken = [
            (package("badscorm"), "package_manifest_unreadable"),
            (package("singlescobasic_missingorg"), "package_no_organization"),
            (b"no zip at all".to_vec(), "package_not_zip"),
            (package("singlescobasic")[..60_000].to_vec(), "package_not_zip"),
            (zip_of(&[("index.html", "x")]), "package_no_manifest"),
            (zip_of(&[("../evil.html", "x"), ("imsmanifest.xml", "x")]), "package_unsafe_path"),
            (zip_of(&[("imsmanifest.xml", "<html/>")]), "package_manifest_foreign"),
            (zip_of(&[("imsmanifest.xml", &manifest(item))]), "package_resource_missing"),
            (zip_of(&[("imsmanifest.xml", "<!DOCTYPE manifest><manifest/>")]), "package_doctype"),
            (
                zip_of(&[("imsmanifest.xml", &manifest(&format!("{item}{}", resource("gone.html"))))]),
                "package_file_missing",
            ),
            (
                zip_of(&[("imsmanifest.xml", &manifest(&format!("{item}{}", resource("https://a.example/x"))))]),
                "package_elsewhere",
            ),
            (
                zip_of(&[("imsmanifest.xml", &manifest("<organizations><organization/></organizations>"))]),
                "package_nothing_to_open",
            ),
        ];
        for (bytes, problem) in broken {
            let id = hand_in(&manager, &draft, "a.zip", &bytes).await;
            let made = made(&manager, &draft, &id).await;
            assert_eq!((&made["state"], &made["problem"]), (&json!("failed"), &json!(problem)), "{made}");
            assert!(school.site.texts.has(&format!("problem-{problem}")), "{problem} has a sentence");
            let removed = manager.client.call("DELETE", &format!("/api/v1/materials/{id}"), Value::Null).await;
            assert_eq!(removed.status, 204);
        }
        let real = ["RuntimeMinimumCalls_SCORM12-mini", "singlescobasic", "single_au_basic_responsive"];
        for (name, bytes) in real.map(|name| (name, package(name))).into_iter().chain(unusual(item, &resource)) {
            let id = hand_in(&manager, &draft, "b.zip", &bytes).await;
            let made = made(&manager, &draft, &id).await;
            assert_eq!((&made["state"], &made["seconds"]), (&json!("ready"), &json!(120)), "{name}: {made}");
        }
        let page = manager.client.call("GET", &format!("/studio/drafts/{draft}"), Value::Null).await;
        assert_eq!(page.status, 200);
        let course = publish(&manager, &draft).await;
        assert_eq!(publish(&manager, &draft).await, course, "published once");
        let late = json!({"title": "x", "file_name": "x.zip", "size": 1, "minutes": 2});
        let refused = manager.client.call("POST", &format!("/api/v1/drafts/{draft}/materials"), late).await;
        assert_eq!(refused.json["code"], "draft_published");
    })
    .await;
}

/// A client at the origin of contents.
pub async fn at_content(school: &School, method: &str, address: &str, token: &str, body: &str) -> Answer {
    let host = content_host(school);
    let path = address.strip_prefix(&format!("http://{host}")).unwrap_or(address);
    let client = Client::new(&school.url);
    let headers = [("host", host.as_str()), ("authorization", token)];
    let headers = if token.is_empty() { &headers[..1] } else { &headers[..] };
    client.send(method, path, ("application/json", body.as_bytes().to_vec()), headers).await
}

pub fn text(answer: Answer) -> String {
    String::from_utf8(answer.bytes).unwrap()
}

/// The value of an attribute in a page.
pub fn attribute(page: &str, name: &str) -> String {
    let rest = page.split_once(&format!(" {name}=\"")).unwrap_or_else(|| panic!("{name} in {page}")).1;
    rest.split('"').next().unwrap().replace("&amp;", "&").replace("&#38;", "&")
}

/// A course of one package, published; its lecture.
pub async fn taught(manager: &Learner, bytes: &[u8]) -> String {
    let draft = draft(manager).await;
    let id = hand_in(manager, &draft, "c.zip", bytes).await;
    assert_eq!(made(manager, &draft, &id).await["state"], "ready");
    publish(manager, &draft).await;
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scorm_package_keeps_its_model_at_another_origin_and_time_is_the_servers() {
    at_both(|school| async move {
        let manager = school.learner().await;
        school.run(APPOINT).await;
        let learner = school.learner().await;
        let lecture = taught(&manager, &package("singlescobasic")).await;
        let page = text(learner.client.call("GET", &format!("/lectures/{lecture}"), Value::Null).await);
        let frame = attribute(page.split_once("<iframe").unwrap().1, "data-src");
        let host = content_host(&school);
        assert!(frame.starts_with(&format!("http://{host}/content/")), "{frame}");
        assert!(page.contains("sandbox=\"allow-scripts"), "{page}");

        let path = frame.strip_prefix(&format!("http://{host}")).unwrap();
        assert_eq!(learner.client.call("GET", path, Value::Null).await.status, 404, "not at the pages' origin");
        for page in ["/", "/me", "/api/v1/courses", "/sign-in"] {
            assert_eq!(at_content(&school, "GET", page, "", "").await.status, 404, "{page} at the contents' origin");
        }
        let opened = at_content(&school, "GET", &frame, "", "").await;
        assert_eq!(opened.status, 200);
        let opened = text(opened);
        assert_eq!(attribute(&opened, "data-standard"), "scorm12");
        let source = attribute(&opened, "data-source");
        let sco = at_content(&school, "GET", &source, "", "").await;
        assert_eq!(sco.status, 200, "{source}");
        for outside in ["../../../keys/mac", "%2e%2e/%2e%2e/xueshi.db"] {
            let address = source.replace("shared/launchpage.html", outside);
            assert_ne!(at_content(&school, "GET", &address, "", "").await.status, 200, "{outside}");
        }

        let commit = attribute(&opened, "data-commit");
        let model = json!({"cmi": {"core": {"lesson_status": "passed", "score": {"raw": "90"}}, "suspend_data": "5"}});
        let kept = at_content(&school, "POST", &commit, "", &model.to_string()).await;
        assert_eq!(kept.json, json!({"result": true, "errorCode": 0}));
        let again = text(at_content(&school, "GET", &frame, "", "").await);
        assert!(attribute(&again, "data-model").contains("suspend_data"), "{again}");
        assert_eq!(at_content(&school, "POST", &commit, "", "nonsense").await.status, 400);
        let forged = commit.replacen("/content/", "/content/x", 1);
        assert_eq!(at_content(&school, "POST", &forged, "", &model.to_string()).await.status, 404);

        // What a package says completes nothing: the time does, at the speed of time.
        let done = |school: &School| {
            let count = "SELECT COUNT(*) FROM course_completions";
            let school = school.site.clone();
            async move { db::count(&school.db, count, vec![]).await.unwrap() }
        };
        assert_eq!(done(&school).await, 0);
        let mut lesson = learner.open(&lecture).await;
        for _ in 0..8 {
            lesson.play(&school).await;
        }
        assert_eq!(done(&school).await, 1);
        let page = text(learner.client.call("GET", &format!("/lectures/{lecture}"), Value::Null).await);
        assert!(page.contains("已通过，90 分"), "{page}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cmi5_unit_is_launched_and_its_statements_belong_to_its_learner() {
    at_both(|school| async move {
        let manager = school.learner().await;
        school.run(APPOINT).await;
        let learner = school.learner().await;
        let lecture = taught(&manager, &package("single_au_basic_responsive")).await;
        let page = text(learner.client.call("GET", &format!("/lectures/{lecture}"), Value::Null).await);
        let frame = attribute(page.split_once("<iframe").unwrap().1, "data-src");
        let opened = text(at_content(&school, "GET", &frame, "", "").await);
        let source = attribute(&opened, "data-source");
        let launch = url::Url::parse(&format!("http://{}{source}", content_host(&school))).unwrap();
        let launch: std::collections::HashMap<String, String> = launch.query_pairs().into_owned().collect();
        assert_eq!(at_content(&school, "GET", &source, "", "").await.status, 200);

        let token = at_content(&school, "POST", &launch["fetch"], "", "").await.json;
        let token = format!("Basic {}", token["auth-token"].as_str().unwrap());
        let activity = &launch["activityId"];
        let mut state = url::Url::parse(&format!("{}activities/state", launch["endpoint"])).unwrap();
        state
            .query_pairs_mut()
            .append_pair("activityId", activity)
            .append_pair("agent", &launch["actor"])
            .append_pair("registration", &launch["registration"]);
        let named = |id: &str| format!("{state}&stateId={id}");
        let data = at_content(&school, "GET", &named("LMS.LaunchData"), &token, "").await;
        assert_eq!((data.status, &data.json["launchMode"]), (200, &json!("Normal")), "{:?}", data.json);
        assert_eq!(data.json["moveOn"], "CompletedOrPassed");
        let slashed = named("LMS.LaunchData").replacen("/activities/", "//activities/", 1);
        assert_eq!(
            at_content(&school, "GET", &slashed, &token, "").await.status,
            200,
            "cmi5.js puts a slash of its own"
        );
        assert_eq!(at_content(&school, "GET", &named("LMS.LaunchData"), "Basic x", "").await.status, 403);
        assert_eq!(at_content(&school, "PUT", &named("LMS.LaunchData"), &token, "{}").await.status, 403);
        assert_eq!(at_content(&school, "GET", &named("bookmark"), &token, "").await.status, 404);
        assert_eq!(at_content(&school, "PUT", &named("bookmark"), &token, "{\"page\":3}").await.status, 204);
        assert_eq!(at_content(&school, "GET", &named("bookmark"), &token, "").await.json, json!({"page": 3}));

        let statement = json!({
            "id": "0190a5d4-1111-7000-8000-000000000000",
            "actor": serde_json::from_str::<Value>(&launch["actor"]).unwrap(),
            "verb": {"id": "http://adlnet.gov/expapi/verbs/completed"}, "object": {"id": activity},
        });
        let statements = format!("{}statements", launch["endpoint"]);
        let stored = at_content(&school, "POST", &statements, &token, &statement.to_string()).await;
        assert_eq!(stored.json, json!(["0190a5d4-1111-7000-8000-000000000000"]), "{:?}", stored.status);
        let read = at_content(&school, "GET", &statements, &token, "").await.json;
        assert_eq!(read["statements"].as_array().unwrap().len(), 2, "with the platform's own: launched");
        let page = text(learner.client.call("GET", &format!("/lectures/{lecture}"), Value::Null).await);
        assert!(page.contains("已完成"), "{page}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pdf_becomes_pages_with_reading_time_and_a_new_version_leaves_the_old_to_those_who_began() {
    at_both(|school| async move {
        let manager = school.learner().await;
        school.run(APPOINT).await;
        let learner = school.learner().await;
        assert_eq!(learner.client.call("GET", "/api/v1/drafts", Value::Null).await.status, 403);
        let first = draft(&manager).await;
        let nothing =
            manager.client.call("POST", &format!("/api/v1/drafts/{first}/publication"), Value::Null).await;
        assert_eq!(nothing.json["code"], "draft_empty");
        let id = hand_in(&manager, &first, "a.pdf", &pdf()).await;
        let lecture = made(&manager, &first, &id).await;
        assert_eq!(lecture["state"], "ready", "{lecture}");
        assert!((60..=400).contains(&lecture["seconds"].as_i64().unwrap()), "{lecture}");
        let course = publish(&manager, &first).await;

        let mut lesson = learner.open(&id).await;
        lesson.play(&school).await;
        for (file, kind) in [("page-001.jpg", "image/jpeg"), ("page-001.txt", "text/plain; charset=utf-8")] {
            let answer = learner.client.call("GET", &format!("/media/{id}/{file}"), Value::Null).await;
            assert_eq!((answer.status, answer.headers["content-type"].to_str().unwrap()), (200, kind));
        }
        let page = text(learner.client.call("GET", &format!("/lectures/{id}"), Value::Null).await);
        assert!(page.contains("data-kind=\"document\"") && page.contains("data-pages=\"["), "{page}");

        let facts =
            json!({"title": "新课（第二版）", "subject": "professional", "topic": "体育", "teacher": "某"});
        let begun =
            manager.client.call("POST", "/api/v1/drafts", json!({"course": facts, "replaces": course})).await;
        let second = begun.json["id"].as_str().unwrap().to_owned();
        let next = hand_in(&manager, &second, "b.pdf", &pdf()).await;
        made(&manager, &second, &next).await;
        let newer = publish(&manager, &second).await;
        let listed = Client::new(&school.url).call("GET", "/api/v1/courses", Value::Null).await.json;
        let ids: Vec<&str> =
            listed["items"].as_array().unwrap().iter().map(|c| c["id"].as_str().unwrap()).collect();
        assert!(ids.contains(&newer.as_str()) && !ids.contains(&course.as_str()), "{ids:?}");
        assert_eq!(lesson.play(&school).await["credited"], 15.0, "whoever began keeps version and price");
        let newcomer = school.learner().await;
        let late = newcomer.client.call("POST", "/api/v1/enrollments", json!({"course": course})).await;
        assert_eq!(late.json["code"], "course_withdrawn");

        for (subject, topic, code) in [("public", "烹饪", "topic_outside"), ("professional", "", "required")]
        {
            let facts = json!({"title": "课", "subject": subject, "topic": topic, "teacher": "某"});
            let refused = manager.client.call("POST", "/api/v1/drafts", json!({"course": facts})).await;
            assert_eq!((refused.status, refused.field_code("topic")), (422, code));
        }
        let bad = hand_in(&manager, &draft(&manager).await, "c.pdf", b"%PDF-1.7 broken").await;
        assert!(!bad.is_empty());
    })
    .await;
}

/// A document of two pages, set by our own typesetter.
fn pdf() -> Vec<u8> {
    let typesetter = documents::Typesetter::load().unwrap();
    let template =
        "#set page(width: 105mm, height: 148mm)\n= 阅读\n#lorem(300)\n#pagebreak()\n消防安全，人人有责。";
    let data = json!({});
    let manuscript = documents::Manuscript { template, data: &data, files: &[] };
    let made_at = "2026-11-23T10:00:00+08:00".parse().unwrap();
    typesetter.pdf(&manuscript, &documents::Identity { ident: "reading", made_at }).unwrap()
}
