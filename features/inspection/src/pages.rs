//! The page of inspection packages: whom, which years, for what purpose.
use askama::Template;
use axum::extract::State;
use base::{Error, Result, Scope, Year};
use serde::Deserialize;
use site::{Access, Form, Frame, Reply, Routes, Site, Visitor, html};

use crate::{
    CLEAR, INSPECTORS,
    api::archive,
    choose::{MOST_PEOPLE, Sample, Wanted},
    package,
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/inspections", Access::Roles(INSPECTORS), form)
        .post("/inspections", Access::Roles(INSPECTORS), make)
        .verifies_credential()
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct InspectionForm {
    list: String,
    unit: String,
    size: String,
    seed: String,
    from: String,
    to: String,
    purpose: String,
    clear: String,
    password: String,
}

#[derive(Template)]
#[template(path = "inspection/form.html")]
struct FormPage {
    frame: Frame,
    typed: InspectionForm,
    years: Vec<Year>,
    may_clear: bool,
    most: usize,
    error: String,
}

fn page(site: &Site, visitor: &Visitor, typed: InspectionForm, years: Vec<Year>, error: String) -> Reply {
    html(&FormPage {
        frame: Frame::of(site, visitor, "/inspections", "page-inspections"),
        typed,
        years,
        may_clear: visitor.actor.has(CLEAR),
        most: MOST_PEOPLE,
        error,
    })
}

async fn form(State(site): State<Site>, visitor: Visitor) -> Reply {
    let years = hours::published_years(&site.db).await?;
    page(&site, &visitor, InspectionForm::default(), years, String::new())
}

async fn make(State(site): State<Site>, visitor: Visitor, Form(f): Form<InspectionForm>) -> Reply {
    let years = hours::published_years(&site.db).await?;
    let made = async {
        let wanted = wanted(&site, &visitor, &f).await?;
        package::make(&site, &visitor, &wanted, Some(&f.password)).await
    };
    match made.await {
        Ok(bytes) => Ok(archive(bytes)),
        Err(Error::Refused(p)) if p.code != "not_found" => {
            page(&site, &visitor, f, years, site.texts.refusal(&p))
        }
        Err(e) => Err(e.into()),
    }
}

async fn wanted(site: &Site, visitor: &Visitor, f: &InspectionForm) -> Result<Wanted> {
    let wrong = || Error::invalid("years", "inspection_years");
    let (from, to): (Year, Year) =
        (f.from.parse().map_err(|()| wrong())?, f.to.parse().map_err(|()| wrong())?);
    let years: Vec<Year> = (from.number()..=to.number()).filter_map(|y| Year::new(i64::from(y))).collect();
    let mut people = vec![];
    let mut sample = None;
    if f.list.trim().is_empty() {
        let size = f.size.trim().parse().map_err(|_| Error::invalid("people", "inspection_people"))?;
        sample = Some(Sample { unit: f.unit.trim().to_owned(), size, seed: f.seed.trim().to_owned() });
    } else {
        let scope: Scope = visitor.actor.scope(INSPECTORS);
        let file = format!("{}\n{}\n", site.texts.get("training-list-head"), f.list).into_bytes();
        let (rows, errors) = org::named_rows(site, &site.db, &scope, (file, &[])).await?;
        if !errors.is_empty() {
            return Err(Error::invalid("people", "inspection_unknown"));
        }
        people = rows.into_iter().map(|r| r.person.id).collect();
        people.sort();
        people.dedup();
    }
    Ok(Wanted { people, sample, years, purpose: f.purpose.clone(), is_clear: f.clear == "1" })
}
