//! The policy in force for a year: published versions, parsed once.
use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, RwLock},
};

use base::{Day, Error, Instant, Result, Year, day};
use db::{Conn, params};
use org::Viewpoint;
use rules::Policy;
use sea_orm::FromQueryResult;
use serde::{Deserialize, Serialize};
use site::{Site, Years};

use crate::moment::Moment;

/// The job that follows the publication of a year's policy; its payload is the year.
pub const POLICY_PUBLISHED: &str = "hours.policy_published";
/// The job that follows each version that takes the place of other rules.
pub const POLICY_REPLACED: &str = "hours.policy_replaced";

/// A version that was published.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Replaced {
    /// The training year.
    pub year: Year,
    /// The version, from 1.
    pub version: i64,
}

/// A published version of a policy, as it applies to a year.
#[derive(Clone, Debug)]
pub struct InForce {
    /// The rules.
    pub policy: Arc<Policy>,
    /// `2023.1`: year and version, as decisions carry it.
    pub version: String,
    /// Whether these are last year's rules, because the year's own are not published yet (暂按上年政策, domain §1).
    pub is_provisional: bool,
}

/// On what a year is counted: its rules, and from where the facts of people are seen.
#[derive(Clone, Debug)]
pub struct Grounds {
    /// The rules.
    pub in_force: InForce,
    /// Today for a year that runs. Of a past year its last day, as it was known while the year took entries: what is
    /// corrected later changes no figure of a closed year (domain §1).
    pub view: Viewpoint,
}

impl Grounds {
    /// The training year.
    pub fn year(&self) -> Year {
        self.in_force.policy.year
    }

    /// Who joined later is not obliged.
    pub fn latest_join(&self) -> Day {
        self.in_force.policy.latest_join
    }

    /// For people who look at figures: where those of a past year find everyone, and what still changes them.
    pub fn words(&self, site: &Site) -> String {
        if self.view == Viewpoint::TODAY {
            return String::new();
        }
        let (year, on) = (self.year().to_string(), self.year().last_day().to_string());
        let closed = self.in_force.closed_on(site);
        let key = if closed.is_some() { "grounds-closed" } else { "grounds-past" };
        let closed = closed.map(|day| day.to_string()).unwrap_or_default();
        site.texts.with(key, &[("year", &year), ("on", &on), ("closed", &closed)])
    }
}

impl InForce {
    /// For people who look at a year without rules of its own: that it goes by last year's (暂按上年政策, domain §1);
    /// empty for any other.
    pub fn words(&self, site: &Site) -> String {
        self.said(site, "policy-provisional")
    }

    /// As [`Self::words`], of what held on a past day.
    pub fn words_then(&self, site: &Site) -> String {
        self.said(site, "policy-provisional-then")
    }

    fn said(&self, site: &Site, key: &str) -> String {
        if !self.is_provisional {
            return String::new();
        }
        site.texts.with(key, &[("year", &self.policy.year.to_string())])
    }

    /// The document that the rules rest on; of last year's rules it says so.
    pub fn document(&self, site: &Site) -> String {
        let name = &self.policy.document;
        if self.is_provisional { as_provisional(site, name) } else { name.clone() }
    }

    /// The last day on which the year took entries, once it is past.
    pub fn closed_on(&self, site: &Site) -> Option<Day> {
        Some(self.policy.closes_on).filter(|closes| *closes < day::day_of(site.now()))
    }
}

/// On what a year is counted on a day.
pub async fn grounds(conn: &impl Conn, year: Year, today: Day) -> Result<Grounds> {
    let in_force = in_force(conn, year).await?;
    let view = if year.last_day() < today { past(&in_force.policy) } else { Viewpoint::TODAY };
    Ok(Grounds { in_force, view })
}

/// On what a year was counted at a moment, by what was known then.
pub(crate) async fn grounds_at(conn: &impl Conn, year: Year, then: &Moment) -> Result<Grounds> {
    let in_force = in_force_at(conn, year, then).await?;
    let mut view = Viewpoint::at(then.at);
    if year.last_day() < day::day_of(then.at) {
        view = view.of_day(year.last_day(), closing(&in_force.policy));
    }
    Ok(Grounds { in_force, view })
}

/// A year's people as they were on its last day, as far as it was known before the year closed.
pub(crate) fn past(policy: &Policy) -> Viewpoint {
    Viewpoint::TODAY.of_day(policy.year.last_day(), closing(policy))
}

/// The first instant at which a year takes no more entries.
fn closing(policy: &Policy) -> Instant {
    let last = policy.closes_on;
    day::start_of(last.tomorrow().unwrap_or(last))
}

