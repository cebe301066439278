//! 申请活动学时 in the browser: pick an item, state what was done, look at the hours it would give, hand it in.
use askama::Template;
use axum::extract::{Path, Query, State as Given};
use base::{Error, Hours, Result, Year, day, person::Code};
use rules::{Policy, policy::Item};
use serde::Deserialize;
use site::{Access, Form, Frame, Reply, Routes, Site, Upload, Visitor, Years, html, see_other};

use super::{
    filing::{Filed, year_of},
    words::{Step, closed_words, state_kind, trail},
};
use crate::{
    activity::{self, Claim, NewClaim, Preview, Typed, View},
    late,
    state::State,
    store::claims,
};

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/claims", Access::SignedIn, list)
        .get("/claims/new", Access::SignedIn, form)
        .post("/claims/new", Access::SignedIn, write)
        .get("/claims/{id}", Access::SignedIn, one)
        .get("/claims/{id}/edit", Access::SignedIn, edit_form)
        .post("/claims/{id}/edit", Access::SignedIn, edit)
        .post("/claims/{id}/withdraw", Access::SignedIn, withdraw)
        .post("/claims/{id}/appeal", Access::SignedIn, appeal)
}

#[derive(Deserialize)]
struct ListQuery {
    year: Option<String>,
    q: Option<String>,
    /// For whom an administrator files.
    person: Option<String>,
}

#[derive(Template)]
#[template(path = "claims/mine.html")]
struct ListPage {
    frame: Frame,
    filed: Option<Filed>,
    year: Year,
    years: Years,
    /// That the year takes no more claims; empty while it does.
    closed: String,
    q: String,
    groups: Vec<Group>,
    claims: Vec<Line>,
    waiting: Hours,
}

impl ListPage {
    /// What addresses carry on; empty for the visitor's own.
    fn whose(&self) -> String {
        self.filed.as_ref().map_or_else(String::new, |f| format!("&person={}", f.person))
    }

    fn of_year(&self) -> String {
        self.filed
            .as_ref()
            .map_or_else(|| "/claims?year=".to_owned(), |f| format!("/claims?person={}&year=", f.person))
    }
}

/// The items under one heading of the standard.
struct Group {
    name: String,
    items: Vec<ItemLine>,
}

struct ItemLine {
    code: String,
    name: String,
    about: String,
    evidence: String,
}

struct Line {
    id: String,
    title: String,
    item: String,
    hours: Hours,
    kind: &'static str,
    state: String,
}

/// An item in a line: hours, unit, cap.
pub(super) fn about(site: &Site, item: &Item) -> String {
    let hours: Vec<String> = item.hours.iter().map(Hours::to_string).collect();
    let per = site.texts.get(&format!("per-{}", item.per.code()));
    let args = [("hours", hours.join(" / ")), ("per", per), ("cap", item.cap.to_string())];
    let args: Vec<(&str, &str)> = args.iter().map(|(k, v)| (*k, v.as_str())).collect();
    site.texts.with(if item.hours.len() > 1 { "item-ranked" } else { "item-plain" }, &args)
}

/// The items whose name or heading holds the wanted words.
fn groups(site: &Site, policy: &Policy, wanted: &str) -> Vec<Group> {
    let mut groups: Vec<Group> = vec![];
    let fits = |i: &&Item| wanted.is_empty() || i.name.contains(wanted) || i.category.contains(wanted);
    for item in policy.items().iter().filter(fits) {
        let line = ItemLine {
            code: item.code.clone(),
            name: item.name.clone(),
            about: about(site, item),
            evidence: item.evidence.clone(),
        };
        match groups.iter_mut().find(|g| g.name == item.category) {
            Some(group) => group.items.push(line),
            None => groups.push(Group { name: item.category.clone(), items: vec![line] }),
        }
    }
    groups
}

