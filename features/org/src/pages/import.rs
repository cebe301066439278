//! Importing a roster in the browser: choose a file, see what would happen, confirm.
use askama::Template;
use axum::extract::{Query, State};
use base::{Error, Result, Role, UnitId};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use site::{Form, Frame, Reply, Site, Upload, Visitor, html, see_other};

use crate::{
    MANAGERS, Unit,
    api::managed_unit,
    may_manage,
    roster::{self, Change, Format, Plan, word},
    store,
};

/// Up to so many rows are written while the browser waits; more go to the background.
const AT_ONCE: usize = 2000;

#[derive(Template)]
#[template(path = "org/import.html")]
struct ImportPage {
    frame: Frame,
    unit: Unit,
    /// Whether another unit can be named.
    may_choose: bool,
    error: String,
    preview: Option<Preview>,
}

/// What would happen, in words.
struct Preview {
    draft: String,
    rows: usize,
    updated: usize,
    unchanged: usize,
    created: Vec<Line>,
    created_in_all: usize,
    changed: Vec<Line>,
    kept: Vec<Line>,
    left_out: Vec<String>,
    left_out_in_all: usize,
    errors: Vec<Wrong>,
}

struct Line {
    name: String,
    what: String,
}

struct Wrong {
    row: usize,
    column: String,
    message: String,
}

/// The unit that the visitor manages: where the role is held.
async fn own_unit(site: &Site, visitor: &Visitor) -> Result<Unit> {
    let grants = visitor.actor.grants.iter();
    let grant = grants.filter(|g| MANAGERS.contains(&g.role)).min_by_key(|g| g.role != Role::UnitAdmin);
    let unit: UnitId = grant.ok_or_else(Error::denied)?.unit;
    store::unit_by_id(&site.db, unit).await
}

async fn chosen(site: &Site, visitor: &Visitor, code: Option<&str>) -> Result<Unit> {
    match code.map(str::trim).filter(|c| !c.is_empty()) {
        Some(code) => managed_unit(site, visitor, code).await,
        None => own_unit(site, visitor).await,
    }
}

fn page(site: &Site, visitor: &Visitor, unit: Unit) -> ImportPage {
    let frame = Frame::of(site, visitor, "/people-import", "page-import");
    let may_choose = visitor.actor.has(&[Role::Authority]);
    ImportPage { frame, unit, may_choose, error: String::new(), preview: None }
}

#[derive(Deserialize)]
pub(super) struct Place {
    unit: Option<String>,
}

pub(super) async fn form(State(site): State<Site>, visitor: Visitor, Query(q): Query<Place>) -> Reply {
    let unit = chosen(&site, &visitor, q.unit.as_deref()).await?;
    html(&page(&site, &visitor, unit))
}

pub(super) async fn preview(State(site): State<Site>, visitor: Visitor, upload: Upload) -> Reply {
    let unit = chosen(&site, &visitor, upload.field("unit")).await?;
    let mut page = page(&site, &visitor, unit.clone());
    let Some(file) = upload.file else {
        page.error = site.texts.get("field-required");
        return html(&page);
    };
    match looked_at(&site, &visitor, &unit, file).await {
        Ok(preview) => page.preview = Some(preview),
        Err(error @ Error::Refused(_)) => page.error = site.texts.get(&format!("error-{}", error.code())),
        Err(e) => return Err(e.into()),
    }
    html(&page)
}

/// Reads, plans and keeps the file, sealed, for its confirmation or its marked-up copy.
async fn looked_at(site: &Site, visitor: &Visitor, unit: &Unit, file: site::UploadedFile) -> Result<Preview> {
    if !Format::of(&file.bytes)?.fits_name(&file.name) {
        return Err(Error::refused(base::Kind::Invalid, "roster_other_type"));
    }
    let draft = secrets::fresh_token(&*site.random);
    let sealed = STANDARD.encode(&file.bytes);
    let sealed = site.keys.seal(&format!("roster_drafts:{draft}"), &sealed, &*site.random)?;
    let (_, plan) = roster::plan(site, unit, file.bytes).await?;
    let name: String = file.name.chars().filter(|c| !c.is_control()).take(100).collect();
    let by = visitor.actor.person;
    store::insert_draft(&site.db, (&draft, &sealed, &name), unit.id, by, site.now()).await?;
    Ok(show(site, draft, &plan))
}

