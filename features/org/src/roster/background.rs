//! A large roster is imported in the background, while its page shows how far it is.
use base::{Error, PersonId, Result};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use serde_json::json;
use site::Site;

use super::{How, Options, Progress, import_file, progress};
use crate::store;

/// The job's kind.
pub(crate) const IMPORT: &str = "org.roster_import";

/// A confirmed roster.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Order {
    pub draft: String,
    pub by: PersonId,
    pub replaces_claims: bool,
}

/// Imports a confirmed roster; a refusal is kept for its page. Run twice, the second finds it done.
pub(crate) async fn run(site: Site, order: Order) -> Result<()> {
    let Some(draft) = store::draft(&site.db, &order.draft, order.by).await? else { return Ok(()) };
    if draft.state != "running" {
        return Ok(());
    }
    let unit = store::unit_by_id(&site.db, draft.unit_id.parse()?).await?;
    let plain = site.keys.open_sealed(&format!("roster_drafts:{}", order.draft), &draft.file_sealed)?;
    let file = STANDARD.decode(plain).map_err(Error::internal)?;
    let how = How {
        is_dry_run: false,
        by: Some(order.by),
        options: Options { replaces_claims: order.replaces_claims },
        draft: Some(order.draft.clone()),
    };
    let imported = import_file(&site, &unit, file, how).await;
    // Whatever came of it: work that broke off is not under way either.
    Progress::of(&order.draft).over();
    let refusal = match imported {
        Ok(outcome) if outcome.errors.is_empty() => None,
        Ok(_) => Some("roster_has_errors"),
        Err(Error::Refused(problems)) => Some(problems.code),
        Err(e) => return Err(e),
    };
    if let Some(code) = refusal {
        store::end_draft(&site.db, &order.draft, "failed", &json!({"code": code}).to_string()).await?;
        progress::end(&site, &site.db, &order.draft, None).await?;
    }
    Ok(())
}
