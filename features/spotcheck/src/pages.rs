//! Spot checks in the browser: announce, see what is published, look again without knowing the first decision.
use askama::Template;
use axum::extract::{Path, Query, State as Given};
use base::{Error, Hours, Role, Year};
use claims::activity::View;
use serde::Deserialize;
use site::{Access, Form, Frame, Reply, Routes, Site, Visitor, Years, dates::minute, html, see_other};

use crate::{
    CHECKERS, READERS,
    blind::{self, Case, VERDICTS},
    check::{self, Check},
    store,
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/spot-checks", Access::Roles(READERS), list)
        .post("/spot-checks", Access::Roles(CHECKERS), announce)
        .get("/spot-checks/{id}", Access::Roles(READERS), one)
        .get("/spot-check-cases/{id}", Access::Roles(READERS), case)
        .post("/spot-check-cases/{id}", Access::Roles(CHECKERS), review)
}

/// A refusal in a sentence; none for what the page cannot mend.
fn said(site: &Site, error: &Error) -> Option<String> {
    let Error::Refused(p) = error else { return None };
    (p.code != "not_found").then(|| site.texts.refusal(p))
}

#[derive(Template)]
#[template(path = "spotcheck/list.html")]
struct ListPage {
    frame: Frame,
    checks: Vec<Check>,
    year: Year,
    years: Years,
    unit: String,
    may_announce: bool,
    error: String,
}

impl ListPage {
    fn time(&self, check: &Check) -> String {
        minute(check.announced_at)
    }
}

async fn listed(site: &Site, visitor: &Visitor, year: Year, error: String) -> Reply {
    let mut checks = check::all(site, &visitor.actor).await?;
    checks.retain(|c| c.year == year);
    let own = visitor.actor.grants.iter().find(|g| g.role == Role::Authority);
    html(&ListPage {
        frame: Frame::of(site, visitor, "/spot-checks", "page-spot-checks"),
        checks,
        year,
        years: hours::years(site).await?,
        unit: own.map(|g| g.unit_code.clone()).unwrap_or_default(),
        may_announce: visitor.actor.has(CHECKERS),
        error,
    })
}

#[derive(Deserialize)]
struct OfYear {
    year: Option<String>,
}

/// The year: as asked, else the one that desks work on.
fn year_of(site: &Site, text: Option<&str>) -> Year {
    text.and_then(|y| y.parse().ok()).unwrap_or_else(|| site.desk_year())
}

async fn list(Given(site): Given<Site>, visitor: Visitor, Query(q): Query<OfYear>) -> Reply {
    listed(&site, &visitor, year_of(&site, q.year.as_deref()), String::new()).await
}

#[derive(Deserialize)]
struct AnnounceForm {
    unit: String,
    year: String,
    percent: String,
}

async fn announce(Given(site): Given<Site>, visitor: Visitor, Form(f): Form<AnnounceForm>) -> Reply {
    let done = async {
        let year = f.year.parse().map_err(|()| Error::invalid("year", "wrong_value"))?;
        let percent = match f.percent.trim() {
            "" => None,
            text => Some(text.parse().map_err(|_| Error::invalid("percent", "spot_check_percent"))?),
        };
        check::announce(&site, &visitor.actor, (f.unit.trim(), year), percent).await
    };
    match done.await {
        Ok(id) => Ok(see_other(&format!("/spot-checks/{id}"))),
        Err(e) => match said(&site, &e) {
            Some(text) => listed(&site, &visitor, year_of(&site, Some(&f.year)), text).await,
            None => Err(e.into()),
        },
    }
}

#[derive(Template)]
#[template(path = "spotcheck/one.html")]
struct OnePage {
    frame: Frame,
    check: Check,
    announced: String,
    cases: Vec<Case>,
}

async fn one(Given(site): Given<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let found = check::one(&site, &visitor.actor, &id).await?;
    html(&OnePage {
        frame: Frame::of(&site, &visitor, "/spot-checks", "page-spot-check"),
        announced: minute(found.announced_at),
        cases: store::drawn(&site.db, &id).await?,
        check: found,
    })
}

#[derive(Template)]
#[template(path = "spotcheck/case.html")]
struct CasePage {
    frame: Frame,
    case: Case,
    view: View,
    item: String,
    rule: String,
    verdicts: [&'static str; 3],
    may_review: bool,
    error: String,
}

impl CasePage {
    fn quantity(&self) -> String {
        Hours::from_hundredths(self.view.claim.facts.quantity).to_string()
    }

    /// What the first decision left of the hours; known only after the second look.
    fn first(&self) -> Hours {
        self.view.claim.effective_hours()
    }
}

async fn shown(site: &Site, visitor: &Visitor, id: &str, error: String) -> Reply {
    let (case, view) = blind::view(site, &visitor.actor, id).await?;
    let policy = hours::in_force(&site.db, view.claim.facts.year).await?.policy;
    let item = policy.item(&view.claim.facts.item);
    html(&CasePage {
        frame: Frame::of(site, visitor, "/spot-checks", "page-spot-check-case"),
        item: item.map_or_else(|| view.claim.facts.item.clone(), |i| i.name.clone()),
        rule: item.map_or_else(String::new, |i| i.evidence.clone()),
        verdicts: VERDICTS,
        may_review: case.verdict.is_none() && visitor.actor.has(CHECKERS),
        case,
        view,
        error,
    })
}

async fn case(Given(site): Given<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    shown(&site, &visitor, &id, String::new()).await
}

#[derive(Deserialize)]
struct ReviewForm {
    verdict: String,
    hours: String,
    comment: String,
}

async fn review(
    Given(site): Given<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(f): Form<ReviewForm>,
) -> Reply {
    let hours = match f.hours.trim() {
        "" => None,
        text => Some(Hours::parse(text).ok_or_else(|| Error::invalid("hours", "wrong_value"))?),
    };
    match blind::review(&site, &visitor.actor, &id, (&f.verdict, hours, &f.comment)).await {
        Ok(()) => Ok(see_other(&format!("/spot-check-cases/{id}"))),
        Err(e) => match said(&site, &e) {
            Some(text) => shown(&site, &visitor, &id, text).await,
            None => Err(e.into()),
        },
    }
}