#[derive(FromQueryResult)]
struct Row {
    version: i64,
    sha256: String,
    text: String,
}

/// Parsed policies by the hash of their text; a text never changes, so nothing here ever goes stale.
static PARSED: LazyLock<RwLock<HashMap<String, Arc<Policy>>>> = LazyLock::new(RwLock::default);

/// The newest published policy of the year; until there is one, last year's.
pub async fn in_force(conn: &impl Conn, year: Year) -> Result<InForce> {
    in_force_by(conn, year, i64::MAX).await
}

/// As [`in_force`], by what had been published at a moment.
pub async fn in_force_at(conn: &impl Conn, year: Year, then: &Moment) -> Result<InForce> {
    in_force_by(conn, year, then.millis()).await
}

/// As [`in_force`], by what had been published up to an instant.
pub async fn in_force_on(conn: &impl Conn, year: Year, at: Instant) -> Result<InForce> {
    in_force_by(conn, year, day::millis(at) + 1).await
}

/// For papers: that last year's rules held for a year at an instant; empty where it had its own, or none.
pub async fn words_on(site: &Site, year: Year, at: Instant) -> Result<String> {
    match in_force_on(&site.db, year, at).await {
        Ok(in_force) => Ok(in_force.words(site)),
        Err(e) if e.code() == "policy_not_published" => Ok(String::new()),
        Err(e) => Err(e),
    }
}

/// The rules before a version was published, and since; none where there were none before.
pub async fn replaced(conn: &impl Conn, what: &Replaced) -> Result<Option<(InForce, InForce)>> {
    let Replaced { year, version } = *what;
    let since = named(conn, format!("{year}.{version}"), year).await?;
    if version > 1 {
        let before = named(conn, format!("{year}.{}", version - 1), year).await?;
        return Ok(Some((before, since)));
    }
    match provisional(conn, year, i64::MAX).await {
        Ok(before) => Ok(Some((before, since))),
        Err(e) if e.code() == "policy_not_published" => Ok(None),
        Err(e) => Err(e),
    }
}

/// Refuses what would change the figures of a year that takes no more entries: those change by the ledger alone (domain §1).
pub async fn refuse_closed(site: &Site, conn: &impl Conn, year: Year) -> Result<()> {
    match in_force(conn, year).await {
        Ok(in_force) if in_force.closed_on(site).is_some() => Err(Error::conflict("year_closed")),
        Err(e) if e.code() != "policy_not_published" => Err(e),
        Ok(_) | Err(_) => Ok(()),
    }
}

async fn named(conn: &impl Conn, version: String, year: Year) -> Result<InForce> {
    Ok(InForce { policy: of_version(conn, &version, year).await?, version, is_provisional: false })
}

async fn in_force_by(conn: &impl Conn, year: Year, by: i64) -> Result<InForce> {
    if let Some(row) = newest(conn, year, by).await? {
        let version = format!("{year}.{}", row.version);
        return Ok(InForce { policy: parsed(&row)?, version, is_provisional: false });
    }
    provisional(conn, year, by).await
}

/// A version as decisions carry it, for people: of last year's rules it says so.
pub fn version_words(site: &Site, version: &str, year: Year) -> String {
    if is_of_year(version, year) { version.to_owned() } else { as_provisional(site, version) }
}

/// Whether a version such as `2026.1` is of the year's own policy.
pub(crate) fn is_of_year(version: &str, year: Year) -> bool {
    version.split_once('.').is_none_or(|(of, _)| of == year.to_string())
}

fn as_provisional(site: &Site, name: &str) -> String {
    site.texts.with("policy-as-provisional", &[("name", name)])
}

/// Whether a year goes by last year's rules now; not where it has no rules at all.
pub(crate) async fn is_provisional(conn: &impl Conn, year: Year) -> Result<bool> {
    match in_force(conn, year).await {
        Ok(in_force) => Ok(in_force.is_provisional),
        Err(e) if e.code() == "policy_not_published" => Ok(false),
        Err(e) => Err(e),
    }
}

/// Last year's rules, a year later (暂按上年政策, domain §1).
async fn provisional(conn: &impl Conn, year: Year, by: i64) -> Result<InForce> {
    let unpublished = || Error::conflict("policy_not_published");
    let last_year = Year::new(i64::from(year.number()) - 1).ok_or_else(unpublished)?;
    let row = newest(conn, last_year, by).await?.ok_or_else(unpublished)?;
    let policy = parsed(&row)?.for_next_year().ok_or_else(unpublished)?;
    let version = format!("{last_year}.{}", row.version);
    Ok(InForce { policy: Arc::new(policy), version, is_provisional: true })
}

