//! Adding one person, changing one, and the ways off post.
use askama::Template;
use axum::extract::{Path, State};
use base::{Error, Level, person::Code};
use serde::Deserialize;
use site::{Form, Frame, Reply, Site, Visitor, html, see_other};

use super::people::person_page;
use crate::{
    Person,
    api::managed_person,
    people::{self, Stated},
};

#[derive(Template)]
#[template(path = "org/person_form.html")]
struct FormPage {
    frame: Frame,
    /// The person who is changed; none is a new one.
    id: Option<String>,
    form: PersonForm,
    /// Whether name and paper can be typed here.
    may_identify: bool,
    levels: Vec<(String, Vec<String>)>,
    problems: Vec<(String, String)>,
    error: String,
}

impl FormPage {
    fn error(&self, field: &str) -> String {
        self.problems.iter().find(|(f, _)| f == field).map_or_else(String::new, |(_, text)| text.clone())
    }
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct PersonForm {
    unit: String,
    name: String,
    id_type: String,
    id_number: String,
    gender: String,
    birth_date: String,
    category: String,
    level: String,
    department: String,
    joined_on: String,
    phone: String,
    staff_no: String,
    establishment: String,
    retirement: String,
    from: String,
}

fn given(text: &str) -> Option<String> {
    Some(text.trim().to_owned()).filter(|t| !t.is_empty())
}

impl PersonForm {
    fn of(p: &Person) -> Self {
        Self {
            name: p.name.clone(),
            id_type: p.id_type.code(),
            gender: p.gender.map(|g| g.code()).unwrap_or_default(),
            birth_date: p.birth_date.map(|d| d.to_string()).unwrap_or_default(),
            category: p.category.map(|c| c.code()).unwrap_or_default(),
            level: p.level.map(|l| l.code()).unwrap_or_default(),
            department: p.department.clone().unwrap_or_default(),
            joined_on: p.joined_on.map(|d| d.to_string()).unwrap_or_default(),
            staff_no: p.staff_no.clone().unwrap_or_default(),
            establishment: p.establishment.code(),
            retirement: p.retirement.code(),
            ..Self::default()
        }
    }

    fn stated(&self) -> Stated {
        Stated {
            unit: given(&self.unit),
            name: given(&self.name),
            id_type: given(&self.id_type),
            id_number: given(&self.id_number),
            gender: given(&self.gender),
            birth_date: given(&self.birth_date),
            category: given(&self.category),
            level: given(&self.level),
            department: Some(self.department.clone()),
            joined_on: given(&self.joined_on),
            phone: given(&self.phone),
            staff_no: Some(self.staff_no.clone()),
            establishment: given(&self.establishment),
            retirement: given(&self.retirement),
            from: given(&self.from),
            status: None,
        }
    }

    /// Only what differs from the person, so that saving a page confirms nothing unasked.
    fn changes(&self, person: &Person) -> Stated {
        let (old, new) = (Self::of(person).stated(), self.stated());
        let other = |old: Option<String>, new: Option<String>| new.filter(|n| old.as_ref() != Some(n));
        Stated {
            unit: None,
            name: other(old.name, new.name),
            id_type: new.id_type.filter(|_| new.id_number.is_some()),
            id_number: new.id_number,
            gender: other(old.gender, new.gender),
            birth_date: other(old.birth_date, new.birth_date),
            category: other(old.category, new.category),
            level: other(old.level, new.level),
            department: other(old.department, new.department),
            joined_on: other(old.joined_on, new.joined_on),
            phone: new.phone,
            staff_no: other(old.staff_no, new.staff_no),
            establishment: other(old.establishment, new.establishment),
            retirement: other(old.retirement, new.retirement),
            from: new.from,
            status: None,
        }
    }
}

fn page(
    site: &Site,
    visitor: &Visitor,
    (id, form): (Option<String>, PersonForm),
    may_identify: bool,
) -> FormPage {
    let frame = match id {
        Some(_) => Frame::of(site, visitor, "/people", "page-person-edit"),
        None => Frame::of(site, visitor, "/people", "page-person-new"),
    };
    FormPage {
        frame,
        id,
        form,
        may_identify,
        levels: Level::by_category(),
        problems: vec![],
        error: String::new(),
    }
}

/// Shows the page again with what is wrong.
fn refused(site: &Site, mut page: FormPage, error: Error) -> Reply {
    let Error::Refused(problems) = error else { return Err(error.into()) };
    let text = |code: &str| site.texts.get(&format!("field-{code}"));
    page.problems = problems.fields.iter().map(|p| (p.field.clone(), text(p.code))).collect();
    page.error = site.texts.get(&format!("error-{}", problems.code));
    html(&page)
}

pub(super) async fn new(State(site): State<Site>, visitor: Visitor) -> Reply {
    html(&page(&site, &visitor, (None, PersonForm::default()), true))
}

pub(super) async fn add(State(site): State<Site>, visitor: Visitor, Form(form): Form<PersonForm>) -> Reply {
    match people::create(&site, &visitor, &form.stated()).await {
        Ok(person) => Ok(see_other(&format!("/people/{}?saved=1", person.id))),
        Err(e) => refused(&site, page(&site, &visitor, (None, form), true), e),
    }
}

async fn may_identify(site: &Site, person: &Person) -> base::Result<bool> {
    let names = accounts::account_names(&site.db, &[person.id]).await?;
    Ok(!names.get(&person.id).is_some_and(|(_, is_bound)| *is_bound))
}

pub(super) async fn edit(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let person = managed_person(&site, &visitor, id.parse()?).await?;
    let may_identify = may_identify(&site, &person).await?;
    html(&page(&site, &visitor, (Some(id), PersonForm::of(&person)), may_identify))
}

pub(super) async fn save(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(form): Form<PersonForm>,
) -> Reply {
    let person = managed_person(&site, &visitor, id.parse()?).await?;
    match people::change(&site, &visitor, person.id, &form.changes(&person)).await {
        Ok(_) => Ok(see_other(&format!("/people/{id}?saved=1"))),
        Err(e) => {
            let may_identify = may_identify(&site, &person).await?;
            refused(&site, page(&site, &visitor, (Some(id), form), may_identify), e)
        }
    }
}

#[derive(Deserialize)]
pub(super) struct StatusForm {
    status: String,
    from: String,
}

pub(super) async fn status(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(form): Form<StatusForm>,
) -> Reply {
    let stated = Stated { status: given(&form.status), from: given(&form.from), ..Stated::default() };
    match people::change(&site, &visitor, id.parse()?, &stated).await {
        Ok(_) => Ok(see_other(&format!("/people/{id}?saved=1"))),
        Err(Error::Refused(problems)) => {
            let mut page = person_page(&site, &visitor, &id).await?;
            page.error = site.texts.refusal(&problems);
            html(&page)
        }
        Err(e) => Err(e.into()),
    }
}

pub(super) async fn confirm_post(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Reply {
    people::confirm_post(&site, &visitor, id.parse()?).await?;
    Ok(see_other(&format!("/people/{id}?saved=1")))
}
