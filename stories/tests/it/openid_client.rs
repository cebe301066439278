//! The certified client `openid-client` signs in here (stories/browser/programs/openid-client.mjs), and what the command
//! line gives a provider's operator.
use std::process::Stdio;

use app::enrol::{Enrolled, enrol};
use openid::Addresses;
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    process::{Child, Command},
};

use crate::world::{PASSWORD, World, on_both};

/// What the client's program says, in its order.
const HELD: [&str; 15] = [
    "discovery",
    "a declined consent is access_denied",
    "authorization code with PKCE, state, nonce, iss, max_age, at_hash and a verified signature, client_secret_basic",
    "userinfo of the same subject: name and unit, no number",
    "agreed once is not asked again, client_secret_post",
    "a code used twice is invalid_grant and its tokens end",
    "a changed state is refused by the client",
    "a changed iss is refused by the client",
    "another nonce is refused by the client",
    "another verifier is invalid_grant",
    "a wrong secret is refused with 401",
    "prompt=none without a session is login_required",
    "a new key signs when clients have had time to read it",
    "RP-initiated logout by a token of the key before, back to the registered address with state",
    "back-channel logout with a verified token of the same session",
];
const LAST: &str = "after it the tokens have ended and the next sign-in asks for the password";

#[tokio::test(flavor = "multi_thread")]
async fn the_certified_client_signs_in_verifies_everything_and_signs_out() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        world.trainee(&admin, &people[0]).await;
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let own = format!("http://127.0.0.1:{port}");
        let addresses = Addresses {
            redirect: vec![format!("{own}/cb")],
            post_logout: vec![format!("{own}/bye")],
            backchannel: Some(format!("{own}/backchannel")),
        };
        let listing = providers::Listing { title: "某培训平台".into(), ..Default::default() };
        let enrolled = enrol(&world.site, "webtrn", &addresses, &listing).await.unwrap();
        let mut program = start(&world, &enrolled, people[0]["account"].as_str().unwrap(), port);
        let held = play(&world, &mut program).await;
        let said = program.wait_with_output().await.unwrap();
        let wrong = String::from_utf8_lossy(&said.stderr);
        assert!(said.status.success(), "{wrong}\nafter {held:#?}");
        assert_eq!(held[..held.len() - 1], HELD, "{wrong}");
        assert_eq!(held.last().unwrap(), LAST);
    })
    .await;
}

fn start(world: &World, enrolled: &Enrolled, account: &str, port: u16) -> Child {
    let client = &enrolled.client;
    Command::new("node")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/browser/programs/openid-client.mjs"))
        .env("ISSUER", &client.issuer)
        .env("CLIENT_ID", &client.client_id)
        .env("CLIENT_SECRET", &client.client_secret)
        .env("ACCOUNT", account)
        .env("PASSWORD", PASSWORD)
        .env("NOW", world.site.now().as_second().to_string())
        .env("PORT", port.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("node, and npm's packages of stories/browser (`make setup`)")
}

/// Does what the program asks for and answers the rules that held.
async fn play(world: &World, program: &mut Child) -> Vec<String> {
    let mut lines = BufReader::new(program.stdout.take().unwrap()).lines();
    let mut answer = program.stdin.take().unwrap();
    let mut held = vec![];
    while let Some(line) = lines.next_line().await.unwrap() {
        if let Some(rule) = line.strip_prefix("held ") {
            held.push(rule.to_owned());
        } else {
            assert_eq!(line, "please rotate the keys and wait for 601 seconds");
            world.clock.advance(1);
            openid::rotate_keys(&world.site).await.unwrap();
            world.clock.advance(600);
            answer.write_all(b"done\n").await.unwrap();
        }
    }
    held
}

/// `xueshi admin provider` on an empty folder; its answer, or what it says on failure.
fn register(folder: &std::path::Path, name: &str, uri: &str) -> Result<Value, String> {
    let output = std::process::Command::new(crate::crash::program())
        .args(["admin", "provider", "--name", name, "--redirect-uri", uri])
        .env("XUESHI_DATA_DIR", folder)
        .env("XUESHI_PUBLIC_URL", "https://hub.example")
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match output.status.code() {
        Some(0) => {
            let line = text(&output.stdout);
            assert_eq!(line.trim_end().lines().count(), 1, "one line");
            Ok(serde_json::from_str(&line).unwrap())
        }
        code => {
            assert_eq!(code, Some(1), "the input is at fault");
            Err(text(&output.stderr))
        }
    }
}

#[test]
fn admin_provider_prints_the_issuer_the_client_and_its_secret() {
    let folder = tempfile::tempdir().unwrap();
    let printed = register(folder.path(), "webtrn", "https://webtrn.example/cb").unwrap();
    let keys = |of: &Value| of.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let mut parts = keys(&printed);
    parts.sort();
    assert_eq!(parts, ["oidc", "provider", "signing", "xapi"]);
    let mut oidc = keys(&printed["oidc"]);
    oidc.sort();
    assert_eq!(oidc, ["client_id", "client_secret", "issuer"]);
    assert_eq!(printed["oidc"]["issuer"], "https://hub.example");
    assert!(printed["oidc"]["client_secret"].as_str().unwrap().len() >= 43, "256 bits");
    let keys = std::fs::read_dir(folder.path().join("keys")).unwrap();
    let has_token_key = keys
        .map(|f| f.unwrap().file_name().into_string().unwrap())
        .any(|name| name.starts_with("token-rs256-"));
    assert!(has_token_key, "the key that signs tokens is made with the first client");
    let twice = register(folder.path(), "webtrn", "https://webtrn.example/cb").unwrap_err();
    assert!(!twice.is_empty() && !twice.contains("client_secret"));
    for wrong in ["webtrn.example/cb", "https://webtrn.example/cb#x", "javascript:alert(1)"] {
        register(folder.path(), "other", wrong).unwrap_err();
    }
    register(folder.path(), "other", "https://other.example/cb").expect("nothing of it was left behind");
}
