//! A course platform alone, on a database of its own, with learners who came in and a clock that the test moves.
use std::sync::Arc;

use app::{
    compose::{self, Nature},
    config::{Config, HubLink, SignIn, Switch},
    serve,
};
use base::SystemRandom;
use serde_json::{Value, json};
use site::{Rule, Site};
use tempfile::TempDir;
use testkit::{Client, Database, TestClock};
use tokio::{net::TcpListener, sync::watch};

pub struct School {
    pub table: Vec<Rule>,
    pub site: Site,
    pub clock: Arc<TestClock>,
    pub url: String,
    config: Config,
    stops: Vec<watch::Sender<bool>>,
    _folder: TempDir,
}

/// Runs a story on both databases.
pub async fn at_both<F: Future<Output = ()>>(story: impl Fn(School) -> F) {
    for database in testkit::databases().await {
        story(School::start(database).await).await;
    }
}

impl Drop for School {
    fn drop(&mut self) {
        for stop in &self.stops {
            let _ = stop.send(true);
        }
    }
}

const COURSES: &str = "INSERT INTO courses (id, place, title, subject, topic, teacher, price, free, paper_size, published_at) \
    VALUES ('fire', 1, '消防', 'public', '消防安全', '某', 0, TRUE, 0, 0), \
    ('long', 2, '长课', 'public', '国家安全', '某', 0, TRUE, 0, 0), \
    ('quiz', 3, '有测验', 'public', '党的建设', '某', 0, TRUE, 3, 0), \
    ('paid', 4, '收费课', 'professional', '数据', '某', 400, FALSE, 0, 0)";
const LECTURES: &str = "INSERT INTO lectures (id, course_id, place, title, seconds) VALUES ('fire-1', 'fire', 1, '一', 300), \
    ('long-1', 'long', 1, '一', 3600), ('quiz-1', 'quiz', 1, '一', 60), ('paid-1', 'paid', 1, '一', 2400)";
const QUESTIONS: &str = "INSERT INTO questions (id, course_id, place, prompt, correct, wrong) VALUES \
    ('l1', 'long', 1, '问一', '对一', '[\"错一甲\",\"错一乙\",\"错一丙\"]'), ('l2', 'long', 2, '问二', '对二', '[\"错二\"]'), \
    ('q1', 'quiz', 1, '问一', '对', '[\"错\"]'), ('q2', 'quiz', 2, '问二', '对', '[\"错\"]'), \
    ('q3', 'quiz', 3, '问三', '对', '[\"错\"]'), ('q4', 'quiz', 4, '问四', '对', '[\"错\"]'), \
    ('q5', 'quiz', 5, '问五', '对', '[\"错\"]'), ('q6', 'quiz', 6, '问六', '对', '[\"错\"]')";

impl School {
    async fn start(database: Database) -> Self {
        let clock = Arc::new(TestClock::at("2026-11-23T10:00:00+08:00"));
        let hub = HubLink { url: "http://127.0.0.1:9".into(), ..HubLink::default() };
        Self::with(database, clock, hub, |_| async {}).await
    }

