//! The panel of signals in the browser.
use askama::Template;
use axum::extract::State as Given;
use site::{Access, Frame, Reply, Routes, Site, Visitor, dates, html};

use crate::signals::{self, Panel};

pub(super) fn routes() -> Routes {
    Routes::new().get("/signals", Access::Roles(signals::WATCHERS), panel)
}

#[derive(Template)]
#[template(path = "claims/signals.html")]
struct SignalsPage {
    frame: Frame,
    panel: Panel,
}

impl SignalsPage {
    fn minute(&self, at: &base::Instant) -> String {
        dates::minute(*at)
    }
    fn seconds(&self, a: &crate::store::signals::Approval) -> i64 {
        (a.at - a.submitted_at) / 1000
    }
}

async fn panel(Given(site): Given<Site>, visitor: Visitor) -> Reply {
    let frame = Frame::of(&site, &visitor, "/signals", "page-signals");
    html(&SignalsPage { frame, panel: signals::panel(&site, &visitor.actor).await? })
}
