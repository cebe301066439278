//! Pages that read notices.
use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use base::{Error, Hours, day};
use files::Cited;
use serde::Deserialize;
use site::{Access, Frame, Page, Paging, Reply, Routes, Site, Visitor, dates, html};

use crate::{
    EDITORS,
    api::{self, Search},
    notice::{Notice, State as NoticeState, Training},
    reading::{self, Headline, Receipts},
    store::Managed,
    store_tenders, tell,
    tender::Tender,
    write,
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/notices", Access::SignedIn, list)
        .get("/notices/manage", Access::Roles(EDITORS), manage)
        .get("/notices/{id}", Access::SignedIn, one)
        .get("/notices/{id}/receipts", Access::Roles(EDITORS), receipts)
        .get("/notices/{id}/files/{file}", Access::SignedIn, file)
}

#[derive(Template)]
#[template(path = "notices/list.html")]
struct ListPage {
    frame: Frame,
    q: String,
    notices: Page<Headline>,
    next: String,
    is_editor: bool,
}

impl ListPage {
    fn date(&self, at: &i64) -> String {
        day::day_of(day::from_millis(*at)).to_string()
    }
}

async fn list(State(site): State<Site>, visitor: Visitor, Query(q): Query<Search>) -> Reply {
    let notices = reading::concerning(&site, &visitor.actor, q.words(), &q.paging()).await?;
    let mut next = url::form_urlencoded::Serializer::new(String::new());
    next.append_pair("q", q.words()).append_pair("after", notices.next.as_deref().unwrap_or(""));
    html(&ListPage {
        frame: Frame::of(&site, &visitor, "/notices", "page-notices"),
        q: q.words().to_owned(),
        next: format!("/notices?{}", next.finish()),
        notices,
        is_editor: visitor.actor.has(EDITORS),
    })
}

#[derive(Deserialize)]
struct Version {
    version: Option<i64>,
}

/// The notice that another one passes on.
struct Original {
    id: String,
    title: String,
}

#[derive(Template)]
#[template(path = "notices/notice.html")]
struct NoticePage {
    frame: Frame,
    n: Notice,
    dates: String,
    published: String,
    changed: String,
    topics: Vec<String>,
    tender: Option<Tender>,
    files: Vec<Cited>,
    /// Where how far the telling is can be followed; empty for readers.
    progress: String,
    original: Option<Original>,
    is_editor: bool,
    is_withdrawn: bool,
    is_draft: bool,
}

impl NoticePage {
    /// The days of a training, each on a line of its own.
    fn period(&self, t: &Training) -> Vec<String> {
        match (t.from, t.to) {
            (Some(from), Some(to)) if from != to => vec![from.to_string(), format!("— {to}")],
            (Some(day), _) | (None, Some(day)) => vec![day.to_string()],
            (None, None) => vec![],
        }
    }

    fn hours(&self, hours: &Option<Hours>) -> String {
        hours.map_or_else(String::new, |h| h.to_string())
    }

    fn versions(&self) -> Vec<i64> {
        if self.is_editor { (1..=self.n.version).rev().collect() } else { vec![] }
    }
}

/// Shown is read: the receipt is of this version.
async fn one(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(v): Query<Version>,
) -> Reply {
    let n = reading::visible(&site, &visitor.actor, &id, v.version).await?;
    if n.shown_version == n.version {
        reading::read(&site, &visitor.actor, &n).await?;
    }
    let original = match &n.forwards {
        None => None,
        Some(id) => match reading::visible(&site, &visitor.actor, id, None).await {
            Ok(o) if o.content.document_no.is_empty() => Some(Original { id: o.id, title: o.content.title }),
            Ok(o) => {
                let title = format!("{} {}", o.content.document_no, o.content.title);
                Some(Original { id: o.id, title })
            }
            Err(Error::Refused(_)) => None,
            Err(e) => return Err(e.into()),
        },
    };
    let long = |d| dates::long(&site.texts, d);
    let work = tell::progress_of(&n.id, n.version);
    let followed = jobs::followed(&site.db, visitor.actor.person, &work).await?;
    let mut frame = Frame::of(&site, &visitor, "/notices", "page-notices");
    frame.title = n.content.title.clone();
    html(&NoticePage {
        frame,
        dates: match n.content.valid_until {
            Some(until) => format!("{} — {}", long(n.content.valid_from), long(until)),
            None => site.texts.with("notice-valid-since", &[("day", &long(n.content.valid_from))]),
        },
        published: n.published_at.map(dates::minute).unwrap_or_default(),
        changed: dates::minute(n.saved_at),
        topics: api::topics(&site, &n).await?,
        tender: match &n.content.tender {
            Some(id) => store_tenders::by_id(&site.db, id).await?,
            None => None,
        },
        progress: followed.unwrap_or_default(),
        files: files::cited(&site.db, &[&write::attachments(&n.id, n.shown_version)]).await?,
        original,
        is_editor: visitor.actor.scope(EDITORS).holds(&n.unit_path),
        is_withdrawn: n.state == NoticeState::Withdrawn,
        is_draft: n.state == NoticeState::Draft,
        n,
    })
}

/// A file of a notice, for whoever may see the notice.
async fn file(State(site): State<Site>, visitor: Visitor, Path((id, file)): Path<(String, String)>) -> Reply {
    let n = reading::visible(&site, &visitor.actor, &id, None).await?;
    let cited = files::cited(&site.db, &[&write::attachments(&n.id, n.version)]).await?;
    if !cited.iter().any(|f| f.id == file) {
        return Err(Error::not_found().into());
    }
    let given: Response = files::given(&site, &file).await?;
    Ok(given)
}

#[derive(Template)]
#[template(path = "notices/manage.html")]
struct ManagePage {
    frame: Frame,
    notices: Page<Managed>,
}

impl ManagePage {
    fn time(&self, at: &i64) -> String {
        dates::minute(day::from_millis(*at))
    }
}

async fn manage(State(site): State<Site>, visitor: Visitor, Query(paging): Query<Paging>) -> Reply {
    html(&ManagePage {
        frame: Frame::of(&site, &visitor, "/notices", "page-notices-manage"),
        notices: reading::managed(&site, &visitor.actor, &paging).await?,
    })
}

#[derive(Template)]
#[template(path = "notices/receipts.html")]
struct ReceiptsPage {
    frame: Frame,
    n: Notice,
    r: Receipts,
}

async fn receipts(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(paging): Query<Paging>,
) -> Reply {
    let (n, r) = reading::receipts(&site, &visitor.actor, &id, &paging).await?;
    html(&ReceiptsPage { frame: Frame::of(&site, &visitor, "/notices", "page-notices-receipts"), n, r })
}