async fn list(Given(site): Given<Site>, visitor: Visitor, Query(q): Query<ListQuery>) -> Reply {
    let filed = Filed::read(&site, &visitor, q.person.as_deref()).await?;
    let whose = Filed::whose(filed.as_ref(), &visitor);
    let year = hours::opening_year(&site, whose, q.year.as_deref()).await?;
    let in_force = hours::in_force(&site.db, year).await?;
    let policy = &in_force.policy;
    let q = q.q.unwrap_or_default().trim().to_owned();
    let found = claims::of_person(&site.db, whose, year).await?;
    let line = |c: Claim| Line {
        item: policy.item(&c.facts.item).map_or_else(|| c.facts.item.clone(), |i| i.name.clone()),
        hours: c.effective_hours(),
        kind: state_kind(c.state),
        state: site.texts.get(&format!("claim-state-{}", c.state.code())),
        title: c.facts.title,
        id: c.id,
    };
    let claims = found.into_iter().map(line).collect();
    html(&ListPage {
        frame: Frame::of(&site, &visitor, Filed::place(filed.as_ref(), "/claims"), "page-claims"),
        filed,
        year,
        years: hours::years(&site).await?,
        closed: closed_words(&site, &in_force),
        groups: groups(&site, policy, &q),
        q,
        claims,
        waiting: hours::waiting_hours(&site.db, whose, year).await?,
    })
}

/// What was typed, with the evidence that is here already.
#[derive(Clone, Default)]
struct Draft {
    item: String,
    title: String,
    on: String,
    quantity: String,
    rank: String,
    files: Vec<files::Cited>,
    person: String,
}

impl Draft {
    fn typed(&self) -> Typed<'_> {
        let rank = self.rank.trim();
        let rank = if rank.is_empty() { None } else { Some(rank.parse().unwrap_or(0)) };
        Typed { item: &self.item, title: &self.title, on: &self.on, quantity: &self.quantity, rank }
    }

    fn of(view: &View) -> Self {
        let f = &view.claim.facts;
        Self {
            item: f.item.clone(),
            title: f.title.clone(),
            on: f.on.to_string(),
            quantity: Hours::from_hundredths(f.quantity).to_string(),
            rank: f.rank.to_string(),
            files: view.files.clone(),
            person: String::new(),
        }
    }

    fn ids(&self) -> Vec<String> {
        self.files.iter().map(|f| f.id.clone()).collect()
    }
}

#[derive(Template)]
#[template(path = "claims/form.html")]
struct FormPage {
    frame: Frame,
    filed: Option<Filed>,
    year: Year,
    years: Years,
    /// That the year takes no more claims; empty while it does.
    closed: String,
    action: String,
    item: String,
    about: String,
    evidence: String,
    unit: String,
    is_ranked: bool,
    second_review: bool,
    draft: Draft,
    preview: Option<Preview>,
    problems: Vec<(String, String)>,
}

impl FormPage {
    fn error(&self, field: &str) -> String {
        self.problems.iter().find(|(f, _)| f == field).map_or_else(String::new, |(_, text)| text.clone())
    }
}

#[derive(Deserialize)]
struct FormQuery {
    year: Option<String>,
    item: Option<String>,
    person: Option<String>,
}

async fn form_page(
    site: &Site,
    visitor: &Visitor,
    (year, action): (Year, String),
    draft: Draft,
) -> Result<FormPage> {
    let in_force = hours::in_force(&site.db, year).await?;
    let item = in_force.policy.item(&draft.item).ok_or_else(Error::not_found)?;
    let filed = Filed::read(site, visitor, Some(&draft.person)).await?;
    Ok(FormPage {
        frame: Frame::of(site, visitor, Filed::place(filed.as_ref(), "/claims"), "page-claim-new"),
        filed,
        year,
        years: hours::years(site).await?,
        closed: closed_words(site, &in_force),
        action,
        item: item.name.clone(),
        about: about(site, item),
        evidence: item.evidence.clone(),
        unit: site.texts.get(&format!("per-{}", item.per.code())),
        is_ranked: activity::is_ranked(item),
        second_review: item.second_review,
        draft,
        preview: None,
        problems: vec![],
    })
}

fn action_of(year: Year, draft: &Draft) -> String {
    let person = if draft.person.is_empty() { String::new() } else { format!("&person={}", draft.person) };
    format!("/claims/new?year={year}&item={}{person}", draft.item)
}

async fn form(Given(site): Given<Site>, visitor: Visitor, Query(q): Query<FormQuery>) -> Reply {
    let year = year_of(&site, &visitor, (q.person.as_deref(), q.year.as_deref())).await?;
    let draft = Draft {
        item: q.item.unwrap_or_default(),
        person: q.person.unwrap_or_default(),
        on: String::new(),
        quantity: "1".to_owned(),
        rank: "1".to_owned(),
        ..Draft::default()
    };
    let action = action_of(year, &draft);
    html(&form_page(&site, &visitor, (year, action), draft).await?)
}

