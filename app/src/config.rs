//! Configuration: defaults, then a TOML file, then the environment (`XUESHI_`, `__` between levels). Unknown keys are
//! errors (contract). The environment is read here and nowhere else.
use std::{net::IpAddr, path::PathBuf};

use serde::Deserialize;
use toml::{Table, Value};

pub use crate::config_mail::{Mail, MailKind, MailTls, Notices, Number, Port, Statistics};
pub use crate::config_money::{PaymentColumns, Payments, Separator};

/// Whether the program runs for real.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Keys are made when missing; the outbox is the SMS gateway.
    #[default]
    Development,
    /// Refuses outbox gateways, generated or readable secrets and an http address beyond loopback.
    Production,
}

/// A switch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Switch {
    /// On.
    #[default]
    On,
    /// Off.
    Off,
}

/// Signing in.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SignIn {
    /// Captcha and limits by address.
    pub captcha: Switch,
    /// After so many days everyone changes the password; 0 never.
    #[serde(deserialize_with = "number")]
    pub password_max_age_days: u16,
    /// As above for administrative roles: 90 in production unless set, else never.
    #[serde(deserialize_with = "maybe_number")]
    pub administrators_password_max_age_days: Option<u16>,
    /// Whether administrators act only with a second factor.
    pub administrators_second_factor: Switch,
}

impl Default for SignIn {
    fn default() -> Self {
        Self {
            captcha: Switch::On,
            password_max_age_days: 0,
            administrators_password_max_age_days: None,
            administrators_second_factor: Switch::Off,
        }
    }
}

/// A number, also as the environment writes it.
fn number<'de, D: serde::Deserializer<'de>>(from: D) -> Result<u16, D::Error> {
    match Value::deserialize(from)? {
        Value::Integer(n) => u16::try_from(n).map_err(serde::de::Error::custom),
        Value::String(text) => text.trim().parse().map_err(serde::de::Error::custom),
        other => Err(serde::de::Error::custom(format!("{other} is no number"))),
    }
}

fn maybe_number<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<u16>, D::Error> {
    number(from).map(Some)
}

/// Where short messages go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SmsKind {
    /// A file in the data folder; production refuses it.
    #[default]
    Outbox,
    /// An address of the operator's own, with signed requests.
    Http,
    /// Aliyun.
    Aliyun,
    /// Tencent Cloud.
    Tencent,
}

/// Short messages.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sms {
    /// Which gateway.
    pub gateway: SmsKind,
    /// Its address, such as `https://dysmsapi.aliyuncs.com`.
    pub url: String,
    /// The id of the key.
    pub key_id: String,
    /// A file that holds the key and that nobody else may read.
    pub secret_file: PathBuf,
    /// The registered signature (短信签名).
    pub sign_name: String,
    /// The registered template.
    pub template: String,
    /// The application's id (Tencent).
    pub app_id: String,
}

/// Addresses, written with commas between.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(try_from = "String")]
pub struct Proxies(pub Vec<IpAddr>);

impl TryFrom<String> for Proxies {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let parts = text.split(',').map(str::trim).filter(|p| !p.is_empty());
        let read = |p: &str| p.parse().map_err(|_| format!("proxies: {p} is no address"));
        parts.map(read).collect::<Result<_, _>>().map(Self)
    }
}

/// Networks, written with commas between.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(try_from = "String")]
pub struct Networks(pub Vec<outside::Network>);

impl TryFrom<String> for Networks {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let parts = text.split(',').map(str::trim).filter(|p| !p.is_empty());
        parts.map(|p| p.parse().map_err(|e| format!("outbound: {e}"))).collect::<Result<_, _>>().map(Self)
    }
}

/// Uploaded files.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Files {
    /// Where a scanner listens: `unix:/run/clamav/clamd.ctl` or `tcp:127.0.0.1:3310`; none when empty.
    pub scanner: String,
}

/// Metrics for Prometheus.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Metrics {
    /// A listener of its own; none without it.
    pub listen: Option<String>,
}

/// A course platform's link to the management platform.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HubLink {
    /// Its address.
    pub url: String,
    /// The id of the signing key.
    pub key_id: String,
    /// The secret of the signing key.
    pub secret: String,
    /// The id of the OpenID client.
    pub client_id: String,
    /// The OpenID client's secret.
    pub client_secret: String,
}

