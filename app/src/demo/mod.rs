//! `xueshi demo`: the management platform and three course platforms in one process, real HTTP between the four, seeded
//! with the notice's case. A second start finds everything and keeps what was done.
mod accounts_file;
mod college;
mod history;
mod notices;
mod people;
mod welcome;

use std::path::{Path, PathBuf};

use base::{Error, Result};
use documents::Typesetter;
use site::Site;
use tokio::net::TcpListener;

use crate::{
    cli::{Fault, block_on},
    compose::{self, Nature},
    config::{Config, HubLink, SignIn, Switch},
    enrol::{enrol, own_addresses},
    serve,
};

/// The notice's three platforms, in the order of their ports.
const PROVIDERS: [&str; 3] = ["ischinese", "webtrn", "hnkfdx"];

/// Runs until the process is asked to stop.
pub(crate) fn run(data: &Path, port: u16, json: bool) -> std::result::Result<(), Fault> {
    crate::cli::log_to_stderr("warn");
    block_on(async move {
        let demo = Demo { data: data.to_owned(), port };
        demo.run(json).await.map_err(Fault::from)
    })
}

struct Demo {
    data: PathBuf,
    port: u16,
}

/// A program's address with the listener that holds it.
struct Door {
    url: String,
    listener: TcpListener,
}

impl Demo {
    async fn run(&self, json: bool) -> Result<()> {
        let nature = Nature::default();
        let typesetter = Typesetter::load().map_err(Error::internal)?;
        let hub_door = self.door(0).await?;
        let config = self.config("hub", &hub_door.url, HubLink::default());
        let texts = site::Texts::load().map_err(Error::internal)?;
        let hub = compose::hub_site(&config, &nature, Some(texts.get("demo-notice"))).await?;
        let stop = serve::stop_signal();
        let mut tasks = tokio::task::JoinSet::new();
        let mut addresses = vec![];
        let mut ready = vec![];
        for (name, place) in PROVIDERS.into_iter().zip(1..) {
            let door = self.door(place).await?;
            let link = self.link(&hub, name, &door.url, &hub_door.url).await?;
            addresses.push((name, door.url.clone()));
            ready.push((name, self.config(name, &door.url, link), door));
        }
        // The first courses' films are made before the demo is ready, the others meanwhile.
        let making =
            ready.iter().map(|(name, config, _)| compose::provider(config, &nature, name, &typesetter));
        let programs = futures::future::try_join_all(making).await?;
        let manager = college::seed(&hub, &typesetter, &self.data).await?;
        hours::schedule(&hub).await?;
        claims::schedule(&hub).await?;
        files::schedule(&hub).await?;
        accounts::schedule(&hub).await?;
        supervision::schedule(&hub).await?;
        providers::schedule(&hub).await?;
        statistics::schedule(&hub).await?;
        privacy::schedule(&hub).await?;
        let program = compose::hub(hub.clone(), typesetter, &config);
        tasks.spawn(serve::serve(program, hub_door.listener, stop.clone()));
        // The other films are made on; each platform tells its courses as they are published.
        for ((program, _films), (name, _, door)) in programs.into_iter().zip(ready) {
            if let Some(person) = manager {
                link::appoint_manager(&program.site, &providers::subject_at(&hub, name, person).await?)
                    .await?;
            }
            link::begin(&program.site).await?;
            link::schedule(&program.site).await?;
            tasks.spawn(serve::serve(program, door.listener, stop.clone()));
        }
        providers::sync_all(&hub).await?;
        welcome::say(&hub, (&hub_door.url, &addresses), &self.data, json)?;
        while let Some(ended) = tasks.join_next().await {
            ended.map_err(Error::internal)??;
        }
        Ok(())
    }

    async fn door(&self, place: u16) -> Result<Door> {
        let address = format!("127.0.0.1:{}", self.port.saturating_add(place));
        let listener = TcpListener::bind(&address)
            .await
            .map_err(|e| Error::internal(format!("{address}: {e}; choose another --port")))?;
        Ok(Door { url: format!("http://{address}"), listener })
    }

    fn config(&self, name: &str, url: &str, hub: HubLink) -> Config {
        let data_dir = self.data.join(name);
        Config {
            database_url: format!("sqlite:{}/xueshi.db", data_dir.display()),
            data_dir,
            public_url: url.to_owned(),
            sign_in: SignIn { captcha: Switch::Off, ..SignIn::default() },
            hub,
            ..Config::default()
        }
    }

    /// The provider's link: registered at the first start, read from its file later.
    async fn link(&self, hub: &Site, name: &str, own_url: &str, hub_url: &str) -> Result<HubLink> {
        let file = self.data.join(name).join("link.toml");
        let addresses = own_addresses(own_url);
        if let Ok(text) = std::fs::read_to_string(&file) {
            let table: toml::Table = toml::from_str(&text).map_err(Error::internal)?;
            let text =
                |key: &str| table.get(key).and_then(toml::Value::as_str).unwrap_or_default().to_owned();
            providers::moved(hub, name, own_url).await?;
            openid::moved(hub, &text("client_id"), &addresses).await?;
            return Ok(HubLink {
                url: hub_url.to_owned(),
                key_id: text("key_id"),
                secret: text("secret"),
                client_id: text("client_id"),
                client_secret: text("client_secret"),
            });
        }
        let link = enrol(hub, name, &addresses, &people::listing(name)?).await?.link(hub_url);
        let pairs = [
            ("key_id", &link.key_id),
            ("secret", &link.secret),
            ("client_id", &link.client_id),
            ("client_secret", &link.client_secret),
        ];
        let text: String = pairs.iter().map(|(key, value)| format!("{key} = {value:?}\n")).collect();
        accounts_file::write_private(&file, &text)?;
        Ok(link)
    }
}
