//! The calendar as a page.
use askama::Template;
use axum::extract::State;
use base::{Day, day};
use site::{Access, Frame, Reply, Routes, Site, Visitor, dates::minute, html, see_other};

use crate::{
    dates::{self, Entry},
    feed, store,
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/me/calendar", Access::SignedIn, shown)
        .post("/me/calendar", Access::SignedIn, make)
        .post("/me/calendar/end", Access::SignedIn, end)
}

#[derive(Template)]
#[template(path = "calendar/calendar.html")]
struct CalendarPage {
    frame: Frame,
    entries: Vec<Entry>,
    today: Day,
    /// Told once, right after it was made.
    url: String,
    is_on: bool,
    made: String,
    read: String,
}

impl CalendarPage {
    fn days(&self, e: &Entry) -> String {
        let time = |at| minute(at).get(11..).unwrap_or_default().to_owned();
        match e.hours {
            Some((from, to)) => format!("{} {}—{}", e.from, time(from), time(to)),
            None if e.from == e.to => e.from.to_string(),
            None => format!("{} — {}", e.from, e.to),
        }
    }

    fn is_over(&self, e: &Entry) -> bool {
        e.to < self.today
    }
}

async fn page(site: &Site, visitor: &Visitor, url: String) -> Reply {
    let feed = store::of(&site.db, visitor.actor.person).await?;
    let time = |at: i64| minute(day::from_millis(at));
    html(&CalendarPage {
        frame: Frame::of(site, visitor, "/me/calendar", "page-calendar"),
        entries: dates::of(site, visitor.actor.person).await?,
        today: day::day_of(site.now()),
        url,
        is_on: feed.is_some(),
        made: feed.as_ref().map(|f| time(f.made_at)).unwrap_or_default(),
        read: feed.and_then(|f| f.read_at).map(time).unwrap_or_default(),
    })
}

async fn shown(State(site): State<Site>, visitor: Visitor) -> Reply {
    page(&site, &visitor, String::new()).await
}

async fn make(State(site): State<Site>, visitor: Visitor) -> Reply {
    let url = feed::make(&site, visitor.actor.person).await?;
    page(&site, &visitor, url).await
}

async fn end(State(site): State<Site>, visitor: Visitor) -> Reply {
    feed::end(&site, visitor.actor.person).await?;
    Ok(see_other("/me/calendar"))
}
