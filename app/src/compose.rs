//! Puts the parts together: the one list of features, for the management platform and for a course platform.
use std::sync::Arc;

use base::{Clock, Error, Random, Result, Role, SystemClock, SystemRandom};
use db::{Db, Schema};
use documents::Typesetter;
use jobs::Handlers;
use outside::scanner::{ClamAv, Scanner};
use secrets::Keyring;
use site::{Assets, Brand, Menu, MenuEntry, Parts, Routes, Sessions, Settings, Site, Texts};

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
    let keys = Keyring::open(&config.data_dir.join("keys"), &*nature.random, may_make_keys)
        .map_err(Error::internal)?;
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
        menu: hub_menu(),
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
        .and(openapi::routes())
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
    let routes = routes.and(exports::routes(&lists));
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
        .and(providers::jobs())
        .and(openid::jobs())
        .and(supervision::jobs())
        .and(notices::jobs())
        .and(messages::jobs());
    Program { site, routes, jobs }
}

const ADMINISTRATORS: &[Role] = &[Role::UnitAdmin, Role::Authority];
const OVERSEERS: &[Role] = &[Role::UnitAdmin, Role::Authority, Role::Auditor];
const REVIEWERS: &[Role] = &[Role::UnitAdmin, Role::Authority, Role::Reviewer];

/// Whoever works for others gets the list on the left.
const DESKS: &[Role] = &[
    Role::UnitAdmin,
    Role::Authority,
    Role::Reviewer,
    Role::Hr,
    Role::Finance,
    Role::Support,
    Role::Auditor,
    Role::SystemAdmin,
    Role::Provider,
];

const OVERSEERS_OF_PROVIDERS: &[Role] = &[Role::Authority, Role::Support, Role::Auditor, Role::SystemAdmin];
const PAST_READERS: &[Role] =
    &[Role::UnitAdmin, Role::DepartmentHead, Role::Hr, Role::Authority, Role::Auditor];
const PERSONNEL: &[Role] = &[Role::Hr, Role::UnitAdmin, Role::Authority];
const FEE_DECIDERS: &[Role] = &[Role::DepartmentHead, Role::UnitAdmin, Role::Hr, Role::Finance];
const INVOICE_KEEPERS: &[Role] = &[Role::UnitAdmin, Role::Finance];
const BOOK_READERS: &[Role] = &[Role::Finance, Role::UnitAdmin, Role::Authority, Role::Auditor];

fn entry(href: &'static str, label: &'static str, icon: &'static str, roles: &'static [Role]) -> MenuEntry {
    MenuEntry { href, label, icon, roles }
}

/// What stands under 人员名册: people coming, moving and leaving.
fn staffing_menu() -> Vec<MenuEntry> {
    vec![
        entry("/activations", "nav-activations", "user-check", ADMINISTRATORS),
        entry("/units", "nav-units", "building", ADMINISTRATORS),
        entry("/transfers", "nav-transfers", "arrows-exchange", ADMINISTRATORS),
        entry("/corrections", "nav-corrections", "edit", ADMINISTRATORS),
        entry("/guests", "nav-guests", "briefcase", &[Role::Hr]),
        entry("/retirements", "nav-retirements", "calendar", &[Role::Hr]),
    ]
}
const SETTLERS: &[Role] = &[Role::Authority, Role::Auditor];

/// What the authority keeps an eye on, in the list on the left.
fn watching() -> Vec<MenuEntry> {
    vec![
        entry("/signals", "nav-signals", "flag", &[Role::Authority]),
        entry("/spot-checks", "nav-spot-checks", "list-check", &[Role::Authority, Role::Auditor]),
        entry("/incidents", "nav-incidents", "alert-triangle", &[Role::Authority]),
        entry("/inspections", "nav-inspections", "package", &[Role::Authority, Role::Auditor]),
        entry("/past", "nav-past", "history", PAST_READERS),
        entry("/inductions", "nav-inductions", "school", PERSONNEL),
        entry("/legacy-import", "nav-legacy-import", "history", PERSONNEL),
    ]
}

fn hub_menu() -> Menu {
    let mut menu = everyday_menu();
    let people = menu.side.iter().position(|e| e.href == "/people").map_or(0, |place| place + 1);
    menu.side.splice(people..people, staffing_menu());
    let policies = menu.side.iter().position(|e| e.href == "/policies").unwrap_or(menu.side.len());
    menu.side.splice(policies..policies, watching());
    menu
}