/// The whole configuration.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where to listen.
    pub listen: String,
    /// `sqlite:PATH` or `postgres://…`; `sqlite:DATA_DIR/xueshi.db` when empty.
    pub database_url: String,
    /// Where keys, files and the embedded database lie.
    pub data_dir: PathBuf,
    /// The address people use; `http://LISTEN` when empty.
    pub public_url: String,
    /// A course platform's origin for learning packages, such as `https://content.example.cn`: another host that leads to
    /// the same listener. On loopback there is one without it.
    pub content_url: String,
    /// A filter such as `info,sqlx=warn`.
    pub log: String,
    /// Development or production.
    pub mode: Mode,
    /// Reverse proxies whose `X-Forwarded-For` is believed: addresses with commas between.
    pub proxies: Proxies,
    /// Networks of the operator's own that other platforms may be called in: `10.1.2.0/24`, with commas between. Public
    /// addresses always may; development and a loopback public address may call everywhere.
    pub outbound: Networks,
    /// Uploaded files.
    pub files: Files,
    /// Signing in.
    pub sign_in: SignIn,
    /// Short messages.
    pub sms: Sms,
    /// The payment file for the bank.
    pub payments: Payments,
    /// Mail.
    pub mail: Mail,
    /// Ways of notices.
    pub notices: Notices,
    /// Figures.
    pub statistics: Statistics,
    /// Metrics.
    pub metrics: Metrics,
    /// A course platform's link.
    pub hub: HubLink,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".into(),
            database_url: String::new(),
            data_dir: "./data".into(),
            public_url: String::new(),
            content_url: String::new(),
            log: "info,sqlx=warn,tower_http=warn".into(),
            mode: Mode::Development,
            proxies: Proxies::default(),
            outbound: Networks::default(),
            files: Files::default(),
            sign_in: SignIn::default(),
            sms: Sms::default(),
            payments: Payments::default(),
            mail: Mail::default(),
            notices: Notices::default(),
            statistics: Statistics::default(),
            metrics: Metrics::default(),
            hub: HubLink::default(),
        }
    }
}

/// Why a configuration cannot be used: one line, with the key.
#[derive(Debug, thiserror::Error)]
#[error("configuration: {0}")]
pub struct ConfigError(String);

impl Config {
    /// Reads the file, if one is named, and the process's environment.
    pub fn load(file: Option<&std::path::Path>) -> Result<Self, ConfigError> {
        let text = match file {
            Some(path) => {
                std::fs::read_to_string(path).map_err(|e| ConfigError(format!("{}: {e}", path.display())))?
            }
            None => String::new(),
        };
        Self::read(&text, std::env::vars().filter(|(k, _)| k.starts_with("XUESHI_")))
    }

    /// Reads a file's text and variables.
    pub fn read(text: &str, variables: impl Iterator<Item = (String, String)>) -> Result<Self, ConfigError> {
        let mut table: Table = toml::from_str(text).map_err(|e| ConfigError(e.message().to_owned()))?;
        for (name, value) in variables {
            let path: Vec<String> =
                name.trim_start_matches("XUESHI_").split("__").map(str::to_lowercase).collect();
            set(&mut table, &path, value)
                .ok_or_else(|| ConfigError(format!("{name} does not name a setting")))?;
        }
        let mut config: Self = Value::Table(table)
            .try_into()
            .map_err(|e: toml::de::Error| ConfigError(e.message().to_owned()))?;
        if config.database_url.is_empty() {
            config.database_url = format!("sqlite:{}/xueshi.db", config.data_dir.display());
        }
        if config.public_url.is_empty() {
            config.public_url = format!("http://{}", config.listen);
        }
        config.public_url = config.public_url.trim_end_matches('/').to_owned();
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<(), ConfigError> {
        let url = url::Url::parse(&self.public_url).map_err(|e| ConfigError(format!("public_url: {e}")))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(ConfigError("public_url must begin with http:// or https://".into()));
        }
        if self.mode == Mode::Production && url.scheme() == "http" && !is_loopback(&url) {
            return Err(ConfigError("public_url: production wants https beyond loopback".into()));
        }
        if !self.files.scanner.is_empty() && outside::scanner::ClamAv::at(&self.files.scanner).is_none() {
            return Err(ConfigError("files.scanner begins with unix: or tcp:".into()));
        }
        let content = self.content_url.trim_end_matches('/');
        if !content.is_empty() && (content == self.public_url || url::Url::parse(content).is_err()) {
            return Err(ConfigError("content_url must be an address of another host than public_url".into()));
        }
        if self.sms.gateway != SmsKind::Outbox && (self.sms.url.is_empty() || self.sms.key_id.is_empty()) {
            return Err(ConfigError("sms.url and sms.key_id are needed by this gateway".into()));
        }
        let is_local = matches!(self.mail.host.as_str(), "localhost" | "127.0.0.1" | "::1");
        match (self.mail.transport, self.mail.tls) {
            (Some(MailKind::Smtp), _) if self.mail.host.is_empty() || self.mail.from.is_empty() => {
                Err(ConfigError("mail.host and mail.from are needed by smtp".into()))
            }
            (Some(MailKind::Smtp), MailTls::None) if !is_local => {
                Err(ConfigError("mail.tls: none is for a server on this machine".into()))
            }
            _ => Ok(()),
        }
    }

