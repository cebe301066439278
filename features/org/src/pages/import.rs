//! Importing a roster in the browser: choose a file, see what would happen, confirm.
use askama::Template;
use axum::extract::State;
use base::{Error, Result, Role, UnitId};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use site::{Form, Frame, Reply, Site, Upload, Visitor, html, see_other};

use crate::{MANAGERS, Unit, may_manage, roster, store};

#[derive(Template)]
#[template(path = "org/import.html")]
struct ImportPage {
    frame: Frame,
    unit: Unit,
    file_name: String,
    error: String,
    preview: Option<Preview>,
}

/// What would happen, in words.
struct Preview {
    draft: String,
    rows: usize,
    created: Vec<Line>,
    changed: Vec<Line>,
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

fn page(site: &Site, visitor: &Visitor, unit: Unit) -> ImportPage {
    let frame = Frame::of(site, visitor, "/people-import", "page-import");
    ImportPage { frame, unit, file_name: String::new(), error: String::new(), preview: None }
}

pub(super) async fn form(State(site): State<Site>, visitor: Visitor) -> Reply {
    let unit = own_unit(&site, &visitor).await?;
    html(&page(&site, &visitor, unit))
}

pub(super) async fn preview(State(site): State<Site>, visitor: Visitor, upload: Upload) -> Reply {
    let unit = own_unit(&site, &visitor).await?;
    let mut page = page(&site, &visitor, unit.clone());
    let Some(file) = upload.file else {
        page.error = site.texts.get("field-required");
        return html(&page);
    };
    page.file_name = file.name;
    match roster::plan(&site, &unit, file.bytes.clone()).await {
        Ok(plan) => page.preview = Some(show(&site, &visitor, &unit, (plan, file.bytes)).await?),
        Err(error @ Error::Refused(_)) => page.error = site.texts.get(&format!("error-{}", error.code())),
        Err(e) => return Err(e.into()),
    }
    html(&page)
}

async fn show(
    site: &Site,
    visitor: &Visitor,
    unit: &Unit,
    (plan, bytes): (roster::Plan, Vec<u8>),
) -> Result<Preview> {
    let mut draft = String::new();
    if plan.errors.is_empty() {
        draft = secrets::fresh_token(&*site.random);
        let sealed =
            site.keys.seal(&format!("roster_drafts:{draft}"), &STANDARD.encode(&bytes), &*site.random)?;
        store::insert_draft(&site.db, (&draft, &sealed), unit.id, visitor.actor.person, site.now()).await?;
    }
    let text = |key: String| site.texts.get(&key);
    let created = plan.created.iter().map(|p| Line {
        name: p.name.clone(),
        what: [
            p.facts.department.clone(),
            p.facts.category.map(|c| text(format!("category-{}", base::person::Code::code(&c)))),
            p.facts.level.map(|l| text(format!("level-{l}"))),
        ]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" · "),
    });
    let changed = plan.changed.iter().map(|c| Line { name: c.name.clone(), what: differences(site, c) });
    let errors = plan.errors.iter().map(|e| Wrong {
        row: e.row,
        column: text(format!("column-{}", e.column)),
        message: text(format!("field-{}", e.code)),
    });
    Ok(Preview {
        draft,
        rows: plan.rows,
        created: created.collect(),
        changed: changed.collect(),
        errors: errors.collect(),
    })
}

fn differences(site: &Site, change: &roster::Change) -> String {
    let label = |kind: &str, code: Option<String>| {
        code.map_or_else(String::new, |c| site.texts.get(&format!("{kind}-{c}")))
    };
    let code = |c: Option<base::Category>| c.map(|c| base::person::Code::code(&c));
    let (before, after) = (&change.before, &change.facts);
    let pairs = [
        (before.name.clone(), change.name.clone()),
        (before.department.clone().unwrap_or_default(), after.department.clone().unwrap_or_default()),
        (label("category", code(before.category)), label("category", code(after.category))),
        (
            label("level", before.level.map(|l| l.to_string())),
            label("level", after.level.map(|l| l.to_string())),
        ),
        (
            label("status", Some(base::person::Code::code(&before.status))),
            label("status", Some(base::person::Code::code(&after.status))),
        ),
    ];
    let changed =
        pairs.into_iter().filter(|(old, new)| old != new).map(|(old, new)| format!("{old} → {new}"));
    changed.collect::<Vec<_>>().join(&site.texts.get("list-separator"))
}

#[derive(Deserialize)]
pub(super) struct Confirmation {
    draft: String,
}

pub(super) async fn confirm(
    State(site): State<Site>,
    visitor: Visitor,
    Form(form): Form<Confirmation>,
) -> Reply {
    let draft = store::draft(&site.db, &form.draft, visitor.actor.person).await?;
    let Some(draft) = draft else { return Err(Error::conflict("draft_gone").into()) };
    let unit = store::unit_by_id(&site.db, draft.unit_id.parse()?).await?;
    if !may_manage(&visitor.actor, &unit.path) {
        return Err(Error::not_found().into());
    }
    let plain = site.keys.open_sealed(&format!("roster_drafts:{}", form.draft), &draft.file_sealed)?;
    let bytes = STANDARD.decode(plain).map_err(Error::internal)?;
    let outcome = roster::import_file(&site, &unit, bytes, (false, Some(visitor.actor.person))).await?;
    if !outcome.errors.is_empty() {
        return Err(Error::conflict("roster_has_errors").into());
    }
    store::delete_draft(&site.db, &form.draft).await?;
    Ok(see_other(&format!("/people?done=1&created={}&updated={}", outcome.created, outcome.updated)))
}
