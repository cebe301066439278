//! The report after a breach (security item 55, PIPL article 57): who may be affected over some days, which kinds of their data
//! the platform holds, what was done, and how far the accounts in question reach. Reading is not logged by row, so the reach
//! of roles stands beside what the trail proves. Names and numbers are masked; every report is in the trail with its purpose.
use std::collections::BTreeSet;

use base::{Day, Error, FieldProblem, Result, Role, Scope, day};
use serde::{Deserialize, Serialize};
use serde_json::json;
use site::{Site, Visitor};
use utoipa::ToSchema;

use crate::{
    inventory,
    store_breach::{self as store, Affected, Within},
};

/// Who makes such reports: whoever audits, and whoever operates the program.
pub(crate) const REPORTERS: &[Role] = &[Role::Auditor, Role::SystemAdmin];
/// So many units, people and accounts are named at most.
const MOST_NAMED: usize = 200;
/// A report covers at most so many days.
const MOST_DAYS: i64 = 366;

/// What a report is asked for: days, and whose data or whose accounts are in question.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Question {
    /// The first day.
    pub from: String,
    /// The last day.
    pub to: String,
    /// Codes of units whose people may be affected, with all below.
    pub units: Vec<String>,
    /// Ids of people who may be affected.
    pub people: Vec<String>,
    /// Names of accounts that others may have used: their owners, and whom their deeds concern.
    pub accounts: Vec<String>,
    /// What for; kept in the audit trail.
    pub purpose: String,
}

impl Question {
    /// Each name once.
    fn tidy(&self) -> Self {
        let once = |of: &[String]| {
            let named = of.iter().map(|t| t.trim().to_owned()).filter(|t| !t.is_empty());
            named.collect::<BTreeSet<_>>().into_iter().collect()
        };
        Self {
            units: once(&self.units),
            people: once(&self.people),
            accounts: once(&self.accounts),
            ..self.clone()
        }
    }
}

