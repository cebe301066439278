//! A course platform in memory with a clock by hand, and the management platform's two calls.
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicI64, Ordering},
};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    http::{HeaderMap, Request, StatusCode, header},
};
use base::{Clock, Instant, SystemRandom, day};
use db::{Db, Schema, params};
use outside::{http::Client, sms::Outbox};
use serde_json::{Value, json};
use site::{Assets, Brand, Parts, Settings, Site, Texts};
use tower::ServiceExt;

use super::hub;
use crate::Hub;

pub struct Hand(AtomicI64);

impl Clock for Hand {
    fn now(&self) -> Instant {
        day::from_millis(self.0.load(Ordering::SeqCst))
    }
}

pub type Received = Arc<Mutex<Vec<Value>>>;

pub struct Stage {
    site: Site,
    hub: Hub,
    hub_keys: secrets::Keyring,
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
    pub fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }
    pub fn cookies(&self) -> Vec<String> {
        let all = self.headers.get_all(header::SET_COOKIE).iter().map(|v| v.to_str().unwrap());
        all.map(|c| c.split(';').next().unwrap().to_owned()).collect()
    }
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
        let ticking: Arc<dyn Clock> = Arc::<Hand>::clone(&clock);
        let keys = |name: &str| {
            secrets::Keyring::open(&folder.path().join(name), &ticking, &SystemRandom, true).unwrap()
        };
        let hub_keys = keys("hub-keys");
        let hub = Hub {
            url: hub::play(&received, &hub_keys, &clock).await,
            key_id: "k1".into(),
            secret: "s3cret".into(),
            client_id: "webtrn-1".into(),
            client_secret: "c3cret".into(),
            ..Hub::default()
        };
        let site = Site::new(Parts {
            db,
            clock: Arc::<Hand>::clone(&clock),
            random: Arc::new(SystemRandom),
            keys: keys("keys"),
            sms: Arc::new(Outbox::new(folder.path()).unwrap()),
            mail: Arc::new(outside::mail::Outbox::new(folder.path()).unwrap()),
            http: Client::new(outside::Reach::Anywhere).unwrap(),
            settings: Settings {
                content_url: None,
                public_url: "http://provider".into(),
                cookie: "visit".into(),
                secure: false,
                captcha: false,
                password_max_age_days: 0,
                administrators_password_max_age_days: 0,
                administrators_need_second_factor: false,
                proxies: vec![],
                files: folder.path().join("files"),
                counted_most: 5000,
                notices_by_sms: false,
                notices_by_mail: false,
                notice: None,
            },
            brand: Brand { name: "思想天下网络培训平台".into(), theme: "ischinese".into() },
            menu: crate::menu(),
            texts: Arc::new(Texts::load().unwrap()),
            assets: Assets::load().unwrap(),
            sessions: Arc::new(crate::VisitSessions),
            scanner: None,
            limits: site::Limits::default(),
        });
        let routes = catalogue::routes(folder.path(), learning::may_watch())
            .and(learning::routes(&crate::ask_needs(Hub::default())))
            .and(crate::routes(hub.clone()));
        let service = routes.into_service(&site);
        Self { site, hub, hub_keys, clock, service, received, _folder: folder }
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
        let (db, context) = (self.site.db.clone(), self.site.clone());
        let runner = jobs::Runner { db, clock, context, handlers, lease: jobs::LEASE };
        runner.drain().await.unwrap();
    }

    /// Comes in and answers the cookie.
    pub async fn enter(&self, to: &str) -> String {
        let (back, cookie) = self.set_out(to).await;
        let came = self.get(&back, &cookie).await;
        assert_eq!((came.status, came.header("location")), (StatusCode::SEE_OTHER, to));
        came.cookies().into_iter().find(|c| c.starts_with("visit=")).unwrap()
    }

    /// Goes to the management platform; answers the way back that it would give, and the cookie of the sign-in under way.
    pub async fn set_out(&self, to: &str) -> (String, String) {
        let out = self.get(&format!("/enter?target_link_uri={to}"), "").await;
        let url = url::Url::parse(out.header("location")).unwrap();
        assert!(url.as_str().starts_with(&format!("{}/openid/authorize", self.hub.url)));
        let sent: std::collections::HashMap<_, _> = url.query_pairs().into_owned().collect();
        assert_eq!(
            (sent["code_challenge_method"].as_str(), sent["redirect_uri"].as_str()),
            ("S256", "http://provider/enter/callback")
        );
        let issuer: String = url::form_urlencoded::byte_serialize(self.hub.url.as_bytes()).collect();
        let back = format!("/enter/callback?code={}&state={}&iss={issuer}", sent["nonce"], sent["state"]);
        (back, out.cookies().remove(0))
    }

    /// A logout token of the management platform, with some claims changed.
    pub fn logout_token(&self, change: impl FnOnce(&mut Value)) -> String {
        let now = self.clock.now();
        let mut claims = json!({
            "iss": self.hub.url, "aud": "webtrn-1", "iat": now.as_second(), "exp": now.as_second() + 120,
            "jti": secrets::fresh_token(&SystemRandom), "sub": "s-1", "sid": "sid-1",
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
        });
        change(&mut claims);
        self.hub_keys.tokens().sign(("logout+jwt", &claims), now, &SystemRandom).unwrap()
    }

    pub async fn tell_logout(&self, token: &str) -> StatusCode {
        let request = Request::post("/backchannel-logout")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(format!("logout_token={token}")));
        self.send(request.unwrap()).await.status
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