fn show(site: &Site, draft: String, plan: &Plan) -> Preview {
    const SHOWN: usize = 200;
    let text = |key: String| site.texts.get(&key);
    let created = plan.created.iter().take(SHOWN).map(|n| {
        let facts = &n.person.facts;
        let parts = [
            facts.department.clone(),
            facts.category.map(|c| text(format!("category-{}", base::person::Code::code(&c)))),
            facts.level.map(|l| text(format!("level-{l}"))),
        ];
        let what = parts.into_iter().flatten().collect::<Vec<_>>().join(" \u{b7} ");
        Line { name: n.person.name.clone(), what }
    });
    let written = plan.changed.iter().filter(|c| c.is_written());
    let kept = plan.changed.iter().filter(|c| c.differences.iter().any(|d| d.kept.is_some()));
    let errors = plan.errors.iter().take(500).map(|e| Wrong {
        row: e.row,
        column: text(format!("column-{}", e.column)),
        message: e.text(&site.texts),
    });
    Preview {
        draft,
        rows: plan.rows,
        updated: written.clone().count(),
        unchanged: plan.unchanged,
        created: created.collect(),
        created_in_all: plan.created.len(),
        changed: written.take(SHOWN).map(|c| line(site, c, false)).collect(),
        kept: kept.take(SHOWN).map(|c| line(site, c, true)).collect(),
        left_out: plan.left_out.iter().take(SHOWN).map(|(_, name)| name.clone()).collect(),
        left_out_in_all: plan.left_out.len(),
        errors: errors.collect(),
    }
}

/// A person's differences: those that are written, or those that are kept and why.
fn line(site: &Site, change: &Change, is_kept: bool) -> Line {
    let texts = &site.texts;
    let chosen = change.differences.iter().filter(|d| d.kept.is_some() == is_kept);
    let parts = chosen.map(|d| {
        let column = texts.get(&format!("column-{}", d.column));
        let (old, new) = (word(texts, d.column, &d.old), word(texts, d.column, &d.new));
        let change = format!("{column} {old} \u{2192} {new}");
        match d.kept {
            Some(why) => {
                texts.with("kept-line", &[("change", &change), ("why", &texts.get(&format!("kept-{why}")))])
            }
            None => change,
        }
    });
    Line {
        name: change.before.name.clone(),
        what: parts.collect::<Vec<_>>().join(&texts.get("list-separator")),
    }
}

#[derive(Deserialize)]
pub(super) struct Confirmation {
    draft: String,
    #[serde(default)]
    rows: usize,
    replace_claims: Option<String>,
}

pub(super) async fn confirm(
    State(site): State<Site>,
    visitor: Visitor,
    Form(form): Form<Confirmation>,
) -> Reply {
    let by = visitor.actor.person;
    let draft = store::draft(&site.db, &form.draft, by).await?;
    let Some(draft) = draft.filter(|d| d.state == "open") else {
        return Err(Error::conflict("draft_gone").into());
    };
    let unit = store::unit_by_id(&site.db, draft.unit_id.parse()?).await?;
    if !may_manage(&visitor.actor, &unit.path) {
        return Err(Error::not_found().into());
    }
    let replaces_claims = form.replace_claims.is_some();
    let order = roster::Order { draft: form.draft.clone(), by, replaces_claims };
    let tx = site.db.begin().await?;
    if !store::begin_draft(&tx, &form.draft).await? {
        return Err(Error::conflict("draft_gone").into());
    }
    let is_small = form.rows <= AT_ONCE;
    if !is_small {
        roster::begin(&site, &tx, by, (&form.draft, form.rows)).await?;
        site.enqueue(&tx, roster::IMPORT, &order).await?;
    }
    tx.commit().await?;
    if is_small {
        roster::run(site, order).await?;
    }
    Ok(see_other(&format!("/people-import/{}", form.draft)))
}
