//! The check without network, end to end: the code of a printed page is scanned, and the page that was downloaded says
//! what it comes to, its ledger proof included.
use std::{io::Write, process::Stdio};

use hours::checkpoint;
use serde_json::{Value, json};

use crate::{
    certificate_states::certified,
    world::{World, on_both},
};

/// The text of the QR code at the foot of a certificate, read from the page as printed with 300 dots an inch.
pub fn scanned(pdf: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.pdf"), pdf).unwrap();
    let mut poppler = std::process::Command::new("pdftoppm");
    // The lower left of the sheet, where the code stands.
    let part = ["-x", "250", "-y", "1500", "-W", "750", "-H", "900"];
    let output = poppler
        .args(["-r", "300", "-gray", "-f", "1", "-l", "1", "-singlefile"])
        .args(part)
        .arg("a.pdf")
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let (width, height, pixels) = gray(&output.stdout);
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| pixels[y * width + x]);
    let codes = image.detect_grids();
    assert_eq!(codes.len(), 1, "one code");
    codes[0].decode().unwrap().1
}

/// Width, height and pixels of a binary PGM.
fn gray(file: &[u8]) -> (usize, usize, &[u8]) {
    let mut rest = file;
    let mut word = || {
        let end = rest.iter().position(u8::is_ascii_whitespace).unwrap();
        let (word, after) = rest.split_at(end);
        rest = &after[1..];
        std::str::from_utf8(word).unwrap()
    };
    assert_eq!(word(), "P5");
    let (width, height, most) = (word().parse().unwrap(), word().parse().unwrap(), word());
    assert_eq!(most, "255");
    (width, height, rest)
}

/// What a downloaded page shows for these texts.
pub fn shown(page: &str, texts: &[&str]) -> Vec<Value> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("offline.html");
    std::fs::write(&file, page).unwrap();
    let mut node = std::process::Command::new("node")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/browser/programs/offline-page.mjs"))
        .arg(&file)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    node.stdin.take().unwrap().write_all(texts.join("\n").as_bytes()).unwrap();
    let output = node.wait_with_output().unwrap();
    assert!(output.status.success());
    let lines = String::from_utf8(output.stdout).unwrap();
    lines.lines().map(|l| serde_json::from_str(l).unwrap()).collect()
}

pub async fn downloaded(world: &World) -> String {
    let page = world.anyone.call("GET", "/verify/offline.html", Value::Null).await;
    String::from_utf8(page.bytes).unwrap()
}

pub fn ledger(shown: &Value) -> &str {
    shown["rows"]["账本证明"].as_str().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scanned_code_proves_without_network_that_a_published_checkpoint_holds_the_certificate() {
    on_both(|world| async move {
        let (_, person, teacher, no) = certified(&world).await;
        let stated = json!({"year": 2023, "kind": "statement"});
        assert_eq!(teacher.call("POST", "/api/v1/certificates", stated).await.status, 201);
        let document = format!("/api/v1/certificates/{no}.pdf");
        let early = teacher.call("GET", &document, Value::Null).await.bytes;
        let before = downloaded(&world).await;
        assert!(before.contains("尚无检查点"));
        let made = checkpoint::make(&world.site).await.unwrap().unwrap();
        assert_eq!(made.content.documents, 2, "certificate and statement");
        let late = teacher.call("GET", &document, Value::Null).await.bytes;
        assert!(late.len() < 120_000, "{} bytes", late.len());
        let again = teacher.call("GET", &document, Value::Null).await.bytes;
        assert!(late == again && late != early);
        let (early, late) = (scanned(&early), scanned(&late));
        let page = downloaded(&world).await;
        assert!(page.contains("2026-11-23 的第 1 号检查点"));
        let mut forged = late.clone();
        let last = if forged.pop() == Some('1') { '2' } else { '1' };
        forged.push(last);
        let said = shown(&page, &[&late, &early, &forged]);
        assert_eq!((&said[0]["state"], &said[0]["rows"]["姓名"]), (&json!("valid"), &person["name"]));
        assert_eq!(ledger(&said[0]), "已核对：列入 2026-11-23 公布的第 1 号检查点");
        assert_eq!(said[1]["state"], "valid");
        assert!(ledger(&said[1]).starts_with("未携带"), "printed before the checkpoint: {}", said[1]);
        assert_eq!(said[2]["state"], "altered", "a changed proof: {}", said[2]);
        let older = shown(&before, &[&late]);
        assert!(ledger(&older[0]).contains("比本页新"), "{}", older[0]);
        let root = secrets::base64url(&secrets::from_hex(&made.content.documents_root).unwrap());
        let foreign = page.replace(&root, &secrets::base64url(&[7; 32]));
        assert_ne!(foreign, page);
        assert_eq!(shown(&foreign, &[&late])[0]["heading"], "账本证明不符：已公布的检查点里没有这份证书");
        let mine = teacher.call("GET", "/certificates", Value::Null).await;
        assert!(String::from_utf8_lossy(&mine.bytes).contains("2026-11-23 第 1 号检查点"));
        assert!(hours::verify(&world.site).await.unwrap().is_ok());
    })
    .await;
}
