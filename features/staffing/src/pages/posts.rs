//! Posts beside the main one of a person, and guests of a unit.
use askama::Template;
use axum::extract::{Path, Query, State};
use base::{Error, Kind, Level, Year, day, person::Code};
use org::Person;
use serde::Deserialize;
use site::{Form, Frame, Page, Paging, Reply, Site, Visitor, Years, html, see_other};

use crate::{
    MANAGERS,
    api_posts::{READERS, hours as hundredths_in_words},
    post::{self, NewPost},
    store_posts::{self as store, Guest, Held},
};

#[derive(Template)]
#[template(path = "staffing/posts.html")]
struct PostsPage {
    frame: Frame,
    person: Person,
    posts: Vec<Held>,
    today: String,
    /// Levels to choose from, by category.
    levels: Vec<(String, Vec<String>)>,
    error: String,
}

async fn build(site: &Site, visitor: &Visitor, id: &str) -> base::Result<PostsPage> {
    let person = org::person(&site.db, id.parse()?).await?;
    if !visitor.actor.scope(MANAGERS).holds(&person.path) {
        return Err(Error::not_found());
    }
    Ok(PostsPage {
        frame: Frame::of(site, visitor, "/people", "page-posts"),
        posts: store::of_person(&site.db, person.id).await?,
        today: day::day_of(site.now()).to_string(),
        levels: Level::by_category(),
        person,
        error: String::new(),
    })
}

pub(super) async fn of_person(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    html(&build(&site, &visitor, &id).await?)
}

/// What the page's forms carry.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct PostForm {
    kind: String,
    unit: String,
    title: String,
    category: String,
    level: String,
    from: String,
    until: String,
    /// A post to end.
    end: String,
}

pub(super) async fn change(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(f): Form<PostForm>,
) -> Reply {
    match act(&site, &visitor, &id, &f).await {
        Ok(()) => Ok(see_other(&format!("/people/{id}/posts"))),
        Err(Error::Refused(p)) if p.kind != Kind::NotFound => {
            let mut page = build(&site, &visitor, &id).await?;
            page.error = site.texts.refusal(&p);
            html(&page)
        }
        Err(e) => Err(e.into()),
    }
}

async fn act(site: &Site, visitor: &Visitor, id: &str, f: &PostForm) -> base::Result<()> {
    let person = id.parse()?;
    if !f.end.is_empty() {
        return post::end(site, visitor, person, &f.end).await;
    }
    let new = NewPost {
        kind: Code::from_code(&f.kind).ok_or_else(|| Error::invalid("kind", "wrong_value"))?,
        unit: f.unit.clone(),
        title: f.title.clone(),
        category: Some(f.category.clone()),
        level: Some(f.level.clone()),
        from: f.from.clone(),
        until: Some(f.until.clone()),
    };
    post::add(site, &visitor.actor, person, &new).await.map(|_| ())
}

#[derive(Template)]
#[template(path = "staffing/guests.html")]
struct GuestsPage {
    frame: Frame,
    year: Year,
    years: Years,
    is_home: bool,
    guests: Page<Guest>,
}

impl GuestsPage {
    fn hours(&self, hundredths: &Option<i64>) -> String {
        hundredths_in_words(*hundredths)
    }

    /// The address of the same people up to the year.
    fn of_year(&self) -> String {
        format!("/guests?{}year=", if self.is_home { "side=home&" } else { "" })
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct GuestQuery {
    side: String,
    year: Option<String>,
    after: Option<String>,
}

pub(super) async fn guests(State(site): State<Site>, visitor: Visitor, Query(q): Query<GuestQuery>) -> Reply {
    let (scope, is_home) = (visitor.actor.scope(READERS), q.side == "home");
    let paging = Paging { after: q.after, limit: Some(50) };
    let today = day::day_of(site.now());
    let year = q.year.and_then(|y| y.parse().ok()).unwrap_or_else(|| site.desk_year());
    let found = store::guests(&site.db, (&scope, is_home), (today, year), &paging).await?;
    let guests = Page::of(found, paging.limit(), |g| g.post.clone());
    let frame = Frame::of(&site, &visitor, "/guests", "page-guests");
    html(&GuestsPage { frame, year, years: hours::years(&site).await?, is_home, guests })
}
