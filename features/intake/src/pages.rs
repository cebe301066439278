//! Lists in the browser: choose a file, look at what it would do, bring it in.
use askama::Template;
use axum::extract::State;
use base::{Error, Result};
use site::{Access, Frame, Reply, Routes, Site, Upload, Visitor, html};

use crate::{
    KEEPERS, leaves, legacy,
    list::{self, Outcome, Wrong},
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/leaves-import", Access::Roles(KEEPERS), leaves_form)
        .post("/leaves-import", Access::Roles(KEEPERS), leaves_import)
        .get("/legacy-import", Access::Roles(KEEPERS), legacy_form)
        .post("/legacy-import", Access::Roles(KEEPERS), legacy_import)
        .get("/me/legacy", Access::SignedIn, mine)
}

#[derive(Template)]
#[template(path = "intake/import.html")]
struct ImportPage {
    frame: Frame,
    is_legacy: bool,
    action: &'static str,
    unit: String,
    document: String,
    outcome: Option<Outcome>,
    wrong: Vec<(usize, String, String)>,
    is_done: bool,
    error: String,
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
    let is_dry_run = upload.field("step") != Some("import");
    match bring_in(site, visitor, (&page, is_legacy, is_dry_run), upload).await {
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

async fn bring_in(
    site: &Site,
    visitor: &Visitor,
    (page, is_legacy, is_dry_run): (&ImportPage, bool, bool),
    upload: Upload,
) -> Result<Outcome> {
    let file = upload.file.ok_or_else(|| Error::invalid("file", "required"))?;
    let scope = list::scope(site, &visitor.actor, Some(&page.unit)).await?;
    if is_legacy {
        legacy::import(site, &visitor.actor, (&scope, file.bytes, &page.document), is_dry_run).await
    } else {
        leaves::import(site, &visitor.actor, (&scope, file.bytes), is_dry_run).await
    }
}

#[derive(Template)]
#[template(path = "intake/legacy.html")]
struct LegacyPage {
    frame: Frame,
    rows: Vec<legacy::Legacy>,
}

async fn mine(State(site): State<Site>, visitor: Visitor) -> Reply {
    let rows = legacy::of(&site, &visitor.actor, visitor.actor.person).await?;
    html(&LegacyPage { frame: Frame::of(&site, &visitor, "/hours", "page-legacy"), rows })
}
