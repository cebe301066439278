//! Where a form is printed and its stamped scan attached.
use askama::Template;
use axum::extract::{Path, Query, State};
use base::{Error, Result};
use site::{Access, Frame, Reply, Routes, Site, Upload, Visitor, html, see_other};

use crate::{
    api::OfYear,
    scan::{self, Of},
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/claims/{id}/papers", Access::SignedIn, claim)
        .post("/claims/{id}/papers", Access::SignedIn, attach_claim)
        .get("/exemptions/{id}/papers", Access::SignedIn, exemption)
        .post("/exemptions/{id}/papers", Access::SignedIn, attach_exemption)
        .get("/yearbooks/{code}/papers", Access::SignedIn, unit)
        .post("/yearbooks/{code}/papers", Access::SignedIn, attach_unit)
}

#[derive(Template)]
#[template(path = "papers/papers.html")]
struct PapersPage {
    frame: Frame,
    title: String,
    back: String,
    pdf: String,
    action: String,
    scans: Vec<files::Cited>,
    may_attach: bool,
    error: String,
}

/// The paths of a paper: back, PDF, and where scans go; and its title's key.
fn paths(of: &Of) -> (String, String, String, &'static str) {
    match of {
        Of::Claim(id) => {
            let back = format!("/claims/{id}");
            (back.clone(), format!("{back}/form.pdf"), format!("{back}/papers"), "paper-claim")
        }
        Of::Exemption(id) => {
            let back = format!("/exemptions/{id}");
            (back.clone(), format!("{back}/form.pdf"), format!("{back}/papers"), "paper-exemption")
        }
        Of::Yearbook(code, year, no) => {
            let query = format!("year={year}&no={no}");
            let at = format!("/yearbooks/{code}");
            let back = format!("/yearbooks?year={year}");
            (back, format!("{at}/form.pdf?{query}"), format!("{at}/papers?{query}"), "nav-yearbooks")
        }
    }
}

async fn shown(site: &Site, visitor: &Visitor, of: &Of, error: String) -> Reply {
    let (_, _, may_attach) = scan::place(site, &visitor.actor, of).await?;
    let (back, pdf, action, title) = paths(of);
    html(&PapersPage {
        frame: Frame::of(site, visitor, &back, "page-papers"),
        title: site.texts.get(title),
        back,
        pdf,
        action,
        scans: scan::list(site, of).await?,
        may_attach,
        error,
    })
}

async fn attached(site: &Site, visitor: &Visitor, of: &Of, upload: Upload) -> Reply {
    let done = match upload.file {
        Some(file) => scan::attach(site, &visitor.actor, of, file).await,
        None => Err(Error::invalid("file", "required")),
    };
    match done {
        Ok(()) => Ok(see_other(&paths(of).2)),
        Err(Error::Refused(p)) if !p.fields.is_empty() => {
            let code = p.fields.first().map_or("required", |f| f.code);
            let said = site.texts.get(&format!("field-{code}"));
            shown(site, visitor, of, said).await
        }
        Err(e) => Err(e.into()),
    }
}

async fn claim(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    shown(&site, &visitor, &Of::Claim(id), String::new()).await
}

async fn attach_claim(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    upload: Upload,
) -> Reply {
    attached(&site, &visitor, &Of::Claim(id), upload).await
}

async fn exemption(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    shown(&site, &visitor, &Of::Exemption(id), String::new()).await
}

async fn attach_exemption(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    upload: Upload,
) -> Reply {
    attached(&site, &visitor, &Of::Exemption(id), upload).await
}

fn edition(site: &Site, code: String, q: &OfYear) -> Result<Of> {
    Ok(Of::Yearbook(code, q.year(site)?, q.no()))
}

async fn unit(
    State(site): State<Site>,
    visitor: Visitor,
    Path(code): Path<String>,
    Query(q): Query<OfYear>,
) -> Reply {
    shown(&site, &visitor, &edition(&site, code, &q)?, String::new()).await
}

async fn attach_unit(
    State(site): State<Site>,
    visitor: Visitor,
    Path(code): Path<String>,
    Query(q): Query<OfYear>,
    upload: Upload,
) -> Reply {
    attached(&site, &visitor, &edition(&site, code, &q)?, upload).await
}
