//! A person's account as those see it who may help it: its state, and what can be done (manual, 情况3 and 特殊说明C).
use askama::Template;
use axum::extract::{Path, State};
use base::{Error, Role, person::Code};
use serde::Deserialize;
use site::{Form, Frame, Reply, Site, Visitor, dates, html, see_other};

use crate::{
    MANAGERS, Person,
    assist::{self, IdentityCheck},
    store,
};

/// Roles that the page offers, in the order of their reach.
const OFFERED: [Role; 7] = [
    Role::DepartmentHead,
    Role::Reviewer,
    Role::Hr,
    Role::Finance,
    Role::UnitAdmin,
    Role::Authority,
    Role::Auditor,
];

#[derive(Template)]
#[template(path = "org/account.html")]
struct AccountPage {
    frame: Frame,
    person: Person,
    account: String,
    state: accounts::State,
    locked_until: String,
    /// What for, when, what became of it.
    messages: Vec<(String, String, String)>,
    /// Which entry was wrong, and when.
    failures: Vec<(String, String)>,
    roles: Vec<accounts::Held>,
    offered: Vec<String>,
    endable: Vec<String>,
    /// Whether an identity check goes with each action: customer service.
    is_service: bool,
    is_self: bool,
    one_time_password: Option<String>,
    sent_to: String,
    error: String,
}

impl AccountPage {
    fn may_end(&self, held: &accounts::Held) -> bool {
        self.endable.contains(&held.id)
    }
}

async fn build(site: &Site, visitor: &Visitor, id: &str) -> base::Result<AccountPage> {
    let person = store::person(&site.db, id.parse()?).await?;
    let manages = visitor.actor.scope(MANAGERS).holds(&person.path);
    if !manages && !visitor.actor.scope(&[Role::Support]).holds(&person.path) {
        return Err(Error::not_found());
    }
    let state = accounts::state(site, person.id).await?;
    let mut names = accounts::account_names(&site.db, &[person.id]).await?;
    let word = |kind: &str| site.texts.get(&format!("message-{}", kind.replace('_', "-")));
    let result = |m: &accounts::Message| site.texts.get(&format!("message-result-{}", m.result));
    let messages = state.messages.iter().map(|m| (word(&m.kind), dates::minute(m.at), result(m))).collect();
    let failure = |kind: &str| site.texts.get(&format!("failure-{kind}"));
    let failures = state.last_failures.iter().map(|(kind, at)| (failure(kind), dates::minute(*at))).collect();
    let roles = accounts::held_at(&site.db, person.id).await?;
    let ends = roles.iter().filter(|h| h.grant.role != Role::Staff);
    let may_give = |role: &Role| visitor.actor.may_give(*role, &person.path);
    Ok(AccountPage {
        frame: Frame::of(site, visitor, "/people", "page-person-account"),
        account: names.remove(&person.id).unwrap_or_default().0,
        locked_until: state.locked_until.map(dates::minute).unwrap_or_default(),
        messages,
        failures,
        endable: ends
            .filter(|h| visitor.actor.may_give(h.grant.role, &h.grant.path))
            .map(|h| h.id.clone())
            .collect(),
        roles,
        offered: OFFERED.iter().filter(|r| may_give(r)).map(Code::code).collect(),
        is_service: !manages,
        is_self: person.id == visitor.actor.person,
        state,
        person,
        one_time_password: None,
        sent_to: String::new(),
        error: String::new(),
    })
}

pub(super) async fn page(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    html(&build(&site, &visitor, &id).await?)
}

/// What every form of the page carries; the check only from customer service.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct HelpForm {
    action: String,
    reason: String,
    phone: String,
    code: String,
    role: String,
    grant: String,
    id_number_last6: String,
    joined_on: String,
    birth_date: String,
    proof: String,
    note: String,
}

impl HelpForm {
    fn check(&self) -> Option<IdentityCheck> {
        let given = |text: &str| Some(text.trim().to_owned()).filter(|t| !t.is_empty());
        (!self.proof.is_empty()).then(|| IdentityCheck {
            id_number_last6: given(&self.id_number_last6),
            joined_on: given(&self.joined_on),
            birth_date: given(&self.birth_date),
            proof: self.proof.clone(),
            note: self.note.clone(),
        })
    }
}

pub(super) async fn help(
    State(site): State<Site>,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(f): Form<HelpForm>,
) -> Reply {
    let mut page = build(&site, &visitor, &id).await?;
    match act(&site, &visitor, &page.person, &f).await {
        Ok(Done::Secret(secret)) => page.one_time_password = Some(secret),
        Ok(Done::Sent) => page.sent_to.clone_from(&f.phone),
        Ok(Done::Changed) => return Ok(see_other(&format!("/people/{id}/account"))),
        Err(Error::Refused(p)) => {
            page.error = site.texts.refusal(&p);
            page.sent_to.clone_from(&f.phone);
        }
        Err(e) => return Err(e.into()),
    }
    html(&page)
}

enum Done {
    Secret(String),
    Sent,
    Changed,
}

async fn act(site: &Site, visitor: &Visitor, person: &Person, f: &HelpForm) -> base::Result<Done> {
    if matches!(f.action.as_str(), "give_role" | "end_role") {
        return roles(site, visitor, person, f).await;
    }
    let reason = assist::reason(&f.reason)?;
    let is_managers = matches!(f.action.as_str(), "waive_phone" | "share_approve" | "share_refuse");
    if is_managers && !visitor.actor.scope(MANAGERS).holds(&person.path) {
        return Err(Error::denied());
    }
    let person = assist::admit(site, visitor, person.id, f.check().as_ref()).await?;
    let grounds = accounts::Grounds { reason, unit_path: &person.path };
    match f.action.as_str() {
        "reset" => {
            let by = Some(visitor.actor.person);
            let secret = accounts::reset_password(site, person.id, by, (reason, &person.path)).await?;
            Ok(Done::Secret(secret.0))
        }
        "unlock" => accounts::unlock(site, visitor, person.id, &grounds).await.map(|()| Done::Changed),
        "send_code" => {
            accounts::send_phone_code(site, visitor, person.id, &f.phone).await.map(|()| Done::Sent)
        }
        "phone" => {
            let entered = (f.phone.as_str(), f.code.as_str());
            accounts::change_phone(site, visitor, person.id, entered, &grounds).await?;
            Ok(Done::Changed)
        }
        "waive_phone" => {
            accounts::waive_phone(site, visitor, person.id, &grounds).await.map(|()| Done::Changed)
        }
        "share_approve" | "share_refuse" => {
            let is_approved = f.action == "share_approve";
            accounts::decide_share(site, visitor, person.id, (is_approved, &grounds)).await?;
            Ok(Done::Changed)
        }
        _ => Err(Error::invalid("action", "wrong_value")),
    }
}

async fn roles(site: &Site, visitor: &Visitor, person: &Person, f: &HelpForm) -> base::Result<Done> {
    if f.action == "end_role" {
        accounts::end_role(site, &visitor.actor, person.id, &f.grant).await?;
        return Ok(Done::Changed);
    }
    let role = Role::from_code(&f.role).ok_or_else(|| Error::invalid("role", "wrong_value"))?;
    let place = store::unit_by_id(&site.db, person.unit).await?;
    accounts::give(site, &visitor.actor, person.id, (role, place.id, &place.path)).await?;
    Ok(Done::Changed)
}
