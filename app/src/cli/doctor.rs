//! `xueshi doctor`: what the program needs, and what to do about what is missing.
use std::{io::Write, path::Path};

use db::{Db, Schema};
use documents::Typesetter;

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
        finding("ffmpeg (course platforms)", program("ffmpeg").await),
        finding("espeak-ng (course platforms)", program("espeak-ng").await),
    ]
}

fn storage(folder: &Path) -> Result<(), String> {
    let advice = |e: std::io::Error| format!("{}: {e}; set XUESHI_DATA_DIR to a folder that can be written", folder.display());
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

async fn program(name: &str) -> Result<(), String> {
    let run = tokio::process::Command::new(name).arg("--help").output().await;
    run.map(|_| ()).map_err(|e| format!("{e}; apt-get install {}", name))
}
