//! Pages of those who oversee providers: standing and service levels, decisions, quotas, the same courses, failed calls.
pub(crate) mod rules;
mod topics;

use askama::Template;
use axum::extract::{Path, Query, State};
use base::{Error, day, person::Code};
use serde::Deserialize;
use site::{Access, Form, Frame, Reply, Routes, Site, Visitor, dates, html, see_other};

use crate::{
    account::{self, Part},
    join::{self, OPENERS},
    mapping::{self, Group, Suggestion},
    outbox::{self, Failed, LineState, TENDERS},
    pages_operator::{AccountPage, Reading},
    pages_people,
    provider::Provider,
    quota::{self, Quota},
    selfcheck,
    service::{self, Levels},
    standing::{self, Decision, KEEPERS, READERS},
    store_relations as store, store_signs,
};

pub(crate) fn routes() -> Routes {
    let (keepers, readers) = (Access::Roles(KEEPERS), Access::Roles(READERS));
    Routes::new()
        .get("/providers", readers, list_page)
        .post("/provider-holders", Access::Roles(OPENERS), admit)
        .get("/providers/{name}", readers, one_page)
        .get("/providers/{name}/accounts/{month}", readers, account_page)
        .post("/providers/{name}/decision", keepers, decide)
        .post("/providers/{name}/quota", keepers, set_quota)
        .post("/providers/{name}/operators", keepers, appoint)
        .get("/course-mapping", readers, mapping_page)
        .post("/course-mapping", keepers, map)
        .post("/course-mapping/{id}/part", keepers, part)
        .get("/provider-outbox", Access::Roles(TENDERS), outbox_page)
        .post("/provider-outbox/{id}/replay", Access::Roles(TENDERS), replay)
        .and(topics::routes())
        .and(rules::routes())
}

/// A provider in the list.
struct Line {
    provider: Provider,
    standing: String,
    levels: Levels,
}

#[derive(Template)]
#[template(path = "providers/list.html")]
struct ListPage {
    frame: Frame,
    waiting: Vec<Line>,
    others: Vec<Line>,
    is_tender: bool,
    /// Whether the visitor lets accounts apply.
    is_opener: bool,
}

async fn list_page(State(site): State<Site>, visitor: Visitor) -> Reply {
    html(&list(&site, &visitor).await?)
}

async fn list(site: &Site, visitor: &Visitor) -> base::Result<ListPage> {
    let mut lines = vec![];
    for provider in store::every(&site.db, "", 100).await? {
        let levels = service::levels(site, &provider).await?;
        lines.push(Line { standing: provider.standing.code(), provider, levels });
    }
    let (waiting, others) =
        lines.into_iter().partition(|l: &Line| matches!(l.standing.as_str(), "applied" | "asking"));
    Ok(ListPage {
        frame: Frame::of(site, visitor, "/providers", "page-providers"),
        waiting,
        others,
        is_tender: visitor.actor.has(TENDERS),
        is_opener: visitor.actor.has(OPENERS),
    })
}

/// An account may apply from now on.
async fn admit(State(site): State<Site>, visitor: Visitor, Form(form): Form<OperatorForm>) -> Reply {
    let admitted = join::admit(&site, &visitor, &form.account).await;
    let mut page = list(&site, &visitor).await?;
    page.frame = match admitted {
        Ok(()) => page.frame.with_flash("done", site.texts.get("provider-holder-admitted")),
        Err(Error::Refused(problem)) => page.frame.with_refusal(&problem),
        Err(e) => return Err(e.into()),
    };
    html(&page)
}

#[derive(Template)]
#[template(path = "providers/one.html")]
struct OnePage {
    frame: Frame,
    provider: Provider,
    standing: String,
    since: String,
    facts: store::Facts,
    levels: Levels,
    line: Option<LineState>,
    decisions: Vec<String>,
    is_keeper: bool,
    passed_at: String,
    open_steps: usize,
    months: Vec<String>,
    /// Who looks after it: names with accounts.
    operators: Vec<(String, String)>,
}

impl OnePage {
    fn number(value: Option<i64>) -> String {
        value.map(|v| v.to_string()).unwrap_or_default()
    }

    fn requests(&self) -> String {
        Self::number(self.provider.quota.requests_a_minute)
    }

    fn completions(&self) -> String {
        Self::number(self.provider.quota.completions_a_day)
    }

    fn record_requests(&self) -> String {
        Self::number(self.provider.quota.record_requests_a_minute)
    }
}

async fn one(site: &Site, visitor: &Visitor, name: &str) -> base::Result<OnePage> {
    let provider = crate::store::by_name(&site.db, name).await?;
    let facts = store::facts(&site.db, provider.id).await?;
    let pass = store_signs::last_pass(&site.db, provider.id).await?;
    let steps = selfcheck::steps(site, &provider).await?;
    let (_, lines) = outbox::state(site).await?;
    let minute = |ms: i64| if ms > 0 { dates::minute(day::from_millis(ms)) } else { String::new() };
    Ok(OnePage {
        frame: Frame::of(site, visitor, "/providers", "page-providers"),
        standing: provider.standing.code(),
        since: minute(facts.standing_at),
        levels: service::levels(site, &provider).await?,
        line: lines.into_iter().find(|l| l.provider == provider.name),
        decisions: Decision::at(provider.standing).iter().map(Code::code).collect(),
        is_keeper: standing::is_keeper(&visitor.actor),
        passed_at: pass.map(|p| minute(p.at)).unwrap_or_default(),
        open_steps: steps.iter().filter(|s| s.needed && s.state != "holds").count(),
        months: account::months(site).into_iter().take(6).collect(),
        operators: store::operator_names(&site.db, provider.id).await?,
        provider,
        facts,
    })
}

