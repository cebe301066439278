//! The own profile: what the notice (五.1) asks people to complete.
use base::{Category, Error, Level, PersonId, Result, Retirement, person::Code};
use serde::Deserialize;
use serde_json::json;
use site::{Site, Visitor};

use crate::{
    Person,
    history::{self, Placement},
    people,
    person::record,
    store, store_history, store_people,
};

/// The job that follows a change of facts that an assessment or a certificate depends on.
pub const PROFILE_CHANGED: &str = "org.profile_changed";
/// The job that follows when people come in; its payload is their ids, some hundreds at a time.
pub const PEOPLE_ADDED: &str = "org.people_added";
/// The job that follows when a unit moved or went into another; its payload is the unit's code.
pub const UNITS_MOVED: &str = "org.units_moved";
/// So many people are told of in one job.
const ADDED_AT_ONCE: usize = 500;

/// Tells that people came in, in the transaction that wrote them.
pub(crate) async fn added(site: &Site, tx: &db::Tx, people: &[PersonId]) -> Result<()> {
    let parts: Vec<&[PersonId]> = people.chunks(ADDED_AT_ONCE).collect();
    site.enqueue_many(tx, PEOPLE_ADDED, &parts).await
}

/// What a person may complete; what is left out stays.
#[derive(Clone, Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Changes {
    /// `management`, `professional` or `worker`.
    pub category: Option<String>,
    /// A level of the category.
    pub level: Option<String>,
    /// Which statutory age a woman has: `cadre`, `worker` or `senior`.
    pub retirement: Option<String>,
}

/// Saves the visitor's own facts.
pub(crate) async fn save(site: &Site, visitor: &Visitor, changes: &Changes) -> Result<Person> {
    let tx = site.db.begin().await?;
    let before = store::held_person(&tx, visitor.actor.person).await?;
    let mut person = before.clone();
    if let Some(code) = &changes.category {
        let category =
            Category::from_code(code).ok_or_else(|| Error::invalid("category", "unknown_category"))?;
        if person.category != Some(category) && changes.level.is_none() {
            person.level = None;
        }
        person.category = Some(category);
    }
    if let Some(code) = &changes.level {
        person.level = Some(Level::parse(code).ok_or_else(|| Error::invalid("level", "unknown_level"))?);
    }
    if let Some(code) = &changes.retirement {
        person.retirement =
            Retirement::from_code(code).ok_or_else(|| Error::invalid("retirement", "wrong_value"))?;
    }
    if let (Some(category), Some(level)) = (person.category, person.level)
        && !level.fits(category)
    {
        return Err(Error::invalid("level", "level_mismatch"));
    }
    let is_other = (before.category, before.level) != (person.category, person.level);
    // What a person enters holds at once and waits for the unit's word.
    person.is_post_claimed |= is_other;
    store_people::save_profile(&tx, &person, site.now()).await?;
    if history::has_moved(&before, &person) {
        let from = people::since(site, &tx, person.id, None).await?;
        let placement = Placement::of(&person, Some(from), "claimed");
        store_history::append(&tx, &[placement], Some(person.id), site.now()).await?;
    }
    let details =
        json!({"category": person.category, "level": person.level, "retirement": person.retirement});
    record(site, &tx, visitor.actor.person, ("profile.save", &person), details).await?;
    site.enqueue(&tx, PROFILE_CHANGED, &person.id).await?;
    tx.commit().await?;
    Ok(person)
}
