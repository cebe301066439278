//! An hour from heartbeat to ledger: two programs, real HTTP between them, a clock that the test moves.
use app::{
    compose::{self, Nature},
    config::{Config, SignIn, Switch},
    enrol::{enrol, own_addresses},
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
    let listing = providers::Listing::default();
    let enrolled = enrol(&world.site, "webtrn", &own_addresses(&url), &listing).await.unwrap();
    let config = Config {
        public_url: url.clone(),
        database_url: format!("sqlite:{}/p.db", folder.path().display()),
        data_dir: folder.path().to_owned(),
        sign_in: SignIn { captcha: Switch::Off, ..SignIn::default() },
        hub: enrolled.link(&world.url),
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
    let mut browser = testkit::Browser::default();
    let entered = browser.get(launched.json["url"].as_str().unwrap()).await;
    assert_eq!(entered.status, 200, "{}", entered.text());
    let cookie = format!("xueshi-webtrn={}", browser.cookies["xueshi-webtrn"]);
    let client = Client::new(&platform.url);
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

#[tokio::test(flavor = "multi_thread")]
async fn before_the_first_second_it_is_said_what_is_missing_and_whether_it_counts() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let title = json!({"title": "湖南某学院", "tax_number": "12430000448765432x"});
        let kept = admin.call("PUT", "/api/v1/units/43010001/invoice-title", title).await;
        assert_eq!(kept.status, 204, "{:?}", kept.json);
        let teacher = world.trainee(&admin, &people[0]).await;
        assert_eq!(teacher.call("GET", "/api/v1/units/43010001/invoice-title", Value::Null).await.status, 403);
        let asked = json!({"subject_id": "x"});
        assert_eq!(world.anyone.call("POST", "/api/v1/provider/outlook", asked).await.status, 401);
        let platform = platform(&world).await;
        let paid = "INSERT INTO courses (id, place, title, subject, topic, teacher, price, free, published_at) \
                    VALUES ('paid', 2, '公文', 'professional', '公文', '某', 400, FALSE, 0)";
        db::execute(&platform.site.db, paid, vec![]).await.unwrap();
        let browser = enter(&teacher, &platform).await;
        let page = async |path: &str| String::from_utf8(browser.call("GET", path, Value::Null).await.bytes).unwrap();
        let front = page("/").await;
        for said in ["还差 30 学时", "还差 60 学时", "为您推荐", "补公共科目"] {
            assert!(front.contains(said), "{said} in {front}");
        }
        let course = page("/courses/fire").await;
        for said in ["公共科目还差 30 学时", "本年度还没有学过", "12 月 31 日前学完计入 2026 年度"] {
            assert!(course.contains(said), "{said} in {course}");
        }
        assert!(page("/courses/paid").await.contains("报账限额还剩 144.00 元"));
        let order = browser.call("POST", "/api/v1/enrollments", json!({"course": "paid"})).await.json;
        let order = order["order"]["url"].as_str().unwrap().to_owned();
        assert!(page(&order).await.contains("填入单位抬头和税号"));
        let filled = page(&format!("{order}?fill=unit")).await;
        assert!(filled.contains("value=\"12430000448765432X\""), "{filled}");

        browser.call("POST", "/api/v1/enrollments", json!({"course": "fire"})).await;
        let opened = browser.call("POST", "/api/v1/learning-sessions", json!({"lecture": "fire-1"})).await;
        play(&world, &browser, &opened.json, 0, SECONDS).await;
        arrived(&teacher).await;
        world.clock.advance(61);
        let front = page("/").await;
        assert!(front.contains("还差 29.8 学时") && !front.contains("为您推荐"), "{front}");
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

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_or_a_reset_at_the_management_platform_ends_the_visit_and_idling_does_not() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        let teacher = world.trainee(&admin, &people[0]).await;
        let platform = platform(&world).await;
        let is_in = async |browser: &Browser| {
            browser.call("GET", "/api/v1/lectures/fire-1/coverage", Value::Null).await.status == 200
        };
        let visit = enter(&teacher, &platform).await;
        assert!(is_in(&visit).await);
        teacher.call("DELETE", "/api/v1/sessions/current", Value::Null).await;
        ended(&visit).await;
        let account = people[0]["account"].as_str().unwrap();
        let opened = world.sign_in(account, crate::world::PASSWORD).await;
        let teacher = world.anyone.with_token(opened["token"].as_str().unwrap());
        let visit = enter(&teacher, &platform).await;
        world.clock.advance(20 * 60);
        assert!(is_in(&visit).await);
        world.clock.advance(15 * 60);
        let out = teacher.call("GET", "/api/v1/me/profile", Value::Null).await;
        assert_eq!(out.status, 401, "idle here");
        world.settle().await;
        assert!(is_in(&visit).await, "and not there");
        let path = format!("/api/v1/people/{}/password-reset", people[0]["id"].as_str().unwrap());
        let admin = world
            .anyone
            .with_token(world.sign_in("yuanzhang", crate::world::PASSWORD).await["token"].as_str().unwrap());
        assert_eq!(admin.call("POST", &path, json!({"reason": "本人申请"})).await.status, 200);
        ended(&visit).await;
    })
    .await;
}

/// The word comes by a job; it is given a moment.
async fn ended(browser: &Browser) {
    for _ in 0..200 {
        if browser.call("GET", "/api/v1/lectures/fire-1/coverage", Value::Null).await.status == 401 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("the visit goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_learner_who_begins_at_the_platform_signs_in_here_and_returns_to_the_page() {
    on_both(|world| async move {
        let (admin, people) = world.college(1).await;
        world.trainee(&admin, &people[0]).await;
        let platform = platform(&world).await;
        let mut browser = testkit::Browser::default();
        let page = browser.get(&format!("{}/me", platform.url)).await;
        assert!(page.text().contains("用管理平台账号登录"));
        let page = browser.get(&format!("{}/enter?target_link_uri=/courses/fire", platform.url)).await;
        assert!(page.url.as_str().starts_with(&format!("{}/sign-in", world.url)), "{}", page.url);
        let next = page.hidden("next").unwrap();
        let (account, secret) = (people[0]["account"].as_str().unwrap(), crate::world::PASSWORD);
        let fields = [("account", account), ("password", secret), ("next", next.as_str())];
        let between = browser.post(&format!("{}/sign-in", world.url), &fields).await;
        let to = between
            .text()
            .split("btn-primary\" href=\"")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap()
            .replace("&#38;", "&");
        let asked = browser.get(&format!("{}{to}", world.url)).await;
        let (csrf, query) = (asked.hidden("_csrf").unwrap(), asked.hidden("query").unwrap());
        let fields = [("_csrf", csrf.as_str()), ("query", query.as_str()), ("decision", "agree")];
        let page = browser.post(&format!("{}/openid/consent", world.url), &fields).await;
        assert_eq!(page.url.as_str(), format!("{}/courses/fire", platform.url));
        assert!(page.text().contains(people[0]["name"].as_str().unwrap()), "signed in there");
    })
    .await;
}
