//! The monthly report: made on the first of a month for the month before, mailed to those who subscribed, each once.
use base::{Actor, Error, PersonId, Result, Year, day};
use messages::Mail;
use serde::{Deserialize, Serialize};
use site::Site;

use crate::{
    READERS,
    report::{self, Content, Kind, Order},
    store_reports::{self as store, Subscriber},
};

/// The job of one month.
pub(crate) const MONTHLY: &str = "statistics.monthly";
/// So many are sent in one go.
const AT_ONCE: i64 = 200;

/// Which month, as `2026-10`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Month {
    period: String,
}

/// The month before the present one, as `2026-10`.
pub(crate) fn last_month(site: &Site) -> String {
    let today = day::day_of(site.now());
    let (year, month) =
        if today.month() == 1 { (today.year() - 1, 12) } else { (today.year(), today.month() - 1) };
    format!("{year:04}-{month:02}")
}

/// The year of a month.
pub(crate) fn year_of(period: &str) -> Result<Year> {
    period.get(..4).and_then(|y| y.parse().ok()).ok_or_else(|| Error::internal("no month"))
}

/// Puts the month's work into the queue; where it was done nothing is sent twice.
pub(crate) async fn begin(site: &Site) -> Result<()> {
    let period = last_month(site);
    site.enqueue_once(&site.db, MONTHLY, &Month { period: period.clone() }, &period).await
}

/// Makes and sends what is waiting.
pub(crate) async fn run(site: Site, month: Month) -> Result<()> {
    loop {
        let waiting = store::waiting(&site.db, &month.period, AT_ONCE).await?;
        if waiting.is_empty() {
            return Ok(());
        }
        for subscriber in &waiting {
            send(&site, subscriber, &month.period).await?;
        }
    }
}

async fn send(site: &Site, s: &Subscriber, period: &str) -> Result<()> {
    let person: PersonId = s.person_id.parse()?;
    let grants = accounts::held(&site.db, person).await?;
    let unit = org::by_code(&site.db, &s.unit).await;
    let may =
        |unit: &org::Unit| grants.iter().any(|g| READERS.contains(&g.role) && unit.path.starts_with(&g.path));
    // Whoever no longer looks after the unit gets no more reports of it.
    let Some(unit) = unit.ok().filter(may) else {
        return store::unsubscribe(&site.db, person, &s.unit).await;
    };
    let order = Order { kind: Kind::Month, unit: &unit, year: year_of(period)?, period, by: None };
    let made = report::make(site, &order).await?;
    let content: Content = serde_json::from_str(&made.content).map_err(Error::internal)?;
    let tx = site.db.begin().await?;
    if store::take(&tx, s, period).await? {
        let letter = Mail {
            to: person,
            purpose: "report",
            subject: subject(&content),
            text: text(site, &made.id, &content),
        };
        messages::mail(site, &tx, vec![letter]).await?;
        let link = format!("/statistics/reports/{}", made.id);
        let letter = messages::Letter {
            to: person,
            kind: "report",
            text: subject(&content),
            link,
            once: Some(format!("report:{}:{person}", made.id)),
        };
        messages::post(site, &tx, &[letter]).await?;
    }
    tx.commit().await
}

fn subject(content: &Content) -> String {
    format!("{} {}", content.unit, content.title)
}

fn text(site: &Site, id: &str, content: &Content) -> String {
    let lines: Vec<String> =
        content.summary.iter().map(|(label, value)| format!("{label} {value}")).collect();
    let lines = lines.join("\n");
    let link = format!("{}/statistics/reports/{id}", site.settings.public_url);
    let words =
        [("title", content.title.as_str()), ("as_of", content.as_of.as_str()), ("lines", lines.as_str())];
    format!("{}\n{link}\n", site.texts.with("stats-report-mail", &words))
}

/// Subscribes the actor to a unit's monthly report, from this month's on.
pub(crate) async fn subscribe(site: &Site, actor: &Actor, code: Option<&str>, wants: bool) -> Result<()> {
    let unit = report::unit(site, actor, code).await?;
    let tx = site.db.begin().await?;
    if wants {
        store::subscribe(&tx, (actor.person, &unit.code), &last_month(site), site.now()).await?;
    } else {
        store::unsubscribe(&tx, actor.person, &unit.code).await?;
    }
    let deed = audit::Deed {
        actor: Some(actor.person),
        action: "statistics.subscribe",
        object: &unit.code,
        unit_path: &unit.path,
        details: serde_json::json!({"wants": wants}),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await
}
