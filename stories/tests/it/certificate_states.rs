//! Certificates through their lives: corrected, revoked, issued anew, exempt, stated; and the file that proves itself.
use base::Role;
use secrets::from_base64url;
use serde_json::{Value, json};
use testkit::Client;

use crate::{
    main_job::{courses, training},
    world::{World, on_both},
};

/// A college with one person who completed the notice's case; the person, a client and the certificate's number.
pub async fn certified(world: &World) -> (Client, Value, Client, String) {
    let (admin, people) = world.college(1).await;
    admin.call("POST", "/api/v1/batch-claims", training()).await;
    let teacher = world.trainee(&admin, &people[0]).await;
    courses(world, people[0]["id"].as_str().unwrap()).await;
    world.settle().await;
    let asked = teacher.call("POST", "/api/v1/certificates", json!({"year": 2023})).await;
    assert_eq!(asked.status, 201, "{:?}", asked.json);
    let no = asked.json["no"].as_str().unwrap().to_owned();
    (admin, people[0].clone(), teacher, no)
}

async fn verify(world: &World, path: &str) -> Value {
    world.anyone.call("GET", &format!("/api/v1/verify/{path}"), Value::Null).await.json
}

pub async fn upload(world: &World, file: &[u8]) -> Value {
    let mut body =
        b"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n\r\n".to_vec();
    body.extend_from_slice(file);
    body.extend_from_slice(b"\r\n--x--\r\n");
    let kind = "multipart/form-data; boundary=x";
    world.anyone.send("POST", "/api/v1/verify", (kind, body), &[]).await.json
}

