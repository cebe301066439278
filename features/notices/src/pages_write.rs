//! Pages that write notices: one form for new, forwarded and changed ones, which works without script.
use askama::Template;
use axum::extract::{Path, Query, State};
use base::{Category, Error, Result, Role, person::Code};
use serde::Deserialize;
use site::{Access, Form, Frame, Reply, Routes, Site, Upload, Visitor, html, see_other};

use crate::{
    EDITORS, api,
    notice::{NewNotice, NewRow, Notice},
    reading, store_tenders, write,
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/notices/new", Access::Roles(EDITORS), new_page)
        .post("/notices", Access::Roles(EDITORS), create)
        .get("/notices/{id}/edit", Access::Roles(EDITORS), edit_page)
        .post("/notices/{id}/edit", Access::Roles(EDITORS), change)
        .post("/notices/{id}/withdraw", Access::Roles(EDITORS), withdraw)
}

/// Empty lines that the table of trainings offers.
const SPARE_ROWS: usize = 2;
/// Roles that a notice may be for.
const AUDIENCES: [Role; 6] =
    [Role::DepartmentHead, Role::UnitAdmin, Role::Reviewer, Role::Hr, Role::Finance, Role::Authority];

/// A place where the visitor publishes.
struct Place {
    code: String,
    name: String,
}

/// A file that the notice carries already.
struct Attached {
    id: String,
    name: String,
}

#[derive(Template)]
#[template(path = "notices/form.html")]
struct FormPage {
    frame: Frame,
    /// Where the form goes.
    action: String,
    typed: NewNotice,
    places: Vec<Place>,
    attached: Vec<Attached>,
    forwards: String,
    is_published: bool,
    this_year: i64,
    /// Tenders that can be cited: id and title.
    tenders: Vec<(String, String)>,
    may_text: bool,
    may_mail: bool,
    errors: Vec<(String, String)>,
}

impl FormPage {
    fn error(&self, field: &str) -> &str {
        self.errors.iter().find(|(f, _)| f == field).map_or("", |(_, text)| text.as_str())
    }

    fn rows(&self) -> Vec<NewRow> {
        let mut rows = self.typed.trainings.clone();
        rows.extend(std::iter::repeat_with(NewRow::default).take(SPARE_ROWS));
        rows
    }

    fn roles(&self) -> Vec<(String, String, bool)> {
        let row = |r: &Role| (r.code(), self.frame.label("role", r), self.typed.roles.contains(&r.code()));
        AUDIENCES.iter().map(row).collect()
    }

    fn categories(&self) -> Vec<(String, String, bool)> {
        let all = [Category::Management, Category::Professional, Category::Worker];
        let row = |c: &Category| {
            (c.code(), self.frame.label("category", c), self.typed.categories.contains(&c.code()))
        };
        all.iter().map(row).collect()
    }

    fn said<'a>(&self, text: &'a Option<String>) -> &'a str {
        text.as_deref().unwrap_or("")
    }
}

#[derive(Deserialize)]
struct Forwarding {
    forwards: Option<String>,
}

/// The form, with what was typed and what was wrong with it.
async fn form(
    site: &Site,
    visitor: &Visitor,
    (action, notice): (String, Option<&Notice>),
    typed: NewNotice,
    problem: Option<&Error>,
) -> Reply {
    let mut places = vec![];
    for grant in visitor.actor.grants.iter().filter(|g| EDITORS.contains(&g.role)).take(20) {
        let unit = org::by_code(&site.db, &grant.unit_code).await?;
        places.push(Place { code: unit.code, name: unit.name });
    }
    if let Some(n) = notice.filter(|n| places.iter().all(|p| p.code != n.unit_code)) {
        places.push(Place { code: n.unit_code.clone(), name: n.unit_name.clone() });
    }
    let own = match notice {
        Some(n) if typed.files.is_empty() => {
            files::cited(&site.db, &[&write::attachments(&n.id, n.version)]).await?
        }
        _ => files::own(&site.db, visitor.actor.person, &typed.files).await?,
    };
    let forwards = match &typed.forwards {
        Some(id) => reading::visible(site, &visitor.actor, id, None).await?.content.title,
        None => String::new(),
    };
    let fields = match problem {
        Some(Error::Refused(p)) => p.fields.as_slice(),
        _ => &[],
    };
    let error = |f: &base::FieldProblem| (f.field.clone(), site.texts.get(&format!("field-{}", f.code)));
    html(&FormPage {
        frame: Frame::of(site, visitor, "/notices", "page-notices-write"),
        action,
        places,
        attached: own.into_iter().map(|f| Attached { id: f.id, name: f.name }).collect(),
        forwards,
        is_published: notice.is_some_and(|n| n.published_at.is_some()),
        this_year: i64::from(site.this_year().number()),
        tenders: store_tenders::listed(&site.db, ("", 50))
            .await?
            .into_iter()
            .map(|t| (t.id, t.title))
            .collect(),
        may_text: site.settings.notices_by_sms,
        may_mail: site.settings.notices_by_mail,
        errors: fields.iter().map(error).collect(),
        typed,
    })
}

async fn new_page(State(site): State<Site>, visitor: Visitor, Query(q): Query<Forwarding>) -> Reply {
    let mut typed = NewNotice::default();
    if let Some(id) = q.forwards {
        let original = reading::visible(&site, &visitor.actor, &id, None).await?;
        typed.title = original.content.title;
        typed.topics_of = original.content.topics_of.map(|y| i64::from(y.number()));
        typed.tender = original.content.tender;
        typed.trainings = vec![];
        typed.forwards = Some(id);
    }
    form(&site, &visitor, ("/notices".to_owned(), None), typed, None).await
}

