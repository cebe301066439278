//! An hour from heartbeat to ledger: two programs, real HTTP between them, a clock that the test moves.
use app::{
    compose::{self, Nature},
    config::{Config, HubLink, SignIn, Switch},
    serve,
};
use base::SystemRandom;
use serde_json::{Value, json};
use testkit::{Answer, Client};
use tokio::{net::TcpListener, sync::watch};

use crate::world::{World, on_both};

/// A course of one lecture of eight minutes.
const SECONDS: i64 = 480;

struct Platform {
    url: String,
    site: site::Site,
    _folder: tempfile::TempDir,
    stop: watch::Sender<bool>,
}

impl Drop for Platform {
    fn drop(&mut self) {
        let _ = self.stop.send(true);
    }
}

async fn platform(world: &World) -> Platform {
    let folder = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let uris = [format!("{url}/enter")];
    let listing = providers::Listing::default();
    let registered = providers::register(&world.site, "webtrn", &uris, &listing).await.unwrap();
    let config = Config {
        public_url: url.clone(),
        database_url: format!("sqlite:{}/p.db", folder.path().display()),
        data_dir: folder.path().to_owned(),
        sign_in: SignIn { captcha: Switch::Off },
        hub: HubLink { url: world.url.clone(), key_id: registered.key_id, secret: registered.secret },
        ..Config::default()
    };
    let nature = Nature { clock: world.clock.clone(), random: std::sync::Arc::new(SystemRandom) };
    let site = compose::provider_site(&config, &nature, "webtrn").await.unwrap();
    let course = "INSERT INTO courses (id, place, title, subject, topic, teacher, price, free, published_at) \
                  VALUES ('fire', 1, '消防', 'public', '消防安全', '某', 0, TRUE, 0)";
    let lecture = format!(
        "INSERT INTO lectures (id, course_id, place, title, seconds) VALUES ('fire-1', 'fire', 1, '一', {SECONDS})"
    );
    db::execute(&site.db, course, vec![]).await.unwrap();
    db::execute(&site.db, &lecture, vec![]).await.unwrap();
    let (stop, stopped) = watch::channel(false);
    tokio::spawn(serve::serve(compose::provider_program(site.clone(), &config), listener, stopped));
    Platform { url, site, _folder: folder, stop }
}

/// A browser at the platform: its cookie, and the headers that a browser sends from the platform's own pages.
struct Browser {
    client: Client,
    cookie: String,
}

impl Browser {
    async fn call(&self, method: &str, path: &str, body: Value) -> Answer {
        let headers = [("cookie", self.cookie.as_str()), ("sec-fetch-site", "same-origin")];
        let bytes = if body.is_null() { vec![] } else { body.to_string().into_bytes() };
        self.client.send(method, path, ("application/json", bytes), &headers).await
    }
}

async fn enter(teacher: &Client, platform: &Platform) -> Browser {
    let launched = teacher.call("POST", "/api/v1/providers/webtrn/launch", json!({})).await;
    let client = Client::new(&platform.url);
    let entered = client.call("GET", launched.json["url"].as_str().unwrap(), Value::Null).await;
    assert_eq!(entered.status, 303, "{}", String::from_utf8_lossy(&entered.bytes));
    let cookie = entered.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    Browser { client, cookie }
}

/// Plays from where the session stands, a beat every 15 s, for so many seconds.
async fn play(world: &World, browser: &Browser, session: &Value, from: i64, seconds: i64) -> f64 {
    let path = format!("/api/v1/learning-sessions/{}/progress", session["id"].as_str().unwrap());
    let first = session["next_seq"].as_i64().unwrap();
    let mut credited = 0.0;
    for n in 0..seconds / 15 {
        world.clock.advance(15);
        let beat =
            json!({"seq": first + n, "position": from + (n + 1) * 15, "playing": true, "visible": true});
        let answer = browser.call("POST", &path, beat.clone()).await;
        assert_eq!(answer.status, 200, "{:?}", answer.json);
        let again = browser.call("POST", &path, beat).await;
        assert_eq!(again.json, answer.json, "an equal number is answered as before");
        credited += answer.json["credited"].as_f64().unwrap();
    }
    credited
}

#[tokio::test(flavor = "multi_thread")]
async fn a_course_that_is_watched_becomes_hours_of_this_year_and_counts_once() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let platform = platform(&world).await;
        let browser = enter(&teacher, &platform).await;
        world.settle().await;
        assert_eq!(browser.call("POST", "/api/v1/enrollments", json!({"course": "fire"})).await.status, 201);
        let opened = browser.call("POST", "/api/v1/learning-sessions", json!({"lecture": "fire-1"})).await;
        assert_eq!((opened.status, opened.json["resume_at"].as_f64()), (201, Some(0.0)), "{:?}", opened.json);
        let credited = play(&world, &browser, &opened.json, 0, SECONDS).await;
        assert!((credited - f64::from(480)).abs() < 0.001, "{credited} s");
        let coverage = browser.call("GET", "/api/v1/lectures/fire-1/coverage", Value::Null).await.json;
        assert_eq!(coverage["complete"], json!(true), "{coverage}");
        let earned = arrived(&teacher).await;
        assert_eq!(earned["earned"]["public"], "0.2");
        assert_eq!(earned["credits"].as_array().unwrap().len(), 1);
    })
    .await;
}

/// The hours arrive by the platform's own job; it is given a moment.
async fn arrived(teacher: &Client) -> Value {
    for _ in 0..200 {
        let year = teacher.call("GET", "/api/v1/me/years/2026", Value::Null).await.json;
        if year["earned"]["total"] != "0" {
            return year;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("no hours arrived");
}

#[tokio::test(flavor = "multi_thread")]
async fn jumps_pauses_and_a_second_device_earn_nothing_and_say_why() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let platform = platform(&world).await;
        let browser = enter(&teacher, &platform).await;
        browser.call("POST", "/api/v1/enrollments", json!({"course": "fire"})).await;
        let opened = browser.call("POST", "/api/v1/learning-sessions", json!({"lecture": "fire-1"})).await.json;
        let path = format!("/api/v1/learning-sessions/{}/progress", opened["id"].as_str().unwrap());
        let seq = opened["next_seq"].as_i64().unwrap();
        let beat = |n: i64, position: i64, playing: bool, visible: bool| {
            json!({"seq": seq + n, "position": position, "playing": playing, "visible": visible})
        };
        let cases = [
            (beat(0, 400, true, true), "jump"),
            (beat(1, 15, false, true), "paused"),
            (beat(2, 15, true, false), "hidden"),
        ];
        for (beat, reason) in cases {
            world.clock.advance(15);
            let answer = browser.call("POST", &path, beat).await.json;
            assert_eq!((answer["credited"].as_f64(), &answer["refused"][0]["reason"]), (Some(0.0), &json!(reason)));
        }
        let elsewhere = enter(&teacher, &platform).await;
        elsewhere.call("POST", "/api/v1/learning-sessions", json!({"lecture": "fire-1"})).await;
        let old = browser.call("POST", &path, beat(3, 30, true, true)).await;
        assert_eq!((old.status, &old.json["code"]), (409, &json!("superseded")));
        let credited = db::count(&platform.site.db, "SELECT COUNT(*) FROM credited_intervals", vec![]).await.unwrap();
        assert_eq!(credited, 0);
    })
    .await;
}
