//! Pages: my certificates, and the public page behind the QR code.
use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::{HeaderValue, header},
    response::IntoResponse,
};
use base::{Error, Year, person::Code};
use serde::Deserialize;
use site::{Access, Form, Frame, Reply, Routes, Site, Upload, Visitor, html, see_other};

use crate::{
    Kind, Number,
    proofs::Proofs,
    store,
    verify::{self, Question},
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/certificates", Access::SignedIn, mine)
        .post("/certificates/statement", Access::SignedIn, statement)
        .for_former()
        .get("/verify", Access::Public, form)
        .post("/verify", Access::Public, by_file)
        .get("/verify/offline.html", Access::Public, offline)
        .get("/verify/{no}", Access::Public, result)
}

#[derive(Template)]
#[template(path = "certificates/mine.html")]
struct MinePage {
    frame: Frame,
    certificates: Vec<Line>,
    years: Vec<Year>,
}

struct Line {
    no: String,
    kind: String,
    year: String,
    issued_on: String,
    total: Option<String>,
    revision: i64,
    revoked: Option<(String, String)>,
    verify: String,
    /// The checkpoint whose proof a print carries; none before the next one.
    proof: Option<(i64, String)>,
}

async fn mine(State(site): State<Site>, visitor: Visitor) -> Reply {
    let found = store::of_person(&site.db, visitor.actor.person).await?;
    let years = hours::years_of(&site.db, visitor.actor.person).await?;
    let frame = Frame::of(&site, &visitor, "/certificates", "page-certificates");
    let proofs = Proofs::of(&site, &found.iter().collect::<Vec<_>>()).await?;
    let certificates = found.iter().map(|c| line(&site, c, &proofs)).collect();
    html(&MinePage { frame, certificates, years })
}

fn line(site: &Site, c: &crate::Certificate, proofs: &Proofs) -> Line {
    let years: Vec<String> = match c.content.years.as_slice() {
        [] => vec![c.year().to_string()],
        years => years.iter().map(|y| y.year.to_string()).collect(),
    };
    let because = |code: &str| site.texts.get(&format!("revoked-{code}"));
    let online = c.online_url(site);
    Line {
        no: c.no.to_string(),
        kind: site.texts.get(&format!("certificate-{}", c.kind.code())),
        year: years.join(" · "),
        issued_on: c.content.issued_on.clone(),
        total: (c.kind != Kind::Exemption && c.content.years.len() < 2).then(|| c.content.total.to_string()),
        revision: c.revision,
        revoked: c.revoked.as_ref().map(|(at, code)| (base::day::day_of(*at).to_string(), because(code))),
        verify: online.strip_prefix(&site.settings.public_url).unwrap_or("/verify").to_owned(),
        proof: proofs.get(c).map(|p| (p.checkpoint, p.day.clone())),
    }
}

#[derive(Deserialize)]
struct StatementForm {
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
}

/// The statement of the years from one to another; straight to the document.
async fn statement(State(site): State<Site>, visitor: Visitor, Form(f): Form<StatementForm>) -> Reply {
    let year = |text: &str| -> Result<Year, Error> {
        text.parse().map_err(|()| Error::invalid("years", "wrong_value"))
    };
    let (from, to) = (year(&f.from)?, year(&f.to)?);
    let own = hours::years_of(&site.db, visitor.actor.person).await?;
    let years: Vec<Year> = own.into_iter().filter(|y| *y >= from.min(to) && *y <= from.max(to)).collect();
    let certificate = crate::issue_statement(&site, visitor.actor.person, &years).await?;
    Ok(see_other(&format!("/certificates/{}.pdf", certificate.no)))
}

#[derive(Deserialize)]
struct Asked {
    no: Option<String>,
    name: Option<String>,
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
            let name = q.name.unwrap_or_default();
            let named: String = url::form_urlencoded::byte_serialize(name.trim().as_bytes()).collect();
            let query = if named.is_empty() { String::new() } else { format!("?name={named}") };
            return Ok(see_other(&format!("/verify/{compact}{query}")));
        }
    }
    html(&VerifyPage { frame: frame(&site, visitor.as_ref()), typed: String::new(), verdict: None })
}

#[derive(Deserialize)]
struct Signed {
    s: Option<String>,
    name: Option<String>,
}

async fn result(
    State(site): State<Site>,
    visitor: Option<Visitor>,
    Path(no): Path<String>,
    Query(q): Query<Signed>,
) -> Reply {
    let question = Question { signature: q.s.as_deref(), name: q.name.as_deref().filter(|n| !n.is_empty()) };
    let verdict = verify::verify(&site, &no, question).await?;
    html(&VerifyPage { frame: frame(&site, visitor.as_ref()), typed: no, verdict: Some(verdict) })
}

/// Checks the file of a certificate.
async fn by_file(State(site): State<Site>, visitor: Option<Visitor>, upload: Upload) -> Reply {
    let file = upload.file.ok_or_else(|| Error::invalid("file", "verify_file"))?;
    let verdict = verify::verify_file(&site, &file.bytes).await?;
    let typed = verdict.no.clone().unwrap_or_default();
    html(&VerifyPage { frame: frame(&site, visitor.as_ref()), typed, verdict: Some(verdict) })
}

/// The page that checks a certificate without network, with the key and the revocations of this hour in it. It is
/// handed out to be kept: its script stands in it, so it does not run under this site's policy.
async fn offline(State(site): State<Site>) -> Reply {
    let page = verify::offline(&site).await?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::from_static("attachment; filename=\"xueshi-verify.html\""),
        ),
    ];
    Ok((headers, page).into_response())
}
