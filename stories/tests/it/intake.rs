//! Lists that come in, forms that go out: leaves, years before the ledger, paper forms with stamped scans, packages for
//! inspections.
use std::io::{Cursor, Read};

use base::Role;
use hours::checkpoint;
use serde_json::{Value, json};
use testkit::Client;

use crate::{
    desk_pages::{Sent, send as send_form},
    files::{pdf, upload},
    main_job::training,
    world::{PASSWORD, World, id_number, on_both},
};

const CSV: &str = "text/csv; charset=utf-8";

pub async fn send(client: &Client, path: &str, list: &str) -> testkit::Answer {
    client.send("POST", path, (CSV, list.as_bytes().to_vec()), &[]).await
}

pub async fn boss(world: &World) -> Client {
    let opened = world.sign_in("root43", PASSWORD).await;
    world.anyone.with_token(opened["token"].as_str().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn leaves_come_in_by_a_list_as_a_whole_or_not_at_all() {
    on_both(|world| async move {
        let (admin, people) = world.college(2).await;
        let path = "/api/v1/leaves/imports?unit=43010001";
        let wrong = format!(
            "身份证号,类型,开始日期,结束日期\n{},病假,2026-01-01,2026-05-31\n{},事假,2026-01-01,2026/1/5\n",
            id_number(1),
            id_number(9)
        );
        let refused = send(&admin, path, &wrong).await;
        assert_eq!(refused.status, 422, "{:?}", refused.json);
        let errors = refused.json["errors"].as_array().unwrap();
        assert_eq!(
            (&errors[0]["row"], &errors[0]["code"]),
            (&json!(3), &json!("person_unknown")),
            "{errors:?}"
        );
        let list = "姓名,类型,自,止\n教师001,病假,2026-01-01,2026-05-31\n教师002,产假,2026.2.1,20260620\n";
        let dry = send(&admin, &format!("{path}&dry_run=true"), list).await;
        assert_eq!((dry.status, &dry.json["created"]), (200, &json!(2)));
        let taken = send(&admin, path, list).await;
        assert_eq!(
            (taken.status, &taken.json["created"], &taken.json["known"]),
            (200, &json!(2), &json!(0)),
            "{:?}",
            taken.json
        );
        let again = send(&admin, path, list).await;
        assert_eq!(
            (&again.json["created"], &again.json["known"]),
            (&json!(0), &json!(2)),
            "what is known is not entered twice"
        );
        let teacher = world.trainee(&admin, &people[0]).await;
        let year = teacher.call("GET", "/api/v1/me/years/2026", Value::Null).await.json;
        assert_eq!(year["exemption_eligible"], json!(["leave"]));
        let stranger = world.ready("fremd", Role::Hr, "43020001").await;
        assert_eq!(send(&stranger, path, list).await.status, 404);
        assert_eq!(
            send(&stranger, "/api/v1/leaves/imports", list).await.status,
            422,
            "nobody of that name there"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn years_before_the_ledger_come_in_with_their_source_and_count_in_nothing() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let list = format!(
            "身份证号,年度,公共科目,专业科目,合计,证书编号\n{},2021,30,60,90,湘培2021-0001\n",
            id_number(1)
        );
        let bare = send(&admin, "/api/v1/legacy/imports?unit=43010001", &list).await;
        assert_eq!((bare.status, bare.field_code("document")), (422, "source_document"));
        let path = "/api/v1/legacy/imports?unit=43010001&document=%E5%8F%B0%E8%B4%A62021";
        let unproven = send(&admin, path, &list).await;
        assert_eq!((unproven.status, unproven.field_code("scan")), (422, "source_scan"));
        assert_eq!(send(&admin, &format!("{path}&dry_run=true"), &list).await.json["created"], 1);
        let scan = upload(&admin, ("taizhang.pdf", "application/pdf"), &pdf(1)).await.json["id"].clone();
        let scan = scan.as_str().unwrap();
        let path = &format!("{path}&scan={scan}");
        let late = send(&admin, path, &list.replace(",2021,", ",2023,")).await;
        assert_eq!(late.json["errors"][0]["code"], "legacy_year");
        let sum = send(&admin, path, &list.replace(",90,", ",91,")).await;
        assert_eq!(sum.json["errors"][0]["code"], "legacy_total");
        assert_eq!(send(&admin, path, &list).await.json["created"], 1);
        other_figures_are_a_conflict(&admin, path, &list).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let own = teacher.call("GET", "/api/v1/me/legacy", Value::Null).await.json;
        assert_eq!(
            (&own["items"][0]["source"], &own["items"][0]["total"]),
            (&json!("legacy_import"), &json!("90"))
        );
        assert_eq!(own["items"][0]["document"], "台账2021");
        source_is_kept(&world, (&admin, &teacher), (scan, &own["items"][0])).await;
        let page = String::from_utf8(teacher.call("GET", "/me/legacy", Value::Null).await.bytes).unwrap();
        assert!(page.contains("历史导入") && page.contains("湘培2021-0001"), "{page}");
        let id = own["items"][0]["id"].as_str().unwrap();
        let ended =
            admin.call("POST", &format!("/api/v1/legacy-years/{id}/end"), json!({"reason": "导错人"})).await;
        assert_eq!(ended.status, 204);
        assert_eq!(teacher.call("GET", "/api/v1/me/legacy", Value::Null).await.json["items"], json!([]));
        let kept = db::count(&world.site.db, "SELECT COUNT(*) FROM legacy_years", vec![]).await.unwrap();
        assert_eq!(kept, 1, "an ended row stays on record");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_are_printed_and_their_stamped_scans_attached() {
    on_both(|world| async move {
        let (admin, people) = world.college(2).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let other = world.trainee(&admin, &people[1]).await;
        let file = upload(&teacher, ("a.pdf", "application/pdf"), &pdf(1)).await.json["id"].clone();
        let paper = json!({"year": 2023, "item": "paper.core", "title": "论文", "on": "2023-06-01", "files": [file], "submit": true});
        let claim = crate::holdings::make(&teacher, "/api/v1/claims", paper).await;
        let reason = json!({"year": 2026, "kind": "disability", "reason": "残疾证"});
        let exemption = crate::holdings::make(&teacher, "/api/v1/exemptions", reason).await;
        world.settle().await;
        assert_eq!(admin.call("POST", "/api/v1/units/43010001/yearbook", json!({"year": 2023})).await.status, 201);
        for path in [
            format!("/claims/{claim}/form.pdf"),
            format!("/exemptions/{exemption}/form.pdf"),
            "/yearbooks/43010001/form.pdf?year=2023&no=0".to_owned(),
            format!("/people/{}/form.pdf?year=2023", people[0]["id"].as_str().unwrap()),
        ] {
            let printed = admin.call("GET", &path, Value::Null).await;
            assert!(printed.status == 200 && printed.bytes.starts_with(b"%PDF"), "{path}: {}", printed.status);
            let stranger = other.call("GET", &path, Value::Null).await;
            assert!(matches!(stranger.status, 403 | 404), "{path}: {}", stranger.status);
        }
        let standard = teacher.call("GET", "/standard.pdf?year=2023", Value::Null).await;
        assert!(standard.status == 200 && standard.bytes.starts_with(b"%PDF"), "{}", standard.status);
        let manual = world.anyone.call("GET", "/manual.pdf", Value::Null).await;
        assert!(manual.status == 200 && manual.bytes.starts_with(b"%PDF"), "{}", manual.status);
        let own = teacher.call("GET", "/me/form.pdf?year=2023", Value::Null).await;
        assert!(own.bytes.starts_with(b"%PDF"));
        let page = teacher.call("GET", &format!("/claims/{claim}/papers"), Value::Null).await;
        assert!(String::from_utf8(page.bytes).unwrap().contains("还没有扫描件"));
        let papers = format!("/claims/{claim}/papers");
        assert_eq!(other.call("GET", &papers, Value::Null).await.status, 404);
        let scan = || Sent { fields: vec![], files: vec![("file", "盖章扫描件.pdf", "application/pdf", pdf(2))] };
        assert_eq!(send_form(&world, &other, ("/me", &papers), scan()).await.status, 404);
        assert_eq!(send_form(&world, &admin, (&papers, &papers), scan()).await.status, 303);
        let page = String::from_utf8(admin.call("GET", &papers, Value::Null).await.bytes).unwrap();
        assert!(page.contains("盖章扫描件.pdf") && !page.contains("还没有扫描件"), "{page}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inspection_package_is_whole_masked_and_its_purpose_recorded() {
    on_both(|world| async move {
        let (admin, people) = world.college(2).await;
        let boss = boss(&world).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let file = upload(&teacher, ("a.pdf", "application/pdf"), &pdf(1)).await.json["id"].clone();
        let paper = json!({"year": 2023, "item": "paper.core", "title": "论文", "on": "2023-06-01", "files": [file], "submit": true});
        let claim = crate::holdings::make(&teacher, "/api/v1/claims", paper).await;
        admin.call("POST", &format!("/api/v1/claims/{claim}/decision"), json!({"decision": "approve", "comment": "属实"})).await;
        admin.call("POST", "/api/v1/batch-claims", training()).await;
        checkpoint::make(&world.site).await.unwrap().unwrap();
        let ids: Vec<&str> = people.iter().map(|p| p["id"].as_str().unwrap()).collect();
        let body = |purpose: &str, clear: bool| json!({"people": ids, "years": [2023], "purpose": purpose, "clear": clear});
        assert_eq!(admin.call("POST", "/api/v1/inspections", body("巡视调阅", false)).await.status, 403);
        let bare = boss.call("POST", "/api/v1/inspections", body("", false)).await;
        assert_eq!(bare.field_code("purpose"), "inspection_purpose");
        let made = boss.call("POST", "/api/v1/inspections", body("2026 年巡视调阅", false)).await;
        assert_eq!(made.status, 200, "{:?}", made.json);
        let files = unzipped(&made.bytes);
        let manifest: Value = serde_json::from_slice(&files["MANIFEST.json"]).unwrap();
        for (name, digest) in manifest["files"].as_object().unwrap() {
            assert_eq!(secrets::sha256_hex(&files[name]), digest.as_str().unwrap(), "{name}");
        }
        let proofs: Vec<&String> = files.keys().filter(|n| n.contains("/proofs/")).collect();
        assert_eq!(proofs.len(), 3, "two of the first, one of the second");
        for name in proofs {
            checkpoint::check_proof(std::str::from_utf8(&files[name]).unwrap(), None).unwrap();
        }
        let all: String = files.values().map(|b| String::from_utf8_lossy(b).into_owned()).collect();
        assert!(!all.contains("教师001") && all.contains("教****"), "names are masked");
        assert!(!files.keys().any(|n| n.contains("/evidence/")));
        let clear = boss.call("POST", "/api/v1/inspections", body("2026 年巡视调阅", true)).await;
        let clear = unzipped(&clear.bytes);
        assert!(clear.keys().any(|n| n.contains("/evidence/")), "asked for in clear, the evidence is in it");
        let sample = json!({"sample": {"unit": "43010001", "size": 1, "seed": "2026-11"}, "years": [2023], "purpose": "抽样检查"});
        let drawn = |bytes: &[u8]| -> Value { serde_json::from_slice::<Value>(&unzipped(bytes)["index.json"]).unwrap()["items"].clone() };
        let one = boss.call("POST", "/api/v1/inspections", sample.clone()).await;
        let two = boss.call("POST", "/api/v1/inspections", sample).await;
        assert_eq!(drawn(&one.bytes)[0]["person"], drawn(&two.bytes)[0]["person"], "the same seed draws the same people");
        let trail = "SELECT COUNT(*) FROM audit_entries WHERE action = 'inspection.package'";
        assert_eq!(db::count(&world.site.db, trail, vec![]).await.unwrap(), 4);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_verifier_of_an_inspection_package_passes_it_and_finds_what_was_changed() {
    on_both(|world| async move {
        let (admin, people) = world.college(2).await;
        let boss = boss(&world).await;
        admin.call("POST", "/api/v1/batch-claims", training()).await;
        checkpoint::make(&world.site).await.unwrap().unwrap();
        let ids: Vec<&str> = people.iter().map(|p| p["id"].as_str().unwrap()).collect();
        let body = json!({"people": ids, "years": [2023], "purpose": "2026 年巡视调阅"});
        let made = boss.call("POST", "/api/v1/inspections", body).await;
        assert_eq!(made.status, 200, "{:?}", made.json);
        let whole = unzipped(&made.bytes);
        let (passed, says) = verified(&whole);
        assert!(passed && says.contains("2 proofs") && says.contains(": whole"), "{says}");
        let ledger = whole.keys().find(|n| n.ends_with("/ledger.json")).unwrap().clone();
        let proof = whole.keys().find(|n| n.contains("/proofs/")).unwrap().clone();
        let (passed, says) = verified(&changed(&whole, &ledger, false));
        assert!(!passed && says.contains(&format!("{ledger}: changed")), "{says}");
        let (passed, says) = verified(&changed(&whole, &ledger, true));
        assert!(!passed && says.contains("was changed"), "with its hash put right in the manifest: {says}");
        let (passed, says) = verified(&changed(&whole, &proof, true));
        assert!(!passed && says.contains("an entry was changed"), "{says}");
        let mut short = whole.clone();
        short.remove(&proof);
        let (passed, says) = verified(&short);
        assert!(!passed && says.contains(&format!("{proof}: missing")), "{says}");
        let (passed, says) = verified(&without(&whole, &proof));
        assert!(
            !passed && says.contains("the signature does not hold"),
            "an entry left out with its proof: {says}"
        );
        let mut more = whole;
        more.insert("people/001/2023/evidence/late.pdf".to_owned(), pdf(1));
        let (passed, says) = verified(&more);
        assert!(!passed && says.contains("not in the manifest"), "{says}");
    })
    .await;
}

/// The package with the hours of its entries changed in one file; its hash in the manifest too, if wished.
fn changed(whole: &Package, name: &str, is_put_right: bool) -> Package {
    let mut files = whole.clone();
    let text = String::from_utf8(files[name].clone()).unwrap();
    let more = text.replace("\"hours\": 2400", "\"hours\": 9900");
    assert_ne!(more, text, "{text}");
    files.insert(name.to_owned(), more.into_bytes());
    if is_put_right {
        let mut manifest: Value = serde_json::from_slice(&files["MANIFEST.json"]).unwrap();
        manifest["files"][name] = json!(secrets::sha256_hex(&files[name]));
        files.insert("MANIFEST.json".to_owned(), serde_json::to_vec(&manifest).unwrap());
    }
    files
}

/// The package without an entry, its proof, and its line of the manifest, as a careful hand would leave it out.
fn without(whole: &Package, proof: &str) -> Package {
    let mut files = whole.clone();
    files.remove(proof);
    let (folder, id) = proof.split_once("/proofs/").unwrap();
    let ledger = format!("{folder}/ledger.json");
    let mut entries: Value = serde_json::from_slice(&files[&ledger]).unwrap();
    entries["items"].as_array_mut().unwrap().retain(|e| format!("{}.json", e["id"].as_str().unwrap()) != id);
    files.insert(ledger.clone(), serde_json::to_vec(&entries).unwrap());
    let mut manifest: Value = serde_json::from_slice(&files["MANIFEST.json"]).unwrap();
    manifest["files"][&ledger] = json!(secrets::sha256_hex(&files[&ledger]));
    manifest["files"].as_object_mut().unwrap().remove(proof);
    files.insert("MANIFEST.json".to_owned(), serde_json::to_vec(&manifest).unwrap());
    files
}

/// Unpacks a package and runs its own verifier there, as an inspector would.
pub fn verified(files: &Package) -> (bool, String) {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    let ran = std::process::Command::new("python3").arg(folder.path().join("verify.py")).output().unwrap();
    let says = [ran.stdout, ran.stderr].concat();
    (ran.status.success(), String::from_utf8(says).unwrap())
}

/// Its files by their names.
pub type Package = std::collections::BTreeMap<String, Vec<u8>>;

pub fn unzipped(bytes: &[u8]) -> Package {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut files = std::collections::BTreeMap::new();
    for n in 0..archive.len() {
        let mut file = archive.by_index(n).unwrap();
        let name = file.name().unwrap().into_owned();
        let mut content = vec![];
        file.read_to_end(&mut content).unwrap();
        files.insert(name, content);
    }
    files
}

#[tokio::test(flavor = "multi_thread")]
async fn medical_evidence_lies_apart_is_removed_sooner_and_the_chains_still_verify() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let medical = upload(&teacher, ("m.pdf", "application/pdf"), &pdf(1)).await.json["id"].clone();
        let paper = upload(&teacher, ("p.pdf", "application/pdf"), &pdf(2)).await.json["id"].clone();
        let asked = json!({"year": 2023, "kind": "disability", "reason": "残疾证", "files": [medical]});
        crate::holdings::make(&teacher, "/api/v1/exemptions", asked).await;
        let claimed = json!({"year": 2023, "item": "paper.core", "title": "论文", "on": "2023-06-01", "files": [paper], "submit": true});
        let claim = crate::holdings::make(&teacher, "/api/v1/claims", claimed).await;
        admin.call("POST", &format!("/api/v1/claims/{claim}/decision"), json!({"decision": "approve", "comment": "属实"})).await;
        let shelves = |apart: bool| {
            let hash = secrets::sha256_hex(&pdf(1));
            let files = world.folder().join("files");
            let shelf = if apart { files.join("medical") } else { files };
            shelf.join(&hash[..2]).join(&hash[2..]).exists()
        };
        files::schedule(&world.site).await.unwrap();
        world.settle().await;
        assert!(shelves(true) && !shelves(false), "medical evidence lies apart");
        let path = format!("/api/v1/files/{}", medical.as_str().unwrap());
        assert_eq!(admin.call("GET", &path, Value::Null).await.status, 200, "and is still read by the case's reviewers");
        world.clock.advance(3 * 366 * 24 * 3600);
        files::schedule(&world.site).await.unwrap();
        world.settle().await;
        assert!(!shelves(true), "after three years its bytes are gone");
        let again = world.anyone.with_token(world.sign_in("yuanzhang", PASSWORD).await["token"].as_str().unwrap());
        let gone = again.call("GET", &path, Value::Null).await;
        assert_eq!((gone.status, gone.code()), (410, "file_removed"));
        let paper = format!("/api/v1/files/{}", paper.as_str().unwrap());
        assert_eq!(again.call("GET", &paper, Value::Null).await.status, 200, "a claim's evidence is kept for ten years");
        assert_eq!(hours::verify(&world.site).await.unwrap(), Ok(1));
        assert!(audit::verify(&world.site).await.unwrap().is_ok());
        let page = world.anyone.call("GET", "/retention", Value::Null).await;
        assert!(String::from_utf8(page.bytes).unwrap().contains("医疗材料"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_enters_service_or_changes_category_owes_forty_hours_within_a_year() {
    on_both(|world| async move {
        let (admin, people) = world.college(2).await;
        let new = format!("姓名,身份证号,岗位类别,岗位等级,部门,入职日期,手机号,状态\n教师003,{},专业技术,专业技术十级,教务处,2026-03-01,,在岗\n", id_number(3));
        assert_eq!(world.import(&admin, &new).await.status, 200);
        let moved = people[0]["id"].as_str().unwrap();
        let change = json!({"category": "management", "level": "management_7", "from": "2026-05-01"});
        let changed = admin.call("PATCH", &format!("/api/v1/people/{moved}"), change).await;
        assert_eq!(changed.status, 200, "{:?}", changed.json);
        let list = admin.call("GET", "/api/v1/inductions?year=2026", Value::Null).await.json;
        let items = list["items"].as_array().unwrap();
        assert_eq!(items.len(), 2, "{list}");
        assert_eq!((&items[0]["kind"], &items[0]["due"]), (&json!("entry"), &json!("2027-03-01")));
        assert_eq!((&items[1]["kind"], &items[1]["person"], &items[1]["satisfied"]), (&json!("transfer"), &json!(moved), &json!(false)));
        let body = |hours: &str| json!({"kind": "transfer", "title": "转岗培训班", "from": "2026-06-01", "to": "2026-06-05", "hours": hours, "document": "院人〔2026〕8号"});
        let path = format!("/api/v1/people/{moved}/inductions");
        assert_eq!(admin.call("POST", &path, body("61")).await.field_code("hours"), "induction_hours");
        assert_eq!(admin.call("POST", &path, body("40")).await.status, 204);
        let list = admin.call("GET", "/api/v1/inductions?year=2026", Value::Null).await.json;
        assert_eq!(list["items"][1]["satisfied"], true);
        asked_by_hr(&world, (items[0]["person"].as_str().unwrap(), moved)).await;
        let page = String::from_utf8(admin.call("GET", "/inductions?year=2026", Value::Null).await.bytes).unwrap();
        assert!(page.contains("40 / 40 学时"), "{page}");
    })
    .await;
}

/// HR's gate tells the induction that belongs to the business, and of no other.
async fn asked_by_hr(world: &World, (entered, moved): (&str, &str)) {
    let hr = world.ready("renshi", Role::Hr, "43010001").await;
    let check = |person: &str, business: &str| {
        let path = format!("/api/v1/hr/checks?person={person}&year=2026&business={business}");
        let hr = hr.clone();
        async move { hr.call("GET", &path, Value::Null).await.json }
    };
    let regular = check(entered, "regularization").await;
    let owed = json!({"kind": "entry", "since": "2026-03-01", "due": "2027-03-01", "required": "40", "hours": "0", "satisfied": false});
    assert_eq!(regular["induction"], owed, "{regular}");
    let says = regular["reason"].as_str().unwrap();
    assert!(says.contains("岗前培训已登记 0 学时，还差 40 学时，须在 2027-03-01 前完成"), "{says}");
    let transfer = check(moved, "transfer").await;
    assert_eq!(transfer["induction"]["kind"], "transfer");
    assert_eq!(transfer["induction"]["satisfied"], true);
    assert!(transfer["reason"].as_str().unwrap().contains("转岗培训已完成，登记 40 学时"), "{transfer}");
    assert_eq!(check(entered, "transfer").await["induction"], Value::Null);
    assert_eq!(check(entered, "award").await["induction"], Value::Null);
}

/// What contradicts the record is told with its row; only what says the same is known.
async fn other_figures_are_a_conflict(admin: &Client, path: &str, list: &str) {
    let again = send(admin, path, list).await;
    assert_eq!((again.status, &again.json["created"], &again.json["known"]), (200, &json!(0), &json!(1)));
    let figures = list.replace(",30,60,90,", ",30,70,100,");
    let elsewhere = path.replacen("%E8%B4%A62021", "%E8%B4%A62020", 1);
    let number = list.replace("湘培2021-0001", "湘培2021-0002");
    for (path, list, column, code) in [
        (path, figures.as_str(), "professional", "legacy_conflict"),
        (path, number.as_str(), "certificate", "legacy_conflict"),
        (elsewhere.as_str(), list, "document", "legacy_document"),
    ] {
        let refused = send(admin, path, list).await;
        assert_eq!(
            (refused.status, &refused.json["created"], &refused.json["known"]),
            (422, &json!(0), &json!(0))
        );
        let error = &refused.json["errors"][0];
        assert_eq!(
            (&error["row"], &error["column"], &error["code"]),
            (&json!(2), &json!(column), &json!(code))
        );
        let says = error["message"].as_str().unwrap();
        assert!(says.contains("专业 60") && says.contains("台账2021"), "{says}");
        let dry = send(admin, &format!("{path}&dry_run=true"), list).await;
        assert_eq!((dry.status, &dry.json["errors"][0]["code"]), (200, &json!(code)));
    }
}

/// The scan of the source document is there for who keeps the records, for good, and not for each one on the list.
async fn source_is_kept(world: &World, (admin, teacher): (&Client, &Client), (scan, own): (&str, &Value)) {
    assert_eq!((&own["scan"], own["scan_sha256"].as_str().map(str::len)), (&Value::Null, Some(64)));
    let path = format!("/api/v1/files/{scan}");
    assert_eq!(teacher.call("GET", &path, Value::Null).await.status, 404, "it speaks of others too");
    let hr = world.ready("renshi", Role::Hr, "43010001").await;
    let person =
        db::one::<Person>(&world.site.db, "SELECT person_id FROM legacy_years", vec![]).await.unwrap();
    let rows = hr.call("GET", &format!("/api/v1/people/{}/legacy", person.person_id), Value::Null).await.json;
    assert_eq!(rows["items"][0]["scan"], scan);
    let page = hr.call("GET", &format!("/people/{}/legacy", person.person_id), Value::Null).await;
    assert!(String::from_utf8(page.bytes).unwrap().contains(&format!("/files/{scan}")));
    assert!(hr.call("GET", &path, Value::Null).await.bytes.starts_with(b"%PDF"));
    let stranger = world.ready("fremd", Role::Hr, "43020001").await;
    assert_eq!(stranger.call("GET", &path, Value::Null).await.status, 404);
    let kept = "SELECT COUNT(*) FROM file_links WHERE object_kind = 'legacy' AND is_open = 1";
    assert_eq!(db::count(&world.site.db, kept, vec![]).await.unwrap(), 1);
    assert_eq!(admin.call("GET", &path, Value::Null).await.status, 200);
}

#[derive(sea_orm::FromQueryResult)]
struct Person {
    person_id: String,
}
