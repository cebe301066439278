//! A management platform's state on a database of its own, as many nodes of it as a test wants.
use std::sync::Arc;

use db::{Db, Schema};
use outside::{http::Client, sms::Outbox};
use site::{Assets, Brand, Menu, Parts, Settings, Site, Texts};
use testkit::{Database, TestClock};

use crate::AccountSessions;

pub(super) struct Stage {
    pub database: Database,
    pub clock: Arc<TestClock>,
}

impl Stage {
    pub(super) async fn new(database: Database) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let db = Db::open(&database.url).await.unwrap();
        db::migrate(&db, Schema::Hub).await.unwrap();
        Self { database, clock: Arc::new(TestClock::at("2026-11-23T10:00:00+08:00")) }
    }

    /// A node: its own connections and its own memory over the one database.
    pub(super) async fn node(&self) -> Site {
        let folder = self.database.folder.path();
        let clock: Arc<dyn base::Clock> = Arc::<TestClock>::clone(&self.clock);
        Site::new(Parts {
            db: Db::open(&self.database.url).await.unwrap(),
            clock: Arc::clone(&clock),
            random: Arc::new(base::SystemRandom),
            keys: secrets::Keyring::open(&folder.join("keys"), &clock, &base::SystemRandom, true).unwrap(),
            sms: Arc::new(Outbox::new(folder).unwrap()),
            mail: Arc::new(outside::mail::Outbox::new(folder).unwrap()),
            http: Client::new(outside::Reach::Anywhere).unwrap(),
            settings: Settings {
                public_url: "http://hub".into(),
                content_url: None,
                cookie: "hub".into(),
                secure: false,
                captcha: false,
                password_max_age_days: 0,
                administrators_password_max_age_days: 0,
                administrators_need_second_factor: false,
                proxies: vec![],
                files: folder.join("files"),
                counted_most: 5_000,
                notices_by_sms: false,
                notices_by_mail: false,
                notice: None,
            },
            brand: Brand { name: String::new(), theme: "hub".into() },
            menu: Menu::default(),
            texts: Arc::new(Texts::load().unwrap()),
            assets: Assets::load().unwrap(),
            sessions: Arc::new(AccountSessions),
            scanner: None,
            limits: site::Limits::default(),
        })
    }
}
