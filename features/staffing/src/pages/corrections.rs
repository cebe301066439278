//! Corrections: asking for the own, deciding on those below.
use askama::Template;
use axum::extract::{Path, Query, State};
use base::{Error, day};
use org::Identity;
use serde::Deserialize;
use site::{Form, Frame, Page, Paging, Reply, Site, Upload, Visitor, dates, html, see_other};

use crate::{
    MANAGERS,
    correction::{self, Correction},
    store_identity as store,
};

#[derive(Template)]
#[template(path = "staffing/corrections.html")]
struct ListPage {
    frame: Frame,
    corrections: Page<Correction>,
    files: Vec<files::Cited>,
    error: String,
}

impl ListPage {
    fn time(&self, c: &Correction) -> String {
        dates::minute(day::from_millis(c.asked_at))
    }

    fn files_of<'a>(&'a self, c: &'a Correction) -> impl Iterator<Item = &'a files::Cited> {
        self.files.iter().filter(|f| f.object == c.id)
    }

    /// What is wanted, field by field in words.
    fn wanted(&self, c: &Correction) -> Vec<(String, String)> {
        let word = |kind: &str, v: &Option<String>| v.as_deref().map(|v| self.frame.word_or_code(kind, v));
        let w = &c.wanted;
        let all = [
            ("column-name", w.name.clone()),
            ("column-id_type", word("id_type", &w.id_type)),
            ("column-id_number", w.id_number.clone()),
            ("column-gender", word("gender", &w.gender)),
            ("column-birth_date", w.birth_date.clone()),
        ];
        let given =
            all.into_iter().filter_map(|(k, v)| Some((self.frame.text(k), v.filter(|v| !v.is_empty())?)));
        given.collect()
    }
}

#[derive(Default, Deserialize)]
pub(super) struct ListQuery {
    after: Option<String>,
}

async fn build(site: &Site, visitor: &Visitor, after: Option<String>) -> base::Result<ListPage> {
    let paging = Paging { after, limit: Some(30) };
    let found = store::corrections(site, &visitor.actor.scope(MANAGERS), &paging).await?;
    let ids: Vec<&str> = found.iter().map(|c| c.id.as_str()).collect();
    Ok(ListPage {
        frame: Frame::of(site, visitor, "/corrections", "page-corrections"),
        files: files::cited(&site.db, &ids).await?,
        corrections: Page::of(found, paging.limit(), |c| c.id.clone()),
        error: String::new(),
    })
}

pub(super) async fn list(State(site): State<Site>, visitor: Visitor, Query(q): Query<ListQuery>) -> Reply {
    html(&build(&site, &visitor, q.after).await?)
}

#[derive(Deserialize)]
pub(super) struct DecisionForm {
    decision: String,
    #[serde(default)]
    comment: String,
}

pub(super) async fn decide(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(f): Form<DecisionForm>,
) -> Reply {
    match correction::decide(&site, &visitor, &id, (f.decision == "approve", &f.comment)).await {
        Ok(_) => Ok(see_other("/corrections")),
        Err(Error::Refused(p)) if p.kind != base::Kind::NotFound => {
            let mut page = build(&site, &visitor, None).await?;
            page.error = site.texts.refusal(&p);
            html(&page)
        }
        Err(e) => Err(e.into()),
    }
}

#[derive(Template)]
#[template(path = "staffing/my_corrections.html")]
struct OwnPage {
    frame: Frame,
    corrections: Vec<Correction>,
    wanted: Identity,
    reason: String,
    error: String,
}

impl OwnPage {
    fn time(&self, c: &Correction) -> String {
        dates::minute(day::from_millis(c.asked_at))
    }

    fn fields(&self, c: &Correction) -> String {
        let word = |f: &&str| self.frame.text(&format!("column-{f}"));
        c.wanted.fields().iter().map(word).collect::<Vec<_>>().join(&self.frame.text("comma"))
    }

    fn value(&self, text: &Option<String>) -> String {
        text.clone().unwrap_or_default()
    }
}

async fn own_page(site: &Site, visitor: &Visitor) -> base::Result<OwnPage> {
    Ok(OwnPage {
        frame: Frame::of(site, visitor, "/me/profile", "page-my-corrections"),
        corrections: store::own_corrections(site, visitor.actor.person).await?,
        wanted: Identity::default(),
        reason: String::new(),
        error: String::new(),
    })
}

pub(super) async fn own(State(site): State<Site>, visitor: Visitor) -> Reply {
    html(&own_page(&site, &visitor).await?)
}

pub(super) async fn ask(State(site): State<Site>, visitor: Visitor, upload: Upload) -> Reply {
    let text = |name: &str| upload.field(name).map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned);
    let wanted = Identity {
        name: text("name"),
        id_type: text("id_type"),
        id_number: text("id_number"),
        gender: text("gender"),
        birth_date: text("birth_date"),
    };
    let reason = text("reason").unwrap_or_default();
    match handed_in(&site, &visitor, upload, (&wanted, &reason)).await {
        Ok(()) => Ok(see_other("/me/corrections")),
        Err(Error::Refused(p)) => {
            let mut page = own_page(&site, &visitor).await?;
            page.error = site.texts.refusal(&p);
            (page.wanted, page.reason) = (wanted, reason);
            html(&page)
        }
        Err(e) => Err(e.into()),
    }
}

async fn handed_in(
    site: &Site,
    visitor: &Visitor,
    upload: Upload,
    (wanted, reason): (&Identity, &str),
) -> base::Result<()> {
    let mut ids = vec![];
    for file in upload.file.into_iter().chain(upload.more) {
        ids.push(files::accept(site, visitor.actor.person, file).await?.id);
    }
    correction::ask(site, visitor, None, (wanted, reason, &ids)).await.map(|_| ())
}
