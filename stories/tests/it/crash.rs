//! The program killed at random moments of a burst of bookings: after a restart nothing is credited twice and the chains
//! are whole. A real child process on its own SQLite file; the client repeats what it got no answer for.
use std::{
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
    time::Duration,
};

use base::Random;
use serde_json::{Value, json};
use testkit::Client;

use crate::world::{PASSWORD, roster};

const PEOPLE: usize = 12;
const TRAININGS: usize = 24;
const KILLS: usize = 6;

/// The program that the build put beside this test.
pub fn program() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let beside = test.parent().and_then(|deps| deps.parent()).unwrap().join("xueshi");
    assert!(beside.exists(), "{} is missing: cargo build --bins", beside.display());
    beside
}

/// A running program; it is killed with its story.
struct Running(Child);

impl Running {
    fn kill(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}

struct Installation {
    folder: tempfile::TempDir,
    address: String,
}

impl Installation {
    fn new() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        Self { folder: tempfile::tempdir().unwrap(), address: free.to_string() }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(program());
        command
            .args(arguments)
            .env("XUESHI_DATA_DIR", self.folder.path())
            .env("XUESHI_LISTEN", &self.address)
            .env("XUESHI_SIGN_IN__CAPTCHA", "off")
            .env("XUESHI_LOG", "error")
            .stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let output = self.command(arguments).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {said}");
        output
    }

    async fn serve(&self) -> Running {
        let child = Running(self.command(&["serve"]).stdout(Stdio::null()).spawn().unwrap());
        for _ in 0..600 {
            if tokio::net::TcpStream::connect(&self.address).await.is_ok() {
                return child;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the program does not listen");
    }

    fn client(&self) -> Client {
        Client::new(&format!("http://{}", self.address))
    }

    async fn code(&self) -> String {
        for _ in 0..400 {
            let text =
                std::fs::read_to_string(self.folder.path().join("outbox/sms.jsonl")).unwrap_or_default();
            let last = text.lines().filter_map(|l| serde_json::from_str::<Value>(l).ok()).next_back();
            if let Some(code) = last.as_ref().and_then(|m| m["code"].as_str()) {
                return code.to_owned();
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("no code was sent");
    }

    /// The administrator after the first steps, with people in the unit; the token outlives a restart.
    async fn administrator(&self) -> Client {
        let arguments = [
            "admin",
            "create",
            "--account",
            "guanli",
            "--name",
            "管理",
            "--role",
            "unit_admin",
            "--unit",
            "43010001",
        ];
        let secret = String::from_utf8(self.run(&arguments).stdout).unwrap();
        let mut child = self.serve().await;
        let anyone = self.client();
        let body = json!({"account": "guanli", "password": secret.trim()});
        let opened = anyone.call("POST", "/api/v1/sessions", body).await.json;
        let admin = anyone.with_token(opened["token"].as_str().unwrap());
        admin.call("PUT", "/api/v1/me/password", json!({"new_password": PASSWORD})).await;
        let phone = json!({"purpose": "bind_phone", "phone": "13812345678"});
        assert_eq!(admin.call("POST", "/api/v1/sms-codes", phone).await.status, 202);
        let bind = json!({"phone": "13812345678", "code": self.code().await});
        assert_eq!(admin.call("PUT", "/api/v1/me/phone", bind).await.status, 204);
        let csv = ("text/csv; charset=utf-8", roster(1..=PEOPLE).into_bytes());
        let imported = admin.send("POST", "/api/v1/roster/imports?unit=43010001", csv, &[]).await;
        assert_eq!(imported.json["created"], PEOPLE, "{:?}", imported.json);
        child.kill();
        admin
    }
}

/// A training of this year, which is open for bookings whatever day the test runs on.
fn training(n: usize) -> Value {
    let year = base::Year::at(base::Clock::now(&base::SystemClock));
    json!({"title": format!("培训{n}"), "from": format!("{year}-01-{:02}", n + 1), "to": format!("{year}-01-{:02}", n + 1),
        "days": "1", "subject": "professional", "people": "unit"})
}

/// Books all trainings at once; a booking without an answer is an error.
async fn burst(admin: &Client) -> Vec<Result<Value, ()>> {
    let booked = (0..TRAININGS).map(|n| {
        let admin = admin.clone();
        tokio::spawn(async move { admin.call("POST", "/api/v1/batch-claims", training(n)).await })
    });
    let mut answers = vec![];
    for one in booked.collect::<Vec<_>>() {
        answers
            .push(one.await.map_err(|_| ()).and_then(|a| if a.status == 200 { Ok(a.json) } else { Err(()) }));
    }
    answers
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_random_moments_it_credits_nothing_twice_and_loses_nothing_it_answered() {
    let installation = Installation::new();
    let admin = installation.administrator().await;
    for _ in 0..KILLS {
        let mut child = installation.serve().await;
        let client = admin.clone();
        let booking = tokio::spawn(async move { burst(&client).await });
        let wait = u64::from(base::random::bytes::<1>(&base::SystemRandom as &dyn Random)[0]) * 3;
        tokio::time::sleep(Duration::from_millis(wait)).await;
        child.kill();
        booking.await.unwrap();
        installation.run(&["audit", "verify"]);
    }
    let mut child = installation.serve().await;
    for answer in burst(&admin).await {
        let rows = answer.expect("booked at last")["items"].as_array().unwrap().clone();
        assert_eq!(rows.len(), PEOPLE);
        assert!(rows.iter().all(|r| r["credited"] == "8"), "{rows:?}");
    }
    child.kill();
    let whole = String::from_utf8(installation.run(&["audit", "verify"]).stdout).unwrap();
    let entries = format!("whole: {} hour entries", PEOPLE * TRAININGS);
    assert!(whole.starts_with(&entries), "{whole}");
}
