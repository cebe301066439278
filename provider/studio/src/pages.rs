//! The pages of making courses: the list, a new one, one with its files, withdrawing.
use std::collections::HashMap;

use askama::Template;
use axum::extract::{Path, Query, State};
use base::Error;
use catalogue::Course;
use serde::Deserialize;
use site::{Access, Form, Frame, Reply, Routes, Site, Visitor, html, see_other};

use crate::{
    api::{MANAGERS, start},
    draft::{Draft, Facts},
    material::{Material, State as Stage},
    publish, store,
};

pub(crate) fn routes() -> Routes {
    let managers = Access::Roles(MANAGERS);
    Routes::new()
        .get("/studio", managers, list)
        .get("/studio/drafts/new", managers, blank)
        .post("/studio/drafts", managers, begin)
        .get("/studio/drafts/{id}", managers, one)
        .get("/studio/drafts/{id}/materials", managers, materials)
        .post("/studio/drafts/{id}/publication", managers, publication)
        .post("/studio/courses/{id}/withdrawal", managers, withdraw)
}

#[derive(Template)]
#[template(path = "studio/list.html")]
struct ListPage {
    frame: Frame,
    drafts: Vec<Draft>,
    courses: Vec<Course>,
}

async fn list(State(site): State<Site>, visitor: Visitor) -> Reply {
    let drafts = store::drafts(&site.db).await?.into_iter().filter(|d| d.course.is_none()).collect();
    let courses = catalogue::all(&site.db).await?.into_iter().filter(|c| c.replaced_at.is_none()).collect();
    html(&ListPage { frame: Frame::of(&site, &visitor, "/studio", "page-studio"), drafts, courses })
}

#[derive(Template)]
#[template(path = "studio/new.html")]
struct NewPage {
    frame: Frame,
    facts: Facts,
    replaces: String,
    topics: Vec<String>,
}

impl NewPage {
    fn is_for(&self, category: &str) -> bool {
        self.facts.audience.iter().any(|a| a == category)
    }
}

#[derive(Deserialize)]
struct Which {
    #[serde(default)]
    replaces: String,
}

async fn blank(State(site): State<Site>, visitor: Visitor, Query(which): Query<Which>) -> Reply {
    let facts = match which.replaces.as_str() {
        "" => Facts { subject: "professional".into(), ..Facts::default() },
        course => {
            let c = catalogue::course(&site.db, course).await?;
            Facts {
                title: c.title,
                subject: c.subject,
                topic: c.topic,
                teacher: c.teacher,
                audience: c.audience,
                free: c.free,
            }
        }
    };
    let frame = Frame::of(&site, &visitor, "/studio", "page-draft-new");
    html(&NewPage { frame, facts, replaces: which.replaces, topics: catalogue::topic_names() })
}

/// The form's fields; a public course's topic is chosen, a professional one's field is written.
fn facts(form: &[(String, String)]) -> Facts {
    let text = |name: &str| form.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone()).unwrap_or_default();
    let subject = text("subject");
    Facts {
        title: text("title"),
        topic: text(if subject == "public" { "topic" } else { "field" }),
        teacher: text("teacher"),
        audience: form.iter().filter(|(n, _)| n == "audience").map(|(_, v)| v.clone()).collect(),
        free: !text("free").is_empty(),
        subject,
    }
}

async fn begin(State(site): State<Site>, visitor: Visitor, Form(form): Form<Vec<(String, String)>>) -> Reply {
    let replaces = form.iter().find(|(n, _)| n == "replaces").map(|(_, v)| v.clone()).unwrap_or_default();
    let facts = facts(&form);
    let named = Some(replaces.as_str()).filter(|r| !r.is_empty());
    match start(&site, &visitor, facts.clone(), named).await {
        Ok(id) => Ok(see_other(&format!("/studio/drafts/{id}"))),
        Err(Error::Refused(p)) if !p.fields.is_empty() => {
            let frame = Frame::of(&site, &visitor, "/studio", "page-draft-new").with_refusal(&p);
            html(&NewPage { frame, facts, replaces, topics: catalogue::topic_names() })
        }
        Err(error) => Err(error.into()),
    }
}

/// A file as the page shows it.
struct Row {
    material: Material,
    length: String,
    size: String,
    problem: String,
}

fn row(site: &Site, m: Material) -> Row {
    const MIB: i64 = 1024 * 1024;
    let problem =
        m.problem.as_deref().map(|code| site.texts.get(&format!("problem-{code}"))).unwrap_or_default();
    Row {
        length: format!("{:02}:{:02}", m.seconds / 60, m.seconds % 60),
        size: format!("{} MB", (m.size + MIB - 1) / MIB),
        problem,
        material: m,
    }
}

#[derive(Template)]
#[template(path = "studio/one.html")]
struct DraftPage {
    frame: Frame,
    draft: Draft,
    rows: Vec<Row>,
    is_ready: bool,
    is_working: bool,
}

#[derive(Template)]
#[template(path = "studio/_materials.html")]
struct MaterialsPart {
    frame: Frame,
    draft: Draft,
    rows: Vec<Row>,
    is_ready: bool,
    is_working: bool,
}

struct Shown {
    draft: Draft,
    rows: Vec<Row>,
    is_ready: bool,
    is_working: bool,
}

async fn shown(site: &Site, id: &str) -> base::Result<Shown> {
    let draft = store::draft(&site.db, id).await?;
    let materials = store::materials(&site.db, id).await?;
    let is = |m: &Material, states: &[Stage]| states.iter().any(|s| m.state == s.code());
    Ok(Shown {
        draft,
        is_ready: !materials.is_empty() && materials.iter().all(|m| is(m, &[Stage::Ready])),
        is_working: materials.iter().any(|m| is(m, &[Stage::Waiting, Stage::Working])),
        rows: materials.into_iter().map(|m| row(site, m)).collect(),
    })
}

async fn one(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let Shown { draft, rows, is_ready, is_working } = shown(&site, &id).await?;
    let mut frame = Frame::of(&site, &visitor, "/studio", "page-draft");
    frame.title.clone_from(&draft.facts.title);
    html(&DraftPage { frame, draft, rows, is_ready, is_working })
}

/// The list of files by itself, asked for again while work goes on.
async fn materials(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let Shown { draft, rows, is_ready, is_working } = shown(&site, &id).await?;
    let frame = Frame::of(&site, &visitor, "/studio", "page-draft");
    html(&MaterialsPart { frame, draft, rows, is_ready, is_working })
}

async fn publication(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let course = publish::publish(&site, visitor.actor.person, &id).await?;
    Ok(see_other(&format!("/courses/{course}")))
}

async fn withdraw(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(said): Form<HashMap<String, String>>,
) -> Reply {
    publish::offer(&site, visitor.actor.person, &id, !said.contains_key("withdraw")).await?;
    Ok(see_other("/studio"))
}