/// Reads the form; files that came with it are taken in at once.
async fn read(site: &Site, visitor: &Visitor, upload: Upload, draft: &mut Draft) -> Result<String> {
    let field = |name: &str| upload.field(name).unwrap_or("").to_owned();
    (draft.title, draft.on) = (field("title"), field("on"));
    (draft.quantity, draft.rank) = (field("quantity"), field("rank"));
    let action = field("action");
    let kept = upload.fields.iter().filter(|(name, _)| name == "file_id").map(|(_, v)| v.clone());
    let mut ids: Vec<String> = kept.collect();
    let mut refused = None;
    for file in upload.file.into_iter().chain(upload.more) {
        match files::accept(site, visitor.actor.person, file).await {
            Ok(stored) => ids.push(stored.id),
            Err(e) => refused = Some(e),
        }
    }
    ids.dedup();
    draft.files = files::own(&site.db, visitor.actor.person, &ids).await?;
    refused.map_or(Ok(action), Err)
}

async fn write(
    Given(site): Given<Site>,
    visitor: Visitor,
    Query(q): Query<FormQuery>,
    upload: Upload,
) -> Reply {
    let year = year_of(&site, &visitor, (q.person.as_deref(), q.year.as_deref())).await?;
    let mut draft =
        Draft { item: q.item.unwrap_or_default(), person: q.person.unwrap_or_default(), ..Draft::default() };
    let read = read(&site, &visitor, upload, &mut draft).await;
    let done = match &read {
        Ok(action) if action != "preview" => {
            create(&site, &visitor, (year, &draft), action == "submit").await
        }
        Ok(_) | Err(_) => Ok(None),
    };
    match (read, done) {
        (Ok(_), Ok(Some(claim))) => Ok(see_other(&format!("/claims/{}", claim.id))),
        (Err(e), _) | (Ok(_), Err(e)) => {
            let action = action_of(year, &draft);
            let page = form_page(&site, &visitor, (year, action), draft).await?;
            refused(&site, page, e)
        }
        (Ok(_), Ok(None)) => {
            let action = action_of(year, &draft);
            let page = form_page(&site, &visitor, (year, action), draft).await?;
            previewed(&site, &visitor, page).await
        }
    }
}

async fn create(
    site: &Site,
    visitor: &Visitor,
    (year, draft): (Year, &Draft),
    submit: bool,
) -> Result<Option<Claim>> {
    let person = if draft.person.is_empty() { None } else { Some(draft.person.parse()?) };
    let new = NewClaim { year: Some(year), typed: draft.typed(), files: draft.ids(), submit, person };
    activity::create(site, &visitor.actor, &new).await.map(Some)
}

/// The form again with what is wrong; other failures go their way.
fn refused(site: &Site, mut page: FormPage, error: Error) -> Reply {
    match error {
        Error::Refused(p) if !p.fields.is_empty() => {
            let text = |code: &str| site.texts.get(&format!("field-{code}"));
            page.problems = p.fields.iter().map(|f| (f.field.clone(), text(f.code))).collect();
        }
        Error::Refused(p) => {
            page.problems = vec![("file".to_owned(), site.texts.get(&format!("error-{}", p.code)))];
        }
        Error::Internal(_) => return Err(error.into()),
    }
    html(&page)
}

async fn previewed(site: &Site, visitor: &Visitor, mut page: FormPage) -> Reply {
    let person = match page.draft.person.as_str() {
        "" => visitor.actor.person,
        id => activity::for_another(site, &visitor.actor, id.parse()?).await?.id,
    };
    match activity::preview(site, person, page.year, (&page.draft.typed(), &page.draft.files)).await {
        Ok(preview) => {
            page.preview = Some(preview);
            html(&page)
        }
        Err(e) => refused(site, page, e),
    }
}

#[derive(Template)]
#[template(path = "claims/claim.html")]
struct ClaimPage {
    frame: Frame,
    claim: Claim,
    /// The version of the rules it was reckoned by.
    policy: String,
    item: String,
    is_own: bool,
    person: String,
    is_filed: bool,
    files: Vec<files::Cited>,
    trail: Vec<Step>,
    kind: &'static str,
    state: String,
    /// Who holds a submitted claim, and since when.
    held: Option<String>,
    error: String,
}

