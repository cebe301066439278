//! The background work on materials. A film takes as long as it takes: the job only begins the work, which holds on to
//! its material by the progress it writes; whatever is broken off is taken up again at the next start.
use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use base::{Result, day};
use catalogue::Kind;
use db::Conn;
use jobs::Handlers;
use packages::Limits;
use serde::{Deserialize, Serialize};
use site::Site;
use tokio::sync::watch;

use crate::{
    Folders, discard, document, film,
    material::{Made, Material, Trouble},
    store,
};

const MAKE_JOB: &str = "studio.make";
/// Whoever writes no progress for so long has died.
const HOLD_MS: i64 = 30 * 60_000;
/// So long lies between two notes of the progress.
const BETWEEN: Duration = Duration::from_secs(1);

#[derive(Serialize, Deserialize)]
struct Make {
    material: String,
}

pub(crate) fn jobs(folders: &Folders) -> Handlers<Site> {
    let folders = folders.clone();
    Handlers::default().on(MAKE_JOB, move |site: Site, make: Make| {
        let folders = folders.clone();
        async move { begin(site, folders, make.material).await }
    })
}

/// Asks for the work on a material.
pub(crate) async fn ask(site: &Site, conn: &impl Conn, material: &str) -> Result<()> {
    let make = Make { material: material.to_owned() };
    site.enqueue_once(conn, MAKE_JOB, &make, material).await
}

/// Takes up again what was broken off; for the start of the program.
pub async fn resume(site: &Site) -> Result<()> {
    for material in store::unfinished(&site.db, day::millis(site.now())).await? {
        ask(site, &site.db, &material).await?;
    }
    Ok(())
}

/// Takes the material and works on it beside the queue, so that completions need not wait for films.
async fn begin(site: Site, folders: Folders, id: String) -> Result<()> {
    let now = day::millis(site.now());
    if !store::claim(&site.db, &id, (now, now + HOLD_MS)).await? {
        return Ok(());
    }
    let material = store::material(&site.db, &id).await?;
    tokio::spawn(async move {
        if let Err(error) = work(&site, &folders, &material, now + HOLD_MS).await {
            tracing::error!(material = material.id, %error, "the work on a material was lost");
        }
    });
    Ok(())
}

async fn work(site: &Site, folders: &Folders, material: &Material, held_until: i64) -> Result<()> {
    let bench = folders.bench(&material.id);
    let (progress, told) = watch::channel(0);
    let made = tokio::select! {
        made = make(folders, material, &bench, &progress) => made,
        () = follow(site, &material.id, held_until, told) => Err(Trouble::new("tool_failed", "taken over")),
    };
    // What is left is scrap: what was made has been moved to its place.
    let _ = tokio::fs::remove_dir_all(&bench).await;
    let is_there = match made {
        Ok(made) => store::ready(&site.db, &material.id, &made).await?,
        Err(trouble) => store::failed(&site.db, &material.id, &trouble).await?,
    };
    // It was taken out of its draft meanwhile.
    if is_there { Ok(()) } else { discard::later(site, &site.db, &material.id).await }
}

/// Writes the progress down; ends when another has taken the material over.
async fn follow(site: &Site, id: &str, mut held_until: i64, mut told: watch::Receiver<i64>) {
    while told.changed().await.is_ok() {
        let percent = *told.borrow_and_update();
        let until = day::millis(site.now()) + HOLD_MS;
        match store::progress(&site.db, id, percent, (held_until, until)).await {
            Ok(false) => return,
            Ok(true) => held_until = until,
            Err(error) => tracing::warn!(%error, "progress of a material"),
        }
        tokio::time::sleep(BETWEEN).await;
    }
    std::future::pending::<()>().await;
}

async fn make(
    folders: &Folders,
    material: &Material,
    bench: &Path,
    progress: &watch::Sender<i64>,
) -> std::result::Result<Made, Trouble> {
    let _ = tokio::fs::remove_dir_all(bench).await;
    tokio::fs::create_dir_all(bench).await.map_err(Trouble::here)?;
    let file = folders.upload(&material.id);
    let (made, home) = match material.kind {
        Kind::Film => (film::make(&file, bench, progress).await?, folders.media()),
        Kind::Document => (document::make(&file, bench, progress).await?, folders.media()),
        Kind::Package => (package(&file, bench, material.minutes).await?, folders.packages()),
    };
    place(bench, home.join(&material.id)).await?;
    Ok(made)
}

/// Looks a package through and unpacks it; its time is what its maker says, as a package has no length of its own.
async fn package(file: &Path, bench: &Path, minutes: i64) -> std::result::Result<Made, Trouble> {
    let (file, bench) = (file.to_owned(), bench.to_owned());
    let inspect = move || packages::inspect(&file, &bench, Limits::default());
    let inspected = tokio::task::spawn_blocking(inspect).await.map_err(Trouble::here)?;
    let package = inspected.map_err(|fault| Trouble::new(fault.code(), fault.detail()))?;
    let detail = serde_json::to_string(&package).map_err(Trouble::here)?;
    Ok(Made { seconds: minutes * 60, detail })
}

async fn place(bench: &Path, home: PathBuf) -> std::result::Result<(), Trouble> {
    if let Some(parent) = home.parent() {
        tokio::fs::create_dir_all(parent).await.map_err(Trouble::here)?;
    }
    let _ = tokio::fs::remove_dir_all(&home).await;
    tokio::fs::rename(bench, home).await.map_err(Trouble::here)
}
