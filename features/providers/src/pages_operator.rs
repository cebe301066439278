//! Pages of those who look after a provider: joining, the self-check, keys, monthly accounts.
use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::header,
};
use base::{Error, day, person::Code};
use serde::Deserialize;
use site::{Access, Form, Frame, Reply, Routes, Site, Visitor, dates, html, see_other};

use crate::{
    account::{self, Account, Part},
    join::{self, Application},
    keys,
    pages::form_policy,
    pages_people,
    provider::Provider,
    selfcheck::{self, Step},
    service::{self, Levels},
    standing::{self, OPERATORS, Standing},
    store_relations as store, store_signs,
};

pub(crate) fn routes() -> Routes {
    let operators = Access::Roles(OPERATORS);
    Routes::new()
        .get("/provider", operators, own_page)
        .post("/provider/application", operators, apply)
        .post("/provider/check", operators, check)
        .post("/provider/go-live", operators, go_live)
        .get("/provider/keys", operators, keys_page)
        .post("/provider/keys", operators, make_key)
        .post("/provider/keys/{id}/end", operators, end_key)
        .post("/provider/record-credential", operators, record_credential)
        .get("/provider/accounts", operators, accounts_page)
        .get("/provider/accounts/{month}", operators, account_page)
}

#[derive(Template)]
#[template(path = "providers/apply.html")]
struct ApplyPage {
    frame: Frame,
    form: Application,
    /// Fields that are wrong, with what is wrong.
    wrong: Vec<(String, String)>,
    refused: String,
}

impl ApplyPage {
    fn error(&self, field: &str) -> &str {
        self.wrong.iter().find(|(name, _)| name == field).map_or("", |(_, text)| text)
    }
}

/// A step of the check, in words.
struct StepLine {
    title: String,
    needed: bool,
    state: &'static str,
    text: String,
    at: String,
}

#[derive(Template)]
#[template(path = "providers/own.html")]
struct OwnPage {
    frame: Frame,
    provider: Provider,
    standing: String,
    steps: Vec<StepLine>,
    pass: Option<(String, String)>,
    levels: Levels,
    guide: &'static str,
}

impl OwnPage {
    fn is(&self, standing: &str) -> bool {
        self.standing == standing
    }

    fn is_trial(&self) -> bool {
        self.provider.standing.is_trial()
    }
}

async fn own_page(State(site): State<Site>, visitor: Visitor) -> Reply {
    let frame = Frame::of(&site, &visitor, "/provider", "page-provider-own");
    let own = store::of_operator(&site.db, visitor.actor.person).await?;
    match own {
        None => {
            html(&ApplyPage { frame, form: Application::default(), wrong: vec![], refused: String::new() })
        }
        Some(p) if p.standing == Standing::Refused => {
            let facts = store::facts(&site.db, p.id).await?;
            let form = Application {
                name: p.name,
                title: p.title,
                credit_code: facts.credit_code,
                contact: facts.contact,
                telephone: p.telephone,
                redirect_uri: facts.redirect_uris,
            };
            html(&ApplyPage { frame, form, wrong: vec![], refused: p.standing_reason })
        }
        Some(provider) => shown(&site, frame, provider).await,
    }
}

async fn shown(site: &Site, frame: Frame, provider: Provider) -> Reply {
    let steps = selfcheck::steps(site, &provider).await?.into_iter().map(|s| line(site, s)).collect();
    let pass = store_signs::last_pass(&site.db, provider.id).await?;
    let pass = pass.map(|p| (dates::minute(day::from_millis(p.at)), p.document));
    let levels = service::levels(site, &provider).await?;
    let page = OwnPage {
        standing: provider.standing.code(),
        frame,
        steps,
        pass,
        levels,
        provider,
        guide: "/provider-guide",
    };
    // A button leads on to the provider's own site.
    let mut response = html(&page)?;
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, form_policy(site).await?);
    Ok(response)
}

/// What a step asks, and what is wrong with it or was seen.
fn line(site: &Site, step: Step) -> StepLine {
    let dashed = |text: &str| text.replace('_', "-");
    let wrong = || {
        let code = step.detail.rsplit(' ').next().unwrap_or_default();
        let key = format!("provider-wrong-{}", dashed(code));
        let place = step.detail.split_once(": ").map(|(place, _)| place.replace("course ", ""));
        let text = match code.strip_prefix("http_") {
            Some(status) => site.texts.with("provider-wrong-http", &[("status", status)]),
            None if site.texts.has(&key) => site.texts.get(&key),
            None => step.detail.clone(),
        };
        match place {
            Some(n) => site.texts.with("provider-wrong-course", &[("n", &n), ("what", &text)]),
            None => text,
        }
    };
    StepLine {
        title: site.texts.get(&format!("provider-step-{}", dashed(step.step))),
        needed: step.needed,
        state: step.state,
        text: match step.state {
            "holds" => String::new(),
            "wrong" => wrong(),
            _ => site.texts.get(&format!("provider-missing-{}", dashed(step.step))),
        },
        at: step.at.as_deref().and_then(|t| t.parse().ok()).map(dates::minute).unwrap_or_default(),
    }
}

