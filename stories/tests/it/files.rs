//! Evidence: what is taken, what is refused and why, and who reads it.
use serde_json::{Value, json};
use testkit::{Answer, Client};

use crate::world::on_both;

pub const PDF: &[u8] = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF\n";

/// Hands in evidence as a browser or a program does.
pub async fn upload(client: &Client, of: (&str, &str), bytes: &[u8]) -> Answer {
    upload_to(client, "/api/v1/files", of, bytes).await
}

/// Hands in a file of a name and a declared type.
pub async fn upload_to(client: &Client, path: &str, (name, declared): (&str, &str), bytes: &[u8]) -> Answer {
    let mark = "----story";
    let kind = if declared.is_empty() { String::new() } else { format!("Content-Type: {declared}\r\n") };
    let head = format!(
        "--{mark}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n{kind}\r\n"
    );
    let body = [head.as_bytes(), bytes, format!("\r\n--{mark}--\r\n").as_bytes()].concat();
    let content_type = format!("multipart/form-data; boundary={mark}");
    client.send("POST", path, (&content_type, body), &[]).await
}

/// A file of its own for each number.
pub fn pdf(n: usize) -> Vec<u8> {
    [b"%PDF-1.4\n% ", n.to_string().as_bytes(), b"\n%%EOF\n"].concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn item_32_only_what_is_what_it_says_is_taken_and_only_its_owner_reads_it() {
    on_both(|world| async move {
        let (admin, people) = world.college(2).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let colleague = world.trainee(&admin, &people[1]).await;
        let taken = upload(&teacher, ("论文 (1).pdf", "application/pdf"), PDF).await;
        assert_eq!(taken.status, 201, "{:?}", taken.json);
        assert_eq!(taken.json["sha256"], secrets::sha256_hex(PDF));
        let again = upload(&teacher, ("b.pdf", ""), PDF).await;
        assert_eq!(again.json["id"], taken.json["id"], "the same file of a person is one");
        let path = format!("/api/v1/files/{}", taken.json["id"].as_str().unwrap());
        let read = teacher.call("GET", &path, Value::Null).await;
        assert_eq!((read.status, read.bytes.as_slice()), (200, PDF));
        let header = |name: &str| read.headers[name].to_str().unwrap().to_owned();
        assert!(
            header("content-disposition")
                .starts_with("attachment; filename=\"evidence.pdf\"; filename*=UTF-8''%E8")
        );
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert!(header("content-security-policy").contains("sandbox"));
        for stranger in [&colleague, &admin] {
            assert_eq!(stranger.call("GET", &path, Value::Null).await.status, 404);
        }
        assert_eq!(world.anyone.call("GET", &path, Value::Null).await.status, 401);
        let html = b"<!doctype html><script>alert(1)</script>";
        let cases: [(&str, &str, &[u8], &str); 6] = [
            ("a.html", "text/html", html, "file_kind"),
            ("a.pdf", "application/pdf", html, "file_kind"),
            ("a.svg", "image/svg+xml", b"<svg onload='x()'/>", "file_kind"),
            ("a.png", "image/png", PDF, "file_disagrees"),
            ("a.heic", "image/heic", b"\0\0\0\x18ftypheic\0\0", "file_heic"),
            ("a.pdf", "application/pdf", b"%PDF-1.4\n/S /JavaScript\n%%EOF", "file_active"),
        ];
        for (name, declared, bytes, code) in cases {
            let refused = upload(&teacher, (name, declared), bytes).await;
            assert_eq!((refused.status, &refused.json["errors"][0]["code"]), (422, &json!(code)), "{name}");
        }
        let large = [b"%PDF-1.4\n".to_vec(), vec![b' '; 10 * 1024 * 1024], b"%%EOF".to_vec()].concat();
        let refused = upload(&teacher, ("a.pdf", "application/pdf"), &large).await;
        assert_eq!((refused.status, &refused.json["code"]), (413, &json!("too_large")));
        let just = [b"%PDF-1.4\n".to_vec(), vec![b' '; 10 * 1024 * 1024 - 14], b"%%EOF".to_vec()].concat();
        assert_eq!(upload(&teacher, ("c.pdf", "application/pdf"), &just).await.status, 201);
    })
    .await;
}

/// A scanner of ClamAV's kind: what holds `EICAR` is infected; while it sleeps it answers nothing.
async fn scanner(is_asleep: std::sync::Arc<std::sync::atomic::AtomicBool>) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("tcp:{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            if is_asleep.load(std::sync::atomic::Ordering::SeqCst) {
                continue;
            }
            let mut read = vec![0; 10];
            stream.read_exact(&mut read).await.unwrap();
            while let length @ 1.. = stream.read_u32().await.unwrap() {
                let mut chunk = vec![0; usize::try_from(length).unwrap()];
                stream.read_exact(&mut chunk).await.unwrap();
                read.extend(chunk);
            }
            let is_infected = read.windows(5).any(|w| w == b"EICAR");
            let answer: &[u8] = if is_infected { b"stream: Eicar FOUND\0" } else { b"stream: OK\0" };
            stream.write_all(answer).await.unwrap();
        }
    });
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn item_40_what_the_scanner_finds_is_refused_and_what_it_has_not_seen_is_its_owners_alone() {
    use std::sync::{Arc, atomic::AtomicBool, atomic::Ordering};
    for database in testkit::databases().await {
        let asleep = Arc::new(AtomicBool::new(false));
        let address = scanner(Arc::clone(&asleep)).await;
        let world = crate::world::World::with(database, |c| c.files.scanner = address).await;
        let (admin, people) = world.college(1).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let infected = [PDF, b"% EICAR\n%%EOF\n"].concat();
        let refused = upload(&teacher, ("a.pdf", "application/pdf"), &infected).await;
        assert_eq!((refused.status, &refused.json["errors"][0]["code"]), (422, &json!("file_infected")));
        assert_eq!(upload(&teacher, ("b.pdf", "application/pdf"), &pdf(1)).await.status, 201);
        asleep.store(true, Ordering::SeqCst);
        let waiting = upload(&teacher, ("c.pdf", "application/pdf"), &pdf(2)).await.json["id"].clone();
        let claim = json!({"year": 2023, "item": "paper.core", "title": "论文", "on": "2023-06-01", "rank": 1,
            "files": [waiting], "submit": true});
        assert_eq!(teacher.call("POST", "/api/v1/claims", claim).await.status, 201);
        let path = format!("/api/v1/files/{}", waiting.as_str().unwrap());
        assert_eq!(teacher.call("GET", &path, Value::Null).await.status, 200, "its owner's");
        let early = admin.call("GET", &path, Value::Null).await;
        assert_eq!((early.status, early.code()), (409, "file_not_scanned"));
        asleep.store(false, Ordering::SeqCst);
        world.clock.advance(3600);
        let scanned = "SELECT COUNT(*) FROM files WHERE scan = 'clean'";
        while db::count(&world.site.db, scanned, vec![]).await.unwrap() < 2 {
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        }
        let admin = world
            .anyone
            .with_token(world.sign_in("yuanzhang", crate::world::PASSWORD).await["token"].as_str().unwrap());
        assert_eq!(admin.call("GET", &path, Value::Null).await.status, 200);
    }
}
