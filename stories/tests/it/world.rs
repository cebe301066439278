//! A running management platform on a database of its own, with a clock that the test moves.
use std::sync::Arc;

use app::{
    compose::{self, Nature},
    config::{Config, Notices, Number, SignIn, Switch},
    serve,
};
use base::{Role, SystemRandom};
use documents::Typesetter;
use serde_json::{Value, json};
use site::{Rule, Site};
use tempfile::TempDir;
use testkit::{Client, Database, TestClock};
use tokio::{net::TcpListener, sync::watch};

pub struct World {
    pub site: Site,
    pub anyone: Client,
    pub url: String,
    pub clock: Arc<TestClock>,
    pub table: Vec<Rule>,
    config: Config,
    folder: TempDir,
    stop: watch::Sender<bool>,
    stopped: watch::Receiver<bool>,
}

/// Runs a story on both databases.
pub async fn on_both<F: Future<Output = ()>>(story: impl Fn(World) -> F) {
    for database in testkit::databases().await {
        story(World::start(database).await).await;
    }
}

/// Runs a story on both databases, on platforms made in another way.
pub async fn on_both_made<W: Future<Output = World>, F: Future<Output = ()>>(
    make: impl Fn(Database) -> W,
    story: impl Fn(World) -> F,
) {
    for database in testkit::databases().await {
        story(make(database).await).await;
    }
}

/// Stops the program with its story. (A type that drops is moved whole into a story, never in parts.)
impl Drop for World {
    fn drop(&mut self) {
        let _ = self.stop.send(true);
    }
}

impl World {
    pub async fn start(database: Database) -> Self {
        Self::with(database, |_| ()).await
    }

    /// A platform with captcha and limits by network, as a fresh installation has them.
    pub async fn guarded(database: Database) -> Self {
        Self::with(database, |config| config.sign_in.captcha = Switch::On).await
    }

    /// A platform that reads maintained figures for every scope, as one of very many people does.
    pub async fn of_many(database: Database) -> Self {
        Self::with(database, |c| c.statistics.counted_most = Number(0)).await
    }

    /// A platform that sends notices by SMS and mail too.
    pub async fn of_all_ways(database: Database) -> Self {
        Self::with(database, |c| c.notices = Notices { sms: Switch::On, mail: Switch::On }).await
    }

