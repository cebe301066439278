//! 已锁定账号: who is locked, until when, from where; and the way to help.
use askama::Template;
use axum::extract::{Query, State};
use base::Role;
use site::{Frame, Page, Paging, Reply, Site, Visitor, dates, html};

use crate::door::locked::{self, Locked};

#[derive(Template)]
#[template(path = "accounts/locked.html")]
struct LockedPage {
    frame: Frame,
    locked: Page<Locked>,
    /// Whether the visitor may lift locks.
    may_help: bool,
}

impl LockedPage {
    fn until(&self, l: &Locked) -> String {
        dates::minute(l.until)
    }
}

pub(super) async fn page(State(site): State<Site>, visitor: Visitor, Query(q): Query<Paging>) -> Reply {
    let paging = Paging { after: q.after, limit: Some(50) };
    let found = locked::list(&site, &visitor, &paging).await?;
    let frame = Frame::of(&site, &visitor, "/locked-accounts", "page-locked");
    let may_help = visitor.actor.has(&[Role::UnitAdmin, Role::Authority, Role::Support]);
    html(&LockedPage { frame, locked: Page::of(found, paging.limit(), |l| l.account_id.clone()), may_help })
}
