//! Pages: my certificates, and the public page behind the QR code.
use askama::Template;
use axum::extract::{Path, Query, State};
use serde::Deserialize;
use site::{Access, Frame, Reply, Routes, Site, Visitor, html, see_other};

use crate::{Number, store, verify};

pub(crate) fn routes() -> Routes {
    Routes::new().get("/certificates", Access::SignedIn, mine).get("/verify", Access::Public, form).get(
        "/verify/{no}",
        Access::Public,
        result,
    )
}

#[derive(Template)]
#[template(path = "certificates/mine.html")]
struct MinePage {
    frame: Frame,
    certificates: Vec<Line>,
}

struct Line {
    no: String,
    year: i16,
    issued_on: String,
    total: String,
    verify: String,
}

async fn mine(State(site): State<Site>, visitor: Visitor) -> Reply {
    let found = store::of_person(&site.db, visitor.actor.person).await?;
    let line = |c: crate::Certificate| Line {
        no: c.no.to_string(),
        year: c.year().number(),
        issued_on: c.content.issued_on.clone(),
        total: c.content.total.to_string(),
        verify: format!("/verify/{}?s={}", c.no.compact(), c.signature),
    };
    let frame = Frame::of(&site, &visitor, "/certificates", "page-certificates");
    html(&MinePage { frame, certificates: found.into_iter().map(line).collect() })
}

#[derive(Deserialize)]
struct Asked {
    no: Option<String>,
}

#[derive(Template)]
#[template(path = "certificates/verify.html")]
struct VerifyPage {
    frame: Frame,
    typed: String,
    verdict: Option<verify::Verdict>,
}

fn frame(site: &Site, visitor: Option<&Visitor>) -> Frame {
    match visitor {
        Some(visitor) => Frame::of(site, visitor, "/verify", "page-verify"),
        None => Frame::plain(site, &site.texts.get("page-verify")),
    }
}

async fn form(State(site): State<Site>, visitor: Option<Visitor>, Query(q): Query<Asked>) -> Reply {
    if let Some(no) = q.no.filter(|n| !n.trim().is_empty()) {
        let digits: String = no
            .chars()
            .map(base::person::half_width)
            .filter(|c| c.is_ascii_alphanumeric() || *c == '-')
            .collect();
        let compact = Number::parse(&digits).map_or(digits, |n| n.compact().to_owned());
        if !compact.is_empty() {
            return Ok(see_other(&format!("/verify/{compact}")));
        }
    }
    html(&VerifyPage { frame: frame(&site, visitor.as_ref()), typed: String::new(), verdict: None })
}

#[derive(Deserialize)]
struct Signed {
    s: Option<String>,
}

async fn result(
    State(site): State<Site>,
    visitor: Option<Visitor>,
    Path(no): Path<String>,
    Query(q): Query<Signed>,
) -> Reply {
    let verdict = verify::verify(&site, &no, q.s.as_deref()).await?;
    html(&VerifyPage { frame: frame(&site, visitor.as_ref()), typed: no, verdict: Some(verdict) })
}
