//! Puts the parts together: the one list of features, for the management platform and for a course platform.
use std::sync::Arc;

use base::{Clock, Error, Random, Result, SystemClock, SystemRandom};
use db::{Db, Schema};
use documents::Typesetter;
use jobs::Handlers;
use outside::scanner::{ClamAv, Scanner};
use secrets::Keyring;
use site::{Assets, Brand, Menu, Parts, Routes, Sessions, Settings, Site, Texts};
use tokio::task::JoinHandle;

use crate::{
    config::{Config, Mode, Switch},
    gateway, health, openapi,
};

/// A program that can be served: its state, its routes, its background work.
pub struct Program {
    /// The state.
    pub site: Site,
    /// The routes with their rules.
    pub routes: Routes,
    /// The background work.
    pub jobs: Handlers<Site>,
    /// Whether requests are counted, since someone may look at the metrics.
    pub is_measured: bool,
}

/// What makes a site this one.
pub struct Face {
    /// Name and colours.
    pub brand: Brand,
    /// Navigation.
    pub menu: Menu,
    /// Session store.
    pub sessions: Arc<dyn Sessions>,
    /// The session cookie's name.
    pub cookie: String,
    /// A line under the bar.
    pub notice: Option<String>,
}

/// Where time and randomness come from.
#[derive(Clone)]
pub struct Nature {
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The randomness.
    pub random: Arc<dyn Random>,
}

impl Default for Nature {
    fn default() -> Self {
        Self { clock: Arc::new(SystemClock), random: Arc::new(SystemRandom) }
    }
}

/// Opens database, keys and texts, and brings the schema up to date.
pub async fn open(config: &Config, nature: &Nature, schema: Schema, face: Face) -> Result<Site> {
    std::fs::create_dir_all(&config.data_dir).map_err(Error::internal)?;
    let may_make_keys = config.mode == Mode::Development;
    let folder = config.data_dir.join("keys");
    let keys =
        Keyring::open(&folder, &nature.clock, &*nature.random, may_make_keys).map_err(Error::internal)?;
    let db = Db::open(&config.database_url).await?;
    db::migrate(&db, schema).await?;
    let http = outside::http::Client::new(config.reach())?;
    let settings = Settings {
        public_url: config.public_url.clone(),
        content_url: config.content_url().filter(|_| schema == Schema::Provider),
        cookie: if config.is_secure() { format!("__Host-{}", face.cookie) } else { face.cookie },
        secure: config.is_secure(),
        captcha: config.sign_in.captcha == Switch::On,
        password_max_age_days: i64::from(config.sign_in.password_max_age_days),
        administrators_password_max_age_days: i64::from(config.administrators_password_days()),
        administrators_need_second_factor: config.sign_in.administrators_second_factor == Switch::On,
        proxies: config.proxies.0.clone(),
        files: config.data_dir.join("files"),
        counted_most: config.statistics.counted_most.0,
        notices_by_sms: config.notices.sms == Switch::On,
        notices_by_mail: config.notices.mail == Switch::On,
        notice: face.notice,
    };
    Ok(Site::new(Parts {
        db,
        clock: Arc::clone(&nature.clock),
        random: Arc::clone(&nature.random),
        keys,
        sms: gateway::open(config, &http, nature, schema == Schema::Hub)?,
        mail: gateway::open_mail(config, schema == Schema::Hub)?,
        http,
        settings,
        brand: face.brand,
        menu: face.menu,
        texts: Arc::new(Texts::load().map_err(Error::internal)?),
        assets: Assets::load().map_err(Error::internal)?,
        sessions: face.sessions,
        scanner: scanner(config),
        limits: site::Limits::default(),
    }))
}

fn scanner(config: &Config) -> Option<Arc<dyn Scanner>> {
    let at = ClamAv::at(&config.files.scanner)?;
    Some(Arc::new(at))
}

/// The management platform's state, its delivered policies published.
pub async fn hub_site(config: &Config, nature: &Nature, notice: Option<String>) -> Result<Site> {
    let texts = Texts::load().map_err(Error::internal)?;
    let face = Face {
        brand: Brand { name: texts.get("brand-hub"), theme: "hub".into() },
        menu: crate::menu::hub(),
        sessions: Arc::new(accounts::AccountSessions),
        cookie: "xueshi-hub".into(),
        notice,
    };
    let site = open(config, nature, Schema::Hub, face).await?;
    db::protect(&site.db, audit::APPEND_ONLY).await?;
    db::protect(&site.db, hours::APPEND_ONLY).await?;
    db::protect(&site.db, claims::APPEND_ONLY).await?;
    db::keep_former(&site.db, org::FORMER).await?;
    hours::publish_delivered(&site).await?;
    Ok(site)
}

