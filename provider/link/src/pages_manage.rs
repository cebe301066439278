//! The page of those who look after this platform: what the management platform has not counted and why, sent again by a
//! button; the monthly statements with their differences.
use askama::Template;
use axum::extract::{Path, State};
use base::{Error, Result, day};
use serde_json::Value;
use site::{Frame, Reply, Site, Visitor, dates, html, see_other};

use crate::{accounts, completions, store};

/// So many completions are shown.
const SHOWN: i64 = 200;

struct Line {
    id: String,
    title: String,
    completed: String,
    sent: String,
    tries: i64,
    status: String,
    why: String,
}

struct Invoice {
    number: String,
    date: String,
    amount: base::Fen,
    why: String,
}

struct Difference {
    id: String,
    what: String,
    theirs: String,
    ours: String,
}

struct Account {
    month: String,
    compared: String,
    figures: Vec<(String, String, String)>,
    differing: String,
    differences: Vec<Difference>,
}

#[derive(Template)]
#[template(path = "link/manage.html")]
struct ManagePage {
    frame: Frame,
    lines: Vec<Line>,
    /// Those that the management platform refused.
    invoices: Vec<Invoice>,
    accounts: Vec<Account>,
}

/// Whoever the management platform names as an operator; for others the page is not there.
async fn admit(site: &Site, visitor: &Visitor) -> Result<()> {
    if store::is_operator(&site.db, visitor.actor.person).await? { Ok(()) } else { Err(Error::not_found()) }
}

pub(crate) async fn page(State(site): State<Site>, visitor: Visitor) -> Reply {
    admit(&site, &visitor).await?;
    let minute = |ms: i64| dates::minute(day::from_millis(ms));
    let word = |code: &str| {
        let key = format!("completion-reason-{code}");
        if site.texts.has(&key) { site.texts.get(&key) } else { code.to_owned() }
    };
    let line = |u: learning::Unsettled| Line {
        why: u.reason.as_deref().filter(|r| !r.is_empty()).map_or_else(|| u.last_error.clone(), word),
        id: u.id,
        title: u.title,
        completed: minute(u.completed_at),
        sent: u.sent_at.map(minute).unwrap_or_default(),
        tries: u.tries,
        status: u.status,
    };
    let lines = learning::unsettled(&site.db, SHOWN).await?.into_iter().map(line).collect();
    let invoice = |t: orders::Told| Invoice {
        number: t.bill.number,
        date: t.bill.date,
        amount: t.bill.amount,
        why: refusal(&site, &t.reason),
    };
    let invoices = orders::refused(&site.db).await?.into_iter().map(invoice).collect();
    let mut shown = vec![];
    for month in accounts::recent(&site)? {
        let kept = store::account(&site.db, &month).await?;
        shown.push(account(&site, month, kept));
    }
    let frame = Frame::of(&site, &visitor, "/manage", "page-manage");
    html(&ManagePage { frame, lines, invoices, accounts: shown })
}

/// Why an invoice was refused, in words.
fn refusal(site: &Site, reason: &str) -> String {
    let key = format!("invoice-refused-{reason}");
    if site.texts.has(&key) { site.texts.get(&key) } else { reason.to_owned() }
}

fn account(site: &Site, month: String, kept: Option<(String, i64)>) -> Account {
    let Some((answer, at)) = kept else {
        let (figures, differences) = (vec![], vec![]);
        return Account { month, compared: String::new(), figures, differing: String::new(), differences };
    };
    let answer: Value = serde_json::from_str(&answer).unwrap_or_default();
    let text = |value: Option<&Value>| match value {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    };
    let figure = |name: &str| {
        let sides = answer.get(name);
        let side = |which: &str| text(sides.and_then(|s| s.get(which)));
        (site.texts.get(&format!("account-{name}")), side("theirs"), side("ours"))
    };
    let listed = answer.get("differences").and_then(Value::as_array).into_iter().flatten();
    let difference = |d: &Value| {
        let code = text(d.get("difference"));
        let key = format!("account-difference-{code}");
        Difference {
            id: text(d.get("id")),
            what: if site.texts.has(&key) { site.texts.get(&key) } else { code },
            theirs: text(d.get("theirs")),
            ours: text(d.get("ours")),
        }
    };
    Account {
        month,
        compared: dates::minute(day::from_millis(at)),
        figures: ["records", "hours", "fees"].into_iter().map(figure).collect(),
        differing: text(answer.get("differing")),
        differences: listed.map(difference).collect(),
    }
}

/// Sends one completion again.
pub(crate) async fn resend(State(site): State<Site>, visitor: Visitor, Path(id): Path<String>) -> Reply {
    admit(&site, &visitor).await?;
    if !learning::resend_one(&site.db, &id).await? {
        return Err(Error::not_found().into());
    }
    completions::enqueue_all(&site).await?;
    Ok(see_other("/manage"))
}

/// Sends a month's statement now.
pub(crate) async fn send_account(
    State(site): State<Site>,
    visitor: Visitor,
    Path(month): Path<String>,
) -> Reply {
    admit(&site, &visitor).await?;
    if !accounts::recent(&site)?.contains(&month) {
        return Err(Error::not_found().into());
    }
    accounts::send_now(&site, &month).await?;
    Ok(see_other("/manage"))
}