/// What the form said, its files taken in.
async fn read_form(site: &Site, visitor: &Visitor, upload: Upload) -> Result<NewNotice> {
    let one = |name: &str| upload.field(name).unwrap_or("").to_owned();
    let said = |name: &str| upload.field(name).filter(|v| !v.trim().is_empty()).map(str::to_owned);
    let all = |name: &str| -> Vec<String> {
        upload.fields.iter().filter(|(n, _)| n == name).map(|(_, v)| v.clone()).collect()
    };
    let year = |name: &str| upload.field(name).and_then(|v| v.parse().ok());
    let mut new = NewNotice {
        unit: one("unit"),
        target: said("target"),
        roles: all("roles"),
        categories: all("categories"),
        unfinished: year("unfinished"),
        document_no: one("document_no"),
        title: one("title"),
        body: one("body"),
        valid_from: said("valid_from"),
        valid_until: said("valid_until"),
        topics_of: year("topics_of"),
        tender: said("tender"),
        by_sms: upload.field("by_sms").is_some(),
        by_mail: upload.field("by_mail").is_some(),
        contact_name: one("contact_name"),
        contact_phone: one("contact_phone"),
        trainings: rows(&all),
        files: all("keep"),
        forwards: said("forwards"),
        publish: upload.field("publish").is_some(),
    };
    for file in upload.file.into_iter().chain(upload.more).filter(|f| !f.bytes.is_empty()) {
        new.files.push(files::accept(site, visitor.actor.person, file).await?.id);
    }
    Ok(new)
}

/// The lines of the table; a line without any word is none.
fn rows(all: &impl Fn(&str) -> Vec<String>) -> Vec<NewRow> {
    let columns = ["row_title", "row_from", "row_to", "row_hours", "row_offset", "row_fee", "row_remark"];
    let columns = columns.map(all);
    let cell = |column: usize, row: usize| -> String {
        columns.get(column).and_then(|c| c.get(row)).map_or("", String::as_str).trim().to_owned()
    };
    let said = |column, row| Some(cell(column, row)).filter(|v| !v.is_empty());
    let count = columns.first().map_or(0, Vec::len);
    let row = |n| NewRow {
        title: cell(0, n),
        from: said(1, n),
        to: said(2, n),
        hours: said(3, n),
        offset_hours: said(4, n),
        fee: cell(5, n),
        remark: cell(6, n),
    };
    (0..count).map(row).filter(|r| *r != NewRow::default()).collect()
}

async fn create(State(site): State<Site>, visitor: Visitor, upload: Upload) -> Reply {
    let new = read_form(&site, &visitor, upload).await?;
    match write::create(&site, &visitor.actor, &new).await {
        Ok(id) => Ok(see_other(&format!("/notices/{id}"))),
        Err(e) if e.code() == "invalid" => {
            form(&site, &visitor, ("/notices".to_owned(), None), new, Some(&e)).await
        }
        Err(e) => Err(e.into()),
    }
}

/// A notice of the visitor's units as it would be written anew.
async fn managed(site: &Site, visitor: &Visitor, id: &str) -> Result<(Notice, NewNotice)> {
    let n = reading::visible(site, &visitor.actor, id, None).await?;
    if !visitor.actor.scope(EDITORS).holds(&n.unit_path) {
        return Err(Error::not_found());
    }
    let target = n.target.path.trim_end_matches('/').rsplit('/').next().unwrap_or("").to_owned();
    let c = &n.content;
    let typed = NewNotice {
        unit: n.unit_code.clone(),
        target: Some(target),
        roles: n.target.roles.iter().map(Code::code).collect(),
        categories: n.target.categories.iter().map(Code::code).collect(),
        unfinished: n.target.unfinished.map(|y| i64::from(y.number())),
        document_no: c.document_no.clone(),
        title: c.title.clone(),
        body: c.body.html().to_owned(),
        valid_from: Some(c.valid_from.to_string()),
        valid_until: c.valid_until.map(|d| d.to_string()),
        topics_of: c.topics_of.map(|y| i64::from(y.number())),
        tender: c.tender.clone(),
        by_sms: c.ways.by_sms,
        by_mail: c.ways.by_mail,
        contact_name: c.contact_name.clone(),
        contact_phone: c.contact_phone.clone(),
        trainings: api::rows(&n),
        files: vec![],
        forwards: n.forwards.clone(),
        publish: false,
    };
    Ok((n, typed))
}

async fn edit_page(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let (notice, typed) = managed(&site, &visitor, &id).await?;
    form(&site, &visitor, (format!("/notices/{id}/edit"), Some(&notice)), typed, None).await
}

async fn change(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>, upload: Upload) -> Reply {
    let (notice, _) = managed(&site, &visitor, &id).await?;
    let new = read_form(&site, &visitor, upload).await?;
    match write::change(&site, &visitor.actor, &id, &new).await {
        Ok(()) => Ok(see_other(&format!("/notices/{id}"))),
        Err(e) if e.code() == "invalid" => {
            form(&site, &visitor, (format!("/notices/{id}/edit"), Some(&notice)), new, Some(&e)).await
        }
        Err(e) => Err(e.into()),
    }
}

#[derive(Deserialize)]
struct Reason {
    reason: String,
}

async fn withdraw(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(f): Form<Reason>,
) -> Reply {
    write::withdraw(&site, &visitor.actor, &id, &f.reason).await?;
    Ok(see_other(&format!("/notices/{id}")))
}
