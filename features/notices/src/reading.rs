//! Reading notices: what concerns someone, one of them, and who has read it.
use base::{Actor, Day, Error, Grant, PersonId, Result, day};
use site::{Page, Paging, Site};

use crate::{
    EDITORS,
    notice::{Notice, State},
    store, store_readers,
};

pub use crate::store::{Headline, Planned};

/// The notices that concern someone, newest first; `words` must all stand in title, number or text.
pub(crate) async fn concerning(
    site: &Site,
    actor: &Actor,
    words: &str,
    paging: &Paging,
) -> Result<Page<Headline>> {
    let reader = store_readers::reader(&site.db, actor.person, &actor.grants).await?;
    let words: Vec<&str> = words.split_whitespace().take(12).collect();
    let at_least = words.len();
    let asked = store::Asked { words: &words, at_least, unread_on: None, today: day::day_of(site.now()) };
    let found = store::concerning(&site.db, &reader, &asked, (paging.after(), paging.limit() + 1)).await?;
    Ok(Page::of(found, paging.limit(), |h| h.id.clone()))
}

/// Up to `most` notices that concern someone and hold at least so many of the words.
pub async fn found(
    site: &Site,
    actor: &Actor,
    (words, at_least): (&[String], usize),
    most: i64,
) -> Result<Vec<Headline>> {
    let reader = store_readers::reader(&site.db, actor.person, &actor.grants).await?;
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let asked = store::Asked { words: &words, at_least, unread_on: None, today: day::day_of(site.now()) };
    store::concerning(&site.db, &reader, &asked, ("", most)).await
}

/// The newest notices that concern someone, are in force and unread.
pub async fn unread(site: &Site, actor: &Actor, most: i64) -> Result<Vec<Headline>> {
    let reader = store_readers::reader(&site.db, actor.person, &actor.grants).await?;
    let today = day::day_of(site.now());
    let asked = store::Asked { words: &[], at_least: 0, unread_on: Some(today), today };
    store::concerning(&site.db, &reader, &asked, ("", most)).await
}

/// The dated trainings of the notices that concern someone, from those that end on a day on.
pub async fn trainings(
    site: &Site,
    person: PersonId,
    grants: Vec<Grant>,
    since: Day,
) -> Result<Vec<Planned>> {
    let reader = store_readers::reader(&site.db, person, &grants).await?;
    store::planned(&site.db, &reader, since).await
}

/// A notice that the actor may see: published to the actor, or issued below the actor as an editor. A withdrawn one says
/// so to those whom it was for.
pub(crate) async fn visible(site: &Site, actor: &Actor, id: &str, version: Option<i64>) -> Result<Notice> {
    let notice = store::by_id(&site.db, id, version).await?.ok_or_else(Error::not_found)?;
    if actor.scope(EDITORS).holds(&notice.unit_path) {
        return Ok(notice);
    }
    let is_out = matches!(notice.state, State::Published | State::Withdrawn);
    if is_out && version.is_none_or(|v| v == notice.version) {
        let reader = store_readers::reader(&site.db, actor.person, &actor.grants).await?;
        if store::concerns(&site.db, &reader, id).await? {
            return Ok(notice);
        }
    }
    Err(Error::not_found())
}

/// Keeps that someone read the newest version.
pub(crate) async fn read(site: &Site, actor: &Actor, notice: &Notice) -> Result<()> {
    if notice.state != State::Published {
        return Ok(());
    }
    store_readers::set_read(&site.db, (&notice.id, notice.version), actor.person, site.now()).await
}

/// How far a notice was read.
pub(crate) struct Receipts {
    pub targets: i64,
    pub read: i64,
    /// Who has not read the newest version.
    pub missing: Page<store_readers::Unread>,
}

/// Who of those below has read a notice of the actor's own units.
pub(crate) async fn receipts(
    site: &Site,
    actor: &Actor,
    id: &str,
    paging: &Paging,
) -> Result<(Notice, Receipts)> {
    let notice = store::by_id(&site.db, id, None).await?.ok_or_else(Error::not_found)?;
    if !actor.scope(EDITORS).holds(&notice.unit_path) {
        return Err(Error::not_found());
    }
    let (targets, read) = store_readers::counts(&site.db, &notice).await?;
    let found = store_readers::missing(&site.db, &notice, (paging.after(), paging.limit() + 1)).await?;
    let missing = Page::of(found, paging.limit(), |u| u.id.clone());
    Ok((notice, Receipts { targets, read, missing }))
}

/// Whose notices someone manages: everything issued in the subtrees.
pub(crate) async fn managed(site: &Site, actor: &Actor, paging: &Paging) -> Result<Page<store::Managed>> {
    let scope = actor.scope(EDITORS);
    let found = store::managed(&site.db, &scope, (paging.after(), paging.limit() + 1)).await?;
    Ok(Page::of(found, paging.limit(), |m| m.id.clone()))
}

/// Someone who reads: the place and what decides whether a notice concerns them.
pub(crate) struct Reader {
    pub person: PersonId,
    /// Every unit above the own places, and the places.
    pub paths: Vec<String>,
    pub roles: Vec<String>,
    pub category: Option<String>,
}

impl Reader {
    /// Each path with the paths above it.
    pub(crate) fn paths_over(places: impl Iterator<Item = String>) -> Vec<String> {
        let mut paths = vec![];
        for place in places {
            let ends = place.match_indices('/').map(|(at, _)| at + 1).filter(|at| *at > 1);
            paths.extend(ends.filter_map(|end| place.get(..end)).map(str::to_owned));
        }
        paths.sort();
        paths.dedup();
        paths
    }
}

#[cfg(test)]
mod tests {
    use super::Reader;

    #[test]
    fn a_place_lies_under_every_place_above_it() {
        let paths = Reader::paths_over(["/43/430100/".to_owned(), "/43/".to_owned()].into_iter());
        assert_eq!(paths, ["/43/", "/43/430100/"]);
    }
}
