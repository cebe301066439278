//! The parts of the configuration that say how mail leaves, by which ways notices go out, and when figures are counted.
use std::path::PathBuf;

use serde::Deserialize;
use toml::Value;

use crate::config::Switch;

/// How mail leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailKind {
    /// A file in the data folder; production refuses it.
    Outbox,
    /// A mail server.
    Smtp,
    /// No mail at all.
    Off,
}

/// How the way to the mail server is kept safe.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailTls {
    /// By STARTTLS, without which nothing is sent.
    #[default]
    StartTls,
    /// From the first byte.
    Tls,
    /// Not at all: only for a server on this machine.
    None,
}

/// Mail.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mail {
    /// Which transport; the outbox unless given, and none in production.
    pub transport: Option<MailKind>,
    /// The server's name.
    pub host: String,
    /// Its port; 587 with STARTTLS, 465 with TLS, 25 without, unless given.
    pub port: Port,
    /// How the way there is kept safe.
    pub tls: MailTls,
    /// The name to sign in with, if the server asks for one.
    pub user: String,
    /// A file that holds the password and that nobody else may read.
    pub secret_file: PathBuf,
    /// A file with a certificate authority beside the usual ones, PEM.
    pub ca_file: PathBuf,
    /// Whom letters come from.
    pub from: String,
}

/// A port; the environment gives it as text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "toml::Value")]
pub struct Port(pub Option<u16>);

impl TryFrom<Value> for Port {
    type Error = String;
    fn try_from(value: Value) -> Result<Self, String> {
        let number = match &value {
            Value::Integer(number) => u16::try_from(*number).ok(),
            Value::String(text) => text.parse().ok(),
            _ => None,
        };
        number.map(|n| Self(Some(n))).ok_or_else(|| format!("{value} is no port"))
    }
}

/// By which ways a notice may go out beside the inbox.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Notices {
    /// By SMS, which costs; off unless given.
    pub sms: Switch,
    /// By mail.
    pub mail: Switch,
}

impl Default for Notices {
    fn default() -> Self {
        Self { sms: Switch::Off, mail: Switch::On }
    }
}

/// Figures.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Statistics {
    /// Figures of up to so many people are counted when asked for; of more the maintained ones are read.
    pub counted_most: Number,
}

/// A number; the environment gives it as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "toml::Value")]
pub struct Number(pub i64);

impl Default for Number {
    fn default() -> Self {
        Self(5000)
    }
}

impl TryFrom<Value> for Number {
    type Error = String;
    fn try_from(value: Value) -> Result<Self, String> {
        let number = match &value {
            Value::Integer(number) => Some(*number),
            Value::String(text) => text.parse().ok(),
            _ => None,
        };
        number.filter(|n| *n >= 0).map(Self).ok_or_else(|| format!("{value} is no number of people"))
    }
}
