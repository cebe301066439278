//! Transfers as pages: asked for, released, refused, with what is open and what follows.
use askama::Template;
use axum::extract::{Path, Query, State};
use base::{Error, day};
use serde::Deserialize;
use site::{Form, Frame, Page, Paging, Reply, Site, Visitor, dates, html, see_other};

use crate::{
    AUTHORITIES, MANAGERS,
    matters::Matter,
    store,
    transfer::{self, Decision, Transfer, Wish},
};

#[derive(Template)]
#[template(path = "staffing/transfers.html")]
struct ListPage {
    frame: Frame,
    transfers: Page<Transfer>,
    may_force: bool,
    unit: String,
    today: String,
    form: AskForm,
    error: String,
}

#[derive(Default, Deserialize)]
pub(super) struct ListQuery {
    after: Option<String>,
}

/// What the form asks for.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct AskForm {
    id_number: String,
    name: String,
    unit: String,
    department: String,
    from: String,
    reason: String,
    force: String,
}

async fn build(site: &Site, visitor: &Visitor, after: Option<String>) -> base::Result<ListPage> {
    let paging = Paging { after, limit: Some(50) };
    let found = store::list(&site.db, &visitor.actor.scope(MANAGERS), ("", &paging)).await?;
    let own = visitor.actor.grants.iter().find(|g| MANAGERS.contains(&g.role));
    Ok(ListPage {
        frame: Frame::of(site, visitor, "/transfers", "page-transfers"),
        transfers: Page::of(found, paging.limit(), |t| t.id.clone()),
        may_force: visitor.actor.has(AUTHORITIES),
        unit: own.map(|g| g.unit_code.clone()).unwrap_or_default(),
        today: day::day_of(site.now()).to_string(),
        form: AskForm::default(),
        error: String::new(),
    })
}

pub(super) async fn list(State(site): State<Site>, visitor: Visitor, Query(q): Query<ListQuery>) -> Reply {
    html(&build(&site, &visitor, q.after).await?)
}

pub(super) async fn ask(State(site): State<Site>, visitor: Visitor, Form(f): Form<AskForm>) -> Reply {
    let wish = Wish {
        id_number: &f.id_number,
        name: &f.name,
        unit: &f.unit,
        department: Some(&f.department),
        from: Some(&f.from),
        reason: &f.reason,
        force: !f.force.is_empty(),
    };
    match transfer::ask(&site, &visitor, &wish).await {
        Ok(made) => Ok(see_other(&format!("/transfers/{}", made.id))),
        Err(Error::Refused(p)) => {
            let mut page = build(&site, &visitor, None).await?;
            page.error = site.texts.refusal(&p);
            page.form = f;
            html(&page)
        }
        Err(e) => Err(e.into()),
    }
}

#[derive(Template)]
#[template(path = "staffing/transfer.html")]
struct OnePage {
    frame: Frame,
    t: Transfer,
    open: Vec<Matter>,
    asked_at: String,
    decided_at: String,
    /// Whether the visitor speaks for the old unit.
    is_old: bool,
    is_new: bool,
    error: String,
}

async fn page(site: &Site, visitor: &Visitor, id: &str) -> base::Result<OnePage> {
    let (t, open) = transfer::shown(site, visitor, id).await?;
    let scope = visitor.actor.scope(MANAGERS);
    let time = |at: i64| dates::minute(day::from_millis(at));
    Ok(OnePage {
        frame: Frame::of(site, visitor, "/transfers", "page-transfer"),
        asked_at: time(t.asked_at),
        decided_at: t.decided_at.map(time).unwrap_or_default(),
        is_old: scope.holds(&t.from.path),
        is_new: scope.holds(&t.to.path),
        t,
        open,
        error: String::new(),
    })
}

pub(super) async fn one(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    html(&page(&site, &visitor, &id).await?)
}

/// What the page's buttons carry.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct ActForm {
    action: String,
    comment: String,
    from: String,
    open_seen: String,
}

pub(super) async fn act(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(f): Form<ActForm>,
) -> Reply {
    let done = match f.action.as_str() {
        "withdraw" => transfer::withdraw(&site, &visitor, &id).await,
        "release" | "refuse" => {
            let decision = Decision {
                releases: f.action == "release",
                comment: &f.comment,
                from: Some(&f.from),
                open_seen: !f.open_seen.is_empty(),
            };
            transfer::decide(&site, &visitor, &id, &decision).await
        }
        _ => Err(Error::invalid("action", "wrong_value")),
    };
    match done {
        Ok(_) => Ok(see_other(&format!("/transfers/{id}"))),
        Err(Error::Refused(p)) if p.kind != base::Kind::NotFound => {
            let mut page = page(&site, &visitor, &id).await?;
            page.error = site.texts.refusal(&p);
            html(&page)
        }
        Err(e) => Err(e.into()),
    }
}
