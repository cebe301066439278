//! 休假委托: which role, to whom, for which days.
use askama::Template;
use axum::extract::State;
use base::{Day, Error, day};
use serde::Deserialize;
use site::{Form, Frame, Reply, Site, Visitor, html, see_other};

use crate::{
    delegation::{self, Candidate, Delegation, Wish},
    roles::Held,
};

#[derive(Template)]
#[template(path = "accounts/delegations.html")]
struct DelegationsPage {
    frame: Frame,
    today: Day,
    me: String,
    held: Vec<Held>,
    all: Vec<Delegation>,
    /// People of the typed name, to choose from.
    options: Vec<Candidate>,
    form: WishForm,
    error: String,
}

impl DelegationsPage {
    fn is_mine(&self, d: &Delegation) -> bool {
        d.from_person == self.me
    }

    fn state(&self, d: &Delegation) -> &'static str {
        d.state(self.today)
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct WishForm {
    grant: String,
    /// A name or an account.
    who: String,
    /// The one chosen of several with that name.
    to: String,
    from: String,
    until: String,
    reason: String,
    /// A delegation to end.
    end: String,
}

async fn build(site: &Site, visitor: &Visitor) -> base::Result<DelegationsPage> {
    Ok(DelegationsPage {
        frame: Frame::of(site, visitor, "/me/delegations", "page-delegations"),
        today: day::day_of(site.now()),
        me: visitor.actor.person.to_string(),
        held: delegation::handed(site, visitor).await?,
        all: delegation::of(&site.db, visitor.actor.person).await?,
        options: vec![],
        form: WishForm::default(),
        error: String::new(),
    })
}

pub(super) async fn page(State(site): State<Site>, visitor: Visitor) -> Reply {
    html(&build(&site, &visitor).await?)
}

pub(super) async fn submit(State(site): State<Site>, visitor: Visitor, Form(f): Form<WishForm>) -> Reply {
    if !f.end.is_empty() {
        delegation::end(&site, &visitor, &f.end).await?;
        return Ok(see_other("/me/delegations"));
    }
    let options =
        if f.to.is_empty() { delegation::candidates(&site, &visitor, &f.who).await? } else { vec![] };
    let to = match options.as_slice() {
        [one] => one.id.clone(),
        _ => f.to.clone(),
    };
    let failed = match hand_over(&site, &visitor, &f, &to).await {
        Ok(()) => return Ok(see_other("/me/delegations")),
        Err(Error::Refused(p)) => p,
        Err(e) => return Err(e.into()),
    };
    let mut page = build(&site, &visitor).await?;
    let code =
        if options.len() > 1 { Some("delegate_choose") } else { failed.fields.first().map(|p| p.code) };
    page.error = code.map_or_else(
        || site.texts.get(&format!("error-{}", failed.code)),
        |c| site.texts.get(&format!("field-{c}")),
    );
    page.options = options;
    page.form = f;
    html(&page)
}

async fn hand_over(site: &Site, visitor: &Visitor, f: &WishForm, to: &str) -> base::Result<()> {
    let to = to.parse().map_err(|_| Error::invalid("to", "delegate_unknown"))?;
    let read = |field: &str, text: &str| -> base::Result<Day> {
        text.trim().parse().map_err(|_| Error::invalid(field, "date_form"))
    };
    let (from, until) = (read("from", &f.from)?, read("until", &f.until)?);
    let wish = Wish { grant: &f.grant, to, from, until, reason: &f.reason };
    delegation::hand_over(site, visitor.actor.person, &wish).await.map(|_| ())
}