    /// Where calls to other platforms may go.
    pub fn reach(&self) -> outside::Reach {
        let is_closed = url::Url::parse(&self.public_url).is_ok_and(|url| is_loopback(&url));
        if self.mode == Mode::Development || is_closed {
            outside::Reach::Anywhere
        } else {
            outside::Reach::Public(self.outbound.0.clone())
        }
    }

    /// After how many days administrators change their passwords; 0 never.
    pub fn administrators_password_days(&self) -> u16 {
        let usual = if self.mode == Mode::Production { 90 } else { 0 };
        self.sign_in.administrators_password_max_age_days.unwrap_or(usual)
    }

    /// The origin of contents: the one configured, or on loopback a name that leads to this machine too.
    pub fn content_url(&self) -> Option<String> {
        let configured = self.content_url.trim_end_matches('/');
        if !configured.is_empty() {
            return Some(configured.to_owned());
        }
        let mut url = url::Url::parse(&self.public_url).ok().filter(is_loopback)?;
        url.set_host(Some("content.localhost")).ok()?;
        Some(url.as_str().trim_end_matches('/').to_owned())
    }

    /// Whether cookies are Secure.
    pub fn is_secure(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}

fn is_loopback(url: &url::Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

fn set(table: &mut Table, path: &[String], value: String) -> Option<()> {
    let (last, above) = path.split_last()?;
    let mut place = table;
    for name in above {
        let next = place.entry(name.clone()).or_insert_with(|| Value::Table(Table::new()));
        place = next.as_table_mut()?;
    }
    place.insert(last.clone(), Value::String(value));
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::read(text, variables.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())))
    }

    #[test]
    fn the_environment_wins_over_the_file_and_the_file_over_defaults() {
        let file = "listen = '127.0.0.1:1'\n[sign_in]\ncaptcha = 'on'\n";
        let config =
            read(file, &[("XUESHI_SIGN_IN__CAPTCHA", "off"), ("XUESHI_DATA_DIR", "/tmp/x")]).unwrap();
        assert_eq!((config.listen.as_str(), config.sign_in.captcha), ("127.0.0.1:1", Switch::Off));
        assert_eq!(config.database_url, "sqlite:/tmp/x/xueshi.db");
        assert_eq!(config.public_url, "http://127.0.0.1:1");
    }

    #[test]
    fn item_60_unknown_keys_and_an_open_http_address_in_production_are_refused() {
        assert!(read("lisen = 'x'", &[]).is_err());
        assert!(read("", &[("XUESHI_SIGN_IN__CAPCHA", "off")]).is_err());
        let open = [("XUESHI_MODE", "production"), ("XUESHI_PUBLIC_URL", "http://a.example")];
        assert!(read("", &open).is_err());
        assert!(read("", &[open[0], ("XUESHI_PUBLIC_URL", "https://a.example")]).is_ok());
    }

    #[test]
    fn contents_have_an_origin_of_their_own() {
        assert_eq!(read("", &[]).unwrap().content_url().as_deref(), Some("http://content.localhost:8080"));
        let real = ("XUESHI_PUBLIC_URL", "https://a.example");
        assert_eq!(read("", &[real]).unwrap().content_url(), None);
        let content = ("XUESHI_CONTENT_URL", "https://c.example/");
        assert_eq!(read("", &[real, content]).unwrap().content_url().as_deref(), Some("https://c.example"));
        assert!(read("", &[real, ("XUESHI_CONTENT_URL", "https://a.example")]).is_err());
    }

    #[test]
    fn the_payment_file_has_the_form_that_the_bank_takes() {
        let form = [
            ("XUESHI_PAYMENTS__COLUMNS", "staff_no, name,fen"),
            ("XUESHI_PAYMENTS__SEPARATOR", "tab"),
            ("XUESHI_PAYMENTS__HEAD", "off"),
            ("XUESHI_PAYMENTS__ENCODING", "utf8"),
        ];
        let format = read("", &form).unwrap().payments.format();
        assert_eq!((format.columns.len(), format.separator, format.head), (3, '\t', false));
        assert!(read("", &[("XUESHI_PAYMENTS__COLUMNS", "account,nonsense")]).is_err());
        assert!(read("", &[("XUESHI_PAYMENTS__SEPARATOR", "ab")]).is_err());
    }

    #[test]
    fn a_gateway_needs_an_address_and_a_key_and_proxies_are_addresses() {
        let sms = [
            ("XUESHI_SMS__GATEWAY", "http"),
            ("XUESHI_SMS__URL", "https://s.example"),
            ("XUESHI_SMS__KEY_ID", "k"),
        ];
        assert!(read("", &sms).is_ok());
        assert!(read("", &sms[..2]).is_err());
        let mail = [
            ("XUESHI_MAIL__TRANSPORT", "smtp"),
            ("XUESHI_MAIL__HOST", "mail.example.cn"),
            ("XUESHI_MAIL__FROM", "a@example.cn"),
            ("XUESHI_MAIL__PORT", "465"),
            ("XUESHI_MAIL__TLS", "none"),
        ];
        assert_eq!(read("", &mail[..4]).unwrap().mail.port, Port(Some(465)));
        assert!(read("", &mail).is_err(), "without TLS only on this machine");
        assert!(read("", &mail[..2]).is_err());
        assert!(read("", &[("XUESHI_MAIL__PORT", "70000")]).is_err());
        assert_eq!(read("", &[("XUESHI_PROXIES", "10.0.0.1, ::1")]).unwrap().proxies.0.len(), 2);
        assert!(read("", &[("XUESHI_PROXIES", "somewhere")]).is_err());
        assert!(read("", &[("XUESHI_FILES__SCANNER", "clamd")]).is_err());
        assert!(read("", &[("XUESHI_OUTBOUND", "intranet")]).is_err());
    }

    #[test]
    fn item_47_production_calls_public_addresses_and_named_networks_only() {
        let production = [("XUESHI_MODE", "production"), ("XUESHI_PUBLIC_URL", "https://a.example")];
        let own = [production[0], production[1], ("XUESHI_OUTBOUND", "10.1.2.0/24")];
        let allows = |variables: &[(&str, &str)], address: &str| {
            read("", variables).unwrap().reach().allows(address.parse().unwrap())
        };
        assert!(!allows(&production, "127.0.0.1") && !allows(&production, "10.1.2.3"));
        assert!(allows(&own, "10.1.2.3") && !allows(&own, "10.1.3.3"));
        assert!(allows(&[], "127.0.0.1"), "development");
    }

    #[test]
    fn administrators_change_their_passwords_in_production_unless_it_is_set_otherwise() {
        let production = [("XUESHI_MODE", "production"), ("XUESHI_PUBLIC_URL", "https://a.example")];
        assert_eq!(read("", &production).unwrap().administrators_password_days(), 90);
        assert_eq!(read("", &[]).unwrap().administrators_password_days(), 0);
        let set = [("XUESHI_SIGN_IN__ADMINISTRATORS_PASSWORD_MAX_AGE_DAYS", "30")];
        assert_eq!(read("", &set).unwrap().administrators_password_days(), 30);
    }
}
