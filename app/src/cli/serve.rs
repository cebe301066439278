//! `xueshi serve` and `xueshi provider`.
use documents::Typesetter;
use tokio::{net::TcpListener, sync::watch};
use tracing_subscriber::EnvFilter;

use super::{Done, Fault, block_on};
use crate::{
    compose::{self, Nature, Program},
    config::Config,
    serve,
};

pub(crate) fn log_to_stderr(filter: &str) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .try_init();
}

pub(super) fn hub(config: &Config) -> Done {
    log_to_stderr(&config.log);
    block_on(async {
        let site = compose::hub_site(config, &Nature::default(), None).await?;
        hours::schedule(&site).await?;
        claims::schedule(&site).await?;
        files::schedule(&site).await?;
        accounts::schedule(&site).await?;
        supervision::schedule(&site).await?;
        providers::schedule(&site).await?;
        statistics::schedule(&site).await?;
        privacy::schedule(&site).await?;
        let program = compose::hub(site, Typesetter::load()?, config);
        until_stopped(config, program).await
    })
}

pub(super) fn provider(name: &str, config: &Config) -> Done {
    log_to_stderr(&config.log);
    let hub = &config.hub;
    if [&hub.url, &hub.key_id, &hub.secret, &hub.client_id, &hub.client_secret].iter().any(|s| s.is_empty()) {
        let needed = "hub.url, hub.key_id, hub.secret, hub.client_id and hub.client_secret must be set";
        return Err(Fault(format!("{needed}; see `xueshi admin provider`")));
    }
    block_on(async {
        let (program, _making) =
            compose::provider(config, &Nature::default(), name, &Typesetter::load()?).await?;
        link::begin(&program.site).await?;
        link::schedule(&program.site).await?;
        until_stopped(config, program).await
    })
}

async fn until_stopped(config: &Config, program: Program) -> Done {
    let stop: watch::Receiver<bool> = serve::stop_signal();
    let listener = TcpListener::bind(&config.listen).await.map_err(|e| format!("{}: {e}", config.listen))?;
    tracing::info!(listen = %config.listen, public_url = %config.public_url, "ready");
    if let Some(address) = &config.metrics.listen {
        let handle = serve::record_metrics()?;
        tokio::spawn(serve::serve_metrics(address.clone(), handle, stop.clone()));
    }
    Ok(serve::serve(program, listener, stop).await?)
}
