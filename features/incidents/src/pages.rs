//! Incidents in the browser: record one, see whom it affected, give all of them time at once.
use askama::Template;
use axum::extract::{Path, State};
use base::{Error, Year};
use serde::Deserialize;
use site::{Access, Form, Frame, Reply, Routes, Site, Upload, Visitor, dates::minute, html, see_other};

use crate::{
    KEEPERS,
    incident::{self, Incident, Typed},
    store::{self, Line},
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/incidents", Access::Roles(KEEPERS), list)
        .post("/incidents", Access::Roles(KEEPERS), record)
        .get("/incidents/{id}", Access::Roles(KEEPERS), one)
        .post("/incidents/{id}/people", Access::Roles(KEEPERS), add)
        .post("/incidents/{id}/extension", Access::Roles(KEEPERS), extend)
}

/// A refusal in a sentence; none for what the page cannot mend.
fn said(site: &Site, error: &Error) -> Option<String> {
    let Error::Refused(p) = error else { return None };
    (p.code != "not_found").then(|| site.texts.refusal(p))
}

#[derive(Template)]
#[template(path = "incidents/list.html")]
struct ListPage {
    frame: Frame,
    incidents: Vec<Incident>,
    providers: Vec<(String, String)>,
    error: String,
    /// What was typed, where it was refused.
    typed: IncidentForm,
}

impl ListPage {
    fn times(&self, i: &Incident) -> String {
        format!("{} — {}", minute(i.from), minute(i.to))
    }
}

async fn listed(site: &Site, visitor: &Visitor, (typed, error): (IncidentForm, String)) -> Reply {
    html(&ListPage {
        frame: Frame::of(site, visitor, "/incidents", "page-incidents"),
        incidents: store::incidents(&site.db, &visitor.actor.scope(KEEPERS)).await?,
        providers: store::providers(&site.db).await?,
        error,
        typed,
    })
}

async fn list(State(site): State<Site>, visitor: Visitor) -> Reply {
    listed(&site, &visitor, Default::default()).await
}

#[derive(Default, Deserialize)]
struct IncidentForm {
    provider: String,
    title: String,
    from: String,
    to: String,
}

async fn record(State(site): State<Site>, visitor: Visitor, Form(f): Form<IncidentForm>) -> Reply {
    let typed = Typed { provider: &f.provider, title: &f.title, from: &f.from, to: &f.to };
    match incident::record(&site, &visitor.actor, &typed).await {
        Ok(id) => Ok(see_other(&format!("/incidents/{id}"))),
        Err(e) => match said(&site, &e) {
            Some(text) => listed(&site, &visitor, (f, text)).await,
            None => Err(e.into()),
        },
    }
}

#[derive(Template)]
#[template(path = "incidents/one.html")]
struct OnePage {
    frame: Frame,
    incident: Incident,
    times: String,
    lines: Vec<Line>,
    years: Vec<Year>,
    done: String,
    error: String,
}

async fn shown(site: &Site, visitor: &Visitor, id: &str, (done, error): (String, String)) -> Reply {
    let incident = incident::one(site, &visitor.actor, id).await?;
    html(&OnePage {
        frame: Frame::of(site, visitor, "/incidents", "page-incident"),
        times: format!("{} — {}", minute(incident.from), minute(incident.to)),
        lines: store::lines(&site.db, id).await?,
        years: hours::published_years(&site.db).await?,
        incident,
        done,
        error,
    })
}

async fn one(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    shown(&site, &visitor, &id, Default::default()).await
}

async fn add(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>, upload: Upload) -> Reply {
    let added = match upload.file {
        Some(file) => incident::add(&site, &visitor.actor, &id, file.bytes).await,
        None => Err(Error::invalid("file", "required")),
    };
    let outcome = match added {
        Ok((n, errors)) if errors.is_empty() => {
            (site.texts.with("incident-added", &[("n", &n.to_string())]), String::new())
        }
        Ok((_, errors)) => {
            let one = |e: &org::CellError| {
                let why = site.texts.get(&format!("cell-{}", e.code));
                site.texts.with("incident-wrong", &[("row", &e.row.to_string()), ("why", &why)])
            };
            (String::new(), errors.iter().take(20).map(one).collect::<String>())
        }
        Err(e) => match said(&site, &e) {
            Some(text) => (String::new(), text),
            None => return Err(e.into()),
        },
    };
    shown(&site, &visitor, &id, outcome).await
}

#[derive(Deserialize)]
struct ExtensionForm {
    year: String,
    until: String,
    reason: String,
}

async fn extend(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(f): Form<ExtensionForm>,
) -> Reply {
    let year = f.year.parse().map_err(|()| Error::invalid("year", "wrong_value"))?;
    match incident::extend(&site, &visitor.actor, &id, (year, &f.until, &f.reason)).await {
        Ok(n) => {
            let done = site.texts.with("incident-extended", &[("n", &n.to_string()), ("until", &f.until)]);
            shown(&site, &visitor, &id, (done, String::new())).await
        }
        Err(e) => match said(&site, &e) {
            Some(text) => shown(&site, &visitor, &id, (String::new(), text)).await,
            None => Err(e.into()),
        },
    }
}
