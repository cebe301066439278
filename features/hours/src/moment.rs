//! The moment that figures of the past are as of: a checkpoint. A day's closing state is that of the first checkpoint
//! after it, so the same checkpoint gives the same number wherever it is shown.
use base::{Day, Error, Instant, Result, day};
use serde::Serialize;
use site::Site;

use crate::{
    checkpoint::Content,
    store_past::{self, Stated},
};

/// What was written before a checkpoint is certainly committed so many milliseconds after it; earlier it is not read.
const SETTLED_MS: i64 = 60_000;

/// A checkpoint as a point in time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Its number.
    pub checkpoint: i64,
    /// The day on which it was made.
    pub day: Day,
    /// When it was made: nothing later is in it.
    pub at: Instant,
    /// The Merkle root over all chains.
    pub root: String,
}

/// A moment as programs see it.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct MomentInfo {
    /// The checkpoint's number.
    pub no: i64,
    /// The day on which it was made.
    pub day: String,
    /// When it was made.
    pub at: String,
    /// The Merkle root over all chains.
    pub root: String,
}

impl Moment {
    /// Milliseconds since 1970.
    pub(crate) fn millis(&self) -> i64 {
        day::millis(self.at)
    }

    /// The moment as programs see it.
    pub fn info(&self) -> MomentInfo {
        MomentInfo {
            no: self.checkpoint,
            day: self.day.to_string(),
            at: day::rfc3339(self.at),
            root: self.root.clone(),
        }
    }

    fn of(sealed: &Stated) -> Result<Self> {
        let content: Content = serde_json::from_str(&sealed.content).map_err(Error::internal)?;
        Ok(Self {
            checkpoint: sealed.no,
            day: sealed.day.parse().map_err(Error::internal)?,
            at: day::from_millis(sealed.at),
            root: content.root,
        })
    }
}

/// The moment of a past day's closing state; a conflict while the next checkpoint is still to come.
pub async fn closing(site: &Site, on: Day) -> Result<Moment> {
    let pending = || Error::conflict("day_not_sealed");
    let moment = Moment::of(&store_past::closing(&site.db, on).await?.ok_or_else(pending)?)?;
    let is_settled = day::millis(site.now()) - moment.millis() >= SETTLED_MS;
    if is_settled { Ok(moment) } else { Err(pending()) }
}

/// The newest checkpoint, if one was made: what is shown live is this and what came after it.
pub async fn newest(site: &Site) -> Result<Option<Moment>> {
    until(site, site.now()).await
}

/// The newest checkpoint that there was at an instant.
pub(crate) async fn until(site: &Site, at: Instant) -> Result<Option<Moment>> {
    let sealed = store_past::until(&site.db, at).await?;
    sealed.as_ref().map(Moment::of).transpose()
}
