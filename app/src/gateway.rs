//! The SMS gateway that the configuration names.
use std::{os::unix::fs::PermissionsExt, path::Path, sync::Arc};

use base::{Error, Result};
use outside::{
    http::Client,
    sms::{Aliyun, Outbox, Service, SignedHttp, SmsGateway, Tencent},
};

use crate::{
    compose::Nature,
    config::{Config, Mode, SmsKind},
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
        secret: secret(&sms.secret_file)?,
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

fn secret(file: &Path) -> Result<String> {
    let named = |e: std::io::Error| Error::internal(format!("sms.secret_file {}: {e}", file.display()));
    let mode = std::fs::metadata(file).map_err(named)?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(Error::internal(format!(
            "sms.secret_file {}: others may read it; chmod 600",
            file.display()
        )));
    }
    let text = std::fs::read_to_string(file).map_err(named)?;
    let secret = text.trim().to_owned();
    if secret.len() < 16 {
        Err(Error::internal("sms.secret_file holds fewer than 16 characters"))
    } else {
        Ok(secret)
    }
}