/// A report.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Report {
    pub made_at: String,
    pub from: String,
    pub to: String,
    pub purpose: String,
    /// How many may be affected.
    pub people_total: i64,
    /// The first 20,000 of them.
    pub people: Vec<Person>,
    /// Which kinds of data the platform holds of them.
    pub data: Vec<Kind>,
    /// Where the accounts in question held roles in these days, and how many people they could look up there.
    pub reach: Vec<Reach>,
    pub deeds_total: i64,
    /// What these accounts did and what was done about these people, the newest 5,000.
    pub deeds: Vec<Deed>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Person {
    pub id: String,
    pub name: String,
    pub id_number_masked: Option<String>,
    pub unit: String,
    pub phone_bound: bool,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Kind {
    pub table: &'static str,
    pub about: String,
    pub purpose: String,
    pub rows: i64,
    /// Columns that are stored in clear.
    pub open: Vec<&'static str>,
    /// Columns that are sealed in the database.
    pub sealed: Vec<&'static str>,
}

#[derive(Debug, Serialize, ToSchema, sea_orm::FromQueryResult)]
pub(crate) struct Reach {
    pub account: String,
    pub role: String,
    pub unit: String,
    pub unit_name: String,
    /// People in the subtree today.
    pub people: i64,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Deed {
    /// The entry's number in the audit trail.
    pub seq: i64,
    pub at: String,
    /// Masked; none for the system and for strangers.
    pub actor: Option<String>,
    pub role: Option<String>,
    pub action: String,
    pub object: String,
    pub network: String,
}

/// Makes a report and writes it into the trail before it leaves.
pub(crate) async fn report(site: &Site, visitor: &Visitor, asked: &Question) -> Result<Report> {
    let asked = &asked.tidy();
    let (from, to) = days(asked)?;
    let purpose = asked.purpose.trim();
    if !(1..=200).contains(&purpose.chars().count()) || purpose.chars().any(base::name::is_hidden) {
        return Err(Error::invalid("purpose", "required"));
    }
    let scope = visitor.actor.scope(REPORTERS);
    let within = Within::new(from, to);
    let (affected, accounts) = affected(site, &scope, asked, within).await?;
    let mut data = Vec::with_capacity(64);
    for holding in inventory() {
        let rows = store::rows(&site.db, holding, &affected).await?;
        if rows > 0 {
            let [about, purpose, _] = holding.words(site);
            let sealed = holding.sealed.iter().map(|(_, name, _)| *name).collect();
            data.push(Kind {
                table: holding.table,
                about,
                purpose,
                rows,
                open: holding.open.to_vec(),
                sealed,
            });
        }
    }
    let report = Report {
        made_at: day::rfc3339(site.now()),
        from: from.to_string(),
        to: to.to_string(),
        purpose: purpose.to_owned(),
        people_total: store::how_many(&site.db, &affected).await?,
        people: store::people(&site.db, &affected).await?,
        data,
        reach: store::reach(&site.db, &accounts, within).await?,
        deeds_total: store::how_many_deeds(&site.db, &affected, (&accounts, within)).await?,
        deeds: store::deeds(&site.db, &affected, (&accounts, within)).await?,
    };
    record(site, visitor, asked, &report).await?;
    Ok(report)
}

fn days(asked: &Question) -> Result<(Day, Day)> {
    let read = |field: &str, text: &str| -> Result<Day> {
        text.trim().parse().map_err(|_| Error::invalid(field, "wrong_value"))
    };
    let (from, to) = (read("from", &asked.from)?, read("to", &asked.to)?);
    let length = (day::millis(day::start_of(to)) - day::millis(day::start_of(from))) / 86_400_000;
    if (0..MOST_DAYS).contains(&length) { Ok((from, to)) } else { Err(Error::invalid("to", "wrong_value")) }
}

/// The people of the question as a condition, and the people behind the accounts. What lies outside of the reporter's
/// subtrees is not found.
async fn affected(
    site: &Site,
    scope: &Scope,
    asked: &Question,
    within: Within,
) -> Result<(Affected, Vec<String>)> {
    let named = [&asked.units, &asked.people, &asked.accounts];
    if named.iter().all(|list| list.is_empty()) {
        return Err(Error::invalid("units", "required"));
    }
    if let Some((_, field)) =
        named.iter().zip(["units", "people", "accounts"]).find(|(list, _)| list.len() > MOST_NAMED)
    {
        return Err(Error::invalid(field, "wrong_value"));
    }
    let units = Scope { paths: store::unit_paths(&site.db, &asked.units).await? };
    let people = store::known_people(&site.db, scope, &asked.people).await?;
    let accounts = store::people_of_accounts(&site.db, scope, &asked.accounts).await?;
    let unknown = [
        ("units", asked.units.len() != units.paths.iter().filter(|p| scope.holds(p)).count()),
        ("people", asked.people.len() != people.len()),
        ("accounts", asked.accounts.len() != accounts.len()),
    ];
    let problems: Vec<FieldProblem> = unknown
        .into_iter()
        .filter(|(_, is_unknown)| *is_unknown)
        .map(|(field, _)| FieldProblem { field: field.to_owned(), code: "unknown_here" })
        .collect();
    if !problems.is_empty() {
        return Err(Error::invalid_fields(problems));
    }
    Ok((Affected::new(scope, &units, &people, (&accounts, within)), accounts))
}

async fn record(site: &Site, visitor: &Visitor, asked: &Question, report: &Report) -> Result<()> {
    let scope = visitor.actor.scope(REPORTERS);
    let tx = site.db.begin().await?;
    let deed = audit::Deed {
        actor: Some(visitor.actor.person),
        action: "privacy.breach_report",
        object: "",
        unit_path: scope.paths.first().map_or("", String::as_str),
        details: json!({
            "purpose": report.purpose, "from": report.from, "to": report.to, "units": asked.units,
            "people": asked.people, "accounts": asked.accounts, "affected": report.people_total,
            "deeds": report.deeds_total,
        }),
    };
    audit::record(site, &tx, deed).await?;
    tx.commit().await
}
