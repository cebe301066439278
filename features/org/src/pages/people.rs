//! The roster as a list, and one person of it.
use askama::Template;
use axum::extract::{Path, Query, State};
use base::{Error, Role, person::Code};
use serde::Deserialize;
use site::{Form, Frame, Page, Paging, Reply, Site, Visitor, html};

use crate::{
    api::{lookups, managed_person},
    clear_view::{self, Clear},
    history::Placed,
    may_manage,
    store::{self, Listed, Wanted},
    store_history,
};

#[derive(Deserialize)]
pub(super) struct ListQuery {
    q: Option<String>,
    after: Option<String>,
    done: Option<String>,
    created: Option<usize>,
    updated: Option<usize>,
}

#[derive(Template)]
#[template(path = "org/people.html")]
struct PeoplePage {
    frame: Frame,
    q: String,
    people: Page<Listed>,
    may_import: bool,
    may_merge: bool,
    /// The list's address in the API, for its export.
    list: String,
}

pub(super) async fn list(
    State(site): State<Site>,
    visitor: Visitor,
    Query(query): Query<ListQuery>,
) -> Reply {
    let paging = Paging { after: query.after, limit: Some(50) };
    let wanted =
        Wanted { unit_path: None, text: query.q.as_deref(), lookups: lookups(&site, query.q.as_deref()) };
    let found = store::people(&site.db, &visitor.actor, &wanted, &paging).await?;
    let people = Page::of(found, paging.limit(), |l| l.person.id.to_string());
    let mut frame = Frame::of(&site, &visitor, "/people", "page-people");
    if query.done.is_some() {
        let number = |n: Option<usize>| n.unwrap_or(0).to_string();
        let args = [("created", number(query.created)), ("updated", number(query.updated))];
        let args: Vec<(&str, &str)> = args.iter().map(|(k, v)| (*k, v.as_str())).collect();
        let text = site.texts.with("import-done", &args);
        frame = frame.with_flash("done", text);
    }
    let may_import = visitor.actor.grants.iter().any(|g| may_manage(&visitor.actor, &g.path));
    let may_merge = visitor.actor.has(&[Role::Authority]);
    let q = query.q.unwrap_or_default();
    let list = format!("/api/v1/people?q={}", site::encoded(&q));
    html(&PeoplePage { frame, q, people, may_import, may_merge, list })
}

#[derive(Template)]
#[template(path = "org/person.html")]
pub(super) struct PersonPage {
    frame: Frame,
    person: crate::Person,
    account: String,
    is_phone_bound: bool,
    is_self: bool,
    placements: Vec<Placed>,
    today: String,
    /// Records of the same human that went into this one.
    merged: Vec<crate::Person>,
    clear: Option<Clear>,
    pub error: String,
}

impl PersonPage {
    /// Ways on from the present status.
    fn next_statuses(&self) -> Vec<&'static str> {
        let now = self.person.status.code();
        ["on_post", "off_post", "retired", "left"].into_iter().filter(|s| *s != now).collect()
    }
}

pub(super) async fn person_page(site: &Site, visitor: &Visitor, id: &str) -> base::Result<PersonPage> {
    let person = managed_person(site, visitor, id.parse()?).await?;
    let mut names = accounts::account_names(&site.db, &[person.id]).await?;
    let (account, is_phone_bound) = names.remove(&person.id).unwrap_or_default();
    Ok(PersonPage {
        frame: Frame::of(site, visitor, "/people", "page-person"),
        is_self: person.id == visitor.actor.person,
        merged: store::merged_into(&site.db, person.id).await?,
        placements: store_history::of_person(&site.db, person.id).await?,
        today: base::day::day_of(site.now()).to_string(),
        person,
        account,
        is_phone_bound,
        clear: None,
        error: String::new(),
    })
}

/// What the form for whole numbers carries.
#[derive(Deserialize)]
pub(super) struct ClearForm {
    reason: String,
    #[serde(default)]
    password: String,
}

/// The page with whole numbers, once.
pub(super) async fn show_clear(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(f): Form<ClearForm>,
) -> Reply {
    let mut page = person_page(&site, &visitor, &id).await?;
    let fields = ["id_number", "contact_phone", "bound_phone"].map(str::to_owned).to_vec();
    let wanted = clear_view::Wanted { fields, reason: f.reason, password: Some(f.password) };
    match clear_view::show(&site, &visitor, page.person.id, &wanted).await {
        Ok(clear) => page.clear = Some(clear),
        Err(Error::Refused(p)) => {
            page.error = site.texts.refusal(&p);
        }
        Err(e) => return Err(e.into()),
    }
    html(&page)
}

#[derive(Deserialize)]
pub(super) struct Arrival {
    saved: Option<String>,
}

pub(super) async fn one(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(q): Query<Arrival>,
) -> Reply {
    let mut page = person_page(&site, &visitor, &id).await?;
    if q.saved.is_some() {
        page.frame = page.frame.with_flash("done", site.texts.get("person-saved"));
    }
    html(&page)
}
