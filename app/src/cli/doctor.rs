//! `xueshi doctor`: what the program needs, and what to do about what is missing.
use std::{io::Write, path::Path};

use base::{Clock, SystemClock};
use db::{Db, Schema};
use documents::Typesetter;
use outside::http::{Call, Method};

use super::{Done, Fault, block_on, check::print};
use crate::config::Config;

/// One thing looked at.
struct Finding {
    what: &'static str,
    fault: Option<String>,
}

pub(super) fn run() -> Done {
    let config = Config::load(None)?;
    let findings = block_on(async { Ok(look(&config).await) })?;
    for finding in &findings {
        let line = match &finding.fault {
            None => format!("ok    {}", finding.what),
            Some(fault) => format!("FAULT {}: {fault}", finding.what),
        };
        print(line.as_bytes())?;
    }
    let faults = findings.iter().filter(|f| f.fault.is_some()).count();
    if faults == 0 { Ok(()) } else { Err(Fault(format!("{faults} faults"))) }
}

async fn look(config: &Config) -> Vec<Finding> {
    let finding = |what, result: Result<(), String>| Finding { what, fault: result.err() };
    vec![
        finding("fonts", Typesetter::load().map(|_| ()).map_err(|e| e.to_string())),
        finding("storage", storage(&config.data_dir)),
        finding("database", database(config).await),
        finding("clock", clock(config).await),
        finding("SMS outbox", storage(&config.data_dir.join("outbox"))),
        finding("provider links", provider_links(config).await),
        finding("ffmpeg (course platforms)", program("ffmpeg").await),
        finding("espeak-ng (course platforms)", program("espeak-ng").await),
    ]
}

fn storage(folder: &Path) -> Result<(), String> {
    let advice = |e: std::io::Error| {
        format!("{}: {e}; set XUESHI_DATA_DIR to a folder that can be written", folder.display())
    };
    std::fs::create_dir_all(folder).map_err(advice)?;
    let probe = folder.join(".doctor");
    std::fs::File::create(&probe).and_then(|mut f| f.write_all(b"ok")).map_err(advice)?;
    std::fs::remove_file(&probe).map_err(advice)
}

async fn database(config: &Config) -> Result<(), String> {
    let db = Db::open(&config.database_url).await.map_err(|e| format!("{e}; check XUESHI_DATABASE_URL"))?;
    match db::is_current(&db, Schema::Hub).await {
        Ok(true) => Ok(()),
        Ok(false) => Err("migrations are missing; `xueshi serve` applies them at start".into()),
        Err(_) => Err("no schema yet; `xueshi serve` or `xueshi admin create` makes it".into()),
    }
}

/// The database's clock, which several nodes share, against this machine's.
async fn clock(config: &Config) -> Result<(), String> {
    const MOST_SECONDS: i64 = 2;
    let db = Db::open(&config.database_url).await.map_err(|e| e.to_string())?;
    if db.is_sqlite() {
        return Ok(());
    }
    let theirs = db::clock_seconds(&db).await.map_err(|e| e.to_string())?;
    let apart = (theirs - SystemClock.now().as_second()).abs();
    if apart <= MOST_SECONDS {
        Ok(())
    } else {
        Err(format!("{apart} s off the database's clock; run a time service"))
    }
}

/// Whether every registered provider answers.
async fn provider_links(config: &Config) -> Result<(), String> {
    let db = Db::open(&config.database_url).await.map_err(|e| e.to_string())?;
    if !db::is_current(&db, Schema::Hub).await.unwrap_or(false) {
        return Err("no schema yet".into());
    }
    let http = outside::http::Client::new(config.reach()).map_err(|e| e.to_string())?;
    let mut silent = vec![];
    for url in providers::site_urls(&db).await.map_err(|e| e.to_string())? {
        let call = Call { method: Method::GET, url: format!("{url}/readyz"), headers: vec![], body: vec![] };
        if !http.send(call).await.is_ok_and(|a| a.status == 200) {
            silent.push(url);
        }
    }
    if silent.is_empty() {
        Ok(())
    } else {
        Err(format!("no answer from {}; is the platform running?", silent.join(", ")))
    }
}

async fn program(name: &str) -> Result<(), String> {
    let run = tokio::process::Command::new(name).arg("--help").output().await;
    run.map(|_| ()).map_err(|e| format!("{e}; apt-get install {name}"))
}
