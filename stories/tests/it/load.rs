//! The load generators against a real program: everything answers, nothing acknowledged is missing, and afterwards the
//! crowd is shut out.
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use testkit::Client;

use crate::crash::program;

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn command(folder: &std::path::Path, address: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program());
    command.args(arguments).env("XUESHI_DATA_DIR", folder).env("XUESHI_LISTEN", address);
    command.env("XUESHI_SIGN_IN__CAPTCHA", "off").stderr(Stdio::null());
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn crowds_are_served_and_lose_nothing() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let folder = tempfile::tempdir().unwrap();
    let _server = Running(command(folder.path(), &free, &["serve"]).stdout(Stdio::null()).spawn().unwrap());
    let url = format!("http://{free}");
    let mut is_up = false;
    for _ in 0..600 {
        is_up = std::net::TcpStream::connect(&free).is_ok();
        if is_up {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert!(is_up);
    for kind in ["pages", "year-end"] {
        let arguments = ["load", kind, "--url", &url, "--clients", "22", "--seconds", "2"];
        let output = command(folder.path(), &free, &arguments).output().unwrap();
        assert!(output.status.success(), "{kind}");
        let said: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!((&said["errors"], &said["lost"]), (&json!(0), &json!(0)), "{kind}: {said}");
        assert!(said["calls"].as_u64().unwrap() >= 22, "{kind}: {said}");
        assert!(said["p50"].as_f64() <= said["p99"].as_f64());
    }
    let verified = command(folder.path(), &free, &["audit", "verify"]).output().unwrap();
    assert!(verified.status.success());
    let anyone = Client::new(&url);
    let body = json!({"account": "xs000000000000", "password": "Aa2-Aa2-Aa2-Aa2-"});
    assert_eq!(anyone.call("POST", "/api/v1/sessions", body).await.status, 401);
    // Beyond this machine nothing is driven, and never a production installation.
    let arguments =
        |address: &'static str| ["load", "pages", "--url", address, "--clients", "1", "--seconds", "1"];
    let refusal = |mode: &str, address| {
        let mut command = command(folder.path(), &free, &arguments(address));
        let output = command.env("XUESHI_MODE", mode).stderr(Stdio::piped()).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{address}");
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(refusal("development", "http://example.org").contains("not on this machine"));
    let said = refusal("production", "http://127.0.0.1:1");
    assert!(said.contains("production"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_embedded_database_is_read_in_place() {
    crate::world::on_both(|world| async move {
        if world.site.db.is_sqlite() {
            let mapped = db::count(&world.site.db, "PRAGMA mmap_size", vec![]).await.unwrap();
            assert_eq!(mapped, 64 << 30, "bytes that a reader sees without a copy");
        }
    })
    .await;
}