fn everyday_menu() -> Menu {
    Menu {
        side: vec![
            entry("/", "nav-desk", "layout-dashboard", ADMINISTRATORS),
            entry("/people", "nav-people", "users", ADMINISTRATORS),
            entry("/statistics", "nav-statistics", "chart-bar", OVERSEERS),
            entry("/supervision", "nav-supervision", "speakerphone", ADMINISTRATORS),
            entry("/invoice-title", "nav-invoice-title", "receipt", INVOICE_KEEPERS),
            entry("/yearbooks", "nav-yearbooks", "clipboard-list", OVERSEERS),
            entry("/people-import", "nav-import", "upload", ADMINISTRATORS),
            entry("/reviews", "nav-reviews", "clipboard-check", REVIEWERS),
            entry("/policies", "nav-policies", "gavel", &[Role::Authority]),
            entry("/trainings", "nav-trainings", "school", ADMINISTRATORS),
            entry("/attendances", "nav-attendances", "qrcode", ADMINISTRATORS),
            entry("/support", "nav-support", "headset", &[Role::Support]),
            entry("/provider", "nav-provider", "school", &[Role::Provider]),
            entry("/providers", "nav-providers", "school", OVERSEERS_OF_PROVIDERS),
            entry("/provider-outbox", "nav-provider-outbox", "send", &[Role::Support, Role::SystemAdmin]),
            entry("/certificates/print", "nav-print", "printer", PERSONNEL),
            entry("/certificates/seals", "nav-seals", "rubber-stamp", &[Role::Authority]),
            entry("/checks", "nav-checks", "clipboard-check", PERSONNEL),
            entry("/reimbursements/queue", "nav-reimbursement-queue", "receipt", FEE_DECIDERS),
            entry("/reimbursements/books", "nav-reimbursement-books", "report-money", BOOK_READERS),
            entry("/settlements", "nav-settlements", "building-bank", SETTLERS),
            entry("/jobs", "nav-jobs", "clock-hour-4", &[Role::SystemAdmin]),
            entry("/audit", "nav-audit", "shield-search", OVERSEERS),
            entry("/search", "nav-search", "search", &[]),
            entry("/notices", "nav-notices", "file-text", &[]),
            entry("/messages", "nav-messages", "mail", &[]),
            entry("/me/calendar", "nav-calendar", "calendar", &[]),
            entry("/me", "nav-my-year", "home", &[]),
            entry("/claims", "nav-claims", "file-plus", &[]),
            entry("/hours", "nav-hours", "list-details", &[]),
            entry("/exemptions", "nav-exemptions", "calendar-off", &[]),
            entry("/standard", "nav-standard", "list-numbers", &[]),
            entry("/certificates", "nav-certificates", "certificate", &[]),
            entry("/reimbursements", "nav-reimbursements", "receipt", &[]),
            entry("/verify", "nav-verify", "shield-check", &[]),
        ],
        bar: vec![
            entry("/", "nav-home", "home", &[]),
            entry("/courses", "nav-courses", "book-2", &[]),
            entry("/hours", "nav-hours", "list-details", &[]),
            entry("/me/profile", "nav-me", "user", &[]),
        ],
        side_roles: DESKS,
        account: "/me/account",
        aside: beside(),
    }
}

/// What staff find on the left beside the bar.
fn beside() -> Vec<MenuEntry> {
    vec![
        entry("/search", "nav-search", "search", &[]),
        entry("/notices", "nav-notices", "file-text", &[]),
        entry("/messages", "nav-messages", "mail", &[]),
        entry("/me/calendar", "nav-calendar", "calendar", &[]),
        entry("/supervision", "nav-supervision", "speakerphone", &[Role::DepartmentHead]),
        entry("/claims", "nav-claims", "file-plus", &[]),
        entry("/hours", "nav-hours", "list-details", &[]),
        entry("/exemptions", "nav-exemptions", "calendar-off", &[]),
        entry("/standard", "nav-standard", "list-numbers", &[]),
        entry("/certificates", "nav-certificates", "certificate", &[]),
        entry("/reimbursements", "nav-reimbursements", "receipt", &[]),
    ]
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
    open(config, nature, Schema::Provider, face).await
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
        .and(openapi::provider_routes())
        .and(catalogue::routes(&folders.media(), learning::may_watch()))
        .and(packages::routes(&folders.packages()))
        .and(studio::routes(&folders))
        .and(orders::routes(&needs))
        .and(learning::routes(&needs))
        .and(link::routes(hub.clone()));
    Program { site, routes, jobs: link::jobs(hub).and(orders::jobs()).and(studio::jobs(&folders)) }
}
