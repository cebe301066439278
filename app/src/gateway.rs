//! The SMS gateway and the mail transport that the configuration names.
use std::{os::unix::fs::PermissionsExt, path::Path, sync::Arc};

use base::{Error, Instant, Kind, Result};
use futures::future::BoxFuture;
use outside::{
    http::Client,
    mail::{self, MailTransport},
    sms::{Aliyun, Outbox, Service, SignedHttp, SmsGateway, Tencent},
};

use crate::{
    compose::Nature,
    config::{Config, MailKind, MailTls, Mode, SmsKind},
};

/// Opens the gateway; a secret that others may read is refused. `sends` tells the management platform, which sends
/// messages, from a course platform, which sends none and so may keep the outbox in production.
pub fn open(config: &Config, http: &Client, nature: &Nature, sends: bool) -> Result<Arc<dyn SmsGateway>> {
    let sms = &config.sms;
    if sms.gateway == SmsKind::Outbox {
        if config.mode == Mode::Production && sends {
            return Err(Error::internal(
                "sms.gateway: production refuses the outbox; use http, aliyun or tencent",
            ));
        }
        return Ok(Arc::new(Outbox::new(&config.data_dir).map_err(Error::internal)?));
    }
    let service = Service {
        endpoint: sms.url.trim_end_matches('/').to_owned(),
        key_id: sms.key_id.clone(),
        secret: secret("sms.secret_file", &sms.secret_file)?,
        sign_name: sms.sign_name.clone(),
        template: sms.template.clone(),
        app_id: sms.app_id.clone(),
    };
    let (http, random) = (http.clone(), Arc::clone(&nature.random));
    Ok(match sms.gateway {
        SmsKind::Aliyun => Arc::new(Aliyun::new(http, random, service)),
        SmsKind::Tencent => Arc::new(Tencent::new(http, service)),
        SmsKind::Http | SmsKind::Outbox => {
            Arc::new(SignedHttp::new(http, random, &sms.url, (&service.key_id, &service.secret)))
        }
    })
}

/// Opens the mail transport. The outbox in production is refused by the management platform, which sends mail.
pub fn open_mail(config: &Config, sends: bool) -> Result<Arc<dyn MailTransport>> {
    let m = &config.mail;
    let is_strict = config.mode == Mode::Production && sends;
    match m.transport {
        Some(MailKind::Off) => return Ok(Arc::new(NoMail)),
        None if is_strict => return Ok(Arc::new(NoMail)),
        Some(MailKind::Outbox) if is_strict => {
            return Err(Error::internal("mail.transport: production refuses the outbox; use smtp or off"));
        }
        None | Some(MailKind::Outbox) => {
            return Ok(Arc::new(mail::Outbox::new(&config.data_dir).map_err(Error::internal)?));
        }
        Some(MailKind::Smtp) => {}
    }
    let (safety, usual) = match m.tls {
        MailTls::StartTls => (mail::Safety::StartTls, 587),
        MailTls::Tls => (mail::Safety::Tls, 465),
        MailTls::None => (mail::Safety::None, 25),
    };
    let account = if m.user.is_empty() {
        None
    } else {
        Some((m.user.clone(), secret("mail.secret_file", &m.secret_file)?))
    };
    let authority = if m.ca_file.as_os_str().is_empty() {
        None
    } else {
        let named = |e: std::io::Error| Error::internal(format!("mail.ca_file {}: {e}", m.ca_file.display()));
        Some(std::fs::read(&m.ca_file).map_err(named)?)
    };
    let (host, from) = (m.host.clone(), m.from.clone());
    let server = mail::Server { host, port: m.port.0.unwrap_or(usual), safety, account, authority, from };
    Ok(Arc::new(mail::Smtp::new(&server)?))
}

/// For installations without mail: nothing is sent, and whoever asks for it is told so.
struct NoMail;

impl MailTransport for NoMail {
    fn send(&self, _at: Instant, _letter: mail::Letter) -> BoxFuture<'_, Result<()>> {
        Box::pin(async { Err(Error::refused(Kind::Unavailable, "mail_off")) })
    }
}

fn secret(setting: &str, file: &Path) -> Result<String> {
    let named = |e: std::io::Error| Error::internal(format!("{setting} {}: {e}", file.display()));
    let mode = std::fs::metadata(file).map_err(named)?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(Error::internal(format!("{setting} {}: others may read it; chmod 600", file.display())));
    }
    let text = std::fs::read_to_string(file).map_err(named)?;
    let secret = text.trim().to_owned();
    if secret.len() < 16 {
        Err(Error::internal(format!("{setting} holds fewer than 16 characters")))
    } else {
        Ok(secret)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn item_28_production_refuses_the_outbox_and_secrets_that_others_read_or_that_are_short() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = std::env::temp_dir().join(secrets::fresh_token(&base::SystemRandom));
        std::fs::create_dir_all(&folder).unwrap();
        let http = Client::new(outside::Reach::Anywhere).unwrap();
        let opens = |config: &Config, sends: bool| open(config, &http, &Nature::default(), sends).is_ok();
        let mut config = Config { data_dir: folder.clone(), mode: Mode::Production, ..Config::default() };
        assert!(!opens(&config, true), "the outbox holds codes");
        assert!(opens(&config, false), "a course platform sends none");
        config.mode = Mode::Development;
        assert!(opens(&config, true));
        let file = folder.join("secret");
        config.sms.gateway = SmsKind::Http;
        config.sms.secret_file.clone_from(&file);
        for (text, mode, holds) in
            [("short", 0o600, false), ("0123456789abcdef", 0o644, false), ("0123456789abcdef", 0o600, true)]
        {
            std::fs::write(&file, text).unwrap();
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(opens(&config, true), holds, "{text} {mode:o}");
        }
        std::fs::remove_dir_all(folder).unwrap();
    }
}
