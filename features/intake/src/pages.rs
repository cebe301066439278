//! Lists in the browser: choose a file, look at what it would do, bring it in.
use askama::Template;
use axum::extract::State;
use base::{Error, Result};
use site::{Access, Frame, Reply, Routes, Site, Upload, Visitor, html};

use crate::{
    KEEPERS, leaves,
    legacy::{self, Source},
    list::{self, Outcome, Wrong},
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/leaves-import", Access::Roles(KEEPERS), leaves_form)
        .post("/leaves-import", Access::Roles(KEEPERS), leaves_import)
        .get("/legacy-import", Access::Roles(KEEPERS), legacy_form)
        .post("/legacy-import", Access::Roles(KEEPERS), legacy_import)
}

/// A list up to this size goes with the page between looking and bringing in; a larger one is chosen again.
const MOST_CARRIED: usize = 1024 * 1024;

#[derive(Template)]
#[template(path = "intake/import.html")]
struct ImportPage {
    frame: Frame,
    is_legacy: bool,
    action: &'static str,
    unit: String,
    document: String,
    /// The list that was looked at, for the next step.
    carried: String,
    /// The scan that came with it.
    scan: String,
    outcome: Option<Outcome>,
    wrong: Vec<(usize, String, String)>,
    is_done: bool,
    error: String,
}

impl ImportPage {
    /// Whether what was looked at can be brought in as it is.
    fn is_ready(&self) -> bool {
        !self.is_done && self.error.is_empty() && self.wrong.is_empty() && !self.carried.is_empty()
    }
}

fn page(site: &Site, visitor: &Visitor, is_legacy: bool) -> ImportPage {
    let (action, title) = if is_legacy {
        ("/legacy-import", "page-legacy-import")
    } else {
        ("/leaves-import", "page-leaves-import")
    };
    let own = visitor.actor.grants.iter().find(|g| KEEPERS.contains(&g.role));
    ImportPage {
        frame: Frame::of(site, visitor, action, title),
        is_legacy,
        action,
        unit: own.map(|g| g.unit_code.clone()).unwrap_or_default(),
        document: String::new(),
        carried: String::new(),
        scan: String::new(),
        outcome: None,
        wrong: vec![],
        is_done: false,
        error: String::new(),
    }
}

async fn leaves_form(State(site): State<Site>, visitor: Visitor) -> Reply {
    html(&page(&site, &visitor, false))
}

async fn legacy_form(State(site): State<Site>, visitor: Visitor) -> Reply {
    html(&page(&site, &visitor, true))
}

async fn leaves_import(State(site): State<Site>, visitor: Visitor, upload: Upload) -> Reply {
    imported(&site, &visitor, false, upload).await
}

async fn legacy_import(State(site): State<Site>, visitor: Visitor, upload: Upload) -> Reply {
    imported(&site, &visitor, true, upload).await
}

async fn imported(site: &Site, visitor: &Visitor, is_legacy: bool, upload: Upload) -> Reply {
    let mut page = page(site, visitor, is_legacy);
    upload.field("unit").unwrap_or("").trim().clone_into(&mut page.unit);
    upload.field("document").unwrap_or("").clone_into(&mut page.document);
    upload.field("scan_id").unwrap_or("").clone_into(&mut page.scan);
    let is_dry_run = upload.field("step") != Some("import");
    match bring_in(site, visitor, &mut page, (upload, is_dry_run)).await {
        Ok(outcome) => {
            page.wrong = outcome
                .errors
                .iter()
                .map(|e| Wrong::of(site, e))
                .map(|w| (w.row, w.name(site), w.message))
                .collect();
            page.is_done = !is_dry_run && page.wrong.is_empty();
            page.outcome = Some(outcome);
        }
        Err(Error::Refused(p)) if p.code != "not_found" => {
            let code = p.fields.first().map_or(p.code, |f| f.code);
            page.error = site.texts.get(&format!("field-{code}"));
        }
        Err(e) => return Err(e.into()),
    }
    html(&page)
}

/// Takes the scan in, then reads the list: the one that was chosen, or the one that the page carries.
async fn bring_in(
    site: &Site,
    visitor: &Visitor,
    page: &mut ImportPage,
    (mut upload, is_dry_run): (Upload, bool),
) -> Result<Outcome> {
    if let Some(scan) = upload.take("scan") {
        page.scan = files::accept(site, visitor.actor.person, scan).await?.id;
    }
    let carried = || upload.field("carried").and_then(secrets::from_base64url).filter(|b| !b.is_empty());
    let list = upload.file.as_ref().map(|f| f.bytes.clone()).or_else(carried);
    let list = list.ok_or_else(|| Error::invalid("file", "required"))?;
    if list.len() <= MOST_CARRIED {
        page.carried = secrets::base64url(&list);
    }
    let scope = list::scope(site, &visitor.actor, Some(&page.unit)).await?;
    if !page.is_legacy {
        return leaves::import(site, &visitor.actor, (&scope, list), is_dry_run).await;
    }
    if page.scan.is_empty() {
        return Err(Error::invalid("scan", "source_scan"));
    }
    let source = Source { list, document: &page.document, scan: Some(&page.scan) };
    legacy::import(site, &visitor.actor, (&scope, source), is_dry_run).await
}
