//! The own profile: category and level, as the notice (五.1) asks people to complete.
use askama::Template;
use axum::extract::{Query, State};
use base::{Error, Level, person::Code};
use serde::Deserialize;
use site::{Form, Frame, Reply, Site, Visitor, html, see_other};

use crate::{Person, profile, store};

#[derive(Deserialize)]
pub(super) struct Arrival {
    saved: Option<String>,
}

#[derive(Template)]
#[template(path = "org/profile.html")]
struct ProfilePage {
    frame: Frame,
    person: Person,
    categories: Vec<&'static str>,
    levels: Vec<(String, Vec<String>)>,
    chosen_category: String,
    chosen_level: String,
    problems: Vec<(String, String)>,
}

impl ProfilePage {
    fn error(&self, field: &str) -> String {
        self.problems.iter().find(|(f, _)| f == field).map_or_else(String::new, |(_, text)| text.clone())
    }
}

async fn page(site: &Site, visitor: &Visitor) -> base::Result<ProfilePage> {
    let person = store::person(&site.db, visitor.actor.person).await?;
    Ok(ProfilePage {
        frame: Frame::of(site, visitor, "/me/profile", "page-profile"),
        chosen_category: person.category.map(|c| c.code()).unwrap_or_default(),
        chosen_level: person.level.map(|l| l.code()).unwrap_or_default(),
        person,
        categories: vec!["management", "professional", "worker"],
        levels: Level::by_category(),
        problems: vec![],
    })
}

pub(super) async fn form(State(site): State<Site>, visitor: Visitor, Query(q): Query<Arrival>) -> Reply {
    let mut page = page(&site, &visitor).await?;
    if q.saved.is_some() {
        page.frame = page.frame.with_flash("done", site.texts.get("profile-saved"));
    }
    html(&page)
}

#[derive(Deserialize)]
pub(super) struct ProfileForm {
    #[serde(default)]
    category: String,
    #[serde(default)]
    level: String,
}

pub(super) async fn save(State(site): State<Site>, visitor: Visitor, Form(f): Form<ProfileForm>) -> Reply {
    let given = |text: &str| Some(text.to_owned()).filter(|t| !t.is_empty());
    let changes = profile::Changes { category: given(&f.category), level: given(&f.level), retirement: None };
    match profile::save(&site, &visitor, &changes).await {
        Ok(_) => Ok(see_other("/me/profile?saved=1")),
        Err(Error::Refused(problems)) => {
            let mut page = page(&site, &visitor).await?;
            let text = |code: &str| site.texts.get(&format!("field-{code}"));
            page.problems = problems.fields.iter().map(|p| (p.field.clone(), text(p.code))).collect();
            (page.chosen_category, page.chosen_level) = (f.category, f.level);
            html(&page)
        }
        Err(e) => Err(e.into()),
    }
}
