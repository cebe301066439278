//! A course platform in memory with a clock by hand, and the management platform's two calls.
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicI64, Ordering},
};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::State,
    http::{HeaderMap, Request, StatusCode, Uri, header},
    response::{IntoResponse, Response},
    routing::post,
};
use base::{Clock, Instant, SystemRandom, day};
use db::{Db, Schema, params};
use outside::{http::Client, signature, sms::Outbox};
use serde_json::{Value, json};
use site::{Assets, Brand, Parts, Settings, Site, Texts};
use tower::ServiceExt;

use crate::Hub;

struct Hand(AtomicI64);

impl Clock for Hand {
    fn now(&self) -> Instant {
        day::from_millis(self.0.load(Ordering::SeqCst))
    }
}

type Received = Arc<Mutex<Vec<Value>>>;

pub struct Stage {
    site: Site,
    hub: Hub,
    clock: Arc<Hand>,
    service: Router,
    received: Received,
    _folder: tempfile::TempDir,
}

pub struct Reply {
    pub status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Reply {
    pub fn text(&self) -> String {
        String::from_utf8(self.body.to_vec()).unwrap()
    }
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
    pub fn code(&self) -> String {
        self.json()["code"].as_str().unwrap().to_owned()
    }
}

impl Stage {
    /// With two courses, on SQLite.
    pub async fn set() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(Hand(AtomicI64::new(1_790_000_000_000)));
        let file = format!("sqlite:{}", folder.path().join("provider.db").display());
        let db = Db::open(&file).await.unwrap();
        db::migrate(&db, Schema::Provider).await.unwrap();
        courses(&db).await;
        let received = Received::default();
        let hub = Hub { url: play_hub(&received).await, key_id: "k1".into(), secret: "s3cret".into() };
        let site = Site::new(Parts {
            db,
            clock: Arc::<Hand>::clone(&clock),
            random: Arc::new(SystemRandom),
            keys: secrets::Keyring::open(&folder.path().join("keys"), &SystemRandom, true).unwrap(),
            sms: Arc::new(Outbox::new(folder.path()).unwrap()),
            http: Client::new().unwrap(),
            settings: Settings {
                public_url: "http://provider".into(),
                cookie: "visit".into(),
                secure: false,
                captcha: false,
                proxies: vec![],
                files: folder.path().join("files"),
                notice: None,
            },
            brand: Brand { name: "思想天下网络培训平台".into(), theme: "ischinese".into() },
            menu: crate::menu(),
            texts: Arc::new(Texts::load().unwrap()),
            assets: Assets::load().unwrap(),
            sessions: Arc::new(crate::VisitSessions),
        });
        let routes = catalogue::routes(folder.path(), learning::may_watch())
            .and(learning::routes())
            .and(crate::routes(hub.clone()));
        let service = routes.into_service(&site);
        Self { site, hub, clock, service, received, _folder: folder }
    }

    pub fn pass(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds * 1000, Ordering::SeqCst);
    }

    pub fn received(&self) -> Vec<Value> {
        self.received.lock().unwrap().clone()
    }

    pub async fn drain(&self) {
        let clock: Arc<dyn Clock> = Arc::<Hand>::clone(&self.clock);
        let handlers = crate::jobs(self.hub.clone());
        let runner = jobs::Runner { db: self.site.db.clone(), clock, context: self.site.clone(), handlers };
        runner.drain().await.unwrap();
    }

    /// Comes in and answers the cookie.
    pub async fn enter(&self, to: &str) -> String {
        let came = self.get(&format!("/enter?ticket=good&to={to}"), "").await;
        assert_eq!(
            (came.status, came.headers[header::LOCATION].to_str().unwrap()),
            (StatusCode::SEE_OTHER, to)
        );
        let cookie = came.headers[header::SET_COOKIE].to_str().unwrap();
        cookie.split(';').next().unwrap().to_owned()
    }

    pub async fn get(&self, path: &str, cookie: &str) -> Reply {
        self.send(Request::get(path).header(header::COOKIE, cookie).body(Body::empty()).unwrap()).await
    }

    pub async fn post(&self, path: &str, cookie: &str, body: Value) -> Reply {
        let request = Request::post(path)
            .header(header::COOKIE, cookie)
            .header(header::ORIGIN, "http://provider")
            .header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    /// Sends the page's own form, with the token that the page carries.
    pub async fn post_form(&self, path: &str, cookie: &str) -> Reply {
        let page = self.get("/me", cookie).await.text();
        let token =
            page.split("name=\"_csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let request = Request::post(path)
            .header(header::COOKIE, cookie)
            .header(header::ORIGIN, "http://provider")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(format!("_csrf={token}"))).unwrap()).await
    }

    async fn send(&self, request: Request<Body>) -> Reply {
        let response = self.service.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        Reply { status: parts.status, headers: parts.headers, body: to_bytes(body, 1 << 20).await.unwrap() }
    }
}

async fn courses(db: &Db) {
    for (id, place, price, free) in [("c1", 1_i64, 0_i64, true), ("paid", 2, 14_400, false)] {
        let sql = "INSERT INTO courses (id, place, title, subject, topic, teacher, price, free, published_at) \
                   VALUES ($1, $2, '乡村振兴', 'public', '乡村振兴', '演示讲师', $3, $4, 0)";
        db::execute(db, sql, params![id, place, price, free]).await.unwrap();
    }
    for (id, course, place) in [("l1", "c1", 1_i64), ("l2", "c1", 2), ("l9", "paid", 1)] {
        let sql =
            "INSERT INTO lectures (id, course_id, place, title, seconds) VALUES ($1, $2, $3, '第一节', 30)";
        db::execute(db, sql, params![id, course, place]).await.unwrap();
    }
}

/// Answers tickets, and completions after a failure; both only under a signature that holds.
async fn play_hub(received: &Received) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new()
        .route("/api/v1/provider/tickets", post(ticket))
        .route("/api/v1/provider/completions", post(completions))
        .with_state((url.clone(), Arc::clone(received)));
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

type Played = State<(String, Received)>;

fn is_signed(base: &str, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> bool {
    let text = |name: &str| headers[name].to_str().unwrap().to_owned();
    let sent = signature::Headers {
        content_digest: text("content-digest"),
        input: text("signature-input"),
        signature: text("signature"),
    };
    let target = format!("{base}{uri}");
    signature::holds(&signature::Signed { method: "POST", target_uri: &target, body }, &sent, b"s3cret")
}

async fn ticket(State((base, _)): Played, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    assert!(is_signed(&base, &uri, &headers, &body));
    let body: Value = serde_json::from_slice(&body).unwrap();
    if body["ticket"] == "good" {
        return axum::Json(json!({"subject_id": "s-1", "name": "王芳"})).into_response();
    }
    (StatusCode::GONE, axum::Json(json!({"code": "ticket_used"}))).into_response()
}

async fn completions(State((base, received)): Played, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    assert!(is_signed(&base, &uri, &headers, &body));
    let body: Value = serde_json::from_slice(&body).unwrap();
    let id = body["completions"][0]["id"].clone();
    let mut received = received.lock().unwrap();
    received.push(body);
    if received.len() == 1 {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    axum::Json(json!({"items": [{"id": id, "status": "counted", "reason": null}]})).into_response()
}