/// The management platform over its state.
pub fn hub(site: Site, typesetter: Typesetter, config: &Config) -> Program {
    let press = certificates::Press::new(typesetter.clone());
    let routes = health::routes(Schema::Hub)
        .and(audit::routes())
        .and(accounts::routes())
        .and(org::routes())
        .and(hours::routes())
        .and(files::routes())
        .and(claims::routes())
        .and(certificates::routes(&press))
        .and(personnel::routes(&typesetter))
        .and(settlement::routes())
        .and(reimbursement::routes(&typesetter, &config.payments.format()))
        .and(providers::routes())
        .and(support::routes())
        .and(openid::routes())
        .and(records::routes())
        .and(operations::routes())
        .and(statistics::routes(&typesetter))
        .and(messages::routes())
        .and(notices::routes())
        .and(calendar::routes())
        .and(attendance::routes())
        .and(activation::routes(&typesetter))
        .and(staffing::routes())
        .and(papers::routes(&typesetter))
        .and(intake::routes())
        .and(inspection::routes())
        .and(incidents::routes())
        .and(induction::routes())
        .and(past::routes())
        .and(spotcheck::routes())
        .and(yearbook::routes())
        .and(supervision::routes())
        .and(privacy::routes())
        .and(home::routes());
    let lists = routes.clone().into_service(&site);
    let routes = openapi::described(routes.and(exports::routes(&lists)), openapi::hub_document);
    let jobs = accounts::jobs()
        .and(org::jobs())
        .and(hours::jobs())
        .and(past::jobs())
        .and(claims::jobs())
        .and(files::jobs())
        .and(statistics::jobs())
        .and(certificates::jobs())
        .and(certificates::printing(&press))
        .and(personnel::jobs())
        .and(reimbursement::jobs())
        .and(providers::jobs())
        .and(openid::jobs())
        .and(supervision::jobs())
        .and(notices::jobs())
        .and(messages::jobs())
        .and(privacy::jobs());
    Program { site, routes, jobs, is_measured: config.metrics.listen.is_some() }
}

/// A course platform: published, linked to the management platform. The task makes the films that are not there yet.
pub async fn provider(
    config: &Config,
    nature: &Nature,
    name: &str,
    typesetter: &Typesetter,
) -> Result<(Program, JoinHandle<()>)> {
    let site = provider_site(config, nature, name).await?;
    let making = catalogue::publish(&site, typesetter, name, &config.data_dir.join("media")).await?;
    studio::resume(&site).await?;
    Ok((provider_program(site, config), making))
}

/// A course platform's state.
pub async fn provider_site(config: &Config, nature: &Nature, name: &str) -> Result<Site> {
    let theme = catalogue::lectures::theme(name).map_err(Error::internal)?;
    let texts = Texts::load().map_err(Error::internal)?;
    let face = Face {
        brand: Brand { name: texts.with("brand-provider", &[("name", &theme.name)]), theme: name.to_owned() },
        menu: link::menu(),
        sessions: Arc::new(site::Remembered::new(Arc::new(link::VisitSessions))),
        cookie: format!("xueshi-{name}"),
        notice: None,
    };
    let site = open(config, nature, Schema::Provider, face).await?;
    db::protect(&site.db, audit::APPEND_ONLY).await?;
    Ok(site)
}

/// A course platform over its state.
pub fn provider_program(site: Site, config: &Config) -> Program {
    let hub = link::Hub {
        url: config.hub.url.trim_end_matches('/').to_owned(),
        key_id: config.hub.key_id.clone(),
        secret: config.hub.secret.clone(),
        client_id: config.hub.client_id.clone(),
        client_secret: config.hub.client_secret.clone(),
        metadata: link::Published::default(),
    };
    let needs = link::ask_needs(hub.clone());
    let folders = studio::Folders::below(&config.data_dir);
    let routes = health::routes(Schema::Provider)
        .and(catalogue::routes(&folders.media(), learning::may_watch()))
        .and(packages::routes(&folders.packages()))
        .and(studio::routes(&folders))
        .and(orders::routes(&needs, learning::end_given_back))
        .and(learning::routes(&needs))
        .and(link::routes(hub.clone()));
    let routes = openapi::described(routes, openapi::platform_document);
    let jobs = link::jobs(hub).and(orders::jobs()).and(studio::jobs(&folders));
    Program { site, routes, jobs, is_measured: config.metrics.listen.is_some() }
}