async fn apply(State(site): State<Site>, visitor: Visitor, Form(form): Form<Application>) -> Reply {
    match join::apply(&site, &visitor, &form).await {
        Ok(()) => Ok(see_other("/provider")),
        Err(Error::Refused(problem)) => {
            let mut frame = Frame::of(&site, &visitor, "/provider", "page-provider-own");
            let text = |code: &str| site.texts.get(&format!("field-{code}"));
            let wrong: Vec<_> = problem.fields.iter().map(|f| (f.field.clone(), text(f.code))).collect();
            if wrong.is_empty() {
                frame = frame.with_flash("error", site.texts.get(&format!("error-{}", problem.code)));
            }
            html(&ApplyPage { frame, form, wrong, refused: String::new() })
        }
        Err(e) => Err(e.into()),
    }
}

async fn check(State(site): State<Site>, visitor: Visitor) -> Reply {
    let (_, pass) = selfcheck::run(&site, &visitor).await?;
    let provider = standing::operated(&site.db, &visitor.actor).await?;
    let (kind, key) =
        if pass.is_some() { ("done", "provider-check-passed") } else { ("warning", "provider-check-left") };
    let frame = Frame::of(&site, &visitor, "/provider", "page-provider-own");
    shown(&site, frame.with_flash(kind, site.texts.get(key)), provider).await
}

async fn go_live(State(site): State<Site>, visitor: Visitor) -> Reply {
    standing::ask(&site, &visitor).await?;
    Ok(see_other("/provider"))
}

/// A key in a line.
struct KeyLine {
    id: String,
    made: String,
    ended: String,
}

/// A secret that is shown this once: what it is called, and its parts.
struct Secret {
    title: String,
    parts: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "providers/keys.html")]
struct KeysPage {
    frame: Frame,
    lines: Vec<KeyLine>,
    may_make: bool,
    secret: Option<Secret>,
}

async fn with_secret(site: &Site, visitor: &Visitor, secret: Option<Secret>) -> Reply {
    let (provider, keys) = keys::list(site, visitor).await?;
    let minute = |ms: i64| dates::minute(day::from_millis(ms));
    let living = keys.iter().filter(|k| k.ended_at.is_none()).count();
    let lines = keys.into_iter().map(|k| KeyLine {
        id: k.key_id,
        made: minute(k.created_at),
        ended: k.ended_at.map(minute).unwrap_or_default(),
    });
    html(&KeysPage {
        frame: Frame::of(site, visitor, "/provider", "page-provider-keys"),
        lines: lines.collect(),
        may_make: living < keys::MOST && provider.standing.has_keys(),
        secret,
    })
}

async fn keys_page(State(site): State<Site>, visitor: Visitor) -> Reply {
    with_secret(&site, &visitor, None).await
}

async fn make_key(State(site): State<Site>, visitor: Visitor) -> Reply {
    let key = keys::make(&site, &visitor).await?;
    let parts = vec![("keyid".to_owned(), key.key_id), ("secret".to_owned(), key.secret)];
    let title = site.texts.get("provider-secret-signing");
    with_secret(&site, &visitor, Some(Secret { title, parts })).await
}

async fn end_key(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    keys::end(&site, &visitor, &id).await?;
    Ok(see_other("/provider/keys"))
}

async fn record_credential(State(site): State<Site>, visitor: Visitor) -> Reply {
    let c = keys::record_credential(&site, &visitor).await?;
    let parts = vec![
        ("endpoint".to_owned(), c.endpoint),
        ("username".to_owned(), c.username),
        ("password".to_owned(), c.password),
    ];
    let title = site.texts.get("provider-secret-records");
    with_secret(&site, &visitor, Some(Secret { title, parts })).await
}

#[derive(Template)]
#[template(path = "providers/accounts.html")]
struct AccountsPage {
    frame: Frame,
    accounts: Vec<Account>,
}

async fn accounts_page(State(site): State<Site>, visitor: Visitor) -> Reply {
    let provider = standing::operated(&site.db, &visitor.actor).await?;
    let mut accounts = vec![];
    for month in account::months(&site).into_iter().take(6) {
        accounts.push(account::of_month(&site, &provider, &month, Part::NONE).await?);
    }
    html(&AccountsPage { frame: Frame::of(&site, &visitor, "/provider", "page-provider-accounts"), accounts })
}

/// A month's account, for its provider and for those who oversee providers.
#[derive(Template)]
#[template(path = "providers/account.html")]
pub(crate) struct AccountPage {
    pub frame: Frame,
    pub title: String,
    pub account: Account,
    /// Where the crumb leads.
    pub back: String,
}

impl AccountPage {
    /// So many differences stand on a page.
    pub(crate) const PAGE: i64 = 200;

    fn minute(text: &str) -> String {
        pages_people::minute(text)
    }

    /// The address of the page after this one.
    fn further(next: &str) -> String {
        let mut query = url::form_urlencoded::Serializer::for_suffix("?".to_owned(), 1);
        query.append_pair("after", next).finish()
    }
}

/// Where a page of differences begins.
#[derive(Deserialize, Default)]
pub(crate) struct Reading {
    #[serde(default)]
    pub after: String,
}

#[derive(Deserialize)]
struct Month {
    month: String,
}

async fn account_page(
    State(site): State<Site>,
    visitor: Visitor,
    Path(Month { month }): Path<Month>,
    Query(reading): Query<Reading>,
) -> Reply {
    let provider = standing::operated(&site.db, &visitor.actor).await?;
    let part = Part { after: &reading.after, most: AccountPage::PAGE };
    let account = account::of_month(&site, &provider, &month, part).await?;
    let frame = Frame::of(&site, &visitor, "/provider", "page-provider-accounts");
    html(&AccountPage { frame, title: provider.title, account, back: "/provider/accounts".into() })
}