async fn one_page(State(site): State<Site>, visitor: Visitor, Path(name): Path<String>) -> Reply {
    html(&one(&site, &visitor, &name).await?)
}

#[derive(Deserialize)]
struct OfMonth {
    name: String,
    month: String,
}

async fn account_page(
    State(site): State<Site>,
    visitor: Visitor,
    Path(of): Path<OfMonth>,
    Query(reading): Query<Reading>,
) -> Reply {
    let provider = standing::visible(&site.db, &visitor.actor, &of.name).await?;
    let part = Part { after: &reading.after, most: AccountPage::PAGE };
    let account = account::of_month(&site, &provider, &of.month, part).await?;
    let frame = Frame::of(&site, &visitor, "/providers", "page-provider-accounts");
    let back = format!("/providers/{}", provider.name);
    html(&AccountPage { frame, title: provider.title, account, back })
}

#[derive(Deserialize)]
struct DecisionForm {
    decision: String,
    #[serde(default)]
    reason: String,
}

async fn decide(
    State(site): State<Site>,
    visitor: Visitor,
    Path(name): Path<String>,
    Form(form): Form<DecisionForm>,
) -> Reply {
    let decision =
        Decision::from_code(&form.decision).ok_or_else(|| Error::invalid("decision", "wrong_value"))?;
    let decided = standing::decide(&site, &visitor, &name, (decision, &form.reason)).await;
    done(&site, &visitor, &name, decided.map(|_| ())).await
}

/// Back to the provider's page, with what was refused above it.
async fn done(site: &Site, visitor: &Visitor, name: &str, result: base::Result<()>) -> Reply {
    match result {
        Ok(()) => Ok(see_other(&format!("/providers/{name}"))),
        Err(Error::Refused(problem)) => {
            let mut page = one(site, visitor, name).await?;
            page.frame = page.frame.with_refusal(&problem);
            html(&page)
        }
        Err(e) => Err(e.into()),
    }
}

#[derive(Deserialize)]
struct OperatorForm {
    account: String,
}

async fn appoint(
    State(site): State<Site>,
    visitor: Visitor,
    Path(name): Path<String>,
    Form(form): Form<OperatorForm>,
) -> Reply {
    let appointed = standing::appoint(&site, &visitor, &name, &form.account).await;
    done(&site, &visitor, &name, appointed).await
}

#[derive(Deserialize)]
struct QuotaForm {
    requests_a_minute: String,
    completions_a_day: String,
    record_requests_a_minute: String,
}

/// An empty field is no limit.
fn limit(field: &'static str, text: &str) -> base::Result<Option<i64>> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| Error::invalid(field, "wrong_value"))
}

async fn set_quota(
    State(site): State<Site>,
    visitor: Visitor,
    Path(name): Path<String>,
    Form(form): Form<QuotaForm>,
) -> Reply {
    let quota = Quota {
        requests_a_minute: limit("requests_a_minute", &form.requests_a_minute)?,
        completions_a_day: limit("completions_a_day", &form.completions_a_day)?,
        record_requests_a_minute: limit("record_requests_a_minute", &form.record_requests_a_minute)?,
    };
    let set = quota::set(&site, &visitor, &name, quota).await;
    done(&site, &visitor, &name, set).await
}

#[derive(Template)]
#[template(path = "providers/mapping.html")]
struct MappingPage {
    frame: Frame,
    suggestions: Vec<Suggestion>,
    groups: Vec<Group>,
    is_keeper: bool,
}

async fn mapping_page(State(site): State<Site>, visitor: Visitor) -> Reply {
    html(&MappingPage {
        frame: Frame::of(&site, &visitor, "/providers", "page-course-mapping"),
        suggestions: mapping::suggestions(&site, &visitor).await?,
        groups: mapping::groups(&site, &visitor).await?,
        is_keeper: standing::is_keeper(&visitor.actor),
    })
}

#[derive(Deserialize)]
struct MapForm {
    one: String,
    other: String,
    same: String,
}

async fn map(State(site): State<Site>, visitor: Visitor, Form(form): Form<MapForm>) -> Reply {
    let pair = (form.one.as_str(), form.other.as_str());
    if form.same == "1" {
        mapping::join(&site, &visitor, pair).await?;
    } else {
        mapping::differ(&site, &visitor, pair).await?;
    }
    Ok(see_other("/course-mapping"))
}

async fn part(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    mapping::part(&site, &visitor, &id).await?;
    Ok(see_other("/course-mapping"))
}

#[derive(Template)]
#[template(path = "providers/outbox.html")]
struct OutboxPage {
    frame: Frame,
    failed: Vec<Failed>,
    lines: Vec<LineState>,
}

impl OutboxPage {
    fn cause(&self, error: &str) -> String {
        outbox::cause(&self.frame, error)
    }

    fn minute(text: &str) -> String {
        pages_people::minute(text)
    }
}

async fn outbox_page(State(site): State<Site>, visitor: Visitor) -> Reply {
    let (failed, lines) = outbox::state(&site).await?;
    html(&OutboxPage {
        frame: Frame::of(&site, &visitor, "/provider-outbox", "page-provider-outbox"),
        failed,
        lines,
    })
}

/// A call that has succeeded meanwhile is gone from the page that follows.
async fn replay(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    match outbox::replay(&site, &visitor, &id).await {
        Ok(()) | Err(Error::Refused(_)) => Ok(see_other("/provider-outbox")),
        Err(e) => Err(e.into()),
    }
}
