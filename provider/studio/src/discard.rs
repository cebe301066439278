//! The files of what was taken out of a draft: deleted after that is written down, by a job that may run again. Nothing that a
//! material or a lecture still names is touched.
use std::io;

use base::{Error, Result};
use db::Conn;
use jobs::Handlers;
use serde::{Deserialize, Serialize};
use site::Site;
use tokio::fs;

use crate::{Folders, store};

const DISCARD_JOB: &str = "studio.discard";

#[derive(Serialize, Deserialize)]
struct Discard {
    material: String,
}

pub(crate) fn jobs(folders: &Folders) -> Handlers<Site> {
    let folders = folders.clone();
    Handlers::default().on(DISCARD_JOB, move |site: Site, discard: Discard| {
        let folders = folders.clone();
        async move { run(&site, &folders, &discard.material).await }
    })
}

/// Has a material's files deleted, should nothing name them then.
pub(crate) async fn later(site: &Site, conn: &impl Conn, material: &str) -> Result<()> {
    site.enqueue(conn, DISCARD_JOB, &Discard { material: material.to_owned() }).await
}

async fn run(site: &Site, folders: &Folders, material: &str) -> Result<()> {
    if store::is_named(&site.db, material).await? {
        return Ok(());
    }
    gone(fs::remove_file(folders.upload(material)).await)?;
    let made = [folders.bench(material), folders.media().join(material), folders.packages().join(material)];
    for folder in &made {
        gone(fs::remove_dir_all(folder).await)?;
    }
    Ok(())
}

/// What is not there need not be deleted.
fn gone(deleted: io::Result<()>) -> Result<()> {
    match deleted {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::internal(error)),
        _ => Ok(()),
    }
}