    /// A platform of that link; `known` hears its address before it begins to work.
    pub async fn with<F: Future<Output = ()>>(
        database: Database,
        clock: Arc<TestClock>,
        hub: HubLink,
        known: impl FnOnce(String) -> F,
    ) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        testkit::watch(crate::described::check);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        known(url.clone()).await;
        let config = Config {
            public_url: url,
            database_url: database.url,
            data_dir: database.folder.path().to_owned(),
            sign_in: SignIn { captcha: Switch::Off, ..SignIn::default() },
            hub,
            ..Config::default()
        };
        let site = Self::site(&config, &clock).await;
        for sql in [COURSES, LECTURES, QUESTIONS] {
            db::execute(&site.db, sql, vec![]).await.unwrap();
        }
        let table = compose::provider_program(Self::site(&config, &clock).await, &config).routes.table();
        let (url, stops, folder) = (String::new(), vec![], database.folder);
        let mut school = Self { table, site, clock, url, config, stops, _folder: folder };
        school.url = school.listen(listener).await;
        school
    }

    async fn site(config: &Config, clock: &Arc<TestClock>) -> Site {
        let nature = Nature { clock: clock.clone(), random: Arc::new(SystemRandom) };
        compose::provider_site(config, &nature, "webtrn").await.unwrap()
    }

    /// Another program over the same database.
    pub async fn node(&mut self) -> String {
        self.listen(TcpListener::bind("127.0.0.1:0").await.unwrap()).await
    }

    async fn listen(&mut self, listener: TcpListener) -> String {
        let site = Self::site(&self.config, &self.clock).await;
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (stop, stopped) = watch::channel(false);
        tokio::spawn(serve::serve(compose::provider_program(site, &self.config), listener, stopped));
        self.stops.push(stop);
        url
    }

    /// The same platform, where outsiders are told that it is at another address.
    pub async fn speaking_of(&mut self, url: &str) -> String {
        let own = std::mem::replace(&mut self.config.public_url, url.to_owned());
        let node = self.node().await;
        self.config.public_url = own;
        node
    }

    /// Learners who have come in.
    pub async fn learners(&self, count: usize) -> Vec<Learner> {
        let tokens = link::rehearse(&self.site, count).await.unwrap();
        tokens
            .into_iter()
            .map(|token| Learner { client: Client::new(&self.url).with_token(&token), token })
            .collect()
    }

    pub async fn learner(&self) -> Learner {
        self.learners(1).await.remove(0)
    }

    pub async fn number(&self, sql: &str) -> i64 {
        db::count(&self.site.db, sql, vec![]).await.unwrap()
    }

    pub async fn run(&self, sql: &str) {
        db::execute(&self.site.db, sql, vec![]).await.unwrap();
    }
}

#[derive(Clone)]
pub struct Learner {
    pub client: Client,
    pub token: String,
}

/// A learning session as a player holds it.
#[derive(Clone)]
pub struct Lesson {
    pub client: Client,
    pub id: String,
    pub seq: i64,
    pub position: f64,
}

impl Learner {
    pub async fn open(&self, lecture: &str) -> Lesson {
        let opened = self.client.call("POST", "/api/v1/learning-sessions", json!({"lecture": lecture})).await;
        assert_eq!(opened.status, 201, "{:?}", opened.json);
        Lesson {
            client: self.client.clone(),
            id: opened.json["id"].as_str().unwrap().to_owned(),
            seq: opened.json["next_seq"].as_i64().unwrap(),
            position: opened.json["resume_at"].as_f64().unwrap(),
        }
    }

    pub async fn coverage(&self, lecture: &str) -> Value {
        self.client.call("GET", &format!("/api/v1/lectures/{lecture}/coverage"), Value::Null).await.json
    }
}

impl Lesson {
    pub async fn send(&self, beat: Value) -> testkit::Answer {
        self.client.call("POST", &format!("/api/v1/learning-sessions/{}/progress", self.id), beat).await
    }

    /// A beat at a position; the answer must be 200.
    pub async fn beat(&mut self, position: f64) -> Value {
        let beat = json!({"seq": self.seq, "position": position, "playing": true, "visible": true});
        let answer = self.send(beat).await;
        assert_eq!(answer.status, 200, "{:?}", answer.json);
        self.seq += 1;
        self.position = position;
        answer.json
    }

    /// Plays on for 15 s.
    pub async fn play(&mut self, school: &School) -> Value {
        school.clock.advance(15);
        self.beat(self.position + 15.0).await
    }

    pub async fn answer(&self, check: &Value, answer: Value) -> testkit::Answer {
        let path = format!("/api/v1/learning-sessions/{}/attention", self.id);
        self.client.call("POST", &path, json!({"id": check["id"], "answer": answer})).await
    }
}