impl ClaimPage {
    fn quantity(&self) -> String {
        Hours::from_hundredths(self.claim.facts.quantity).to_string()
    }
    fn may_withdraw(&self) -> bool {
        self.is_own && matches!(self.claim.state, State::Draft | State::Submitted | State::Returned)
    }
    fn may_edit(&self) -> bool {
        self.is_own && self.claim.state.is_open()
    }
    fn may_appeal(&self) -> bool {
        self.is_own && self.claim.state == State::Rejected
    }
    fn submitted(&self) -> String {
        self.claim.submitted_at.map_or_else(String::new, |at| day::rfc3339(at).chars().take(10).collect())
    }
}

async fn claim_page(site: &Site, visitor: &Visitor, id: &str) -> Result<ClaimPage> {
    let view = activity::view(site, &visitor.actor, id).await?;
    let policy = hours::in_force(&site.db, view.claim.facts.year).await?.policy;
    let claim = view.claim;
    Ok(ClaimPage {
        frame: Frame::of(site, visitor, "/claims", "page-claim"),
        policy: hours::version_words(site, &claim.policy, claim.facts.year),
        item: policy.item(&claim.facts.item).map_or_else(|| claim.facts.item.clone(), |i| i.name.clone()),
        is_own: [claim.person, claim.filed_by].contains(&visitor.actor.person),
        is_filed: claim.filed_by != claim.person,
        person: view.person.name,
        files: view.files,
        trail: trail(site, &view.events),
        held: late::held(site, (claim.state, claim.level), &view.events),
        kind: state_kind(claim.state),
        state: site.texts.get(&format!("claim-state-{}", claim.state.code())),
        error: String::new(),
        claim,
    })
}

async fn one(Given(site): Given<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    html(&claim_page(&site, &visitor, &id).await?)
}

async fn open_claim(site: &Site, visitor: &Visitor, id: &str) -> Result<View> {
    let view = activity::view(site, &visitor.actor, id).await?;
    let is_own = [view.claim.person, view.claim.filed_by].contains(&visitor.actor.person);
    if !is_own || !view.claim.state.is_open() {
        return Err(Error::conflict("claim_not_open"));
    }
    Ok(view)
}

async fn edit_form(Given(site): Given<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    let view = open_claim(&site, &visitor, &id).await?;
    let action = format!("/claims/{id}/edit");
    html(&form_page(&site, &visitor, (view.claim.facts.year, action), Draft::of(&view)).await?)
}

async fn edit(Given(site): Given<Site>, visitor: Visitor, Path(id): Path<String>, upload: Upload) -> Reply {
    let view = open_claim(&site, &visitor, &id).await?;
    let mut draft = Draft::of(&view);
    let read = read(&site, &visitor, upload, &mut draft).await;
    let place = (view.claim.facts.year, format!("/claims/{id}/edit"));
    let ids = draft.ids();
    let saved = match &read {
        Ok(action) if action != "preview" => {
            activity::change(&site, &visitor.actor, &id, &draft.typed(), Some(&ids))
                .await
                .map(|_| action == "submit")
        }
        _ => {
            let page = form_page(&site, &visitor, place, draft).await?;
            return match read {
                Ok(_) => previewed(&site, &visitor, page).await,
                Err(e) => refused(&site, page, e),
            };
        }
    };
    match saved {
        Ok(hand_in) => {
            if hand_in {
                activity::submit(&site, &visitor.actor, &id).await?;
            }
            Ok(see_other(&format!("/claims/{id}")))
        }
        Err(e) => refused(&site, form_page(&site, &visitor, place, draft).await?, e),
    }
}

async fn withdraw(Given(site): Given<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    activity::withdraw(&site, &visitor.actor, &id).await?;
    Ok(see_other(&format!("/claims/{id}")))
}

#[derive(Deserialize)]
struct ReasonForm {
    reason: String,
}

async fn appeal(
    Given(site): Given<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(form): Form<ReasonForm>,
) -> Reply {
    match activity::appeal(&site, &visitor.actor, &id, &form.reason).await {
        Ok(_) => Ok(see_other(&format!("/claims/{id}"))),
        Err(Error::Refused(p)) if !p.fields.is_empty() => {
            let mut page = claim_page(&site, &visitor, &id).await?;
            page.error = site.texts.get("field-comment_required");
            html(&page)
        }
        Err(e) => Err(e.into()),
    }
}
