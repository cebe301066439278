//! What a scanner says of uploaded files (security item 40). A file that was not looked at is its owner's alone; one in
//! which something was found is nobody's.
use base::{Error, Kind, Result, person::Code};
use outside::scanner::Verdict;
use serde::{Deserialize, Serialize};
use serde_json::json;
use site::Site;

use crate::store;

/// The job that asks the scanner again about a file.
pub(crate) const SCAN: &str = "files.scan";

/// What is known of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Scan {
    /// The installation has no scanner.
    None,
    /// The scanner did not answer yet.
    Waiting,
    /// Nothing was found.
    Clean,
    /// Something was found later than at the upload.
    Infected,
}

impl Code for Scan {}

/// Looks at an upload. Something found refuses it; a scanner that is away lets it wait.
pub(crate) async fn look(site: &Site, bytes: &[u8]) -> Result<Scan> {
    let Some(scanner) = &site.scanner else { return Ok(Scan::None) };
    match scanner.scan(bytes).await {
        Ok(Verdict::Clean) => Ok(Scan::Clean),
        Ok(Verdict::Infected(name)) => {
            tracing::warn!(name, "an infected upload was refused");
            Err(Error::invalid("file", "file_infected"))
        }
        Err(Error::Refused(p)) if p.kind == Kind::Unavailable => Ok(Scan::Waiting),
        Err(e) => Err(e),
    }
}

/// Looks at a file that waits; a scanner that is still away leaves the job to be tried again.
pub(crate) async fn run(site: Site, id: String) -> Result<()> {
    let Some(found) = store::by_id(&site.db, &id)
        .await?
        .filter(|f| f.removed_at.is_none() && f.scan == Scan::Waiting.code())
    else {
        return Ok(());
    };
    let scan = match &site.scanner {
        None => Scan::None,
        Some(scanner) => match scanner.scan(&found.bytes(&site).await?).await? {
            Verdict::Clean => Scan::Clean,
            Verdict::Infected(_) => Scan::Infected,
        },
    };
    let tx = site.db.begin().await?;
    store::set_scan(&tx, &id, scan).await?;
    let deed = audit::Deed {
        actor: None,
        action: "file.scan",
        object: &id,
        unit_path: "",
        details: json!({"found": scan == Scan::Infected}),
    };
    audit::record(&site, &tx, deed).await?;
    tx.commit().await
}

/// Refuses to hand a file out that is not known to be clean.
pub(crate) fn refuse_doubtful(found: &store::Found, is_owner: bool) -> Result<()> {
    match Scan::from_code(&found.scan) {
        Some(Scan::None | Scan::Clean) => Ok(()),
        Some(Scan::Waiting) if is_owner => Ok(()),
        Some(Scan::Waiting) => Err(Error::conflict("file_not_scanned").retry_after(60)),
        Some(Scan::Infected) | None => Err(Error::refused(Kind::Gone, "file_infected")),
    }
}
