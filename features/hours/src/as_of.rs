//! What live figures are as of: the newest checkpoint and the entries that came after it. Two figures that name the same
//! checkpoint and no later entry rest on the same ledger, wherever they are shown. And by which rules they are counted.
use base::{Instant, PersonId, Result, Scope, Year, day};
use org::Viewpoint;
use serde::Serialize;
use site::{Site, dates};

use crate::{
    moment::{self, Moment, MomentInfo},
    policy,
    store_past::{self, Chains},
};

/// A live figure's place in the ledger.
#[derive(Clone, Debug)]
pub struct AsOf {
    /// When it was counted.
    pub at: Instant,
    /// The newest checkpoint then; none before the first.
    pub checkpoint: Option<Moment>,
    /// Entries of the year that came after it and are in the figure. Not counted for many people: all of them are in it.
    pub entries_since: Option<i64>,
    /// The year.
    pub year: Year,
    /// Whether last year's rules hold for it (暂按上年政策, domain §1).
    pub is_provisional: bool,
}

/// The same as programs see it, beside the figures.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct AsOfInfo {
    /// When the figures were counted.
    as_of: String,
    /// The newest checkpoint then; null before the first.
    checkpoint: Option<MomentInfo>,
    /// Entries of the year after it, which are in the figures; null where they are not counted, for many people.
    entries_since: Option<i64>,
    /// Whether the year has no policy of its own yet and last year's rules hold: 暂按上年政策.
    provisional: bool,
}

impl AsOf {
    /// Of a person's year, now.
    pub async fn of_person(site: &Site, person: PersonId, year: Year) -> Result<Self> {
        Self::counted(site, &Chains::Of(person), year).await
    }

    /// Of the people of a scope, now.
    pub async fn of_scope(site: &Site, scope: &Scope, year: Year) -> Result<Self> {
        let view = match policy::grounds(&site.db, year, day::day_of(site.now())).await {
            Ok(of) => of.view,
            Err(e) if e.code() == "policy_not_published" => Viewpoint::TODAY,
            Err(e) => return Err(e),
        };
        Self::counted(site, &Chains::In(scope, view), year).await
    }

    /// Of many people's year, counted at an instant.
    pub async fn of_many(site: &Site, year: Year, at: Instant) -> Result<Self> {
        let is_provisional = policy::is_provisional(&site.db, year).await?;
        let checkpoint = moment::until(site, at).await?;
        Ok(Self { at, checkpoint, entries_since: None, year, is_provisional })
    }

    async fn counted(site: &Site, chains: &Chains<'_>, year: Year) -> Result<Self> {
        let at = site.now();
        let checkpoint = moment::until(site, at).await?;
        let since = store_past::entries_since(&site.db, chains, year, checkpoint.as_ref()).await?;
        let is_provisional = policy::is_provisional(&site.db, year).await?;
        Ok(Self { at, checkpoint, entries_since: Some(since), year, is_provisional })
    }

    /// For people, to follow 截至.
    pub fn words(&self, site: &Site) -> String {
        let at = dates::minute(self.at);
        let Some(checkpoint) = &self.checkpoint else {
            return site.texts.with("as-of-none", &[("at", &at)]);
        };
        let (no, n) = (checkpoint.checkpoint.to_string(), self.entries_since.unwrap_or(0).to_string());
        let key = match self.entries_since {
            None => "as-of-after",
            Some(0) => "as-of-same",
            Some(_) => "as-of-since",
        };
        site.texts.with(key, &[("at", &at), ("no", &no), ("n", &n)])
    }

    /// For the foot of a spreadsheet.
    pub fn sheet_line(&self, site: &Site) -> String {
        site.texts.with("as-of-sheet", &[("as_of", &self.full_words(site))])
    }

    /// As [`Self::words`], for what leaves the site: with them that last year's rules hold, which pages say above.
    pub fn full_words(&self, site: &Site) -> String {
        let words = self.words(site);
        if !self.is_provisional {
            return words;
        }
        let rules = site.texts.with("policy-provisional", &[("year", &self.year.to_string())]);
        site.texts.with("as-of-provisional", &[("as_of", &words), ("rules", &rules)])
    }

    /// For programs.
    pub fn info(&self) -> AsOfInfo {
        AsOfInfo {
            as_of: day::rfc3339(self.at),
            checkpoint: self.checkpoint.as_ref().map(Moment::info),
            entries_since: self.entries_since,
            provisional: self.is_provisional,
        }
    }
}