/// A policy as decisions name it, such as `2023.1`, applied to a year: its own or the one after.
pub(crate) async fn of_version(conn: &impl Conn, version: &str, year: Year) -> Result<Arc<Policy>> {
    let unknown = || Error::internal(format!("there is no policy {version}"));
    let (of, number) = version.split_once('.').ok_or_else(unknown)?;
    let (of, number): (Year, i64) =
        (of.parse().map_err(|()| unknown())?, number.parse().map_err(|_| unknown())?);
    let sql = "SELECT version, sha256, text FROM policies WHERE year = $1 AND version = $2";
    let row: Row = db::maybe(conn, sql, params![of, number]).await?.ok_or_else(unknown)?;
    let policy = parsed(&row)?;
    if of == year { Ok(policy) } else { policy.for_next_year().map(Arc::new).ok_or_else(unknown) }
}

async fn newest(conn: &impl Conn, year: Year, by: i64) -> Result<Option<Row>> {
    let sql = "SELECT version, sha256, text FROM policies WHERE year = $1 AND activated_at < $2 \
               ORDER BY version DESC LIMIT 1";
    db::maybe(conn, sql, params![year, by]).await
}

fn parsed(row: &Row) -> Result<Arc<Policy>> {
    if let Some(policy) = PARSED.read().map_err(|_| Error::internal("policy cache"))?.get(&row.sha256) {
        return Ok(Arc::clone(policy));
    }
    let policy = Policy::load(&row.text)
        .map_err(|p| Error::internal(p.first().map_or_else(String::new, ToString::to_string)))?;
    let policy = Arc::new(policy);
    let mut cache = PARSED.write().map_err(|_| Error::internal("policy cache"))?;
    cache.insert(row.sha256.clone(), Arc::clone(&policy));
    Ok(policy)
}

/// When a year got its first policy of its own; until then last year's rules held for it.
pub async fn first_published(conn: &impl Conn, year: Year) -> Result<Option<Instant>> {
    #[derive(FromQueryResult)]
    struct One {
        at: i64,
    }
    let sql = "SELECT activated_at AS at FROM policies WHERE year = $1 ORDER BY version LIMIT 1";
    let found: Option<One> = db::maybe(conn, sql, params![year]).await?;
    Ok(found.map(|one| day::from_millis(one.at)))
}

/// The published versions by their names, such as `2023.1`, the newest first.
pub async fn published(conn: &impl Conn) -> Result<Vec<(String, Arc<Policy>)>> {
    #[derive(FromQueryResult)]
    struct Named {
        year: i64,
        version: i64,
        sha256: String,
        text: String,
    }
    let sql = "SELECT year, version, sha256, text FROM policies ORDER BY year DESC, version DESC LIMIT 200";
    let named = |n: Named| {
        let row = Row { version: n.version, sha256: n.sha256, text: n.text };
        Ok((format!("{}.{}", n.year, n.version), parsed(&row)?))
    };
    db::all::<Named>(conn, sql, vec![]).await?.into_iter().map(named).collect()
}

/// The years that have a policy, newest first.
pub async fn published_years(conn: &impl Conn) -> Result<Vec<Year>> {
    #[derive(FromQueryResult)]
    struct One {
        year: i64,
    }
    let rows: Vec<One> =
        db::all(conn, "SELECT DISTINCT year FROM policies ORDER BY year DESC LIMIT 50", vec![]).await?;
    Ok(rows.into_iter().filter_map(|r| Year::new(r.year)).collect())
}

/// The years that pages offer, newest first: those with a policy, and this one, which goes by last year's rules until it has
/// its own.
pub async fn years(site: &Site) -> Result<Years> {
    let ruled = published_years(&site.db).await?;
    let mut offered = ruled.clone();
    offered.push(site.this_year());
    Ok(Years::new(site, offered, ruled))
}

/// Publishes the delivered policies where a year has none (contract: a fresh database has them published).
pub async fn publish_delivered(site: &Site) -> Result<()> {
    let rows = rules::policy::delivered()
        .iter()
        .map(|(year, text)| params![year, 1_i64, secrets::sha256_hex(text.as_bytes()), *text, site.now()])
        .collect();
    let columns = ["year", "version", "sha256", "text", "activated_at"];
    db::insert_rows(&site.db, "policies", &columns, rows, "ON CONFLICT (year, version) DO NOTHING").await?;
    Ok(())
}