    /// A platform with other settings.
    pub async fn with(database: Database, set: impl FnOnce(&mut Config)) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        testkit::watch(crate::described::check);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mut config = Config {
            public_url: url.clone(),
            database_url: database.url,
            data_dir: database.folder.path().to_owned(),
            sign_in: SignIn { captcha: Switch::Off, ..SignIn::default() },
            ..Config::default()
        };
        set(&mut config);
        let clock = Arc::new(TestClock::at("2026-11-23T10:00:00+08:00"));
        let nature = Nature { clock: clock.clone(), random: Arc::new(SystemRandom) };
        let site = compose::hub_site(&config, &nature, None).await.unwrap();
        let program = compose::hub(site.clone(), Typesetter::load().unwrap(), &config);
        let table = program.routes.table();
        let (stop, stopped) = watch::channel(false);
        tokio::spawn(serve::serve(program, listener, stopped.clone()));
        let anyone = Client::new(&url);
        Self { site, anyone, url, clock, table, config, folder: database.folder, stop, stopped }
    }

    /// Another node over the same database and keys; a stranger's client of it.
    pub async fn another_node(&self) -> Client {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let config = Config { public_url: url.clone(), ..self.config.clone() };
        let site = self.opened(&config).await;
        let program = compose::hub(site, Typesetter::load().unwrap(), &config);
        tokio::spawn(serve::serve(program, listener, self.stopped.clone()));
        Client::new(&url)
    }

    /// The platform as a program that starts now opens it.
    pub async fn fresh_site(&self) -> Site {
        self.opened(&self.config).await
    }

    async fn opened(&self, config: &Config) -> Site {
        let nature = Nature { clock: self.clock.clone(), random: Arc::new(SystemRandom) };
        compose::hub_site(config, &nature, None).await.unwrap()
    }

    /// Where keys and files lie.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Every message to a phone so far.
    pub fn sms(&self, to: &str) -> Vec<Value> {
        let text = std::fs::read_to_string(self.folder.path().join("outbox/sms.jsonl")).unwrap_or_default();
        let all = text.lines().filter_map(|l| serde_json::from_str::<Value>(l).ok());
        all.filter(|m| m["to"] == to).collect()
    }

    /// Every letter by mail so far.
    pub fn mail(&self, to: &str) -> Vec<Value> {
        let text = std::fs::read_to_string(self.folder.path().join("outbox/mail.jsonl")).unwrap_or_default();
        let all = text.lines().filter_map(|l| serde_json::from_str::<Value>(l).ok());
        all.filter(|m| m["to"] == to).collect()
    }

    /// An account of a role, made on the command line, that has done its first steps; the token's client.
    pub async fn ready(&self, account: &str, role: Role, unit: &str) -> Client {
        let secret = app::cli::create_account(&self.site, (account, "某人"), role, unit).await.unwrap();
        self.first_steps(account, &secret, &phone(account)).await
    }

    /// Situation 1 of the manual over the API.
    pub async fn first_steps(&self, account: &str, secret: &str, phone: &str) -> Client {
        let opened = self.sign_in(account, secret).await;
        assert_eq!(opened["required_actions"], json!(["change_password", "bind_phone"]));
        let client = self.anyone.with_token(opened["token"].as_str().unwrap());
        let changed = client.call("PUT", "/api/v1/me/password", json!({"new_password": PASSWORD})).await;
        assert_eq!(changed.status, 204, "{:?}", changed.json);
        let asked =
            client.call("POST", "/api/v1/sms-codes", json!({"purpose": "bind_phone", "phone": phone})).await;
        assert_eq!(asked.status, 202, "{:?}", asked.json);
        let code = self.code(phone).await;
        let bound = client.call("PUT", "/api/v1/me/phone", json!({"phone": phone, "code": code})).await;
        assert_eq!(bound.status, 204, "{:?}", bound.json);
        client
    }

    pub async fn sign_in(&self, account: &str, secret: &str) -> Value {
        let body = json!({"account": account, "password": secret});
        let answer = self.anyone.call("POST", "/api/v1/sessions", body).await;
        assert_eq!(answer.status, 201, "{:?}", answer.json);
        answer.json
    }

    /// The last code sent to a phone; the message goes out by a job.
    pub async fn code(&self, phone: &str) -> String {
        for _ in 0..200 {
            if let Some(message) = self.sms(phone).last() {
                return message["code"].as_str().unwrap().to_owned();
            }
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        }
        panic!("no message to {phone}");
    }

    /// The last code of a purpose sent to a phone; the message goes out by a job.
    pub async fn code_for(&self, phone: &str, purpose: &str) -> String {
        self.settle().await;
        let sent = self.sms(phone);
        let last = sent.iter().rfind(|m| m["purpose"] == purpose).expect("a code");
        last["code"].as_str().unwrap().to_owned()
    }

    /// A college with an administrator and `n` trainees; the administrator's client and the people.
    pub async fn college(&self, n: usize) -> (Client, Vec<Value>) {
        let boss = self.ready("root43", Role::Authority, "430100").await;
        let unit = json!({"code": "43010001", "name": "湖南某学院", "kind": "unit", "parent": "430100"});
        assert_eq!(boss.call("POST", "/api/v1/units", unit).await.status, 201);
        let admin = self.ready("yuanzhang", Role::UnitAdmin, "43010001").await;
        let imported = self.import(&admin, &roster(1..=n)).await;
        assert_eq!((imported.status, &imported.json["created"]), (200, &json!(n)), "{:?}", imported.json);
        let people = admin.call("GET", "/api/v1/people?unit=43010001&limit=200", Value::Null).await;
        let people = people.json["items"].as_array().unwrap().clone();
        let mut people: Vec<Value> =
            people.into_iter().filter(|p| p["name"].as_str().unwrap().starts_with("教师")).collect();
        people.sort_by_key(|p| p["name"].as_str().unwrap().to_owned());
        (admin, people)
    }

    pub async fn import(&self, admin: &Client, csv: &str) -> testkit::Answer {
        let body = ("text/csv; charset=utf-8", csv.as_bytes().to_vec());
        admin.send("POST", "/api/v1/roster/imports?unit=43010001", body, &[]).await
    }

    /// A trainee's client, after a reset by the administrator and the first steps.
    pub async fn trainee(&self, admin: &Client, person: &Value) -> Client {
        let path = format!("/api/v1/people/{}/password-reset", person["id"].as_str().unwrap());
        let reset = admin.call("POST", &path, json!({"reason": "首次启用"})).await;
        assert_eq!(reset.status, 200, "{:?}", reset.json);
        let account = person["account"].as_str().unwrap();
        self.first_steps(account, reset.json["one_time_password"].as_str().unwrap(), &phone(account)).await
    }

    /// Waits until every job has been done.
    pub async fn settle(&self) {
        settled(&self.site).await;
    }
}

/// Waits until a program has done every job that is due.
pub async fn settled(site: &Site) {
    for _ in 0..400 {
        if jobs_left(site).await == 0 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("jobs are left: {:?}", left(site).await);
}

/// The kinds of jobs that are not done, with what went wrong.
async fn left(site: &Site) -> Vec<(String, Option<String>)> {
    #[derive(sea_orm::FromQueryResult)]
    struct Job {
        kind: String,
        last_error: Option<String>,
    }
    let sql =
        "SELECT kind, last_error FROM jobs WHERE dead_at IS NULL AND (attempts > 0 OR run_at <= $1) LIMIT 20";
    let jobs: Vec<Job> = db::all(&site.db, sql, db::params![site.now()]).await.unwrap();
    jobs.into_iter().map(|j| (j.kind, j.last_error)).collect()
}

/// Jobs that are due or failed; one that waits for its time is not left over.
async fn jobs_left(site: &Site) -> i64 {
    let sql = "SELECT COUNT(*) FROM jobs WHERE dead_at IS NULL AND (attempts > 0 OR run_at <= $1)";
    db::count(&site.db, sql, db::params![site.now()]).await.unwrap()
}

pub const PASSWORD: &str = "Song-shu9630!";

/// A phone of its own for each account name.
pub fn phone(account: &str) -> String {
    let number = account.bytes().fold(7_u64, |n, b| (n * 31 + u64::from(b)) % 100_000_000);
    format!("138{number:08}")
}

/// The contract's columns.
pub const HEADER: &str = "姓名,身份证号,岗位类别,岗位等级,部门,入职日期,手机号,状态\n";

/// A roster of people 1…n in the contract's columns.
pub fn roster(people: std::ops::RangeInclusive<usize>) -> String {
    let rows = people.map(|n| row(n, "专业技术十级"));
    format!("{HEADER}{}", rows.collect::<String>())
}

pub fn row(n: usize, level: &str) -> String {
    format!("教师{n:03},{},专业技术,{level},教务处,2012-09-01,1390000{n:04},在岗\n", id_number(n))
}

/// An invented ID number with a check character that holds.
pub fn id_number(n: usize) -> String {
    let body = format!("43010219800501{n:03}");
    format!("{body}{}", base::id_number::check_character(&body).unwrap())
}
