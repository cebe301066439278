//! Units as pages: the list with what is missing, one unit with its card, history and the ways to change it; and the
//! public page of contact cards.
use askama::Template;
use axum::extract::{Path, Query, State};
use base::{Error, Role};
use serde::Deserialize;
use site::{Form, Frame, Page, Paging, Reply, Site, Visitor, html, see_other};

use crate::{
    MANAGERS, READERS, Unit,
    api_units::seen,
    contact::{self, Card, CardOf},
    may_manage,
    store_units::{self, Listing, Told, Was},
    unit::{self, NewUnit},
    unit_change::{self, Grounds, PLANNERS},
};

#[derive(Deserialize)]
pub(super) struct ListQuery {
    #[serde(default)]
    q: String,
    #[serde(default)]
    unled: String,
    after: Option<String>,
}

#[derive(Template)]
#[template(path = "org/units.html")]
struct UnitsPage {
    frame: Frame,
    q: String,
    unled: bool,
    units: Page<Told>,
    may_plan: bool,
}

pub(super) async fn list(State(site): State<Site>, visitor: Visitor, Query(q): Query<ListQuery>) -> Reply {
    let paging = Paging { after: q.after, limit: Some(50) };
    let listing = Listing { text: &q.q, unled: !q.unled.is_empty() };
    let found = store_units::units(&site.db, &visitor.actor.scope(MANAGERS), listing, &paging).await?;
    html(&UnitsPage {
        frame: Frame::of(&site, &visitor, "/units", "page-units"),
        unled: listing.unled,
        units: Page::of(found, paging.limit(), |t| t.code.clone()),
        q: q.q,
        may_plan: visitor.actor.has(PLANNERS),
    })
}

#[derive(Template)]
#[template(path = "org/unit.html")]
struct UnitPage {
    frame: Frame,
    told: Told,
    unit: Unit,
    card: Option<CardOf>,
    own_card: Card,
    history: Vec<Was>,
    may_write: bool,
    may_plan: bool,
    error: String,
}

impl UnitPage {
    fn kinds(&self) -> &'static [&'static str] {
        &["authority", "unit", "department"]
    }
}

async fn page(site: &Site, visitor: &Visitor, code: &str) -> base::Result<UnitPage> {
    let unit = seen(site, visitor, code).await?;
    let card = store_units::card(&site.db, &unit).await?;
    let own = card.as_ref().filter(|c| c.code == unit.code);
    let own_card = own.map_or_else(Card::default, |c| Card {
        office: c.office.clone(),
        names: c.names.clone(),
        telephone: c.telephone.clone(),
        hours: c.hours.clone(),
    });
    Ok(UnitPage {
        frame: Frame::of(site, visitor, "/units", "page-unit"),
        told: store_units::told(&site.db, unit.id).await?,
        history: store_units::history(&site.db, unit.id).await?,
        may_write: may_manage(&visitor.actor, &unit.path),
        may_plan: visitor.actor.scope(PLANNERS).holds(&unit.path),
        own_card,
        card,
        unit,
        error: String::new(),
    })
}

pub(super) async fn one(State(site): State<Site>, visitor: Visitor, Path(code): Path<String>) -> Reply {
    html(&page(&site, &visitor, &code).await?)
}

/// Every form of the page.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct UnitForm {
    action: String,
    office: String,
    names: String,
    telephone: String,
    hours: String,
    name: String,
    code: String,
    kind: String,
    to: String,
    from: String,
    reason: String,
}

pub(super) async fn change(
    State(site): State<Site>,
    visitor: Visitor,
    Path(code): Path<String>,
    Form(f): Form<UnitForm>,
) -> Reply {
    match act(&site, &visitor, &code, &f).await {
        Ok(code) => Ok(see_other(&format!("/units/{code}"))),
        Err(Error::Refused(p)) if p.kind != base::Kind::NotFound => {
            let mut page = page(&site, &visitor, &code).await?;
            page.error = site.texts.refusal(&p);
            html(&page)
        }
        Err(e) => Err(e.into()),
    }
}

/// Does what the form says; answers the code of the unit to show next.
async fn act(site: &Site, visitor: &Visitor, code: &str, f: &UnitForm) -> base::Result<String> {
    let why = Grounds { from: Some(f.from.clone()), reason: f.reason.clone() };
    if f.action != "contact" && !visitor.actor.has(PLANNERS) {
        return Err(Error::denied());
    }
    match f.action.as_str() {
        "contact" => {
            let card = Card {
                office: f.office.clone(),
                names: f.names.clone(),
                telephone: f.telephone.clone(),
                hours: f.hours.clone(),
            };
            contact::write(site, visitor, code, &card).await?;
            Ok(code.to_owned())
        }
        "rename" => {
            unit_change::rename(site, &visitor.actor, code, (&f.name, &why)).await?;
            Ok(code.to_owned())
        }
        "move" => {
            unit_change::relocate(site, &visitor.actor, code, (f.to.trim(), &why)).await?;
            Ok(code.to_owned())
        }
        "merge" => {
            let done = unit_change::merge(site, &visitor.actor, code, (f.to.trim(), &why)).await?;
            Ok(done.into.code)
        }
        "create" => {
            let kind = base::person::Code::from_code(&f.kind)
                .ok_or_else(|| Error::invalid("kind", "wrong_value"))?;
            let new = NewUnit { code: f.code.trim().to_owned(), name: f.name.clone(), kind };
            Ok(unit::create(site, &visitor.actor, new, code).await?.code)
        }
        _ => Err(Error::invalid("action", "wrong_value")),
    }
}

#[derive(Template)]
#[template(path = "org/contacts.html")]
struct ContactsPage {
    frame: Frame,
    q: String,
    cards: Vec<CardOf>,
}

#[derive(Deserialize)]
pub(super) struct Sought {
    #[serde(default)]
    q: String,
}

pub(super) async fn contacts(
    State(site): State<Site>,
    visitor: Option<Visitor>,
    Query(s): Query<Sought>,
) -> Reply {
    let frame = match &visitor {
        Some(visitor) => Frame::of(&site, visitor, "/contacts", "page-contacts"),
        None => Frame::plain(&site, &site.texts.get("page-contacts")),
    };
    let cards = contact::find(&site, &s.q).await?;
    html(&ContactsPage { frame, cards, q: s.q })
}

/// Who opens the list of units.
pub(super) const LISTERS: &[Role] = MANAGERS;
/// Who opens one unit's page.
pub(super) const SEERS: &[Role] = READERS;