/// Takes the person's last credit back, as a correction does, and lets the slices follow.
async fn reverse_last(world: &World, person: &str) {
    let year = "2023".parse().unwrap();
    let person = person.parse().unwrap();
    let standing = hours::standing(&world.site.db, person, year).await.unwrap();
    let last = standing.entries.last().unwrap().id;
    let tx = world.site.db.begin().await.unwrap();
    let why = hours::Reversal { reason: "重复登记", by: person };
    hours::reverse(&world.site, &tx, last, why).await.unwrap();
    tx.commit().await.unwrap();
    world.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reversal_that_breaks_the_year_revokes_and_a_new_one_gets_a_new_number() {
    on_both(|world| async move {
        let (_, person, teacher, no) = certified(&world).await;
        let id = person["id"].as_str().unwrap();
        let hr = world.ready("renshi", Role::Hr, "43010001").await;
        let check = format!("/api/v1/hr/checks?person={id}&year=2023&business=award");
        assert_eq!(hr.call("GET", &check, Value::Null).await.json["certificate_no"], json!(no));
        reverse_last(&world, id).await;
        let revoked = verify(&world, &no).await;
        assert_eq!((&revoked["state"], &revoked["revoked_on"]), (&json!("revoked"), &json!("2026-11-23")));
        assert!(revoked["revoked_because"].as_str().unwrap().contains("学时"));
        let year = teacher.call("GET", "/api/v1/me/years/2023", Value::Null).await.json;
        assert_eq!(year["certificate_no"], Value::Null);
        let page = teacher.call("GET", "/certificates", Value::Null).await;
        assert!(String::from_utf8_lossy(&page.bytes).contains("已撤销"), "the holder is told");
        let undermined = "SELECT COUNT(*) FROM audit_entries WHERE action = 'personnel.check_undermined'";
        assert_eq!(db::count(&world.site.db, undermined, vec![]).await.unwrap(), 1, "HR is told");
        let inbox = hr.call("GET", "/api/v1/me/messages", Value::Null).await.json["items"][0].clone();
        let check_no =
            text_of("SELECT no AS text FROM personnel_checks WHERE revoked_at IS NOT NULL", &world).await;
        assert!(inbox["text"].as_str().unwrap().contains(&check_no), "with the check's number: {inbox}");
        let link = inbox["link"].as_str().unwrap().to_owned();
        let checked = hr.call("GET", &link, Value::Null).await;
        assert!(String::from_utf8_lossy(&checked.bytes).contains("证书已撤销"));
        let holder = teacher.call("GET", "/api/v1/me/messages", Value::Null).await.json;
        assert!(holder.to_string().contains(&no), "the holder is told: {holder}");
        assert_eq!(hr.call("GET", &check, Value::Null).await.json["allowed"], json!(false));
        let refused = teacher.call("POST", "/api/v1/certificates", json!({"year": 2023})).await;
        assert_eq!((refused.status, &refused.json["code"]), (409, &json!("not_satisfied")));
        // The same hours again, under other keys.
        courses_again(&world, id).await;
        let next = teacher.call("POST", "/api/v1/certificates", json!({"year": 2023})).await;
        assert_eq!(next.status, 201, "{:?}", next.json);
        assert_ne!(next.json["no"], json!(no));
        assert_eq!(verify(&world, &no).await["state"], "revoked", "what was issued stays");
    })
    .await;
}

#[derive(sea_orm::FromQueryResult)]
struct Text {
    text: String,
}

async fn text_of(sql: &str, world: &World) -> String {
    db::one::<Text>(&world.site.db, sql, vec![]).await.unwrap().text
}

async fn courses_again(world: &World, person: &str) {
    let facts = json!({"kind": "course", "provider": "webtrn", "course": "webtrn:9", "subject": "professional",
        "minutes": 1440, "completed_on": "2023-11-03", "fee": "144.00"});
    let Value::Object(facts) = facts else { unreachable!() };
    let credit = hours::NewCredit {
        person: person.parse().unwrap(),
        year: "2023".parse().unwrap(),
        source: "webtrn".into(),
        source_key: format!("course:webtrn:9:{person}"),
        title: "课程".into(),
        subject: base::Subject::Professional,
        hours: base::Hours::whole(36),
        facts,
        evidence: None,
        decided_by: None,
    };
    let tx = world.site.db.begin().await.unwrap();
    hours::credit(&world.site, &tx, credit).await.unwrap();
    tx.commit().await.unwrap();
    world.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_corrected_name_makes_the_next_revision_of_the_same_number() {
    on_both(|world| async move {
        let (_, person, teacher, no) = certified(&world).await;
        let asked = teacher.call("POST", "/api/v1/certificates", json!({"year": 2023})).await.json;
        let address = asked["verify_url"].as_str().unwrap();
        let query = address.split_once('?').unwrap().1.to_owned();
        let path = format!("/api/v1/certificates/{no}.pdf");
        let first = teacher.call("GET", &path, Value::Null).await.bytes;
        assert_eq!(verify(&world, &format!("{no}?{query}")).await["state"], "valid");
        let id = person["id"].as_str().unwrap();
        let rename = "UPDATE people SET name = '王更正' WHERE id = $1";
        db::execute(&world.site.db, rename, db::params![id]).await.unwrap();
        let person: base::PersonId = id.parse().unwrap();
        world.site.enqueue(&world.site.db, org::PROFILE_CHANGED, &person).await.unwrap();
        world.settle().await;
        let old = verify(&world, &format!("{no}?{query}")).await;
        assert_eq!((&old["state"], &old["revision"]), (&json!("superseded"), &json!(2)));
        assert!(old["name"].as_str().unwrap().starts_with('王'));
        assert_eq!(verify(&world, &no).await["state"], "valid");
        assert_eq!(upload(&world, &first).await["state"], "superseded");
        let second = teacher.call("GET", &path, Value::Null).await.bytes;
        assert_eq!(upload(&world, &second).await["state"], "valid");
        // Another level later is no correction: the certificate says what held on the day of issue.
        teacher.call("PATCH", "/api/v1/me/profile", json!({"level": "professional_9"})).await;
        world.settle().await;
        let after = verify(&world, &no).await;
        assert_eq!((&after["revision"], &after["level"]), (&json!(2), &json!("professional_10")));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_that_the_unit_has_not_confirmed_is_marked_and_confirmed_by_the_next_revision() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let id = people[0]["id"].as_str().unwrap();
        let teacher = world.trainee(&admin, &people[0]).await;
        let entered = teacher.call("PATCH", "/api/v1/me/profile", json!({"level": "professional_7"})).await;
        assert_eq!(entered.status, 200, "{:?}", entered.json);
        admin.call("POST", "/api/v1/batch-claims", training()).await;
        courses(&world, id).await;
        world.settle().await;
        let content = "SELECT content AS text FROM certificates WHERE kind = 'training'";
        assert!(text_of(content, &world).await.contains("\"is_post_claimed\":true"));
        let confirmed =
            admin.call("PATCH", &format!("/api/v1/people/{id}"), json!({"level": "professional_8"})).await;
        assert_eq!(confirmed.status, 200, "{:?}", confirmed.json);
        world.settle().await;
        let now = text_of(content, &world).await;
        assert!(!now.contains("is_post_claimed") && now.contains("professional_8"), "{now}");
        assert!(now.contains("\"revision\":2"), "{now}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_or_a_file_verifies_and_what_does_not_fit_learns_nothing() {
    on_both(|world| async move {
        let (_, person, teacher, no) = certified(&world).await;
        let name = person["name"].as_str().unwrap();
        assert_eq!(verify(&world, &format!("{no}?name={name}")).await["state"], "valid");
        assert_eq!(verify(&world, &format!("{no}?name=别人")).await, json!({"state": "unknown"}));
        let pdf = teacher.call("GET", &format!("/api/v1/certificates/{no}.pdf"), Value::Null).await.bytes;
        let verdict = upload(&world, &pdf).await;
        assert_eq!((&verdict["state"], &verdict["no"]), (&json!("valid"), &json!(no)));
        let mut changed = pdf.clone();
        changed[pdf.len() / 3] ^= 1;
        assert_eq!(upload(&world, &changed).await, json!({"state": "altered"}));
        assert_eq!(upload(&world, b"%PDF-1.7 nothing of ours").await, json!({"state": "unknown"}));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn item_44_guessing_numbers_is_limited_by_network() {
    for database in testkit::databases().await {
        let world = World::guarded(database).await;
        let mut answers = vec![];
        for n in 0..40 {
            let path = format!("/api/v1/verify/43202358230{n:05}");
            answers.push(world.anyone.call("GET", &path, Value::Null).await.status);
        }
        assert_eq!((answers[29], answers[30], answers[39]), (200, 429, 429));
        world.clock.advance(601);
        let later = world.anyone.call("GET", "/api/v1/verify/4320235823019470", Value::Null).await;
        assert_eq!(later.status, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn item_43_the_file_carries_a_signature_that_openssl_verifies() {
    on_both(|world| async move {
        let (_, _, teacher, no) = certified(&world).await;
        let pdf = teacher.call("GET", &format!("/api/v1/certificates/{no}.pdf"), Value::Null).await.bytes;
        let again = teacher.call("GET", &format!("/api/v1/certificates/{no}.pdf"), Value::Null).await.bytes;
        assert!(pdf == again, "the same certificate gives the same bytes");
        let folder = tempfile::tempdir().unwrap();
        let (signed, signature) = taken_apart(&pdf);
        let ca = secrets::authority::ca_pem(world.site.keys.folder()).unwrap();
        for (name, content) in [("cms", &signature), ("content", &signed), ("ca.pem", &ca.into_bytes())] {
            std::fs::write(folder.path().join(name), content).unwrap();
        }
        let verified = |content: &str| {
            let arguments =
                ["cms", "-verify", "-binary", "-inform", "DER", "-in", "cms", "-content", content];
            let rest = ["-CAfile", "ca.pem", "-purpose", "any", "-no_check_time", "-out", "/dev/null"];
            let mut openssl = std::process::Command::new("openssl");
            let output = openssl.args(arguments).args(rest).current_dir(folder.path()).output().unwrap();
            (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
        };
        let (holds, said) = verified("content");
        assert!(holds, "{said}");
        let mut forged = signed.clone();
        forged[signed.len() / 2] ^= 1;
        std::fs::write(folder.path().join("forged"), forged).unwrap();
        assert!(!verified("forged").0);
    })
    .await;
}

/// What the byte range covers, and the CMS signature in its place.
fn taken_apart(pdf: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let text = String::from_utf8_lossy(pdf);
    let (_, after) = text.rsplit_once("/ByteRange[").unwrap();
    let range: Vec<usize> = after.split(']').next().unwrap().split(' ').map(|n| n.parse().unwrap()).collect();
    let [0, before, from, length] = range[..] else { panic!("{range:?}") };
    assert_eq!(from + length, pdf.len(), "the signature covers the file to its end");
    let hex = std::str::from_utf8(&pdf[before + 1..from - 1]).unwrap();
    let digits: Vec<u8> =
        (0..hex.len() / 2).map(|n| u8::from_str_radix(&hex[2 * n..2 * n + 2], 16).unwrap()).collect();
    // A SEQUENCE of long form with two bytes of length.
    assert_eq!(digits[..2], [0x30, 0x82]);
    let end = 4 + usize::from(digits[2]) * 256 + usize::from(digits[3]);
    ([&pdf[..before], &pdf[from..]].concat(), digits[..end].to_vec())
}

#[tokio::test(flavor = "multi_thread")]
async fn hours_are_stated_by_item_under_a_number() {
    on_both(|world| async move {
        let (_, _, teacher, _) = certified(&world).await;
        let wanted = json!({"year": 2023, "kind": "statement"});
        let stated = teacher.call("POST", "/api/v1/certificates", wanted.clone()).await;
        assert_eq!(stated.status, 201, "{:?}", stated.json);
        let same = teacher.call("POST", "/api/v1/certificates", wanted).await;
        assert_eq!(same.json["no"], stated.json["no"], "nothing has changed since");
        let pdf = teacher.call("GET", stated.json["pdf"].as_str().unwrap(), Value::Null).await;
        assert!(pdf.bytes.starts_with(b"%PDF"));
        let verdict = verify(&world, stated.json["no"].as_str().unwrap()).await;
        assert_eq!((&verdict["state"], &verdict["kind"]), (&json!("valid"), &json!("statement")));
        let exempt = json!({"year": 2023, "kind": "exemption"});
        let refused = teacher.call("POST", "/api/v1/certificates", exempt).await;
        assert_eq!((refused.status, &refused.json["code"]), (409, &json!("not_exempt")));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_badge_proves_itself_and_points_to_its_status() {
    on_both(|world| async move {
        let (_, person, teacher, no) = certified(&world).await;
        let badge = teacher.call("GET", &format!("/api/v1/certificates/{no}.json"), Value::Null).await.json;
        assert!(proves(&world, &badge));
        let mut forged = badge.clone();
        forged["credentialSubject"]["achievement"]["name"] = json!("别的");
        assert!(!proves(&world, &forged));
        let status = &badge["credentialStatus"];
        let list = status["statusListCredential"].as_str().unwrap().to_owned();
        let place: usize = status["statusListIndex"].as_str().unwrap().parse().unwrap();
        let published = world.anyone.call("GET", &list, Value::Null).await.json;
        assert!(proves(&world, &published));
        let before = published["credentialSubject"]["encodedList"].clone();
        reverse_last(&world, person["id"].as_str().unwrap()).await;
        let published = world.anyone.call("GET", &list, Value::Null).await.json;
        assert_ne!(published["credentialSubject"]["encodedList"], before, "place {place} is set now");
    })
    .await;
}

/// Whether the `eddsa-jcs-2022` proof of a document holds under the installation's key.
fn proves(world: &World, document: &Value) -> bool {
    let mut bare = document.clone();
    let mut proof = bare.as_object_mut().unwrap().remove("proof").unwrap();
    let value = proof.as_object_mut().unwrap().remove("proofValue").unwrap();
    let hash = |v: &Value| secrets::sha256(&[secrets::jcs::canonical(v).unwrap().as_bytes()]);
    let message = [hash(&proof), hash(&bare)].concat();
    let expected = world.site.keys.sign(&message).value;
    assert_eq!(proof["cryptosuite"], "eddsa-jcs-2022");
    value == json!(secrets::base58btc(&from_base64url(&expected).unwrap()))
}

#[tokio::test(flavor = "multi_thread")]
async fn many_are_printed_at_once_with_the_list_of_those_who_have_none() {
    on_both(|world| async move {
        let (admin, person, _, no) = {
            let (admin, people) = world.college(2).await;
            admin.call("POST", "/api/v1/batch-claims", training()).await;
            let id = people[0]["id"].as_str().unwrap().to_owned();
            courses(&world, &id).await;
            world.settle().await;
            let no = certificates::of_year(&world.site, id.parse().unwrap(), "2023".parse().unwrap()).await;
            (admin, people[0].clone(), id, no.unwrap().unwrap().no.to_string())
        };
        let page = admin.call("GET", "/certificates/print?year=2023", Value::Null).await;
        let text = String::from_utf8_lossy(&page.bytes).into_owned();
        assert!(text.contains("公共科目还差 30 学时"), "why the other has none: {text}");
        let origin = [("origin", world.url.as_str())];
        let form =
            |kind: &str| ("application/x-www-form-urlencoded", format!("year=2023&form={kind}").into_bytes());
        let pdf = admin.send("POST", "/certificates/print", form("pdf"), &origin).await;
        assert!(pdf.bytes.starts_with(b"%PDF"), "{}", String::from_utf8_lossy(&pdf.bytes));
        let archive = admin.send("POST", "/certificates/print", form("zip"), &origin).await;
        let mut zip = zip::ZipArchive::new(std::io::Cursor::new(archive.bytes)).unwrap();
        let names: Vec<String> = zip.file_names().map(|n| n.unwrap().into_owned()).collect();
        let (name, account) = (person["name"].as_str().unwrap(), person["account"].as_str().unwrap());
        assert_eq!(names, [format!("教务处_{name}_{account}.pdf"), "没有证书的人员.csv".to_owned()]);
        let mut file = vec![];
        std::io::Read::read_to_end(&mut zip.by_index(0).unwrap(), &mut file).unwrap();
        let verdict = upload(&world, &file).await;
        assert_eq!((&verdict["state"], &verdict["no"]), (&json!("valid"), &json!(no)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_for_checks_without_network_holds_the_key_and_the_revocations() {
    on_both(|world| async move {
        let (_, person, _, _) = certified(&world).await;
        reverse_last(&world, person["id"].as_str().unwrap()).await;
        let page = world.anyone.call("GET", "/verify/offline.html", Value::Null).await;
        let text = String::from_utf8_lossy(&page.bytes).into_owned();
        let trust = text.split("id=\"trust\">").nth(1).unwrap().split("</script>").next().unwrap();
        let trust: Value = serde_json::from_str(trust).unwrap();
        let key = secrets::base64url(&world.site.keys.public_key());
        assert_eq!((&trust["keys"], trust["revoked"].as_array().unwrap().len()), (&json!([key]), 1));
        assert!(text.contains("2026-11-23 10:00") && !text.contains("__AS_OF__"));
    })
    .await;
}

async fn add_seal(client: &Client, bytes: &[u8]) -> testkit::Answer {
    crate::files::upload_to(client, "/api/v1/seals", ("seal.png", "image/png"), bytes).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seals_image_is_used_only_with_two_peoples_consent_and_each_use_is_logged() {
    on_both(|world| async move {
        let (_, _, teacher, no) = certified(&world).await;
        let first = world.ready("ting1", Role::Authority, "43").await;
        let second = world.ready("ting2", Role::Authority, "43").await;
        let lower = world.ready("shi", Role::Authority, "430200").await;
        let mut png = std::io::Cursor::new(vec![]);
        image::RgbaImage::from_pixel(200, 200, image::Rgba([200, 56, 45, 128]))
            .write_to(&mut png, image::ImageFormat::Png)
            .unwrap();
        let png = png.into_inner();
        assert_eq!(add_seal(&lower, &png).await.status, 404, "only the top");
        assert_eq!(add_seal(&first, b"no picture").await.field_code("file"), "seal_image");
        let added = add_seal(&first, &png).await;
        assert_eq!(added.status, 201, "{:?}", added.json);
        let path = format!("/api/v1/seals/{}/consent", added.json["id"].as_str().unwrap());
        let document = format!("/api/v1/certificates/{no}.pdf");
        let bare = teacher.call("GET", &document, Value::Null).await.bytes;
        assert_eq!(first.call("POST", &path, Value::Null).await.status, 204);
        assert_eq!(first.call("POST", &path, Value::Null).await.code(), "seal_consented");
        assert!(teacher.call("GET", &document, Value::Null).await.bytes == bare, "one consent is not enough");
        assert_eq!(second.call("POST", &path, Value::Null).await.status, 204);
        let sealed = teacher.call("GET", &document, Value::Null).await.bytes;
        assert!(sealed != bare);
        assert_eq!(upload(&world, &sealed).await["state"], "valid");
        let listed = second.call("GET", "/api/v1/seals", Value::Null).await.json;
        assert_eq!((&listed["items"][0]["in_use"], &listed["items"][0]["uses"]), (&json!(true), &json!(1)));
        let page = second.call("GET", "/certificates/seals", Value::Null).await;
        assert!(String::from_utf8_lossy(&page.bytes).contains(&no.replace('-', "")));
        let end = format!("/api/v1/seals/{}", added.json["id"].as_str().unwrap());
        assert_eq!(first.call("DELETE", &end, Value::Null).await.status, 204);
        assert!(teacher.call("GET", &document, Value::Null).await.bytes == bare);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_batch_is_an_order_with_progress_and_one_file() {
    on_both(|world| async move {
        // One more than are printed while the asker waits.
        let (admin, _) = crate::reimbursement::complete(&world, 51).await;
        let origin = [("origin", world.url.as_str())];
        let form = ("application/x-www-form-urlencoded", b"year=2023&form=zip".to_vec());
        let ordered = admin.send("POST", "/certificates/print", form, &origin).await;
        assert_eq!(ordered.status, 303, "{}", String::from_utf8_lossy(&ordered.bytes));
        let place = ordered.headers["location"].to_str().unwrap().to_owned();
        for _ in 0..4000 {
            let page = admin.call("GET", &place, Value::Null).await;
            if String::from_utf8_lossy(&page.bytes).contains("下载 ZIP") {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        }
        let file = admin.call("GET", &format!("{place}/file"), Value::Null).await;
        assert_eq!(file.status, 200);
        let zip = zip::ZipArchive::new(std::io::Cursor::new(file.bytes)).unwrap();
        assert_eq!(zip.len(), 52, "51 certificates and the list of those without");
        let works = admin.call("GET", "/api/v1/progress", Value::Null).await.json;
        let work = &works["items"][0];
        assert_eq!((&work["kind"], &work["state"]), (&json!("print"), &json!("done")));
        assert_eq!((&work["done"], &work["total"], &work["link"]), (&json!(51), &json!(51), &json!(place)));
        let events = format!("/progress/{}/events", work["id"].as_str().unwrap());
        assert_eq!(admin.call("GET", &events, Value::Null).await.status, 200);
        let other = world.ready("renshi", Role::Hr, "43010001").await;
        assert_eq!(other.call("GET", &events, Value::Null).await.status, 404);
        assert_eq!(
            other.call("GET", &format!("{place}/file"), Value::Null).await.status,
            404,
            "another's order"
        );
    })
    .await;
}
